// Replayer: answers that come from the store alone: the reply of a command that was sent again
// after it was settled, and the events that a reader missed (command event/replay with
// {"stream":"alarm","from":17}). A replay is sent in chunks; `next` says where to ask on.
#pragma once

#include <map>
#include <string>

#include "service/core/bank.hpp"
#include "service/core/publisher.hpp"
#include "service/wire/event_log.hpp"
#include "service/wire/work.hpp"

namespace cryobank::core {

// Questions that wait for the store: one per person at a screen, and room for a few impatient ones.
inline constexpr std::size_t kReadsMax = 64;
// Events in one reply; its payload also stays within the size of a command's.
inline constexpr std::uint32_t kReplayMax = 200;

class Replayer {
 public:
  Replayer(Bank& bank, EventLog& events, Publisher& publisher);

  void ask_reply(const Command& command, Effects& effects);
  void ask_events(const Command& command, Effects& effects);
  bool on_rows(const RowsRead& read, Effects& effects);  // false: not ours

 private:
  struct Read {
    Command command;
    std::string stream;  // empty: the stored reply
    std::uint64_t from = 0;
  };

  bool crowded(const Command& command, Effects& effects);
  void refuse(const Command& command, ReplyStatus status, const Error& error, Effects& effects);
  void send_reply(const Read& read, const std::vector<RowChange>& rows, Effects& effects);
  void send_events(const Read& read, const std::vector<RowChange>& rows, Effects& effects);

  Bank& bank_;
  EventLog& events_;
  Publisher& publisher_;
  std::map<EffectId, Read> reads_;
};

}  // namespace cryobank::core
