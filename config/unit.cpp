#include "config/unit.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace cryobank::config {
namespace {

constexpr std::array<std::string_view, 18> kUnitNames{
    "1", "%", "Cel", "mm",  "L",  "kg",  "s",     "h",    "mbar",
    "V", "A", "W",   "V.A", "Hz", "L/d", "L/min", "mm/d", "[ppm]"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kSpellings{
    {{"c", "Cel"},
     {"degc", "Cel"},
     {"cel", "Cel"},
     {"celsius", "Cel"},
     {"k", "Cel"},
     {"degf", "Cel"},
     {"[degf]", "Cel"},
     {"cm", "mm"},
     {"in", "mm"},
     {"[in_i]", "mm"},
     {"bar", "mbar"},
     {"psi", "mbar"},
     {"percent", "%"},
     {"pct", "%"},
     {"sec", "s"},
     {"va", "V.A"}}};

}  // namespace

bool is_unit(std::string_view unit) {
  return std::find(kUnitNames.begin(), kUnitNames.end(), unit) != kUnitNames.end();
}

std::string_view unit_for_spelling(std::string_view spelling) {
  const std::string lower = lower_ascii(spelling);
  for (const auto& [written, unit] : kSpellings) {
    if (written == lower) return unit;
  }
  for (const std::string_view unit : kUnitNames) {
    if (lower_ascii(unit) == lower) return unit;
  }
  return {};
}

}  // namespace cryobank::config
