// List desk: lists that are longer than one command come in pieces (bulk/piece), each of whole
// lines and in order, and are then decided as one (bulk/import names the list and its SHA-256):
// all lines or none, under one witness and one signature over that hash. Pieces are in memory only:
// after a restart, or an hour, they are sent again. Bounds: kListsMax lists, kListSizeMax bytes
// each; the lines are bounded where they are read (inventory/commands/list/bulk.hpp).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "service/wire/work.hpp"

namespace cryobank::core {

// At a time, over all people: a move into the bank is one list.
inline constexpr std::size_t kListsMax = 4;
// 100,000 lines of 240 bytes.
inline constexpr std::size_t kListSizeMax = 24u << 20;
// As long as a command lives: a witness who needs longer has lost it as well.
inline constexpr Duration kListKept = hours(1);

class ListDesk {
 public:
  static bool answers(std::string_view verb) { return verb == "bulk/piece"; }
  // The reply's body: what there is of the list now, with its hash. The same piece once more is the
  // same answer; piece 1 begins the list anew.
  Result<Json> take(const Now& now, const UserId& user, const Json& body);

  static bool is_asked(std::string_view verb, const Json& body) {
    return verb == "bulk/import" && body.has("list");
  }
  // The body of bulk/import with the whole text at "csv". Error not_found when its pieces are not
  // there, mismatch when they are not those of the hash.
  Result<Json> whole(const UserId& user, const Json& body) const;
  // How much a bulk/import brings, in itself or as a list; 0 when it is not known.
  std::size_t bytes(const UserId& user, const Json& body) const;

 private:
  struct List {
    std::string text;
    std::int64_t pieces = 0;
    std::string last;  // hash of the newest piece
    std::uint64_t lines = 0;
    Instant touched{};
  };
  void forget_old(Instant now);
  const List* find(const UserId& user, const Json& body) const;

  std::map<std::pair<UserId, std::string>, List> lists_;
};

}  // namespace cryobank::core
