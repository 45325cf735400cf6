#include "service/core/command_flow.hpp"

#include <utility>

#include "service/base/text.hpp"
#include "service/core/authoriser.hpp"
#include "service/core/command_gate.hpp"

namespace cryobank::core {
namespace {

Reply done(const Command& command, std::string message) {
  Reply reply;
  reply.id = command.id;
  reply.message = std::move(message);
  return reply;
}

Fact security(std::string_view type, const Command& command) {
  Json data = Json::object();
  data.set("command", command.id);
  data.set("user", command.user.str());
  data.set("verb", command.verb);
  return {"security", std::string(type), std::move(data)};
}

}  // namespace

CommandFlow::CommandFlow(Bank& bank, CommandMemory& memory, Recorder& recorder,
                         Publisher& publisher, EventLog& events)
    : bank_(bank), memory_(memory), recorder_(recorder), publisher_(publisher), events_(events) {}

void CommandFlow::on_message(const Now& now, const ParsedTopic& topic, const BrokerMessage& message,
                             Effects& effects) {
  Gated gated = read_command(bank_.topics, topic, message);
  Command& command = gated.command;
  if (gated.refusal) {
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
  if (answer_again(command, effects)) return;
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
    take_in(now, std::move(command), std::move(*actor), effects);
  }
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
  if (refuse_new_) return make_error(ErrorCode::unavailable, "the service is stopping");
  if (recorder_.full() || memory_.full()) {
    return make_error(ErrorCode::unavailable, "too many commands wait; try again");
  }
  return {};
}

// The same id once more: the same reply, moved to where it was asked from now.
bool CommandFlow::answer_again(const Command& command, Effects& effects) {
  CommandEntry* entry = memory_.find(command.id);
  if (!entry) return false;
  if (entry->fingerprint != command.fingerprint) {
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
      publisher_.reply(command.reply_topic, command.correlation, entry->reply, effects);
    }
    return true;
  }
  if (reads_.size() >= kReadsMax) {
    tell(command,
         refusal(command.id, ReplyStatus::failed,
                 make_error(ErrorCode::unavailable, "too many questions wait for the store")),
         effects);
    return true;
  }
  const EffectId id = bank_.next_effect();
  const std::string key = CommandMemory::row_key(command.id);
  reads_.emplace(id, Read{command, {}, 0});
  effects.push_back(ReadRows{id, key, key + '\0', 1});
  return true;
}

void CommandFlow::deny(const Now& now, const Command& command, const Error& error,
                       Effects& effects) {
  if (now.mono - denials_since_ > minutes(1)) {
    denials_since_ = now.mono;
    denials_ = 0;
  }
  const Reply reply = refusal(command.id, ReplyStatus::rejected, error);
  if (++denials_ > kDenialsPerMinute) {
    ++denials_untold_;
    tell(command, reply, effects);
    return;
  }
  VerdictWork verdict;
  verdict.command = command;
  verdict.command.fingerprint.clear();  // denied acts are not remembered: the answer is the same
  verdict.actor.user = command.user.empty() ? UserId("unknown") : command.user;
  verdict.reply = reply;
  Fact fact = security("command-denied", command);
  fact.data.set("code", name_of(error.code));
  fact.data.set("why", error.context);
  if (denials_untold_ > 0) fact.data.set("untold_before", std::exchange(denials_untold_, 0));
  verdict.facts.push_back(std::move(fact));
  recorder_.add(std::move(verdict));
}

