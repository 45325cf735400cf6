// What the board keeps over a restart: alarms, delays that run, settings, maintenance, rounds.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "config/duration.hpp"
#include "service/alarms/board_parts.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::string_view kRowPrefix = "r/alarm/";
// No id holds a '~', so this row never is an alarm's.
constexpr std::string_view kNextRow = "r/alarm/~next";
constexpr std::string_view kPendingRow = "r/alarm/~pending/";
constexpr std::string_view kSettingRow = "r/alarm/~setting/";
constexpr std::string_view kMaintenanceRow = "r/alarm/~maintenance/";
constexpr std::string_view kRoundRow = "r/alarm/~round/";

// What a site may change in an entry, in one line, to compare and to journal.
std::string setting_text(const config::AlarmEntry& entry) {
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

}  // namespace

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
  if (key[kRowPrefix.size()] == '~') {
    return parts_->load_side_row(key, *row) ? Status() : Status(corrupt);
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
    const int top = static_cast<int>(rule.spec.entry.stages.size());
    rule.stage = is_active(loaded->state) ? std::clamp(loaded->stage, 1, top) : 0;
    rule.hold = rule.stage;
    rule.value = loaded->value;
    rule.told = loaded->text;
    loaded->action = rule.spec.entry.action;
    loaded->latch = rule.spec.entry.latch;
  }
  loaded->judged = !is_active(loaded->state);
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

bool Board::Parts::load_side_row(std::string_view key, const Json& row) {
  if (key.starts_with(kPendingRow)) {
    const Alarm* alarm = find(AlarmId(std::string(key.substr(kPendingRow.size()))));
    if (!row.is_array()) return false;
    if (alarm == nullptr || alarm->rule < 0) return true;  // its rule left the site
    Rule& rule = rules[static_cast<std::size_t>(alarm->rule)];
    rule.pending_kept = true;
    for (std::size_t i = 0; i < row.items().size() && i < rule.pending.size(); ++i) {
      if (row.items()[i].is_integer()) rule.pending[i] = WallTime{row.items()[i].integer()};
    }
    return true;
  }
  if (key.starts_with(kSettingRow)) {
    if (!row.is_string()) return false;
    settings[std::string(key.substr(kSettingRow.size()))] = row.string();
    return true;
  }
  if (key.starts_with(kMaintenanceRow)) {
    const Result<DeviceId> device = DeviceId::parse(key.substr(kMaintenanceRow.size()));
    const Result<UserId> by = UserId::parse(row.string_or("by", ""));
    const Result<WallTime> since = parse_utc(row.string_or("since", ""));
    const Result<WallTime> until = parse_utc(row.string_or("until", ""));
    if (!device || !by || !since || !until) return false;
    maintained[*device] = {*by,    row.string_or("reason", ""), *since,
                           *until, row.bool_or("over", false),  row.bool_or("fill_seen", false)};
    return true;
  }
  if (key.starts_with(kRoundRow)) {
    const Result<DeviceId> device = DeviceId::parse(key.substr(kRoundRow.size()));
    if (!device || !row.is_object()) return false;
    Rounds& own = rounds[*device];
    own.substitute = row.bool_or("substitute", false);
    for (const auto& [meaning, signal] : row["signals"].members()) {
      own.signals[meaning] = {seconds(signal.integer_or("every_s", 0)),
                              WallTime{signal.integer_or("due_ms", 0)}};
    }
    return true;
  }
  return false;
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
    const std::string text = setting_text(entry);
    std::string& known = parts_->settings[key];
    if (known == text) continue;
    rows.push_back({cat(kSettingRow, key), Json(text).dump()});
    if (!first && !known.empty()) {
      Json data = Json::object();
      data.set("device", rule.spec.device.str()).set("condition", entry.condition);
      data.set("old", known).set("new", text).set("at", format_utc(now.wall));
      const config::AlarmOverride* change = parts_->override_of(rule);
      data.set("by", change == nullptr ? Json("the shipped catalogue") : Json(change->by));
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

}  // namespace cryobank::alarms
