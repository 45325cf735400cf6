#include "inventory/ledger/paper/din.hpp"

#include "base/text.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";
constexpr int kModulus = 37;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'A' && c <= 'Z'; }

// Facility: a letter or digit, then four characters; year: two digits; sequence: six digits.
bool is_number(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool may_be_letter = i < 5;
    if (!is_digit(text[i]) && !(may_be_letter && is_letter(text[i]))) return false;
  }
  return text.size() == kDinLength;
}

}  // namespace

char din_check(std::string_view number) {
  int sum = 0;
  for (const char c : number) {
    const int value = static_cast<int>(kAlphabet.find(c));
    sum = (sum + value) * 2 % kModulus;
  }
  return kAlphabet[static_cast<std::size_t>((kModulus + 1 - sum) % kModulus)];
}

Result<Din> parse_din(std::string_view text) {
  std::string compact;
  for (const char c : text) {
    if (c != ' ') compact += c;
  }
  const std::string_view number = std::string_view(compact).substr(0, kDinLength);
  if (compact.size() > kDinLength + 1 || !is_number(number)) {
    return make_error(ErrorCode::malformed,
                      cat("expected a donation number of 13 characters and perhaps its check "
                          "character, e.g. \"G1234 98 654321 H\", came \"",
                          clip(text, 60), "\""));
  }
  const Din din{std::string(number), din_check(number)};
  if (compact.size() == kDinLength || compact.back() == din.check) return din;
  return make_error(ErrorCode::invalid_value,
                    cat("donation number ", din.number, " has check character ",
                        std::string_view(&din.check, 1), ", came ", compact.substr(kDinLength)));
}

}  // namespace cryobank::inventory
