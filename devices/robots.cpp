#include "devices/robots.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::devices {
namespace {

constexpr std::string_view kRowPrefix = "r/device/";
constexpr std::string_view kRowSuffix = "/motions";

std::string_view exactly_once_name(config::ExactlyOnce kind) {
  switch (kind) {
    case config::ExactlyOnce::none:
      return "none";
    case config::ExactlyOnce::sequence:
      return "sequence";
    case config::ExactlyOnce::sensors:
      return "sensors";
    case config::ExactlyOnce::operator_confirms:
      return "operator";
  }
  return "none";
}

// Of a robot in the request's tag; the low half is the driver's own.
std::uint64_t joined(DeviceIndex device, std::uint32_t tag) {
  return (std::uint64_t{device.value} << 32) | tag;
}

}  // namespace

Robots::Robots(const config::SiteConfig& config, Epoch epoch) {
  for (std::size_t i = 0; i < config.devices.size(); ++i) {
    const config::DeviceConfig& device = config.devices[i];
    if (device.kind != config::DeviceKind::robot) continue;
    Machine machine;
    machine.device = DeviceIndex{static_cast<std::uint32_t>(i)};
    machine.id = device.id;
    machine.zones = device.zones;
    const config::DeviceProfile* profile = config.profile_of(device);
    if (profile == nullptr) {
      machine.no_driver = cat("no profile ", device.profile.str());
    } else {
      machine.exactly_once = exactly_once_name(profile->exactly_once);
      auto driver = make_robot_driver(machine.device, device, *profile, epoch);
      if (driver.ok()) {
        machine.driver = std::move(*driver);
      } else {
        machine.no_driver = driver.error().context;
      }
    }
    machines_.push_back(std::move(machine));
  }
}

Robots::Machine* Robots::find(DeviceIndex device) {
  for (Machine& machine : machines_) {
    if (machine.device == device) return &machine;
  }
  return nullptr;
}

const Robots::Machine* Robots::find(DeviceIndex device) const {
  for (const Machine& machine : machines_) {
    if (machine.device == device) return &machine;
  }
  return nullptr;
}

bool Robots::is_robot(DeviceIndex device) const { return find(device) != nullptr; }

void Robots::begin(Now now, Outputs& out) {
  for (Machine& machine : machines_) {
    if (machine.driver == nullptr) continue;
    RobotOutputs told;
    machine.driver->begin(now, told);
    collect(machine, told, out);
  }
}

void Robots::on_reply(Now now, std::uint64_t tag, const ModbusReply& reply, Outputs& out) {
  Machine* machine = find(DeviceIndex{static_cast<std::uint32_t>(tag >> 32)});
  if (machine == nullptr || machine->driver == nullptr) return;
  RobotOutputs told;
  machine->driver->on_reply(now, static_cast<std::uint32_t>(tag), reply, told);
  collect(*machine, told, out);
}

void Robots::on_deadline(Now now, Outputs& out) {
  for (Machine& machine : machines_) {
    if (machine.driver == nullptr || machine.driver->next_deadline() > now.mono) continue;
    RobotOutputs told;
    machine.driver->on_deadline(now, told);
    collect(machine, told, out);
  }
}

Instant Robots::next_deadline() const {
  Instant next = kNever;
  for (const Machine& machine : machines_) {
    if (machine.driver != nullptr) next = std::min(next, machine.driver->next_deadline());
  }
  return next;
}

Status Robots::may_move(Now now, DeviceIndex robot, const RobotMotion& motion) const {
  const Machine* machine = find(robot);
  if (machine == nullptr) {
    return make_error(ErrorCode::not_found, cat("device ", robot.value, " is no robot"));
  }
  if (machine->driver == nullptr) {
    return make_error(ErrorCode::unsupported, cat(machine->id.str(), ": ", machine->no_driver));
  }
  if (Status status = machine->driver->may_move(now, motion); !status) {
    return make_error(status.error().code, cat(machine->id.str(), ": ", status.error().context));
  }
  return zones_.may_enter(robot, machine->zones);
}

void Robots::intend(DeviceIndex robot, const RobotMotion& motion) {
  Machine* machine = find(robot);
  CHECK(machine != nullptr && machine->driver != nullptr);  // may_move() said that it may
  machine->driver->intend(motion);
}

Status Robots::start(Now now, DeviceIndex robot, const RobotMotion& motion, Outputs& out) {
  TRY(may_move(now, robot, motion));
  Machine& machine = *find(robot);
  RobotOutputs told;
  TRY(machine.driver->start(now, motion, told));
  zones_.enter(robot, machine.id.str(), machine.zones);
  collect(machine, told, out);
  return {};
}

