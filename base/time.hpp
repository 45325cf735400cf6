// Time as values. There is no now() here: a Now comes with each input, read once by the world.
// Instant: monotonic nanoseconds, for time-outs, delays and durations; its zero means nothing.
// WallTime: UTC milliseconds since 1970, for records and people; it may jump either way.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cryobank {

struct Duration {
  std::int64_t ns = 0;
  auto operator<=>(const Duration&) const = default;
  constexpr std::int64_t ms() const { return ns / 1'000'000; }
  constexpr std::int64_t seconds() const { return ns / 1'000'000'000; }
};

constexpr Duration nanoseconds(std::int64_t n) { return {n}; }
constexpr Duration microseconds(std::int64_t n) { return {n * 1'000}; }
constexpr Duration milliseconds(std::int64_t n) { return {n * 1'000'000}; }
constexpr Duration seconds(std::int64_t n) { return {n * 1'000'000'000}; }
constexpr Duration minutes(std::int64_t n) { return seconds(60 * n); }
constexpr Duration hours(std::int64_t n) { return minutes(60 * n); }
constexpr Duration days(std::int64_t n) { return hours(24 * n); }

constexpr Duration operator+(Duration a, Duration b) { return {a.ns + b.ns}; }
constexpr Duration operator-(Duration a, Duration b) { return {a.ns - b.ns}; }
constexpr Duration operator*(Duration a, std::int64_t k) { return {a.ns * k}; }
constexpr Duration operator/(Duration a, std::int64_t k) { return {a.ns / k}; }

struct Instant {
  std::int64_t ns = 0;
  auto operator<=>(const Instant&) const = default;
};

// "No deadline": later than every instant that can occur.
inline constexpr Instant kNever{std::numeric_limits<std::int64_t>::max()};

constexpr Instant operator+(Instant a, Duration d) { return {a.ns + d.ns}; }
constexpr Instant operator-(Instant a, Duration d) { return {a.ns - d.ns}; }
constexpr Duration operator-(Instant a, Instant b) { return {a.ns - b.ns}; }

struct WallTime {
  std::int64_t ms = 0;
  auto operator<=>(const WallTime&) const = default;
};

constexpr WallTime operator+(WallTime a, Duration d) { return {a.ms + d.ms()}; }
constexpr WallTime operator-(WallTime a, Duration d) { return {a.ms - d.ms()}; }
// Two far ends of the calendar are more nanoseconds apart than fit: the result stays at the longest
// Duration, about 292 years either way.
constexpr Duration operator-(WallTime a, WallTime b) {
  constexpr std::int64_t kMsMax = std::numeric_limits<std::int64_t>::max() / 1'000'000;
  const std::int64_t ms = a.ms - b.ms;
  return milliseconds(ms > kMsMax ? kMsMax : ms < -kMsMax ? -kMsMax : ms);
}

struct Now {
  Instant mono;
  WallTime wall;
};

// A calendar day, counted from 1970-01-01; local or UTC as the caller says.
struct Day {
  std::int32_t number = 0;
  auto operator<=>(const Day&) const = default;
};

// The times that RFC 3339 can write: years 0000 to 9999.
inline constexpr WallTime kWallMin{-62'167'219'200'000};
inline constexpr WallTime kWallMax{253'402'300'799'999};

// RFC 3339 in UTC with milliseconds: 2026-11-22T03:04:05.678Z. A time outside kWallMin to kWallMax
// is written as the nearer of the two.
std::string format_utc(WallTime time);
void append_utc(std::string& out, WallTime time);

// Accepts RFC 3339 with Z or a numeric offset, and 0 to 9 digits of a second (cut to milliseconds).
// Refuses a leap second and what an offset moves out of kWallMin to kWallMax.
Result<WallTime> parse_utc(std::string_view text);

// ISO 8601 calendar date: 2026-11-22.
std::string format_day(Day day);
Result<Day> parse_day(std::string_view text);

// The day a time falls on, `offset_minutes` east of UTC (-1080 to 1080).
Day day_of(WallTime time, int offset_minutes);
// Monday is 1, Sunday is 7 (ISO 8601).
int weekday_of(Day day);

}  // namespace cryobank
