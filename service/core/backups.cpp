#include "service/core/backups.hpp"

#include <algorithm>
#include <utility>

#include "base/row_reader.hpp"
#include "base/text.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kRowKey = "m/backup";
constexpr std::string_view kBackupSource = "service";
constexpr std::string_view kBackupFailed = "backup-failed";
constexpr std::string_view kOld = "backup-old";
// The wall clock may jump: when the next one is due is looked at again so often.
constexpr Duration kLookEvery = hours(1);
constexpr std::int64_t kMinuteMs = 60'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::string file_name(const SiteId& site, WallTime at) {
  std::string time = format_utc(at);
  std::replace(time.begin(), time.end(), ':', '-');
  return cat(site.str(), "-", time, ".backup");
}

alarms::Condition condition_of(std::string_view name, alarms::Priority priority, std::string text,
                               std::string action) {
  alarms::Condition condition;
  condition.source = std::string(kBackupSource);
  condition.condition = std::string(name);
  condition.priority = priority;
  condition.text = std::move(text);
  condition.action = std::move(action);
  return condition;
}

}  // namespace

Backups::Backups(Bank& bank, Recorder& recorder, AlarmDesk& alarms, CommandFlow& commands)
    : bank_(bank), recorder_(recorder), alarms_(alarms), commands_(commands) {}

Status Backups::load_row(std::string_view value) {
  const Result<Json> row = parse_json(value);
  if (!row) return make_error(ErrorCode::corrupt, cat("row m/backup: ", row.error().context));
  RowReader in("m/backup", *row);
  last_at_ = {in.maybe_number("at", 0, RowReader::kLeast)};
  since_ = {in.maybe_number("since", 0, RowReader::kLeast)};
  last_file_ = in.maybe_text("file");
  last_sequence_ = static_cast<std::uint64_t>(in.maybe_number("sequence"));
  return in.end();
}

RowChange Backups::row() const {
  Json json = Json::object();
  json.set("at", last_at_.ms).set("file", last_file_);
  json.set("sequence", last_sequence_).set("since", since_.ms);
  return {std::string(kRowKey), json.dump()};
}

void Backups::start(const Now& now) {
  if (!configured()) {
    alarms_.clear(now, kBackupSource, kBackupFailed);
    alarms_.clear(now, kBackupSource, kOld);
    if (since_.ms == 0) return;
    since_ = {};
    NoteWork off;
    off.rows.push_back(row());
    return recorder_.add(std::move(off));
  }
  if (since_.ms == 0) {
    since_ = now.wall;
    NoteWork on;
    on.rows.push_back(row());
    recorder_.add(std::move(on));
  }
  again_at_ = now.mono + kBackupSettle;
  look_at_ = again_at_;
}

// Periods are counted from `at_minute` of a local day.
std::int64_t Backups::period_of(WallTime wall) const {
  const config::SiteConfig& config = bank_.config;
  const std::int64_t local = wall.ms + config.zone.offset_at(wall) * std::int64_t{1'000};
  return floor_div(local - config.backup.at_minute * kMinuteMs, config.backup.every.ms());
}

WallTime Backups::next_period(WallTime wall) const {
  const config::SiteConfig& config = bank_.config;
  const std::int64_t local =
      (period_of(wall) + 1) * config.backup.every.ms() + config.backup.at_minute * kMinuteMs;
  // The clock may change in between: what counts is the offset then.
  const WallTime about{local - config.zone.offset_at(wall) * std::int64_t{1'000}};
  return {local - config.zone.offset_at(about) * std::int64_t{1'000}};
}

void Backups::on_fact(const Now& now, const Fact& fact, const std::string& command) {
  if (fact.type != fact::kBackupAsked) return;
  asked_.push_back(command);
  look_at_ = now.mono;
}

void Backups::on_deadline(const Now& now, Effects& effects) {
  look_at_ = now.mono + kLookEvery;
  judge_age(now);
  if (running_ != 0) return;
  // Another period, not a later one: a clock that was set back makes one more, never none.
  const bool due = configured() && period_of(now.wall) != period_of(last_at_);
  if (!asked_.empty() || (due && now.mono >= again_at_)) return begin(now, effects);
  const Instant next = due ? again_at_ : now.mono + (next_period(now.wall) - now.wall);
  look_at_ = std::min(look_at_, next);
}

void Backups::judge_age(const Now& now) {
  if (!configured()) return;
  const WallTime from = std::max(last_at_, since_);
  const Duration left = bank_.config.backup.alarm_after - (now.wall - from);
  if (left.ns > 0) {
    look_at_ = std::min(look_at_, now.mono + left + milliseconds(1));
    return alarms_.clear(now, kBackupSource, kOld);
  }
  const std::string newest =
      last_at_.ms == 0 ? "There is no backup of the record"
                       : cat("The newest backup of the record is of ", format_utc(last_at_));
  alarms_.raise(now, condition_of(kOld, alarms::Priority::p2, newest,
                                  "Look at the backup's folder and its disk, then ask for one: "
                                  "cryobankctl store backup."));
}

void Backups::begin(const Now& now, Effects& effects) {
  running_ = bank_.next_effect();
  served_ = std::exchange(asked_, {});
  effects.push_back(MakeBackup{running_, file_name(bank_.config.site, now.wall)});
}

void Backups::on_ended(const Now& now, const BackupEnded& ended) {
  if (ended.backup != running_) return;
  running_ = 0;
  if (ended.made) {
    tell_made(now, *ended.made);
  } else {
    tell_failed(now, ended.made.error());
  }
  served_.clear();
  look_at_ = now.mono;
}

void Backups::tell_made(const Now& now, const BackupMade& made) {
  last_at_ = now.wall;
  last_file_ = made.file;
  last_sequence_ = made.sequence;
  alarms_.clear(now, kBackupSource, kBackupFailed);
  Json data = Json::object();
  data.set("bytes", made.bytes).set("file", made.file).set("kept", made.kept);
  data.set("root", made.root).set("rows", made.rows).set("sequence", made.sequence);
  data.set("took_ms", made.took.ms());
  for (const std::string& command : served_) {
    commands_.close(command, ReplyStatus::done, kOk,
                    cat("wrote and checked ", made.file, ": journal up to ", made.sequence), data);
  }
  NoteWork note;
  note.facts.push_back({fact::kBackupMade, std::move(data)});
  note.rows.push_back(row());
  recorder_.add(std::move(note));
}

void Backups::tell_failed(const Now& now, const Error& error) {
  again_at_ = now.mono + kBackupRetry;
  for (const std::string& command : served_) {
    commands_.close(command, ReplyStatus::failed, error.code,
                    cat("there is no new backup: ", error.context));
  }
  alarms_.raise(now, condition_of(kBackupFailed, alarms::Priority::p3,
                                  cat("The backup of the record failed: ", error.context),
                                  "Look at the backup's folder and its disk. It is tried again "
                                  "every 15 minutes."));
  NoteWork note;
  note.facts.push_back({fact::kBackupFailed, Json::object().set("why", error.context)});
  recorder_.add(std::move(note));
}

}  // namespace cryobank::core
