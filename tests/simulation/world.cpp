#include "tests/simulation/world.hpp"

#include <algorithm>
#include <utility>

#include "inventory/record/journal_format.hpp"

namespace cryobank::simulation {
namespace {

constexpr Duration kPageTakes = milliseconds(300);
constexpr Duration kGatewayBeat = seconds(5);
// A core that asks to be woken at once so often does nothing but that.
constexpr int kIdleTicksMax = 10'000;
constexpr Duration kAdvanceMax = hours(1);

}  // namespace

World::World(const config::SiteConfig& site, const WorldOptions& options)
    : options_(options),
      stage_(site, options.seed, options.lines),
      prng_(options.seed),
      begun_(stage_.mono()),
      lines_(stage_, prng_.next()),
      broker_(stage_, prng_.next(), [this](const core::Publish& publish) { heard(publish); }),
      record_(stage_),
      told_(stage_, broker_),
      tree_(stage_),
      people_(stage_, broker_, prng_.next(), [this](const std::string& id) { record_.forbid(id); }),
      plan_(stage_, broker_, prng_.next(), [this] { arm_kill(); }) {
  stage_.feed = [this](const core::Input& input) { feed(input); };
  stage_.hardware.set_clock(stage_.clock.now().wall);
}

World::~World() = default;

void World::run() {
  start_daemon();
  look();
  Habits habits;
  habits.act_every = seconds(prng_.between(20, 600));
  habits.mischief = options_.faults && prng_.chance(1, 2);
  habits.courses_max = static_cast<int>(prng_.between(2, 20));
  // Where a mistake is planted, people keep to what shows it soon.
  habits.skilled = options_.planted == Planted::nothing;
  people_.start(habits);
  beat_gateway();
  if (options_.faults) plan_.start();
  plant();
  run_until(begun_ + options_.safety);
  if (stage_.violations.empty()) converge();
  if (stage_.violations.empty()) check_end();
}

void World::run_until(Instant end) {
  while (stage_.violations.empty()) {
    const Instant now = stage_.mono();
    const Instant event = stage_.timeline.next();
    const Instant deadline = core_ ? core_->next_deadline() : kNever;
    const Instant next = std::max(now, std::min({event, deadline, end}));
    if (next > now) {
      advance(next);
      idle_ticks_ = 0;
    }
    const bool both = event <= next && deadline <= next;
    if (event <= next && !(both && prng_.chance(1, 2))) {
      stage_.timeline.happen();
    } else if (deadline <= next) {
      if (++idle_ticks_ > kIdleTicksMax)
        stage_.wrong(cat("the core is due again and again:", due_parts()));
      feed(core::Tick{});
    } else {
      return;
    }
  }
}

std::string World::due_parts() const {
  const core::Core::Parts& p = core_->parts();
  const struct {
    std::string_view name;
    Instant deadline;
  } all[] = {
      {"fleet", p.bank.fleet.next_deadline()},        {"board", p.bank.board.next_deadline()},
      {"pages", p.bank.pages.next_deadline()},        {"jobs", p.jobs.next_deadline()},
      {"commands", p.commands.next_deadline()},       {"thaws", p.thaws.next_deadline()},
      {"shipments", p.shipments.next_deadline()},     {"health", p.health.next_deadline()},
      {"checkpoints", p.checkpoints.next_deadline()}, {"recorder", p.recorder.next_deadline()},
      {"publisher", p.publisher.next_deadline()}};
  std::string out;
  for (const auto& part : all) {
    if (part.deadline <= stage_.mono()) out += cat(" ", part.name);
  }
  return out;
}

void World::advance(Instant when) {
  while (stage_.mono() < when) {
    const Duration step = std::min(when - stage_.mono(), kAdvanceMax);
    stage_.hardware.advance(step);
    stage_.clock.advance_to(stage_.mono() + step);
  }
}

void World::feed(const core::Input& input) {
  if (!core_) return;
  const Now now = stage_.clock.now();
  stage_.trace.input(now, input);
  effects_.clear();
  core_->step(now, input, effects_);
  for (core::Effect& effect : effects_) {
    const bool dies = !passes(effect);
    if (dies && death_->before) return kill();
    emitted(effect);
    std::visit([this](auto& one) { carry(std::move(one)); }, effect);
    if (dies || stopping_) return kill();
  }
  record_.on_motions();
  compare_with_shelf();
  compare_with_tree();
}

// After each durable change.
void World::compare_with_tree() {
  if (std::exchange(tree_at_, record_.entries()) != record_.entries()) tree_.look();
}

// After each change of either: hands, robot or record.
void World::compare_with_shelf() {
  const std::uint64_t at = record_.entries() + stage_.hardware.moves();
  if (std::exchange(shelf_at_, at) != at) record_.compare_with_shelf();
}

// False: the process ends at this effect.
bool World::passes(const core::Effect& effect) {
  if (!death_) return true;
  if (death_->at && *death_->at != effect.index()) return true;
  if (death_->passes == 0) return false;
  --death_->passes;
  return true;
}

void World::emitted(const core::Effect& effect) {
  stage_.trace.effect(stage_.clock.now(), effect);
  const auto* publish = std::get_if<core::Publish>(&effect);
  if (publish == nullptr) {
    if (std::holds_alternative<core::Subscribe>(effect)) tree_.on_connected();
    return;
  }
  tree_.on_publish(*publish);
  const std::string_view below =
      std::string_view(publish->topic).substr(stage_.topics.root().size());
  if (below.starts_with("reply/")) record_.on_reply(*publish);
  if (below.starts_with("alarm/") && below != "alarm/summary") told_.on_alarm(*publish);
}

void World::heard(const core::Publish& publish) {
  const std::string_view below =
      std::string_view(publish.topic).substr(stage_.topics.root().size());
  if (below.starts_with("reply/")) return people_.on_reply(publish);
  if (below.starts_with("page/")) {
    told_.on_page(publish);
    return carry_page(publish);
  }
  if (!below.starts_with("event/") || below.ends_with("/head")) return;
  told_.on_event(publish);
}

// The gateway of this world carries every page and says so; its own faults are those of the broker.
void World::carry_page(const core::Publish& publish) {
  Result<Json> page = parse_json(publish.payload);
  if (!page) return;
  core::BrokerMessage receipt;
  receipt.topic = cat(publish.topic, "/receipt/pager");
  receipt.payload = Json::object().set("page", (*page)["page"]).set("status", "delivered").dump();
  stage_.after(kPageTakes, [this, receipt] { broker_.deliver(receipt); });
}

void World::beat_gateway() {
  core::BrokerMessage state;
  state.topic = stage_.topics.of(core::TopicKind::gateway_state, "pager");
  Json channels = Json::array();
  for (const config::ChannelConfig& channel : stage_.site.channels) {
    channels.push(Json::object().set("channel", channel.id.str()).set("evidence", "delivered"));
  }
  state.payload = Json::object()
                      .set("state", "online")
                      .set("site", stage_.site.site.str())
                      .set("channels", std::move(channels))
                      .dump();
  broker_.deliver(std::move(state));
  stage_.after(kGatewayBeat, [this] { beat_gateway(); });
}

void World::carry(core::Commit&& effect) {
  const bool lies = options_.planted == Planted::lying_disk && !stage_.hardware.vials().empty();
  if (options_.planted == Planted::bent_entry) bend_entry(effect.rows);
  stage_.store.begin(lies ? std::vector<RowChange>() : std::move(effect.rows));
  const Duration takes = stage_.store.latency();
  stage_.after_in_run(takes, [this, id = effect.id, takes] {
    if (store_broken_) static_cast<void>(stage_.store.reopen());
    Status status = stage_.store.finish();
    store_broken_ = !status.ok();
    if (status) record_.follow();
    feed(core::Committed{id, std::move(status), takes});
  });
}

void World::carry(core::ReadRows&& effect) {
  stage_.after_in_run(stage_.store.latency(), [this, effect = std::move(effect)] {
    std::vector<RowChange> rows;
    const Status read = stage_.store.scan(effect.first, effect.last,
                                          [&](std::string_view key, std::string_view value) {
                                            rows.push_back({std::string(key), std::string(value)});
                                            return rows.size() < effect.limit;
                                          });
    if (!read) return feed(core::RowsRead{effect.id, read.error()});
    feed(core::RowsRead{effect.id, std::move(rows)});
  });
}

// What the disk of the store does, the disk of the backups does too: a full one holds no backup.
void World::carry(core::MakeBackup&& effect) {
  stage_.after_in_run(seconds(2), [this, effect = std::move(effect)] {
    core::BackupMade made;
    made.file = effect.name;
    made.rows = stage_.store.size();
    made.kept = 1;
    made.took = seconds(2);
    if (!store_broken_) return feed(core::BackupEnded{effect.id, std::move(made)});
    feed(core::BackupEnded{effect.id, make_error(ErrorCode::io, "cannot write (simulated)")});
  });
}

void World::carry(core::ReadChart&& effect) {
  stage_.after_in_run(milliseconds(1), [this, id = effect.id] {
    feed(core::ChartRead{id, make_error(ErrorCode::unavailable, "no history (simulated)")});
  });
}

// The files of a simulated site stay as they are.
void World::carry(core::ReadSite&&) {
  stage_.after_in_run(milliseconds(1), [this] {
    feed(core::SiteRead{
        std::make_shared<const config::SiteConfig>(core_->parts().bank.config), {}, {}});
  });
}

void World::carry(core::Sign&& effect) {
  stage_.after_in_run(milliseconds(1), [this, id = effect.id] {
    feed(core::Signed{id, std::string("\xE2\x80\x94 cryobank/demo AAAAAA==\n")});
  });
}

// Simulated people sign nothing; who sends a secret all the same has it wrong.
void World::carry(core::CheckSecret&& effect) {
  stage_.after_in_run(milliseconds(250), [this, id = effect.id] {
    feed(core::SecretChecked{id, false});
  });
}

// Its thread is done some time later; what it reads nobody changes before.
void World::carry(core::RunErrand&& effect) {
  effect.errand->run();
  stage_.after_in_run(milliseconds(50), [this, id = effect.id] { feed(core::ErrandDone{id}); });
}

void World::carry(core::NotifySystemd&& effect) {
  stopping_ = effect.state == core::SystemdState::stopping;
}

void World::look() {
  stage_.after(kLookEvery, [this] { look(); });
  told_.look();
  record_.compare_with_shelf();
  record_.compare_alarms();
}

}  // namespace cryobank::simulation
