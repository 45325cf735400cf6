// SEC: the Single European Code of tissues and cells (Directive 2006/86/EC, annex VII): 40
// characters, the donation identification (country, establishment, donation) and the product
// identification (coding system, product, split, expiry). The tables of establishments and products
// are not shipped; only the form is checked.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace cryobank::inventory {

inline constexpr std::size_t kSecLength = 40;
inline constexpr std::string_view kCourseSplit = "000";

struct Sec {
  std::string country;        // 2 letters (ISO 3166-1)
  std::string establishment;  // 6 characters
  std::string donation;       // 13 characters
  char system = 'E';          // A (ISBT 128), B (Eurocode) or E (EUTC)
  std::string product;        // 7 characters
  std::string split;          // 3 characters
  std::string expiry;         // YYYYMMDD, or 00000000 for none

  bool operator==(const Sec&) const = default;
};

// Accepts the 40 characters with or without the prefix "SEC" and the blank between the halves.
Result<Sec> parse_sec(std::string_view text);
// Prefix, colon, the donation half, one blank, the product half.
std::string format_sec(const Sec& sec);
// The split of the n-th vial, from 1: 001 to 999, then A00 to Z99. REQUIRES: 1 <= number <= 3599.
std::string format_split(int number);

}  // namespace cryobank::inventory
