// Command flow: from a message of the broker to its reply. It reads the form (command_gate.hpp),
// answers repetitions from memory, checks the role and the witness, hands the command to the
// recorder, and once it is durable tells the asker and lets the rooms act.
//
//   message --form, id, role--> [waits for a witness] --> recorder --durable--> done
//                                                                       \--> accepted .. its job ends
//                                                                                --> done or failed
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "service/core/alarm_desk.hpp"
#include "service/core/bank.hpp"
#include "service/core/command_memory.hpp"
#include "service/core/publisher.hpp"
#include "service/core/recorder.hpp"

namespace cryobank::core {

// Commands that wait for a second person; each is asked of somebody who stands at the bench.
inline constexpr std::size_t kWitnessWaitsMax = 64;
inline constexpr Duration kWitnessWait = minutes(10);
// Repetitions and replays that wait for the store to be read.
inline constexpr std::size_t kReadsMax = 64;
// Denied acts journaled per minute, so that nobody can fill the journal with them; the others are
// refused all the same and counted in the next one's fact.
inline constexpr int kDenialsPerMinute = 30;
// Events in one reply of event/replay, and in one reply's payload.
inline constexpr std::uint32_t kReplayMax = 200;

class CommandFlow {
 public:
  CommandFlow(Bank& bank, CommandMemory& memory, Recorder& recorder, Publisher& publisher,
              EventLog& events);

  // At start: commands whose work ended, or never began, while nobody looked.
  void start(const Now& now);
  void on_message(const Now& now, const ParsedTopic& topic, const BrokerMessage& message,
                  Effects& effects);
  // A command of the daemon's own: the schedule's thaw, a device's act. No reply is sent.
  void submit(const Now& now, Command command, Actor actor);
  void on_recorded(const Now& now, Recorded& recorded, const Status& status, Effects& effects);
  void on_job(const Now& now, const JobId& job);
  void on_write(const Now& now, const devices::WriteOutcome& outcome);
  bool on_rows(const Now& now, const RowsRead& read, Effects& effects);  // false: not ours
  void on_deadline(const Now& now);
  Instant next_deadline() const;
  void refuse_new(bool refuse) { refuse_new_ = refuse; }  // the service is stopping

 private:
  struct Waiting {  // for a witness
    Command command;
    Actor actor;
    Instant until{};
  };
  struct Read {  // of a stored reply or of events
    Command command;
    std::string stream;  // empty: the stored reply
    std::uint64_t from = 0;
  };

  bool answer_again(const Command& command, Effects& effects);
  Status check_time(const Now& now, const Command& command, ReplyStatus& status) const;
  std::optional<Actor> identify(const Command& command) const;
  void deny(const Now& now, const Command& command, const Error& error, Effects& effects);
  void take_in(const Now& now, Command command, Actor actor, Effects& effects);
  void ask_witness(const Now& now, Command command, Actor actor);
  void witness_says(const Now& now, const Command& command, const Actor& actor, Effects& effects);
  void replay(const Now& now, const Command& command, Effects& effects);
  void tell(const Command& command, const Reply& reply, Effects& effects);
  void carry_out(const Now& now, const Recorded& recorded);
  void close(const Now& now, const std::string& id, ReplyStatus status, std::string code,
             std::string message);
  bool has_open_job(const std::string& command) const;
  void send_events(const Now& now, const Read& read, const RowsRead& rows, Effects& effects);

  Bank& bank_;
  CommandMemory& memory_;
  Recorder& recorder_;
  Publisher& publisher_;
  EventLog& events_;
  std::map<std::string, Waiting> witness_waits_;  // by command id
  std::map<EffectId, Read> reads_;
  std::map<std::uint64_t, std::string> writes_;  // device write -> command id
  Instant denials_since_{};
  int denials_ = 0;
  std::uint64_t denials_untold_ = 0;
  bool refuse_new_ = false;
};

}  // namespace cryobank::core
