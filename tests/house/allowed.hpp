// What floors 0 to 3 may use of others, and the names that they may not use: the tables behind the
// rules. A new wrapper of pure code is entered in allowed.cpp.
#pragma once

#include <string_view>

namespace cryobank::house {

// May a file of floors 0 to 3 include this <header>? Values and algorithms always; the code of
// others only in the one file that wraps it.
bool may_include_of_others(std::string_view path, std::string_view header);

// The files that catch what the code of others throws.
bool wraps_foreign_code(std::string_view path);

bool may_use_floats(std::string_view path);

// The rule that this identifier breaks, as "clock" or "thread"; empty if none. Everyday words as
// `thread` or `time` count only if written as std::thread, std::time.
std::string_view rule_against(std::string_view word, bool of_std);

}  // namespace cryobank::house
