// List forms: how people and spreadsheets write dates and places in a list. A date without a time
// is its first instant in UTC, the earlier and so the safer reading of an expiry. A place is its
// path of ids, its id alone, or a path of titles, ids or positions ("Freezer 1 > Rack 2 > Box 3")
// that leads to one place only. What could be read in two ways is refused.
#pragma once

#include <string_view>

#include "config/list_words.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

// RFC 3339; 2026-11-22, 2026/11/22; a serial number of Excel (days since 1899-12-30).
Result<WallTime> read_date(std::string_view text);
Result<PlaceId> read_place(const View& view, std::string_view text);
using config::name_key;

}  // namespace cryobank::inventory
