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
// A clock of a controller: off by so much, seen so often in a row.
constexpr Duration kClockOff = minutes(5);
constexpr int kClockSeen = 3;
// Until its vapour is as it was before the last fill (detect/probe_watch.hpp).
constexpr Duration kAfterFill = hours(12);
constexpr Duration kAfterLid = hours(2);

constexpr std::array<std::pair<std::string_view, FreezerPoint>, 12> kPoints = {{
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
    {"clock", FreezerPoint::clock},
    {"weight", FreezerPoint::weight},
}};

Milli too_full(const config::AlarmLimits& limits) {
  return limits.level_high_warn.v != 0 ? limits.level_high_warn : limits.fill_stop + whole(25);
}

detect::TankSetup setup_of(const config::AlarmLimits& limits,
                           const config::DeviceProfile& profile) {
  detect::TankSetup setup;
  const bool valve_told = profile.find_meaning("fill-valve") != nullptr;
  setup.fill = {limits.fill_start, limits.fill_stop, too_full(limits), valve_told, true};
  for (const config::Point& point : profile.points) {
    const detect::DeclaredPace pace{point.every, point.step};
    switch (freezer_point(point.meaning())) {
      case FreezerPoint::level:
        setup.level = pace;
        break;
      case FreezerPoint::weight:
        setup.weight = pace;
        break;
      case FreezerPoint::temperature_top:
        setup.top = pace;
        break;
      case FreezerPoint::temperature_bottom:
        setup.bottom = pace;
        break;
      case FreezerPoint::fill_valve:
        setup.fill.end_told = point.end_told;
        break;
      case FreezerPoint::lid:
        setup.lid_end_told = point.end_told;
        break;
      default:
        break;
    }
  }
  return setup;
}

std::optional<bool> as_bool(const Reading& reading) {
  if (!reading.value) return std::nullopt;
  return reading.value->v != 0;
}

void set_rate(Json& json, std::string_view key, std::optional<Milli> rate) {
  json.set(key, rate ? Json(*rate) : Json());
}

void set_hours(Json& json, std::string_view key, std::optional<Duration> time) {
  json.set(key, time ? Json(time->seconds() / 3600) : Json());
}

}  // namespace

FreezerPoint freezer_point(std::string_view meaning) {
  for (const auto& [name, point] : kPoints) {
    if (name == meaning) return point;
  }
  return FreezerPoint::other;
}

Freezer::Freezer(DeviceIndex device, const config::DeviceConfig& config,
                 const config::DeviceProfile& profile)
    : device_(device),
      id_(config.id.str()),
      alarms_point_(profile.find_meaning("controller-alarms")),
      book_(device),
      tank_(setup_of(config.limits, profile)),
      trend_(kSampleEvery, kDay + hours(1)) {}

void Freezer::take_limits(const config::AlarmLimits& limits) {
  fills().take_limits(limits.fill_start, limits.fill_stop, too_full(limits));
}

void Freezer::observe(Now now, FreezerPoint point, const Reading& reading, ModelOutputs out) {
  switch (point) {
    case FreezerPoint::level:
      take_level(now, reading.value);
      break;
    case FreezerPoint::weight:
      tank_.weight(now, reading.value, findings_);
      break;
    case FreezerPoint::temperature_top:
      tank_.top(now, reading.value, findings_);
      break;
    case FreezerPoint::temperature_bottom:
      tank_.bottom(now, reading.value, findings_);
      break;
    case FreezerPoint::lid:
      if (reading.value) tank_.lid(now, reading.value->v != 0);
      break;
    case FreezerPoint::fill_valve:
      tank_.valve(now, as_bool(reading), findings_);
      break;
    case FreezerPoint::bypass_valve:
      if (reading.value) tank_.bypass(now, reading.value->v != 0);
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
    case FreezerPoint::clock:
      take_clock(reading.value, out);
      break;
    case FreezerPoint::other:
      break;
  }
  tell(out);
}

void Freezer::on_deadline(Now now, ModelOutputs out) {
  tank_.on_deadline(now, findings_);
  tell(out);
}

void Freezer::take_level(Now now, std::optional<Milli> level) {
  tank_.level(now, level, findings_);
  if (!level) return trend_.interrupt();
  const bool quiet = !fills().filling() && fills().since_fill(now).value_or(kDay) >= hours(4);
  trend_.observe(now.mono, *level, quiet);
}

