// What a page about an alarm says: gathered from its whole cause, its room, its tank and its work.
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "service/alarms/board_parts.hpp"
#include "service/alarms/page/page_text.hpp"

namespace cryobank::alarms {
namespace {

// Two sensors, or two readings of one, that say the same.
constexpr Milli kSameOxygen{200};

std::string inside_text(const TankContents& inside) {
  if (inside.doses == 0) return {};
  std::string text = cat(inside.doses, " doses inside");
  if (inside.only_here > 0) text += cat(", ", inside.only_here, " courses only here");
  return text;
}

}  // namespace

// The tank that is lost first, of those that this supply or room keeps cold.
std::string Board::Parts::first_lost_of(const config::DeviceConfig& device) const {
  const DeviceId* first = nullptr;
  std::int64_t left = 0;
  for (const auto& [id, tank] : tanks) {
    const config::DeviceConfig* freezer = device_at(id);
    if (freezer == nullptr || !tank.lasts) continue;
    const bool fed = device.kind == config::DeviceKind::supply ? freezer->supply == device.id
                                                               : freezer->room == device.room;
    if (!fed || (first != nullptr && tank.lasts->low_s >= left)) continue;
    first = &id;
    left = tank.lasts->low_s;
  }
  return first == nullptr ? std::string() : cat(first->str(), " in ", short_span(left));
}

namespace {

// The machines of a cause, and another P1 of the same one, are what a person has not heard yet; a
// few names fit a page.
constexpr std::size_t kAlsoMax = 48;

void add_also(const std::string& name, std::string& also) {
  if (name.empty() || also.find(name) != std::string::npos) return;
  if (also.size() + name.size() <= kAlsoMax) also += cat(also.empty() ? "" : ", ", name);
}

}  // namespace

// What it adds to a page that the leader of its cause speaks on: its machine, or what a P1 of the
// same machine is called; empty: nothing.
std::string Board::Parts::news_of(const Alarm& member, const Alarm& leader) const {
  if (member.device != leader.device) return member.device.str();
  const config::AlarmEntry* own = entry_of(member);
  const config::AlarmEntry* said = entry_of(leader);
  const bool other = own != nullptr && (said == nullptr || own->title != said->title);
  return other && member.priority == Priority::p1 ? own->title : std::string();
}

// Several lines that are dark have one reason, and it is in no device: that is what is said.
void Board::Parts::tell_outage(const Alarm& leader, PageWords& words) const {
  const config::AlarmEntry* entry = entry_of(leader);
  if (entry == nullptr || entry->scope != config::AlarmScope::line) return;
  std::set<LineId> lines;
  int devices = 0;
  for (const auto& [id, member] : filed.of_cause(leader.cause)) {
    const config::DeviceConfig* device = device_of(*member);
    const bool dark = member->condition == leader.condition && device != nullptr &&
                      is_active(member->state) == is_active(leader.state);
    if (!dark) continue;
    ++devices;
    lines.insert(device->line);
  }
  if (lines.size() < 2) return;
  words.source = config.site.str();
  words.what = cat(lines.size(), " lines dark, ", devices, " devices do not answer");
  words.what_ja = cat("通信回線", lines.size(), "本、機器", devices, "台が応答しません");
  words.action = "Look at the network switch, its power and the gateways first; read by hand";
  words.action_ja = "まずネットワークスイッチとその電源、中継器を確認し、手で読み取ってください";
}

PageWords Board::words(Now now, const AlarmId& id) const {
  PageWords words;
  const Alarm* asked = parts_->find(id);
  if (asked == nullptr) {
    words.source = id.str();
    words.what = "is over";
    words.over = true;
    return words;
  }
  const Alarm& alarm = *parts_->leader_of(*asked);
  words.priority = alarm.priority;
  words.source = alarm.source;
  words.what = local_times(parts_->text_now(alarm), now.wall, parts_->config.zone);
  words.since = alarm.since;
  words.over = !is_active(alarm.state);
  words.unknown = is_active(alarm.state) && !alarm.judged;
  words.action = local_times(alarm.action, now.wall, parts_->config.zone);
  for (const auto& [member_id, member] : parts_->filed.of_cause(alarm.cause)) {
    if (member != &alarm && is_active(member->state)) {
      ++words.others;
      add_also(parts_->news_of(*member, alarm), words.also);
      words.priority = std::min(words.priority, member->priority);
    }
  }
  if (words.over) words.priority = std::max(words.priority, Priority::p2);  // nothing is urgent
  const config::AlarmEntry* entry = parts_->entry_of(alarm);
  if (entry != nullptr) {
    words.action_ja = entry->action_ja;
    words.what_ja = entry->title_ja;
    if (entry->clock && is_active(alarm.state)) {
      // By a clock that nobody sets: a page must not add an hour to what somebody has to hurry for.
      const Duration stood = alarm.began.ns > 0 ? now.mono - alarm.began : now.wall - alarm.since;
      words.what += cat(" for ", short_span(stood.seconds()));
    }
  }
  parts_->tell_outage(alarm, words);
  const config::DeviceConfig* device = parts_->device_of(alarm);
  if (device != nullptr) {
    parts_->add_place(now, *device, alarm, words);
  } else {
    words.keep_out = parts_->bad_air(now);  // nobody knows where this one sends a person
    words.from_outside = true;
  }
  return words;
}

AlarmId Board::speaker(const AlarmId& id) const {
  const Alarm* asked = parts_->find(id);
  return asked == nullptr ? id : parts_->leader_of(*asked)->id;
}

bool Board::awaits_air(const AlarmId& id) const {
  const Alarm* alarm = parts_->find(id);
  const config::DeviceConfig* device = alarm == nullptr ? nullptr : parts_->device_of(*alarm);
  if (device == nullptr) {
    return std::ranges::any_of(parts_->air,
                               [](const auto& room) { return room.second.is_unread(); });
  }
  const auto room = parts_->air.find(device->room);
  return room != parts_->air.end() && room->second.is_unread();
}

std::string Board::bad_air(Now now) const { return parts_->bad_air(now); }

std::string Board::Parts::bad_air(Now now) const {
  for (const auto& [room, gas] : air) {
    const std::string why = gas.has_instrument() ? gas.keep_out(now) : std::string();
    if (why.empty()) continue;
    return cat(title_of_room(room), ", ", why);
  }
  return {};
}

std::string Board::Parts::title_of_room(const std::string& room) const {
  const config::PlaceConfig* place = nullptr;
  if (const Result<PlaceId> id = PlaceId::parse(room)) place = config.find_place(*id);
  return place != nullptr && !place->title.empty() ? place->title : room;
}

std::string Board::Parts::bad_air_of(const Alarm& alarm) const {
  if (const config::DeviceConfig* device = device_of(alarm); device != nullptr) {
    const auto own = air.find(device->room);
    return own == air.end() ? std::string() : std::string(own->second.danger());
  }
  for (const auto& [room, gas] : air) {
    if (!gas.danger().empty()) return cat(title_of_room(room), ", ", gas.danger());
  }
  return {};
}

// What its alarms show has changed, and that of those which have no place.
void Board::Parts::mark_room(const RoomAir& room, BoardOutputs& out) const {
  for (const auto& [id, alarm] : filed.open()) {
    const config::DeviceConfig* device = device_of(*alarm);
    const auto own = device == nullptr ? air.end() : air.find(device->room);
    if (device == nullptr || (own != air.end() && &own->second == &room)) mark_changed(*alarm, out);
  }
}

void Board::Parts::add_place(Now now, const config::DeviceConfig& device, const Alarm& alarm,
                             PageWords& words) const {
  const config::AlarmEntry* entry = entry_of(alarm);
  words.place = title_of_room(device.room);
  for (const config::DeviceConfig& other : config.devices) {
    if (other.kind != config::DeviceKind::room || other.room != device.room) continue;
    if (words.way_in.empty()) words.way_in = other.way_in;
  }
  words.travel = travel_to(device);
  const auto own = air.find(device.room);
  if (own != air.end() && own->second.has_instrument()) {
    words.keep_out = own->second.keep_out(now);
  } else {
    words.no_meter = device.kind != config::DeviceKind::robot;
  }
  words.from_outside = entry != nullptr && entry->keep_out;
  // What says itself that nobody may go in needs no second witness,
  // and of two words about the same oxygen its own has the limit.
  const std::optional<Milli> seen = own == air.end() ? std::nullopt : own->second.oxygen();
  const std::optional<Milli> value =
      alarm.rule < 0 ? std::nullopt : rules[static_cast<std::size_t>(alarm.rule)].value;
  const bool air_twice = words.keep_out.starts_with("oxygen") && words.what.starts_with("oxygen") &&
                         seen && value && magnitude(*seen - *value) < kSameOxygen;
  if ((words.keep_out.empty() || air_twice) && entry != nullptr && entry->keep_out &&
      is_active(alarm.state)) {
    words.keep_out = words.what;
  }
  const auto tank = tanks.find(device.id);
  if (tank != tanks.end()) {
    words.inside = inside_text(tank->second.inside);
    // Of liquid on the floor in an hour the contents' own time says nothing.
    const bool of_contents = entry == nullptr || entry->group != "overfill";
    const bool counts = tank->second.lasts && of_contents &&
                        (tank->second.lasts->losing || (entry != nullptr && entry->time_to_loss));
    if (counts) {
      const std::int64_t gone = std::max<std::int64_t>(0, (now.mono - tank->second.at).seconds());
      words.lost_in_s = std::max<std::int64_t>(0, tank->second.lasts->low_s - gone);
      words.lost_since = tank->second.lost_since;
    }
  }
  if (entry != nullptr && entry->clock) words.first_lost = first_lost_of(device);
  const auto work = maintained.find(device.id);
  if (work != maintained.end() && !work->second.over) {
    words.maintenance = cat("MAINT by ", work->second.by.str(), " until ",
                            local_time(work->second.until, now.wall, config.zone));
  }
}

std::string Board::page_text(Now now, const AlarmId& id, const PageFace& face) const {
  return alarms::page_text(now, words(now, id), face, parts_->config.zone);
}

std::string Board::spoken_text(Now now, const AlarmId& id, const PageFace& face,
                               bool japanese) const {
  return alarms::spoken_text(now, words(now, id), face, parts_->config.zone,
                             japanese ? Language::japanese : Language::english);
}

}  // namespace cryobank::alarms
