#include "config/duration.hpp"

#include <array>

#include "base/text.hpp"

namespace cryobank::config {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
// Longest first, for format_duration.
constexpr std::array<Unit, 5> kDurationUnits{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"min", 60'000}, {"s", 1000}, {"ms", 1}}};

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const std::size_t end = text.find_first_not_of("0123456789");
  const Error expected{ErrorCode::malformed,
                       cat("expected a duration such as \"500ms\", \"10s\", \"3min\", \"2h\" or "
                           "\"1d\", came \"",
                           clip(text, 40), "\"")};
  if (end == 0 || end == std::string_view::npos) return expected;
  const Result<std::int64_t> number = parse_integer(text.substr(0, end));
  if (!number) return expected;
  for (const Unit& unit : kDurationUnits) {
    if (text.substr(end) != unit.name) continue;
    if (*number > kDurationMax.ms() / unit.ms) {
      return make_error(ErrorCode::too_large, cat("expected a duration of at most ",
                                                  format_duration(kDurationMax), ", came ", text));
    }
    return milliseconds(*number * unit.ms);
  }
  return expected;
}

std::string format_duration(Duration duration) {
  if (duration.ms() == 0) return "0s";
  for (const Unit& unit : kDurationUnits) {
    if (duration.ms() % unit.ms == 0) return cat(duration.ms() / unit.ms, unit.name);
  }
  return {};
}

}  // namespace cryobank::config