// Seconds by which the controller is ahead of us, as the line reads it
// (devices/line/device_points.cpp). Its own stamps are never used; that it is off is told.
void Freezer::take_clock(std::optional<Milli> ahead, ModelOutputs out) {
  if (!ahead) return;
  const std::int64_t off_s = ahead->v / 1000;
  const bool off = off_s > kClockOff.seconds() || off_s < -kClockOff.seconds();
  clock_off_ = off ? clock_off_ + 1 : 0;
  if (off && clock_off_ < kClockSeen) return;
  book_.set("clock-off", off,
            off ? cat("the clock of the controller is ", off_s / 60, " min off") : "it is right",
            out.conditions);
}

void Freezer::tell(ModelOutputs out) {
  for (detect::Finding& finding : findings_) {
    DeviceCondition told{device_, std::move(finding.condition), finding.stage > 0,
                         std::move(finding.text), std::max(1, finding.stage)};
    out.conditions.push_back(std::move(told));
  }
  findings_.clear();
  std::string wish = tank_.take_stop_wish();
  if (wish.empty()) return;
  Json body = Json::object();
  body.set("device", id_);
  out.acts.push_back({"device/stop-fill", std::move(body), std::move(wish)});
}

std::vector<std::string> Freezer::context(Now now) const {
  std::vector<std::string> words;
  const detect::TankContext context = tank_.context(now);
  if (context.lid_open) words.emplace_back("lid-open");
  if (!context.lid_open && context.since_lid && *context.since_lid < kAfterLid)
    words.emplace_back("after-lid");
  if (fills().filling()) words.emplace_back("filling");
  if (!fills().filling() && context.since_fill && *context.since_fill < kAfterFill) {
    words.emplace_back("after-fill");
  }
  return words;
}

void Freezer::add_fill_reasons(std::vector<InterlockReason>& reasons) const {
  const Milli high = fills().limits().high;
  const auto level = tank_.level_now();
  if (!level) {
    reasons.push_back({Interlock::level_unknown, "its level is unknown"});
  } else if (*level >= high) {
    reasons.push_back(
        {Interlock::level_high, cat("its level ", format_milli(*level), " mm is at or above ",
                                    format_milli(high), " mm")});
  }
  if (disabled_.value_or(false)) {
    reasons.push_back({Interlock::fill_disabled, "its controller has filling disabled"});
  }
}

std::optional<Duration> Freezer::time_to_fill_start() const {
  const auto fall = evaporation();
  const auto level = tank_.level_now();
  if (!level || !fall || fall->v <= 0) return std::nullopt;
  const Milli above = *level - fill_start_.value_or(fills().limits().start);
  return seconds(std::max<std::int64_t>(above.v, 0) * kDay.seconds() / fall->v);
}

Json Freezer::describe(Now now) const {
  Json json = Json::object();
  Json words = Json::array();
  for (std::string& word : context(now)) words.push(std::move(word));
  json.set("context", std::move(words));
  json.set("filling", fills().filling());
  if (const auto expected = tank_.probes().expected_top(tank_.context(now))) {
    json.set("expected_top", Json::array().push(expected->low).push(expected->high));
  }
  set_rate(json, "evaporation_12h", trend_.fall_per_day(hours(12)));
  set_rate(json, "evaporation_24h", trend_.fall_per_day(kDay));
  set_rate(json, "evaporation_usual", tank_.falls().usual_per_day());
  set_hours(json, "dry_in_h", time_to_dry());
  set_hours(json, "fill_start_in_h", time_to_fill_start());
  const detect::FillRecord& record = fills().record();
  const auto interval = record.usual_interval();
  set_hours(json, "fill_interval_h", interval);
  const auto takes = record.usual_duration();
  json.set("fill_takes_min", takes ? Json(takes->seconds() / 60) : Json());
  const auto last = record.last_end();
  json.set("last_fill", last ? Json(format_utc(*last)) : Json());
  json.set("next_fill", last && interval ? Json(format_utc(*last + *interval)) : Json());
  const auto lasts = tank_.lasts();
  json.set("lasts", lasts ? detect::to_json(*lasts) : Json());
  return json;
}

Status Freezer::recall(std::string_view what, const Json& memory) {
  return tank_.recall(what, memory);
}

}  // namespace cryobank::devices
