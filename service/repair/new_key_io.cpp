#include "service/repair/new_key_io.hpp"

#include <filesystem>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/export.hpp"
#include "inventory/record/site_keys.hpp"
#include "service/repair/record_files_io.hpp"
#include "service/repair/record_restore_io.hpp"

namespace cryobank::service {
namespace {

namespace fs = std::filesystem;
using inventory::FormerKey;
using inventory::RowScan;

Status expect_key_gone(const std::string& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return {};
  const auto key = inventory::SigningKey::load(path);
  if (!key) {
    return make_error(ErrorCode::conflict,
                      cat(key.error().context, ". Move it away first: it may be mended"));
  }
  return make_error(ErrorCode::conflict,
                    cat("the signing key ", path, " is there and good; nothing is lost"));
}

// The key that signed until now: as the store knows it, or by the newest checkpoint alone.
Result<std::optional<FormerKey>> last_key(const RowScan& rows) {
  TRY_ASSIGN(const auto known, inventory::key_in_use(rows));
  if (known) return std::optional(FormerKey{to_hex(inventory::key_hash(*known)), *known});
  TRY_ASSIGN(const auto notes, inventory::kept_notes(rows));
  if (notes.empty()) return std::optional<FormerKey>();
  TRY_ASSIGN(const auto note, inventory::parse_note(notes.back()));
  if (note.signatures.empty()) return std::optional<FormerKey>();
  return std::optional(FormerKey{to_hex(note.signatures.front().hash), std::nullopt});
}

Json change_fact(const NewKey& change, const std::string& user, const std::string& reason) {
  Json data = Json::object();
  data.set("by", user).set("former", change.former).set("reason", reason);
  return data.set("key", format_verifier_key(change.key));
}

}  // namespace

Result<NewKey> replace_signing_key(const config::SiteConfig& site, const std::string& user,
                                   const std::string& reason) {
  if (user.empty() || reason.empty()) {
    return make_error(ErrorCode::invalid_value,
                      "expected --user and --reason: a new signing key goes on record");
  }
  const RecordFiles files = record_files(site);
  TRY(expect_key_gone(files.key));
  TRY_ASSIGN(const auto store, inventory::open_store(files.store));
  const RowScan rows = inventory::scan_of(*store);
  TRY_ASSIGN(auto former, inventory::former_keys(rows));
  TRY_ASSIGN(const auto last, last_key(rows));
  if (last) former.push_back(*last);
  TRY_ASSIGN(const auto key, inventory::SigningKey::create(files.key, journal_origin(site)));
  NewKey change{key.verifier(), {}};
  if (last && last->key) change.former = format_verifier_key(*last->key);
  Status written = store->commit(
      {{std::string(inventory::kVerifierRow), format_verifier_key(change.key)},
       {std::string(inventory::kFormerKeysRow), inventory::format_former_keys(former)}});
  if (written) {
    written = owe_fact(*store, fact::kSigningKeyChanged, change_fact(change, user, reason));
  }
  if (written) return change;
  std::error_code ignored;
  fs::remove(files.key, ignored);  // made a moment ago, and nothing names it
  return written.error();
}

}  // namespace cryobank::service
