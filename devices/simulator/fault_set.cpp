#include "devices/simulator/fault_set.hpp"

#include <limits>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::simulator {

namespace {

using Kind = FaultKind;
using Target = FaultTarget;

const std::vector<FaultName> kFaultNames = {
    {Kind::vacuum_loss, "vacuum-loss", Target::freezer, -1},
    {Kind::breach, "breach", Target::freezer, -1},
    {Kind::valve_stuck_open, "valve-stuck-open", Target::freezer, -1},
    {Kind::valve_stuck_closed, "valve-stuck-closed", Target::freezer, -1},
    {Kind::power_failure, "power-failure", Target::freezer, -1},
    {Kind::bypass_stuck, "bypass-stuck", Target::freezer, -1},
    {Kind::sensor_stuck, "sensor-stuck", Target::probe, -1},
    {Kind::sensor_drift, "sensor-drift", Target::probe, -1},
    {Kind::sensor_open, "sensor-open", Target::probe, -1},
    {Kind::sensor_offset, "sensor-offset", Target::probe, -1},
    {Kind::sensor_noise, "sensor-noise", Target::probe, -1},
    {Kind::sensor_coarse, "sensor-coarse", Target::probe, -1},
    {Kind::sensor_value, "sensor-value", Target::probe, -1},
    {Kind::clock_offset, "clock-offset", Target::probe, -1},
    {Kind::supply_empty, "supply-empty", Target::supply, -1},
    {Kind::warm_gas, "warm-gas", Target::supply_or_freezer, -1},
    {Kind::pressure_low, "pressure-low", Target::supply, -1},
    {Kind::outlet_closed, "outlet-closed", Target::supply, -1},
    {Kind::no_delivery, "no-delivery", Target::supply, -1},
    {Kind::ventilation_off, "ventilation-off", Target::room, -1},
    {Kind::gas_leak, "gas-leak", Target::room, -1},
    {Kind::jam, "jam", Target::robot, 1},
    {Kind::drop, "drop", Target::robot, 1},
    {Kind::wrong_code, "wrong-code", Target::robot, 1},
    {Kind::unreadable, "unreadable", Target::robot, 1},
    {Kind::false_done, "false-done", Target::robot, 1},
    {Kind::never_done, "never-done", Target::robot, -1},
    {Kind::power_cut, "power-cut", Target::robot, 1},
    {Kind::frozen_heartbeat, "frozen-heartbeat", Target::robot, -1},
    {Kind::slow, "slow", Target::robot, -1},
    {Kind::ignores, "ignores", Target::robot, -1},
    {Kind::interlock, "interlock", Target::robot, -1},
    {Kind::manual_mode, "manual-mode", Target::robot, -1},
    {Kind::gripper_sensor, "gripper-sensor", Target::robot, -1},
    {Kind::foreign_motion, "foreign-motion", Target::robot, 1},
    {Kind::unknown_place, "unknown-place", Target::robot, -1},
    {Kind::held_back, "held-back", Target::link, 1},
    {Kind::delay, "delay", Target::link, -1},
    {Kind::request_lost, "request-lost", Target::link, -1},
    {Kind::reply_lost, "reply-lost", Target::link, -1},
    {Kind::garbage, "garbage", Target::link, -1},
    {Kind::truncated, "truncated", Target::link, -1},
    {Kind::one_behind, "one-behind", Target::link, -1},
    {Kind::wrong_unit, "wrong-unit", Target::link, -1},
    {Kind::misrouted, "misrouted", Target::link, -1},
    {Kind::exception, "exception", Target::link, -1},
    {Kind::half_open, "half-open", Target::link, -1},
    {Kind::dead, "dead", Target::link, -1},
    {Kind::gateway, "gateway", Target::link, -1},
    {Kind::drip, "drip", Target::link, -1},
    {Kind::duplicate, "duplicate", Target::link, -1},
    {Kind::disconnected, "disconnected", Target::link, -1},
};

}  // namespace