void CommandFlow::take_in(const Now& now, Command command, Actor actor, Effects& effects) {
  if (command.verb == "event/replay") {
    replay(now, command, effects);
    return;
  }
  if (command.verb == "witness/confirm" || command.verb == "witness/refuse") {
    witness_says(now, command, actor, effects);
    return;
  }
  if (!command.witness.empty()) {
    const Status second = may_witness(bank_.config, command.user, command.witness);
    if (!second) {
      deny(now, command, second.error(), effects);
    } else if (witness_waits_.size() >= kWitnessWaitsMax) {
      tell(command,
           refusal(command.id, ReplyStatus::rejected,
                   make_error(ErrorCode::unavailable, "too many commands wait for a witness")),
           effects);
    } else {
      ask_witness(now, std::move(command), std::move(actor));
    }
    return;
  }
  if (find_verb(command.verb)->two_people) {
    tell(command,
         refusal(command.id, ReplyStatus::rejected,
                 make_error(ErrorCode::witness_needed,
                            cat(command.verb, " needs a second person: name a `witness`"))),
         effects);
    return;
  }
  memory_.begin(command, now.wall);
  recorder_.add(CommandWork{std::move(command), std::move(actor)});
}

void CommandFlow::submit(const Now& now, Command command, Actor actor) {
  if (recorder_.full() || memory_.full() || memory_.find(command.id)) return;
  memory_.begin(command, now.wall);
  recorder_.add(CommandWork{std::move(command), std::move(actor)});
}

void CommandFlow::ask_witness(const Now& now, Command command, Actor actor) {
  memory_.begin(command, now.wall);
  const WallTime until = now.wall + kWitnessWait;
  VerdictWork verdict;
  verdict.command = command;
  verdict.actor = actor;
  verdict.reply =
      refusal(command.id, ReplyStatus::accepted,
              make_error(ErrorCode::witness_needed,
                         cat("waits until ", format_utc(until), " for ", command.witness.str(),
                             " to send witness/confirm with this command's id")));
  Fact fact = security("witness-asked", command);
  fact.data.set("witness", command.witness.str());
  fact.data.set("until", format_utc(until));
  verdict.facts.push_back(std::move(fact));
  recorder_.add(std::move(verdict));
  if (command.expires_at < until) command.expires_at = until;
  const std::string id = command.id;
  witness_waits_.emplace(id,
                         Waiting{std::move(command), std::move(actor), now.mono + kWitnessWait});
}

void CommandFlow::witness_says(const Now& now, const Command& command, const Actor& actor,
                               Effects& effects) {
  const std::string id = lower_ascii(command.body.string_or("command", ""));
  const auto found = witness_waits_.find(id);
  if (found == witness_waits_.end() || found->second.command.witness != command.user) {
    tell(command,
         refusal(command.id, ReplyStatus::rejected,
                 make_error(ErrorCode::not_found,
                            cat("no command ", clip(id, 40), " waits for ", command.user.str()))),
         effects);
    return;
  }
  Waiting waiting = std::move(found->second);
  witness_waits_.erase(found);
  const bool confirmed = command.verb == "witness/confirm";
  memory_.begin(command, now.wall);
  VerdictWork verdict;
  verdict.command = command;
  verdict.actor = actor;
  verdict.reply = done(command, confirmed ? "confirmed" : "refused");
  verdict.facts.push_back(
      security(confirmed ? "witness-confirmed" : "witness-refused", waiting.command));
  verdict.facts.back().data.set("witness", command.user.str());
  recorder_.add(std::move(verdict));
  if (!confirmed) {
    close(now, id, ReplyStatus::rejected, std::string(name_of(ErrorCode::witness_needed)),
          cat(command.user.str(), " refused to confirm"));
    return;
  }
  waiting.actor.witness = command.user;
  waiting.actor.witness_roles = actor.roles;
  recorder_.add(CommandWork{std::move(waiting.command), std::move(waiting.actor)});
}

