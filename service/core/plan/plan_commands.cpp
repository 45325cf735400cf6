#include "service/core/plan/plan_commands.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/reach.hpp"
#include "service/core/plan/plan_export.hpp"
#include "service/core/plan/plan_feeds.hpp"
#include "service/core/plan/plan_fresh.hpp"
#include "service/core/plan/plan_referral.hpp"
#include "service/core/plan/plan_tell.hpp"
#include "service/core/plan/plan_version.hpp"
#include "service/core/problem/plan_chairs.hpp"

namespace cryobank::core {
namespace {

constexpr std::size_t kCoursesAskedMax = 500;

Result<Decision> propose(PlanAsk& ask) {
  TRY(only_keys(ask.body, {"courses"}));
  const Json& courses = ask.body["courses"];
  Json list = Json::array();
  if (!courses.is_null() && !courses.is_array()) {
    return make_error(ErrorCode::invalid_value, "expected a list at \"courses\"");
  }
  if (courses.is_array()) {
    if (courses.items().size() > kCoursesAskedMax) {
      return make_error(ErrorCode::too_large,
                        cat("expected at most ", kCoursesAskedMax, " courses"));
    }
    for (const Json& item : courses.items()) {
      TRY_ASSIGN(const CourseId id, CourseId::parse(item.is_string() ? item.string() : ""));
      const inventory::Course* course = ask.view().course(id);
      if (course == nullptr)
        return make_error(ErrorCode::not_found, cat("no course is called ", id.str()));
      TRY_ASSIGN(const auto protocol, protocol_of(ask.bank.config, ask.view(), *course));
      if (protocol.reculture_max_hours == 0) {
        return make_error(
            ErrorCode::invalid_value,
            cat("expected protocol \"", protocol.id.str(), "\" version ", protocol.version,
                " to say its re-culture time (reculture_hours, set "
                "by your laboratory), it is not set"));
      }
      list.push(id.str());
    }
  }
  Decision decision;
  TRY(add_fact(ask, decision, fact::kPlanAsked, act_of(ask).set("courses", std::move(list))));
  decision.reply = Json::object().set("number", ask.desk.next_number());
  decision.message = "a plan is computed; the topic plan shows the proposal";
  return decision;
}

// The proposal that the body names, still true to the record.
Result<const Proposal*> standing_proposal(const PlanAsk& ask) {
  TRY_ASSIGN(const std::int64_t number, ask.body.get_integer("number"));
  const Proposal* proposal = ask.desk.proposal();
  if (proposal == nullptr || proposal->number != number) {
    return make_error(ErrorCode::conflict, proposal == nullptr ? std::string("no proposal waits")
                                                               : cat("proposal ", proposal->number,
                                                                     " waits, not ", number));
  }
  return proposal;
}

Status check_fresh(const PlanAsk& ask, const Proposal& proposal, const std::set<int>& series) {
  if (!proposal.ready)
    return make_error(ErrorCode::conflict, "the proposal is still being computed");
  if (proposal.based_on != ask.desk.version(ask.view())) {
    return make_error(ErrorCode::conflict,
                      "the plan was published anew since this proposal was made");
  }
  for (const int s : series) {
    const auto at = static_cast<std::size_t>(s);
    const inventory::Course* course = ask.view().course(proposal.made.courses[at]);
    if (course != nullptr && course->revision == proposal.made.revisions[at]) continue;
    return make_error(ErrorCode::conflict,
                      cat("course ", proposal.made.courses[at].str(),
                          " changed since this proposal was made: ask for another"));
  }
  return {};
}

// Doses of these series: their present chairs are free for what is planned now.
std::set<std::pair<CourseId, int>> leaving_of(const Proposal& proposal,
                                              const std::set<int>& moved) {
  std::set<std::pair<CourseId, int>> leaving;
  for (const int series : moved) {
    const auto at = static_cast<std::size_t>(series);
    for (const schedule::DoseNeed& need : proposal.made.problem.series[at].doses) {
      leaving.insert({proposal.made.courses[at], need.number});
    }
  }
  return leaving;
}

// What stays takes its chair before anything else is given one.
void keep_chairs(const PlanAsk& ask, const Proposal& proposal, const std::set<int>& moved,
                 const schedule::Routes& routes, ChairBook& chairs) {
  const PlanProblem& made = proposal.made;
  for (const int series : moved) {
    const auto at = static_cast<std::size_t>(series);
    const inventory::Course& course = *ask.view().course(made.courses[at]);
    const auto protocol = protocol_of(ask.bank.config, ask.view(), course);
    if (!protocol) continue;  // plan_series says so
    const std::vector<schedule::Visit>& visits = routes[at].visits;
    for (std::size_t k = 0; k < visits.size(); ++k) {
      const inventory::Dose& dose = *course.find(made.doses[at][k]);
      if (!keeps_its_time(made, at, k, visits[k], dose)) continue;
      const LocalTime local = ask.bank.config.zone.local(dose.infusion_at);
      chairs.keep(course.id, *protocol, local.day, local.minute);
    }
  }
}

Json times_of(const inventory::Dose& dose) {
  Json item = Json::object().set("dose", dose.id.str()).set("thaw_at", format_utc(dose.thaw_at));
  item.set("harvest_from", format_utc(dose.harvest_from));
  item.set("harvest_until", format_utc(dose.harvest_until));
  return item.set("infusion_at", format_utc(dose.infusion_at));
}

Status plan_series(PlanAsk& ask, Decision& decision, const Proposal& proposal, int series,
                   const schedule::Route& route, ChairBook& chairs) {
  const auto at = static_cast<std::size_t>(series);
  const CourseId& id = proposal.made.courses[at];
  const inventory::Course& course = *ask.view().course(id);
  TRY_ASSIGN(const auto protocol, protocol_of(ask.bank.config, ask.view(), course));
  Json doses = Json::array();
  for (std::size_t k = 0; k < proposal.made.doses[at].size(); ++k) {
    const DoseId& dose = proposal.made.doses[at][k];
    const inventory::Dose& planned = *course.find(dose);
    Json item = Json::object().set("dose", dose.str());
    if (k < route.visits.size()) {
      const schedule::Visit& visit = route.visits[k];
      const Day day{proposal.made.first.number + visit.period};
      item = keeps_its_time(proposal.made, at, k, visit, planned)
                 ? times_of(planned)
                 : planned_dose(ask.bank.config, protocol, dose, day, visit.variant,
                                chairs.begin(id, protocol, day, visit.variant));
    }
    const WallTime old = planned.thaw_at;
    if (old.ms != 0) item.set("old_thaw_at", format_utc(old));
    doses.push(std::move(item));
  }
  Json data = act_of(ask).set("course", id.str()).set("doses", std::move(doses));
  return add_fact(ask, decision, fact::kDosePlanned, std::move(data));
}

// The visits that an accepted proposal changes, in the words of the topic `plan`.
std::vector<VisitChange> visit_changes(const Proposal& proposal,
                                       const std::vector<schedule::VisitMove>& moves) {
  const auto day = [&](int number) {
    return number == schedule::kNoDay
               ? std::nullopt
               : std::optional<Day>(Day{proposal.made.first.number + number});
  };
  std::vector<VisitChange> changes;
  for (const schedule::VisitMove& move : moves) {
    const CourseId& course = proposal.made.courses[static_cast<std::size_t>(move.series)];
    const MoveCause cause = why_moved(proposal, move);
    changes.push_back({course, DoseId(dose_name(proposal.made, move.series, move.number)),
                       move.number, day(move.from), day(move.to), move.told,
                       std::string(cause.code), std::string(cause.text)});
  }
  return changes;
}

Json published_document(const PlanAsk& ask, const Proposal& proposal,
                        const schedule::Routes& routes, const std::vector<VisitChange>& changes) {
  Json json = Json::object().set("version", proposal.number);
  json.set("accepted_at", format_utc(ask.context.now.wall));
  json.set("accepted_by", ask.context.actor.user.str());
  json.set("reason", ask.context.reason).set("cause", clip(proposal.cause, 2'000));
  json.set("objective", objective_json(schedule::measure(proposal.made.problem, routes)));
  json.set("bound", bound_json(proposal, routes)).set("late", late_json(proposal, routes));
  json.set("changes", changes_of(changes));
  count_changes(ask, changes, json);
  return json;
}

// Rejected doses whose followers were planned since: those of `courses`, and those known
// before of courses that still have a dose to plan.
void settle_rejected(const PlanAsk& ask, const std::set<CourseId>& courses, Json& data) {
  const inventory::View view = ask.view();
  std::set<CourseId> all = courses;
  const SettledDoses before = settled_doses(view);
  for (const auto& [course, dose] : before) all.insert(course);
  Json items = Json::array();
  for (const CourseId& id : all) {
    const inventory::Course* course = view.course(id);
    const bool open = course != nullptr && std::ranges::any_of(course->doses, [](const auto& dose) {
                        return may_be_planned(dose.state);
                      });
    if (!open) continue;
    for (const inventory::Dose& dose : course->doses) {
      const bool known = courses.contains(id) || before.contains({id, dose.id});
      if (!left_a_gap(dose) || !known) continue;
      items.push(Json::object().set("course", id.str()).set("dose", dose.id.str()));
    }
  }
  if (items.items().empty() && before.empty()) return;
  inventory::add_document(data, "plan", "settled", Json::object().set("items", std::move(items)));
}

// Courses whose rejected doses the proposal was made with: what was rejected since is not settled.
std::set<CourseId> settled_by(const PlanAsk& ask, const Proposal& proposal) {
  std::set<CourseId> settled;
  if (proposal.mends) {
    for (const StoppedDose& one : proposal.bereft) settled.insert(one.course);
    return settled;
  }
  for (std::size_t at = 0; at < proposal.made.courses.size(); ++at) {
    const inventory::Course* course = ask.view().course(proposal.made.courses[at]);
    if (course == nullptr || course->revision != proposal.made.revisions[at]) continue;
    if (!proposal.made.doses[at].empty()) settled.insert(course->id);
  }
  return settled;
}

// As proposed, with the option that the body names.
Result<schedule::Routes> chosen_routes(const PlanAsk& ask, const Proposal& proposal) {
  schedule::Routes routes = proposal.routes;
  if (!ask.body.has("option")) return routes;
  TRY_ASSIGN(const std::int64_t option, ask.body.get_integer("option"));
  if (option < 1 || option > static_cast<std::int64_t>(proposal.options.size())) {
    return make_error(ErrorCode::invalid_value, cat("expected an option from 1 to ",
                                                    proposal.options.size(), ", came ", option));
  }
  routes[static_cast<std::size_t>(proposal.option_series)] =
      proposal.options[static_cast<std::size_t>(option - 1)].route;
  return routes;
}

// Doses whose dates it gives and that no robot finds: people thaw them, and hear it at once.
std::string tell_thawed_by_hand(const PlanAsk& ask, const Proposal& proposal,
                                const std::set<int>& moved, Json& reply) {
  Json by_hand = Json::array();
  for (const int series : moved) {
    const CourseId& id = proposal.made.courses[static_cast<std::size_t>(series)];
    const inventory::Course* course = ask.view().course(id);
    if (course == nullptr) continue;
    for (const inventory::Dose& dose : course->doses) {
      if (dose.state != inventory::DoseState::planned || dose.thaw_at.ms == 0) continue;
      if (!inventory::find_beyond_robots(ask.view(), dose)) continue;
      by_hand.push(cat(id.str(), "/", dose.id.str()));
    }
  }
  const std::size_t count = by_hand.items().size();
  if (count == 0) return {};
  reply.set("by_hand", std::move(by_hand));
  return cat("; ", count, " doses are thawed by hand (dose/lift), since no robot finds them");
}

Result<Decision> accept(PlanAsk& ask) {
  TRY(only_keys(ask.body, {"number", "option"}));
  TRY_ASSIGN(const auto found, standing_proposal(ask));
  const Proposal& proposal = *found;
  TRY_ASSIGN(const schedule::Routes routes, chosen_routes(ask, proposal));
  const std::vector<schedule::VisitMove> moves =
      schedule::moves_between(proposal.made.problem, proposal.made.standing, routes);
  std::set<int> moved;
  for (const schedule::VisitMove& move : moves) moved.insert(move.series);
  TRY(check_fresh(ask, proposal, moved));
  const std::string passed = passed_text(
      ask.bank.config, ask.view(), ask.clock.plan_time(ask.context.now.wall), proposal, routes);
  if (!passed.empty()) {
    return make_error(ErrorCode::conflict, cat(passed, ": ask for another proposal"));
  }
  const std::set<CourseId> settled = settled_by(ask, proposal);
  const std::size_t mark = ask.draft.mark();
  Decision decision;
  const inventory::View view = ask.view();
  ChairBook chairs(ask.bank.config, view, leaving_of(proposal, moved));
  keep_chairs(ask, proposal, moved, routes, chairs);
  for (const int series : moved) {
    const Status planned = plan_series(ask, decision, proposal, series,
                                       routes[static_cast<std::size_t>(series)], chairs);
    if (planned) continue;
    ask.draft.rewind(mark);
    return planned.error();
  }
  const std::vector<VisitChange> changes = visit_changes(proposal, moves);
  Json data = act_of(ask).set("number", proposal.number);
  inventory::add_document(data, "plan", "current",
                          published_document(ask, proposal, routes, changes));
  add_visits(ask, changes, data);
  settle_rejected(ask, settled, data);
  list_dayless(ask.view(), proposal, moved, routes, data);
  ask.desk.put_decided(data, false);
  const Status published = add_fact(ask, decision, fact::kPlanPublished, std::move(data));
  if (!published) {
    ask.draft.rewind(mark);
    return published.error();
  }
  decision.reply = Json::object().set("version", proposal.number);
  decision.reply.set("moved", static_cast<std::uint64_t>(moves.size()));
  decision.message =
      cat("plan ", proposal.number, " is published: ", moves.size(), " visits changed",
          tell_thawed_by_hand(ask, proposal, moved, decision.reply));
  return decision;
}

Result<Decision> discard(PlanAsk& ask) {
  TRY(only_keys(ask.body, {"number"}));
  TRY(need_reason_of(ask, "discarding a proposal"));
  TRY_ASSIGN(const auto found, standing_proposal(ask));
  Decision decision;
  Json data = act_of(ask).set("number", found->number);
  ask.desk.put_decided(data, true);
  TRY(add_fact(ask, decision, fact::kPlanDiscarded, std::move(data)));
  decision.reply = Json::object();
  decision.message = cat("proposal ", found->number, " is thrown away; the plan stays");
  return decision;
}

Result<Decision> move_dose(PlanAsk& ask) {
  TRY(only_keys(ask.body, {"course", "dose", "to"}));
  TRY(need_reason_of(ask, "moving a dose"));
  TRY_ASSIGN(const auto course, course_in(ask));
  TRY_ASSIGN(const auto dose, dose_in(ask, *course));
  TRY_ASSIGN(const Day to, day_in(ask.body, "to"));
  if (!may_be_planned(dose->state)) {
    return make_error(ErrorCode::conflict,
                      cat("dose ", dose->id.str(), " of course ", course->id.str(), " is ",
                          name_of(dose->state), ": a thaw cannot be taken back"));
  }
  const Day today = ask.today();
  if (to < today || to.number >= today.number + ask.bank.config.plan.horizon_days) {
    return make_error(ErrorCode::invalid_value, cat("expected a day from ", format_day(today),
                                                    " on, ", ask.bank.config.plan.horizon_days,
                                                    " days at most, came ", format_day(to)));
  }
  TRY(check_move(ask, *course, dose->id, to));
  Json data = act_of(ask).set("course", course->id.str()).set("dose", dose->id.str());
  Decision decision;
  TRY(add_fact(ask, decision, fact::kPlanMoveAsked, data.set("to", format_day(to))));
  decision.reply = Json::object().set("number", ask.desk.next_number());
  decision.message = "the topic plan shows what would move";
  return decision;
}

constexpr PlanVerb kProposalVerbs[] = {
    {"dose/move", move_dose},  {"plan/accept", accept},      {"plan/check", check_calendars},
    {"plan/discard", discard}, {"plan/export", export_plan}, {"plan/propose", propose},
};

const PlanVerb* find_plan_verb(std::string_view verb) {
  for (const std::span<const PlanVerb> family :
       {proposal_verbs(), course_verbs(), hold_verbs(), notice_verbs(), observe_verbs(),
        referral_verbs(), feed_verbs()}) {
    for (const PlanVerb& one : family) {
      if (one.verb == verb) return &one;
    }
  }
  return nullptr;
}

}  // namespace

std::span<const PlanVerb> proposal_verbs() { return kProposalVerbs; }

bool is_plan_verb(std::string_view verb) { return find_plan_verb(verb) != nullptr; }

Result<Decision> decide_plan(PlanAsk& ask, std::string_view verb) {
  if (!ask.body.is_object()) return make_error(ErrorCode::malformed, "expected an object");
  const PlanVerb* found = find_plan_verb(verb);
  if (found != nullptr) return found->decide(ask);
  return make_error(ErrorCode::unknown_key, cat("no command is called ", clip(verb, 80)));
}

}  // namespace cryobank::core
