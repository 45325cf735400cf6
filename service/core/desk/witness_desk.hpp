// Witness desk: commands that wait for a second person. The witness confirms or refuses under an
// own login, with witness/confirm or witness/refuse and {"command":"<uuid>"}; then the command is
// decided as if it had just come, with both names. Waiting ends by itself. What waits is durable
// with its first answer, so a restart forgets nothing:
//   m/witness/<uuid>  {"command":{...},"roles":[...],"until":ms,"would":text}
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "service/core/bank.hpp"
#include "service/core/recorder.hpp"
#include "service/wire/command_memory.hpp"

namespace cryobank::core {

// Each is asked of somebody who stands at the bench.
inline constexpr std::size_t kWitnessWaitsMax = 64;
inline constexpr Duration kWitnessWait = minutes(10);
// A body up to this is shown to who waits; of a longer one (a list) the size is.
inline constexpr std::size_t kWaitingBodyMax = 8'192;

class WitnessDesk {
 public:
  WitnessDesk(Bank& bank, CommandMemory& memory, Recorder& recorder);

  // The witness named must be allowed to (authoriser.hpp). `would`: what the command would answer
  // now, for the witness to read; empty when it is not known. Error unavailable: too many wait.
  Status ask(const Now& now, Command command, Actor actor, std::string would);
  Status load_row(std::string_view key, std::string_view value);
  void start(const Now& now);
  bool waits(const std::string& id) const { return waiting_.contains(id); }
  // The first answer could not be made durable: as if it had never come.
  void forget(const std::string& id) { changed_ = waiting_.erase(id) > 0 || changed_; }
  // A witness's own command. Error not_found: nothing waits for this person under that id.
  Status answer(const Now& now, const Command& command, const Actor& actor);
  // The end of a command that asked here; told once it is durable.
  void close(const std::string& id, ReplyStatus status, std::string message);
  void on_deadline(const Now& now);
  Instant next_deadline() const;
  // What service/waiting shows, once after each change of it.
  std::optional<Json> take_list();

 private:
  struct Waiting {
    Command command;
    Actor actor;
    WallTime until_wall{};  // as it is written and told
    Instant until{};        // of this run
    std::string would;      // what it would answer, as it was asked
  };
  static Result<Waiting> read_waiting(std::string_view key, const Json& row);

  Bank& bank_;
  CommandMemory& memory_;
  Recorder& recorder_;
  std::map<std::string, Waiting> waiting_;  // by command id
  bool changed_ = true;                     // since take_list()
};

}  // namespace cryobank::core
