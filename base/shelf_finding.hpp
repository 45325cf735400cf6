// Shelf finding: how what was seen in a box differs from the record, in a scan of one box or in a
// stock-take. The names are told in replies and kept in the reports of stock-takes.
#pragma once

#include <cstdint>
#include <string_view>

namespace cryobank {

enum class ShelfFinding : std::uint8_t {
  missing,       // on record here, not seen
  moved,         // scan: in another position of the same box
  arrived,       // scan: on record elsewhere
  misplaced,     // stock-take: on record elsewhere
  unread,        // scan: a tube stands there and its code could not be read
  unreadable,    // stock-take: likewise
  unknown_code,  // scan: a code that nothing has
  extra,         // stock-take: likewise
  doubled,       // stock-take: seen twice
};
std::string_view name_of(ShelfFinding finding);

}  // namespace cryobank
