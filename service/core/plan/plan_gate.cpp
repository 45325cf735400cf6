// What calendars, holds, the clinic's word and the incubator say to a dose.
#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/tables.hpp"
#include "service/core/plan/plan_commands.hpp"
#include "service/core/plan/plan_provisional.hpp"
#include "service/core/problem/plan_chairs.hpp"
#include "service/core/problem/plan_closed.hpp"
#include "service/schedule/explain.hpp"

namespace cryobank::core {
namespace {

const config::CalendarConfig* clinic_calendar(const PlanAsk& ask, const std::string& course) {
  const config::SiteConfig& site = ask.bank.config;
  const config::ClinicConfig* clinic = site.find_clinic(clinic_of(site, ask.view(), course));
  return clinic == nullptr ? nullptr : site.find_calendar(clinic->calendar);
}

Status check_open(const PlanAsk& ask, const config::CalendarConfig* calendar, const Json& item,
                  std::string_view key) {
  const Result<WallTime> at = parse_utc(text_in(item, key));
  if (!at || calendar == nullptr) return {};  // what is no time is refused by the inventory
  const Day day = ask.bank.config.zone.local(*at).day;
  const std::string why = calendar->closed_because(day);
  if (why.empty()) return {};
  return make_error(
      ErrorCode::invalid_value,
      cat("dose ", text_in(item, "dose", "?"), ": expected an open day at \"", key, "\", came ",
          format_day(day), ", on which calendar ", calendar->id.str(), " is closed: ", why));
}

}  // namespace

Status check_open_days(const PlanAsk& ask, const Json& body) {
  const config::CalendarConfig* centre =
      ask.bank.config.find_calendar(ask.bank.config.plan.centre_calendar);
  const config::CalendarConfig* clinic = clinic_calendar(ask, text_in(body, "course"));
  const Json list = body["doses"].is_array() ? body["doses"] : Json(Json::Array{body});
  for (const Json& item : list.items()) {
    if (!item.is_object()) return {};
    for (const std::string_view key : {"thaw_at", "harvest_from"}) {
      TRY(check_open(ask, centre, item, key));
    }
    TRY(check_open(ask, clinic, item, "infusion_at"));
  }
  return {};
}

// The problem of one course among what stands, and which of its series it is.
struct CourseProblem {
  PlanProblem made;
  std::size_t series = 0;
};

Result<CourseProblem> plan_alone(const PlanAsk& ask, const inventory::Course& course) {
  CourseProblem alone{make_plan_problem(ask.bank.config, ask.view(),
                                        ask.clock.plan_time(ask.context.now.wall), {course.id}),
                      0};
  const PlanProblem& made = alone.made;
  const auto found = std::find(made.courses.begin(), made.courses.end(), course.id);
  if (found == made.courses.end()) {
    return make_error(ErrorCode::conflict, made.left_out.empty() ? "nothing of it can be planned"
                                                                 : made.left_out.back());
  }
  alone.series = static_cast<std::size_t>(found - made.courses.begin());
  if (made.doses[alone.series].empty()) {
    return make_error(ErrorCode::conflict, cat("every dose of course ", course.id.str(),
                                               " is given, under way or inside the freeze of ",
                                               ask.bank.config.plan.freeze_days, " days"));
  }
  return alone;
}

// Of routes that begin on the day that was asked for: what forbids the first dose that day, or a
// later one any day.
std::string why_not_then(const PlanProblem& made, const schedule::DayModel& model, int series) {
  if (made.standing[static_cast<std::size_t>(series)].visits.empty()) {
    for (const schedule::LateDose& late : schedule::explain(model, made.standing)) {
      if (late.series != series || late.reasons.empty()) continue;
      return schedule::to_text(made.problem, late.reasons.front());
    }
  }
  return missing_text(made, model, series);
}

Result<PlannedCourse> plan_from(const PlanAsk& ask, const inventory::Course& course, Day first) {
  TRY_ASSIGN(auto alone, plan_alone(ask, course));
  auto& [made, series] = alone;
  const int index = static_cast<int>(series);
  const int wanted = std::max(0, first.number - made.first.number);
  schedule::Series& own = made.problem.series[series];
  own.release = std::max(own.release, wanted);
  for (schedule::DoseNeed& dose : own.doses) dose.published_day = schedule::kNoDay;
  made.standing[series] = schedule::Route{};
  const schedule::DayModel model(made.problem, schedule::Reserve::kept);
  schedule::Load free = model.capacity();
  for (const schedule::Route& route : made.standing) {
    for (const schedule::Visit& visit : route.visits) {
      for (const schedule::CellUse& use : visit.cells)
        free[static_cast<std::size_t>(use.cell)] -= use.amount;
    }
  }
  // A better rhythm is not worth a later start than was asked for.
  const auto begun_until = [&](int day) {
    return model.best_within(index, {wanted, day, 0}, &free, {}, made.standing);
  };
  const schedule::Route asked = begun_until(wanted);
  schedule::Route route = asked;
  for (int day = wanted + 1; route.missing > 0 && day < made.problem.days; ++day) {
    route = begun_until(day);
  }
  const bool none = route.missing > 0;
  made.standing[series] = none ? route : asked;
  PlannedCourse planned;
  if (asked.missing > 0) planned.because = why_not_then(made, model, index);
  if (none) {
    return make_error(ErrorCode::no_space,
                      cat(route.missing, " doses find no day. ", planned.because));
  }
  const int begins = route.visits.front().period;
  planned.first = Day{made.first.number + begins};
  if (begins - wanted > kFirstLaterMax) {
    return make_error(
        ErrorCode::conflict,
        cat("expected a first infusion from which every dose finds a day, came ", format_day(first),
            ": the next one is ", format_day(planned.first), ", ", begins - wanted,
            " days later, since ", planned.because, ". Ask for that day, or plan/propose"));
  }
  TRY_ASSIGN(const auto protocol, protocol_of(ask.bank.config, ask.view(), course));
  Json doses = Json::array();
  const inventory::View view = ask.view();
  std::set<std::pair<CourseId, int>> leaving;
  for (const schedule::DoseNeed& need : own.doses) leaving.insert({course.id, need.number});
  ChairBook chairs(ask.bank.config, view, std::move(leaving));
  for (std::size_t k = 0; k < route.visits.size(); ++k) {
    const Day day{made.first.number + route.visits[k].period};
    const int lead = route.visits[k].variant;
    doses.push(planned_dose(ask.bank.config, protocol, made.doses[series][k], day, lead,
                            chairs.begin(course.id, protocol, day, lead)));
  }
  planned.command = Json::object().set("course", course.id.str()).set("doses", std::move(doses));
  return planned;
}

void pin_dose(PlanProblem& made, std::size_t series, const DoseId& dose, Day day) {
  const std::vector<DoseId>& doses = made.doses[series];
  schedule::Series& own = made.problem.series[series];
  const int wanted = day.number - made.first.number;
  for (std::size_t k = 0; k < doses.size(); ++k) {
    schedule::DoseNeed& need = own.doses[k];
    if (doses[k] == dose) {
      need.earliest = need.latest = wanted;
      break;  // those after it follow
    }
    if (need.published_day >= own.release && need.published_day < wanted) {
      need.earliest = need.latest = need.published_day;  // those before it stay
    }
  }
  own.resumes = true;
}

// What the protocol and the vials say of a day for the dose in place `at`, with the days that they
// allow.
Status check_limits(const PlanProblem& made, std::size_t series, std::size_t at, Day day) {
  const schedule::Series& own = made.problem.series[series];
  const int wanted = day.number - made.first.number;
  const auto refuse = [&](std::string_view what, int limit) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected ", what, " ", format_day(Day{made.first.number + limit}),
                          " for dose ", made.doses[series][at].str(), ", came ", format_day(day)));
  };
  if (wanted > own.doses[at].latest) {
    const std::string& because = own.doses[at].latest_because;
    return refuse(
        cat("a day ", because.empty() ? "before the horizon ends" : cat("(", because, ")"),
            ", at the latest"),
        own.doses[at].latest);
  }
  // After one that is given or fixed a longer gap may be: the course was stopped.
  const bool first = at == 0;
  if (first && own.fixed.empty()) return {};
  const int before = first ? own.fixed.back().day : own.doses[at - 1].published_day;
  if (before < 0 || before >= wanted) return {};  // long ago, or it moves as well
  const int number = first ? own.fixed.back().number : own.doses[at - 1].number;
  const schedule::GapRule& rule = own.gaps[at];
  const std::string days_after =
      cat(" days after dose ", number, " (course/amend changes it for this patient), ");
  if (!first && wanted - before > rule.max &&
      schedule::crossed_bridge(own, rule, before, wanted) == nullptr) {
    return refuse(cat("at most ", rule.max, days_after, "until"), before + rule.max);
  }
  if (wanted - before < rule.min) {
    return refuse(cat("at least ", rule.min, days_after, "from"), before + rule.min);
  }
  return {};
}

