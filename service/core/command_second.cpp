// The second person of a command: who may be asked, what they read, and what is refused before
// anybody is called.
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/signature.hpp"
#include "service/core/command_flow.hpp"
#include "service/wire/authoriser.hpp"

namespace cryobank::core {

Status CommandFlow::second_person(const Now& now, const Command& command, const Actor& actor) {
  if (command.witness.empty()) {
    return make_error(ErrorCode::witness_needed,
                      cat(command.verb, " needs a second person: name a `witness`"));
  }
  TRY(may_witness(bank_.config, command.user, command.witness));
  if (tells_dry_run(command.verb)) {  // however long, and signed or not
    memory_.begin(command, now.wall);
    recorder_.add(CommandWork{command, actor, {}, true});
    return {};
  }
  if (recorder_.takes_long(command)) {
    memory_.begin(command, now.wall);
    recorder_.add(CommandWork{as_if_signed(command), with_witness(command, actor), {}, true});
    return {};
  }
  TRY_ASSIGN(std::string would, would_say(now, command, actor));
  return witnesses_.ask(now, command, actor, std::move(would));
}

// Nobody is called to confirm what would be refused, and whoever confirms reads what it does. Not
// while the ledger is behind.
Result<std::string> CommandFlow::would_say(const Now& now, const Command& command,
                                           const Actor& actor) const {
  if (!recorder_.settled()) return std::string();
  return recorder_.try_out(now, as_if_signed(command), with_witness(command, actor));
}

// As if the witness had confirmed, and signed what was signed.
Actor CommandFlow::with_witness(const Command& command, Actor actor) const {
  actor.witness = command.witness;
  if (const auto* witness = bank_.config.find_user(command.witness)) {
    actor.witness_roles = witness->roles;
  }
  return actor;
}

Command CommandFlow::as_if_signed(Command command) {
  if (command.signature.given()) {
    command.witness_signature = {std::string(inventory::kWitnessMeaning), {}, true};
  }
  return command;
}

// A list was read whole: its faults are told at once, and whoever confirms it reads what it does.
// A refusal that goes on record, as of another course's vial, takes two people as it always did.
void CommandFlow::looked_ahead(const Now& now, CommandWork& work, const Recorded& recorded,
                               const Status& status, Effects& effects) {
  Command& command = work.command;
  if (const CommandEntry* entry = memory_.find(command.id)) {  // where it was asked last
    command.reply_topic = entry->reply_topic;
    command.correlation = entry->correlation;
  }
  memory_.forget(command.id);
  Reply reply = recorded.reply;
  const bool refused = reply.status != ReplyStatus::done && reply.status != ReplyStatus::accepted;
  if (status && (!refused || recorded.refusal_is_kept)) {
    constexpr std::string_view kTrial = "dry run: ";
    std::string would = reply.message;
    if (would.starts_with(kTrial)) would.erase(0, kTrial.size());
    work.actor.witness = UserId();  // nobody has confirmed yet, or signed
    work.actor.witness_roles.clear();
    command.witness_signature = {};
    const Status asked = witnesses_.ask(now, command, work.actor, std::move(would));
    if (asked) return;
    reply = refusal(command.id, ReplyStatus::rejected, asked.error());
  } else if (!status) {
    reply = refusal(
        command.id, ReplyStatus::failed,
        make_error(ErrorCode::unavailable, cat("nothing was changed: ", status.error().context)));
  }
  tell_unasked(command, std::move(reply), effects);
}

// Refused before its witness was called: the same words again would be refused again.
void CommandFlow::tell_unasked(const Command& command, Reply reply, Effects& effects) {
  if (!reply.body.is_object()) reply.body = Json::object();
  reply.body.set("witness_asked", false);
  tell(command, reply, effects);
}

}  // namespace cryobank::core
