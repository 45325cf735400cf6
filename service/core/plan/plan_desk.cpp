#include "service/core/plan/plan_desk.hpp"

#include <algorithm>
#include <numeric>

#include "base/text.hpp"
#include "service/core/desk/alarm_desk.hpp"
#include "service/core/plan/plan_commands.hpp"
#include "service/core/plan/plan_fresh.hpp"
#include "service/core/plan/plan_referral.hpp"
#include "service/core/plan/plan_tell.hpp"
#include "service/schedule/level.hpp"

namespace cryobank::core {
namespace {

using schedule::DayModel;
using schedule::Reserve;

// Rounds of improvement for each series, and their bounds: some seconds of work in all.
constexpr std::int64_t kPlanRoundsEach = 60;
constexpr std::int64_t kPlanRoundsMin = 500;
constexpr std::int64_t kPlanRoundsMax = 30'000;
constexpr int kBoundSteps = 800;
constexpr std::int64_t kSliceRounds = 10;
constexpr int kLevelTries = 3'000;  // a site of 500 courses comes to its end with fewer
constexpr std::uint64_t kPlanSeed = 20'261'129;
constexpr int kGapDays = 366;
constexpr std::size_t kGapsTold = 40;  // plan/check lists all

// No plan of what was placed can cost less. What found no day weighs more than all the rest, and
// would hide how good that is.
struct PlacedBound {
  PlacedBound(const schedule::DayProblem& whole, schedule::Routes routes)
      : problem(placed_of(whole, routes)), model(problem, Reserve::kept), bound(model) {
    for (std::size_t s = 0; s < routes.size(); ++s) {
      model.value(static_cast<int>(s), routes[s]);
      known += routes[s].cost;
    }
  }

  static schedule::DayProblem placed_of(schedule::DayProblem problem,
                                        const schedule::Routes& routes) {
    for (std::size_t s = 0; s < routes.size(); ++s) {
      problem.series[s].doses.resize(routes[s].visits.size());
      problem.series[s].gaps.resize(routes[s].visits.size());
    }
    return problem;
  }

  // False: it came to its end.
  bool step() {
    const int before = bound.steps();
    if (before < kBoundSteps) bound.run(1, known);
    return bound.steps() > before;
  }

  schedule::DayProblem problem;
  DayModel model;
  schedule::Bound bound;
  schedule::Cost known = 0;
};

}  // namespace

struct PlanDesk::Work {
  Work(const PlanProblem& made)
      : model(made.problem, Reserve::kept),
        bound(model),
        planned(std::clamp(kPlanRoundsEach * model.count(), kPlanRoundsMin, kPlanRoundsMax)) {
    order.resize(static_cast<std::size_t>(model.count()));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
      return made.problem.series[static_cast<std::size_t>(a)].weight >
             made.problem.series[static_cast<std::size_t>(b)].weight;
    });
    schedule::Improver first(model, {}, kPlanSeed);
    first.build(order);
    known = first.cost();
  }

  DayModel model;
  schedule::Bound bound;
  std::int64_t planned;
  std::vector<int> order;
  schedule::Cost known = 0;
  // Some tries more to lower the highest load; false: it came to its end.
  bool level() {
    if (!leveller) leveller.emplace(model, improver->routes());
    for (std::int64_t i = 0; i < kSliceRounds; ++i) {
      if (tries == kLevelTries || !leveller->step()) return false;
      ++tries;
    }
    return true;
  }

  std::optional<schedule::Improver> improver;
  std::optional<schedule::Leveller> leveller;
  int tries = 0;
  std::unique_ptr<PlacedBound> placed;  // where something found no day
};

PlanDesk::PlanDesk(Bank& bank, PlanAnchor& clock)
    : bank_(bank), clock_(clock), stopped_(bank, clock) {}
PlanDesk::~PlanDesk() = default;

std::int64_t PlanDesk::version(const inventory::View& view) const {
  const Json* current = view.document("plan", "current");
  return current == nullptr ? 0 : number_in(*current, "version", 0);
}

std::int64_t PlanDesk::next_number() const {
  return std::max(last_number_, version(inventory::View(bank_.ledger))) + 1;
}

void PlanDesk::keep(const Now& now, Proposal proposal) {
  const inventory::View view(bank_.ledger);
  last_number_ = next_number();
  proposal.number = last_number_;
  proposal.based_on = version(view);
  proposal.made_at = now.wall;
  proposal_.emplace(std::move(proposal));
  news_ = true;
}

