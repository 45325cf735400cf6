#include "service/alarms/board.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "service/alarms/board_parts.hpp"
#include "service/alarms/row_parts.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::size_t kTextMax = 300;
constexpr std::string_view kFull = "alarms-full";

// Device models tell these in their own words for interlocks; the alarm is judged by the value.
bool is_judged_by_value(std::string_view condition) {
  constexpr std::array<std::string_view, 7> kByValue{
      "oxygen-low",   "oxygen-critical",      "oxygen-sensor-lost", "inlet-closed",
      "supply-empty", "supply-outlet-closed", "ventilation-off"};
  return std::find(kByValue.begin(), kByValue.end(), condition) != kByValue.end();
}

// Severity of a condition of no device: P3 is 1, P1 is 3.
int stage_of(Priority priority) { return 3 - static_cast<int>(priority); }

}  // namespace

std::string_view name_of(Priority priority) {
  switch (priority) {
    case Priority::p1:
      return "p1";
    case Priority::p2:
      return "p2";
    case Priority::p3:
      return "p3";
  }
  CHECK(false);
}

void BoardOutputs::clear() {
  changed.clear();
  pending.clear();
  rows.clear();
  facts.clear();
}

void mark_changed(const Alarm& alarm, BoardOutputs& out) {
  if (std::find(out.changed.begin(), out.changed.end(), alarm.id) == out.changed.end()) {
    out.changed.push_back(alarm.id);
  }
}

Json& add_fact(const Alarm& alarm, const FactName& type, Now now, BoardOutputs& out) {
  Json data = Json::object();
  data.set("alarm", alarm.id.str())
      .set("occurrence", alarm.occurrence)
      .set("priority", name_of(alarm.priority))
      .set("state", name_of(alarm.state))
      .set("at", format_utc(now.wall));
  out.facts.push_back({type, std::move(data)});
  return out.facts.back().data;
}

void add_note(std::deque<Note>& notes, Note note) {
  notes.push_back(std::move(note));
  if (notes.size() > kNotesMax) notes.pop_front();
}

Board::Parts::Parts(const config::SiteConfig& site) : config(site) {
  for (std::size_t at = 0; at < site.devices.size(); ++at) {
    device_places.emplace(site.devices[at].id.str(), at);
  }
  limit_air();
  for (const config::DeviceConfig& device : site.devices) {
    if (device.kind != config::DeviceKind::room) continue;
    RoomAir& room = air[device.room];
    const config::DeviceProfile* profile = site.profile_of(device);
    if (profile != nullptr && profile->find_meaning("oxygen-1") != nullptr) {
      room.expect_instrument();
    }
  }
  for (RuleSpec& spec : site_rules(site)) {
    const auto index = static_cast<std::uint32_t>(rules.size());
    Rule rule;
    rule.alarm = alarm_id(spec.device.str(), spec.entry.condition);
    rule.spec = std::move(spec);
    rules_of[rule.spec.device.str()].push_back(index);
    if (!rule.spec.point.empty()) {
      WatchedPoint& point = watch(rule.spec.device, rule.spec.point);
      point.rules.push_back(index);
      point.events = point.events || rule.spec.entry.when == config::AlarmWhen::event;
    }
    if (!rule.spec.off) alarm_of(rule, static_cast<int>(index));
    rules.push_back(std::move(rule));
  }
  // What maintenance and rounds ask of, where no rule watches it.
  for (const config::DeviceConfig& device : site.devices) {
    if (device.kind == config::DeviceKind::freezer) watch(device.id, "fill-valve");
    if (device.kind == config::DeviceKind::room) watch(device.id, "inlet-closed");
  }
}

WatchedPoint& Board::Parts::watch(const DeviceId& device, std::string_view meaning) {
  Points& points = places[device.str()];
  const auto [place, added] =
      points.emplace(std::string(meaning), static_cast<std::uint32_t>(watched.size()));
  if (added) {
    watched.emplace_back();
    WatchedPoint& point = watched.back();
    point.device = device;
    point.meaning = std::string(meaning);
    const config::DeviceConfig* config_of = config.find_device(device);
    if (config_of != nullptr && config_of->kind == config::DeviceKind::room) {
      point.air = &air[config_of->room];
    }
    point.proves = meaning == "fill-valve";
  }
  return watched[place->second];
}

// Devices stay in their places while it runs: another list of them takes a restart.
const config::DeviceConfig* Board::Parts::device_at(const DeviceId& device) const {
  const auto found = device_places.find(device.str());
  return found == device_places.end() ? nullptr : &config.devices[found->second];
}

const config::DeviceConfig* Board::Parts::device_of(const Alarm& alarm) const {
  return alarm.device.empty() ? nullptr : device_at(alarm.device);
}

const config::AlarmEntry* Board::Parts::entry_of(const Alarm& alarm) const {
  if (alarm.rule >= 0) return &rules[static_cast<std::size_t>(alarm.rule)].spec.entry;
  return config::shipped_alarms().find(alarm.condition);
}

