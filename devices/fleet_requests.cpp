// The fleet's plant and robots: their requests wait for their line, and each gets one answer.
#include <utility>

#include "base/check.hpp"
#include "devices/fleet_parts.hpp"

namespace cryobank::devices {
namespace {

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
  for (T& item : from) to.push_back(std::move(item));
  from.clear();
}

}  // namespace

void Fleet::Parts::take(Now at, Plant::Outputs& from, FleetOutputs& out) {
  plant_changed = true;
  append(out.conditions, from.conditions);
  append(out.writes, from.writes);
  append(out.acts, from.acts);
  append(out.changed, from.changed);
  for (DeviceRequest& request : std::exchange(from.requests, {})) {
    enqueue(at, std::move(request), false, out);
  }
}

void Fleet::Parts::take(Now at, Robots::Outputs& from, FleetOutputs& out) {
  append(out.robot_events, from.events);
  for (DeviceRequest& request : std::exchange(from.requests, {})) {
    enqueue(at, std::move(request), true, out);
  }
}

void Fleet::Parts::enqueue(Now at, DeviceRequest request, bool of_robot, FleetOutputs& out) {
  CHECK(request.device.value < devices.size());
  const std::uint32_t index = devices[request.device.value].line;
  const std::uint32_t ticket = new_ticket();
  tickets[ticket] = {true, of_robot, std::move(request)};
  LineQueue& queue = lines[index].queue;
  if (!queue.push(of_robot ? Lane::robot : Lane::safety, ticket)) {
    answer_ticket(at, ticket, ModbusReply{ReplyKind::disconnected, 0, {}, false}, out);
    return;
  }
  pump(at, index, out);
}

std::uint32_t Fleet::Parts::new_ticket() {
  if (free_tickets.empty()) {
    tickets.emplace_back();
    return static_cast<std::uint32_t>(tickets.size() - 1);
  }
  const std::uint32_t ticket = free_tickets.back();
  free_tickets.pop_back();
  return ticket;
}

void Fleet::Parts::answer_ticket(Now at, std::uint32_t ticket, const ModbusReply& reply,
                                 FleetOutputs& out) {
  CHECK(ticket < tickets.size() && tickets[ticket].used);
  const Ticket done = std::exchange(tickets[ticket], {});
  free_tickets.push_back(ticket);
  const std::uint32_t device = done.request.device.value;
  DeviceReader& reader = *devices[device].reader;
  if (reply.kind == ReplyKind::ok) {
    reader.on_heard(at);
  } else if (reply.kind != ReplyKind::exception) {
    reader.on_failed_elsewhere(at, lines[devices[device].line].sent_at, out.readings);
  }
  after_reader(at, device, out);
  if (done.of_robot) {
    robots.on_reply(at, done.request.tag, reply, robots_out);
    take(at, robots_out, out);
  } else {
    plant.on_reply(at, done.request.tag, reply, plant_out);
    take(at, plant_out, out);
  }
}

}  // namespace cryobank::devices