Status check_move(const PlanAsk& ask, const inventory::Course& course, const DoseId& dose,
                  Day day) {
  TRY_ASSIGN(auto alone, plan_alone(ask, course));
  auto& [made, series] = alone;
  const std::vector<DoseId>& doses = made.doses[series];
  const auto found = std::find(doses.begin(), doses.end(), dose);
  if (found == doses.end()) {
    return make_error(ErrorCode::conflict,
                      cat("dose ", dose.str(), " is under way or inside the freeze of ",
                          ask.bank.config.plan.freeze_days, " days"));
  }
  TRY(check_limits(made, series, static_cast<std::size_t>(found - doses.begin()), day));
  pin_dose(made, series, dose, day);
  // Places do not count here: other courses may be asked to make room.
  const schedule::DayModel model(made.problem, schedule::Reserve::used);
  const schedule::Route route = model.best(static_cast<int>(series), nullptr, {}, made.standing);
  if (route.missing == 0) return {};
  made.standing[series] = route;
  return make_error(
      ErrorCode::invalid_value,
      cat("expected a day that is possible for dose ", dose.str(), ", came ", format_day(day), ": ",
          missing_text(made, model, static_cast<int>(series))));
}

namespace {

// A thaw cannot be taken back, and cells in culture do not wait for a day that is not theirs.
Status check_thaw_time(const PlanAsk& ask, const CourseId& course, const inventory::Dose& dose) {
  if (dose.thaw_at.ms == 0) return {};  // it was never planned
  const WallTime now = ask.clock.plan_time(ask.context.now.wall);
  const Duration early = std::max(kThawTooEarly, ask.bank.config.plan.thaw_lead);
  if (now + early < dose.thaw_at) {
    return make_error(
        ErrorCode::interlock,
        cat("dose ", dose.id.str(), " of course ", course.str(), " is planned to be thawed at ",
            format_utc(dose.thaw_at), ", ", (dose.thaw_at - now).seconds() / 3'600,
            " h from now: expected a thaw at most ", early.seconds() / 60,
            " minutes early (two people may override, with a reason)"));
  }
  const std::string closed = closed_fault(ask.bank.config, ask.view(), course, dose, ask.today());
  if (closed.empty()) return {};
  return make_error(ErrorCode::conflict,
                    cat("dose ", dose.id.str(), " of course ", course.str(), ": ", closed));
}

}  // namespace

