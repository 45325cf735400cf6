#include "service/core/core.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "service/core/loading.hpp"
#include "service/core/parts.hpp"
#include "service/core/settled.hpp"
#include "service/wire/alarm_seal.hpp"

namespace cryobank::core {
namespace {

using Parts = Core::Parts;

// A drained part may fill another; each round moves work towards the edge, so a few are enough.
constexpr int kRoundsMax = 8;
// An alarm as the board renders it: 20 notes of 500 bytes, and its words.
constexpr std::size_t kAlarmShownMax = 32 * 1'024;

void say_day(Parts& p, WallTime wall) {
  std::optional<Json> news = p.day.take_news();
  if (!news) return;
  const std::string_view schema = rule_of(TopicKind::plan_day).schema;
  p.retained.put(TopicKind::plan_day, envelope(std::move(*news), schema, wall));
}

// What each line can keep to, before anybody relies on it.
void say_lines(const Parts& p, Effects& effects) {
  const std::vector<config::LineConfig>& lines = p.bank.config.lines;
  for (std::uint32_t i = 0; i < lines.size(); ++i) {
    const devices::LinePromise promise = p.bank.fleet.promise({i});
    if (promise.devices == 0) continue;
    log(effects, LogLevel::info,
        cat("line ", lines[i].id.str(), ": ", promise.devices, " devices, ", promise.reads,
            " reads a round: ", promise.at_best.ms(), " ms at best, ", promise.at_worst.ms(),
            " ms at worst, when every answer takes its whole time-out; a dead unit costs at most ",
            promise.dead_unit.ms(), " ms of a round; fast points every ", promise.fast.ms(),
            " ms"));
  }
}

void on(Parts& p, const Now& now, const Started&, Effects& effects) {
  p.started = true;
  say_lines(p, effects);
  NoteWork clock;
  if (std::optional<Fact> anchored = p.clock.start(now.wall)) {
    clock.facts.push_back(std::move(*anchored));
  }
  clock.rows.push_back(p.clock.keep(now));
  p.recorder.add(std::move(clock));
  if (!p.left.facts.empty()) {
    NoteWork left;
    left.facts = std::move(p.left.facts);
    p.recorder.add(std::move(left));
  }
  p.alarms.start(now);
  if (!p.bank.no_record.empty()) p.bank.pages.number_from(now.wall);
  p.bank.pages.start(now, p.bank.pages_out);
  apply_left_over(p, now);
  p.bank.fleet.start(now, p.bank.fleet_out);
  p.jobs.start(now);
  p.warm.start(now);
  p.cultures.start();
  if (p.bank.no_record.empty()) p.forecasts.start(now);
  tell_names(now, p.bank, p.alarms);
  p.commands.start(now);
  p.health.start(now);
  p.checkpoints.start(now);
  p.backups.start(now);
  say_plan(p, now.wall);
}

void on(Parts&, const Now&, const Tick&, Effects&) {}

void on(Parts& p, const Now& now, const devices::LineReply& reply, Effects&) {
  p.bank.fleet.on_reply(now, reply, p.bank.fleet_out);
}

void on(Parts& p, const Now& now, const devices::LineText& text, Effects&) {
  p.bank.fleet.on_text(now, text, p.bank.fleet_out);
}

// Alarms are told before they are durable, so the broker may know one that the record lost.
// Only one that this service wrote itself: whoever else can write there must not make it page.
void recall_alarm(Parts& p, const Now& now, const ParsedTopic& topic, const BrokerMessage& message,
                  Effects& effects) {
  const Result<AlarmId> alarm = AlarmId::parse(topic.levels[0]);
  const Result<Json> shown = parse_json(message.payload, kAlarmShownMax);
  const bool ours = shown && (seal_holds(p.bank.seal_key, *shown) ||
                              (!p.left.seal.empty() && seal_holds(p.left.seal, *shown)));
  if (!ours) {
    return log(effects, LogLevel::warning,
               cat("an alarm at the broker that this service did not write is not believed: ",
                   clip(message.topic, 120)));
  }
  if (!alarm) return;
  const Status read = p.bank.board.remember(now, *alarm, *shown, p.bank.board_out);
  if (!read) log(effects, LogLevel::warning, cat(message.topic, ": ", read.error().context));
}

void on(Parts& p, const Now& now, const BrokerMessage& message, Effects& effects) {
  const std::optional<ParsedTopic> topic = p.bank.topics.parse(message.topic);
  if (!topic) return;
  if (topic->kind == TopicKind::command) {
    if (message.retained && message.payload.empty()) return;  // the echo of a wipe
    p.commands.on_message(now, *topic, message, effects);
  } else if (topic->kind == TopicKind::receipt) {
    p.alarms.on_receipt(now, *topic, message, effects);
  } else if (topic->kind == TopicKind::gateway_state || topic->kind == TopicKind::gateway_beat ||
             topic->kind == TopicKind::gateway_report) {
    p.alarms.on_gateway(now, *topic, message, effects);
  } else if (message.retained && !message.payload.empty()) {
    if (topic->kind == TopicKind::alarm) recall_alarm(p, now, *topic, message, effects);
    p.retained.on_read_back(*topic);
  }
}

void on(Parts& p, const Now& now, const BrokerLink& link, Effects& effects) {
  p.publisher.on_link(link, effects);
  p.bank.pages.on_link(now, link.up, p.bank.pages_out);
  p.health.on_link(now, link, effects);
}

void on(Parts& p, const Now& now, const BrokerAck& ack, Effects& effects) {
  if (!p.publisher.on_ack(now, ack, effects)) p.health.on_refused(now);
}

void on(Parts& p, const Now& now, const Committed& committed, Effects& effects) {
  if (!p.recorder.awaits(committed)) return;
  std::optional<Settled> settled = p.recorder.on_committed(now, committed);
  p.health.on_settled(now, committed.status, committed.took);
  if (settled) on_settled(p, now, *settled, effects);
}

void on(Parts& p, const Now& now, const RowsRead& read, Effects& effects) {
  if (!p.events.on_rows(now.mono, read)) p.commands.on_rows(read, effects);
}

void on(Parts& p, const Now& now, const Signed& result, Effects& effects) {
  p.checkpoints.on_signed(now, result, effects);
}

void on(Parts& p, const Now& now, const BackupEnded& ended, Effects&) {
  p.backups.on_ended(now, ended);
}

void on(Parts& p, const Now& now, const RecordNotice& notice, Effects&) {
  p.health.on_notice(now, notice);
}

void on(Parts& p, const Now& now, const SecretChecked& checked, Effects& effects) {
  p.commands.on_secret(now, checked, effects);
}

void on(Parts& p, const Now&, const ChartRead& read, Effects& effects) {
  p.commands.on_chart(read, effects);
}

void on(Parts& p, const Now& now, const SiteRead& read, Effects& effects) {
  if (p.reload.on_read(now, read, effects)) p.plans.calendars_changed();
}

void on(Parts& p, const Now& now, const ErrandDone& done, Effects& effects) {
  if (!p.recorder.on_errand(done)) return;
  if (std::optional<SiteRead> read = p.reload.read_meanwhile()) on(p, now, *read, effects);
}

void on(Parts& p, const Now& now, const OperatorSignal& signal, Effects& effects) {
  p.health.on_clock(now, signal);
  if (signal == OperatorSignal::clock_stepped) {
    p.thaws.plan_changed();
    p.cultures.clock_stepped();
  }
  if (signal == OperatorSignal::reload && !p.stopped) p.reload.begin(effects);
  if (signal == OperatorSignal::stop) begin_stop(p, now);
}

void on_health_deadline(Health& health, Parts& p, const Now& now, Effects& effects) {
  health.on_deadline(now, effects);
  if (!p.recorder.silent(now.mono)) return;
  give_up_commands(p, now, make_error(ErrorCode::unavailable, "the record's disk does not answer"),
                   effects);
}

void keep_plan_time(PlanAnchor& clock, Parts& p, const Now& now) {
  NoteWork seen;
  seen.rows.push_back(clock.keep(now));
  if (p.recorder.idle()) p.recorder.add(std::move(seen));  // nothing piles up before a dead disk
}

// Every part that does something when its time comes, in the order of doing: one list, for when the
// next is due and for what is done then. P: Parts, const for the first question.
template <class P, class Visit>
void each_clocked(P& p, Visit visit) {
  const auto look = [](auto& part, const Now& now, Effects&) { part.look(now); };
  const auto tell = [](auto& part, const Now& now, Effects&) { part.on_deadline(now); };
  visit(p.bank.fleet,
        [&p](auto& fleet, const Now& now, Effects&) { fleet.on_deadline(now, p.bank.fleet_out); });
  visit(p.bank.board,
        [&p](auto& board, const Now& now, Effects&) { board.on_deadline(now, p.bank.board_out); });
  visit(p.bank.pages,
        [&p](auto& pages, const Now& now, Effects&) { pages.on_deadline(now, p.bank.pages_out); });
  visit(p.jobs, tell);
  visit(p.commands, tell);
  visit(p.thaws, look);
  visit(p.cultures, look);
  visit(p.plans, [&p](auto& plans, const Now& now, Effects&) { plans.on_deadline(now, p.alarms); });
  visit(p.feeds, [](auto& feeds, const Now& now, Effects& effects) { feeds.look(now, effects); });
  visit(p.day, look);
  visit(p.backups,
        [](auto& backups, const Now& now, Effects& effects) { backups.on_deadline(now, effects); });
  visit(p.page_tests, look);
  visit(p.shipments, look);
  visit(p.warm, tell);
  visit(p.stays, look);
  visit(p.exposures, look);
  visit(p.standing, look);
  visit(p.reservations, look);
  visit(p.unknowns, look);
  visit(p.health, [&p](auto& health, const Now& now, Effects& effects) {
    on_health_deadline(health, p, now, effects);
  });
  visit(p.points, tell);
  visit(p.clock, [&p](auto& clock, const Now& now, Effects&) { keep_plan_time(clock, p, now); });
}

void on_deadlines(Parts& p, const Now& now, Effects& effects) {
  each_clocked(p, [&](auto& part, auto act) {
    if (part.next_deadline() <= now.mono) act(part, now, effects);
  });
  if (p.plans.take_news()) say_plan(p, now.wall);
  say_day(p, now.wall);
}

void settle(Parts& p, const Now& now, Effects& effects) {
  for (int round = 0; round < kRoundsMax; ++round) {
    const bool machines = p.machines.drain(now, effects);
    p.jobs.wake(now);
    const bool alarms = p.alarms.drain(now, effects);
    if (!machines && !alarms) break;
  }
  if (std::optional<Json> waiting = p.commands.take_waiting()) {
    const std::string_view schema = rule_of(TopicKind::service_waiting).schema;
    p.retained.put(TopicKind::service_waiting, envelope(std::move(*waiting), schema, now.wall));
  }
  // People first, the disk after.
  p.publisher.flush(now, effects);
  if (!p.recorder.in_flight()) p.checkpoints.consider(now, effects);
  p.recorder.begin(now, effects);
  if (!p.health.stopping()) return;
  p.stopped = p.health.finish(now, p.recorder.idle() && p.publisher.quiet(), effects);
  if (!p.stopped) p.publisher.flush(now, effects);
}

}  // namespace

Core::Parts::Parts(const config::SiteConfig& config, Epoch epoch, std::uint64_t seed)
    : bank(config, epoch, seed),
      retained(bank, events),
      points(bank),
      publisher(bank, events, retained, points),
      clock(config.plan.clock_speed),
      plans(bank, clock),
      feeds(bank, clock),
      decider(bank, clock, lists, plans),
      recorder(bank, events, memory, decider),
      alarms(bank, publisher, retained, recorder),
      commands(bank, memory, recorder, publisher, events, lists),
      jobs(bank, recorder, alarms),
      thaws(bank, clock, commands, alarms),
      cultures(bank, clock, alarms),
      forecasts(bank, alarms),
      day(bank, clock, alarms),
      shipments(bank, alarms),
      stays(bank, alarms),
      exposures(bank, alarms),
      standing(bank, alarms),
      reservations(bank, commands),
      unknowns(bank, alarms),
      warm(bank, commands, alarms),
      machines(bank, points, retained, recorder, alarms, commands, jobs, warm),
      health(bank, recorder, publisher, retained, alarms, events, clock),
      reload(bank, recorder, health, retained),
      checkpoints(bank, recorder, retained),
      backups(bank, recorder, alarms, commands),
      page_tests(bank, commands) {}

Core::Core(const config::SiteConfig& config, Epoch epoch, std::uint64_t seed)
    : parts_(std::make_unique<Parts>(config, epoch, seed)) {}
Core::~Core() = default;

Status Core::load_row(std::string_view key, std::string_view value) {
  return core::load_row(*parts_, key, value);
}

Status Core::loaded() { return parts_->bank.ledger.loaded(); }

void Core::watch_only(std::string why) { parts_->bank.no_record = std::move(why); }

void Core::seal_alarms_with(std::string key) { parts_->bank.seal_key = std::move(key); }

void Core::take_over(Unrecorded left) { parts_->left = std::move(left); }

Unrecorded Core::leave() const { return {parts_->bank.seal_key, parts_->recorder.waiting_facts()}; }

void Core::step(const Now& now, const Input& input, Effects& effects) {
  Parts& p = *parts_;
  if (p.stopped) return;
  std::visit([&](const auto& one) { on(p, now, one, effects); }, input);
  if (!p.started) return;
  absorb(p, now, effects);
  on_deadlines(p, now, effects);
  settle(p, now, effects);
}

const config::SiteConfig& Core::site() const { return parts_->bank.config; }

Instant Core::next_deadline() const {
  const Parts& p = *parts_;
  if (!p.started || p.stopped) return kNever;
  // A checkpoint waits for the batch in flight, and its end is an input of its own.
  Instant next = p.recorder.in_flight() ? kNever : p.checkpoints.next_deadline();
  next = std::min({next, p.recorder.next_deadline(), p.publisher.next_deadline()});
  each_clocked(
      p, [&next](const auto& part, const auto&) { next = std::min(next, part.next_deadline()); });
  return next;
}

}  // namespace cryobank::core