const std::vector<FaultName>& fault_names() { return kFaultNames; }

const FaultName* find_fault(std::string_view name) {
  for (const FaultName& row : kFaultNames) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

const FaultName& name_of(FaultKind kind) { return kFaultNames.at(static_cast<std::size_t>(kind)); }

Json ActiveFault::to_json() const {
  Json out;
  out.set("id", id).set("fault", name_of(kind).name).set("since_ms", since_ms);
  out.set("until_ms", until_ms).set("times", times).set("per_mille", per_mille);
  out.set("point", point).set("amount", amount).set("flag", flag);
  out.set("text", text).set("held", held);
  return out;
}

Result<ActiveFault> ActiveFault::from_json(const Json& saved) {
  RowReader in("a saved fault", saved);
  const std::string name = in.text("fault");
  if (!in.ok()) return in.status().error();
  const FaultName* row = find_fault(name);
  if (row == nullptr) {
    return make_error(ErrorCode::unknown_key, cat("saved state: unknown fault \"", name, "\""));
  }
  ActiveFault fault;
  fault.kind = row->kind;
  fault.id = static_cast<std::uint64_t>(in.number("id"));
  fault.since_ms = in.number("since_ms", RowReader::kLeast);
  fault.until_ms = in.number("until_ms", RowReader::kLeast);
  fault.times = in.number("times", -1);
  fault.per_mille = static_cast<std::uint32_t>(in.number("per_mille", 0, 1000));
  fault.point = in.any_text("point");
  fault.amount = in.number("amount", RowReader::kLeast);
  fault.flag = in.flag("flag");
  fault.text = in.any_text("text");
  fault.held = in.number("held", RowReader::kLeast);
  return in.whole(std::move(fault));
}

const ActiveFault* FaultSet::find(FaultKind kind) const {
  for (const ActiveFault& fault : items_) {
    if (fault.kind == kind && fault.times != 0) return &fault;
  }
  return nullptr;
}

const ActiveFault* FaultSet::strike(FaultKind kind, std::string_view point, Prng& prng) {
  for (ActiveFault& fault : items_) {
    if (fault.kind != kind || fault.times == 0 || fault.point != point) continue;
    if (fault.per_mille < 1000 && !prng.chance(fault.per_mille, 1000)) continue;
    if (fault.times > 0) --fault.times;
    struck_ = fault;
    return &struck_;
  }
  return nullptr;
}

void FaultSet::expire(std::int64_t now_ms) {
  if (items_.empty()) return;
  std::erase_if(items_, [&](const ActiveFault& fault) {
    return fault.times == 0 || (fault.until_ms >= 0 && fault.until_ms <= now_ms);
  });
}

int FaultSet::clear(std::uint64_t id, std::string_view name) {
  const auto removed = std::erase_if(items_, [&](const ActiveFault& fault) {
    return (id == 0 || fault.id == id) && (name.empty() || name_of(fault.kind).name == name);
  });
  return static_cast<int>(removed);
}

std::int64_t FaultSet::next_end() const {
  std::int64_t end = std::numeric_limits<std::int64_t>::max();
  for (const ActiveFault& fault : items_) {
    if (fault.until_ms >= 0 && fault.until_ms < end) end = fault.until_ms;
  }
  return end;
}

Json FaultSet::save() const {
  Json out = Json::array();
  for (const ActiveFault& fault : items_) out.push(fault.to_json());
  return out;
}

Status FaultSet::restore(const Json& saved) {
  items_.clear();
  if (saved.is_null()) return {};  // of a line or a machine that came later
  if (!saved.is_array()) {
    return make_error(ErrorCode::corrupt,
                      cat("saved faults: expected a list, came ", saved.kind_name()));
  }
  for (const Json& item : saved.items()) {
    TRY_ASSIGN(ActiveFault fault, ActiveFault::from_json(item));
    items_.push_back(fault);
  }
  return {};
}

}  // namespace cryobank::simulator
