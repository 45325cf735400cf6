// What the board keeps over a restart: alarms, delays that run, settings, maintenance, rounds.
#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "config/duration.hpp"
#include "service/alarms/board_parts.hpp"
#include "service/alarms/roster.hpp"
#include "service/alarms/row_parts.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::string_view kRowPrefix = "r/alarm/";
// No id holds a '~', so this row never is an alarm's.
constexpr std::string_view kNextRow = "r/alarm/~next";
constexpr std::string_view kPendingRow = "r/alarm/~pending/";
constexpr std::string_view kSettingRow = "r/alarm/~setting/";
constexpr std::string_view kMaintenanceRow = "r/alarm/~maintenance/";
constexpr std::string_view kRoundRow = "r/alarm/~round/";

}  // namespace

std::string setting_text(const RuleSpec& spec) {
  if (spec.off) return "not watched";
  const config::AlarmEntry& entry = spec.entry;
  std::string text;
  for (const config::AlarmStage& stage : entry.stages) {
    text += cat(text.empty() ? "" : ", ", config::name_of(stage.priority), " ",
                format_milli(stage.limit), " after ", config::format_duration(stage.after));
    if (stage.readings > 1) text += cat(" and ", stage.readings, " values");
  }
  text += cat("; deadband ", format_milli(entry.deadband), "; clears after ",
              config::format_duration(entry.clears_after), "; latch ", config::name_of(entry.latch),
              "; respond within ", config::format_duration(entry.respond_within));
  if (entry.count > 0) {
    text += cat("; ", entry.count, " in ", config::format_duration(entry.count_in));
  }
  return text;
}

namespace {

// Rows of earlier versions have who comes in the words of the answers alone.
std::optional<Coming> coming_of_notes(const std::deque<Note>& notes, const Roster& roster) {
  constexpr std::string_view kExpected = ", expected ";
  std::optional<Coming> coming;
  for (const Note& note : notes) {
    if (note.text.starts_with("not-coming on ") && coming && coming->by == note.by) coming.reset();
    if (!note.text.starts_with("coming on ")) continue;
    const std::size_t at = note.text.find(kExpected);
    const std::string eta = at == std::string::npos ? "" : note.text.substr(at + kExpected.size());
    coming = Coming{note.by, note.at, roster.due_of(eta, note.at)};
  }
  return coming;
}

}  // namespace

Status Board::load_row(std::string_view key, std::string_view value) {
  const auto refused = [key](std::string_view why) {
    return make_error(ErrorCode::corrupt, cat("row ", clip(key, 100), ": ", why));
  };
  const Result<Json> row = parse_json(value);
  if (!row) return refused(row.error().context);
  if (!key.starts_with(kRowPrefix)) return refused("expected a row of the alarm board");
  if (key == kNextRow) {
    if (!row->is_integer() || row->integer() < 1) {
      return refused(cat("expected a whole number from 1, came ", clip(row->dump(), 60)));
    }
    parts_->next_occurrence = static_cast<std::uint64_t>(row->integer());
    parts_->durable_occurrences = parts_->next_occurrence;
    return {};
  }
  if (key.substr(kRowPrefix.size()).starts_with('~')) return parts_->load_side_row(key, *row);
  Result<AlarmId> id = AlarmId::parse(key.substr(kRowPrefix.size()));
  if (!id) return refused(id.error().context);
  TRY_ASSIGN(Alarm loaded, from_row(key, *id, *row));
  if (!row->has("coming")) {
    loaded.coming = coming_of_notes(loaded.answers, Roster(parts_->config));
  }
  if (parts_->filed.open().size() >= 2 * kAlarmsMax) {
    return refused(cat("expected at most ", 2 * kAlarmsMax, " alarms"));
  }
  const Alarm* standing = parts_->find(*id);
  loaded.rule = standing == nullptr ? -1 : standing->rule;
  if (loaded.rule >= 0) {
    Rule& rule = parts_->rules[static_cast<std::size_t>(loaded.rule)];
    const int top = static_cast<int>(rule.spec.entry.stages.size());
    rule.stage = is_active(loaded.state) ? std::clamp(loaded.stage, 1, top) : 0;
    rule.hold = rule.stage;
    rule.value = loaded.value;
    rule.told = loaded.text;
    loaded.action = rule.spec.entry.action;
    loaded.latch = rule.spec.entry.latch;
  }
  loaded.judged = !is_active(loaded.state);
  Alarm& alarm = parts_->alarms[*id];
  parts_->filed.drop(alarm);
  alarm = std::move(loaded);
  parts_->filed.file(alarm);
  return {};
}

