// Truth, people's acts and the saved state of a freezer: the slow half of freezer.hpp.
#include "base/text.hpp"
#include "devices/simulator/freezer.hpp"

namespace cryobank::simulator {

namespace {

constexpr std::string_view kPhases[] = {"idle", "bypassing", "filling"};

}  // namespace

Result<Milli> Freezer::truth(std::string_view quantity) const {
  if (quantity == "level") return tank_.level();
  if (quantity == "temperature-top") return tank_.top();
  if (quantity == "temperature-bottom") return tank_.bottom();
  if (quantity == "lid") return whole(lid_open_ ? 1 : 0);
  if (quantity == "fill-valve") return whole(valve_passes() ? 1 : 0);
  if (quantity == "filling") return whole(phase_ == Phase::idle ? 0 : 1);
  if (quantity == "fill-disabled") return whole(fill_disabled_ ? 1 : 0);
  if (quantity == "fill-start") return Milli{fill_start_};
  if (quantity == "fill-stop") return Milli{fill_stop_};
  if (quantity == "boil-off") return Milli{tank_.boil_off_nl_day() / 1'000'000};
  return make_error(ErrorCode::unknown_key,
                    cat("freezer ", config_.id.str(), " knows level, temperature-top, ",
                        "temperature-bottom, lid, fill-valve, filling, fill-disabled, fill-start, ",
                        "fill-stop, boil-off; came \"", clip(quantity, 40), "\""));
}

Status Freezer::act(const SimTime& now, std::string_view verb, const Json& command) {
  now_ = now;
  forget_probes();
  if (verb == "lid") {
    Result<bool> open = command.get_bool("open");
    if (!open) return open.error();
    lid_open_ = *open;
    lid_open_s_ = 0;
    const std::int64_t seconds = command.integer_or("seconds", 0);
    lid_close_ms_ = lid_open_ && seconds > 0 ? now.ms + seconds * 1000 : -1;
    return {};
  }
  if (verb == "level") {
    Result<Milli> mm = command.get_milli("mm");
    if (!mm) return mm.error();
    tank_.set_level(*mm);
    return {};
  }
  if (verb == "reset") {  // the button at the panel
    fill_disabled_ = false;
    fill_time_alarm_ = false;
    return {};
  }
  if (verb == "set") return set_fixed(map_.profile(), fixed_, command);
  return make_error(ErrorCode::unknown_key,
                    cat("a freezer knows lid, level, reset, set; came \"", clip(verb, 40), "\""));
}

void Freezer::faults_changed(const SimTime& now) {
  now_ = now;
  forget_probes();
}

Json Freezer::save() const {
  Json out;
  out.set("tank", tank_.save()).set("phase", kPhases[static_cast<std::size_t>(phase_)]);
  out.set("bypass_left_s", bypass_left_s_).set("fill_s", fill_s_).set("rest_s", rest_s_);
  out.set("fill_disabled", fill_disabled_).set("fill_time_alarm", fill_time_alarm_);
  out.set("lid_open", lid_open_).set("lid_close_ms", lid_close_ms_).set("lid_open_s", lid_open_s_);
  out.set("battery_s", battery_s_);
  out.set("fill_start", fill_start_).set("fill_stop", fill_stop_);
  out.set("alarm_temperature_high", alarm_temperature_high_);
  out.set("alarm_level_low", alarm_level_low_).set("alarm_level_high", alarm_level_high_);
  out.set("fill_command", fill_command_).set("fixed", save_fixed(fixed_));
  return out;
}

Status Freezer::restore(const Json& saved) {
  tank_.restore(saved["tank"]);
  const std::string phase = saved.string_or("phase", "idle");
  for (std::size_t i = 0; i < std::size(kPhases); ++i) {
    if (phase == kPhases[i]) phase_ = static_cast<Phase>(i);
  }
  bypass_left_s_ = saved.integer_or("bypass_left_s", 0);
  fill_s_ = saved.integer_or("fill_s", 0);
  rest_s_ = saved.integer_or("rest_s", 0);
  fill_disabled_ = saved.bool_or("fill_disabled", false);
  fill_time_alarm_ = saved.bool_or("fill_time_alarm", false);
  lid_open_ = saved.bool_or("lid_open", false);
  lid_close_ms_ = saved.integer_or("lid_close_ms", -1);
  lid_open_s_ = saved.integer_or("lid_open_s", 0);
  battery_s_ = saved.integer_or("battery_s", 0);
  fill_start_ = saved.integer_or("fill_start", fill_start_);
  fill_stop_ = saved.integer_or("fill_stop", fill_stop_);
  alarm_temperature_high_ = saved.integer_or("alarm_temperature_high", alarm_temperature_high_);
  alarm_level_low_ = saved.integer_or("alarm_level_low", alarm_level_low_);
  alarm_level_high_ = saved.integer_or("alarm_level_high", alarm_level_high_);
  fill_command_ = saved.integer_or("fill_command", 0);
  fixed_ = restore_fixed(saved["fixed"]);
  forget_probes();
  return {};
}

}  // namespace cryobank::simulator
