#include "devices/detect/tank_watch.hpp"

#include <algorithm>
#include <utility>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::detect {
namespace {

constexpr Duration kLidLately = hours(2);  // openings closer together add up
constexpr Duration kLidFades = hours(6);   // from then on nothing of it is left that is seen
constexpr Milli kDryLevel = whole(10);
// A lid whose closing was never told is taken as closed: no lid stays open for so long unnoticed.
constexpr Duration kLidForgotten = hours(12);
constexpr Duration kLidUsual = minutes(2);  // of an opening whose end nobody tells, for what boils
constexpr int kApartDays = 2;
constexpr Duration kRecalledFor = hours(1);

ProbeWatch probes_of(const TankSetup& setup) {
  ProbeWatch probes;
  probes.top_pace() = Pace(setup.top);
  probes.bottom_pace() = Pace(setup.bottom);
  return probes;
}

}  // namespace

TankWatch::TankWatch(const TankSetup& setup)
    : lid_end_told_(setup.lid_end_told),
      level_pace_(setup.level),
      weight_pace_(setup.weight),
      fills_(setup.fill),
      falls_(level_scale()),
      weights_(weight_scale()),
      probes_(probes_of(setup)) {}

TankContext TankWatch::context(Now now) const {
  TankContext context;
  if (lid_opened_ && now.mono - *lid_opened_ < kLidForgotten) {
    context.lid_open = true;
    const bool burst = lid_closed_ && *lid_opened_ - *lid_closed_ < kLidLately;
    context.opened = now.mono - *lid_opened_;
    context.lid_open_for = (burst ? lid_open_for_ : Duration{}) + context.opened;
  } else if (lid_closed_) {
    context.lid_open_for = lid_open_for_;
    if (now.mono - *lid_closed_ < kLidFades) context.since_lid = now.mono - *lid_closed_;
  }
  context.since_fill = fills_.since_fill(now);
  context.dry = is_dry();
  return context;
}

void TankWatch::level(Now now, std::optional<Milli> value, Findings& out) {
  look_at_lid(now);
  level_ = value;
  if (!value) {
    level_pace_.interrupt();
    falls_.interrupt();
    fills_.level(now, value, level_pace_);
    return look_at_fills(now, out);
  }
  level_pace_.observe(now.mono, *value);
  fills_.level(now, value, level_pace_);
  look_at_fills(now, out);
  const bool frozen = is_frozen(now, level_pace_);
  book_.set(now, "level-frozen", frozen ? 1 : 0,
            frozen ? cat("level shows ", format_milli(*value), " mm unchanged for ",
                         (now.mono - *level_pace_.run_since()).seconds() / 60, " min")
                   : std::string("it moves"),
            out);
  const FallContext context{fills_.gaining(level_pace_), fills_.settling(now, level_pace_),
                            this->context(now).lid_open, lid_total(now), is_dry()};
  falls_.observe(now, *value, level_pace_, context, book_, out);
  follow_drain(now, out);
  if (const auto day = falls_.take_last_day()) level_day_ = day;
  compare_contents(now, out);
}

void TankWatch::weight(Now now, std::optional<Milli> value, Findings& out) {
  weight_ = value;
  if (!value) {
    weight_pace_.interrupt();
    return weights_.interrupt();
  }
  has_weight_ = true;
  weight_pace_.observe(now.mono, *value);
  const FallContext context{fills_.gaining(level_pace_), fills_.settling(now, weight_pace_),
                            this->context(now).lid_open, lid_total(now), is_dry()};
  weights_.observe(now, *value, weight_pace_, context, book_, out);
  if (const auto day = weights_.take_last_day()) weight_day_ = day;
  compare_contents(now, out);
}

bool TankWatch::is_dry() const { return level_ && *level_ <= kDryLevel; }

// A tank that ran dry stands still, and warms by what took its liquid. Nor does a restart leave it
// more time: what was known of it holds until this run had time to see whether it still falls.
void TankWatch::follow_drain(Now now, Findings& out) {
  const bool fast = book_.stands("level-falling-fast");
  if (std::exchange(recalled_, false)) recalled_until_ = now.mono + kRecalledFor;
  if (fast) {
    draining_ = std::max(draining_, falls_.falling_per_day());
  } else if (!is_dry() && (!recalled_until_ || now.mono >= *recalled_until_)) {
    draining_.reset();
  }
  if (!fast || !is_dry()) return;
  book_.set(now, "level-falling-fast", book_.stage("level-falling-fast"),
            cat("its liquid is gone: level ", format_milli(Milli{level_->v / 100 * 100}), " mm"),
            out);
}

