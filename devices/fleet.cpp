#include "devices/fleet.hpp"

#include <algorithm>

#include "base/try.hpp"
#include "devices/fleet_parts.hpp"

namespace cryobank::devices {

void FleetOutputs::clear() {
  requests.clear();
  readings.clear();
  states.clear();
  conditions.clear();
  robot_events.clear();
  writes.clear();
  acts.clear();
  changed.clear();
}

Fleet::Fleet(const config::SiteConfig& config, Epoch epoch, std::uint64_t seed)
    : parts_(std::make_unique<Parts>(config, epoch, seed)) {}
Fleet::~Fleet() = default;

void Fleet::start(Now now, FleetOutputs& out) { parts_->start(now, out); }
void Fleet::on_reply(Now now, const LineReply& reply, FleetOutputs& out) {
  parts_->on_reply(now, reply, out);
}
void Fleet::on_text(Now now, const LineText& text, FleetOutputs& out) {
  parts_->on_text(now, text, out);
}
void Fleet::on_deadline(Now now, FleetOutputs& out) { parts_->on_deadline(now, out); }
Instant Fleet::next_deadline() const { return parts_->next_deadline(); }

Status Fleet::intend_motion(Now now, DeviceIndex robot, const RobotMotion& motion) {
  TRY(may_move(now, robot, motion));
  parts_->robots.intend(robot, motion);
  return {};
}

Status Fleet::start_motion(Now now, DeviceIndex robot, const RobotMotion& motion,
                           FleetOutputs& out) {
  TRY(may_move(now, robot, motion));
  Status status = parts_->robots.start(now, robot, motion, parts_->robots_out);
  parts_->take(now, parts_->robots_out, out);
  return status;
}

void Fleet::resume_motion(Now now, DeviceIndex robot, const RobotMotion& motion,
                          JournaledMotion state, FleetOutputs& out) {
  parts_->robots.resume(now, robot, motion, state, parts_->robots_out);
  parts_->take(now, parts_->robots_out, out);
}

Status Fleet::may_move(Now now, DeviceIndex robot, const RobotMotion& motion) const {
  TRY(parts_->robots.may_move(now, robot, motion));
  return parts_->plant.may_move(robot);
}

Status Fleet::pause_robot(DeviceIndex robot, bool paused) {
  return parts_->robots.pause(robot, paused);
}
void Fleet::expect_gripper(DeviceIndex robot, std::optional<bool> occupied) {
  parts_->robots.expect_gripper(robot, occupied);
}
void Fleet::forget_before(DeviceIndex robot, std::uint32_t sequence) {
  parts_->robots.forget_before(robot, sequence);
}

Json Fleet::recovery_report(Now now, DeviceIndex robot) const {
  return parts_->robots.recovery_report(now, robot);
}

Result<Decision> Fleet::decide(std::string_view verb, const Json& body,
                               const CommandContext& context) const {
  return parts_->plant.decide(verb, body, context);
}
bool Fleet::handles(std::string_view verb) const { return parts_->plant.handles(verb); }
Status Fleet::carry_out(Now now, const Fact& fact, const std::string& command, FleetOutputs& out) {
  const Status ordered = parts_->plant.carry_out(now, fact, command, parts_->plant_out);
  parts_->take(now, parts_->plant_out, out);
  return ordered;
}

void Fleet::take_limits(Now now, FleetOutputs& out) {
  parts_->plant.take_limits(now, parts_->plant_out);
  parts_->plant_changed = true;
  parts_->take(now, parts_->plant_out, out);
}

Status Fleet::load_row(std::string_view key, std::string_view value) {
  if (Robots::owns(key)) return parts_->robots.load_row(key, value);
  parts_->plant_changed = true;
  return parts_->plant.load_row(key, value);
}

std::vector<RowChange> Fleet::take_rows() {
  std::vector<RowChange> rows = parts_->plant.take_rows();
  for (RowChange& row : parts_->robots.take_rows()) rows.push_back(std::move(row));
  return rows;
}

const Reading& Fleet::reading(DeviceIndex device, PointIndex point) const {
  return parts_->devices[device.value].reader->points().at(point.value);
}
DeviceState Fleet::state(DeviceIndex device) const {
  return parts_->devices[device.value].reader->state();
}
WallTime Fleet::last_ok(DeviceIndex device) const {
  return parts_->devices[device.value].reader->last_ok();
}
std::string Fleet::fault(DeviceIndex device) const {
  return parts_->devices[device.value].reader->fault();
}
const config::DeviceProfile& Fleet::profile(DeviceIndex device) const {
  return *parts_->devices[device.value].profile;
}

Json Fleet::target(DeviceIndex device, PointIndex point) const {
  return parts_->plant.target(device, point);
}

Duration Fleet::oldest_request(Now now) const {
  Duration oldest{};
  for (const Parts::Line& line : parts_->lines) {
    if (line.queue.in_flight()) oldest = std::max(oldest, now.mono - line.sent_at);
  }
  return oldest;
}

Duration Fleet::shortest_cycle(LineIndex line) const {
  return parts_->lines[line.value].shortest_cycle;
}

}  // namespace cryobank::devices