void CommandFlow::replay(const Now& now, const Command& command, Effects& effects) {
  Result<std::string> stream = command.body.get_string("stream");
  Result<std::int64_t> from = command.body.get_integer("from");
  const Json head = stream ? events_.head(*stream) : Json();
  std::optional<Error> wrong;
  if (!stream) {
    wrong = stream.error();
  } else if (!from) {
    wrong = from.error();
  } else if (head.is_null()) {
    wrong = make_error(ErrorCode::not_found, cat("no events in stream ", clip(*stream, 40)));
  } else if (*from < head["first"].integer()) {
    wrong = make_error(ErrorCode::not_found, cat("events before ", head["first"].integer(),
                                                 " are only in the journal's export"));
  } else if (reads_.size() >= kReadsMax) {
    wrong = make_error(ErrorCode::unavailable, "too many questions wait for the store");
  }
  if (wrong) {
    tell(command, refusal(command.id, ReplyStatus::rejected, *wrong), effects);
    return;
  }
  const EffectId id = bank_.next_effect();
  const auto first = static_cast<std::uint64_t>(*from);
  const auto last = static_cast<std::uint64_t>(head["last"].integer());
  reads_.emplace(id, Read{command, *stream, first});
  effects.push_back(ReadRows{id, EventLog::row_key(*stream, first),
                             EventLog::row_key(*stream, last + 1), kReplayMax});
  static_cast<void>(now);
}

bool CommandFlow::on_rows(const Now& now, const RowsRead& rows, Effects& effects) {
  const auto found = reads_.find(rows.read);
  if (found == reads_.end()) return false;
  const Read read = std::move(found->second);
  reads_.erase(found);
  if (!rows.rows.ok()) {
    tell(read.command, refusal(read.command.id, ReplyStatus::failed, rows.rows.error()), effects);
  } else if (!read.stream.empty()) {
    send_events(now, read, rows, effects);
  } else {
    const std::vector<RowChange>& found_rows = rows.rows.value();
    const bool there = !found_rows.empty() && found_rows.front().value.has_value();
    const std::string reply =
        there ? CommandMemory::reply_in(*found_rows.front().value) : std::string();
    publisher_.reply(read.command.reply_topic, read.command.correlation, reply, effects);
  }
  return true;
}

// As many events as fit into one reply; `next` is where to ask on.
void CommandFlow::send_events(const Now&, const Read& read, const RowsRead& rows,
                              Effects& effects) {
  Json events = Json::array();
  std::size_t bytes = 0;
  std::uint64_t next = read.from;
  for (const RowChange& row : rows.rows.value()) {
    if (!row.value) continue;
    bytes += row.value->size();
    if (bytes > kCommandPayloadMax && next != read.from) break;
    Result<Json> event = parse_json(*row.value);
    if (!event) continue;
    events.push(std::move(*event));
    ++next;
  }
  Reply reply = done(read.command, cat(next - read.from, " events of ", read.stream));
  reply.body = events_.head(read.stream);
  reply.body.set("from", read.from);
  reply.body.set("next", next);
  reply.body.set("events", std::move(events));
  tell(read.command, reply, effects);
}

void CommandFlow::tell(const Command& command, const Reply& reply, Effects& effects) {
  publisher_.reply(command.reply_topic, command.correlation, reply_payload(reply), effects);
}

void CommandFlow::on_recorded(const Now& now, Recorded& recorded, const Status& status,
                              Effects& effects) {
  CommandWork* work = std::get_if<CommandWork>(&recorded.work);
  const Command& command = work ? work->command : std::get<VerdictWork>(recorded.work).command;
  CommandEntry* entry = memory_.find(command.id);
  // Where it was asked last; a denied act has no entry, or another one's.
  const bool own = entry && entry->fingerprint == command.fingerprint;
  const std::string topic = own ? entry->reply_topic : command.reply_topic;
  const std::string correlation = own ? entry->correlation : command.correlation;
  if (!status) {
    if (own && entry->state == CommandState::waiting) memory_.forget(command.id);
    const Error error =
        make_error(ErrorCode::unavailable, cat("nothing was changed: ", status.error().context));
    publisher_.reply(topic, correlation,
                     reply_payload(refusal(command.id, ReplyStatus::failed, error)), effects);
    return;
  }
  const std::string payload = reply_payload(recorded.reply);
  if (own) memory_.settle(command.id, payload, recorded.open);
  publisher_.reply(topic, correlation, payload, effects);
  if (work) carry_out(now, recorded);
}

