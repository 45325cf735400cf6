// Commands to the simulated hardware: Hardware::control. docs/simulator.md lists them.
#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/simulator/command_words.hpp"
#include "devices/simulator/hardware_parts.hpp"

namespace cryobank::simulator {

namespace {

constexpr std::int64_t kAdvanceMostS = 3600;
constexpr std::int64_t kDurationMostS = 365 * 86'400;
constexpr std::int64_t kMotionsTold = 1000;

struct Parameter {
  FaultKind kind;
  std::string_view key;  // of the amount
  std::int64_t usual;    // thousandths; used when the command says nothing
  std::int64_t least;
  std::int64_t most;
  bool in_units;           // the amount is kept in whole units, not in thousandths
  std::string_view point;  // default of `point` or `at`
};

constexpr std::int64_t kMost = 1'000'000'000;

// Only what differs from "no amount, no point".
constexpr Parameter kParameters[] = {
    {FaultKind::vacuum_loss, "factor", 20'000, 1'000, 1'000'000, false, ""},
    {FaultKind::sensor_drift, "per_hour", 1'000, -kMost, kMost, false, ""},
    {FaultKind::sensor_offset, "offset", 5'000, -kMost, kMost, false, ""},
    {FaultKind::sensor_noise, "amplitude", 3'000, 0, kMost, false, ""},
    {FaultKind::sensor_coarse, "step", 5'000, 1, kMost, false, ""},
    {FaultKind::sensor_value, "value", 0, -kMost, kMost, false, ""},
    {FaultKind::clock_offset, "seconds", 3'600'000, -kMost, kMost, false, ""},
    {FaultKind::pressure_low, "mbar", 600'000, 0, 10'000'000, false, ""},
    {FaultKind::gas_leak, "litres_per_hour", 20'000, 0, 10'000'000, false, ""},
    {FaultKind::jam, "", 0, 0, 0, false, "to-destination"},
    {FaultKind::drop, "", 0, 0, 0, false, "to-destination"},
    {FaultKind::wrong_code, "", 0, 0, 0, false, "pick"},
    {FaultKind::unreadable, "", 0, 0, 0, false, "pick"},
    {FaultKind::power_cut, "off_ms", 10'000'000, 1'000, 86'400'000'000, true, ""},
    {FaultKind::slow, "factor", 3'000, 1, 1'000'000, false, ""},
    {FaultKind::interlock, "bits", 1'000, 1'000, 31'000, false, ""},
    {FaultKind::gripper_sensor, "occupied", 0, 0, 1'000, true, ""},
    {FaultKind::held_back, "ms", 20'000'000, 1'000, 600'000'000, true, ""},
    {FaultKind::delay, "ms", 2'000'000, 0, 60'000'000, true, ""},
    {FaultKind::drip, "ms", 80'000, 1'000, 60'000'000, true, ""},
    {FaultKind::exception, "code", 4'000, 1'000, 255'000, true, ""},
    {FaultKind::gateway, "code", 10'000, 1'000, 255'000, true, ""},
};

Status read_amount(const Json& command, ActiveFault& fault) {
  for (const Parameter& parameter : kParameters) {
    if (parameter.kind != fault.kind) continue;
    fault.point = std::string(parameter.point);
    if (parameter.key.empty()) return {};
    Milli amount{parameter.usual};
    if (command.has(parameter.key)) {
      TRY_ASSIGN(Milli told, command.get_milli(parameter.key));
      amount = told;
    }
    if (amount.v < parameter.least || amount.v > parameter.most) {
      return make_error(ErrorCode::invalid_value,
                        cat(parameter.key, ": expected ", format_milli({parameter.least}), " to ",
                            format_milli({parameter.most}), ", came ", format_milli(amount)));
    }
    fault.amount = parameter.in_units ? amount.v / 1000 : amount.v;
    return {};
  }
  return {};
}

Status read_common(const Json& command, std::int64_t pace, ActiveFault& fault) {
  if (command.has("duration_s")) {
    TRY_ASSIGN(Milli duration, command.get_milli("duration_s"));
    if (duration.v <= 0 || duration.v > kDurationMostS * 1000) {
      return make_error(ErrorCode::invalid_value, "duration_s: expected above 0, up to a year");
    }
    fault.until_ms = fault.since_ms + duration.v * pace / 1000;
  }
  if (command.has("probability")) {
    TRY_ASSIGN(Milli probability, command.get_milli("probability"));
    if (probability.v < 0 || probability.v > 1000) {
      return make_error(ErrorCode::invalid_value, "probability: expected 0 to 1");
    }
    fault.per_mille = static_cast<std::uint32_t>(probability.v);
  }
  if (command.has("times")) {
    TRY_ASSIGN(std::int64_t times, command.get_integer("times"));
    if (times < 1) return make_error(ErrorCode::invalid_value, "times: expected 1 or more");
    fault.times = times;
  }
  for (const std::string_view key : {"point", "at"}) {
    if (!command.has(key)) continue;
    TRY_ASSIGN(std::string point, command.get_string(key));
    fault.point = std::move(point);
  }
  for (const std::string_view key : {"silent", "lie", "executed", "forgets"}) {
    TRY_ASSIGN(const bool flag, told_flag(command, key));
    fault.flag = fault.flag || flag;
  }
  // Of an exception the code is a number, and the amount.
  if (fault.kind == FaultKind::exception || fault.kind == FaultKind::gateway) return {};
  TRY_ASSIGN(std::string text, told_text(command, "code"));
  fault.text = std::move(text);
  return {};
}

bool fits_target(FaultTarget target, const Machine& machine) {
  using config::DeviceKind;
  const DeviceKind kind = machine.config().kind;
  switch (target) {
    case FaultTarget::freezer:
      return kind == DeviceKind::freezer;
    case FaultTarget::probe:
      return true;
    case FaultTarget::supply:
      return kind == DeviceKind::supply;
    case FaultTarget::supply_or_freezer:
      return kind == DeviceKind::supply || kind == DeviceKind::freezer;
    case FaultTarget::room:
      return kind == DeviceKind::room;
    case FaultTarget::robot:
      return kind == DeviceKind::robot;
    case FaultTarget::link:
      return true;
  }
  return false;
}

}  // namespace

Result<Json> Hardware::Parts::control(const Json& command) {
  TRY_ASSIGN(std::string verb, command.get_string("do"));
  settle_physics(true);
  due_ms = 0;
  if (verb == "put_vial" || verb == "take_vial") return vial_command(verb, command);
  if (verb == "fault") return add_fault(command);
  if (verb == "clear") return clear_faults(command);
  if (verb == "faults") return list_faults();
  if (verb == "vials") return cell.save()["vials"];
  if (verb == "moves") return Json::object().set("moves", cell.moves());
  if (verb == "motions") {
    TRY_ASSIGN(const auto from, told_number(command, "from", 0, 0, RowReader::kMost));
    return list_motions(from);
  }
  if (verb == "snapshot") return snapshot();
  if (verb == "truth") {
    TRY_ASSIGN(Machine * machine, machine_named(command));
    TRY_ASSIGN(const std::string quantity, command.get_string("quantity"));
    TRY_ASSIGN(const Milli value, machine->truth(quantity));
    return Json::object().set("value", value);
  }
  if (verb == "advance") {
    TRY_ASSIGN(std::int64_t seconds, command.get_integer("seconds"));
    if (seconds < 0 || seconds > kAdvanceMostS) {
      return make_error(ErrorCode::invalid_value, cat("seconds: expected 0 to ", kAdvanceMostS));
    }
    now_ns += seconds * 1'000'000'000;
    run_until(now_ns / 1'000'000);
    return Json::object().set("now_ms", now.ms);
  }
  return act(verb, command);
}

Result<Json> Hardware::Parts::vial_command(std::string_view verb, const Json& command) {
  TRY_ASSIGN(devices::RobotLocation location, location_of(command["location"]));
  const std::string* there = cell.at(location);
  std::string code = there == nullptr ? std::string() : *there;
  if (verb == "put_vial") {
    TRY_ASSIGN(std::string wanted, command.get_string("code"));
    code = wanted;
    TRY(cell.put(location, code));
  } else if (Status taken = cell.take(location); !taken) {
    return taken.error();
  }
  return Json::object().set("location", to_json(location)).set("code", code);
}

Result<Machine*> Hardware::Parts::machine_named(const Json& command) {
  TRY_ASSIGN(std::string device, command.get_string("device"));
  for (const auto& machine : machines) {
    if (machine->config().id.str() == device) return machine.get();
  }
  std::string known;
  for (const auto& machine : machines)
    known += cat(known.empty() ? "" : ", ", machine->config().id.str());
  return make_error(ErrorCode::not_found, cat("no simulated device \"", clip(device, 64),
                                              "\"; known: ", clip(known, 400)));
}

Result<Hardware::Parts::Line*> Hardware::Parts::line_named(const Json& command) {
  TRY_ASSIGN(std::string id, command.get_string("line"));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (site.lines[i].id.str() == id) return &lines[i];
  }
  return make_error(ErrorCode::not_found, cat("no line \"", clip(id, 64), "\""));
}

Result<Json> Hardware::Parts::add_fault(const Json& command) {
  TRY_ASSIGN(std::string name, command.get_string("fault"));
  const FaultName* row = find_fault(name);
  if (row == nullptr) {
    return make_error(ErrorCode::unknown_key, cat("no fault \"", clip(name, 40), "\""));
  }
  ActiveFault fault;
  fault.kind = row->kind;
  fault.times = row->times;
  fault.since_ms = now.ms;
  TRY(read_amount(command, fault));
  const bool by_the_clock = row->target == FaultTarget::robot || row->target == FaultTarget::link;
  TRY(read_common(command, by_the_clock ? clock_pace : 1000, fault));

  FaultSet* target = nullptr;
  if (row->target == FaultTarget::link && command.has("line")) {
    TRY_ASSIGN(Line * line, line_named(command));
    target = &line->faults;
  } else {
    TRY_ASSIGN(Machine * machine, machine_named(command));
    if (!fits_target(row->target, *machine)) {
      return make_error(ErrorCode::unsupported, cat(row->name, " is no fault of a ",
                                                    config::name_of(machine->config().kind)));
    }
    const config::DeviceKind kind = machine->config().kind;
    const bool lies = row->target == FaultTarget::probe && row->kind != FaultKind::clock_offset;
    if (lies && !is_probe(quantity_of(kind, fault.point))) {
      return make_error(
          ErrorCode::invalid_value,
          cat("point: expected level, temperature-top, temperature-bottom (freezer), ",
              "level, pressure (supply), oxygen-1 or oxygen-2 (room); came \"",
              clip(fault.point, 64), "\" of a ", config::name_of(kind)));
    }
    target = &machine->faults();
  }
  if (target->items().size() >= kFaultsMax) {
    return make_error(ErrorCode::too_large, cat("more than ", kFaultsMax, " faults there"));
  }
  fault.id = next_fault++;
  const Json reply = fault.to_json();
  target->add(std::move(fault));
  faults_changed();
  return reply;
}

void Hardware::Parts::faults_changed() {
  expire_faults();
  for (const auto& machine : machines) machine->faults_changed(now);
  expire_faults();
}

Result<Json> Hardware::Parts::clear_faults(const Json& command) {
  TRY_ASSIGN(const auto told_id, told_number(command, "id", 0, 0, RowReader::kMost));
  TRY_ASSIGN(const auto told_name, told_text(command, "fault"));
  const auto id = static_cast<std::uint64_t>(told_id);
  const std::string& name = told_name;
  int cleared = 0;
  if (command.has("line")) {
    TRY_ASSIGN(Line * line, line_named(command));
    cleared = line->faults.clear(id, name);
  } else if (command.has("device")) {
    TRY_ASSIGN(Machine * machine, machine_named(command));
    cleared = machine->faults().clear(id, name);
  } else {
    for (Line& line : lines) cleared += line.faults.clear(id, name);
    for (const auto& machine : machines) cleared += machine->faults().clear(id, name);
  }
  faults_changed();
  return Json::object().set("cleared", cleared);
}

Json Hardware::Parts::list_faults() const {
  Json out = Json::array();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const ActiveFault& fault : lines[i].faults.items()) {
      out.push(fault.to_json().set("line", site.lines[i].id.str()));
    }
  }
  for (const auto& machine : machines) {
    for (const ActiveFault& fault : machine->faults().items()) {
      out.push(fault.to_json().set("device", machine->config().id.str()));
    }
  }
  return out;
}

Json Hardware::Parts::list_motions(std::int64_t from) const {
  const auto& motions = cell.motions();
  Json list = Json::array();
  std::size_t at = static_cast<std::size_t>(std::max<std::int64_t>(0, from));
  for (std::int64_t told = 0; at < motions.size() && told < kMotionsTold; ++at, ++told) {
    const Hardware::Motion& motion = motions[at];
    list.push(Json::object()
                  .set("robot", motion.robot)
                  .set("epoch", motion.epoch)
                  .set("sequence", motion.sequence));
  }
  return Json::object()
      .set("total", static_cast<std::uint64_t>(motions.size()))
      .set("motions", list);
}

Json Hardware::Parts::snapshot() const {
  Json out = Json::object();
  for (const auto& machine : machines) out.set(machine->config().id.str(), machine->save());
  return Json::object()
      .set("now_ms", now.ms)
      .set("moves", cell.moves())
      .set("vials", static_cast<std::uint64_t>(cell.vials().size()))
      .set("machines", out);
}

Result<Json> Hardware::Parts::act(std::string_view verb, const Json& command) {
  constexpr std::string_view kVerbs =
      "put_vial, take_vial, vials, moves, motions, fault, clear, faults, truth, snapshot, advance, "
      "lid, level, reset, set, refill, door, ventilation, open_inlet, mode, panel";
  if (!command.has("device")) {
    return make_error(ErrorCode::unknown_key,
                      cat("do: expected one of ", kVerbs, "; came \"", clip(verb, 40), "\""));
  }
  TRY_ASSIGN(Machine * machine, machine_named(command));
  TRY(machine->act(now, verb, command));
  return Json::object().set("device", machine->config().id.str());
}

}  // namespace cryobank::simulator
