// Scan text: what a person's scanner or keyboard gave for a code. Scanners put a carriage return, a
// line feed, a tab or a blank around what they read, and may say what kind of label it was before
// the code ("]C1", "]d2": ISO/IEC 15424). The ends come off before anything is compared.
#pragma once

#include <string_view>

namespace cryobank {

// Without blanks and control characters (up to 0x20, and 0x7F) at both ends, and without the kind
// of label before it: no code of a label begins with "]", a letter and a letter or digit.
std::string_view strip_scan(std::string_view scanned);
// "1.2E+05": what a spreadsheet makes of a code that is all digits. The code itself is lost.
bool is_spreadsheet_number(std::string_view text);

}  // namespace cryobank
