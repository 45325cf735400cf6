// What the board shows: one alarm, the summary, and what is watched at all.
#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"
#include "config/alarm_coverage.hpp"
#include "config/meaning.hpp"
#include "service/alarms/board_parts.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::size_t kSuppressedShown = 100;
constexpr std::size_t kCausesShown = 50;

// What the summary counts, in one pass over the alarms.
struct Tally {
  std::array<std::array<int, kAlarmStates>, 3> counts{};  // by priority and state
  int shelved = 0;
  int active_p1 = 0;
  int suppressed = 0;
  const Alarm* oldest = nullptr;  // unacknowledged
  Json suppressed_list = Json::array();

  void add(const Alarm& alarm) {
    if (alarm.shelf) ++shelved;
    ++counts[static_cast<std::size_t>(alarm.priority)][static_cast<std::size_t>(alarm.state)];
    if (is_active(alarm.state) && alarm.priority == Priority::p1) ++active_p1;
    if (alarm.shelf || !alarm.by_design.empty()) list(alarm);
    if (is_acknowledged(alarm.state)) return;
    if (oldest == nullptr || alarm.since < oldest->since) oldest = &alarm;
  }
  void list(const Alarm& alarm) {
    if (static_cast<std::size_t>(suppressed++) >= kSuppressedShown) return;
    Json item = Json::object();
    item.set("alarm", alarm.id.str()).set("kind", alarm.shelf ? "shelved" : "by-design");
    item.set("by", alarm.shelf ? alarm.shelf->by.str() : alarm.by_design);
    item.set("until", alarm.shelf ? Json(format_utc(alarm.shelf->until)) : Json());
    suppressed_list.push(std::move(item));
  }
};

struct CauseShown {
  Priority priority = Priority::p3;
  int alarms = 0;
  const Alarm* first = nullptr;
};

Json to_json(const Prognosis& lasts) {
  return Json::object()
      .set("to", -130)
      .set("unit", "Cel")
      .set("losing", lasts.losing)
      .set("low_s", lasts.low_s)
      .set("mid_s", lasts.mid_s)
      .set("high_s", lasts.high_s);
}

}  // namespace

Json Board::render(const AlarmId& id) const {
  const Alarm* alarm = parts_->find(id);
  if (alarm == nullptr || !alarm->open()) return {};
  Json out = render_alarm(*alarm);
  const config::AlarmEntry* entry = parts_->entry_of(*alarm);
  const std::string bad_air = parts_->bad_air_of(*alarm);
  const bool keeps_out = entry != nullptr && entry->keep_out;
  // What is done inside waits until nobody is sent into bad air by it; what is done from outside,
  // or nobody knows where, is done at once.
  const bool waits = !bad_air.empty() && !alarm->device.empty() && !keeps_out;
  if (waits && !alarm->action.empty()) out.set("action", cat("WHEN SAFE: ", alarm->action));
  out.set("text", alarm->text);
  if (alarm->rule >= 0 && is_active(alarm->state)) {
    // As it was told last: a value that sways is not told anew each second.
    Rule rule = parts_->rules[static_cast<std::size_t>(alarm->rule)];
    if (alarm->value) rule.value = alarm->value;
    out.set("text", describe(rule, rule.stage));
    const auto at = static_cast<std::size_t>(std::max(rule.stage, 1) - 1);
    const config::AlarmStage& stage =
        rule.spec.entry.stages[std::min(at, rule.spec.entry.stages.size() - 1)];
    const bool limited = rule.spec.entry.when == config::AlarmWhen::above ||
                         rule.spec.entry.when == config::AlarmWhen::below;
    out.set("value", rule.value ? Json(*rule.value) : Json());
    out.set("limit", limited ? Json(stage.limit) : Json());
    out.set("unit", rule.spec.entry.unit);
    out.set("priority_now", name_of(parts_->urgency_of(*alarm, priority_of(stage.priority))));
  } else {
    out.set("priority_now", is_active(alarm->state) ? Json(name_of(alarm->priority)) : Json());
  }
  if (entry != nullptr) {
    out.set("why", entry->why).set("consequence", entry->consequence);
    out.set("respond_within_s", entry->respond_within.seconds());
    // What the English words beside it say; the figures of `text` are in them alone.
    Json japanese = Json::object();
    japanese.set("title", entry->title_ja)
        .set("why", entry->why_ja)
        .set("consequence", entry->consequence_ja)
        .set("action", cat(waits ? "安全を確認してから：" : "", entry->action_ja));
    out.set("texts", Json::object().set("ja", std::move(japanese)));
  }
  out.set("first_out", parts_->filed.first_of(alarm->cause) == alarm);
  out.set("keep_out", (keeps_out && is_active(alarm->state)) || !bad_air.empty());
  out.set("bad_air", bad_air.empty() ? Json() : Json(bad_air));
  const auto tank = parts_->tanks.find(alarm->device);
  const bool lasts = tank != parts_->tanks.end() && tank->second.lasts;
  out.set("time_to_loss", lasts ? to_json(*tank->second.lasts) : Json());
  const auto work = parts_->maintained.find(alarm->device);
  if (work != parts_->maintained.end()) {
    out.set("maintenance", Json::object()
                               .set("by", work->second.by.str())
                               .set("until", format_utc(work->second.until)));
  }
  return out;
}

