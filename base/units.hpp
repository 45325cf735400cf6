// Numbers with units, all integers, so that traces are equal on every build.
// Milli is any physical value in thousandths of its unit: the register codec, the limits and the
// wire use it. The named types say the unit where the code knows it.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cryobank {

// Thousandths of the point's unit. -189.4 Cel is Milli{-189400}.
struct Milli {
  std::int64_t v = 0;
  auto operator<=>(const Milli&) const = default;
};

constexpr Milli whole(std::int64_t units) { return {units * 1000}; }
constexpr Milli operator+(Milli a, Milli b) { return {a.v + b.v}; }
constexpr Milli operator-(Milli a, Milli b) { return {a.v - b.v}; }
constexpr Milli operator-(Milli a) { return {-a.v}; }
constexpr Milli magnitude(Milli a) { return a.v < 0 ? Milli{-a.v} : a; }

// Largest magnitude a value may have: what a JSON number of a browser still holds exactly (2^53).
inline constexpr std::int64_t kMilliMax = 9'007'199'254'740'991;

// Shortest decimal text: "-189.4", "12", "0.005".
void append_milli(std::string& out, Milli value);
std::string format_milli(Milli value);
// Decimal text with optional sign and fraction; digits past the third are rounded half away from
// zero. Refuses exponents, blanks and magnitudes above kMilliMax.
Result<Milli> parse_milli(std::string_view text);
// What people and programs say in JSON (RFC 8259, with an exponent too): taken as it is or refused,
// never rounded, since 69.9995 is below a limit of 70.
Result<Milli> parse_exact_milli(std::string_view text);

// A share of a whole as an exact fraction, e.g. half a dose is 1/2. Kept in lowest terms.
class Fraction {
 public:
  constexpr Fraction() = default;
  // Bounds: 1 <= numerator, denominator <= 1,000,000 (0 allowed for the numerator).
  static Result<Fraction> make(std::int64_t numerator, std::int64_t denominator);
  static Result<Fraction> parse(std::string_view text);  // "1/2", "3"

  std::int64_t numerator() const { return numerator_; }
  std::int64_t denominator() const { return denominator_; }
  std::string str() const;  // "1/2", "1"

  friend bool operator==(const Fraction&, const Fraction&) = default;
  friend std::strong_ordering operator<=>(const Fraction& a, const Fraction& b) {
    return a.numerator_ * b.denominator_ <=> b.numerator_ * a.denominator_;
  }
  // A Result, because a sum of odd fractions may leave the bounds.
  friend Result<Fraction> add(const Fraction& a, const Fraction& b);

 private:
  std::int64_t numerator_ = 0;
  std::int64_t denominator_ = 1;
};

Result<Fraction> add(const Fraction& a, const Fraction& b);

}  // namespace cryobank
