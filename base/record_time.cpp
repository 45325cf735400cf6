#include "base/record_time.hpp"

#include "base/text.hpp"

namespace cryobank {
namespace {

constexpr WallTime kRecordBegins{946'684'800'000};  // 2000-01-01T00:00:00Z
constexpr std::int64_t kDaysOfFourYears = 1461;

Status expect_between(std::string_view key, WallTime time, WallTime last, std::string_view says) {
  if (time >= kRecordBegins && time <= last) return {};
  return make_error(ErrorCode::invalid_value,
                    cat("expected ", says, " at \"", key, "\", from ", format_utc(kRecordBegins),
                        " to ", format_utc(last), ", came ", format_utc(time)));
}

}  // namespace

Status expect_past(std::string_view key, WallTime time, WallTime now) {
  return expect_between(key, time, now, "a time that has come");
}

Status expect_within(std::string_view key, WallTime time, WallTime now, int years) {
  const WallTime last = now + days(years * kDaysOfFourYears / 4);
  return expect_between(key, time, last, cat("a time within ", years, " years"));
}

}  // namespace cryobank
