#include "service/core/command_flow.hpp"

#include <utility>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "service/core/authoriser.hpp"
#include "service/core/command_gate.hpp"
#include "service/core/command_table.hpp"

namespace cryobank::core {
namespace {

// What the inventory decides in place of a command whose signing secret was wrong.
constexpr std::string_view kWrongSecret = "signature/refused";
constexpr std::string_view kEndSession = "signature/end";

}  // namespace

CommandFlow::CommandFlow(Bank& bank, CommandMemory& memory, Recorder& recorder,
                         Publisher& publisher, EventLog& events)
    : bank_(bank),
      memory_(memory),
      recorder_(recorder),
      publisher_(publisher),
      replayer_(bank, events, publisher),
      historian_(bank, publisher),
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
  if (Historian::answers(command.verb)) return historian_.ask(now, command, effects);
  if (command.verb == "witness/confirm" || command.verb == "witness/refuse") {
    const Status answered = witnesses_.answer(now, command, actor);
    if (!answered)
      tell(command, refusal(command.id, ReplyStatus::rejected, answered.error()), effects);
    return;
  }
  if (command.verb == kEndSession) signatures_.end(command.user);  // durable or not
  if (command.witness.empty() && !find_command(command.verb)->witness) {
    memory_.begin(command, now.wall);
    recorder_.add(CommandWork{std::move(command), std::move(actor)});
    return;
  }
  const Status asked = second_person(now, command, actor);
  if (asked) return;
  if (asked.error().code == ErrorCode::not_authorised)
    return deny(now, command, asked.error(), effects);
  tell(command, refusal(command.id, ReplyStatus::rejected, asked.error()), effects);
}

Status CommandFlow::second_person(const Now& now, const Command& command, const Actor& actor) {
  if (command.witness.empty()) {
    return make_error(ErrorCode::witness_needed,
                      cat(command.verb, " needs a second person: name a `witness`"));
  }
  const Status allowed = may_witness(bank_.config, command.user, command.witness);
  return allowed ? witnesses_.ask(now, command, actor) : allowed;
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
  const Command& command = work ? work->command : std::get<VerdictWork>(recorded.work).command;
  CommandEntry* entry = memory_.find(command.id);
  // Where it was asked last; a denied act has no entry, or another one's.
  const bool own = entry && entry->fingerprint == command.fingerprint;
  const ReplyTo to =
      own ? ReplyTo{entry->reply_topic, entry->correlation, command.id} : address_of(command);
  if (!status) {
    if (own && entry->state == CommandState::waiting) memory_.forget(command.id);
    const Error error =
        make_error(ErrorCode::unavailable, cat("nothing was changed: ", status.error().context));
    publisher_.reply(to, reply_payload(refusal(command.id, ReplyStatus::failed, error)), effects);
    return;
  }
  const std::string payload = reply_payload(recorded.reply);
  if (own) memory_.settle(command.id, payload, recorded.open);
  publisher_.reply(to, payload, effects);
  if (!work) return;
  signatures_.on_recorded(now, work->command, recorded.facts);
  carry_out(now, recorded);
}

void CommandFlow::carry_out(const Now& now, const Recorded& recorded) {
  const std::string& id = std::get<CommandWork>(recorded.work).command.id;
  NoteWork applied;
  if (recorded.room == Room::devices && recorded.open) orders_[id].open = recorded.facts.size();
  std::uint64_t sequence = recorded.sequence - recorded.facts.size();
  for (const Fact& fact : recorded.facts) {
    ++sequence;
    if (recorded.room == Room::alarms) {
      bank_.board.apply(now, fact, bank_.board_out);
      applied.rows.push_back({cat("m/apply/", hex16(sequence)), std::nullopt});
    } else if (recorded.room == Room::devices) {
      bank_.fleet.carry_out(now, fact, id, bank_.fleet_out);
    }
  }
  if (!applied.rows.empty()) recorder_.add(std::move(applied));
}

void CommandFlow::close(const std::string& id, ReplyStatus status, ReplyCode code,
                        std::string message, Json body) {
  const CommandEntry* entry = memory_.find(id);
  if (!entry) return;
  Reply reply;
  reply.id = id;
  reply.status = status;
  reply.code = code;
  reply.message = std::move(message);
  reply.sequence = bank_.journal.sequence();
  reply.body = std::move(body);
  recorder_.add(closing(*entry, std::move(reply)));
}

bool CommandFlow::has_open_job(const std::string& command) const {
  for (const JobId& id : bank_.ledger.open_jobs()) {
    const inventory::Job* job = bank_.ledger.find_job(id);
    if (job && job->command == command && job->state != inventory::JobState::unknown) return true;
  }
  return false;
}

void CommandFlow::on_job(const JobId& id) {
  const inventory::Job* job = bank_.ledger.find_job(id);
  if (!job || job->command.empty()) return;
  CommandEntry* entry = memory_.find(job->command);
  if (!entry || entry->state != CommandState::open) return;
  const bool bad = job->state == inventory::JobState::failed ||
                   job->state == inventory::JobState::unknown ||
                   job->state == inventory::JobState::cancelled;
  entry->job_failed = entry->job_failed || bad;
  if (!bad && job->state != inventory::JobState::done) return;
  if (has_open_job(job->command)) return;
  const std::string text = cat("job ", id.str(), " is ", inventory::name_of(job->state));
  if (entry->job_failed) {
    close(job->command, ReplyStatus::failed, ErrorCode::conflict, text);
  } else {
    close(job->command, ReplyStatus::done, kOk, text);
  }
}

void CommandFlow::on_write(const devices::WriteOutcome& outcome) {
  const auto found = orders_.find(outcome.command);
  if (!outcome.final || found == orders_.end()) return;
  Orders& orders = found->second;
  const std::string& device = bank_.config.devices[outcome.device.value].id.str();
  if (outcome.kind != devices::WriteOutcome::Kind::confirmed) {
    orders.wrong += cat(orders.wrong.empty() ? "" : "; ", device, ": ", outcome.reason);
    const bool refused = outcome.kind == devices::WriteOutcome::Kind::refused;
    orders.code = refused ? ErrorCode::interlock : ErrorCode::unavailable;
  }
  if (--orders.open > 0) return;
  if (orders.wrong.empty()) {
    close(outcome.command, ReplyStatus::done, kOk, "confirmed by reading back");
  } else {
    close(outcome.command, ReplyStatus::failed, orders.code, orders.wrong);
  }
  orders_.erase(found);
}

void CommandFlow::start() {
  for (const std::string& id : memory_.open()) {
    if (has_open_job(id)) continue;
    bool known = false;
    bool good = true;
    for (const JobId& job_id : inventory::retained_jobs(bank_.ledger)) {
      const inventory::Job* job = bank_.ledger.find_job(job_id);
      if (!job || job->command != id) continue;
      known = true;
      good = good && job->state == inventory::JobState::done;
    }
    if (known && good) {
      close(id, ReplyStatus::done, kOk, "done before the service was restarted");
    } else {
      close(id, ReplyStatus::failed, ErrorCode::unavailable,
            known ? "its job did not end well"
                  : "the service was restarted before its end was known; read the device");
    }
  }
}

}  // namespace cryobank::core