Rule* Board::Parts::rule_of(std::string_view device, std::string_view condition) {
  const auto found = rules_of.find(device);
  if (found == rules_of.end()) return nullptr;
  for (const std::uint32_t index : found->second) {
    if (rules[index].spec.entry.condition == condition) return &rules[index];
  }
  return nullptr;
}

std::optional<std::uint32_t> Board::Parts::place_of(std::string_view device,
                                                    std::string_view point) const {
  const auto points = places.find(device);
  if (points == places.end()) return std::nullopt;
  const auto found = points->second.find(point);
  if (found == points->second.end()) return std::nullopt;
  return found->second;
}

Alarm* Board::Parts::find(const AlarmId& id) {
  const auto found = alarms.find(id);
  return found == alarms.end() ? nullptr : &found->second;
}

const Alarm* Board::Parts::find(const AlarmId& id) const {
  const auto found = alarms.find(id);
  return found == alarms.end() ? nullptr : &found->second;
}

std::string Board::Parts::text_now(const Alarm& alarm) const {
  if (alarm.rule < 0 || !is_active(alarm.state)) return alarm.text;
  const Rule& rule = rules[static_cast<std::size_t>(alarm.rule)];
  return describe(rule, rule.stage);
}

// Alarms of rules stay, so that they can be shelved; others go when they are over.
void Board::Parts::forget_if_closed(const AlarmId& id) {
  const Alarm* alarm = find(id);
  if (alarm == nullptr || alarm->rule >= 0 || alarm->open()) return;
  filed.drop(*alarm);
  alarms.erase(id);
}

Board::Board(const config::SiteConfig& config) : parts_(std::make_unique<Parts>(config)) {}
Board::~Board() = default;

std::optional<Board::Watched> Board::watched(const DeviceId& device, std::string_view point) const {
  const std::optional<std::uint32_t> place = parts_->place_of(device.str(), point);
  if (!place) return std::nullopt;
  return Watched{*place};
}

void Board::observe(Now now, const Observation& observation, BoardOutputs& out) {
  const auto point = watched(observation.device, observation.point);
  if (point) observe(now, *point, observation.quality, observation.value, out);
}

void Board::observe(Now now, Watched at, Quality quality, std::optional<Milli> value,
                    BoardOutputs& out) {
  WatchedPoint& point = parts_->watched[at.place];
  if (point.air != nullptr && point.air->observe(now, point.meaning, quality, value)) {
    parts_->mark_room(*point.air, out);
  }
  if (point.settled && point.quality == quality && point.value == value) return;
  point.quality = quality;
  point.value = value;
  point.settled = !point.events;
  if (point.proves) parts_->watch_for_proof(now, point.device, point.meaning, quality, value);
  for (const std::uint32_t index : point.rules) {
    Rule& rule = parts_->rules[index];
    if (rule.spec.off) continue;
    if (rule.quality != quality) parts_->follow_quality(rule, quality, out);
    if (value) rule.value = value;
    parts_->feed(now, index, evaluate(rule.spec, quality, value), out);
    parts_->follow_value(rule, out);
    // One that waits for a second value must hear an equal one as well.
    if (rule.up > rule.stage && rule.spec.entry.stages.front().readings > 1) point.settled = false;
  }
}

// The text of an alarm that stands may say why a value cannot be trusted: it is told anew.
void Board::Parts::follow_quality(Rule& rule, Quality quality, BoardOutputs& out) {
  const std::string before = rule.stage > 0 ? describe(rule, rule.stage) : std::string();
  rule.quality = quality;
  if (rule.stage == 0 || describe(rule, rule.stage) == before) return;
  if (Alarm* alarm = find(rule.alarm)) mark_changed(*alarm, out);
}

// What an alarm shows follows its value by whole deadbands.
void Board::Parts::follow_value(const Rule& rule, BoardOutputs& out) {
  Alarm* alarm = rule.stage > 0 && rule.value ? find(rule.alarm) : nullptr;
  if (alarm == nullptr || !is_active(alarm->state)) return;
  const Milli step = std::max(rule.spec.entry.deadband, Milli{100});
  if (alarm->value && magnitude(*rule.value - *alarm->value) < step) return;
  alarm->value = rule.value;
  mark_changed(*alarm, out);
}

void Board::device_state(Now now, const DeviceId& device, DeviceState state, BoardOutputs& out) {
  const auto points = parts_->places.find(device.str());
  if (points == parts_->places.end()) return;
  const ReachedStages link = evaluate_link(state);
  if (link.known && link.up > 0) {
    const config::DeviceConfig* config_of = parts_->config.find_device(device);
    if (config_of != nullptr && config_of->kind == config::DeviceKind::room) {
      RoomAir& room = parts_->air[config_of->room];
      if (room.lost(now)) parts_->mark_room(room, out);
    }
  }
  for (const auto& [name, place] : points->second) {
    WatchedPoint& point = parts_->watched[place];
    point.settled = false;
    for (const std::uint32_t index : point.rules) {
      if (name == kLinkPoint) {
        parts_->feed(now, index, link, out);
      } else if (!link.known || link.up > 0) {
        parts_->feed(now, index, ReachedStages{}, out);
      }
    }
  }
}

