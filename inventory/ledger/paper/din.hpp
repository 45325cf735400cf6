// DIN: donation identification number of ISBT 128, 13 characters, with the keyboard check character
// of ISO 7064 mod 37-2. G1234 98 654321 has check value 17, written H (Red Book, annex 2).
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cryobank::inventory {

inline constexpr std::size_t kDinLength = 13;

struct Din {
  std::string number;  // 13 characters without blanks
  char check = '0';    // 0-9, A-Z or *
};

// REQUIRES: 13 characters of 0-9 and A-Z.
char din_check(std::string_view number);
// Accepts 13 characters, or 14 with the check character; blanks are left out. Refuses a wrong
// length, other characters, and a check character that does not agree.
Result<Din> parse_din(std::string_view text);

}  // namespace cryobank::inventory
