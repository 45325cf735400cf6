// How a table stands on a terminal: columns as wide as their text is shown, where Chinese, Japanese
// and Korean characters take two places; a last column that does not fit goes on below itself; a
// table that does not fit at all is told row by row. Nothing is cut off. Pure text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {

// Places that UTF-8 text takes; a colour (ESC [ ... m) and combining marks take none.
std::size_t width_of(std::string_view text);

// Text from outside that cannot steer a terminal: control characters (C0, DEL and C1) become "?", a
// line end or a tab a blank.
std::string harmless(std::string_view text);

// The lines of a table, for a terminal of so many places; 0: however wide (a file, a pipe).
std::vector<std::string> lay_out(const Table& table, std::size_t places);

}  // namespace cryobank::ctl
