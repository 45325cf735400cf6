#include "base/text.hpp"

#include <array>
#include <charconv>

namespace cryobank {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

template <class I>
void append_with_to_chars(std::string& out, I value) {
  std::array<char, 24> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), end.ptr);
}

// Length of the UTF-8 sequence that `lead` starts, and the bounds of its second byte; 0 if none.
struct Utf8Lead {
  std::size_t length;
  unsigned char second_low;
  unsigned char second_high;
};

Utf8Lead utf8_lead(unsigned char lead) {
  if (lead < 0x80) return {1, 0, 0};
  if (lead >= 0xC2 && lead <= 0xDF) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead >= 0xF1 && lead <= 0xF3) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

// Length of the well-formed sequence at the front of `text`; 0 if malformed.
std::size_t utf8_step(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const Utf8Lead lead = utf8_lead(byte(0));
  if (lead.length == 0 || lead.length > text.size()) return 0;
  if (lead.length == 1) return 1;
  if (byte(1) < lead.second_low || byte(1) > lead.second_high) return 0;
  for (std::size_t i = 2; i < lead.length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  return lead.length;
}

// One character in UTF-8: is it of C0, DEL or C1 (U+0000-001F, U+007F-009F)?
bool is_control(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character[0]);
  if (lead == 0xC2) return static_cast<unsigned char>(character[1]) < 0xA0;
  return lead < 0x20 || lead == 0x7F;
}

}  // namespace

void append_number(std::string& out, std::int64_t value) { append_with_to_chars(out, value); }
void append_number(std::string& out, std::uint64_t value) { append_with_to_chars(out, value); }

std::string clip(std::string_view text, std::size_t limit) {
  std::string out;
  std::size_t pos = 0;
  while (pos < text.size()) {
    const std::size_t step = utf8_step(text.substr(pos));
    const std::size_t length = step == 0 ? 1 : step;
    if (out.size() + length > limit) return out + "...";
    if (step == 0 || is_control(text.substr(pos, length))) {
      out += '?';
    } else {
      out += text.substr(pos, length);
    }
    pos += length;
  }
  return out;
}

Result<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) {
    return make_error(ErrorCode::malformed,
                      cat("expected a whole number, came \"", clip(text, 40), "\""));
  }
  return value;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out += kHexDigits[byte >> 4];
    out += kHexDigits[byte & 15];
  }
  return out;
}

Result<std::vector<std::uint8_t>> from_hex(std::string_view text) {
  std::vector<std::uint8_t> out;
  if (text.size() % 2 != 0) {
    return make_error(ErrorCode::malformed, "expected an even number of hexadecimal digits");
  }
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) {
      return make_error(ErrorCode::malformed, cat("expected hexadecimal digits, came \"",
                                                  clip(text.substr(i, 2), 8), "\" at offset ", i));
    }
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

std::string hex16(std::uint64_t value) {
  std::string out(16, '0');
  for (std::size_t i = 16; i-- > 0; value >>= 4) out[i] = kHexDigits[value & 15];
  return out;
}

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16;
    if (left > 1) group |= static_cast<std::uint32_t>(bytes[i + 1]) << 8;
    if (left > 2) group |= bytes[i + 2];
    out += kBase64Digits[group >> 18 & 63];
    out += kBase64Digits[group >> 12 & 63];
    out += left > 1 ? kBase64Digits[group >> 6 & 63] : '=';
    out += left > 2 ? kBase64Digits[group & 63] : '=';
  }
  return out;
}

Result<std::vector<std::uint8_t>> from_base64(std::string_view text) {
  const Error bad = make_error(ErrorCode::malformed, "expected base64 with padding");
  if (text.size() % 4 != 0) return bad;
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    const std::size_t pads = !last ? 0 : (text[i + 3] == '=') + (text[i + 2] == '=' ? 1u : 0u);
    if (pads == 1 && text[i + 2] == '=') return bad;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t digit = k >= 4 - pads ? 0 : kBase64Digits.find(text[i + k]);
      if (digit == std::string_view::npos) return bad;
      group = group << 6 | static_cast<std::uint32_t>(digit);
    }
    // One encoding per content: bits past the last byte must be zero, or a signature had many
    // forms.
    if ((group & ((1u << 8 * pads) - 1)) != 0) return bad;
    out.push_back(static_cast<std::uint8_t>(group >> 16));
    if (pads < 2) out.push_back(static_cast<std::uint8_t>(group >> 8));
    if (pads < 1) out.push_back(static_cast<std::uint8_t>(group));
  }
  return out;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t step = utf8_step(text);
    if (step == 0) return false;
    text.remove_prefix(step);
  }
  return true;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace cryobank
