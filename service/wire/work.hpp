// Work: the closed list of what can wait to be made durable, and what comes back once it is. Each
// piece goes into exactly one batch; a batch is durable as a whole or not at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/record.hpp"
#include "devices/robot/robot_motion.hpp"
#include "inventory/ledger/ledger.hpp"
#include "service/wire/wire.hpp"

namespace cryobank::core {

// A command as its sender wrote it, past the checks of its form (command_gate.hpp).
struct Command {
  std::string id;  // UUID, lower case
  UserId user;
  std::string verb;  // "noun/verb"
  Json body;
  std::string reason;
  UserId witness;                     // named by the sender; confirms under an own login
  std::int64_t expect_revision = -1;  // -1: not asked
  WallTime expires_at;
  // Hex SHA-256 over the user, the verb and the whole payload as it came, without expires_at and
  // the signing secret: the same command may be sent again with a later end.
  std::string fingerprint;
  std::string reply_topic;  // empty: nobody is told (the daemon's own commands)
  std::string correlation;
  std::string terminal;  // the client level of the reply topic: where it was sent from
  Signature signature;   // as it came; proven once its secret was looked at
  std::string signer;    // the user component of the signature as it came; empty: not given
  Signature witness_signature;
  std::string secret;      // only until it was looked at; never in a row, an entry or a log
  WallTime asked_at = {};  // when it began to wait for its witness; 0: it did not wait
};

// What a decision is told of the command it decides.
inline CommandContext context_of(const Now& now, const Command& command, const Actor& actor) {
  CommandContext context{
      now, actor, command.id, command.reason, command.expect_revision, command.terminal};
  context.signature = command.signature;
  context.witness_signature = command.witness_signature;
  context.asked_at = command.asked_at;
  return context;
}

// An authorised command; it is decided when its batch is built, on top of those before it.
struct CommandWork {
  Command command;
  Actor actor;
  std::vector<RowChange> rows = {};  // become durable with its answer
  // Only tried, as a dry run, before its witness is asked; its answer is remembered nowhere.
  bool ahead = false;
};

// The answer to a command that needs no decision any more: a denial, or the end of its job.
struct VerdictWork {
  Command command;
  Actor actor;
  Reply reply;
  std::vector<Fact> facts;
  std::vector<RowChange> rows;
  bool owed = false;  // the end of accepted work: told when the store recovers, never dropped
};

enum class JobStep : std::uint8_t { issued, holding, done, not_delivered, failed, unknown };

// One transition of a move. `issued` may be dropped when its commit fails, since nothing was sent;
// all others tell what happened in the world and are kept until they are durable.
struct JobWork {
  JobId job;
  std::size_t move = 0;
  JobStep step = JobStep::issued;
  Fact fact;
  std::string command;  // the command that made the job
  UserId by;
};

// Facts and rows that happened already, from alarms, devices and the service itself; kept until
// they are durable.
struct NoteWork {
  std::vector<Fact> facts;
  std::vector<RowChange> rows;
  std::vector<AlarmId> alarms;  // whose rows changed
};

using Work = std::variant<CommandWork, VerdictWork, JobWork, NoteWork>;

// The room that decided a command, and that carries out its facts once they are durable.
enum class DecidedBy : std::uint8_t { inventory, alarms, devices, service };

// A piece of work after its batch.
struct Recorded {
  Work work;
  DecidedBy by = DecidedBy::inventory;
  Reply reply;                   // CommandWork and VerdictWork
  std::vector<Fact> facts;       // of a command that was allowed
  std::uint64_t sequence = 0;    // journal sequence of the last fact
  bool open = false;             // a command whose work goes on
  bool refusal_is_kept = false;  // of a dry run: in earnest it would leave facts
  Status contradiction;          // JobWork: the record could not take this fact
};

struct Settled {
  Status status;  // not ok: nothing of it is durable
  std::vector<Recorded> items;
  inventory::Touched touched;
  std::vector<std::string> streams;  // event streams that grew
};

}  // namespace cryobank::core
