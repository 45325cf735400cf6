#include "service/core/machine_desk.hpp"

#include <utility>

#include "base/json_time.hpp"
#include "base/text.hpp"

namespace cryobank::core {
namespace {

bool is_empty(const devices::FleetOutputs& out) {
  return out.requests.empty() && out.readings.empty() && out.states.empty() &&
         out.conditions.empty() && out.robot_events.empty() && out.writes.empty() &&
         out.acts.empty() && out.changed.empty();
}

FactName fact_of(devices::WriteOutcome::Kind kind) {
  switch (kind) {
    case devices::WriteOutcome::Kind::confirmed:
      return fact::kWriteConfirmed;
    case devices::WriteOutcome::Kind::refused:
      return fact::kWriteRefused;
    case devices::WriteOutcome::Kind::unknown:
      return fact::kWriteUnknown;
  }
  return fact::kWriteUnknown;
}

}  // namespace

MachineDesk::MachineDesk(Bank& bank, Points& points, Retained& retained, Recorder& recorder,
                         AlarmDesk& alarms, CommandFlow& commands, JobRunner& jobs, WarmWatch& warm)
    : bank_(bank),
      points_(points),
      retained_(retained),
      recorder_(recorder),
      alarms_(alarms),
      commands_(commands),
      jobs_(jobs),
      warm_(warm) {}

bool MachineDesk::drain(const Now& now, Effects& effects) {
  if (is_empty(bank_.fleet_out)) return false;
  taken_.clear();
  std::swap(taken_, bank_.fleet_out);
  for (devices::LineRequest& request : taken_.requests) {
    effects.push_back(SendLine{std::move(request)});
  }
  commands_.on_readings(taken_.readings, effects);
  for (const devices::Reading& reading : taken_.readings) {
    points_.on_reading(now, reading);
    alarms_.on_reading(now, reading);
    warm_.on_reading(now, reading);
  }
  for (const devices::DeviceStateChange& change : taken_.states) {
    on_state(now, change);
    log_state(change, effects);
  }
  for (const devices::DeviceCondition& seen : taken_.conditions) alarms_.on_condition(now, seen);
  for (const devices::RobotEvent& event : taken_.robot_events) {
    jobs_.on_event(now, event, effects);
  }
  for (const devices::WriteOutcome& outcome : taken_.writes) on_write(outcome);
  for (const devices::DeviceAct& act : taken_.acts) commands_.act(now, act);
  for (const devices::DeviceIndex device : taken_.changed) on_changed(now, device);
  return true;
}

void MachineDesk::on_state(const Now& now, const devices::DeviceStateChange& change) {
  const std::string& id = bank_.config.devices[change.device.value].id.str();
  retained_.mark(TopicKind::device_state, id);
  alarms_.on_state(now, change);
  Json data = Json::object();
  data.set("device", id);
  data.set("state", name_of(change.state));
  data.set("last_ok", time_or_null(change.last_ok));
  if (!change.reason.empty()) data.set("reason", change.reason);
  NoteWork note;
  note.facts.push_back({fact::kDeviceStateChanged, std::move(data)});
  recorder_.add(std::move(note));
}

void MachineDesk::log_state(const devices::DeviceStateChange& change, Effects& effects) const {
  const bool well = change.state == DeviceState::online;
  const std::string& id = bank_.config.devices[change.device.value].id.str();
  log(effects, well ? LogLevel::info : LogLevel::warning,
      cat("device ", id, " is ", name_of(change.state),
          well || change.reason.empty() ? "" : cat(": ", change.reason)));
}

void MachineDesk::on_changed(const Now& now, devices::DeviceIndex device) {
  alarms_.on_model(now, device);
  const std::string& id = bank_.config.devices[device.value].id.str();
  retained_.mark(TopicKind::device_model, id);
  for (const std::string& point : retained_.targets_of(device)) {
    retained_.mark(TopicKind::device_target, id, point);
  }
}

void MachineDesk::on_write(const devices::WriteOutcome& outcome) {
  const std::string& id = bank_.config.devices[outcome.device.value].id.str();
  const config::Point& point = bank_.fleet.profile(outcome.device).points[outcome.point.value];
  retained_.mark(TopicKind::device_target, id, point.id.str());
  commands_.on_write(outcome);
  Json data = Json::object();
  data.set("device", id);
  data.set("point", point.id.str());
  data.set("by_command", outcome.command);
  data.set("wanted", outcome.wanted);
  data.set("reason", outcome.reason);
  NoteWork note;
  note.facts.push_back({fact_of(outcome.kind), std::move(data)});
  recorder_.add(std::move(note));
}

}  // namespace cryobank::core
