// Scan text: what a person's scanner or keyboard gave for a code. Scanners put a carriage return, a
// line feed, a tab or a blank around what they read; a keyboard in the wrong state changes the
// case; an eye takes O for 0 and I or l for 1. The ends come off before anything is compared. Codes
// that are the same but for case and those letters are alike: never taken for each other, but asked
// about. Scanners may say what kind of label it was before the code ("]C1", "]d2": ISO/IEC 15424).
#pragma once

#include <string>
#include <string_view>

namespace cryobank {

// Without blanks and control characters (up to 0x20, and 0x7F) at both ends, and without the kind
// of label before it: no code of a label begins with "]", a letter and a letter or digit.
std::string_view strip_scan(std::string_view scanned);
// The same for all codes that look alike: O and o are 0; I, i, L and l are 1; case is gone.
char look_alike(char c);
std::string look_alike_key(std::string_view code);
bool look_alike(std::string_view a, std::string_view b);
// "1.2E+05": what a spreadsheet makes of a code that is all digits. The code itself is lost.
bool is_spreadsheet_number(std::string_view text);

}  // namespace cryobank
