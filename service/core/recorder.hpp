// Recorder: gathers everything that waits to be made durable into one batch at a time. A batch
// holds journal entries, the rows of what changed, numbered events and command answers, so none of
// them exists without the others. While it is in flight nothing else is written; when it failed,
// nothing of it happened: the ledger and the journal stand where they stood, askers are told, and
// what the world did already is kept and tried again until the store recovers.
//
//   idle --begin--> in flight --ok--> idle
//                       \--failed--> waiting --1 s to 10 s--> idle (the next batch is the probe)
//
// A long list is a batch of its own: decided by an errand on a thread of its own, then written down
// in bounded pieces, one in each step of the core, so that no page waits for its end.
//
//   idle --begin--> errand --done--> writing --whole--> in flight --ok--> absorbing --> idle
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "service/core/bank.hpp"
#include "service/core/decider.hpp"
#include "service/wire/command_memory.hpp"
#include "service/wire/denials.hpp"
#include "service/wire/event_log.hpp"
#include "service/wire/work.hpp"

namespace cryobank::core {

// Commands that wait: seconds of work of a slow disk. More are refused at once.
inline constexpr std::size_t kCommandsWaitingMax = 2'048;
// Facts of devices and alarms that wait while the store fails. Beyond it the oldest notes of
// devices are thrown away, which is told in the journal once it can be written again.
inline constexpr std::size_t kNotesWaitingMax = 20'000;
// Of a long list so many bytes of entries and events are written in one step, and so many aliquots
// put into the ledger: some milliseconds.
inline constexpr std::size_t kBytesAStep = 256 * 1024;
inline constexpr std::size_t kAliquotsAStep = 1'000;
// Pieces of work in one batch: bounds its size and the time until the first asker hears.
inline constexpr std::size_t kWorkPerBatchMax = 256;
inline constexpr Duration kRetryFirst = seconds(1);
inline constexpr Duration kRetryMax = seconds(10);
// Notes without facts wait for a batch so long at most.
inline constexpr Duration kLazyMax = seconds(5);
// A store that has not answered for so long is told and paged, and takes in no command meanwhile.
// LevelDB stalls of 7 s were measured under bulk loads that no site has.
inline constexpr Duration kStoreSilent = seconds(5);
// A long list is one batch: the disk is given a second more for each so many bytes of it. 100,000
// vials took 6 s on a disk that was well.
inline constexpr std::size_t kStoreBytesASecond = 4u << 20;

// The verb whose long lists are tried out by a dry run of their own, which says more.
inline bool tells_dry_run(std::string_view verb) { return verb == "bulk/import"; }
inline Json dry_run_of(Json body) { return std::move(body.set("dry_run", true)); }
// A dry run is no act that anybody signs.
inline CommandContext context_for(const Now& now, const CommandWork& work) {
  CommandContext context = context_of(now, work.command, work.actor);
  if (work.ahead && tells_dry_run(work.command.verb)) context.signature = {};
  return context;
}

class Recorder {
 public:
  Recorder(Bank& bank, EventLog& events, CommandMemory& memory, const Decider& decider);

  void add(Work work);
  bool full() const { return commands_waiting_ >= kCommandsWaitingMax; }
  // Asks for a commit soon, even an empty one: the probe of the store.
  void want_commit() { probe_wanted_ = true; }

  // Builds and emits the next batch, when one is due and none is in flight.
  void begin(const Now& now, Effects& effects);
  // What an errand found; false when it is not ours.
  bool on_errand(const ErrandDone& done);
  // An errand reads the record and the site: neither may change.
  bool errand_out() const { return batch_ && batch_->stage == Stage::errand; }
  bool awaits(const Committed& committed) const {
    return waits() && committed.commit == batch_->id;
  }
  // What became of the batch that awaits it; empty when the ledger takes what is durable in parts:
  // then absorb() gives it.
  std::optional<Settled> on_committed(const Now& now, const Committed& committed);
  // The next part; gives the batch after the last one.
  std::optional<Settled> absorb(Effects& effects);

