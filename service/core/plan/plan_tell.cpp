#include "service/core/plan/plan_tell.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/text.hpp"
#include "service/schedule/explain.hpp"

namespace cryobank::core {

std::string dose_name(const PlanProblem& made, int series, int number) {
  const auto s = static_cast<std::size_t>(series);
  const std::vector<schedule::DoseNeed>& needs = made.problem.series[s].doses;
  for (std::size_t k = 0; k < needs.size(); ++k) {
    if (needs[k].number == number) return made.doses[s][k].str();
  }
  return {};
}

MoveCause why_moved(const Proposal& proposal, const schedule::VisitMove& move) {
  const auto s = static_cast<std::size_t>(move.series);
  const schedule::Series& series = proposal.made.problem.series[s];
  if (!series.refused.empty()) return {"refused", series.refused};
  if (move.to == schedule::kNoDay) return {"no-day", "no day is found"};
  if (move.from == schedule::kNoDay) return {"had-no-day", "had no day"};
  const std::set<int>& put_back = proposal.made.put_back[s];
  if (put_back.contains(move.number)) {
    return {"put-back", "its vials are held or in a freezer in alarm"};
  }
  if (!put_back.empty()) return {"stands-in", "another dose of its course changes places"};
  if (move.from == move.to && proposal.mends) return {"stopped", "another hour of its day"};
  if (series.resumes) return {"stopped", "its course was stopped, or a day asked for"};
  if (proposal.rung == "whole-plan") return {"whole", "better for the whole"};
  return {"makes-room", "makes room for another course"};
}

namespace {

Json day_json(const Proposal& proposal, int number) {
  if (number == schedule::kNoDay) return {};
  return Json(format_day(Day{proposal.made.first.number + number}));
}

// What kept a dose from one day, with what it was. A forced gap of many courses is looked at once.
class ReasonTeller {
 public:
  explicit ReasonTeller(const Proposal& proposal)
      : proposal_(proposal), problem_(proposal.made.problem) {}

  Json tell(const schedule::Reason& reason) {
    using What = schedule::Reason::What;
    const auto index = static_cast<std::size_t>(reason.index);
    Json json = Json::object().set("code", schedule::name_of(reason.what));
    json.set("day", day_json(proposal_, reason.day));
    switch (reason.what) {
      case What::centre_closed:
      case What::clinic_closed:
        json.set("calendar", problem_.calendar_names[index]);
        break;
      case What::full:
        json.set("resource", problem_.resources[index].name).set("limit", reason.limit);
        return set_cure(reason, json);
      case What::not_yet:
      case What::too_late:
      case What::expiry:
        json.set("limit", day_json(proposal_, reason.limit));
        break;
      case What::other_series:
        json.set("course", problem_.series[index].name);
        break;
      case What::forced_gap:
        for (const auto& [key, value] : gap_of(reason).members()) json.set(key, value);
        return json;
      case What::patient_away:
      case What::refused:
      case What::later_doses:
      case What::no_gap:
        break;
    }
    return json.set("text", schedule::to_text(problem_, reason));
  }

 private:
  // With the places that would cure it, beside the reserve: all of them, on those days.
  Json set_cure(const schedule::Reason& reason, Json& json) const {
    Json cure = Json::array();
    std::string more;
    for (const schedule::Lack& lack : reason.lacks) {
      const std::string& name = problem_.resources[static_cast<std::size_t>(lack.resource)].name;
      const std::string day = format_day(Day{proposal_.made.first.number + lack.day});
      const int unit = minutes_of(lack.resource);
      const std::int64_t amount = std::int64_t{lack.amount} * std::max(1, unit);
      Json one = Json::object().set("resource", name).set("day", day);
      cure.push(one.set(unit > 0 ? "minutes" : "places", amount));
      more += cat(more.empty() ? "" : ", ", name, " ", day, " +", amount, unit > 0 ? " min" : "");
    }
    Json cures = Json::array();
    cures.push(std::move(cure));
    json.set("cures", std::move(cures)).set("more", more);
    return json.set("text", cat(schedule::to_text(problem_, reason), "; with more of it this day ",
                                "would do: ", more));
  }

  // Of one unit, where chairs are counted by the minute; else 0.
  int minutes_of(int resource) const {
    for (const auto& [clinic, chairs] : proposal_.made.chairs) {
      if (chairs.first == resource) return chairs.second.unit;
    }
    return 0;
  }

  // With the days whose opening would cure it.
  const Json& gap_of(const schedule::Reason& reason) {
    const schedule::Series& series = problem_.series[static_cast<std::size_t>(reason.index)];
    const auto [found, fresh] = gaps_.try_emplace(
        {series.thaw_calendar, series.clinic_calendar, series.lead_min, series.lead_max,
         series.transport, reason.day, reason.limit, reason.allowed, reason.shortest});
    if (!fresh) return found->second;
    const schedule::GapRule rule{reason.shortest, reason.allowed, {}};
    const schedule::GapQuestion question = schedule::gap_question(problem_, series, rule);
    const CalendarGap gap = calendar_gap(schedule::forced_gap(question, reason.day, reason.limit),
                                         proposal_.made.first, question);
    found->second = span_json(gap).set("text", span_text(gap));
    return found->second;
  }

