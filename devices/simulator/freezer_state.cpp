// Truth, people's acts and the saved state of a freezer: the slow half of freezer.hpp.
#include <algorithm>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/simulator/command_words.hpp"
#include "devices/simulator/freezer.hpp"

namespace cryobank::simulator {

namespace {

constexpr std::string_view kFillPhases[] = {"idle", "bypassing", "filling"};

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
    TRY_ASSIGN(bool open, command.get_bool("open"));
    TRY_ASSIGN(const std::int64_t closes, close_at(command, now.ms, open));
    lid_open_ = open;
    lid_open_s_ = 0;
    lid_close_ms_ = closes;
    return {};
  }
  if (verb == "level") {
    TRY_ASSIGN(Milli mm, command.get_milli("mm"));
    tank_.set_level(mm);
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
  out.set("tank", tank_.save()).set("phase", kFillPhases[static_cast<std::size_t>(phase_)]);
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
  RowReader in(config_.id.str(), saved);
  if (const Status tank = tank_.restore(in.object("tank")); !tank && in.ok()) return tank;
  const auto phase = std::ranges::find(kFillPhases, in.text("phase"));
  if (phase == std::end(kFillPhases)) in.refuse("phase", "a phase of a fill");
  if (phase != std::end(kFillPhases)) phase_ = static_cast<Phase>(phase - std::begin(kFillPhases));
  bypass_left_s_ = in.number("bypass_left_s", RowReader::kLeast);
  fill_s_ = in.number("fill_s", RowReader::kLeast);
  rest_s_ = in.number("rest_s", RowReader::kLeast);
  fill_disabled_ = in.flag("fill_disabled");
  fill_time_alarm_ = in.flag("fill_time_alarm");
  lid_open_ = in.flag("lid_open");
  lid_close_ms_ = in.number("lid_close_ms", -1);
  lid_open_s_ = in.number("lid_open_s", RowReader::kLeast);
  battery_s_ = in.number("battery_s", RowReader::kLeast);
  fill_start_ = in.number("fill_start", RowReader::kLeast);
  fill_stop_ = in.number("fill_stop", RowReader::kLeast);
  alarm_temperature_high_ = in.number("alarm_temperature_high", RowReader::kLeast);
  alarm_level_low_ = in.number("alarm_level_low", RowReader::kLeast);
  alarm_level_high_ = in.number("alarm_level_high", RowReader::kLeast);
  fill_command_ = in.number("fill_command", RowReader::kLeast);
  fixed_ = restore_fixed(in, "fixed");
  forget_probes();
  return in.status();
}

}  // namespace cryobank::simulator
