// What the board keeps over a restart: alarms, delays that run, settings, maintenance, rounds.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "config/duration.hpp"
#include "service/alarms/board_parts.hpp"
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
  if (parts_->alarms.size() >= 2 * kAlarmsMax) {
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
  parts_->alarms[*id] = std::move(loaded);
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

}  // namespace cryobank::alarms
