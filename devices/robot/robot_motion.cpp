#include "devices/robot/robot_motion.hpp"

#include "base/check.hpp"

namespace cryobank::devices {
Json location_json(const RobotLocation& location) {
  Json words = Json::array();
  for (const std::uint16_t word : location) words.push(int{word});
  return words;
}

std::optional<RobotLocation> location_of(const Json& words) {
  RobotLocation location{};
  if (!words.is_array() || words.items().size() != location.size()) return {};
  for (std::size_t i = 0; i < location.size(); ++i) {
    const Json& word = words.items()[i];
    if (!word.is_integer() || word.integer() < 0 || word.integer() > UINT16_MAX) return {};
    location[i] = static_cast<std::uint16_t>(word.integer());
  }
  return location;
}

RobotLocation location_in(RowReader& in, std::string_view key) {
  const Json::Array& words = in.list(key);
  const std::optional<RobotLocation> location = location_of(Json(words));
  if (!location) in.refuse(key, "the words of a place");
  return location.value_or(RobotLocation{});
}

std::string_view name_of(RobotVerb verb) {
  switch (verb) {
    case RobotVerb::pick:
      return "pick";
    case RobotVerb::place:
      return "place";
    case RobotVerb::transfer:
      return "transfer";
    case RobotVerb::scan_position:
      return "scan-position";
    case RobotVerb::scan_rack:
      return "scan-rack";
    case RobotVerb::open_port:
      return "open-port";
    case RobotVerb::close_port:
      return "close-port";
    case RobotVerb::park:
      return "park";
  }
  CHECK(false);
}

std::string_view name_of(RobotEventKind kind) {
  switch (kind) {
    case RobotEventKind::accepted:
      return "accepted";
    case RobotEventKind::holding:
      return "holding";
    case RobotEventKind::done:
      return "done";
    case RobotEventKind::not_delivered:
      return "not-delivered";
    case RobotEventKind::failed:
      return "failed";
    case RobotEventKind::doubt:
      return "doubt";
    case RobotEventKind::scanned:
      return "scanned";
    case RobotEventKind::gripped:
      return "gripped";
    case RobotEventKind::unexplained:
      return "unexplained";
  }
  CHECK(false);
}

Json to_json(const RobotEvent& unexplained) {
  Json json = Json::object();
  json.set("sequence", unexplained.sequence).set("reason", unexplained.reason);
  json.set("code", unexplained.observed_code).set("expected", unexplained.expected_code);
  json.set("gripper_occupied", unexplained.gripper_occupied);
  if (unexplained.source) json.set("source", location_json(*unexplained.source));
  if (unexplained.destination) json.set("destination", location_json(*unexplained.destination));
  return json;
}

Result<RobotEvent> unexplained_of(std::string_view what, DeviceIndex robot, const Json& kept) {
  RowReader in(what, kept);
  RobotEvent event;
  event.robot = robot;
  event.kind = RobotEventKind::unexplained;
  event.sequence = static_cast<std::uint32_t>(in.number("sequence", 0, UINT32_MAX));
  event.reason = in.any_text("reason");
  event.observed_code = in.any_text("code");
  event.expected_code = in.any_text("expected");
  event.gripper_occupied = in.flag("gripper_occupied");
  if (in.has("source")) event.source = location_in(in, "source");
  if (in.has("destination")) event.destination = location_in(in, "destination");
  return in.whole(std::move(event));
}

}  // namespace cryobank::devices
