#include "service/core/recorder.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/view.hpp"
#include "inventory/record/store.hpp"
#include "service/core/plan/plan_commands.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kApplyPrefix = "m/apply/";

Actor service_actor() {
  Actor actor;
  actor.user = UserId("service");
  return actor;
}

Json fact_row(const Fact& fact) {
  Json row = Json::object();
  row.set("stream", fact.stream);
  row.set("type", fact.type.str());
  row.set("data", fact.data);
  return row;
}

bool is_lazy(const Work& work) {
  const NoteWork* note = std::get_if<NoteWork>(&work);
  return note && note->facts.empty();
}

Duration patience_for(const std::vector<RowChange>& rows) {
  std::size_t bytes = 0;
  for (const RowChange& row : rows) bytes += row.key.size() + (row.value ? row.value->size() : 0);
  return kStoreSilent + seconds(static_cast<std::int64_t>(bytes / kStoreBytesASecond));
}

bool is_command(const Work& work) { return std::holds_alternative<CommandWork>(work); }

// Told again only if the world did it; an unsent motion is decided anew.
bool survives_failure(const Work& work) {
  if (const JobWork* job = std::get_if<JobWork>(&work)) return job->step != JobStep::issued;
  if (const VerdictWork* verdict = std::get_if<VerdictWork>(&work)) return verdict->owed;
  return std::holds_alternative<NoteWork>(work);
}

}  // namespace

Recorder::Recorder(Bank& bank, EventLog& events, CommandMemory& memory, const Decider& decider)
    : bank_(bank), events_(events), memory_(memory), decider_(decider) {}

void Recorder::add(Work work) {
  if (is_command(work)) ++commands_waiting_;
  if (!is_lazy(work)) urgent_ = true;
  queue_.push_back(std::move(work));
  bound_notes();
}

void Recorder::bound_notes() {
  if (queue_.size() <= kNotesWaitingMax + kCommandsWaitingMax) return;
  const auto oldest = std::find_if(queue_.begin(), queue_.end(), [](const Work& work) {
    const NoteWork* note = std::get_if<NoteWork>(&work);
    return note && note->alarms.empty();
  });
  if (oldest == queue_.end()) return;
  notes_lost_ += std::get<NoteWork>(*oldest).facts.size();
  queue_.erase(oldest);
}

bool Recorder::due(Instant now) const {
  if (batch_) return false;
  if (failures_ > 0) return now >= retry_at_;
  return urgent_ || probe_wanted_ || (!queue_.empty() && now >= last_answer_ + kLazyMax);
}

Instant Recorder::next_deadline() const {
  if (batch_) return goes_on() ? Instant{} : kNever;
  if (failures_ > 0) return retry_at_;
  return queue_.empty() ? kNever : last_answer_ + kLazyMax;
}

Duration Recorder::unanswered(Instant now) const {
  return waits() ? now - batch_->since : Duration{};
}

// Two people ask for one free place while the journal stands at 40:
//   A is decided on the draft    the place is free: entry 41 and A's reply are rows of the batch
//   B on the same draft          41 holds it: refused, and that reply is a row of the same batch
//   C comes while it is written  waits: nobody decides on what the disk may still refuse
//   durable                      41 is absorbed, A and B are told; then C is decided
//   or failed                    back to 40: A and B are told that nothing was kept, C is decided
//                                as if neither had asked
void Recorder::begin(const Now& now, Effects& effects) {
  if (batch_ && batch_->stage == Stage::writing) {
    write_on();
    if (batch_->written == batch_->items.front().facts.size()) {
      answer(now, std::get<CommandWork>(batch_->items.front().work), batch_->items.front());
      commit(now, effects);
    }
    return;
  }
  if (!due(now.mono)) return;
  batch_.emplace(bank_.ledger);
  batch_->savepoint = bank_.journal.savepoint();
  if (notes_lost_ > 0) {
    NoteWork lost;
    Json data = Json::object();
    data.set("facts", static_cast<std::uint64_t>(std::exchange(notes_lost_, 0)));
    lost.facts.push_back({fact::kNotesLost, std::move(data)});
    queue_.push_front(std::move(lost));
  }
  bool away = false;
  while (!away && !queue_.empty() && batch_->items.size() < kWorkPerBatchMax) {
    const bool longer = is_long(queue_.front());
    if (longer && !batch_->items.empty()) break;  // a batch of its own
    Recorded& recorded = batch_->items.emplace_back();
    recorded.work = std::move(queue_.front());
    queue_.pop_front();
    if (is_command(recorded.work)) --commands_waiting_;
    if (longer) {
      away = begin_errand(now, std::get<CommandWork>(recorded.work), recorded, effects);
    } else {
      std::visit([&](auto& work) { prepare(now, work, recorded); }, recorded.work);
    }
  }
  urgent_ = !std::all_of(queue_.begin(), queue_.end(), is_lazy);
  if (!away) commit(now, effects);
}

