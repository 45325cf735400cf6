// Backups: when the record is backed up while the service works, and what became of it. One is due
// once in each period of [backup], the first a minute after a start that finds it missed; a person
// asks for one with store/backup. The outcome is a fact; a failure, and a newest good backup older
// than the limit, are alarms (source "service"). Nothing here waits: the edge writes and checks.
//   m/backup  {"at":ms,"file":"...","sequence":n,"since":ms}   the newest good one; `since`: when
//                                                              backups were first configured
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/core/bank.hpp"
#include "service/core/command_flow.hpp"
#include "service/core/desk/alarm_desk.hpp"
#include "service/core/recorder.hpp"

namespace cryobank::core {

// A start has other work first.
inline constexpr Duration kBackupSettle = minutes(1);
// Between a failed backup and the next try by itself.
inline constexpr Duration kBackupRetry = minutes(15);

class Backups {
 public:
  Backups(Bank& bank, Recorder& recorder, AlarmDesk& alarms, CommandFlow& commands);

  Status load_row(std::string_view value);
  void start(const Now& now);
  // A person's wish became durable; every wish is met by a backup that begins after it.
  void on_fact(const Now& now, const Fact& fact, const std::string& command);
  void on_deadline(const Now& now, Effects& effects);
  void on_ended(const Now& now, const BackupEnded& ended);
  void stop() { look_at_ = kNever; }
  Instant next_deadline() const { return look_at_; }

 private:
  bool configured() const { return !bank_.config.backup.directory.empty(); }
  std::int64_t period_of(WallTime wall) const;
  WallTime next_period(WallTime wall) const;
  void judge_age(const Now& now);
  void begin(const Now& now, Effects& effects);
  void tell_made(const Now& now, const BackupMade& made);
  void tell_failed(const Now& now, const Error& error);
  RowChange row() const;

  Bank& bank_;
  Recorder& recorder_;
  AlarmDesk& alarms_;
  CommandFlow& commands_;
  WallTime last_at_;  // of the newest good one; its zero: there was none
  WallTime since_;
  std::string last_file_;
  std::uint64_t last_sequence_ = 0;
  std::vector<std::string> asked_;   // commands that wait for the next one
  std::vector<std::string> served_;  // commands that the running one answers
  EffectId running_ = 0;
  Instant again_at_{};  // not by itself before
  Instant look_at_ = kNever;
};

}  // namespace cryobank::core
