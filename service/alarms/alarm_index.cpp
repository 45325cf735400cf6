#include "service/alarms/alarm_index.hpp"

namespace cryobank::alarms {
namespace {

const AlarmIndex::Set kNoAlarms;

template <class Sets>
const AlarmIndex::Set& set_in(const Sets& sets, std::string_view key) {
  const auto found = sets.find(key);
  return found == sets.end() ? kNoAlarms : found->second;
}

template <class Sets>
void take_out(Sets& sets, const std::string& key, const Alarm& alarm) {
  const auto found = sets.find(key);
  if (found == sets.end()) return;
  found->second.erase(alarm.id);
  if (found->second.empty()) sets.erase(found);
}

}  // namespace

AlarmIndex::Filed AlarmIndex::filed_as(const Alarm& alarm) {
  const bool stands = alarm.state != AlarmState::closed;
  return {alarm.device.str(), alarm.condition, stands ? alarm.cause : std::string(),
          alarm.occurrence};
}

void AlarmIndex::drop(const Alarm& alarm) {
  const auto found = filed_.find(alarm.id);
  if (found == filed_.end()) return;
  const Filed& as = found->second;
  open_.erase(alarm.id);
  take_out(by_device_, as.device, alarm);
  take_out(by_condition_, as.condition, alarm);
  const auto cause = by_cause_.find(as.cause);
  if (cause != by_cause_.end()) {
    cause->second.members.erase(alarm.id);
    cause->second.by_age.erase({as.occurrence, alarm.id});
    if (cause->second.members.empty()) by_cause_.erase(cause);
  }
  filed_.erase(found);
}

void AlarmIndex::file(const Alarm& alarm) {
  drop(alarm);
  if (!alarm.open()) return;
  Filed as = filed_as(alarm);
  open_[alarm.id] = &alarm;
  by_device_[as.device][alarm.id] = &alarm;
  by_condition_[as.condition][alarm.id] = &alarm;
  if (!as.cause.empty()) {
    Cause& cause = by_cause_[as.cause];
    cause.members[alarm.id] = &alarm;
    cause.by_age[{as.occurrence, alarm.id}] = &alarm;
  }
  filed_.emplace(alarm.id, std::move(as));
}

const AlarmIndex::Set& AlarmIndex::of_device(const DeviceId& device) const {
  return set_in(by_device_, device.str());
}

const AlarmIndex::Set& AlarmIndex::of_condition(std::string_view condition) const {
  return set_in(by_condition_, condition);
}

const AlarmIndex::Set& AlarmIndex::of_cause(std::string_view cause) const {
  const auto found = by_cause_.find(cause);
  return found == by_cause_.end() ? kNoAlarms : found->second.members;
}

const Alarm* AlarmIndex::first_of(std::string_view cause) const {
  const auto found = by_cause_.find(cause);
  return found == by_cause_.end() ? nullptr : found->second.by_age.begin()->second;
}

}  // namespace cryobank::alarms
