#include "service/wire/list_desk.hpp"

#include <algorithm>
#include <iterator>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::core {
namespace {

Result<std::string> read_name(const Json& body) {
  auto name = body.get_string("list");
  if (!name || is_id_text(*name)) return name;
  return make_error(ErrorCode::malformed,
                    cat("expected an id at \"list\", came \"", clip(*name, 80), "\""));
}

Error no_such_list(std::string_view name) {
  return make_error(ErrorCode::not_found,
                    cat("no pieces of list ", name,
                        " are there: they are kept for an hour and not over a restart; send them "
                        "again (bulk/piece)"));
}

}  // namespace

void ListDesk::forget_old(Instant now) {
  std::erase_if(lists_,
                [now](const auto& entry) { return entry.second.touched + kListKept < now; });
  while (lists_.size() > kListsMax) {
    const auto oldest = std::ranges::min_element(
        lists_, {}, [](const auto& entry) { return entry.second.touched; });
    lists_.erase(oldest);
  }
}

Result<Json> ListDesk::take(const Now& now, const UserId& user, const Json& body) {
  TRY_ASSIGN(const auto name, read_name(body));
  TRY_ASSIGN(const auto piece, body.get_integer("piece"));
  TRY_ASSIGN(const auto csv, body.get_string("csv"));
  const auto key = std::pair(user, name);
  if (piece == 1) lists_[key] = {};
  const auto found = lists_.find(key);
  if (found == lists_.end()) return no_such_list(name);
  List& list = found->second;
  list.touched = now.mono;
  const std::string hash = to_hex(sha256(csv));
  const bool again = piece == list.pieces && hash == list.last;
  if (!again && piece != list.pieces + 1) {
    return make_error(ErrorCode::conflict, cat("expected piece ", list.pieces + 1, " of list ",
                                               name, ", or the last one again, came ", piece));
  }
  // Only the last line of a list may lack its end.
  if (!again && !list.text.empty() && list.text.back() != '\n') {
    return make_error(ErrorCode::malformed, cat("expected whole lines: piece ", list.pieces,
                                                " of list ", name, " ended within one"));
  }
  if (!again && list.text.size() + csv.size() > kListSizeMax) {
    return make_error(ErrorCode::too_large,
                      cat("expected at most ", kListSizeMax, " bytes of list ", name, ", came ",
                          list.text.size() + csv.size(), ": cut it at the end of a course"));
  }
  if (!again) {
    list.text += csv;
    list.lines += static_cast<std::uint64_t>(std::ranges::count(csv, '\n'));
    list.pieces = piece;
    list.last = hash;
  }
  Json reply = Json::object().set("list", name).set("piece", list.pieces);
  reply.set("lines", list.lines).set("bytes", static_cast<std::uint64_t>(list.text.size()));
  reply.set("sha256", to_hex(sha256(list.text)));
  forget_old(now.mono);
  return reply;
}

Result<Json> ListDesk::whole(const UserId& user, const Json& body) const {
  TRY_ASSIGN(const auto name, read_name(body));
  if (body.has("csv")) {
    return make_error(ErrorCode::invalid_value, "expected \"csv\" or \"list\", came both");
  }
  TRY_ASSIGN(const auto hash, body.get_string("sha256"));
  const auto found = lists_.find(std::pair(user, name));
  if (found == lists_.end()) return no_such_list(name);
  const std::string own = to_hex(sha256(found->second.text));
  if (own != hash) {
    return make_error(ErrorCode::mismatch, cat("expected the list of hash ", clip(hash, 64),
                                               ", the pieces of ", name, " have ", own));
  }
  Json full = body;
  full.set("csv", found->second.text);
  return full;
}

const ListDesk::List* ListDesk::find(const UserId& user, const Json& body) const {
  const auto name = read_name(body);
  const auto found = name ? lists_.find(std::pair(user, *name)) : lists_.end();
  return found == lists_.end() ? nullptr : &found->second;
}

std::size_t ListDesk::bytes(const UserId& user, const Json& body) const {
  if (const Json& csv = body["csv"]; csv.is_string()) return csv.string().size();
  const List* list = find(user, body);
  return list == nullptr ? 0 : list->text.size();
}

}  // namespace cryobank::core
