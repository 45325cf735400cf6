#include "base/zone.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cryobank {
namespace {

constexpr std::int64_t kDayS = 86'400;
constexpr std::size_t kHeader = 44;
// The tz database holds a few hundred changes a zone.
constexpr std::int64_t kChangesMax = 4000;

std::int64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  const auto bits = static_cast<int>(bytes.size() * 8);
  const bool negative = bits < 64 && (value >> (bits - 1)) != 0;
  return negative ? static_cast<std::int64_t>(value) - (std::int64_t{1} << bits)
                  : static_cast<std::int64_t>(value);
}

Error no_zone(std::string_view why) {
  return make_error(ErrorCode::malformed, cat("expected a TZif file of version 2 or later: ", why));
}

struct Counts {
  std::int64_t utc = 0, standard = 0, leap = 0, times = 0, types = 0, characters = 0;
};

Counts read_counts(std::string_view header) {
  const auto at = [header](std::size_t i) { return big_endian(header.substr(20 + 4 * i, 4)); };
  return {at(0), at(1), at(2), at(3), at(4), at(5)};
}

bool sane(const Counts& c) {
  return c.times >= 0 && c.times <= kChangesMax && c.types > 0 && c.types <= 256 && c.leap >= 0 &&
         c.leap <= 256 && c.characters >= 0 && c.characters <= 1024 && c.utc >= 0 &&
         c.utc <= c.types && c.standard >= 0 && c.standard <= c.types;
}

std::int64_t body_size(const Counts& c, std::int64_t width) {
  return c.times * (width + 1) + c.types * 6 + c.characters + c.leap * (width + 4) + c.standard +
         c.utc;
}

std::int64_t floor_days(std::int64_t second) {
  return second >= 0 ? second / kDayS : -((-second + kDayS - 1) / kDayS);
}

std::int64_t day_number(int year, int month, int date) {
  std::string text = cat(year);
  while (text.size() < 4) text.insert(text.begin(), '0');
  text += cat(month < 10 ? "-0" : "-", month, date < 10 ? "-0" : "-", date);
  const Result<Day> day = parse_day(text);
  return day ? day->number : 0;
}

int year_of(std::int64_t day) {
  const Result<std::int64_t> year =
      parse_integer(format_day(Day{static_cast<std::int32_t>(day)}).substr(0, 4));
  return year ? static_cast<int>(*year) : 1970;
}

// Reads the small language of POSIX TZ: "CET-1CEST,M3.5.0,M10.5.0/3".
class FooterReader {
 public:
  explicit FooterReader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  bool ok() const { return ok_; }

  void name() {
    if (take('<')) {
      const std::size_t end = rest_.find('>');
      if (end == std::string_view::npos) return fail();
      rest_.remove_prefix(end + 1);
      return;
    }
    std::size_t n = 0;
    while (n < rest_.size() && ((rest_[n] | 0x20) >= 'a' && (rest_[n] | 0x20) <= 'z')) ++n;
    if (n < 3) return fail();
    rest_.remove_prefix(n);
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool at_number() const {
    return !rest_.empty() && (rest_[0] == '-' || rest_[0] == '+' || is_digit(rest_[0]));
  }

  int number(int high) {
    int value = 0;
    std::size_t n = 0;
    while (n < rest_.size() && n < 4 && is_digit(rest_[n])) value = value * 10 + (rest_[n++] - '0');
    if (n == 0 || value > high) fail();
    rest_.remove_prefix(n);
    return value;
  }

  // hh[:mm[:ss]] with a sign, in seconds.
  int clock() {
    const bool minus = take('-');
    if (!minus) take('+');
    int seconds = number(167) * 3600;
    if (take(':')) seconds += number(59) * 60;
    if (take(':')) seconds += number(59);
    return minus ? -seconds : seconds;
  }

  void fail() { ok_ = false; }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  std::string_view rest_;
  bool ok_ = true;
};

// "M3.5.0", "J60" or "59", each with "/2" when not at two o'clock.
template <class Turn>
Turn read_turn(FooterReader& reader) {
  Turn turn;
  if (reader.take('M')) {
    turn.kind = 'M';
    turn.month = reader.number(12);
    if (!reader.take('.')) reader.fail();
    turn.week = reader.number(5);
    if (!reader.take('.')) reader.fail();
    turn.weekday = reader.number(6);
    if (turn.month < 1 || turn.week < 1) reader.fail();
  } else {
    const bool leapless = reader.take('J');
    if (leapless) turn.kind = 'J';
    if (!leapless) turn.kind = 'n';
    turn.day = reader.number(365);
  }
  if (reader.take('/')) turn.second = reader.clock();
  return turn;
}

}  // namespace

bool is_zone_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '/' || name.back() == '/') return false;
  char before = 0;
  for (const char c : name) {
    const bool letter = ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9');
    if (!letter && c != '_' && c != '-' && c != '+' && c != '/') return false;
    if (c == '/' && before == '/') return false;
    before = c;
  }
  return true;
}

bool Zone::parse_footer(std::string_view text, Footer& out) {
  FooterReader reader(text);
  reader.name();
  if (!reader.ok() || !reader.at_number()) return false;
  out.winter_s = -reader.clock();
  out.given = true;
  if (reader.done()) return reader.ok();
  reader.name();
  out.has_summer = true;
  out.summer_s = reader.ok() && reader.at_number() ? -reader.clock() : out.winter_s + 3600;
  if (!reader.take(',')) return false;
  out.begin = read_turn<Turn>(reader);
  if (!reader.take(',')) return false;
  out.end = read_turn<Turn>(reader);
  return reader.ok() && reader.done();
}

