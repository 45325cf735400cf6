#include "inventory/record/site_keys.hpp"

#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::inventory {
namespace {

Error bad_key_row(std::string_view row, std::string_view why) {
  return make_error(ErrorCode::corrupt, cat("row ", row, ": ", why));
}

Result<FormerKey> read_former_key(const Json& json) {
  TRY_ASSIGN(const auto hash, json.get_string("hash"));
  TRY_ASSIGN(const auto line, json.get_string("key"));
  FormerKey former{hash, std::nullopt};
  if (line.empty()) return former;
  TRY_ASSIGN(auto key, parse_verifier_key(line));
  former.key = std::move(key);
  return former;
}

}  // namespace

Result<std::optional<VerifierKey>> key_in_use(const RowScan& rows) {
  TRY_ASSIGN(const auto row, read_row(rows, kVerifierRow));
  if (!row) return std::optional<VerifierKey>();
  auto key = parse_verifier_key(*row);
  if (!key) return bad_key_row(kVerifierRow, key.error().context);
  return std::optional<VerifierKey>(std::move(*key));
}

Result<std::vector<FormerKey>> former_keys(const RowScan& rows) {
  TRY_ASSIGN(const auto row, read_row(rows, kFormerKeysRow));
  std::vector<FormerKey> keys;
  if (!row) return keys;
  const auto list = parse_json(*row);
  if (!list) return bad_key_row(kFormerKeysRow, list.error().context);
  if (!list->is_array()) return bad_key_row(kFormerKeysRow, "expected a list");
  for (const Json& item : list->items()) {
    auto key = read_former_key(item);
    if (!key) return bad_key_row(kFormerKeysRow, key.error().context);
    keys.push_back(std::move(*key));
  }
  return keys;
}

std::string format_former_keys(const std::vector<FormerKey>& keys) {
  Json list = Json::array();
  for (const FormerKey& former : keys) {
    Json item = Json::object().set("hash", former.hash);
    list.push(item.set("key", former.key ? format_verifier_key(*former.key) : std::string()));
  }
  return list.dump();
}

}  // namespace cryobank::inventory
