// Text without locale: joining, clipping, numbers, lower case, hexadecimal.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cryobank {

void append_number(std::string& out, std::int64_t value);
void append_number(std::string& out, std::uint64_t value);

namespace detail {
inline void append_part(std::string& out, std::string_view part) { out += part; }
inline void append_part(std::string& out, const char* part) { out += part; }
inline void append_part(std::string& out, char part) { out += part; }
template <std::integral I>
requires(!std::same_as<I, char> && !std::same_as<I, bool>) void append_part(std::string& out,
                                                                            I part) {
  if constexpr (std::unsigned_integral<I>) {
    append_number(out, static_cast<std::uint64_t>(part));
  } else {
    append_number(out, static_cast<std::int64_t>(part));
  }
}
}  // namespace detail

// cat("slot ", 3, " of ", name): strings and integers, joined.
template <class... Parts>
std::string cat(const Parts&... parts) {
  std::string out;
  (detail::append_part(out, parts), ...);
  return out;
}

// At most `limit` bytes of a text from outside, cut at a UTF-8 boundary, "..." where cut; control
// characters become '?', so that a message or log line stays one line.
std::string clip(std::string_view text, std::size_t limit);

// Whole text, decimal, no sign but '-', no blanks.
Result<std::int64_t> parse_integer(std::string_view text);

std::string to_hex(std::span<const std::uint8_t> bytes);
Result<std::vector<std::uint8_t>> from_hex(std::string_view text);
// 16 lower-case digits: sorts as the number does, so it serves in ordered keys.
std::string hex16(std::uint64_t value);

std::string to_base64(std::span<const std::uint8_t> bytes);
Result<std::vector<std::uint8_t>> from_base64(std::string_view text);

// Well-formed UTF-8 (no overlong forms, surrogates or values above U+10FFFF)?
bool is_utf8(std::string_view text);

std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);  // blanks, tabs, CR, LF at both ends
std::string lower_ascii(std::string_view text);

}  // namespace cryobank
