#include "service/alarms/board.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "service/alarms/board_parts.hpp"
#include "service/alarms/condition_catalogue.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::string_view kRowPrefix = "r/alarm/";
// No id holds a '~', so this row never is an alarm's.
constexpr std::string_view kNextRow = "r/alarm/~next";
constexpr std::size_t kTextMax = 300;
constexpr std::string_view kFull = "alarms-full";

// Severity of a condition that another part tells: P3 is 1, P1 is 3.
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
  pages.clear();
  facts.clear();
}

void mark_changed(const Alarm& alarm, BoardOutputs& out) {
  if (std::find(out.changed.begin(), out.changed.end(), alarm.id) == out.changed.end()) {
    out.changed.push_back(alarm.id);
  }
}

Json& add_fact(const Alarm& alarm, const FactName& name, Now now, BoardOutputs& out) {
  Json data = Json::object();
  data.set("alarm", alarm.id.str())
      .set("occurrence", alarm.occurrence)
      .set("priority", name_of(alarm.priority))
      .set("state", name_of(alarm.state))
      .set("at", format_utc(now.wall));
  out.facts.push_back({name, std::move(data)});
  return out.facts.back().data;
}

void add_note(std::deque<Note>& notes, Note note) {
  notes.push_back(std::move(note));
  if (notes.size() > kNotesMax) notes.pop_front();
}

Board::Parts::Parts(const config::SiteConfig& site) : config(site) {
  for (RuleSpec& spec : site_rules(site)) {
    const auto index = static_cast<std::uint32_t>(rules.size());
    Rule rule;
    rule.alarm = alarm_id(spec.device.str(), spec.condition);
    rule.spec = std::move(spec);
    Points& points = places[rule.spec.device.str()];
    const auto [point, added] =
        points.emplace(rule.spec.point, static_cast<std::uint32_t>(watched.size()));
    if (added) watched.emplace_back();
    watched[point->second].rules.push_back(index);
    alarm_of(rule, static_cast<int>(index));
    rules.push_back(std::move(rule));
  }
  for (const config::ChannelConfig& channel : site.channels) tiers = std::max(tiers, channel.tier);
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
  if (alarm != nullptr && alarm->rule < 0 && !alarm->open()) alarms.erase(id);
}

Board::Board(const config::SiteConfig& config) : parts_(std::make_unique<Parts>(config)) {}
Board::~Board() = default;

Status Board::load_row(std::string_view key, std::string_view value) {
  const Error corrupt{ErrorCode::corrupt,
                      cat("expected a row of the alarm board, came key \"", clip(key, 100), "\"")};
  const Result<Json> row = parse_json(value);
  if (!row || key.substr(0, kRowPrefix.size()) != kRowPrefix) return corrupt;
  if (key == kNextRow) {
    if (!row->is_integer() || row->integer() < 1) return corrupt;
    parts_->next_occurrence = static_cast<std::uint64_t>(row->integer());
    parts_->durable_occurrences = parts_->next_occurrence;
    return {};
  }
  Result<AlarmId> id = AlarmId::parse(key.substr(kRowPrefix.size()));
  if (!id) return corrupt;
  Result<Alarm> loaded = from_row(*id, *row);
  if (!loaded) return loaded.error();
  if (parts_->alarms.size() >= 2 * kAlarmsMax) return corrupt;
  const Alarm* standing = parts_->find(*id);
  loaded->rule = standing == nullptr ? -1 : standing->rule;
  if (loaded->rule >= 0) {
    Rule& rule = parts_->rules[static_cast<std::size_t>(loaded->rule)];
    const int top = static_cast<int>(rule.spec.stages.size());
    rule.stage = is_active(loaded->state) ? std::clamp(loaded->stage, 1, top) : 0;
    rule.hold = rule.stage;
    rule.value = loaded->value;
  }
  parts_->alarms[*id] = std::move(*loaded);
  return {};
}

std::vector<RowChange> Board::rows_of(const std::vector<AlarmId>& alarms) const {
  std::vector<RowChange> rows;
  for (const AlarmId& id : alarms) {
    const Alarm* alarm = parts_->find(id);
    RowChange row{cat(kRowPrefix, id.str()), std::nullopt};
    if (alarm != nullptr && alarm->open()) row.value = to_row(*alarm).dump();
    rows.push_back(std::move(row));
  }
  if (!rows.empty()) {
    rows.push_back({std::string(kNextRow), Json(parts_->next_occurrence).dump()});
  }
  return rows;
}

void Board::start(Now now, BoardOutputs& out) {
  for (auto& [id, alarm] : parts_->alarms) {
    if (alarm.open()) parts_->resume(now, alarm, out);
  }
}

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
  if (point.settled && point.quality == quality && point.value == value) return;
  point.quality = quality;
  point.value = value;
  point.settled = true;
  for (const std::uint32_t index : point.rules) {
    Rule& rule = parts_->rules[index];
    rule.quality = quality;
    if (value) rule.value = value;
    parts_->feed(now, index, evaluate(rule.spec, quality, value), out);
  }
}

void Board::device_state(Now now, const DeviceId& device, std::string_view state,
                         BoardOutputs& out) {
  const auto points = parts_->places.find(device.str());
  if (points == parts_->places.end()) return;
  const Reach link = evaluate_link(state);
  for (const auto& [name, place] : points->second) {
    WatchedPoint& point = parts_->watched[place];
    point.settled = false;
    for (const std::uint32_t index : point.rules) {
      if (name == kLinkPoint) {
        parts_->feed(now, index, link, out);
      } else if (!link.known || link.up > 0) {
        parts_->feed(now, index, Reach{}, out);
      }
    }
  }
}

