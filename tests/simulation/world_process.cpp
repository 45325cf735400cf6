// The process of the simulated world: start, death and what it must look like in the end.
#include <algorithm>
#include <utility>

#include "inventory/record/store.hpp"
#include "tests/simulation/world.hpp"

namespace cryobank::simulation {
namespace {

// After the return of a broker that lost everything (contract: the whole tree within 5 s).
constexpr Duration kTreeWithin = seconds(5);
// Of the planted mistake: enough that some carry facts, since a quiet service commits probes.
constexpr std::size_t kBatchesLost = 30;

constexpr std::int64_t kRestartMaxMs = 60'000;
constexpr Duration kStartAgain = seconds(5);  // RestartSec of the unit
constexpr Duration kQuietFor = seconds(60);

// Places of SendLine, Commit and Publish in core::Effect.
constexpr std::size_t kSendLine = 0;
constexpr std::size_t kCommit = 1;
constexpr std::size_t kPublish = 3;

}  // namespace

Result<Epoch> World::take_epoch() {
  const auto row = stage_.store.get(inventory::kEpochKey);
  if (!row) return row.error();
  const auto known = *row ? parse_integer(**row) : Result<std::int64_t>(0);
  if (!known) return known.error();
  const Epoch epoch{static_cast<std::uint32_t>(*known + 1)};
  const Status taken = stage_.store.commit({{std::string(inventory::kEpochKey), cat(epoch.value)}});
  if (!taken) return taken.error();
  return epoch;
}

Status World::load_rows() {
  const Status read = inventory::scan_current_rows(
      stage_.store,
      [this](std::string_view key, std::string_view value) { return core_->load_row(key, value); });
  return read ? core_->loaded() : read;
}

void World::start_daemon() {
  static_cast<void>(stage_.store.reopen());  // a new process opens it anew
  store_broken_ = false;
  const Result<Epoch> epoch = take_epoch();
  if (!epoch) {  // the real one ends with an error, and systemd starts it anew
    stage_.after(kStartAgain, [this] { start_daemon(); });
    return;
  }
  core_ = std::make_unique<core::Core>(stage_.site, *epoch, prng_.next());
  if (const Status loaded = load_rows(); !loaded) {
    return stage_.wrong(cat("a restart is refused: ", loaded.error().context));
  }
  stage_.trace.note(stage_.clock.now(), cat("start, epoch ", epoch->value));
  stage_.daemon = &core_->parts();
  stage_.alive_since = stage_.mono();
  record_.compare_rows();
  record_.compare_ledgers();
  record_.compare_alarms();
  tree_.begin();
  broker_.daemon_started();
  feed(core::Started{});
  const auto clock = prng_.chance(3, 4) ? core::OperatorSignal::clock_synchronised
                                        : core::OperatorSignal::clock_unsynchronised;
  stage_.after_in_run(milliseconds(1), [this, clock] { feed(clock); });
}

void World::arm_kill() {
  if (!core_ || death_) return;
  if (prng_.chance(1, 5)) return feed(core::OperatorSignal::stop);
  Death death;
  switch (prng_.below(4)) {
    case 0:
      break;
    case 1:
      death.at = kSendLine;
      break;
    case 2:
      death.at = kCommit;
      break;
    default:
      death.at = kPublish;
      break;
  }
  death.passes = prng_.below(6);
  death.before = prng_.chance(1, 2);
  death_ = death;
}

void World::kill() {
  stage_.trace.note(stage_.clock.now(), stopping_ ? "stopped" : "killed");
  ++kills_;
  core_.reset();
  stage_.daemon = nullptr;
  death_.reset();
  stopping_ = false;
  store_broken_ = false;
  stage_.timeline.end_run();
  lines_.daemon_died();
  broker_.daemon_died();
  stage_.store.kill();
  record_.follow();
  record_.on_motions();
  if (options_.planted == Planted::lost_batch) stage_.store.lose_tail(kBatchesLost);
  if (options_.planted == Planted::bent_row) bend_row();
  if (options_.planted == Planted::forgotten_alarm) forget_alarm();
  stage_.after(milliseconds(prng_.between(1, kRestartMaxMs)), [this] { start_daemon(); });
}

bool World::settled() const {
  if (!core_ || !broker_.link_up()) return false;
  if (stage_.mono() - broker_.up_since() < kQuietFor) return false;
  const core::Core::Parts& parts = core_->parts();
  if (!parts.recorder.idle() || !parts.publisher.quiet() || !people_.idle()) return false;
  return std::ranges::none_of(parts.bank.ledger.open_jobs(), [&parts](const JobId& id) {
    return parts.bank.ledger.find_job(id)->state != inventory::JobState::paused;
  });
}

// The safety phase is over: nothing new happens, and everything comes to rest.
void World::converge() {
  plan_.end();
  if (options_.planted == Planted::full_disk) stage_.store.set_full(true);
  people_.calm_down();
  const Instant limit = stage_.mono() + options_.liveness;
  while (stage_.violations.empty() && stage_.mono() < limit) {
    run_until(stage_.mono() + minutes(1));
    if (settled()) return;
  }
  if (!stage_.violations.empty() || settled()) return;
  if (!core_) return stage_.wrong("no daemon runs in the end");
  const core::Core::Parts& parts = core_->parts();
  std::string jobs;
  for (const JobId& id : parts.bank.ledger.open_jobs()) jobs += cat(" ", id.str());
  for (const AlarmId& alarm : parts.bank.board.open_alarms()) {
    if (!alarm.str().ends_with(".motion-blocked")) continue;
    jobs += cat("; ", parts.bank.board.render(alarm).string_or("text", ""));
  }
  stage_.wrong(cat("no rest after ", options_.liveness.seconds(), " s: recorder ",
                   parts.recorder.idle() ? "idle" : "busy", ", publisher ",
                   parts.publisher.quiet() ? "quiet" : "busy", ", people ",
                   people_.idle() ? "idle" : "waiting", ", open jobs:", jobs));
}

void World::check_record() {
  record_.follow();
  record_.compare_rows();
  record_.compare_ledgers();
  record_.compare_with_shelf();
}

// What the broker holds, first as the run left it, then after it lost its link and forgot all: each
// time it must soon hold exactly what stands.
void World::check_tree() {
  compare_tree(minutes(2));
  if (!stage_.violations.empty()) return;
  broker_.drop_link(seconds(1), 2);
  // At most 1.5 s until the client is back (sim_broker.cpp), then kTreeWithin.
  run_until(stage_.mono() + milliseconds(2'500));
  compare_tree(kTreeWithin);
}

void World::compare_tree(Duration within) {
  const std::string& root = stage_.topics.root();
  const Instant limit = stage_.mono() + within;
  while (stage_.violations.empty() && !calm() && stage_.mono() < limit) {
    run_until(stage_.mono() + milliseconds(100));
  }
  if (!stage_.violations.empty()) return;
  if (!calm()) return stage_.wrong("the publisher never comes to rest");
  const auto held = comparable_tree(broker_.retained(), root);
  const auto due = comparable_tree(core_->parts().retained.tree(stage_.clock.now()), root);
  for (const auto& [topic, payload] : held) {
    if (topic.find("/point/") != std::string::npos) continue;
    const auto found = due.find(topic);
    if (found == due.end()) return stage_.wrong(cat("the broker keeps a stale ", topic));
    if (found->second != payload) {
      return stage_.wrong(
          cat("the broker kept an old ", topic, ": ", payload, " instead of ", found->second));
    }
  }
  for (const auto& topic : due) {
    if (!held.contains(topic.first)) {
      return stage_.wrong(cat("the broker never got ", topic.first));
    }
  }
}

bool World::calm() const {
  if (!core_ || !broker_.link_up()) return false;
  return core_->parts().recorder.idle() && core_->parts().publisher.quiet();
}

void World::check_end() {
  check_record();
  record_.check_reservations();
  check_tree();
  told_.check_streams();
  if (!stage_.violations.empty() || !core_) return;
  kill();
  run_until(stage_.mono() + minutes(4));
  if (stage_.violations.empty()) check_record();
}

}  // namespace cryobank::simulation