Result<Zone> Zone::parse(std::string_view tzif) {
  if (tzif.size() < kHeader || tzif.size() > kZoneBytesMax || tzif.substr(0, 4) != "TZif") {
    return no_zone("it does not begin with TZif");
  }
  if (tzif[4] < '2') return no_zone("it is of version 1");
  const Counts old = read_counts(tzif);
  if (!sane(old)) return no_zone("impossible counts");
  const auto second = kHeader + static_cast<std::size_t>(body_size(old, 4));
  if (tzif.size() < second + kHeader) return no_zone("it is cut off");
  std::string_view rest = tzif.substr(second);
  const Counts c = read_counts(rest);
  if (rest.substr(0, 4) != "TZif" || !sane(c)) return no_zone("impossible counts");
  const auto size = kHeader + static_cast<std::size_t>(body_size(c, 8));
  if (rest.size() < size) return no_zone("it is cut off");
  const auto times = static_cast<std::size_t>(c.times);
  const std::string_view at = rest.substr(kHeader, times * 8);
  const std::string_view kinds = rest.substr(kHeader + times * 8, times);
  const std::string_view types =
      rest.substr(kHeader + times * 9, 6 * static_cast<std::size_t>(c.types));
  const auto offset_of = [&types](std::size_t type) {
    return static_cast<int>(big_endian(types.substr(type * 6, 4)));
  };
  Zone zone;
  zone.first_offset_s_ = offset_of(0);
  for (std::size_t i = 0; i < times; ++i) {
    const auto type = static_cast<unsigned char>(kinds[i]);
    if (type >= c.types) return no_zone("a change names no type");
    zone.changes_.push_back({big_endian(at.substr(i * 8, 8)), offset_of(type)});
  }
  std::string_view footer = trim(rest.substr(size));
  if (!footer.empty() && !parse_footer(footer, zone.footer_)) {
    return no_zone(cat("footer \"", clip(footer, 60), "\""));
  }
  return zone;
}

Zone Zone::fixed(int offset_s) {
  Zone zone;
  zone.first_offset_s_ = offset_s;
  return zone;
}

std::int64_t Zone::turn_day(const Turn& turn, int year) {
  const std::int64_t first = day_number(year, 1, 1);
  if (turn.kind == 'n') return first + turn.day;
  if (turn.kind == 'J') {
    const bool leap = day_number(year + 1, 1, 1) - first == 366;
    return first + turn.day - 1 + (leap && turn.day >= 60 ? 1 : 0);
  }
  const std::int64_t month = day_number(year, turn.month, 1);
  const std::int64_t next =
      turn.month == 12 ? day_number(year + 1, 1, 1) : day_number(year, turn.month + 1, 1);
  const int wanted = turn.weekday == 0 ? 7 : turn.weekday;
  const int begins = weekday_of(Day{static_cast<std::int32_t>(month)});
  std::int64_t day = month + (wanted - begins + 7) % 7 + 7 * (turn.week - 1);
  while (day >= next) day -= 7;
  return day;
}

int Zone::footer_offset(std::int64_t second) const {
  if (!footer_.has_summer) return footer_.winter_s;
  const int year = year_of(floor_days(second + footer_.winter_s));
  const std::int64_t begin =
      turn_day(footer_.begin, year) * kDayS + footer_.begin.second - footer_.winter_s;
  const std::int64_t end =
      turn_day(footer_.end, year) * kDayS + footer_.end.second - footer_.summer_s;
  const bool summer =
      begin < end ? second >= begin && second < end : second >= begin || second < end;
  return summer ? footer_.summer_s : footer_.winter_s;
}

int Zone::offset_at(WallTime at) const {
  const std::int64_t second = at.ms >= 0 ? at.ms / 1000 : -((-at.ms + 999) / 1000);
  const auto next =
      std::upper_bound(changes_.begin(), changes_.end(), second,
                       [](std::int64_t value, const Change& change) { return value < change.at; });
  if (next == changes_.end() && footer_.given) return footer_offset(second);
  return next == changes_.begin() ? first_offset_s_ : std::prev(next)->offset_s;
}

LocalTime Zone::local(WallTime at) const {
  const std::int64_t ms = at.ms + std::int64_t{offset_at(at)} * 1000;
  const std::int64_t second = ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000);
  const std::int64_t day = floor_days(second);
  const auto within = static_cast<int>(second - day * kDayS);
  LocalTime out;
  out.day = Day{static_cast<std::int32_t>(day)};
  out.minute = within / 60;
  out.second = within % 60;
  out.weekday = weekday_of(out.day);
  return out;
}

WallTime Zone::at(Day day, int minute) const {
  const std::int64_t wall = std::int64_t{day.number} * kDayS + std::int64_t{minute} * 60;
  // Both offsets that hold around that day; the earlier instant that shows it wins.
  const WallTime early{(wall - offset_at(WallTime{(wall - kDayS) * 1000})) * 1000};
  const WallTime late{(wall - offset_at(WallTime{(wall + kDayS) * 1000})) * 1000};
  for (const WallTime at : {std::min(early, late), std::max(early, late)}) {
    const LocalTime shown = local(at);
    if (shown.day == day && shown.minute == minute) return at;
  }
  return std::max(early, late);
}

WallTime Zone::within(Day day, WallTime instant) const {
  return std::clamp(instant, at(day, 0), at(Day{day.number + 1}, 0) - minutes(1));
}

std::string format_minute(int minute) {
  const int hour = minute / 60;
  const int rest = minute % 60;
  return cat(hour < 10 ? "0" : "", hour, rest < 10 ? ":0" : ":", rest);
}

}  // namespace cryobank