void Recorder::commit(const Now& now, Effects& effects) {
  memory_.trim(now.wall, batch_->rows);
  batch_->rows.push_back({std::string(inventory::kProbeKey), format_utc(now.wall)});
  finish_rows();
  probe_wanted_ = false;
  batch_->patience = patience_for(batch_->rows);
  batch_->stage = Stage::in_flight;
  batch_->since = now.mono;
  batch_->id = bank_.next_effect();
  effects.push_back(Commit{batch_->id, std::exchange(batch_->rows, {})});
}

void Recorder::finish_rows() {
  std::vector<RowChange>& rows = batch_->rows;
  const auto append = [&rows](std::vector<RowChange> more) {
    rows.insert(rows.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
  };
  append(batch_->errand ? batch_->errand->take_rows() : batch_->draft.rows());
  std::vector<AlarmId>& alarms = batch_->alarms;
  std::sort(alarms.begin(), alarms.end());
  alarms.erase(std::unique(alarms.begin(), alarms.end()), alarms.end());
  append(bank_.board.rows_of(alarms));
  append(bank_.pages.rows_of(alarms));
  for (RowChange& row : bank_.fleet.take_rows()) device_rows_.push_back(std::move(row));
  append(device_rows_);
  events_.head_rows(rows);
  if (bank_.journal.sequence() > 0) append(bank_.journal.head_rows());
}

std::uint64_t Recorder::write(const Fact& fact, const CommandContext& context) {
  batch_->rows.push_back(bank_.journal.append(fact, context, name_of(bank_.clock_state)));
  const std::uint64_t sequence = bank_.journal.sequence();
  EventContext event;
  event.root = bank_.topics.root();
  event.number = events_.next_number(fact.stream);
  event.sequence = sequence;
  event.at = context.now.wall;
  event.user = context.actor.user.str();
  event.command = context.command;
  event.reason = context.reason;
  events_.append(fact.stream, event_payload(fact, event), batch_->rows);
  return sequence;
}

Status Recorder::in_time(const CommandContext& context, const Command& command,
                         Recorded& recorded) const {
  if (command.expires_at >= context.now.wall) return {};
  recorded.reply.status = ReplyStatus::expired;
  return make_error(ErrorCode::expired, cat("expired at ", format_utc(command.expires_at),
                                            " while it waited for the store"));
}

void Recorder::take(Decided decided, const Command& command, Recorded& recorded) {
  recorded.by = decided.by;
  Decision& decision = decided.decision;
  for (RowChange& row : decided.rows) batch_->rows.push_back(std::move(row));
  if (decision.refused) {
    // What was seen stays on record; the asker is refused.
    recorded.reply = refusal(command.id, ReplyStatus::rejected, *decision.refused);
  } else {
    recorded.reply.status = decision.accepted_only ? ReplyStatus::accepted : ReplyStatus::done;
    recorded.open = decision.accepted_only;
    recorded.reply.message = std::move(decision.message);
  }
  recorded.refusal_is_kept = decision.refusal_is_kept;
  recorded.reply.body = std::move(decision.reply);
  recorded.facts = std::move(decision.facts);
}

void Recorder::refuse(const CommandContext& context, const Command& command, const Error& error,
                      Recorded& recorded) {
  recorded.reply = refusal(command.id, recorded.reply.status, error);
  if (!goes_on_record(command, error.code)) return;
  const auto denied = denials_.note(context.now.mono, command, error);
  if (denied) recorded.sequence = write(*denied, context);
}

void Recorder::write_fact(const CommandContext& context, const Fact& fact, Recorded& recorded) {
  recorded.sequence = write(fact, context);
  if (recorded.by != DecidedBy::alarms) return;
  batch_->rows.push_back({cat(kApplyPrefix, hex16(recorded.sequence)), fact_row(fact).dump()});
}

// After the last of its facts.
void Recorder::answer(const Now& now, CommandWork& work, Recorded& recorded) {
  recorded.reply.id = work.command.id;
  recorded.reply.sequence = recorded.sequence;
  if (work.ahead) return;
  batch_->rows.insert(batch_->rows.end(), work.rows.begin(), work.rows.end());
  batch_->rows.push_back(
      memory_.row(work.command, reply_payload(recorded.reply), recorded.open, now.wall));
}

void Recorder::prepare(const Now& now, CommandWork& work, Recorded& recorded) {
  const Command& command = work.command;
  const CommandContext context = context_for(now, work);
  recorded.reply.status = ReplyStatus::rejected;
  const Status timely = in_time(context, command, recorded);
  const Json trial = work.ahead ? dry_run_of(command.body) : Json();
  const Json& body = work.ahead ? trial : command.body;
  Result<Decided> decided = timely ? decider_.decide(batch_->draft, command.verb, body, context)
                                   : Result<Decided>(timely.error());
  if (decided) {
    take(std::move(*decided), command, recorded);
  } else {
    refuse(context, command, decided.error(), recorded);
  }
  for (const Fact& fact : recorded.facts) write_fact(context, fact, recorded);
  answer(now, work, recorded);
}

void Recorder::prepare(const Now& now, VerdictWork& work, Recorded& recorded) {
  const CommandContext context{now, work.actor,           work.command.id, work.command.reason,
                               -1,  work.command.terminal};
  for (const Fact& fact : work.facts) recorded.sequence = write(fact, context);
  batch_->rows.insert(batch_->rows.end(), work.rows.begin(), work.rows.end());
  recorded.reply = work.reply;
  if (recorded.sequence != 0) recorded.reply.sequence = recorded.sequence;
  if (work.command.id.empty() || work.command.fingerprint.empty()) return;
  recorded.open = recorded.reply.status == ReplyStatus::accepted;
  batch_->rows.push_back(
      memory_.row(work.command, reply_payload(recorded.reply), recorded.open, now.wall));
}

void Recorder::prepare(const Now& now, JobWork& work, Recorded& recorded) {
  CommandContext context{now, service_actor(), work.command, {}, -1, {}};
  if (!work.by.empty()) context.actor.user = work.by;
  const inventory::Job* job = inventory::View(batch_->draft).job(work.job);
  if (job) context.device = job->robot.str();
  recorded.contradiction = batch_->draft.apply(work.fact);
  if (recorded.contradiction) recorded.sequence = write(work.fact, context);
}

void Recorder::prepare(const Now& now, NoteWork& work, Recorded& recorded) {
  const CommandContext context{now, service_actor(), {}, {}, -1, {}};
  for (const Fact& fact : work.facts) recorded.sequence = write(fact, context);
  batch_->rows.insert(batch_->rows.end(), work.rows.begin(), work.rows.end());
  batch_->alarms.insert(batch_->alarms.end(), work.alarms.begin(), work.alarms.end());
}

std::optional<Settled> Recorder::on_committed(const Now& now, const Committed& committed) {
  if (!awaits(committed)) return std::nullopt;
  if (committed.status && batch_->errand) {
    batch_->stage = Stage::absorbing;
    last_answer_ = now.mono;
    return std::nullopt;
  }
  Batch batch = std::move(*batch_);
  batch_.reset();
  last_answer_ = now.mono;
  Settled settled;
  settled.status = committed.status;
  settled.items = std::move(batch.items);
  if (committed.status) {
    failures_ = 0;
    device_rows_.clear();
    settled.touched = batch.draft.touched();
    std::move(batch.draft).absorb_into(bank_.ledger);
    settled.streams = events_.committed();
    return settled;
  }
  bank_.journal.rewind(batch.savepoint);
  events_.rewind();
  return_to_queue(settled.items);
  failure_ = committed.status.error().context;
  failures_ = std::min(failures_ + 1, 16);
  retry_at_ = now.mono + std::min(kRetryMax, kRetryFirst * (std::int64_t{1} << (failures_ - 1)));
  return settled;
}

std::vector<Recorded> Recorder::give_up_commands() {
  std::vector<Recorded> given_up;
  std::deque<Work> kept;
  for (Work& work : queue_) {
    if (!is_command(work)) {
      kept.push_back(std::move(work));
      continue;
    }
    Recorded& recorded = given_up.emplace_back();
    recorded.work = std::move(work);
  }
  queue_ = std::move(kept);
  commands_waiting_ = 0;
  return given_up;
}

std::string Recorder::why_not(Instant now) const {
  if (failures_ > 0) return failure_;
  if (bank_.doubled(now)) return "a second daemon of this site runs; stop one of the two";
  return "the record's disk does not answer";
}

Result<Reply> Recorder::answer_reading(const Now& now, const Command& command,
                                       const Actor& actor) const {
  const CommandContext context = context_of(now, command, actor);
  inventory::Draft draft(bank_.ledger);
  // Without a record nothing is known of vials: "no holds" and "no such vial" would be lies.
  const bool of_vials = inventory::handles(command.verb) || is_plan_verb(command.verb);
  if (!bank_.no_record.empty() && of_vials) {
    return make_error(
        ErrorCode::unavailable,
        cat("this run has no record, so nothing is known of what is held: ", bank_.no_record));
  }
  TRY_ASSIGN(Decided decided, decider_.decide(draft, command.verb, command.body, context));
  const Decision& decision = decided.decision;
  if (!decision.facts.empty() || !decided.rows.empty() || decision.accepted_only) {
    return make_error(ErrorCode::unavailable, cat("nothing was changed: ", why_not(now.mono)));
  }
  if (decision.refused) {
    Reply refused = refusal(command.id, ReplyStatus::rejected, *decision.refused);
    refused.body = decision.reply;
    return refused;
  }
  Reply reply;
  reply.id = command.id;
  reply.status = ReplyStatus::done;
  reply.message = decision.message;
  reply.body = decision.reply;
  return reply;
}

Result<std::string> Recorder::try_out(const Now& now, const Command& command,
                                      const Actor& actor) const {
  const CommandContext context = context_of(now, command, actor);
  inventory::Draft draft(bank_.ledger);
  TRY_ASSIGN(Decided decided, decider_.decide(draft, command.verb, command.body, context));
  // A refusal that leaves facts, such as another vial's code, is one for the record.
  if (decided.decision.refused && decided.decision.facts.empty()) return *decided.decision.refused;
  return std::move(decided.decision.message);
}

std::vector<Fact> Recorder::waiting_facts() const {
  std::vector<Fact> facts;
  const auto take = [&facts](const Work& work) {
    const NoteWork* note = std::get_if<NoteWork>(&work);
    if (note != nullptr) facts.insert(facts.end(), note->facts.begin(), note->facts.end());
  };
  if (batch_) {
    for (const Recorded& item : batch_->items) take(item.work);
  }
  for (const Work& work : queue_) take(work);
  return facts;
}

void Recorder::return_to_queue(std::vector<Recorded>& items) {
  std::vector<Recorded> told;
  while (!items.empty()) {
    if (survives_failure(items.back().work)) {
      queue_.push_front(std::move(items.back().work));
    } else {
      told.push_back(std::move(items.back()));
    }
    items.pop_back();
  }
  std::reverse(told.begin(), told.end());
  items = std::move(told);
  urgent_ = true;
}

}  // namespace cryobank::core
