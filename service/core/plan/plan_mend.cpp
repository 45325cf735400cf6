// What is stopped or in danger, as a proposal that waits for a person, and what stands as an alarm.
#include <algorithm>
#include <iterator>
#include <set>

#include "base/text.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "service/core/desk/alarm_desk.hpp"
#include "service/core/plan/plan_desk.hpp"
#include "service/core/plan/plan_room.hpp"

namespace cryobank::core {
namespace {

using schedule::DayModel;
using schedule::Reserve;

constexpr std::size_t kMendedMax = 50;  // courses in one proposal of repairs
constexpr std::string_view kAlarmSource = "plan";
constexpr std::string_view kPlanWaiting = "proposal-waiting";
constexpr std::string_view kPlanStopped = "dose-stopped";

// The first day after all that the course is blocked on.
int first_free_day(const schedule::Series& series) {
  int from = series.release;
  for (int d = from; d < static_cast<int>(series.blocked.size()); ++d) {
    if (series.blocked[static_cast<std::size_t>(d)] != 0) from = d + 1;
  }
  return from;
}

}  // namespace

// Each course by itself, on top of those mended before it.
schedule::Rung PlanDesk::repair_all(const std::vector<CourseId>& broken, Proposal& proposal) const {
  const DayModel model(proposal.made.problem, Reserve::used);
  schedule::Routes routes = proposal.made.standing;
  schedule::Rung worst = schedule::Rung::own_course;
  for (const CourseId& course : broken) {
    const auto found =
        std::find(proposal.made.courses.begin(), proposal.made.courses.end(), course);
    if (found == proposal.made.courses.end()) continue;
    const int series = static_cast<int>(found - proposal.made.courses.begin());
    if (!proposal.made.problem.series[static_cast<std::size_t>(series)].refused.empty()) {
      routes[static_cast<std::size_t>(series)] = model.best(series, nullptr, {}, routes);
      continue;  // no day of any course helps it: its dates go
    }
    const int from = first_free_day(proposal.made.problem.series[static_cast<std::size_t>(series)]);
    const bool bereft = std::ranges::any_of(
        proposal.bereft, [&](const StoppedDose& one) { return one.course == course; });
    schedule::Repair mended =
        schedule::repair(model, routes, series, from + bank_.config.plan.resume_within_days,
                         bereft ? schedule::KeepDays::nothing : schedule::KeepDays::before);
    routes = std::move(mended.routes);
    worst = std::max(worst, mended.rung);
    if (mended.options.empty()) continue;
    proposal.options = std::move(mended.options);
    proposal.option_series = series;
  }
  proposal.moves = schedule::moves_between(proposal.made.problem, proposal.made.standing, routes);
  proposal.routes = std::move(routes);
  return worst;
}

// Of what is stopped and can be moved, and of what changes places because its freezer is in danger.
std::vector<CourseId> PlanDesk::to_mend(const std::vector<StoppedDose>& movable) const {
  std::vector<CourseId> courses;
  for (const StoppedDose& one : movable) courses.push_back(one.course);
  for (const Threat& threat : stopped_.threats()) {
    if (!threat.put_back.empty()) courses.push_back(threat.course);
  }
  std::sort(courses.begin(), courses.end());
  courses.erase(std::unique(courses.begin(), courses.end()), courses.end());
  if (courses.size() > kMendedMax) courses.resize(kMendedMax);
  return courses;
}

void PlanDesk::mend(const Now& now, const std::vector<StoppedDose>& movable, std::string cause) {
  const std::vector<CourseId> broken = to_mend(movable);
  Proposal proposal;
  proposal.cause = std::move(cause);
  proposal.mends = true;
  proposal.threats = stopped_.threats();
  std::ranges::copy_if(movable, std::back_inserter(proposal.bereft), &StoppedDose::bereft);
  proposal.made = make_plan_problem(bank_.config, inventory::View(bank_.ledger),
                                    clock_.plan_time(now.wall), broken, unsafe());
  unseat(bank_.config, inventory::View(bank_.ledger), movable, proposal.made);
  proposal.rung = schedule::name_of(repair_all(broken, proposal));
  // Nothing to propose: the alarm says what is stopped. What was proposed for less is not enough.
  // Doses in danger are named even where no date can move, beside what a person asked for if that
  // waits.
  if (proposal.moves.empty() && proposal.options.empty()) {
    if (proposal_ && !proposal_->mends) {
      proposal_->threats = std::move(proposal.threats);
      news_ = true;
      return;
    }
    if (proposal.threats.empty()) {
      proposal_.reset();
      news_ = true;
      return;
    }
  }
  proposal.ready = true;
  end_work();
  keep(now, std::move(proposal));
}

// A ready proposal gives the dose another day, offers a person one, or takes its date away for
// good.
bool PlanDesk::covers(const StoppedDose& stopped) const { return is_proposed(stopped, true); }

// The same, or it says that there is no day.
bool PlanDesk::names(const StoppedDose& stopped) const { return is_proposed(stopped, false); }

bool PlanDesk::is_proposed(const StoppedDose& stopped, bool with_a_day) const {
  if (!proposal_ || !proposal_->ready) return false;
  if (stopped.bereft) {
    return std::ranges::any_of(proposal_->bereft, [&](const StoppedDose& one) {
      return one.course == stopped.course && one.number == stopped.number;
    });
  }
  const std::vector<CourseId>& courses = proposal_->made.courses;
  const auto found = std::find(courses.begin(), courses.end(), stopped.course);
  if (found == courses.end()) return false;
  const int series = static_cast<int>(found - courses.begin());
  if (proposal_->option_series == series && !proposal_->options.empty()) return true;
  const bool refused =
      !proposal_->made.problem.series[static_cast<std::size_t>(series)].refused.empty();
  return std::ranges::any_of(proposal_->moves, [&](const schedule::VisitMove& move) {
    const bool counts = !with_a_day || move.to != schedule::kNoDay || refused;
    return move.series == series && move.number == stopped.number && counts;
  });
}

// What waits names the same freezers, courses and doses.
bool PlanDesk::knows_threats() const {
  const std::vector<Threat>& now = stopped_.threats();
  if (now.empty()) return true;
  if (!proposal_ || !proposal_->ready || key_of(proposal_->threats) != key_of(now)) return false;
  return std::ranges::all_of(now, [this](const Threat& one) {
    return std::ranges::any_of(
        proposal_->threats, [&one](const Threat& known) { return name_of(known) == name_of(one); });
  });
}

// A course lies in a freezer in danger, and no person has decided about a proposal that says so.
bool PlanDesk::is_unnamed(const SeenCauses& decided) const {
  return std::ranges::any_of(stopped_.threats(), [&decided](const Threat& one) {
    return !decided.threats.contains(mark_of(one));
  });
}

void PlanDesk::put_decided(Json& data, bool thrown_away) const {
  const SeenCauses before = seen_causes(inventory::View(bank_.ledger));
  SeenCauses now;
  for (const Threat& one : stopped_.threats()) {
    const bool named = proposal_ && std::ranges::any_of(proposal_->threats, [&one](const auto& o) {
                         return mark_of(o) == mark_of(one);
                       });
    if (named || before.threats.contains(mark_of(one))) now.threats.insert(mark_of(one));
    const std::string cause = cause_of(one);
    const bool known = before.causes.contains(cause);
    if (thrown_away && !cause.empty() && (named || known)) now.causes.insert(cause);
  }
  for (const StoppedDose& one : movable_) {
    const bool made_for = proposal_ && (proposal_->mends || covers(one));
    const bool known = before.causes.contains(cause_of(one));
    if (thrown_away && (made_for || known)) now.causes.insert(cause_of(one));
  }
  if (now.causes == before.causes && now.threats == before.threats) return;
  inventory::add_document(data, "plan", "decided", to_json(now));
}

// One proposal for all that is stopped, made anew when that changes; what a person has thrown away
// is not proposed again, alone or with less.
void PlanDesk::mend_stopped(const Now& now, const std::vector<StoppedDose>& stopped) {
  if (!stopped_.whole()) return;  // the rest of the vials is looked at within seconds
  movable_.clear();
  std::ranges::copy_if(stopped, std::back_inserter(movable_), &StoppedDose::movable);
  const SeenCauses decided = seen_causes(inventory::View(bank_.ledger));
  const std::string stops = to_text(movable_);
  std::string key = cat(stops, key_of(stopped_.threats()));
  const bool unnamed = is_unnamed(decided);
  const auto is_new = [&decided](const auto& one) {
    const std::string cause = cause_of(one);
    return !cause.empty() && !decided.causes.contains(cause);
  };
  const bool fresh = unnamed || std::ranges::any_of(movable_, is_new) ||
                     std::ranges::any_of(stopped_.threats(), is_new);
  const bool news = (unnamed && !knows_threats()) || key != mended_;
  mended_ = std::move(key);
  const bool covered = knows_threats() && std::ranges::all_of(movable_, [this](const auto& one) {
                         return covers(one);
                       });
  if (!fresh || !news || covered) return;
  const std::string threats = to_text(stopped_.threats());
  mend(now, movable_, cat(stops, stops.empty() || threats.empty() ? "" : "; ", threats));
}

// What the state of the plan is now is what stands as an alarm, after a restart too.
void PlanDesk::tell(const Now& now, const std::vector<StoppedDose>& stopped,
                    AlarmDesk& alarms) const {
  std::set<std::string, std::less<>> standing;
  for (const StoppedDose& one : stopped) {
    if (one.bereft || covers(one) || !standing.insert(alarm_source(one.course.str())).second)
      continue;
    const auto others = std::ranges::count_if(stopped, [&](const StoppedDose& other) {
      return other.course == one.course && other.number > one.number && !other.bereft &&
             !covers(other);
    });
    alarms::Condition raised;
    raised.source = one.course.str();
    raised.condition = std::string(kPlanStopped);
    raised.text =
        cat("Dose ", one.dose.str(), " of course ", one.course.str(),
            others == 0 ? std::string() : cat(" and ", others, " after it"),
            " will not happen as planned, and ",
            names(one) ? "the proposal that waits finds no day for it: " : "no proposal waits: ",
            clip(one.why, 300));
    alarms.raise(now, std::move(raised));
  }
  alarms.clear_others(now, kPlanStopped, standing);
  if (!proposal_ || !proposal_->ready) return alarms.clear(now, kAlarmSource, kPlanWaiting);
  alarms::Condition raised;
  raised.source = std::string(kAlarmSource);
  raised.condition = std::string(kPlanWaiting);
  const bool urgent = !stopped.empty() || !proposal_->threats.empty();
  raised.priority = urgent ? alarms::Priority::p2 : alarms::Priority::p3;
  raised.text =
      cat("Proposal ", proposal_->number, " waits for a person: ", clip(proposal_->cause, 300));
  alarms.raise(now, std::move(raised));
}

}  // namespace cryobank::core