void PlanDesk::begin(const Now& now, std::string cause, const std::vector<CourseId>& also) {
  Proposal proposal;
  proposal.cause = std::move(cause);
  proposal.rung = "whole-plan";
  proposal.threats = stopped_.threats();
  const inventory::View view(bank_.ledger);
  // What the last plan left without a day is asked for with every other.
  std::vector<CourseId> courses = also;
  for (const auto& [course, dose] : dayless_doses(view)) courses.push_back(course);
  proposal.made =
      make_plan_problem(bank_.config, view, clock_.plan_time(now.wall), courses, unsafe());
  work_.reset();
  keep(now, std::move(proposal));
  work_ = std::make_unique<Work>(proposal_->made);
  slice_at_ = now.mono;
}

void PlanDesk::slice(const Now& now) {
  constexpr int kProgressTold = 10;  // per cent between two publications
  slice_at_ = now.mono + kPlanPause;
  if (progress() / kProgressTold != progress_told_) {
    progress_told_ = progress() / kProgressTold;
    news_ = true;
  }
  Work& work = *work_;
  if (work.model.count() == 0) return finish();
  if (!work.improver) {
    const int before = work.bound.steps();
    if (before < kBoundSteps) work.bound.run(1, work.known);
    if (work.bound.steps() > before) return;
    work.improver.emplace(work.model, work.bound.prices(), kPlanSeed);
    work.improver->build(work.order);
    return;
  }
  if (work.improver->rounds() < work.planned) return work.improver->run(kSliceRounds, work.planned);
  if (work.level()) return;
  const schedule::Routes& routes = work.leveller->routes();
  const bool short_of =
      std::ranges::any_of(routes, [](const schedule::Route& route) { return route.missing > 0; });
  if (short_of && work.placed == nullptr) {
    work.placed = std::make_unique<PlacedBound>(proposal_->made.problem, routes);
  }
  if (work.placed != nullptr && work.placed->step()) return;
  finish();
}

void PlanDesk::finish() {
  Proposal& proposal = *proposal_;
  if (work_->leveller) proposal.routes = work_->leveller->routes();
  const schedule::Bound& bound = work_->placed != nullptr ? work_->placed->bound : work_->bound;
  proposal.bound = work_->model.count() == 0 ? 0 : bound.cost();
  proposal.moves =
      schedule::moves_between(proposal.made.problem, proposal.made.standing, proposal.routes);
  proposal.ready = true;
  end_work();
  news_ = true;
}

void PlanDesk::end_work() {
  work_.reset();
  slice_at_ = kNever;
}

// A person wants one dose on one day: it is pinned, and the doses after it follow.
void PlanDesk::move(const Now& now, const Json& data) {
  const Result<CourseId> course = CourseId::parse(text_in(data, "course"));
  const Result<Day> to = parse_day(text_in(data, "to"));
  if (!course || !to) return;
  Proposal proposal;
  proposal.cause =
      cat("dose ", text_in(data, "dose"), " of course ", course->str(), " to ", format_day(*to));
  proposal.made = make_plan_problem(bank_.config, inventory::View(bank_.ledger),
                                    clock_.plan_time(now.wall), {*course});
  const auto found = std::find(proposal.made.courses.begin(), proposal.made.courses.end(), *course);
  if (found == proposal.made.courses.end()) return;
  const auto series = static_cast<std::size_t>(found - proposal.made.courses.begin());
  const Result<DoseId> dose = DoseId::parse(text_in(data, "dose"));
  if (!dose) return;
  pin_dose(proposal.made, series, *dose, *to);
  const DayModel model(proposal.made.problem, Reserve::used);
  const schedule::Repair mended = schedule::repair(
      model, proposal.made.standing, static_cast<int>(series), proposal.made.problem.days);
  proposal.rung = schedule::name_of(mended.rung);
  proposal.routes = mended.routes;
  proposal.moves = mended.moves;
  proposal.ready = true;
  end_work();
  keep(now, std::move(proposal));
}

void PlanDesk::on_fact(const Now& now, const Fact& fact) {
  if (fact.type == fact::kPlanAsked) {
    std::vector<CourseId> also;
    const Json& courses = fact.data["courses"];
    if (courses.is_array()) {
      for (const Json& item : courses.items()) {
        Result<CourseId> id = CourseId::parse(item.is_string() ? item.string() : "");
        if (id) also.push_back(std::move(*id));
      }
    }
    begin(now, text_in(fact.data, "reason", "asked for"), also);
  } else if (fact.type == fact::kPlanMoveAsked) {
    move(now, fact.data);
  } else if (fact.type == fact::kPlanDiscarded || fact.type == fact::kPlanPublished) {
    proposal_.reset();
    end_work();
    news_ = true;
    if (fact.type == fact::kPlanPublished) {
      mended_.clear();
      vials_at_ = {};  // which doses change places is another question now
      gaps_of_ = {};   // as is when the last dose of a course is given
      stopped_.room_changed();
    }
  } else if (fact.type == fact::kCourseAmended || fact.type == fact::kCourseClinicSet) {
    gaps_of_ = {};
    stopped_.room_changed();
    news_ = true;
  }
  record_changed();
}