std::vector<RowChange> Board::rows_of(const std::vector<AlarmId>& alarms) const {
  std::vector<RowChange> rows;
  for (const AlarmId& id : alarms) {
    const Alarm* alarm = parts_->find(id);
    RowChange row{cat(kRowPrefix, id.str()), std::nullopt};
    if (alarm != nullptr && alarm->open()) row.value = to_row(*alarm).dump();
    rows.push_back(std::move(row));
    if (alarm == nullptr || alarm->rule < 0) continue;
    const Rule& rule = parts_->rules[static_cast<std::size_t>(alarm->rule)];
    RowChange pending{cat(kPendingRow, id.str()), std::nullopt};
    Json until = Json::array();
    bool any = false;
    for (const WallTime at : rule.pending) {
      any = any || at.ms != 0;
      until.push(at.ms);
    }
    if (any) pending.value = until.dump();
    if (any || rule.pending_kept) rows.push_back(std::move(pending));
  }
  if (!rows.empty()) {
    rows.push_back({std::string(kNextRow), Json(parts_->next_occurrence).dump()});
  }
  return rows;
}

Status Board::Parts::load_pending(std::string_view key, const Json& row) {
  const Result<AlarmId> id = AlarmId::parse(key.substr(kPendingRow.size()));
  if (!id) return make_error(ErrorCode::corrupt, cat("row ", key, ": ", id.error().context));
  decltype(Rule::pending) until{};
  bool fits = row.is_array() && row.items().size() <= until.size();
  for (std::size_t i = 0; fits && i < row.items().size(); ++i) {
    fits = row.items()[i].is_integer();
    if (fits) until[i] = WallTime{row.items()[i].integer()};
  }
  if (!fits) {
    return make_error(ErrorCode::corrupt,
                      cat("row ", key, ": expected a list of at most ", until.size(),
                          " times in milliseconds, came ", clip(row.dump(), 60)));
  }
  const Alarm* alarm = find(*id);
  if (alarm == nullptr || alarm->rule < 0) return {};  // its rule left the site
  Rule& rule = rules[static_cast<std::size_t>(alarm->rule)];
  rule.pending_kept = true;
  rule.pending = until;
  return {};
}

Status Board::Parts::load_maintenance(std::string_view key, const Json& row) {
  const Result<DeviceId> device = DeviceId::parse(key.substr(kMaintenanceRow.size()));
  if (!device)
    return make_error(ErrorCode::corrupt, cat("row ", key, ": ", device.error().context));
  RowReader in(key, row);
  maintained[*device] = {in.id<UserId>("by"), in.any_text("reason"), in.time("since"),
                         in.time("until"),    in.flag("over"),       in.flag("fill_seen")};
  return in.end();
}

Status Board::Parts::load_rounds(std::string_view key, const Json& row) {
  const Result<DeviceId> device = DeviceId::parse(key.substr(kRoundRow.size()));
  if (!device)
    return make_error(ErrorCode::corrupt, cat("row ", key, ": ", device.error().context));
  RowReader in(key, row);
  Rounds& own = rounds[*device];
  own.substitute = in.flag("substitute");
  for (const auto& [meaning, signal] : in.object("signals").members()) {
    const std::string what = cat(key, ", signals, ", meaning);
    RowReader one(what, signal);
    own.signals[meaning] = {seconds(one.number("every_s")),
                            WallTime{one.number("due_ms", RowReader::kLeast)}};
    TRY(one.end());
  }
  return in.end();
}

Status Board::Parts::load_side_row(std::string_view key, const Json& row) {
  if (key.starts_with(kPendingRow)) return load_pending(key, row);
  if (key.starts_with(kMaintenanceRow)) return load_maintenance(key, row);
  if (key.starts_with(kRoundRow)) return load_rounds(key, row);
  if (!key.starts_with(kSettingRow) || !row.is_string()) {
    return make_error(ErrorCode::corrupt, cat("row ", clip(key, 100),
                                              ": expected a delay, a setting's text, maintenance "
                                              "or rounds, came ",
                                              row.kind_name()));
  }
  settings[std::string(key.substr(kSettingRow.size()))] = row.string();
  return {};
}