void CommandFlow::carry_out(const Now& now, const Recorded& recorded) {
  const std::string& id = std::get<CommandWork>(recorded.work).command.id;
  NoteWork applied;
  std::uint64_t sequence = recorded.sequence - recorded.facts.size();
  for (const Fact& fact : recorded.facts) {
    ++sequence;
    if (recorded.room == Room::alarms) {
      bank_.board.apply(now, fact, bank_.board_out);
      applied.rows.push_back({cat("m/apply/", hex16(sequence)), std::nullopt});
    } else if (recorded.room == Room::devices) {
      const std::int64_t write = fact.data.integer_or("write", 0);
      if (write > 0 && recorded.open) writes_[static_cast<std::uint64_t>(write)] = id;
      bank_.fleet.carry_out(now, fact, bank_.fleet_out);
    }
  }
  if (!applied.rows.empty()) recorder_.add(std::move(applied));
}

void CommandFlow::close(const Now& now, const std::string& id, ReplyStatus status, std::string code,
                        std::string message) {
  const CommandEntry* entry = memory_.find(id);
  if (!entry) return;
  static_cast<void>(now);
  VerdictWork verdict;
  verdict.command.id = id;
  verdict.command.user = entry->user;
  verdict.command.fingerprint = entry->fingerprint;
  verdict.actor.user = entry->user;
  verdict.reply.id = id;
  verdict.reply.status = status;
  verdict.reply.code = std::move(code);
  verdict.reply.message = std::move(message);
  verdict.reply.sequence = bank_.journal.sequence();
  verdict.owed = true;
  recorder_.add(std::move(verdict));
}

bool CommandFlow::has_open_job(const std::string& command) const {
  for (const JobId& id : bank_.ledger.open_jobs()) {
    const inventory::Job* job = bank_.ledger.find_job(id);
    if (job && job->command == command && job->state != inventory::JobState::unknown) return true;
  }
  return false;
}

void CommandFlow::on_job(const Now& now, const JobId& id) {
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
    close(now, job->command, ReplyStatus::failed, "conflict", text);
  } else {
    close(now, job->command, ReplyStatus::done, "ok", text);
  }
}

void CommandFlow::on_write(const Now& now, const devices::WriteOutcome& outcome) {
  const auto found = writes_.find(outcome.write);
  if (found == writes_.end()) return;
  switch (outcome.kind) {
    case devices::WriteOutcome::Kind::unknown:
      return;  // told again once the read-back knows
    case devices::WriteOutcome::Kind::confirmed:
      close(now, found->second, ReplyStatus::done, "ok", "confirmed by reading back");
      break;
    case devices::WriteOutcome::Kind::refused:
      close(now, found->second, ReplyStatus::failed, "interlock", outcome.reason);
      break;
  }
  writes_.erase(found);
}

void CommandFlow::start(const Now& now) {
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
      close(now, id, ReplyStatus::done, "ok", "done before the service was restarted");
    } else {
      close(now, id, ReplyStatus::failed, "unavailable",
            known ? "its job did not end well" : "the service was restarted before its work began");
    }
  }
}

void CommandFlow::on_deadline(const Now& now) {
  for (auto waiting = witness_waits_.begin(); waiting != witness_waits_.end();) {
    if (waiting->second.until > now.mono) {
      ++waiting;
      continue;
    }
    close(now, waiting->first, ReplyStatus::expired,
          std::string(name_of(ErrorCode::witness_needed)),
          cat(waiting->second.command.witness.str(), " did not confirm in time"));
    waiting = witness_waits_.erase(waiting);
  }
}

Instant CommandFlow::next_deadline() const {
  Instant next = kNever;
  for (const auto& [id, waiting] : witness_waits_) next = std::min(next, waiting.until);
  return next;
}

}  // namespace cryobank::core
