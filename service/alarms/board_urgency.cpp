// How urgent an alarm is: its priority from what is inside and how long that lasts, whether it
// keeps people out, and which tank is emptied first.
#include <algorithm>

#include "service/alarms/board_parts.hpp"

namespace cryobank::alarms {
namespace {

// Priority by time to loss: a person called at night needs an hour or two, a delivery a day or two.
constexpr std::int64_t kUrgentS = 12 * 3600;
constexpr std::int64_t kSoonS = 72 * 3600;
// What is nowhere else, or is given to a patient in these weeks, is fetched sooner.
constexpr std::int64_t kPrecious = 2;

constexpr std::string_view kOxygenUnknown = "oxygen-unknown";

}  // namespace

// To people in the room: what keeps them out, by its rank, then by its stage. A page that a room's
// meter does not answer says already that its oxygen is unknown.
int Board::Parts::danger_of(const Alarm& alarm) const {
  const config::AlarmEntry* entry = entry_of(alarm);
  const config::DeviceConfig* device = device_of(alarm);
  if (device != nullptr && device->kind == config::DeviceKind::room &&
      alarm.condition == "comm-lost") {
    const auto gas = air.find(device->room);
    const bool meter = gas != air.end() && gas->second.has_instrument();
    if (meter) entry = config::shipped_alarms().find(kOxygenUnknown);
  }
  if (entry == nullptr || !entry->keep_out || !is_active(alarm.state)) return 0;
  return entry->rank * (config::kAlarmStagesMax + 1) + alarm.stage;
}

Priority Board::Parts::urgency_of(const Alarm& alarm, Priority own) const {
  const config::AlarmEntry* entry = entry_of(alarm);
  const auto tank = tanks.find(alarm.device);
  if (entry == nullptr || !entry->time_to_loss || tank == tanks.end() || !tank->second.lasts) {
    return own;
  }
  const TankContents& inside = tank->second.inside;
  const std::int64_t factor = inside.only_here > 0 || inside.courses > 0 ? kPrecious : 1;
  const std::int64_t left = tank->second.lasts->low_s;
  Priority by_time = Priority::p3;
  if (left < kSoonS * factor) by_time = Priority::p2;
  if (left < kUrgentS * factor) by_time = Priority::p1;
  return std::min(own, by_time);
}

void Board::Parts::judge_urgency(Now now, const DeviceId& device, BoardOutputs& out) {
  const auto own = rules_of.find(device.str());
  if (own == rules_of.end()) return;
  for (const std::uint32_t index : own->second) {
    const Rule& rule = rules[index];
    if (rule.stage == 0 || !rule.spec.entry.time_to_loss) continue;
    Alarm* alarm = find(rule.alarm);
    if (alarm == nullptr || !is_active(alarm->state)) continue;
    const Priority urgent = urgency_of(*alarm, alarm->priority);
    if (urgent >= alarm->priority) continue;
    alarm->priority = urgent;
    if (urgent == Priority::p1) drop_shelf(now, *alarm, "rose to p1", out);
    handle(now, *alarm, AlarmEvent::rise, out);
  }
}

void Board::prognosis(Now now, const DeviceId& device, const Prognosis& lasts, BoardOutputs& out) {
  TankFacts& tank = parts_->tanks[device];
  const bool same = tank.lasts && *tank.lasts == lasts;
  if (lasts.high_s > 0) {
    tank.lost_since.reset();
  } else if (!tank.lost_since) {
    tank.lost_since = tank.lasts ? now.wall : WallTime{};
  }
  tank.lasts = lasts;
  tank.at = now.mono;
  if (same) return;
  parts_->judge_urgency(now, device, out);
  parts_->judge_taken(now, device, out);
  parts_->mark_device(device, out);
}

void Board::inside(Now now, const DeviceId& device, const TankContents& contents,
                   BoardOutputs& out) {
  TankFacts& tank = parts_->tanks[device];
  if (tank.inside == contents) return;
  tank.inside = contents;
  parts_->judge_urgency(now, device, out);
  parts_->mark_device(device, out);
}

// Which tank first: of those that are losing, by how much of it is left and by what is inside.
Json Board::Parts::evacuation() const {
  struct Ranked {
    std::int64_t order = 0;
    const DeviceId* device = nullptr;
    const TankFacts* tank = nullptr;
  };
  std::vector<Ranked> order_of;
  for (const auto& [device, tank] : tanks) {
    if (!tank.lasts || !tank.lasts->losing) continue;
    // What is nowhere else goes as if it had half of the time.
    const std::int64_t order = tank.lasts->low_s / (tank.inside.only_here > 0 ? 2 : 1);
    order_of.push_back({order, &device, &tank});
  }
  std::sort(order_of.begin(), order_of.end(), [](const Ranked& a, const Ranked& b) {
    return a.order != b.order ? a.order < b.order : *a.device < *b.device;
  });
  Json out = Json::array();
  for (const Ranked& place : order_of) {
    out.push(Json::object()
                 .set("device", place.device->str())
                 .set("low_s", place.tank->lasts->low_s)
                 .set("doses", place.tank->inside.doses)
                 .set("courses", place.tank->inside.courses)
                 .set("only_here", place.tank->inside.only_here));
  }
  return out;
}

}  // namespace cryobank::alarms
