// device/{device}/description: what the machine is, its points with units and limits, and what its
// model knows of it.
#include <algorithm>

#include "devices/fleet_parts.hpp"
#include "devices/line/line_timing.hpp"
#include "devices/line/unit_link.hpp"

namespace cryobank::devices {
namespace {

Json names_of(const std::vector<config::PointName>& values) {
  Json names = Json::object();
  for (const config::PointName& value : values) names.set(value.name, value.value);
  return names;
}

std::string_view name_of_class(config::ReadClass read_class) {
  constexpr std::string_view kNames[] = {"fast", "slow", "once"};
  return kNames[static_cast<std::size_t>(read_class)];
}

std::string_view name_of_class(config::WriteClass write_class) {
  constexpr std::string_view kNames[] = {"never", "setpoint", "command"};
  return kNames[static_cast<std::size_t>(write_class)];
}

Json write_rules(const config::WriteRules& rules) {
  Json write = Json::object();
  write.set("class", name_of_class(rules.write_class));
  write.set("minimum", rules.minimum);
  write.set("maximum", rules.maximum);
  write.set("interval_s", rules.interval_min.seconds());
  write.set("two_people", rules.two_people);
  if (rules.lifetime_budget > 0) write.set("lifetime_budget", rules.lifetime_budget);
  return write;
}

std::string_view type_of(const config::Point& point) {
  if (point.type == config::PointType::ascii) return "text";
  if (point.type == config::PointType::bits) return "bits";
  if (point.type == config::PointType::bit || !point.values.empty()) return "enum";
  return "number";
}

Json point_description(const config::DeviceConfig& device, const config::Point& point) {
  Json json = Json::object();
  json.set("id", point.id.str());
  json.set("title", point.title);
  json.set("type", type_of(point));
  if (!point.unit.empty()) json.set("unit", point.id.str() == kClockPoint ? "s" : point.unit);
  json.set("read", name_of_class(point.read_class));
  if (point.has_range) json.set("range", Json::array().push(point.range_min).push(point.range_max));
  if (!point.values.empty()) json.set("values", names_of(point.values));
  const Milli deadband = device.deadband_of(point);
  if (deadband.v > 0) json.set("publish_deadband", deadband);
  if (point.write.write_class != config::WriteClass::never) {
    json.set("write", write_rules(point.write));
  }
  return json;
}

Json limits_of(const config::DeviceConfig& device) {
  Json json = Json::object();
  switch (device.kind) {
    case config::DeviceKind::freezer:
      json.set("temperature_warn", device.limits.temperature_warn);
      json.set("temperature_critical", device.limits.temperature_critical);
      json.set("level_low_warn", device.limits.level_low_warn);
      json.set("level_low_critical", device.limits.level_low_critical);
      json.set("level_high_warn", device.limits.level_high_warn);
      json.set("fill_start", device.limits.fill_start);
      json.set("fill_stop", device.limits.fill_stop);
      break;
    case config::DeviceKind::room:
      json.set("oxygen_warn", device.room_limits.oxygen_warn);
      json.set("oxygen_evacuate", device.room_limits.oxygen_evacuate);
      break;
    case config::DeviceKind::supply:
      json.set("level_warn", device.supply_limits.level_warn);
      json.set("level_critical", device.supply_limits.level_critical);
      json.set("pressure_min", device.supply_limits.pressure_min);
      break;
    case config::DeviceKind::robot:
      break;
  }
  return json;
}

}  // namespace

Json Fleet::describe(DeviceIndex index) const {
  const config::DeviceConfig& device = parts_->config.devices[index.value];
  const config::DeviceProfile& profile = *parts_->devices[index.value].profile;
  Json json = Json::object();
  json.set("id", device.id.str());
  json.set("title", device.title);
  json.set("kind", config::name_of(device.kind));
  json.set("room", device.room);
  json.set("line", device.line.str());
  json.set("unit", static_cast<int>(device.unit));
  json.set("profile", profile.id.str());
  json.set("profile_title", profile.title);
  json.set("revision", profile.revision);
  json.set("trust", config::name_of(profile.trust));
  json.set("source", profile.source);
  json.set("protocol", profile.protocol);
  json.set("told_apart", profile.tells_units_apart() ? "unit-word" : "no");
  if (profile.is_text()) {
    json.set("capabilities", Json::array().push("read-only").push("no-ack"));
  }
  json.set("limits", limits_of(device));
  Json points = Json::array();
  for (const config::Point& point : profile.points) points.push(point_description(device, point));
  json.set("points", std::move(points));
  return json;
}

LinePromise Fleet::promise(LineIndex index) const {
  const Parts::Line& line = parts_->lines[index.value];
  const config::LineConfig& source = parts_->config.lines[index.value];
  const bool wire = is_serial(source.kind) && !is_text(source.kind);
  LinePromise promise;
  promise.devices = line.devices.size();
  for (const std::uint32_t device : line.devices) {
    const config::DeviceProfile& profile = *parts_->devices[device].profile;
    const config::Quirks& quirks = profile.quirks;
    const Duration pause = std::max(quirks.frame_pause, source.frame_pause);
    const auto add = [&](Duration answer) {
      ++promise.reads;
      promise.at_best = promise.at_best + answer;
      promise.at_worst = promise.at_worst + quirks.response_timeout + pause;
    };
    const std::vector<Span> spans =
        profile.is_text() ? std::vector<Span>{} : plan_spans(profile, {});
    for (const Span& span : spans) {
      add(wire ? read_time(source, quirks, span) : kTurnaround + pause);
    }
    for (const config::TextLine& text : profile.lines) {
      if (!text.ask.empty()) add(kTurnaround + pause);
    }
    // The line is silent as long as a late answer could pass for another one (fleet_parts.cpp).
    const bool shared_text = is_text(source.kind) && line.devices.size() > 1;
    const int silent = shared_text ? kQuietTimeouts : is_serial(source.kind) ? 1 : 0;
    promise.dead_unit = std::max(promise.dead_unit, quirks.response_timeout * (1 + silent));
    promise.fast =
        std::max({promise.fast, parts_->config.devices[device].poll_fast, line.shortest_cycle});
  }
  return promise;
}

Json Fleet::told_model(DeviceIndex index) const { return parts_->plant.told_model(index); }

Json Fleet::inspect(DeviceIndex index) const {
  return parts_->robots.is_robot(index) ? parts_->robots.describe(parts_->now, index)
                                        : parts_->plant.describe(parts_->now, index);
}

}  // namespace cryobank::devices
