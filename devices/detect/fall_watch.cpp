#include "devices/detect/fall_watch.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "devices/detect/memory_row.hpp"

namespace cryobank::detect {
namespace {

constexpr std::int64_t kFast = 5;  // times the usual
constexpr Duration kShortGap = minutes(10);
constexpr Duration kSlopeLeast = hours(4);
constexpr Duration kHour = hours(1);
constexpr Duration kLookEvery = minutes(5);
constexpr Duration kSampleEvery = seconds(60);
constexpr Duration kRecentEvery = seconds(5);
constexpr Duration kRecentSpan = minutes(10);
constexpr Duration kBreachLeast = seconds(20);  // a shorter fall is not told from noise
constexpr std::size_t kRecentMost = 128;        // 10 min of them, and some
constexpr std::size_t kMinutesMost = 256;  // two windows of an hour, or of two periods if longer
constexpr Duration kAfterFill = minutes(30);
constexpr Duration kAfterLid = minutes(10);
constexpr std::size_t kHoursLearned = 168;
constexpr std::size_t kHoursLeast = 24;  // even: recall()
constexpr std::size_t kDaysLearned = 60;
constexpr std::size_t kDaysLeast = 3;
constexpr std::size_t kDaysForCusum = 14;
constexpr Duration kDay = hours(24);
constexpr Duration kQuietLeast = hours(6);  // of a day, to say what it fell by
constexpr Milli kStandstill = whole(15);    // should be gone, and is not
constexpr int kNormalToEnd = 3;
constexpr std::int64_t kSpreadLeastPercent = 10;  // of a daily fall: no tank is steadier than that
constexpr int kDoubt = 7;       // spreads: beyond what noise does in a tank's life
constexpr int kShortDoubt = 6;  // of ten minutes, whose spread follows from single values
constexpr int kHourDoubt = 9;   // of an hour, whose spread is learned from a week only

void keep(std::deque<std::int64_t>& values, std::int64_t value, std::size_t most) {
  values.push_back(value);
  if (values.size() > most) values.pop_front();
}

std::int64_t per(std::int64_t day, Duration span) {
  return day / 60 * (span.seconds() / 60) / 1440 * 60;
}

}  // namespace

FallScale level_scale() { return {}; }

FallScale weight_scale() {
  return {"kg",
          "weight",
          "weight-falling-fast",
          "weight-loss-doubled",
          "weight-loss-raised",
          "weight-stuck",
          whole(1),
          Milli{300},
          whole(6),
          whole(20),
          whole(40)};
}

Duration FallWatch::hour_of(const Pace& pace) const { return std::max(kHour, pace.every() * 2); }

void FallWatch::interrupt() {
  last_three_.clear();
  recent_.clear();
  minutes_.clear();
  hour_at_.reset();
  if (trend_) trend_->interrupt();
  quick_.interrupt();
}

std::optional<Milli> FallWatch::usual_per_day() const {
  if (days_.size() >= kDaysLeast) return Milli{std::max<std::int64_t>(1, mean_of(days_))};
  if (hours_.size() < kHoursLeast) return std::nullopt;
  return Milli{std::max<std::int64_t>(1, mean_of(hours_) * 24)};
}

std::optional<Milli> FallWatch::falling_per_day() const {
  const auto usual = usual_per_day();
  auto falling = usual;
  const std::int64_t doubt = 24 * (2 * spread_of(hours_) + scale_.floor.v / 2);
  if (hour_rate_ && hour_rate_->v > usual.value_or(Milli{}).v + doubt) falling = hour_rate_;
  // What slopes of hours say beyond doubt, an hour of a noisy sensor does not: at five times the
  // usual a tank was given twice the time that it had.
  if (!trend_ || !(quickly_ || steep_)) return falling;
  for (const Duration window : {kSlopeLeast, kSlopeLeast * 2, kSlopeLeast * 3}) {
    falling = std::max(falling, trend_->fall_per_day(window));
  }
  return falling;
}

void FallWatch::observe(Now now, Milli value, const Pace& pace, const FallContext& context,
                        FindingBook& book, Findings& out) {
  if (context.lid_open) lid_open_at_ = now.mono;
  if (context.filling || context.settling) settling_at_ = now.mono;
  dry_ = context.dry;
  if (!day_at_) day_at_ = now.mono;
  look_for_breach(now, value, pace, context, book, out);
  // An open lid is bridged and breaks nothing: each new beginning adds the noise of two values to
  // the slope, and lids open a dozen times a day.
  const Instant flat = now.mono + context.lid_total * (kLidBoil - 1);
  if (!context.lid_open) look_at_slope(now, flat, value, pace, book, out);
  look_quickly(now, flat, value, pace, context, book, out);
  if (context.filling || context.settling) {
    minutes_.clear();
    hour_at_.reset();
    highest_.reset();
    return take_day(now, book, out);
  }
  if (context.lid_open) return;
  const bool gap =
      !minutes_.empty() && now.mono - minutes_.back().at > std::max(minutes(10), pace.every() * 3);
  if (gap) {
    minutes_.clear();
    hour_at_.reset();
  }
  if (!minutes_.empty() && now.mono - minutes_.back().at < kSampleEvery) return;
  minutes_.push_back({now.mono, value.v, flat});
  if (minutes_.size() > kMinutesMost) minutes_.pop_front();
  if (!hour_at_) hour_at_ = now.mono;
  look_at_windows(now, pace, book, out);
  take_day(now, book, out);
}

// The fastest look: single values, against the highest of the last ten minutes. Also while a fill
// is open: what falls then loses more than the line can give.
void FallWatch::look_for_breach(Now now, Milli value, const Pace& pace, const FallContext& context,
                                FindingBook& book, Findings& out) {
  const bool slow = pace.every() >= seconds(30);
  keep(last_three_, value.v, 3);
  std::vector<std::int64_t> three(last_three_.begin(), last_three_.end());
  const std::int64_t now_at = slow || three.size() < 3 ? value.v : middle_of(three);
  const Duration span = std::max(kRecentSpan, pace.every() * 2);
  while (!recent_.empty() && now.mono - recent_.front().at > span) recent_.pop_front();
  std::int64_t highest = now_at;
  for (const Sample& sample : recent_) highest = std::max(highest, sample.value);
  if (recent_.empty() || now.mono - recent_.back().at >= kRecentEvery) {
    recent_.push_back({now.mono, now_at});
    if (recent_.size() > kRecentMost) recent_.pop_front();
  }
  std::int64_t limit =
      std::max({scale_.breach_floor.v, 3 * pace.step().v, kDoubt * pace.noise().v});
  if (slow) limit *= 2;
  if (settling_at_ && now.mono - *settling_at_ <= kAfterFill && !context.filling) limit *= 2;
  if (handled_within(now.mono, kAfterLid)) limit = std::max(limit, 2 * scale_.handling.v);
  const std::int64_t span_ms = recent_.empty() ? 1 : (now.mono - recent_.front().at).ms();
  const Duration within = milliseconds(std::max<std::int64_t>(1, span_ms));
  const std::int64_t usual = usual_per_day().value_or(scale_.unlearned_day).v;
  limit = std::max(limit, kFast * per(usual, within));
  if (highest - now_at < limit) return;
  // It began where it left the highest. By the look's whole span a fall of seconds would be one of
  // minutes, and three minutes of liquid three hours: at 0 s 169 mm, at 16 s 154, and 9 minutes
  // quiet before.
  Sample began{now.mono - within, highest, {}};
  for (const Sample& sample : recent_) {
    if (highest - sample.value <= limit / 3) began = sample;
  }
  const Duration took = std::max(kBreachLeast, now.mono - began.at);
  hour_rate_ = Milli{(began.value - now_at) * kDay.seconds() / took.seconds()};
  tell_fast(now, highest - now_at, took, book, out);
}

void FallWatch::tell_fast(Now now, std::int64_t fall, Duration within, FindingBook& book,
                          Findings& out) {
  normal_hours_ = 0;
  if (!book.would_tell(now, scale_.fast, 1)) return;
  const auto usual = usual_per_day();
  book.set(
      now, scale_.fast, 1,
      cat(scale_.what, " fell ", format_milli(Milli{fall / 100 * 100}), " ", scale_.unit,
          " within ",
          within < minutes(2) ? cat(within.seconds(), " s") : cat(within.seconds() / 60, " min"),
          usual ? cat(", usual ", format_milli(Milli{usual->v / 100 * 100}), " a day") : ""),
      out);
}

std::optional<FallWatch::Fell> FallWatch::fall_over(Instant now, Duration gap,
                                                    std::size_t least) const {
  std::vector<std::int64_t> before, after;
  std::int64_t open_before = 0, open_after = 0;  // what open lids count for, seconds
  for (const Sample& sample : minutes_) {
    const Duration age = now - sample.at;
    if (age < gap) {
      after.push_back(sample.value);
      open_after += (sample.flat - sample.at).seconds();
    } else if (age < gap * 2) {
      before.push_back(sample.value);
      open_before += (sample.flat - sample.at).seconds();
    }
  }
  if (before.size() < least || after.size() < least) return std::nullopt;
  const std::int64_t open = open_after / static_cast<std::int64_t>(after.size()) -
                            open_before / static_cast<std::int64_t>(before.size());
  return Fell{centre_of(before) - centre_of(after), gap + seconds(std::max<std::int64_t>(0, open))};
}

// Of the difference of two neighbouring medians: as learned, else as the noise of single values
// says (the middle of n spreads at most 1.25 / root n as far, the difference of two 1.41 times
// that).
std::int64_t FallWatch::hour_spread(const Pace& pace, Duration gap) const {
  const Duration every = std::max(kSampleEvery, pace.every());
  const std::int64_t n = std::max<std::int64_t>(1, gap.seconds() / every.seconds());
  const std::int64_t told =
      pace.noise().v * 177 / 100 * 1000 / std::max<std::int64_t>(1, root_of(n * 1'000'000));
  if (gap < kHour || hours_.size() < kHoursLeast) return told;
  const std::int64_t learned =
      std::max<std::int64_t>(1, spread_of(hours_)) * gap.seconds() / kHour.seconds();
  // What a coarse sensor's steps do to it is bounded by the step and no matter of luck.
  return std::min(learned, told + 2 * pace.step().v / kHourDoubt);
}

void FallWatch::look_at_windows(Now now, const Pace& pace, FindingBook& book, Findings& out) {
  const Duration every = std::max(kLookEvery, pace.every());
  if (looked_at_ && now.mono - *looked_at_ < every) return;
  looked_at_ = now.mono;
  const Duration hour = hour_of(pace);
  const std::int64_t usual = usual_per_day().value_or(scale_.unlearned_day).v;
  std::optional<Milli> lately;  // what ten minutes say, where it is beyond doubt
  for (const Duration gap : {kShortGap, hour}) {
    const std::size_t least = gap < hour ? 5 : pace.every() > minutes(10) ? 1 : 6;
    const auto fell = fall_over(now.mono, gap, least);
    if (!fell) continue;
    const std::int64_t doubt = gap < hour ? kShortDoubt : kHourDoubt;
    std::int64_t limit =
        std::max({kFast * per(usual, fell->within), scale_.floor.v, 2 * pace.step().v,
                  per(usual, fell->within) + doubt * hour_spread(pace, gap)});
    if (handled_within(now.mono, gap * 2)) limit = std::max(limit, scale_.handling.v);
    const Milli rate{fell->fall * (kDay.seconds() / 60) / (fell->within.seconds() / 60)};
    if (fell->fall >= limit) tell_fast(now, fell->fall, gap, book, out);
    if (fell->fall >= limit && gap < kHour) lately = rate;
    if (gap >= kHour) hour_rate_ = rate;
  }
  if (lately && (!hour_rate_ || *lately > *hour_rate_)) hour_rate_ = lately;
  look_at_hour(now, pace, book, out);
}

// A whole hour is over: what it teaches, or what it says of a loss.
void FallWatch::look_at_hour(Now now, const Pace& pace, FindingBook& book, Findings& out) {
  const Duration hour = hour_of(pace);
  if (now.mono - *hour_at_ < hour * 2) return;
  const auto fell = fall_over(now.mono, hour, 1);
  hour_at_ = *hour_at_ + hour;
  if (!fell) return;
  // It rose although no fill was told: somebody poured. Neither lesson nor loss.
  if (fell->fall <
      -std::max({5 * scale_.floor.v / 3, 2 * pace.step().v, kDoubt * hour_spread(pace, hour)})) {
    minutes_.clear();
    hour_at_.reset();
    return;
  }
  look_for_standstill(now, pace, book, out);
  fallen_today_ += fell->fall;
  quiet_today_ = quiet_today_ + fell->within;
  take_hour(now, fell->fall * kHour.seconds() / fell->within.seconds(), hour, book, out);
}

void FallWatch::take_hour(Now now, std::int64_t fall, Duration gap, FindingBook& book,
                          Findings& out) {
  const auto usual = usual_per_day();
  const bool stands = book.stands(scale_.doubled) || book.stands(scale_.fast);
  // What is usual is known from two weeks: the first days of a quiet sensor may all be low ones.
  if (!usual || hours_.size() < kHoursLeast || days_.size() < kDaysForCusum) {
    if (!stands) return keep(hours_, fall, kHoursLearned);
    // Told before the hours have taught anything: it must end without their lesson, which is not
    // taken while it stands. Of a tank without a usual half of what is believed of any will do.
    const std::int64_t day = usual ? usual->v : scale_.unlearned_day.v / 2;
    normal_hours_ = fall * 2 < day / 24 * 3 ? normal_hours_ + 1 : 0;
    return end_when_usual(now, true, false, book, out);
  }
  const std::int64_t expected = usual->v / 24;
  // Hours of one day are alike: what its days differ by is no loss, however quiet the sensor is,
  // and what is to be found is twice the usual.
  const std::int64_t apart = days_.size() < kDaysLeast ? expected / 5 : spread_of(days_) / 24;
  const std::int64_t spread = std::max({std::int64_t{1}, expected / 10, apart, spread_of(hours_)});
  const std::int64_t beyond = std::max<std::int64_t>(0, expected / 2 - spread / 2);
  std::int64_t z = (fall - expected - beyond) * 1000 / spread;
  if (handled_within(now.mono, gap * 2)) z = std::min<std::int64_t>(z, 3'000);
  const bool passed = hourly_.add(z);
  normal_hours_ = z < 1'000 ? normal_hours_ + 1 : 0;
  if (!stands && !hourly_.suspicious() && z < 6'000) keep(hours_, fall, kHoursLearned);
  if (passed) {
    book.set(now, scale_.doubled, 1,
             cat("evaporation ", format_milli(Milli{fall * 24 / 100 * 100}), " ", scale_.unit,
                 "/d over the last hours, usual ", format_milli(Milli{usual->v / 100 * 100})),
             out);
  }
  end_when_usual(now, stands, passed, book, out);
}

void FallWatch::end_when_usual(Now now, bool stands, bool passed, FindingBook& book,
                               Findings& out) {
  if (normal_hours_ < kNormalToEnd || steep_ || quickly_ || dry_) return;
  if (stands) hourly_.restart();
  book.set(now, scale_.fast, 0, "falls as usual", out);
  if (!book.stands(scale_.raised) || !passed)
    book.set(now, scale_.doubled, 0, "falls as usual", out);
}

// The slowest look: a day, scaled to 24 h of its quiet time, is added to the cusum (cusum.hpp has a
// worked week). Whether it is a lesson is asked after that: a slow leak would teach its own usual.
void FallWatch::take_day(Now now, FindingBook& book, Findings& out) {
  if (now.mono - *day_at_ < kDay) return;
  day_at_ = now.mono;
  const Duration quiet = std::exchange(quiet_today_, {});
  const std::int64_t fallen = std::exchange(fallen_today_, 0);
  if (quiet < kQuietLeast) return;
  const std::int64_t day = fallen * (kDay.seconds() / 60) / (quiet.seconds() / 60);
  last_day_ = Milli{day};
  const auto n = static_cast<std::int64_t>(days_.size());
  bool lesson = !book.stands(scale_.raised) && !book.stands(scale_.doubled);
  if (n >= static_cast<std::int64_t>(kDaysForCusum)) {
    const std::int64_t mean = std::max<std::int64_t>(1, mean_of(days_));
    const std::int64_t spread = std::max<std::int64_t>(
        std::max<std::int64_t>(1, mean * kSpreadLeastPercent / 100), spread_of(days_));
    // What is usual is known from n days only, and so much less sure: root of 1 + 1/n.
    const std::int64_t wide = spread * root_of(1'000'000 + 1'000'000 / n) / 1000;
    const std::int64_t z = (day - mean) * 1000 / std::max<std::int64_t>(1, wide);
    const bool passed = daily_.add(z);
    normal_days_ = z < 1'000 ? normal_days_ + 1 : 0;
    lesson = lesson && !daily_.suspicious();
    const std::string text =
        cat("evaporation ", format_milli(Milli{day / 100 * 100}), " ", scale_.unit,
            "/d over the last days, usual ", format_milli(Milli{mean / 100 * 100}));
    if (passed) book.set(now, scale_.raised, 1, text, out);
    if (day >= 2 * mean && z >= 4'000) book.set(now, scale_.doubled, 1, text, out);
    if (normal_days_ >= kNormalToEnd) {
      if (book.stands(scale_.raised)) daily_.restart();
      book.set(now, scale_.raised, 0, text, out);
    }
  }
  if (lesson && day > 0) keep(days_, day, kDaysLearned);
}

// Liquid evaporates. A content that does not fall while so much must be gone is not measured.
void FallWatch::look_for_standstill(Now now, const Pace& pace, FindingBook& book, Findings& out) {
  const std::int64_t value = minutes_.back().value;
  const std::int64_t step = std::max({pace.step().v, 3 * pace.noise().v, std::int64_t{1000}});
  const auto usual = usual_per_day();
  if (!highest_ || value > highest_->value || value <= highest_->value - step) {
    highest_ = Sample{now.mono, value};
    return book.set(now, scale_.stuck, 0, "it falls", out);
  }
  if (!usual || days_.size() < kDaysLeast) return;
  const Duration stands = now.mono - highest_->at;
  const std::int64_t gone = per(usual->v, stands);
  if (gone < std::max({kStandstill.v, 4 * pace.step().v, kDoubt * pace.noise().v})) return;
  book.set(now, scale_.stuck, 1,
           cat(scale_.what, " stands at ", format_milli(Milli{value / 100 * 100}), " ", scale_.unit,
               " for ", stands.seconds() / 3600, " h, ", format_milli(Milli{gone / 1000 * 1000}),
               " ", scale_.unit, " should have evaporated"),
           out);
}

std::optional<Milli> FallWatch::take_last_day() { return std::exchange(last_day_, std::nullopt); }

Json FallWatch::memory() const {
  const auto list = [](const std::deque<std::int64_t>& values) {
    Json out = Json::array();
    for (const std::int64_t value : values) out.push(value);
    return out;
  };
  Json json = Json::object();
  json.set("days", list(days_)).set("daily_sum", daily_.sum());
  // A week of hours is told as what it taught: its mean and its spread.
  if (hours_.size() >= kHoursLeast) {
    json.set("hour_mean", mean_of(hours_)).set("hour_spread", spread_of(hours_));
  }
  json.set("hourly_sum", hourly_.sum());
  return json;
}

Status FallWatch::recall(std::string_view what, const Json& memory) {
  RowReader in(what, memory);
  days_.clear();
  for (const std::int64_t day : whole_numbers(in, "days")) {
    if (day > 0) keep(days_, day, kDaysLearned);  // a tank that did not fall teaches no use
  }
  daily_.restart(in.number("daily_sum"));
  hourly_.restart(in.number("hourly_sum"));
  hours_.clear();
  const bool knows_hours = in.has("hour_mean") || in.has("hour_spread");
  const std::int64_t mean = knows_hours ? in.number("hour_mean", RowReader::kLeast) : 0;
  const std::int64_t spread = knows_hours ? in.number("hour_spread", RowReader::kLeast) : 0;
  if (const Status whole = in.end(); !whole || !knows_hours) return whole;
  // As many above as below and one between: their mean and spread are the ones that were told.
  for (std::size_t i = 0; i < kHoursLeast; ++i) {
    hours_.push_back(i % 2 == 0 ? mean - spread : mean + spread);
  }
  hours_.push_back(mean);
  return {};
}

}  // namespace cryobank::detect
