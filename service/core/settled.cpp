#include "service/core/settled.hpp"

#include <memory>
#include <utility>

#include "base/text.hpp"
#include "service/core/watch/custody_alarms.hpp"

namespace cryobank::core {
namespace {

using Parts = Core::Parts;

void on_item(Parts& p, const Now& now, Recorded& item, const Status& status, Effects& effects) {
  if (std::holds_alternative<JobWork>(item.work)) return p.jobs.on_recorded(now, item, status);
  if (std::holds_alternative<NoteWork>(item.work)) return;
  p.commands.on_recorded(now, item, status, effects);
  if (!std::holds_alternative<CommandWork>(item.work)) return;
  p.thaws.on_recorded(now, item, status);
  p.warm.on_recorded(item, status);
  p.jobs.on_command(now, item, status);
  if (!item.contradiction) p.health.on_contradiction(now, item.contradiction.error());
  if (status && item.by == DecidedBy::inventory) {
    for (const Fact& fact : item.facts) {
      tell_custody(now, fact, p.alarms);
      p.exposures.on_fact(now, fact);
      p.standing.on_fact(fact);
      if (fact.stream == "plan" || fact.type == fact::kDoseRejected) p.plans.on_fact(now, fact);
      if (fact.type == fact::kFeedMade || fact.type == fact::kFeedRevoked) p.feeds.feeds_changed();
    }
  }
  if (!status || item.by != DecidedBy::service) return;
  const std::string& command = std::get<CommandWork>(item.work).command.id;
  for (const Fact& fact : item.facts) {
    p.jobs.on_fact(now, fact);
    p.backups.on_fact(now, fact, command);
    p.page_tests.on_fact(now, fact, command);
  }
}

}  // namespace

void say_plan(Parts& p, WallTime wall) {
  if (!p.bank.no_record.empty()) return;  // nothing is known of it
  Json plan = p.thaws.plan(wall);
  p.plans.describe(wall, plan);
  p.retained.put(TopicKind::plan, envelope(plan, rule_of(TopicKind::plan).schema, wall));
}

void give_up_commands(Parts& p, const Now& now, const Status& why, Effects& effects) {
  for (Recorded& item : p.recorder.give_up_commands()) on_item(p, now, item, why, effects);
}

void begin_stop(Parts& p, const Now& now) {
  p.health.stop(now);
  p.jobs.stop();
  p.thaws.stop();
  p.plans.stop();
  p.feeds.stop();
  p.warm.stop();
  p.reservations.stop();
  p.backups.stop();
  p.commands.stop();
}

void on_settled(Parts& p, const Now& now, Settled& settled, Effects& effects) {
  p.jobs.jobs_changed();
  for (Recorded& item : settled.items) on_item(p, now, item, settled.status, effects);
  if (!settled.status) {
    log(effects, LogLevel::error, cat("commit failed: ", settled.status.error().context));
    give_up_commands(p, now, settled.status, effects);
    // Another daemon owns the record now. This one writes no more, and leaves in order.
    if (settled.status.error().code == ErrorCode::conflict) begin_stop(p, now);
    return;
  }
  const inventory::Touched& touched = settled.touched;
  p.reservations.record_changed();
  p.unknowns.record_changed();
  p.exposures.record_changed(touched);
  p.standing.record_changed(touched);
  p.retained.mark(touched);
  for (const JobId& job : touched.jobs) {
    p.commands.on_job(job);
    p.jobs.on_job(now, job);
  }
  for (const std::string& stream : settled.streams) {
    p.retained.mark(TopicKind::event_head, stream);
  }
  if (touched.courses.empty()) return;
  for (const CourseId& course : touched.courses) {
    p.cultures.on_course(course);
    p.forecasts.on_course(now, course);
  }
  p.day.record_changed(now);
  p.thaws.plan_changed();
  p.plans.record_changed();
  p.feeds.record_changed();
  say_plan(p, now.wall);
}

void absorb(Parts& p, const Now& now, Effects& effects) {
  std::optional<Settled> settled = p.recorder.absorb(effects);
  if (!settled) return;
  on_settled(p, now, *settled, effects);
  auto discard = std::make_shared<Discard<Settled>>(std::move(*settled));
  effects.push_back(RunErrand{p.bank.next_effect(), std::move(discard)});
}

}  // namespace cryobank::core
