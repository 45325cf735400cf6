// Vial code: what can be the code on a vial, whoever brings it: a registration, a list, a scanner's
// file. Not every text is one: spreadsheets and data bases put error values, place holders, dates,
// numbers and formulas where a code was, and each such "code" would be a vial that nobody finds.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace cryobank {

// Errors: malformed (form: 1 to 64 printable characters without a blank), invalid_value (what a
// program wrote in place of a code). REQUIRES: the scanner's ends are off (strip_scan).
Status expect_vial_code(std::string_view code);

}  // namespace cryobank