void Board::raise(Now now, const Condition& condition, BoardOutputs& out) {
  const bool of_device = !condition.device.empty() && condition.source == condition.device.str();
  const CatalogueEntry* entry = of_device ? find_in_catalogue(condition.condition) : nullptr;
  if (entry == nullptr) return parts_->told(now, condition, out);
  if (!entry->covered_by.empty()) return;
  Condition known = condition;
  known.priority = entry->priority;
  known.action = std::string(entry->action);
  if (entry->keep_out && known.text.find("DO NOT ENTER") == std::string::npos) {
    known.text = cat("DO NOT ENTER: ", known.text);
  }
  parts_->told(now, known, out);
}

void Board::Parts::told(Now now, const Condition& condition, BoardOutputs& out) {
  AlarmId id = alarm_id(condition.source, condition.condition);
  Alarm* alarm = find(id);
  if (alarm == nullptr && alarms.size() >= kAlarmsMax && condition.condition != kFull) {
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
  worsen(now, *alarm, stage_of(condition.priority), condition.priority, out);
}

void Board::clear(Now now, std::string_view source, std::string_view condition, BoardOutputs& out) {
  const AlarmId id = alarm_id(source, condition);
  Alarm* alarm = parts_->find(id);
  if (alarm == nullptr || alarm->rule >= 0) return;
  parts_->ease(now, *alarm, out);
  parts_->forget_if_closed(id);
}

// Occurrences are numbered, and the record holds the next number: one that is not below it was told
// and never written down.
bool Board::Parts::is_forgotten(const Alarm& alarm, const Json& shown) const {
  if (alarm.rule < 0 || alarm.state != AlarmState::closed) return false;
  const std::int64_t told = shown.integer_or("occurrence", 0);
  if (!shown.bool_or("active", false) || told <= 0) return false;
  const auto occurrence = static_cast<std::uint64_t>(told);
  return occurrence >= durable_occurrences && occurrence > alarm.occurrence &&
         occurrence - durable_occurrences <= kAlarmsMax;
}

void Board::remember(Now now, const AlarmId& id, const Json& shown, BoardOutputs& out) {
  const Alarm* alarm = parts_->find(id);
  if (alarm == nullptr || !parts_->is_forgotten(*alarm, shown)) return;
  const auto occurrence = static_cast<std::uint64_t>(shown.integer_or("occurrence", 0));
  parts_->next_occurrence = std::max(parts_->next_occurrence, occurrence);
  const auto index = static_cast<std::uint32_t>(alarm->rule);
  const std::vector<Stage>& stages = parts_->rules[index].spec.stages;
  const std::string priority = shown.string_or("priority", "");
  const auto told = std::find_if(stages.begin(), stages.end(), [&](const Stage& stage) {
    return name_of(stage.priority) == priority;
  });
  const auto place = told == stages.end() ? 0 : told - stages.begin();
  parts_->reach_stage(now, index, static_cast<int>(place) + 1, out);
  const RuleSpec& spec = parts_->rules[index].spec;
  const auto watching = parts_->place_of(spec.device.str(), spec.point);
  CHECK(watching.has_value());
  parts_->watched[*watching].settled = false;
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

Json Board::render(const AlarmId& alarm) const {
  const Alarm* found = parts_->find(alarm);
  return found == nullptr ? Json() : render_alarm(*found);
}

std::vector<AlarmId> Board::open_alarms() const {
  std::vector<AlarmId> out;
  for (const auto& [id, alarm] : parts_->alarms) {
    if (alarm.open()) out.push_back(id);
  }
  return out;
}

namespace {

// What the summary counts, in one pass over the alarms.
struct Tally {
  std::array<std::array<int, kAlarmStates>, 3> counts{};  // by priority and state
  int shelved = 0;
  const Alarm* oldest = nullptr;  // unacknowledged

  void add(const Alarm& alarm) {
    if (alarm.shelf) ++shelved;
    ++counts[static_cast<std::size_t>(alarm.priority)][static_cast<std::size_t>(alarm.state)];
    if (is_acknowledged(alarm.state)) return;
    if (oldest == nullptr || alarm.since < oldest->since) oldest = &alarm;
  }
};

}  // namespace

Json Board::summary(Now now) const {
  Tally tally;
  for (const auto& [id, alarm] : parts_->alarms) {
    if (alarm.open()) tally.add(alarm);
  }
  Json counts = Json::object();
  Json highest;
  for (const Priority priority : {Priority::p1, Priority::p2, Priority::p3}) {
    Json states = Json::object();
    for (std::size_t state = 1; state < kAlarmStates; ++state) {  // all but closed
      const int count = tally.counts[static_cast<std::size_t>(priority)][state];
      states.set(name_of(static_cast<AlarmState>(state)), count);
      if (count > 0 && highest.is_null()) highest = name_of(priority);
    }
    counts.set(name_of(priority), std::move(states));
  }
  Json out = Json::object();
  out.set("counts", std::move(counts))
      .set("shelved", tally.shelved)
      .set("highest", std::move(highest))
      .set("oldest_unacknowledged", Json());
  if (const Alarm* oldest = tally.oldest) {
    Json item = Json::object();
    item.set("alarm", oldest->id.str()).set("since", format_utc(oldest->since));
    item.set("age_s", std::max<std::int64_t>(0, (now.wall - oldest->since).seconds()));
    out.set("oldest_unacknowledged", std::move(item));
  }
  return out;
}

}  // namespace cryobank::alarms
