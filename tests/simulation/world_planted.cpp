// The planted mistakes of a world (planted.hpp).
#include <algorithm>
#include <utility>

#include "devices/robot/robot_command.hpp"
#include "tests/simulation/world.hpp"

namespace cryobank::simulation {
namespace {

constexpr Duration kFirst = minutes(20);
constexpr Duration kForEver = hours(100);
constexpr std::string_view kVictim = "freezer-1";

Json fault(std::string_view name, std::string_view device) {
  Json command = Json::object().set("do", "fault").set("fault", name).set("device", device);
  return command.set("duration_s", kForEver.seconds());
}

bool is_frozen(const std::pair<const devices::RobotLocation, std::string>& vial) {
  return vial.first[0] < 900;
}

}  // namespace

void World::plant() {
  switch (options_.planted) {
    case Planted::nothing:
    case Planted::lying_disk:
    case Planted::bent_entry:
    case Planted::full_disk:
    case Planted::unequal_runs:
      return;
    case Planted::lost_batch:
    case Planted::bent_row:
      return stage_.after(options_.safety / 2, [this] { kill(); });
    case Planted::forgotten_alarm:
      stage_.control(fault("power-failure", kVictim));
      return stage_.after(options_.safety / 2, [this] { kill(); });
    case Planted::stolen_vial:
      return stage_.after(options_.safety / 2, [this] { steal_vial(); });
    case Planted::doubled_vial:
      return stage_.after(options_.safety / 2, [this] { double_vial(); });
    case Planted::foreign_motion:
      return stage_.after(seconds(3), [this] { move_robot(); });
    case Planted::frozen_probe:
    case Planted::early_calm:
      return stage_.after(kFirst, [this] { plant_probe(); });
    case Planted::masked_user:
      return let_viewers_pass();
    case Planted::unshown_alarm:
      return lose_at_broker("/alarm/freezer");
    case Planted::swallowed_page:
      return lose_at_broker("/page/");
    case Planted::swallowed_event:
      return lose_at_broker("/event/");
    case Planted::lost_topic:
      return lose_at_broker("/course/");
  }
}

// The tank runs empty: its probe stands still from before, or recovers by a lie.
void World::plant_probe() {
  const bool frozen = options_.planted == Planted::frozen_probe;
  Json lie = fault("sensor-value", kVictim).set("at", "level").set("value", 160);
  if (frozen) stage_.control(lie);
  stage_.control(fault("outlet-closed", "supply-1"));
  stage_.control(Json::object().set("do", "level").set("device", kVictim).set("mm", 10));
  if (!frozen) stage_.after(kFirst, [this, lie] { stage_.control(lie); });
}

void World::let_viewers_pass() {
  broker_.alters = [](core::BrokerMessage& message) {
    constexpr std::string_view kViewer = "/viewer/";
    for (std::string* text : {&message.topic, &message.response_topic}) {
      const std::size_t at = text->find(kViewer);
      if (at != std::string::npos) text->replace(at, kViewer.size(), "/operator/");
    }
  };
  people_.misbehave_often();
}

void World::lose_at_broker(std::string_view lost) {
  const bool once = options_.planted == Planted::swallowed_event;
  broker_.loses = [this, lost, once](const core::Publish& publish) {
    if (publish.topic.find(lost) == std::string::npos || publish.topic.ends_with("/head")) {
      return false;
    }
    return !once || !std::exchange(planted_, true);
  };
  if (options_.planted == Planted::lost_topic || once) return;
  stage_.after(kFirst, [this] {
    stage_.control(fault("outlet-closed", "supply-1"));
    stage_.control(Json::object().set("do", "level").set("device", kVictim).set("mm", 10));
  });
}

void World::steal_vial() {
  const auto& vials = stage_.hardware.vials();
  const auto frozen = std::ranges::find_if(vials, is_frozen);
  if (frozen == vials.end()) return stage_.after(minutes(1), [this] { steal_vial(); });
  const devices::RobotLocation where = frozen->first;
  CHECK(stage_.hardware.take_vial(where).ok());
}

void World::double_vial() {
  const auto& vials = stage_.hardware.vials();
  const auto frozen = std::ranges::find_if(vials, is_frozen);
  devices::RobotLocation beside = frozen == vials.end() ? devices::RobotLocation{} : frozen->first;
  beside[2] = 81;
  const bool put = frozen != vials.end() && stage_.hardware.put_vial(beside, frozen->second).ok();
  if (!put) stage_.after(minutes(1), [this] { double_vial(); });
}

// Somebody else on the robot's line, before anybody at the bench is awake.
void World::move_robot() {
  if (stage_.daemon == nullptr) return;
  const auto robot = std::ranges::find(stage_.site.devices, config::DeviceKind::robot,
                                       &config::DeviceConfig::kind);
  const auto line = std::ranges::find(stage_.site.lines, robot->line, &config::LineConfig::id);
  devices::RobotMotion motion;
  motion.sequence = 1'000'000;
  motion.epoch = stage_.daemon->bank.epoch;
  motion.verb = devices::RobotVerb::park;
  const auto index = static_cast<std::uint32_t>(line - stage_.site.lines.begin());
  stage_.hardware.answer({index}, devices::write_motion(robot->unit, motion));
  record_.on_motions();
  if (stage_.violations.empty()) stage_.after(seconds(1), [this] { move_robot(); });
}

void World::bend_entry(std::vector<RowChange>& rows) {
  if (stage_.mono() - begun_ < kFirst) return;
  for (RowChange& row : rows) {
    const std::size_t at = row.value ? row.value->find("\"at\":\"2026") : std::string::npos;
    if (row.key.starts_with("j/") && at != std::string::npos) (*row.value)[at + 9] = '7';
  }
}

void World::bend_row() {
  RowChange bent;
  const Status read = stage_.store.scan("r/course/", "r/course0",
                                        [&bent](std::string_view key, std::string_view value) {
                                          bent = {std::string(key), cat(value, " ")};
                                          return false;
                                        });
  CHECK(read.ok() && bent.value.has_value() && stage_.store.commit({bent}).ok());
}

void World::forget_alarm() {
  const std::string key = cat("r/alarm/", kVictim, ".mains-lost");
  const auto row = stage_.store.get(key);
  CHECK(row && *row && stage_.store.commit({{key, std::nullopt}}).ok());
}

}  // namespace cryobank::simulation