// A motion that may be under way keeps its zones, whoever else was there.
void Robots::resume(Now now, DeviceIndex robot, const RobotMotion& motion, JournaledMotion state,
                    Outputs& out) {
  Machine* machine = find(robot);
  if (machine == nullptr || machine->driver == nullptr) {
    RobotEvent event;
    event.robot = robot;
    event.sequence = motion.sequence;
    event.kind =
        state == JournaledMotion::planned ? RobotEventKind::not_delivered : RobotEventKind::doubt;
    event.reason = "there is no driver for this robot any more";
    out.events.push_back(std::move(event));
    return;
  }
  zones_.enter(robot, machine->id.str(), machine->zones);
  RobotOutputs told;
  machine->driver->resume(now, motion, state, told);
  collect(*machine, told, out);
}

Status Robots::pause(DeviceIndex robot, bool paused) {
  Machine* machine = find(robot);
  if (machine == nullptr || machine->driver == nullptr) {
    return make_error(ErrorCode::not_found, cat("device ", robot.value, " is no robot"));
  }
  machine->paused = paused;
  machine->driver->pause(paused);
  if (machine->driver->idle()) zones_.leave(robot);
  return {};
}

void Robots::expect_gripper(DeviceIndex robot, std::optional<bool> occupied) {
  Machine* machine = find(robot);
  if (machine != nullptr && machine->driver != nullptr) machine->driver->expect_gripper(occupied);
}

void Robots::forget_before(DeviceIndex robot, std::uint32_t sequence) {
  Machine* machine = find(robot);
  if (machine != nullptr && machine->driver != nullptr) machine->driver->forget_before(sequence);
}

Json Robots::recovery_report(Now now, DeviceIndex robot) const {
  const Machine* machine = find(robot);
  if (machine == nullptr || machine->driver == nullptr) return {};
  return machine->driver->recovery_report(now);
}

Json Robots::describe(Now now, DeviceIndex robot) const {
  const Machine* machine = find(robot);
  if (machine == nullptr) return {};
  Json json = Json::object();
  json.set("exactly_once", machine->exactly_once);
  Json zones = Json::array();
  for (const std::string& zone : machine->zones) zones.push(zone);
  json.set("zones", std::move(zones));
  json.set("paused", machine->paused);
  if (machine->driver == nullptr) {
    json.set("fault", machine->no_driver);
    return json;
  }
  json.set("idle", machine->driver->idle());
  json.set("held", machine->driver->held());
  if (machine->driver->held()) json.set("recovery", machine->driver->recovery_report(now));
  return json;
}

bool Robots::owns(std::string_view key) {
  return key.starts_with(kRowPrefix) && key.ends_with(kRowSuffix);
}

Status Robots::load_row(std::string_view key, std::string_view value) {
  CHECK(owns(key));
  const Result<Json> memory = parse_json(value);
  if (!memory) {
    return make_error(ErrorCode::corrupt, cat("row ", key, ": ", memory.error().context));
  }
  std::string_view id = key.substr(kRowPrefix.size());
  id.remove_suffix(std::min(id.size(), kRowSuffix.size()));
  for (Machine& machine : machines_) {
    if (machine.id.str() != id || machine.driver == nullptr) continue;
    TRY(machine.driver->recall(key, *memory));
    machine.saved = value;
  }
  return {};
}

std::vector<RowChange> Robots::take_rows() {
  std::vector<RowChange> rows;
  for (Machine& machine : machines_) {
    if (machine.driver == nullptr) continue;
    const Json memory = machine.driver->memory();
    if (memory.is_null()) continue;
    std::string text = memory.dump();
    if (text == machine.saved) continue;
    machine.saved = text;
    rows.push_back({cat(kRowPrefix, machine.id.str(), kRowSuffix), std::move(text)});
  }
  return rows;
}

void Robots::collect(Machine& machine, RobotOutputs& from, Outputs& out) {
  for (RobotRequest& request : from.requests) {
    out.requests.push_back({joined(machine.device, request.tag), machine.device, request.is_write,
                            request.is_motion, std::move(request.modbus)});
  }
  for (RobotEvent& event : from.events) out.events.push_back(std::move(event));
  // A robot that is held keeps its zones: nobody knows where its arm is.
  if (machine.driver->idle()) zones_.leave(machine.device);
}

}  // namespace cryobank::devices
