// Command memory: every command id of the last 24 hours with what it asked and what was answered,
// so that the same command sent again gets the same reply and changes nothing, also after a
// restart.
//   c/<uuid>  {"at":ms,"fingerprint":hex,"open":true?,"correlation":base64?,"reply":"{...}",
//              "topic":"..."?,"user":"..."}
//
//   waiting --durable--> open (accepted, work goes on) --end of its work--> closed
//          \--durable--> closed                    closed --24 h--> forgotten
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/wire/work.hpp"

namespace cryobank::core {

// Kept at least so long (contract section 3); commands may not live longer than kCommandLifeMax, so
// that nobody can send an old one again once it is forgotten.
inline constexpr Duration kCommandKeep = hours(24);
inline constexpr Duration kCommandLifeMax = hours(1);
// About 60 MB. Reached only by more than two commands a second for a whole day; then new commands
// are refused rather than old ones forgotten early.
inline constexpr std::size_t kCommandsKept = 200'000;
// Forgotten rows per batch: faster than rows can be added, without one batch that removes a day.
inline constexpr int kForgottenPerBatch = 512;

// In place of the fingerprint of a command that is known from the journal only, after a recovery:
// what it asked word for word is lost, so the same id from the same user is the same command.
inline constexpr std::string_view kRecovered = "recovered";

enum class CommandState : std::uint8_t { waiting, open, closed };

struct CommandEntry {
  std::string fingerprint;
  CommandState state = CommandState::waiting;
  WallTime at;
  UserId user;

  bool is_of(const Command& command) const {
    if (fingerprint == kRecovered) return user == command.user;
    return fingerprint == command.fingerprint;
  }
  std::string reply_topic;  // where the end is told; empty once closed
  std::string correlation;
  std::string reply;        // last payload told; empty once closed (it is in the row)
  bool job_failed = false;  // one of its jobs ended badly
};

class CommandMemory {
 public:
  Status load_row(std::string_view key, std::string_view value);  // prefix "c/"

  CommandEntry* find(std::string_view id);
  bool full() const { return entries_.size() >= kCommandsKept; }
  // A command was taken in. REQUIRES: !full(), not known.
  void begin(const Command& command, WallTime at);
  // Its batch failed: as if it had never come.
  void forget(std::string_view id);
  // Its reply is durable.
  void settle(std::string_view id, std::string_view reply, bool open);
  // Open commands, for restarts; by id.
  std::vector<std::string> open() const;

  // Rows for a batch: the answer, and the removal of what is old enough.
  RowChange row(const Command& command, std::string_view reply, bool open, WallTime at) const;
  void trim(WallTime now, std::vector<RowChange>& rows);

  // Of a command of which only its entries are left; `open`: its work may go on.
  static RowChange recovered_row(const Reply& reply, const UserId& user, bool open, WallTime at);
  static std::string row_key(std::string_view id);
  static std::string reply_in(std::string_view row);  // empty when there is none

 private:
  std::map<std::string, CommandEntry, std::less<>> entries_;
  std::set<std::pair<WallTime, std::string>> by_time_;
};

// The last word on an accepted command: told to where it was asked last, never dropped.
VerdictWork closing(const CommandEntry& entry, Reply reply);
// A version 8 UUID (RFC 9562 section 5.8) made of a text: the same text is the same command.
std::string command_id(std::string_view text);

}  // namespace cryobank::core