Json Board::summary(Now now) const {
  Tally tally;
  std::map<std::string_view, CauseShown> causes;
  for (const auto& [id, alarm] : parts_->filed.open()) {
    tally.add(*alarm);
    if (alarm->state == AlarmState::closed) continue;
    CauseShown& cause =
        causes[alarm->cause.empty() ? std::string_view(alarm->id.str()) : alarm->cause];
    ++cause.alarms;
    cause.priority = std::min(cause.priority, alarm->priority);
    if (cause.first == nullptr || alarm->occurrence < cause.first->occurrence) cause.first = alarm;
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
  Json list = Json::array();
  std::size_t shown = 0;
  for (const Priority priority : {Priority::p1, Priority::p2, Priority::p3}) {
    for (const auto& [name, cause] : causes) {
      if (cause.priority != priority || shown >= kCausesShown) continue;
      ++shown;
      list.push(Json::object()
                    .set("cause", name)
                    .set("priority", name_of(priority))
                    .set("alarms", cause.alarms)
                    .set("first", cause.first->id.str())
                    .set("since", format_utc(cause.first->since)));
    }
  }
  Json out = Json::object();
  out.set("counts", std::move(counts))
      .set("shelved", tally.shelved)
      .set("active_p1", tally.active_p1)
      .set("suppressed_count", tally.suppressed)
      .set("suppressed", std::move(tally.suppressed_list))
      .set("causes", std::move(list))
      .set("evacuation", parts_->evacuation())
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

Json Board::coverage(const DeviceId& id) const {
  Json out = Json::array();
  const config::DeviceConfig* device = parts_->config.find_device(id);
  if (device == nullptr) return out;
  const config::DeviceProfile* profile = parts_->config.profile_of(*device);
  const auto source_of = [&](std::string_view meaning) -> std::string {
    const config::Point* point = profile == nullptr ? nullptr : profile->find_meaning(meaning);
    if (point != nullptr) return cat("point ", point->id.str());
    const auto round = device->rounds.find(std::string(meaning));
    if (round == device->rounds.end()) return {};
    return cat("rounds every ", round->second.seconds() / 60, " min");
  };
  for (const config::AlarmEntry& entry : config::shipped_alarms().entries()) {
    if (!entry.is_of(device->kind)) continue;
    Json item = Json::object();
    item.set("condition", entry.condition);
    std::vector<std::string> needed = entry.needs;
    if (!entry.signal.empty()) needed.push_back(entry.signal);
    std::string by, missing;
    for (const std::string& meaning : needed) {
      const std::string source = source_of(meaning);
      std::string& list = source.empty() ? missing : by;
      list +=
          cat(list.empty() ? "" : ", ", source.empty() ? meaning : cat(meaning, " by ", source));
    }
    std::string why_not = missing.empty() ? "" : cat("nobody delivers ", missing);
    for (const config::AlarmOverride& one : parts_->config.alarms) {
      const bool meant = one.device == id.str() || one.profile == device->profile.str();
      if (meant && one.off && one.condition == entry.condition) {
        why_not = cat("taken off by ", one.by, ": ", one.reason);
      }
    }
    if (why_not.empty()) why_not = config::untimed(entry, *device, parts_->config);
    item.set("watched", why_not.empty());
    item.set("watched_by", by.empty() && why_not.empty() ? Json("the service") : Json(by));
    item.set("why_not", why_not.empty() ? Json() : Json(why_not));
    out.push(std::move(item));
  }
  return out;
}

}  // namespace cryobank::alarms
