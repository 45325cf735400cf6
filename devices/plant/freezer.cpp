#include "devices/plant/freezer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "devices/line/register_codec.hpp"

namespace cryobank::devices {
namespace {

constexpr Duration kSampleEvery = minutes(10);
constexpr Duration kDay = hours(24);
constexpr std::size_t kDaysLearned = 14;

// Evaporation against what was learned, in percent, with hysteresis. On a year of a real tank these
// two limits give no false alarm (level_trend.hpp).
constexpr std::int64_t kDoubled = 200;
constexpr std::int64_t kDoubledEnds = 170;
constexpr std::int64_t kRaised = 150;
constexpr std::int64_t kRaisedEnds = 135;
// Falling fast: five times the usual within one hour, and at least two steps of a coarse sensor.
constexpr std::int64_t kFast = 5;
constexpr Milli kFastLeast{10000};

// Envelope of the top probe around its quiet value, thousandths of Cel (the same year of data:
// quiet sd 0.4 to 1.8; after a lid opening of up to 30 s at most +10, above +17; after a fill -16
// within 2 h, then -9, -6, -4, -3, -2 in steps of two hours).
constexpr std::int64_t kNoise = 6000;
constexpr Duration kLidWindow = hours(2);
constexpr Duration kUnusualFor = minutes(15);
constexpr std::array<std::int64_t, 6> kOvershoot = {16000, 9000, 6000, 4000, 3000, 2000};
constexpr std::size_t kQuietSamples = 36;
constexpr std::size_t kQuietLeast = 6;

constexpr std::array<std::pair<std::string_view, FreezerPoint>, 10> kPoints = {{
    {"level", FreezerPoint::level},
    {"temperature-top", FreezerPoint::temperature_top},
    {"temperature-bottom", FreezerPoint::temperature_bottom},
    {"lid", FreezerPoint::lid},
    {"fill-valve", FreezerPoint::fill_valve},
    {"bypass-valve", FreezerPoint::bypass_valve},
    {"fill-disabled", FreezerPoint::fill_disabled},
    {"controller-alarms", FreezerPoint::controller_alarms},
    {"fill-start", FreezerPoint::fill_start},
    {"fill-stop", FreezerPoint::fill_stop},
}};

std::int64_t lid_rise(Duration open_for) {
  if (open_for <= seconds(30)) return 10000;
  return open_for <= minutes(2) ? 17000 : 20000;
}

FillLimits limits_of(const config::AlarmLimits& limits) {
  const Milli high =
      limits.level_high_warn.v != 0 ? limits.level_high_warn : limits.fill_stop + whole(25);
  return {limits.fill_start, limits.fill_stop, high};
}

std::optional<bool> as_bool(const Reading& reading) {
  if (!reading.value) return std::nullopt;
  return reading.value->v != 0;
}

void set_rate(Json& json, std::string_view key, std::optional<Milli> rate) {
  json.set(key, rate ? Json(*rate) : Json());
}

}  // namespace

FreezerPoint freezer_point(std::string_view id) {
  for (const auto& [name, point] : kPoints) {
    if (name == id) return point;
  }
  return FreezerPoint::other;
}

Freezer::Freezer(DeviceIndex device, const config::DeviceConfig& config,
                 const config::DeviceProfile& profile)
    : device_(device),
      alarms_point_(profile.find("controller-alarms")),
      book_(device),
      fills_(config.id.str(), limits_of(config.limits)),
      trend_(kSampleEvery, kDay + hours(1)) {}

void Freezer::observe(Now now, FreezerPoint point, const Reading& reading, ModelOutputs out) {
  switch (point) {
    case FreezerPoint::level:
      level_ = reading.value;
      take_level(now, out);
      break;
    case FreezerPoint::temperature_top:
      top_ = reading.value;
      if (top_) take_top(now, *top_, out);
      break;
    case FreezerPoint::temperature_bottom:
      bottom_ = reading.value;
      break;
    case FreezerPoint::lid:
      if (reading.value) take_lid(now, reading.value->v != 0);
      break;
    case FreezerPoint::fill_valve:
      fills_.valve(now, as_bool(reading));
      fills_.check(now, book_, out);
      break;
    case FreezerPoint::bypass_valve:
      if (reading.value) fills_.bypass(now, reading.value->v != 0);
      break;
    case FreezerPoint::fill_disabled:
      disabled_ = as_bool(reading);
      if (disabled_) {
        book_.set("fill-disabled", *disabled_,
                  *disabled_ ? "the controller refuses fills until a person resets it" : "enabled",
                  out.conditions);
      }
      break;
    case FreezerPoint::controller_alarms:
      if (reading.value && alarms_point_ != nullptr) {
        const bool any = reading.value->v != 0;
        Decoded decoded;
        decoded.quality = Quality::good;
        decoded.value = reading.value;
        book_.set("controller-alarm", any,
                  any ? cat("the controller reports: ", show(*alarms_point_, decoded)) : "none",
                  out.conditions);
      }
      break;
    case FreezerPoint::fill_start:
      fill_start_ = reading.value;
      break;
    case FreezerPoint::fill_stop:
      fill_stop_ = reading.value;
      break;
    case FreezerPoint::other:
      break;
  }
}

void Freezer::on_deadline(Now now, ModelOutputs out) { fills_.check(now, book_, out); }

void Freezer::take_lid(Now now, bool open) {
  if (open) {
    if (!lid_opened_) lid_opened_ = now.mono;
  } else if (lid_opened_) {
    lid_open_for_ = now.mono - *lid_opened_;
    lid_closed_ = now.mono;
    lid_opened_.reset();
  }
}

void Freezer::take_level(Now now, ModelOutputs out) {
  fills_.level(now, level_);
  fills_.check(now, book_, out);
  if (!level_) return trend_.interrupt();
  if (!trend_.observe(now.mono, *level_, fills_.quiet(now))) return;
  const auto usual = median_of(daily_falls_, 1);
  const auto judge = [&](std::string_view name, std::optional<Milli> fall, std::int64_t above,
                         std::int64_t below, std::string_view window) {
    if (!usual || !fall || *usual <= 0) return;
    const std::int64_t percent = fall->v * 100 / *usual;
    if (percent < above && percent >= below && book_.active(name)) return;
    book_.set(name, percent >= above,
              cat("evaporation ", format_milli(*fall), " mm/d over ", window, ", usual ",
                  format_milli(Milli{*usual}), " mm/d"),
              out.conditions);
  };
  judge("evaporation-doubled", trend_.fall_per_day(hours(12)), kDoubled, kDoubledEnds, "12 h");
  judge("evaporation-raised", trend_.fall_per_day(kDay), kRaised, kRaisedEnds, "24 h");
  if (const auto fall = trend_.fallen_within(hours(1)); fall && usual) {
    const Milli limit{std::max(kFastLeast.v, *usual * kFast / 24)};
    book_.set("level-falling-fast", *fall >= limit,
              cat("the level fell by ", format_milli(*fall), " mm within an hour"), out.conditions);
  }
  learn_day();
}

// One lesson a day, and none from a tank that is just losing more than it should.
void Freezer::learn_day() {
  if (trend_.quiet_time() - learned_at_ < kDay) return;
  const auto fall = trend_.fall_per_day(kDay);
  if (!fall || fall->v <= 0) return;
  learned_at_ = trend_.quiet_time();
  if (book_.active("evaporation-raised") || book_.active("evaporation-doubled")) return;
  daily_falls_.push_back(fall->v);
  if (daily_falls_.size() > kDaysLearned) daily_falls_.erase(daily_falls_.begin());
}

void Freezer::take_top(Now now, Milli top, ModelOutputs out) {
  if (context(now).empty() && now.mono - quiet_sampled_ >= kSampleEvery &&
      !book_.active("temperature-unusual")) {
    quiet_sampled_ = now.mono;
    quiet_tops_.push_back(top.v);
    if (quiet_tops_.size() > kQuietSamples) quiet_tops_.pop_front();
    const auto middle = median_of({quiet_tops_.begin(), quiet_tops_.end()}, kQuietLeast);
    if (middle) quiet_top_ = Milli{*middle};
  }
  const auto expected = expected_top(now);
  if (!expected) return;
  if (top <= expected->high) {
    unusual_since_.reset();
    book_.set("temperature-unusual", false, cat("top ", format_milli(top), " Cel"), out.conditions);
    return;
  }
  if (!unusual_since_) unusual_since_ = now.mono;
  if (now.mono - *unusual_since_ < kUnusualFor) return;
  book_.set("temperature-unusual", true,
            cat("top ", format_milli(top), " Cel, expected ", format_milli(expected->low), " to ",
                format_milli(expected->high), " Cel just now"),
            out.conditions);
}

std::optional<Freezer::Expected> Freezer::expected_top(Now now) const {
  if (!quiet_top_) return std::nullopt;
  Expected expected{*quiet_top_ - Milli{kNoise}, *quiet_top_ + Milli{kNoise}};
  if (lid_opened_) {
    expected.high = expected.high + Milli{lid_rise(now.mono - *lid_opened_)};
  } else if (lid_closed_ && now.mono - *lid_closed_ < kLidWindow) {
    expected.high = expected.high + Milli{lid_rise(lid_open_for_)};
  }
  if (const auto since = fills_.since_fill(now)) {
    const auto step = static_cast<std::size_t>(since->seconds() / hours(2).seconds());
    if (step < kOvershoot.size()) expected.low = expected.low - Milli{kOvershoot[step]};
  }
  return expected;
}

std::vector<std::string> Freezer::context(Now now) const {
  std::vector<std::string> words;
  if (lid_opened_) words.emplace_back("lid-open");
  if (!lid_opened_ && lid_closed_ && now.mono - *lid_closed_ < kLidWindow) {
    words.emplace_back("after-lid");
  }
  if (fills_.filling()) words.emplace_back("filling");
  const auto since = fills_.since_fill(now);
  const auto settles = hours(2) * static_cast<std::int64_t>(kOvershoot.size());
  if (!fills_.filling() && since && *since < settles) words.emplace_back("after-fill");
  return words;
}

void Freezer::add_fill_reasons(std::vector<InterlockReason>& reasons) const {
  const Milli high = fills_.limits().high;
  if (!level_) {
    reasons.push_back({Interlock::level_unknown, "its level is unknown"});
  } else if (*level_ >= high) {
    reasons.push_back(
        {Interlock::level_high, cat("its level ", format_milli(*level_), " mm is at or above ",
                                    format_milli(high), " mm")});
  }
  if (disabled_.value_or(false)) {
    reasons.push_back({Interlock::fill_disabled, "its controller has filling disabled"});
  }
}

std::optional<Milli> Freezer::evaporation() const {
  if (const auto day = trend_.fall_per_day(kDay)) return day;
  if (const auto usual = median_of(daily_falls_, 1)) return Milli{*usual};
  return std::nullopt;
}

std::optional<Duration> Freezer::time_to_dry() const {
  const auto fall = evaporation();
  if (!level_ || !fall || fall->v <= 0) return std::nullopt;
  return seconds(level_->v * kDay.seconds() / fall->v);
}

std::optional<Duration> Freezer::time_to_fill_start() const {
  const auto fall = evaporation();
  if (!level_ || !fall || fall->v <= 0) return std::nullopt;
  const Milli above = *level_ - fill_start_.value_or(fills_.limits().start);
  return seconds(std::max<std::int64_t>(above.v, 0) * kDay.seconds() / fall->v);
}

Json Freezer::describe(Now now) const {
  Json json = Json::object();
  Json words = Json::array();
  for (std::string& word : context(now)) words.push(std::move(word));
  json.set("context", std::move(words));
  json.set("filling", fills_.filling());
  if (const auto expected = expected_top(now)) {
    json.set("expected_top", Json::array().push(expected->low).push(expected->high));
  }
  set_rate(json, "evaporation_12h", trend_.fall_per_day(hours(12)));
  set_rate(json, "evaporation_24h", trend_.fall_per_day(kDay));
  const auto usual = median_of(daily_falls_, 1);
  set_rate(json, "evaporation_usual", usual ? std::optional(Milli{*usual}) : std::nullopt);
  const auto dry = time_to_dry();
  json.set("dry_in_h", dry ? Json(dry->seconds() / 3600) : Json());
  const auto start = time_to_fill_start();
  json.set("fill_start_in_h", start ? Json(start->seconds() / 3600) : Json());
  const auto interval = fills_.record().usual_interval();
  const auto takes = fills_.record().usual_duration();
  json.set("fill_interval_h", interval ? Json(interval->seconds() / 3600) : Json());
  json.set("fill_takes_min", takes ? Json(takes->seconds() / 60) : Json());
  const auto last = fills_.record().last_end();
  json.set("last_fill", last ? Json(format_utc(*last)) : Json());
  json.set("next_fill", last && interval ? Json(format_utc(*last + *interval)) : Json());
  return json;
}

Json Freezer::memory() const {
  Json json = Json::object();
  json.set("fills", fills_.record().memory());
  Json falls = Json::array();
  for (const std::int64_t fall : daily_falls_) falls.push(fall);
  json.set("falls", std::move(falls));
  return json;
}

void Freezer::recall(const Json& memory) {
  fills_.record().recall(memory["fills"]);
  daily_falls_.clear();
  if (!memory["falls"].is_array()) return;
  for (const Json& fall : memory["falls"].items()) {
    if (fall.is_integer() && daily_falls_.size() < kDaysLearned) {
      daily_falls_.push_back(fall.integer());
    }
  }
}

}  // namespace cryobank::devices