void Board::raise(Now now, const Condition& condition, BoardOutputs& out) {
  if (!condition.device.empty() && condition.source == condition.device.str()) {
    const auto known = parts_->rules_of.find(condition.source);
    if (known != parts_->rules_of.end()) {
      for (const std::uint32_t index : known->second) {
        if (parts_->rules[index].spec.entry.condition != condition.condition) continue;
        return parts_->tell_device(now, index, condition, true, out);
      }
    }
    if (parts_->explain(now, condition.source, condition.condition, true, out)) return;
    // The models' own words for what a rule of the board judges by the value.
    if (is_judged_by_value(condition.condition)) return;
  }
  Condition known = condition;
  if (const config::AlarmEntry* entry = config::shipped_alarms().find(condition.condition)) {
    // One of its stages as told; else the mildest.
    const bool staged = std::ranges::any_of(entry->stages, [&](const config::AlarmStage& stage) {
      return priority_of(stage.priority) == condition.priority;
    });
    if (!staged) known.priority = priority_of(entry->stages.front().priority);
    if (known.action.empty()) known.action = entry->action;
    if (known.text.empty()) known.text = entry->title;
  }
  parts_->told(now, known, out);
}

void Board::stand(Now now, std::string_view name, const std::vector<Condition>& conditions,
                  BoardOutputs& out) {
  std::set<AlarmId> standing;
  for (const Condition& condition : conditions) {
    standing.insert(alarm_id(condition.source, condition.condition));
    raise(now, condition, out);
  }
  std::vector<std::string> over;
  for (const auto& [id, alarm] : parts_->filed.of_condition(name)) {
    if (!standing.contains(alarm->id)) over.push_back(alarm->source);
  }
  for (const std::string& source : over) clear(now, source, name, out);
}

void Board::Parts::told(Now now, const Condition& condition, BoardOutputs& out) {
  AlarmId id = alarm_id(condition.source, condition.condition);
  Alarm* alarm = find(id);
  if (alarm == nullptr && filed.open().size() >= kAlarmsMax && condition.condition != kFull) {
    Condition full;
    full.source = "service";
    full.condition = std::string(kFull);
    full.priority = Priority::p1;
    full.text = cat("more than ", kAlarmsMax, " alarms, further ones are not listed");
    full.action = "Find what raises without end";
    return told(now, full, out);
  }
  if (alarm == nullptr) alarm = &alarms[id];
  if (alarm->rule >= 0) return;  // a rule of this board watches the same: one judge per alarm
  if (!std::exchange(alarm->judged, true)) mark_changed(*alarm, out);
  const std::string text = clip(condition.text, kTextMax);
  const bool same = is_active(alarm->state) && alarm->text == text &&
                    alarm->stage == stage_of(condition.priority);
  if (same) return;
  alarm->id = id;
  alarm->source = condition.source;
  alarm->condition = condition.condition;
  alarm->device = condition.device;
  alarm->text = text;
  alarm->action = clip(condition.action, kTextMax);
  const config::AlarmEntry* entry = config::shipped_alarms().find(condition.condition);
  alarm->latch = entry != nullptr                     ? entry->latch
                 : condition.priority == Priority::p1 ? config::AlarmLatch::confirm
                                                      : config::AlarmLatch::none;
  filed.file(*alarm);
  worsen(now, *alarm, stage_of(condition.priority), condition.priority, out);
}

void Board::clear(Now now, std::string_view source, std::string_view condition, BoardOutputs& out) {
  if (parts_->explain(now, source, condition, false, out)) return;
  const AlarmId id = alarm_id(source, condition);
  Alarm* alarm = parts_->find(id);
  if (alarm == nullptr) return;
  if (alarm->rule >= 0) {
    Condition none;
    return parts_->tell_device(now, static_cast<std::uint32_t>(alarm->rule), none, false, out);
  }
  alarm->judged = true;
  parts_->ease(now, *alarm, out);
  parts_->forget_if_closed(id);
}

void Board::clear_unheard(Now now, std::string_view source, std::string_view condition,
                          BoardOutputs& out) {
  clear(now, source, condition, out);
  const AlarmId id = alarm_id(source, condition);
  Alarm* alarm = parts_->find(id);
  if (alarm == nullptr || alarm->state != AlarmState::cleared_unacknowledged) return;
  parts_->close_unheard(now, *alarm, out);
  parts_->forget_if_closed(id);
}

void Board::on_deadline(Now now, BoardOutputs& out) {
  while (const std::optional<RuleTimer> timer = parts_->rule_timers.pop_due(now.mono)) {
    parts_->on_rule_timer(now, *timer, out);
  }
  while (const std::optional<AlarmTimer> timer = parts_->alarm_timers.pop_due(now.mono)) {
    parts_->on_alarm_timer(now, *timer, out);
  }
}

Instant Board::next_deadline() const {
  return std::min(parts_->rule_timers.next(), parts_->alarm_timers.next());
}

std::vector<AlarmId> Board::open_alarms() const {
  std::vector<AlarmId> out;
  out.reserve(parts_->filed.open().size());
  for (const auto& [id, alarm] : parts_->filed.open()) out.push_back(alarm->id);
  return out;
}

}  // namespace cryobank::alarms