// Level and scale see the same liquid. Two days on which one says half of the other: one is wrong.
void TankWatch::compare_contents(Now now, Findings& out) {
  if (!level_day_ || !weight_day_) return;
  const auto mm = falls_.usual_per_day();
  const auto kg = weights_.usual_per_day();
  const std::int64_t level_day = std::exchange(level_day_, std::nullopt)->v;
  const std::int64_t weight_day = std::exchange(weight_day_, std::nullopt)->v;
  if (!mm || !kg || mm->v <= 0) return;
  const std::int64_t expected = level_day * kg->v / mm->v;
  const std::int64_t off = expected > weight_day ? expected - weight_day : weight_day - expected;
  const bool apart = off > std::max<std::int64_t>(2'000, std::max(expected, weight_day) / 2);
  apart_days_ = apart ? apart_days_ + 1 : 0;
  book_.set(
      now, "level-weight-apart", apart_days_ >= kApartDays ? 1 : 0,
      cat("the level fell by ", format_milli(Milli{level_day / 100 * 100}),
          " mm in a day and the weight by ", format_milli(Milli{weight_day / 100 * 100}), " kg"),
      out);
}

void TankWatch::top(Now now, std::optional<Milli> value, Findings& out) {
  look_at_lid(now);
  probes_.top(now, value, context(now), book_, out);
}

void TankWatch::bottom(Now now, std::optional<Milli> value, Findings& out) {
  probes_.bottom(now, value, book_, out);
}

void TankWatch::lid(Now now, bool open) {
  if (open) look_at_lid(now);  // the one before is over
  fills_.lid(now, open);
  if (open) {
    if (!lid_opened_) lid_opened_ = now.mono;
  } else if (lid_opened_) {
    close_lid(lid_end_told_ ? now.mono : std::min(now.mono, *lid_opened_ + kLidAssumed));
  }
}

// Openings of a burst add up: the tank had no time to recover between them.
void TankWatch::close_lid(Instant at) {
  const bool burst = lid_closed_ && *lid_opened_ - *lid_closed_ < kLidLately;
  lid_open_for_ = (burst ? lid_open_for_ : Duration{}) + (at - *lid_opened_);
  lid_total_ = lid_total_ + counted_open(at);
  lid_closed_ = at;
  lid_opened_.reset();
}

// Of the opening that goes on. Nobody leaves a lid open for as long as one counts for temperature
// that is never told to close.
Duration TankWatch::counted_open(Instant at) const {
  const Duration open = at - *lid_opened_;
  return lid_end_told_ ? std::min(open, kLidForgotten) : std::min(open, kLidUsual);
}

Duration TankWatch::lid_total(Now now) const {
  return lid_opened_ ? lid_total_ + counted_open(now.mono) : lid_total_;
}

// Of a lid whose closing is never told, once its time is over.
void TankWatch::look_at_lid(Now now) {
  if (lid_end_told_ || !lid_opened_ || now.mono - *lid_opened_ < kLidAssumed) return;
  lid(now, false);
}

void TankWatch::valve(Now now, std::optional<bool> open, Findings& out) {
  fills_.valve(now, open);
  look_at_fills(now, out);
}

void TankWatch::look_at_fills(Now now, Findings& out) {
  std::string wish = fills_.check(now, level_pace_, book_, out);
  if (!wish.empty()) stop_wish_ = std::move(wish);
}

void TankWatch::on_deadline(Now now, Findings& out) { look_at_fills(now, out); }

std::string TankWatch::take_stop_wish() { return std::exchange(stop_wish_, std::string()); }

std::optional<TimeToLoss> TankWatch::lasts() const {
  auto falling = falls_.falling_per_day();
  if (is_dry() || !book_.stands("level-falling-fast")) falling = std::max(falling, draining_);
  return time_to_loss({level_, falling, falls_.usual_per_day(), probes_.top_now(),
                       probes_.warming(), probes_.top_unexplained()});
}

bool TankWatch::losing() const {
  for (const char* const condition : {"level-falling-fast", "weight-falling-fast", "fill-missed",
                                      "fill-not-rising", "fill-too-long", "fill-not-started"}) {
    if (book_.stands(condition)) return true;
  }
  if (draining_) return true;  // now, or when this run began
  const auto left = lasts();
  if (left && left->to_130.high_s == 0) return true;
  const auto top = probes_.top_now();
  return probes_.warming() && top && top->v > -160'000;
}

std::optional<Duration> TankWatch::time_to_dry() const {
  const auto fall = falls_.falling_per_day();
  if (!level_ || !fall || fall->v <= 0) return std::nullopt;
  return seconds(level_->v * hours(24).seconds() / fall->v);
}

Json TankWatch::memory() const {
  Json json = Json::object();
  json.set("fills", fills_.record().memory()).set("falls", falls_.memory());
  if (has_weight_) json.set("weights", weights_.memory());
  if (Json probes = probes_.memory(); !probes.is_null()) json.set("probes", std::move(probes));
  if (draining_) json.set("draining", *draining_);
  if (Json fill = fills_.under_way(); !fill.is_null()) json.set("fill", std::move(fill));
  return json;
}

Status TankWatch::recall(std::string_view what, const Json& memory) {
  RowReader in(what, memory);
  const Json& fills = in.object("fills");
  const Json& falls = in.object("falls");
  const Json* weights = in.maybe_object("weights");
  const Json* probes = in.maybe_object("probes");
  const auto draining = in.maybe_milli("draining");
  const Json* fill = in.maybe_object("fill");
  TRY(in.end());
  draining_ = draining;
  recalled_ = draining.has_value();
  Status read = fills_.record().recall(cat(what, ", fills"), fills);
  if (read) read = falls_.recall(cat(what, ", falls"), falls);
  if (read && fill != nullptr) read = fills_.recall_under_way(cat(what, ", fill"), *fill);
  if (read && probes != nullptr) read = probes_.recall(cat(what, ", probes"), *probes);
  if (!read || weights == nullptr) return read;
  has_weight_ = true;
  return weights_.recall(cat(what, ", weights"), *weights);
}

}  // namespace cryobank::detect