Status check_culture(const PlanAsk& ask) {
  const auto course = course_in(ask);
  const auto dose = course ? dose_in(ask, **course) : make_error(ErrorCode::not_found, "no course");
  if (!dose) return {};  // the inventory says what is wrong
  const inventory::Dose& own = **dose;
  const auto protocol = protocol_of(ask.bank.config, ask.view(), **course);
  const bool inside = own.state == inventory::DoseState::reculture && own.thawed_at.ms != 0;
  if (!protocol || !inside || protocol->reculture_min_hours == 0) return {};
  const WallTime earliest =
      ask.clock.plan_time(own.thawed_at) + hours(protocol->reculture_min_hours);
  const WallTime now = ask.clock.plan_time(ask.context.now.wall);
  if (earliest <= now) return {};
  return make_error(
      ErrorCode::interlock,
      cat("dose ", own.id.str(), " of course ", (*course)->id.str(),
          ": expected a culture of at least ", protocol->reculture_min_hours,
          " h, its harvest is from ", format_utc(earliest), " on, it is ", format_utc(now),
          " (two people may do it with a reason: \"override\" and a witness)"));
}

Status check_thaw_gate(const PlanAsk& ask, const CourseId& course, const DoseId& dose) {
  const inventory::View view = ask.view();
  const inventory::Course* found = view.course(course);
  const inventory::Dose* own = found == nullptr ? nullptr : found->find(dose);
  if (own == nullptr) return {};  // the inventory says what is wrong
  const WallTime now = ask.clock.plan_time(ask.context.now.wall);
  const config::PlanConfig& plan = ask.bank.config.plan;
  const Day today = ask.bank.config.zone.local(now).day;
  const Day infusion =
      own->infusion_at.ms == 0 ? today : ask.bank.config.zone.local(own->infusion_at).day;
  if (is_paused(view, course, today) || is_barred(ask.bank.config, view, course, infusion)) {
    return make_error(ErrorCode::conflict, cat("course ", course.str(), " is held"));
  }
  TRY(check_thaw_time(ask, course, *own));
  if (plan.fit_to_thaw.ns > 0) {
    const auto until = fit_until(ask.bank.config, view, ask.clock, now, course, dose);
    if (!until || *until < now) {
      return make_error(ErrorCode::interlock,
                        cat("the clinic has not said within ", plan.fit_to_thaw.seconds() / 3'600,
                            " h that the patient of dose ", dose.str(), " of course ", course.str(),
                            " is fit (dose/fit)"));
    }
  }
  for (const config::PlanResourceConfig& resource : plan.resources) {
    if (resource.on != config::PlanResourceConfig::On::culture) continue;
    int used = 0;
    for (const inventory::Appointment& entry : view.base().agenda) {
      if (entry.step != inventory::DoseStep::thaw) continue;
      const inventory::Course* other = view.course(entry.course);
      const inventory::DoseState state = other->dose(entry.dose).state;
      const bool inside = state == inventory::DoseState::thawing ||
                          state == inventory::DoseState::thawed ||
                          state == inventory::DoseState::reculture;
      used += inside ? resource.amount : 0;
    }
    if (used + resource.amount > resource.per_day) {
      return make_error(ErrorCode::no_space,
                        cat(resource.id, " is full: ", used, " of ", resource.per_day, " in use"));
    }
  }
  return {};
}

}  // namespace cryobank::core
