#include "base/time.hpp"

#include <algorithm>
#include <chrono>

#include "base/text.hpp"

namespace cryobank {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kMinuteMs = 60'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  const std::int64_t q = a / b;
  return (a % b != 0 && (a < 0) != (b < 0)) ? q - 1 : q;
}

void append_digits(std::string& out, unsigned value, int width) {
  char buffer[10];
  for (int i = width - 1; i >= 0; --i) {
    buffer[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.append(buffer, static_cast<std::size_t>(width));
}

std::chrono::year_month_day civil(Day day) {
  return std::chrono::year_month_day{std::chrono::sys_days{std::chrono::days{day.number}}};
}

void append_day(std::string& out, Day day) {
  const auto ymd = civil(day);
  append_digits(out, static_cast<unsigned>(static_cast<int>(ymd.year())), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(ymd.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(ymd.day()), 2);
}

Error bad_time(std::string_view text) {
  return make_error(
      ErrorCode::malformed,
      cat("expected a time as 2026-11-22T03:04:05.678Z, came \"", clip(text, 40), "\""));
}

// Reads exactly `width` digits at `pos`; false when they are not all digits.
bool read_digits(std::string_view text, std::size_t pos, int width, int& value) {
  if (pos + static_cast<std::size_t>(width) > text.size()) return false;
  value = 0;
  for (int i = 0; i < width; ++i) {
    const char c = text[pos + static_cast<std::size_t>(i)];
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  return true;
}

struct ClockTime {
  std::int64_t ms = 0;
  std::size_t end = 0;
};

bool read_clock(std::string_view text, ClockTime& clock) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!read_digits(text, 11, 2, hour) || text[13] != ':' || !read_digits(text, 14, 2, minute) ||
      text.size() < 17 || text[16] != ':' || !read_digits(text, 17, 2, second)) {
    return false;
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  std::size_t pos = 19;
  std::int64_t milli = 0;
  if (pos < text.size() && text[pos] == '.') {
    const std::size_t first = ++pos;
    std::int64_t weight = 100;
    while (pos < text.size() && text[pos] >= '0' && text[pos] <= '9' && pos - first < 9) {
      milli += weight * (text[pos] - '0');
      weight /= 10;
      ++pos;
    }
    if (pos == first) return false;
  }
  clock.ms = ((hour * 60LL + minute) * 60 + second) * 1000 + milli;
  clock.end = pos;
  return true;
}

bool read_offset(std::string_view zone, std::int64_t& offset_ms) {
  offset_ms = 0;
  if (zone == "Z" || zone == "z") return true;
  int hour = 0;
  int minute = 0;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return false;
  if (!read_digits(zone, 1, 2, hour) || !read_digits(zone, 4, 2, minute)) return false;
  if (hour > 23 || minute > 59) return false;
  offset_ms = (hour * 60 + minute) * kMinuteMs;
  if (zone[0] == '-') offset_ms = -offset_ms;
  return true;
}

}  // namespace

void append_utc(std::string& out, WallTime time) {
  time = std::clamp(time, kWallMin, kWallMax);
  const std::int64_t day = floor_div(time.ms, kDayMs);
  const auto rest = static_cast<unsigned>(time.ms - day * kDayMs);
  const auto ymd = civil(Day{static_cast<std::int32_t>(day)});
  char text[] = "0000-00-00T00:00:00.000Z";  // the most written text of all: built in place
  const auto put = [&text](std::size_t end, unsigned value) {
    for (; value > 0; value /= 10) text[--end] = static_cast<char>('0' + value % 10);
  };
  put(4, static_cast<unsigned>(static_cast<int>(ymd.year())));
  put(7, static_cast<unsigned>(ymd.month()));
  put(10, static_cast<unsigned>(ymd.day()));
  put(13, rest / 3'600'000);
  put(16, rest / 60'000 % 60);
  put(19, rest / 1000 % 60);
  put(23, rest % 1000);
  out.append(text, sizeof text - 1);
}

std::string format_utc(WallTime time) {
  std::string out;
  out.reserve(24);
  append_utc(out, time);
  return out;
}

Result<WallTime> parse_utc(std::string_view text) {
  if (text.size() < 20 || text.size() > 40 || (text[10] != 'T' && text[10] != 't')) {
    return bad_time(text);
  }
  const auto day = parse_day(text.substr(0, 10));
  ClockTime clock;
  std::int64_t offset_ms = 0;
  if (!day || !read_clock(text, clock) || !read_offset(text.substr(clock.end), offset_ms)) {
    return bad_time(text);
  }
  const WallTime time{day->number * kDayMs + clock.ms - offset_ms};
  if (time < kWallMin || time > kWallMax) return bad_time(text);
  return time;
}

std::string format_day(Day day) {
  std::string out;
  append_day(out, day);
  return out;
}

Result<Day> parse_day(std::string_view text) {
  int year = 0;
  int month = 0;
  int date = 0;
  const bool shape = text.size() == 10 && text[4] == '-' && text[7] == '-' &&
                     read_digits(text, 0, 4, year) && read_digits(text, 5, 2, month) &&
                     read_digits(text, 8, 2, date);
  const std::chrono::year_month_day ymd{std::chrono::year{year},
                                        std::chrono::month{static_cast<unsigned>(month)},
                                        std::chrono::day{static_cast<unsigned>(date)}};
  if (!shape || !ymd.ok()) {
    return make_error(ErrorCode::malformed,
                      cat("expected a date as 2026-11-22, came \"", clip(text, 40), "\""));
  }
  return Day{static_cast<std::int32_t>(std::chrono::sys_days{ymd}.time_since_epoch().count())};
}

Day day_of(WallTime time, int offset_minutes) {
  return Day{static_cast<std::int32_t>(floor_div(time.ms + offset_minutes * kMinuteMs, kDayMs))};
}

int weekday_of(Day day) {
  const std::chrono::weekday weekday{std::chrono::sys_days{std::chrono::days{day.number}}};
  return static_cast<int>(weekday.iso_encoding());
}

}  // namespace cryobank