  // Commands that wait and are in no batch yet: for a store that fails or hangs, so that their
  // senders hear at once. Nothing of them was decided.
  std::vector<Recorded> give_up_commands();
  // A command that only reads, answered from what is durable without writing anything; Error
  // unavailable when it would change something.
  Result<Reply> answer_reading(const Now& now, const Command& command, const Actor& actor) const;
  // It is decided by an errand, out of everybody's way.
  bool takes_long(const Command& command) const { return decider_.is_long(command); }
  // What a command would answer if it were decided now; nothing is changed or remembered. An Error
  // is its refusal, where that would leave nothing in the record. REQUIRES: settled(), or what came
  // before it is not seen.
  Result<std::string> try_out(const Now& now, const Command& command, const Actor& actor) const;

  // What happened and is not on disk, in its order.
  std::vector<Fact> waiting_facts() const;

  // Shared, so that all denials together keep within their bound.
  Denials& denials() { return denials_; }
  bool healthy() const { return failures_ == 0; }
  bool silent(Instant now) const { return waits() && unanswered(now) >= batch_->patience; }
  // When silent() begins; kNever while nothing is with the store.
  Instant silent_at() const { return waits() ? batch_->since + batch_->patience : kNever; }
  bool in_flight() const { return batch_.has_value(); }
  bool idle() const { return !batch_ && queue_.empty(); }
  // The ledger has all that anybody asked for: what still waits changes nothing in it.
  bool settled() const { return !batch_ && !urgent_; }
  Duration unanswered(Instant now) const;  // age of what is with the store; 0 when nothing is
  Instant last_answer() const { return last_answer_; }
  Instant next_deadline() const;

 private:
  enum class Stage : std::uint8_t { gathering, errand, writing, in_flight, absorbing };
  struct Batch {
    explicit Batch(const inventory::Ledger& ledger) : draft(ledger) {}
    Stage stage = Stage::gathering;
    EffectId id = 0;  // of its errand, then of its commit
    Instant since{};  // with the store
    std::shared_ptr<ListErrand> errand;
    std::size_t written = 0;  // facts of its list
    Duration patience = kStoreSilent;
    inventory::Draft draft;
    std::shared_ptr<const inventory::Journal::Savepoint> savepoint;
    std::vector<RowChange> rows;
    std::vector<AlarmId> alarms;
    std::vector<Recorded> items;
  };

  bool waits() const { return batch_ && batch_->stage == Stage::in_flight; }
  bool due(Instant now) const;
  bool goes_on() const;  // a further step is due at once
  bool is_long(const Work& work) const;
  bool begin_errand(const Now& now, CommandWork& work, Recorded& recorded, Effects& effects);
  void write_on();
  void commit(const Now& now, Effects& effects);
  std::string why_not(Instant now) const;
  void prepare(const Now& now, CommandWork& work, Recorded& recorded);
  void prepare(const Now& now, VerdictWork& work, Recorded& recorded);
  void prepare(const Now& now, JobWork& work, Recorded& recorded);
  void prepare(const Now& now, NoteWork& work, Recorded& recorded);
  // Journal entry and event of one fact; gives the journal's sequence.
  std::uint64_t write(const Fact& fact, const CommandContext& context);
  Status in_time(const CommandContext& context, const Command& command, Recorded& recorded) const;
  void take(Decided decided, const Command& command, Recorded& recorded);
  void refuse(const CommandContext& context, const Command& command, const Error& error,
              Recorded& recorded);
  void write_fact(const CommandContext& context, const Fact& fact, Recorded& recorded);
  void answer(const Now& now, CommandWork& work, Recorded& recorded);
  void finish_rows();
  void return_to_queue(std::vector<Recorded>& items);
  void bound_notes();

  Bank& bank_;
  EventLog& events_;
  CommandMemory& memory_;
  const Decider& decider_;
  std::deque<Work> queue_;
  std::size_t commands_waiting_ = 0;
  std::size_t notes_lost_ = 0;
  Denials denials_;
  bool urgent_ = false;  // something waits that is not lazy
  bool probe_wanted_ = false;
  std::optional<Batch> batch_;
  std::vector<RowChange> device_rows_;  // taken from the fleet, not yet durable
  int failures_ = 0;                    // in a row
  std::string failure_;                 // what the last one said
  Instant retry_at_{};
  Instant last_answer_{};
};

}  // namespace cryobank::core
