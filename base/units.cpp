#include "base/units.hpp"

#include <algorithm>
#include <numeric>

#include "base/text.hpp"

namespace cryobank {
namespace {

constexpr std::int64_t kFractionMax = 1'000'000;

Error bad_number(std::string_view text) {
  return make_error(ErrorCode::malformed,
                    cat("expected a decimal number, came \"", clip(text, 40), "\""));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void append_milli(std::string& out, Milli value) {
  std::int64_t v = value.v;
  if (v < 0) {
    out += '-';
    v = -v;
  }
  append_number(out, v / 1000);
  const std::int64_t part = v % 1000;
  if (part == 0) return;
  out += '.';
  out += static_cast<char>('0' + part / 100);
  if (part % 100 == 0) return;
  out += static_cast<char>('0' + part / 10 % 10);
  if (part % 10 != 0) out += static_cast<char>('0' + part % 10);
}

std::string format_milli(Milli value) {
  std::string out;
  append_milli(out, value);
  return out;
}

Result<Milli> parse_milli(std::string_view text) {
  std::size_t pos = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) ++pos;
  const std::size_t first = pos;
  std::int64_t v = 0;
  for (; pos < text.size() && is_digit(text[pos]); ++pos) {
    v = v * 10 + (text[pos] - '0');
    if (v > kMilliMax / 1000) return bad_number(text);
  }
  if (pos == first) return bad_number(text);
  v *= 1000;
  if (pos < text.size() && text[pos] == '.') {
    const std::size_t point = pos++;
    for (std::int64_t weight = 100; pos < text.size() && is_digit(text[pos]); ++pos) {
      if (weight > 0) v += weight * (text[pos] - '0');
      if (weight == 0 && pos == point + 4 && text[pos] >= '5') ++v;
      weight /= 10;
    }
    if (pos == point + 1) return bad_number(text);
  }
  if (pos != text.size() || v > kMilliMax) return bad_number(text);
  return Milli{negative ? -v : v};
}

Result<Milli> parse_exact_milli(std::string_view text) {
  constexpr std::int64_t kExponentMax =
      30;  // beyond any value's magnitude and any fraction's depth
  const std::size_t e = text.find_first_of("eE");
  std::string_view power = e == std::string_view::npos ? "0" : text.substr(e + 1);
  if (power.starts_with('+')) power.remove_prefix(1);
  const auto exponent = parse_integer(power);
  std::string_view digits = text.substr(0, e);
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::string all =
      cat(digits.substr(0, point), digits.substr(std::min(point + 1, digits.size())));
  if (!exponent || all.empty() || !std::all_of(all.begin(), all.end(), is_digit)) {
    return bad_number(text);
  }
  if (*exponent < -kExponentMax || *exponent > kExponentMax) return bad_number(text);
  // `all` counts units of 10^-places; the value has three.
  std::int64_t places = static_cast<std::int64_t>(all.size() - point) - *exponent;
  std::int64_t v = 0;
  std::size_t used = all.size();
  for (; places > 3 && used > 0 && all[used - 1] == '0'; --places) --used;
  if (places > 3 && used > 0) {
    return make_error(ErrorCode::malformed,
                      cat("expected a number with at most three decimals, came ", clip(text, 40)));
  }
  for (std::size_t i = 0; i < used; ++i) {
    v = v * 10 + (all[i] - '0');
    if (v > kMilliMax) return bad_number(text);
  }
  for (; v != 0 && places < 3; ++places) {
    v *= 10;
    if (v > kMilliMax) return bad_number(text);
  }
  return Milli{negative ? -v : v};
}

Result<Fraction> Fraction::make(std::int64_t numerator, std::int64_t denominator) {
  if (numerator < 0 || denominator < 1) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected a fraction with numerator >= 0 and denominator >= 1, came ",
                          numerator, "/", denominator));
  }
  const std::int64_t divisor = std::gcd(numerator, denominator);
  Fraction fraction;
  fraction.numerator_ = numerator / divisor;
  fraction.denominator_ = denominator / divisor;
  if (fraction.numerator_ > kFractionMax || fraction.denominator_ > kFractionMax) {
    return make_error(ErrorCode::too_large,
                      cat("expected a fraction within 1,000,000 in lowest terms, came ", numerator,
                          "/", denominator));
  }
  return fraction;
}

Result<Fraction> Fraction::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const bool whole = slash == std::string_view::npos;
  const auto numerator = parse_integer(text.substr(0, slash));
  const auto denominator = parse_integer(whole ? "1" : text.substr(slash + 1));
  if (numerator && denominator) return make(*numerator, *denominator);
  return make_error(
      ErrorCode::malformed,
      cat("expected a fraction as 1/12 or a whole number, came \"", clip(text, 40), "\""));
}

std::string Fraction::str() const {
  return denominator_ == 1 ? cat(numerator_) : cat(numerator_, "/", denominator_);
}

Result<Fraction> add(const Fraction& a, const Fraction& b) {
  return Fraction::make(a.numerator_ * b.denominator_ + b.numerator_ * a.denominator_,
                        a.denominator_ * b.denominator_);
}

}  // namespace cryobank