// A repair whose courses changed since can no longer be accepted: it is made anew. What a person
// asked for stays, and says so when it is accepted.
bool PlanDesk::is_stale(const Now& now) const {
  if (!proposal_ || !proposal_->ready || proposal_->rung == "whole-plan") return false;
  const inventory::View view(bank_.ledger);
  if (proposal_->based_on != version(view)) return true;
  if (proposal_->mends &&
      !passed_text(bank_.config, view, clock_.plan_time(now.wall), *proposal_, proposal_->routes)
           .empty()) {
    return true;
  }
  return std::any_of(
      proposal_->moves.begin(), proposal_->moves.end(), [&](const schedule::VisitMove& one) {
        const auto at = static_cast<std::size_t>(one.series);
        const inventory::Course* course = view.course(proposal_->made.courses[at]);
        return course == nullptr || course->revision != proposal_->made.revisions[at];
      });
}

void PlanDesk::look(const Now& now, AlarmDesk& alarms) {
  const bool vials = vials_at_ <= now.mono;
  watch_referrals(now, bank_, alarms);
  const std::vector<std::string> warned = stopped_.warnings();
  const std::vector<StoppedDose> stopped = stopped_.look(now, vials);
  news_ = news_ || warned != stopped_.warnings();
  if (vials) vials_at_ = now.mono + (stopped_.whole() ? kPlanLook : kVialsAgain);
  look_at_ = std::min(now.mono + kPlanLook, vials_at_);
  // Nothing that it was made for is stopped any more: the published dates stand.
  const bool needless = proposal_ && proposal_->mends && proposal_->ready &&
                        std::ranges::none_of(stopped, [this](const auto& o) { return names(o); }) &&
                        (proposal_->threats.empty() || stopped_.threats().empty());
  if (is_stale(now) || needless) {
    proposal_.reset();
    mended_.clear();
    news_ = true;
  }
  if (!proposal_ || proposal_->ready) mend_stopped(now, stopped);
  tell(now, stopped, alarms);
}

void PlanDesk::on_deadline(const Now& now, AlarmDesk& alarms) {
  if (stopping_) {
    look_at_ = slice_at_ = kNever;
    return;
  }
  if (work_ && slice_at_ <= now.mono) slice(now);
  if (look_at_ <= now.mono) look(now, alarms);
}

int PlanDesk::progress() const {
  constexpr int kHalf = 50;  // per cent: for the bound, then for the plan
  if (!proposal_ || proposal_->ready || !work_) return 2 * kHalf;
  if (!work_->improver) return kHalf * work_->bound.steps() / kBoundSteps;
  return kHalf + static_cast<int>(kHalf * work_->improver->rounds() / work_->planned);
}

Json PlanDesk::warnings(Day today) const {
  Json told = Json::array();
  const int year = config::year_of(today);
  for (const config::CalendarConfig& calendar : bank_.config.calendars) {
    for (int y = year; calendar.japan && y <= year + 1; ++y) {
      if (const auto cut = calendar.official.missing.find(y);
          cut != calendar.official.missing.end()) {
        told.push(cat("calendar ", calendar.id.str(), ": its official holiday list of ", y,
                      " lacks ", cut->second.size(), " days that the law names, the first ",
                      format_day(cut->second.front()), "; they are taken as holidays"));
      }
      if (calendar.official.years.contains(y)) continue;
      told.push(cat("calendar ", calendar.id.str(), ": no official holiday list covers ", y,
                    ", its holidays are computed by law"));
    }
  }
  if (gaps_of_ != today) {
    gaps_ = calendar_gaps(bank_.config, inventory::View(bank_.ledger), today, kGapDays, kGapsTold);
    gaps_of_ = today;
  }
  for (const CalendarGap& gap : gaps_) told.push(to_text(gap));
  for (const std::string& one : stopped_.warnings()) told.push(one);
  return told;
}

void PlanDesk::describe(WallTime wall, Json& json) const {
  const inventory::View view(bank_.ledger);
  json.set("time_zone", bank_.config.time_zone);
  const Json* current = view.document("plan", "current");
  json.set("version", version(view));
  for (const std::string_view key : {"accepted_at", "accepted_by", "reason", "objective", "bound",
                                     "late", "changes", "changes_total", "cause"}) {
    json.set(std::string(key), current == nullptr ? Json() : (*current)[key]);
  }
  json.set("warnings", warnings(bank_.config.zone.local(clock_.plan_time(wall)).day));
  json.set("proposal", proposal_ ? proposal_json(*proposal_, progress()) : Json());
}

}  // namespace cryobank::core
