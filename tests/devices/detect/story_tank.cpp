#include "tests/devices/detect/story_tank.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cryobank::detect {
namespace {

constexpr std::int64_t kStepS = 10;
constexpr std::int64_t kStepsADay = 86'400 / kStepS;

std::int64_t round_to(std::int64_t value, std::int64_t step) {
  if (step <= 1) return value;
  const std::int64_t half = value >= 0 ? step / 2 : -step / 2;
  return (value + half) / step * step;
}

}  // namespace

StoryTank::StoryTank(const TankShape& shape, std::uint64_t seed)
    : shape_(shape), prng_(seed), level_(shape.start + (shape.stop - shape.start) / 2) {
  next_day();
  read();
}

// Twelve even draws: a normal one, as far as six spreads.
std::int64_t StoryTank::normal(std::int64_t spread) {
  std::int64_t sum = 0;
  for (int i = 0; i < 12; ++i) sum += prng_.between(0, 1'000);
  return (sum - 6'000) * spread / 1'000;
}

void StoryTank::next_day() {
  today_percent_ = std::max<std::int64_t>(10, 100 + normal(shape_.day_spread_percent));
}

std::int64_t StoryTank::true_top() const { return shape_.top + lid_warmth_ + chill_ + warmed_; }

void StoryTank::read() {
  const std::int64_t level = faults.level_reads.value_or(level_) + normal(shape_.noise);
  shown_level_ = Milli{std::max<std::int64_t>(0, round_to(level, shape_.step))};
  if (faults.level_reads) shown_level_ = Milli{round_to(*faults.level_reads, shape_.step)};
  shown_weight_ = Milli{round_to(300'000 + level_ * 4 / 10 + normal(100), 100)};
  const std::int64_t top = true_top() + faults.top_offset + normal(shape_.top_noise);
  shown_top_ = Milli{round_to(faults.top_reads.value_or(top), shape_.top_step)};
  shown_bottom_ =
      Milli{round_to(shape_.bottom + warmed_ + normal(shape_.top_noise), shape_.top_step)};
}

bool StoryTank::step() {
  const std::int64_t before_s = since_.seconds();
  since_ = since_ + seconds(kStepS);
  if (since_.seconds() / 86'400 != before_s / 86'400) next_day();
  // Liquid that leaves.
  const std::int64_t shut = shape_.evaporation * today_percent_ / 100 * faults.heat_percent / 100;
  const std::int64_t day = lid_open() ? shut + shape_.evaporation * (shape_.lid_boil - 1) : shut;
  rest_ += day;
  if (level_ > 0) level_ -= rest_ / kStepsADay;
  rest_ %= kStepsADay;
  if (faults.breach) level_ -= shape_.stop * kStepS / 170;
  level_ = std::max<std::int64_t>(level_, 0);
  // The controller looks at its own probe.
  const std::int64_t seen = faults.level_reads.value_or(level_);
  if (!filling_ && !faults.no_autofill && seen <= shape_.start) {
    filling_ = true;
    ++fills_;
  } else if (filling_ && seen >= shape_.stop) {
    filling_ = false;
  }
  const bool flows = faults.valve_stuck_open || (filling_ && !lid_open());
  if (flows && !faults.no_refill) level_ += shape_.flow * kStepS / 60 * faults.flow_percent / 100;
  // The lid, in the working hours of a day.
  const std::int64_t hour = since_.seconds() / 3600 % 24;
  if (lid_left_ > 0) {
    --lid_left_;
  } else if (shape_.lids_a_day > 0 && hour >= 8 && hour < 18 &&
             prng_.chance(static_cast<std::uint64_t>(shape_.lids_a_day), 3'600)) {
    lid_left_ = static_cast<int>(shape_.lid_for.seconds() / kStepS);
  }
  // Towards half as much again as one opening brings, however many there are.
  lid_warmth_ += lid_open() ? (shape_.lid_rise * 3 / 2 - lid_warmth_) * kStepS /
                                  std::max<std::int64_t>(60, shape_.lid_for.seconds())
                            : -lid_warmth_ * kStepS / 2'400;
  chill_ +=
      filling_ && !faults.no_refill ? (-6'000 - chill_) * kStepS / 900 : -chill_ * kStepS / 9'000;
  warmed_rest_ += faults.warming * kStepS;
  warmed_ += warmed_rest_ / 3'600;
  warmed_rest_ %= 3'600;
  const std::int64_t every = shape_.every.seconds();
  if (since_.seconds() % std::max<std::int64_t>(kStepS, every) != 0) return false;
  read();
  return true;
}

void Feeder::run(Duration length,
                 const std::function<void(const Now&, const Finding&)>& on_finding) {
  Findings out;
  const auto tell = [&] {
    for (const Finding& finding : out) on_finding(now_, finding);
    out.clear();
  };
  for (std::int64_t s = 0; s < length.seconds(); s += kStepS) {
    const bool values = tank_.step();
    now_.mono = now_.mono + seconds(kStepS);
    now_.wall = now_.wall + seconds(kStepS);
    if (dark) {
      if (values && weighed && shape_.has_weight) watch_.weight(now_, tank_.weight(), out);
      tell();
      continue;
    }
    if (tank_.lid_open() != lid_) {
      lid_ = tank_.lid_open();
      watch_.lid(now_, lid_);
    }
    if (tank_.valve_open() != valve_ || !told_) {
      valve_ = tank_.valve_open();
      if (shape_.valve_told && (valve_ || shape_.end_told)) watch_.valve(now_, valve_, out);
      told_ = true;
    }
    if (values) {
      watch_.level(now_, tank_.level(), out);
      if (shape_.has_weight && weighed) watch_.weight(now_, tank_.weight(), out);
      watch_.top(now_, tank_.top(), out);
      watch_.bottom(now_, tank_.bottom(), out);
    }
    if (watch_.next_deadline() <= now_.mono) watch_.on_deadline(now_, out);
    tell();
  }
}

TankSetup setup_of(const TankShape& shape) {
  TankSetup setup;
  setup.fill = {Milli{shape.start}, Milli{shape.stop}, Milli{shape.stop + 25'000}, true,
                shape.end_told};
  return setup;
}

WatchedTank::WatchedTank(const TankShape& shape, std::uint64_t seed)
    : tank(shape, seed), watch(setup_of(shape)), feeder(tank, watch, shape) {}

void WatchedTank::run(Duration length) {
  feeder.run(length, [&](const Now&, const Finding& finding) {
    if (finding.condition == "lid-warmth") return;  // explains, and is no alarm
    int& stood = stage_[finding.condition];
    const bool begins = finding.stage > stood;
    stood = finding.stage;
    if (!begins) return;
    ++raised[finding.condition];
    texts += cat(tank.since_start().seconds() / 60, " min ", finding.condition, ": ", finding.text,
                 "\n");
  });
}

bool WatchedTank::stands(const std::vector<std::string_view>& conditions) const {
  return std::ranges::any_of(conditions,
                             [this](std::string_view name) { return watch.book().stands(name); });
}

std::optional<Duration> WatchedTank::until(const std::vector<std::string_view>& conditions,
                                           Duration most, Duration step) {
  const Duration from = tank.since_start();
  while (tank.since_start() - from < most) {
    run(step);
    if (stands(conditions)) return tank.since_start() - from;
  }
  return std::nullopt;
}

}  // namespace cryobank::detect