  const Proposal& proposal_;
  const schedule::DayProblem& problem_;
  std::map<std::array<int, 9>, Json> gaps_;
};

Json dose_json(const Proposal& proposal, int series, int number) {
  const CourseId& course = proposal.made.courses[static_cast<std::size_t>(series)];
  Json item = Json::object().set("course", course.str()).set("number", number);
  return item.set("dose", dose_name(proposal.made, series, number));
}

// ", 31 days between doses 6 and 7": where a gap has to be longer than its rule.
std::string long_gap(const Proposal& proposal, const schedule::Route& route) {
  const schedule::Series& series =
      proposal.made.problem.series[static_cast<std::size_t>(proposal.option_series)];
  for (std::size_t k = 1; k < route.visits.size(); ++k) {
    const int before = route.visits[k - 1].period;
    const int after = route.visits[k].period;
    if (schedule::crossed_bridge(series, series.gaps[k], before, after) == nullptr) continue;
    return cat(", ", after - before, " days between doses ", series.doses[k - 1].number, " and ",
               series.doses[k].number);
  }
  return {};
}

Json options_json(const Proposal& proposal) {
  Json options = Json::array();
  for (const schedule::Option& option : proposal.options) {
    const CourseId& course =
        proposal.made.courses[static_cast<std::size_t>(proposal.option_series)];
    const Day first{proposal.made.first.number + option.first};
    const std::string missing = option.route.missing > 0
                                    ? cat(", ", option.route.missing, " doses find no day")
                                    : std::string();
    Json item =
        Json::object().set("option", static_cast<std::uint64_t>(options.items().size() + 1));
    item.set("first", format_day(first));
    options.push(item.set("text", cat("course ", course.str(), " resumes ", format_day(first),
                                      long_gap(proposal, option.route), missing)));
  }
  return options;
}

}  // namespace

Json objective_json(const schedule::Objective& objective) {
  return Json::object()
      .set("unscheduled", objective.unscheduled)
      .set("interval", objective.interval)
      .set("waiting", objective.waiting)
      .set("disturbance", objective.disturbance)
      .set("peak_permille", objective.peak);
}

Json bound_json(const Proposal& proposal, const schedule::Routes& routes) {
  if (proposal.bound < 0) return {};
  const schedule::DayProblem& problem = proposal.made.problem;
  // Of what is placed: what finds no day outweighs all else, and is said by itself.
  schedule::Objective objective = schedule::measure(problem, routes);
  const std::int64_t not_placed = std::exchange(objective.unscheduled, 0);
  const schedule::Cost cost = schedule::plan_cost(problem.weights, objective);
  const std::int64_t tenths =
      cost <= 0 ? 0 : (cost - std::min(cost, proposal.bound)) * 1'000 / cost;
  return Json::object()
      .set("cost", proposal.bound)
      .set("plan_cost", cost)
      .set("not_placed", not_placed)
      .set("at_most_percent", cat(tenths / 10, ".", tenths % 10));
}

Json changes_json(const Proposal& proposal, const std::vector<schedule::VisitMove>& moves) {
  Json changes = Json::array();
  for (const schedule::VisitMove& move : moves) {
    if (changes.items().size() >= kPlanListedMax) break;
    Json item = dose_json(proposal, move.series, move.number);
    item.set("from", day_json(proposal, move.from)).set("to", day_json(proposal, move.to));
    const MoveCause cause = why_moved(proposal, move);
    item.set("code", cause.code).set("why", cause.text);
    changes.push(item.set("told", move.told));
  }
  return changes;
}

Json late_json(const Proposal& proposal, const schedule::Routes& routes) {
  Json late = Json::array();
  const schedule::DayModel model(proposal.made.problem, schedule::Reserve::kept);
  ReasonTeller teller(proposal);
  for (const schedule::LateDose& dose : schedule::explain(model, routes)) {
    if (late.items().size() >= kPlanListedMax) break;
    Json why = Json::array(), reasons = Json::array();
    for (const schedule::Reason& reason : dose.reasons) {
      Json told = teller.tell(reason);
      why.push(told["text"]);
      reasons.push(std::move(told));
    }
    Json item = dose_json(proposal, dose.series, dose.number);
    item.set("wanted", day_json(proposal, dose.wanted))
        .set("day", dose.day < 0 ? Json() : day_json(proposal, dose.day));
    item.set("days", dose.day < 0 ? Json() : Json(dose.day - dose.wanted));
    late.push(item.set("why", std::move(why)).set("reasons", std::move(reasons)));
  }
  return late;
}

Json proposal_json(const Proposal& proposal, int progress) {
  const PlanProblem& made = proposal.made;
  Json json = Json::object().set("number", proposal.number).set("based_on", proposal.based_on);
  json.set("cause", clip(proposal.cause, 2'000)).set("rung", proposal.rung);
  json.set("made_at", format_utc(proposal.made_at));
  json.set("state", proposal.ready ? "ready" : "computing").set("progress", progress);
  Json left_out = Json::array();
  for (const std::string& one : made.left_out) {
    if (left_out.items().size() < kPlanListedMax) left_out.push(one);
  }
  json.set("left_out", std::move(left_out));
  if (!proposal.ready) return json;
  json.set("inside", to_json(proposal.threats));
  json.set("objective", objective_json(schedule::measure(made.problem, proposal.routes)));
  json.set("bound", bound_json(proposal, proposal.routes));
  json.set("changes", changes_json(proposal, proposal.moves));
  json.set("changes_total", static_cast<std::uint64_t>(proposal.moves.size()));
  json.set("late", late_json(proposal, proposal.routes));
  return json.set("options", options_json(proposal));
}

}  // namespace cryobank::core