void Board::start(Now now, Epoch epoch, BoardOutputs& out) {
  parts_->next_occurrence = std::max(parts_->next_occurrence, epoch.value * kOccurrencesARun + 1);
  parts_->first_occurrence = parts_->next_occurrence;
  for (auto& [id, alarm] : parts_->alarms) {
    if (alarm.open()) parts_->resume(now, alarm, out);
  }
  parts_->start_care(now, out);
}

std::vector<RowChange> Board::note_settings(Now now, BoardOutputs& out) {
  std::vector<RowChange> rows;
  const bool first = parts_->settings.empty();
  for (const Rule& rule : parts_->rules) {
    const config::AlarmEntry& entry = rule.spec.entry;
    const std::string key = cat(rule.spec.device.str(), ".", entry.condition);
    const std::string text = setting_text(rule.spec);
    std::string& known = parts_->settings[key];
    if (known == text) continue;
    rows.push_back({cat(kSettingRow, key), Json(text).dump()});
    if (!first && !known.empty()) {
      Json data = Json::object();
      data.set("device", rule.spec.device.str()).set("condition", entry.condition);
      data.set("old", known).set("new", text).set("at", format_utc(now.wall));
      const config::AlarmOverride* change = parts_->override_of(rule);
      data.set("by", change == nullptr ? Json() : Json(change->by));
      data.set("reason", change == nullptr ? Json("a new version, or [device.limits]")
                                           : Json(change->reason));
      out.facts.push_back({fact::kAlarmSettingChanged, std::move(data)});
    }
    known = text;
  }
  return rows;
}

const config::AlarmOverride* Board::Parts::override_of(const Rule& rule) const {
  const config::DeviceConfig* device = config.find_device(rule.spec.device);
  const config::AlarmOverride* found = nullptr;
  for (const config::AlarmOverride& one : config.alarms) {
    if (one.condition != rule.spec.entry.condition || device == nullptr) continue;
    if (one.profile == device->profile.str() && found == nullptr) found = &one;
    if (one.device == device->id.str()) found = &one;
  }
  return found;
}

// Occurrences are numbered by run, and the record holds the next number: one of an earlier run that
// is not below it was told and never written down.
bool Board::Parts::is_forgotten(const Alarm& alarm, std::uint64_t told) const {
  if (alarm.rule < 0 || alarm.state != AlarmState::closed) return false;
  const std::uint64_t of_its_run = told / kOccurrencesARun * kOccurrencesARun + 1;
  const std::uint64_t known = std::max(durable_occurrences, of_its_run);
  return told >= durable_occurrences && told > alarm.occurrence && told < first_occurrence &&
         told - known <= kAlarmsMax;
}

Status Board::remember(Now now, const AlarmId& id, const Json& shown, BoardOutputs& out) {
  RowReader in("an alarm as the broker shows it", shown);
  const auto occurrence = static_cast<std::uint64_t>(in.number("occurrence"));
  const bool active = in.flag("active");
  const std::string priority = in.text("priority");
  const auto urgency = config::alarm_priority(priority);
  if (!urgency) in.refuse("priority", "p1, p2 or p3");
  if (!in.ok()) return malformed(in.status());
  Alarm* alarm = parts_->find(id);
  if (alarm == nullptr || !active || !parts_->is_forgotten(*alarm, occurrence)) return {};
  const auto index = static_cast<std::uint32_t>(alarm->rule);
  const std::vector<config::AlarmStage>& stages = parts_->rules[index].spec.entry.stages;
  // The stage of that urgency; the time that was left may have made it more urgent than any: the
  // worst that is milder then.
  std::size_t place = 0;
  for (std::size_t at = stages.size(); at-- > 0;) {
    if (stages[at].priority < *urgency) continue;
    place = at;
    if (at == 0 || stages[at - 1].priority != stages[at].priority) break;
  }
  // It is the same occurrence that people were told of.
  const std::uint64_t next = parts_->next_occurrence;
  parts_->next_occurrence = occurrence;
  parts_->reach_stage(now, index, static_cast<int>(place) + 1, out);
  parts_->next_occurrence = next;
  alarm->judged = false;
  const RuleSpec& spec = parts_->rules[index].spec;
  if (const auto watching = parts_->place_of(spec.device.str(), spec.point)) {
    parts_->watched[*watching].settled = false;
  }
  return {};
}

}  // namespace cryobank::alarms
