// Look-alike codes: a keyboard in the wrong state changes the case; an eye takes O for 0 and I or l
// for 1. Codes that are the same but for case and those letters are alike: never taken for each
// other, but asked about.
#pragma once

#include <string>
#include <string_view>

namespace cryobank {

// The same for all that look alike: O and o are 0; I, i, L and l are 1; case is gone.
char look_alike(char c);
std::string look_alike_key(std::string_view code);
bool look_alike(std::string_view a, std::string_view b);

}  // namespace cryobank
