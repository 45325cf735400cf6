#include "devices/plant/plant.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/plant/plant_parts.hpp"

namespace cryobank::devices {
namespace {

using config::DeviceKind;

constexpr Duration kLoadEvery = minutes(1);
constexpr Duration kLessonEvery = hours(1);
constexpr Duration kInletAskAgain = minutes(1);
constexpr Duration kTellEvery = minutes(10);  // what the models conclude, as published
constexpr std::string_view kPlantRowPrefix = "r/device/";
constexpr std::string_view kLearned = "/learned";

std::uint8_t role_of(DeviceKind kind, std::string_view point) {
  switch (kind) {
    case DeviceKind::freezer:
      return static_cast<std::uint8_t>(freezer_point(point));
    case DeviceKind::supply:
      return static_cast<std::uint8_t>(supply_point(point));
    case DeviceKind::room:
      return static_cast<std::uint8_t>(room_point(point));
    case DeviceKind::robot:
      return 0;
  }
  return 0;
}

}  // namespace

Plant::Parts::Parts(const config::SiteConfig& site) : config(site), desk(site) {
  for (std::uint32_t i = 0; i < site.devices.size(); ++i) {
    const config::DeviceConfig& config_of = site.devices[i];
    const config::DeviceProfile* profile = site.profile_of(config_of);
    roles.emplace_back();
    if (profile == nullptr) continue;
    for (const config::Point& point : profile->points) {
      roles.back().push_back(role_of(config_of.kind, point.meaning()));
    }
    const DeviceIndex index{i};
    if (config_of.kind == DeviceKind::freezer) {
      freezers.emplace(index, Freezer(index, config_of, *profile));
      groups.add_freezer(index, config_of.fill_group);
    } else if (config_of.kind == DeviceKind::supply) {
      supplies.emplace(index, Supply(index));
    } else if (config_of.kind == DeviceKind::room) {
      rooms.emplace(index, Room(index, config_of.id.str(), config_of.room_limits,
                                profile->find_meaning("oxygen-2") != nullptr,
                                profile->find_meaning("inlet-close-request") != nullptr));
    }
  }
  for (const auto& [index, freezer] : freezers) {
    const DeviceId& supply = device(index).supply;
    if (supply.empty()) continue;
    if (const auto tank = find(supply.str())) supply_of.emplace(index, *tank);
  }
}

std::optional<DeviceIndex> Plant::Parts::find(std::string_view id) const {
  for (std::uint32_t i = 0; i < config.devices.size(); ++i) {
    if (config.devices[i].id.str() == id) return DeviceIndex{i};
  }
  return std::nullopt;
}

std::optional<PointIndex> Plant::Parts::find_point(DeviceIndex index, std::string_view id) const {
  for (std::uint32_t p = 0; const config::Point* point = desk.point(index, {p}); ++p) {
    if (point->id.str() == id) return PointIndex{p};
  }
  return std::nullopt;
}

std::vector<const Room*> Plant::Parts::rooms_of(DeviceIndex index) const {
  std::vector<const Room*> found;
  for (const auto& [room_index, room] : rooms) {
    if (device(room_index).room == device(index).room) found.push_back(&room);
  }
  return found;
}

std::vector<InterlockReason> Plant::Parts::fill_reasons(Now now, DeviceIndex freezer) const {
  std::vector<InterlockReason> reasons;
  for (const Room* room : rooms_of(freezer)) room->add_fill_reasons(reasons);
  if (const auto tank = supply_of.find(freezer); tank != supply_of.end()) {
    const auto supply = supplies.find(tank->second);
    if (supply != supplies.end()) supply->second.add_fill_reasons(now, reasons);
  }
  freezers.at(freezer).add_fill_reasons(reasons);
  return reasons;
}

void Plant::Parts::judge_supplies(Now now, Outputs& out) {
  next_load = now.mono + kLoadEvery;
  for (auto& [tank, supply] : supplies) {
    SupplyLoad load;
    for (const auto& [index, freezer] : freezers) {
      const auto fed_by = supply_of.find(index);
      if (fed_by == supply_of.end() || fed_by->second != tank) continue;
      if (freezer.failing_to_fill()) load.failing.push_back(device(index).id.str());
      if (const auto rate = freezer.evaporation()) {
        load.evaporation = load.evaporation.value_or(Milli{}) + *rate;
      }
    }
    supply.load(now, load, {out.conditions, out.acts});
  }
}

// Liquid that goes on flowing into a room low in oxygen lowers it further.
void Plant::Parts::stop_fills_in_low_oxygen(Now now, DeviceIndex room, Outputs& out) {
  if (!rooms.at(room).oxygen_low()) return;
  for (const auto& [index, freezer] : freezers) {
    if (device(index).room != device(room).room || !freezer.fills().filling()) continue;
    const auto asked = stop_asked.find(index);
    if (asked != stop_asked.end() && now.mono - asked->second < kInletAskAgain) continue;
    stop_asked[index] = now.mono;
    Json body = Json::object();
    body.set("device", device(index).id.str());
    out.acts.push_back({"device/stop-fill", std::move(body), "the room is low in oxygen"});
  }
}

void Plant::Parts::start_waiting_fills(Now now, Outputs& out) {
  if (!groups.any_waiting()) return;
  const auto busy = [&](DeviceIndex index) {
    const detect::FillWatch& fills = freezers.at(index).fills();
    return fills.filling() || fills.held_by_lid() || fills.pending();
  };
  const WriteOutputs writes{out.requests, out.writes};
  for (const WriteOrder& fill : groups.take_ready(busy)) {
    out.changed.push_back(fill.device);
    const Status allowed = forbid("the fill", fill_reasons(now, fill.device));
    if (!allowed) {
      desk.refuse(now, fill, allowed.error().context, writes);
      continue;
    }
    desk.order(now, fill, writes);
    freezers.at(fill.device).fills().fill_ordered(now);
  }
}

void Plant::Parts::note_rise(Now, DeviceIndex index) {
  detect::FillWatch& fills = freezers.at(index).fills();
  if (fills.take_turn()) lesson_due = true;
  const auto rise = fills.take_rise();
  if (!rise) return;
  lesson_due = true;
  if (const auto tank = supply_of.find(index); tank != supply_of.end()) {
    const auto supply = supplies.find(tank->second);
    if (supply != supplies.end()) supply->second.filled(*rise);
  }
}

// How fast it goes is known to this run alone until it is kept, and the next may begin in a minute.
void Plant::Parts::note_loss(std::size_t conditions_before, const Outputs& out) {
  for (std::size_t i = conditions_before; i < out.conditions.size(); ++i) {
    if (out.conditions[i].condition == "level-falling-fast") lesson_due = true;
  }
}

void Plant::Parts::tell_model(Now now, const Plant& plant, DeviceIndex index, Outputs& out) {
  Json json = plant.describe(now, index);
  std::string text = json.dump();
  if (text == told_texts[index]) return;
  told_texts[index] = std::move(text);
  told_models[index] = std::move(json);
  if (std::find(out.changed.begin(), out.changed.end(), index) == out.changed.end()) {
    out.changed.push_back(index);
  }
}

void Plant::note_changes(Now now, std::size_t conditions_before, Outputs& out) {
  for (std::size_t i = conditions_before; i < out.conditions.size(); ++i) {
    parts_->tell_model(now, *this, out.conditions[i].device, out);
  }
}

Plant::Plant(const config::SiteConfig& config) : parts_(std::make_unique<Parts>(config)) {}
Plant::~Plant() = default;

void Plant::take_limits(Now now, Outputs& out) {
  const std::size_t before = out.conditions.size();
  for (auto& [index, freezer] : parts_->freezers) {
    freezer.take_limits(parts_->device(index).limits);
  }
  for (auto& [index, room] : parts_->rooms) {
    room.take_limits(now, parts_->device(index).room_limits, {out.conditions, out.acts});
    parts_->stop_fills_in_low_oxygen(now, index, out);
  }
  note_changes(now, before, out);
}

void Plant::observe(Now now, const Reading& reading, Outputs& out) {
  Parts& parts = *parts_;
  if (reading.device.value >= parts.roles.size()) return;
  const auto& roles = parts.roles[reading.device.value];
  if (reading.point.value >= roles.size()) return;
  const std::uint8_t role = roles[reading.point.value];
  const std::size_t before = out.conditions.size();
  const ModelOutputs told{out.conditions, out.acts};
  if (parts.next_load == kNever) {
    parts.next_load = now.mono + kLoadEvery;
    parts.next_tell = now.mono;
  }
  switch (parts.device(reading.device).kind) {
    case DeviceKind::freezer:
      parts.freezers.at(reading.device)
          .observe(now, static_cast<FreezerPoint>(role), reading, told);
      parts.note_rise(now, reading.device);
      parts.note_loss(before, out);
      if (out.conditions.size() > before) parts.judge_supplies(now, out);
      parts.start_waiting_fills(now, out);
      break;
    case DeviceKind::supply:
      parts.supplies.at(reading.device).observe(now, static_cast<SupplyPoint>(role), reading, told);
      break;
    case DeviceKind::room:
      parts.rooms.at(reading.device).observe(now, static_cast<RoomPoint>(role), reading, told);
      parts.stop_fills_in_low_oxygen(now, reading.device, out);
      break;
    case DeviceKind::robot:
      break;
  }
  if (parts.desk.observe(reading)) {
    const std::string parted = parts.desk.parted(reading.device);
    out.conditions.push_back({reading.device, "set-point-parted", !parted.empty(), parted});
    out.changed.push_back(reading.device);
  }
  note_changes(now, before, out);
}

void Plant::on_reply(Now now, std::uint64_t tag, const ModbusReply& reply, Outputs& out) {
  const std::size_t before = out.writes.size();
  parts_->desk.on_reply(now, tag, reply, {out.requests, out.writes});
  for (std::size_t i = before; i < out.writes.size(); ++i) {
    out.changed.push_back(out.writes[i].device);
  }
}

void Plant::on_deadline(Now now, Outputs& out) {
  Parts& parts = *parts_;
  const std::size_t before = out.conditions.size();
  const ModelOutputs told{out.conditions, out.acts};
  for (auto& [index, freezer] : parts.freezers) {
    if (freezer.next_deadline() <= now.mono) freezer.on_deadline(now, told);
  }
  for (auto& [index, room] : parts.rooms) {
    if (room.next_deadline() <= now.mono) room.on_deadline(now, told);
  }
  if (parts.next_load <= now.mono || out.conditions.size() > before) {
    parts.judge_supplies(now, out);
    for (const auto& [index, room] : parts.rooms) parts.stop_fills_in_low_oxygen(now, index, out);
  }
  parts.desk.on_deadline(now, {out.requests, out.writes});
  parts.start_waiting_fills(now, out);
  if (now.mono >= parts.next_lesson) {
    parts.next_lesson = now.mono + kLessonEvery;
    parts.lesson_due = true;
  }
  if (now.mono >= parts.next_tell) {
    parts.next_tell = now.mono + kTellEvery;
    for (const auto& [index, freezer] : parts.freezers) parts.tell_model(now, *this, index, out);
    for (const auto& [index, supply] : parts.supplies) parts.tell_model(now, *this, index, out);
    for (const auto& [index, room] : parts.rooms) parts.tell_model(now, *this, index, out);
  }
  note_changes(now, before, out);
}

Instant Plant::next_deadline() const {
  Instant next = std::min({parts_->next_load, parts_->next_tell, parts_->desk.next_deadline()});
  for (const auto& [index, freezer] : parts_->freezers) {
    next = std::min(next, freezer.next_deadline());
  }
  for (const auto& [index, room] : parts_->rooms) next = std::min(next, room.next_deadline());
  return next;
}

Status Plant::may_move(DeviceIndex robot) const {
  CHECK(robot.value < parts_->config.devices.size());
  for (const Room* room : parts_->rooms_of(robot)) {
    TRY(room->may_move());
  }
  return {};
}

Json Plant::describe(Now now, DeviceIndex device) const {
  const Parts& parts = *parts_;
  if (const auto freezer = parts.freezers.find(device); freezer != parts.freezers.end()) {
    Json json = freezer->second.describe(now);
    Json interlocks = Json::array();
    bool losing = freezer->second.tank().losing();
    for (const InterlockReason& reason : parts.fill_reasons(now, device)) {
      interlocks.push(name_of(reason.interlock));
      losing = losing || keeps_liquid_back(reason.interlock);
    }
    json.set("losing", losing);
    json.set("fill_interlocks", std::move(interlocks));
    json.set("fill_waiting", parts.groups.waits(device));
    return json;
  }
  if (const auto supply = parts.supplies.find(device); supply != parts.supplies.end()) {
    return supply->second.describe();
  }
  const auto room = parts.rooms.find(device);
  if (room == parts.rooms.end()) return Json::object();
  Json json = room->second.describe(now);
  std::optional<Duration> first;
  for (const auto& [index, freezer] : parts.freezers) {
    const auto dry = freezer.time_to_dry();
    if (parts.device(index).room != parts.device(device).room || !dry) continue;
    if (first && *first <= *dry) continue;
    first = dry;
    json.set("first_dry", parts.device(index).id.str());
    json.set("first_dry_in_h", dry->seconds() / 3600);
  }
  return json;
}

Json Plant::told_model(DeviceIndex device) const {
  const auto told = parts_->told_models.find(device);
  return told == parts_->told_models.end() ? Json() : told->second;
}

Json Plant::target(DeviceIndex device, PointIndex point) const {
  return parts_->desk.target(device, point);
}

Status Plant::load_row(std::string_view key, std::string_view value) {
  Parts& parts = *parts_;
  if (!key.starts_with(kPlantRowPrefix) || !key.ends_with(kLearned)) {
    return parts.desk.load_row(key, value);
  }
  const std::string_view id =
      key.substr(kPlantRowPrefix.size(), key.size() - kPlantRowPrefix.size() - kLearned.size());
  const auto index = parts.find(id);
  const Result<Json> memory = parse_json(value);
  if (!memory) {
    return make_error(ErrorCode::corrupt, cat("row ", key, ": ", memory.error().context));
  }
  if (!index) return {};  // it left the site
  parts.saved[*index] = value;
  if (const auto freezer = parts.freezers.find(*index); freezer != parts.freezers.end()) {
    return freezer->second.recall(key, *memory);
  }
  if (const auto supply = parts.supplies.find(*index); supply != parts.supplies.end()) {
    return supply->second.recall(key, *memory);
  }
  return {};
}

std::vector<RowChange> Plant::take_rows() {
  Parts& parts = *parts_;
  std::vector<RowChange> rows = parts.desk.take_rows();
  if (!std::exchange(parts.lesson_due, false)) return rows;
  const auto keep = [&](DeviceIndex index, const Json& memory) {
    std::string text = memory.dump();
    std::string& saved = parts.saved[index];
    if (text == saved) return;
    saved = text;
    rows.push_back({cat(kPlantRowPrefix, parts.device(index).id.str(), kLearned), std::move(text)});
  };
  for (const auto& [index, freezer] : parts.freezers) keep(index, freezer.memory());
  for (const auto& [index, supply] : parts.supplies) keep(index, supply.memory());
  return rows;
}

}  // namespace cryobank::devices
