#include "service/core/command_flow.hpp"

#include <utility>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/schema/schemas.hpp"
#include "service/wire/authoriser.hpp"
#include "service/wire/command_gate.hpp"
#include "service/wire/command_table.hpp"

namespace cryobank::core {
namespace {

// What the inventory decides in place of a command whose signing secret was wrong.
constexpr std::string_view kWrongSecret = "signature/refused";
constexpr std::string_view kEndSession = "signature/end";

}  // namespace

CommandFlow::CommandFlow(Bank& bank, CommandMemory& memory, Recorder& recorder,
                         Publisher& publisher, EventLog& events, ListDesk& lists)
    : bank_(bank),
      memory_(memory),
      recorder_(recorder),
      publisher_(publisher),
      lists_(lists),
      replayer_(bank, events, publisher),
      as_of_(bank, publisher),
      charts_(bank, publisher),
      witnesses_(bank, memory, recorder),
      signatures_(bank) {}

void CommandFlow::on_message(const Now& now, const ParsedTopic& topic, const BrokerMessage& message,
                             Effects& effects) {
  Gated gated = read_command(bank_.topics, topic, message);
  Command& command = gated.command;
  if (gated.refusal) {
    if (message.retained && !message.payload.empty()) publisher_.wipe(message.topic);
    log(effects, LogLevel::warning,
        cat("command refused: ", clip(message.topic, 120), ": ", gated.refusal->context));
    if (gated.refusal->code == ErrorCode::not_authorised) {
      deny(now, command, *gated.refusal, effects);
    } else {
      tell(command, refusal(command.id, ReplyStatus::rejected, *gated.refusal), effects);
    }
    return;
  }
  std::optional<Actor> actor = identify(command);
  if (!actor) {
    deny(now, command,
         make_error(ErrorCode::not_authorised,
                    cat("no user of this site is called ", command.user.str())),
         effects);
    return;
  }
  if (signatures_.waits(command.id) || answer_again(command, effects)) return;
  ReplyStatus status = ReplyStatus::rejected;
  const Status timely = check_time(now, command, status);
  if (!timely) {
    tell(command, refusal(command.id, status, timely.error()), effects);
    return;
  }
  const Status allowed = authorise(command.verb, *actor);
  if (!allowed && allowed.error().code == ErrorCode::not_authorised) {
    deny(now, command, allowed.error(), effects);
  } else if (!allowed) {
    tell(command, refusal(command.id, ReplyStatus::rejected, allowed.error()), effects);
  } else {
    read_and_take_in(now, std::move(command), std::move(*actor), effects);
  }
}

// The body is read whole before anybody confirms or signs it.
void CommandFlow::read_and_take_in(const Now& now, Command command, Actor actor, Effects& effects) {
  const CommandSchema& schema = *find_command(command.verb);
  const Status fits = check_command(schema, command.body, command.expect_revision);
  if (!fits) {
    return tell(command, refusal(command.id, ReplyStatus::rejected, fits.error()), effects);
  }
  take_in(now, std::move(command), std::move(actor), effects);
}

void CommandFlow::take_in(const Now& now, Command command, Actor actor, Effects& effects) {
  if (command.signature.given()) {
    sign_first(now, command, std::move(actor), effects);
  } else {
    proceed(now, std::move(command), std::move(actor), effects);
  }
}

void CommandFlow::sign_first(const Now& now, const Command& command, Actor actor,
                             Effects& effects) {
  const Status asked = signatures_.ask(now, command, std::move(actor), effects);
  if (asked) return;
  if (asked.error().code == ErrorCode::not_authorised) {
    return deny(now, command, asked.error(), effects);
  }
  tell(command, refusal(command.id, ReplyStatus::rejected, asked.error()), effects);
}

void CommandFlow::on_secret(const Now& now, const SecretChecked& checked, Effects& effects) {
  std::optional<SigningDesk::Answer> answer = signatures_.on_checked(now, checked);
  if (!answer) return;
  Command& command = answer->command;
  if (!answer->looked) {
    const Error& why = answer->looked.error();
    const bool ended = why.code == ErrorCode::signature_needed;
    const ReplyStatus status = ended ? ReplyStatus::rejected : ReplyStatus::failed;
    return tell(command, refusal(command.id, status, why), effects);
  }
  if (answer_again(command, effects)) return;
  if (command.signature.proven) {
    return proceed(now, std::move(command), std::move(answer->actor), effects);
  }
  command.body = Json::object().set("act", std::exchange(command.verb, std::string(kWrongSecret)));
  command.signature = {};
  memory_.begin(command, now.wall);
  recorder_.add(CommandWork{std::move(command), std::move(answer->actor)});
}

std::optional<Actor> CommandFlow::identify(const Command& command) const {
  const config::UserConfig* user = bank_.config.find_user(command.user);
  if (!user) return std::nullopt;
  Actor actor;
  actor.user = user->id;
  actor.roles = user->roles;
  return actor;
}

Status CommandFlow::check_time(const Now& now, const Command& command, ReplyStatus& status) const {
  if (command.expires_at <= now.wall) {
    status = ReplyStatus::expired;
    return make_error(ErrorCode::expired, cat("expired at ", format_utc(command.expires_at),
                                              ", it is ", format_utc(now.wall)));
  }
  if (command.expires_at - now.wall > kCommandLifeMax) {
    return make_error(ErrorCode::invalid_value,
                      cat("expires_at: expected at most ", kCommandLifeMax.seconds(),
                          " s from now, came ", format_utc(command.expires_at)));
  }
  if (stopping_) return make_error(ErrorCode::unavailable, "the service is stopping");
  if (recorder_.full() || memory_.full()) {
    return make_error(ErrorCode::unavailable, "too many commands wait; try again");
  }
  return {};
}

// The same id once more: the same reply, moved to where it was asked from now.
bool CommandFlow::answer_again(const Command& command, Effects& effects) {
  CommandEntry* entry = memory_.find(command.id);
  if (!entry) return false;
  if (!entry->is_of(command)) {
    tell(command,
         refusal(command.id, ReplyStatus::duplicate,
                 make_error(ErrorCode::duplicate,
                            "this id was used for another command in the last 24 hours")),
         effects);
    return true;
  }
  if (entry->state != CommandState::closed) {
    entry->reply_topic = command.reply_topic;
    entry->correlation = command.correlation;
    if (entry->state == CommandState::open) {
      publisher_.reply(address_of(command), entry->reply, effects);
    }
    return true;
  }
  replayer_.ask_reply(command, effects);
  return true;
}

void CommandFlow::deny(const Now& now, const Command& command, const Error& error,
                       Effects& effects) {
  const Reply reply = refusal(command.id, ReplyStatus::rejected, error);
  std::optional<Fact> fact = recorder_.denials().note(now.mono, command, error);
  if (!fact) return tell(command, reply, effects);
  VerdictWork verdict;
  verdict.command = command;
  verdict.command.secret.clear();
  verdict.command.fingerprint.clear();  // denied acts are not remembered: the answer is the same
  // With the roles that they had: why it was denied must be clear in thirty years.
  if (std::optional<Actor> known = identify(command)) verdict.actor = std::move(*known);
  if (verdict.actor.user.empty()) {
    verdict.actor.user = command.user.empty() ? UserId("unknown") : command.user;
  }
  verdict.reply = reply;
  verdict.facts.push_back(std::move(*fact));
  recorder_.add(std::move(verdict));
}

// Acts that are not decided by a room come first.
void CommandFlow::proceed(const Now& now, Command command, Actor actor, Effects& effects) {
  if (command.verb == "event/replay") return replayer_.ask_events(command, effects);
  if (AsOfDesk::answers(command.verb)) return as_of_.ask(now, command, effects);
  if (ListDesk::answers(command.verb)) return take_piece(now, command, effects);
  if (ChartDesk::answers(command.verb)) return charts_.ask(now, command, effects);
  if (command.verb == "witness/confirm" || command.verb == "witness/refuse") {
    const Status answered = witnesses_.answer(now, command, actor);
    if (!answered)
      tell(command, refusal(command.id, ReplyStatus::rejected, answered.error()), effects);
    return;
  }
  if (command.verb == kEndSession) signatures_.end(command.user);  // durable or not
  if (!recorder_.healthy() || recorder_.silent(now.mono) || bank_.doubled(now.mono)) {
    return without_store(now, command, actor, effects);
  }
  const bool tries = command.body["dry_run"] == Json(true);  // confirms nothing, so nobody is asked
  if (tries || (command.witness.empty() &&
                !inventory::needs_witness(*find_command(command.verb), command.body))) {
    memory_.begin(command, now.wall);
    recorder_.add(CommandWork{std::move(command), std::move(actor)});
    return;
  }
  const Status asked = second_person(now, command, actor);
  if (asked) return;
  if (asked.error().code == ErrorCode::not_authorised)
    return deny(now, command, asked.error(), effects);
  tell_unasked(command, refusal(command.id, ReplyStatus::rejected, asked.error()), effects);
}

// While nothing can be written, questions are answered all the same, and whoever wants a change
// hears at once that there is none. Neither is remembered: the same id may be sent again.
void CommandFlow::without_store(const Now& now, const Command& command, const Actor& actor,
                                Effects& effects) {
  if (command.verb == "alarm/acknowledge" || command.verb == "alarm/comment") {
    return take_alarm(now, command, actor, effects);
  }
  const Result<Reply> answer = recorder_.answer_reading(now, command, actor);
  if (answer) return tell(command, *answer, effects);
  const bool failed = answer.error().code == ErrorCode::unavailable;
  const ReplyStatus status = failed ? ReplyStatus::failed : ReplyStatus::rejected;
  tell(command, refusal(command.id, status, answer.error()), effects);
}

// Who goes to a tank is believed at once, as by pager; the fact waits for the store.
void CommandFlow::take_alarm(const Now& now, const Command& command, const Actor& actor,
                             Effects& effects) {
  const CommandContext context = context_of(now, command, actor);
  Result<Decision> decided = bank_.board.decide(command.verb, command.body, context);
  if (!decided) {
    return tell(command, refusal(command.id, ReplyStatus::rejected, decided.error()), effects);
  }
  NoteWork note;
  for (Fact& fact : decided->facts) {
    apply_to_board(now, fact);
    note.facts.push_back(std::move(fact));
  }
  recorder_.add(std::move(note));
  Reply reply;
  reply.id = command.id;
  reply.status = ReplyStatus::accepted;  // done is what is on disk
  reply.code = ErrorCode::unavailable;
  reply.message = cat(decided->message, "; not on record before the store can be written");
  reply.body = std::move(decided->reply);
  tell(command, reply, effects);
}

// Kept in memory only, and so no entry of the journal.
void CommandFlow::take_piece(const Now& now, const Command& command, Effects& effects) {
  Result<Json> taken = lists_.take(now, command.user, command.body);
  if (!taken) {
    return tell(command, refusal(command.id, ReplyStatus::rejected, taken.error()), effects);
  }
  Reply reply;
  reply.id = command.id;
  reply.status = ReplyStatus::done;
  reply.message = cat("piece ", (*taken)["piece"].dump(), " is there, ", (*taken)["lines"].dump(),
                      " lines in all");
  reply.body = std::move(*taken);
  tell(command, reply, effects);
}

bool CommandFlow::submit(const Now& now, Command command, Actor actor) {
  if (recorder_.full() || memory_.full() || memory_.find(command.id)) return false;
  command.fingerprint = to_hex(sha256(command.id));
  command.expires_at = now.wall + kCommandLifeMax;
  memory_.begin(command, now.wall);
  recorder_.add(CommandWork{std::move(command), std::move(actor)});
  return true;
}

void CommandFlow::act(const Now& now, const devices::DeviceAct& act) {
  Command command;
  command.user = UserId("service");
  command.verb = act.verb;
  command.body = act.body;
  command.reason = act.reason;
  command.id = command_id(cat(act.verb, act.body.dump(), format_utc(now.wall)));
  Actor actor;
  actor.user = command.user;
  actor.roles = {"service"};
  submit(now, std::move(command), std::move(actor));
}

void CommandFlow::tell(const Command& command, const Reply& reply, Effects& effects) {
  publisher_.reply(address_of(command), reply_payload(reply), effects);
}

void CommandFlow::on_recorded(const Now& now, Recorded& recorded, const Status& status,
                              Effects& effects) {
  CommandWork* work = std::get_if<CommandWork>(&recorded.work);
  if (work != nullptr && work->ahead) {
    return looked_ahead(now, *work, recorded, status, effects);
  }
  const Command& command = work ? work->command : std::get<VerdictWork>(recorded.work).command;
  CommandEntry* entry = memory_.find(command.id);
  // Where it was asked last; a denied act has no entry, or another one's.
  const bool own = entry && entry->fingerprint == command.fingerprint;
  const ReplyTo to =
      own ? ReplyTo{entry->reply_topic, entry->correlation, command.id} : address_of(command);
  if (!status) {
    const Error error =
        make_error(ErrorCode::unavailable, cat("nothing was changed: ", status.error().context));
    return not_recorded(recorded, to, error, effects);
  }
  const std::string payload = reply_payload(recorded.reply);
  if (own) memory_.settle(command.id, payload, recorded.open);
  publisher_.reply(to, payload, effects);
  if (!work) return;
  signatures_.on_recorded(now, work->command, recorded.facts);
  carry_out(now, recorded);
}

void CommandFlow::not_recorded(const Recorded& recorded, const ReplyTo& to, const Error& why,
                               Effects& effects) {
  const bool decided = std::holds_alternative<CommandWork>(recorded.work);
  const CommandEntry* entry = memory_.find(to.command);
  if (entry && entry->state == CommandState::open && decided) {
    // Its witness confirmed, so it was accepted: the end must be durable, too.
    return witnesses_.close(to.command, ReplyStatus::failed, why.context);
  }
  if (entry && entry->state == CommandState::waiting) memory_.forget(to.command);
  if (!decided) witnesses_.forget(to.command);
  publisher_.reply(to, reply_payload(refusal(to.command, ReplyStatus::failed, why)), effects);
}

// The board decided it a moment ago; what it cannot read back is told, and stops the next start.
void CommandFlow::apply_to_board(const Now& now, const Fact& fact) {
  const Status applied = bank_.board.apply(now, fact, bank_.board_out);
  if (!applied) tell_unreadable(now, applied.error());
}

void CommandFlow::tell_unreadable(const Now& now, const Error& error) {
  alarms::Condition condition;
  condition.source = "service";
  condition.condition = "record-contradiction";
  condition.priority = alarms::Priority::p2;
  condition.text = cat("What was recorded was not carried out: ", error.context);
  condition.action = "Keep the journal as it is and call the people who maintain it.";
  bank_.board.raise(now, condition, bank_.board_out);
}

void CommandFlow::carry_out(const Now& now, const Recorded& recorded) {
  const std::string& id = std::get<CommandWork>(recorded.work).command.id;
  NoteWork applied;
  if (recorded.by == DecidedBy::devices && recorded.open) orders_[id].open = recorded.facts.size();
  std::uint64_t sequence = recorded.sequence - recorded.facts.size();
  for (const Fact& fact : recorded.facts) {
    ++sequence;
    if (recorded.by == DecidedBy::alarms) {
      apply_to_board(now, fact);
      applied.rows.push_back({cat("m/apply/", hex16(sequence)), std::nullopt});
    } else if (recorded.by == DecidedBy::devices) {
      const Status ordered = bank_.fleet.carry_out(now, fact, id, bank_.fleet_out);
      if (ordered) continue;
      tell_unreadable(now, ordered.error());
      close(id, ReplyStatus::failed, ordered.error().code, ordered.error().context);
    }
  }
  if (!applied.rows.empty()) recorder_.add(std::move(applied));
}

}  // namespace cryobank::core
