// Zone: the rules of one time zone, read from the bytes of a TZif file (RFC 8536, version 2 or
// later) with its POSIX footer, so that a time of day means the same in summer and winter. A value:
// no file, no clock, no environment. Offsets are seconds east of UTC.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace cryobank {

// A TZif file of the tz database is 1 to 4 KB; a larger one is none.
inline constexpr std::size_t kZoneBytesMax = 64 * 1024;

// A name of the tz database: "Asia/Tokyo", "UTC". Letters, digits, '_', '-', '+' and single '/'.
bool is_zone_name(std::string_view name);

// A moment as the clock on the wall shows it.
struct LocalTime {
  Day day;
  int minute = 0;  // of the day, 0 to 1439
  int second = 0;
  int weekday = 1;  // 1 Monday to 7 Sunday
};

class Zone {
 public:
  Zone() = default;  // UTC
  static Result<Zone> parse(std::string_view tzif);
  // A zone without summer time.
  static Zone fixed(int offset_s);

  int offset_at(WallTime at) const;
  LocalTime local(WallTime at) const;
  // The first instant at which the wall shows this minute of this day or, when summer time skips
  // it, a later one.
  WallTime at(Day day, int minute) const;
  // The time of that local day, to its last minute, that is nearest to `instant`.
  WallTime within(Day day, WallTime instant) const;

 private:
  struct Change {
    std::int64_t at = 0;  // seconds since 1970
    int offset_s = 0;
  };
  // A day of the year on which the footer changes the clock.
  struct Turn {
    int kind = 0;  // 'M', 'J' or 'n'
    int month = 0, week = 0, weekday = 0, day = 0;
    int second = 7200;  // of the local day
  };
  struct Footer {
    bool given = false;
    bool has_summer = false;
    int winter_s = 0;
    int summer_s = 0;
    Turn begin, end;
  };
  static bool parse_footer(std::string_view text, Footer& out);
  static std::int64_t turn_day(const Turn& turn, int year);
  int footer_offset(std::int64_t second) const;

  std::vector<Change> changes_;
  int first_offset_s_ = 0;  // before the first change
  Footer footer_;
};

// "02:40": the minute of the day.
std::string format_minute(int minute);

}  // namespace cryobank
