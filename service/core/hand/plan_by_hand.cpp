#include "service/core/hand/plan_by_hand.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/ledger.hpp"
#include "service/core/hand/plan_hand_rules.hpp"
#include "service/core/plan/plan_tell.hpp"
#include "service/core/plan/plan_version.hpp"

namespace cryobank::core {
namespace {

// Whether its vials are stored by now or not.
bool has_a_visit(const inventory::Dose& dose) {
  return may_be_planned(dose.state) && dose.infusion_at.ms != 0;
}

std::string thaw_words(WallTime at) { return at.ms == 0 ? std::string("none") : format_utc(at); }

// Doses whose times the draft has changed, as they were in `before`. One that is thawed for no
// infusion has no day, but a version of the plan as every other.
std::vector<VisitChange> changed_visits(const PlanAsk& ask, const inventory::Course& before,
                                        std::string_view what) {
  const inventory::View view = ask.view();
  const Zone& zone = ask.bank.config.zone;
  const Json* told = view.document("told", before.id.str());
  const auto day = [&](WallTime at) {
    return at.ms == 0 ? std::nullopt : std::optional<Day>(zone.local(at).day);
  };
  const std::string reason(trim(ask.context.reason));
  std::vector<VisitChange> changes;
  for (const inventory::Dose& now : view.course(before.id)->doses) {
    const inventory::Dose& old = before.dose(now.number);
    if (now.infusion_at == old.infusion_at && now.thaw_at == old.thaw_at) continue;
    std::string why = reason.empty() ? cat("by hand, ", what) : cat("by hand: ", reason);
    if (now.infusion_at.ms == 0 && old.infusion_at.ms == 0) {
      why += cat("; a thaw without an infusion, from ", thaw_words(old.thaw_at), " to ",
                 thaw_words(now.thaw_at));
    }
    changes.push_back({before.id, now.id, now.number, day(old.infusion_at), day(now.infusion_at),
                       told != nullptr && told->has(now.id.str()), "by-hand", std::move(why)});
  }
  return changes;
}

// What stands of the last version beside this course, and the plan as it is now.
Json hand_document(const PlanAsk& ask, const CourseId& course, std::int64_t version,
                   std::string_view what, const std::vector<VisitChange>& changes) {
  const Json* before = ask.view().document("plan", "current");
  Json late = Json::array();
  if (before != nullptr) {
    for (const Json& item : (*before)["late"].items()) {
      if (text_in(item, "course") != course.str()) late.push(item);
    }
  }
  const PlanProblem made =
      make_plan_problem(ask.bank.config, ask.view(), ask.clock.plan_time(ask.context.now.wall), {});
  Json json = Json::object().set("version", version);
  json.set("accepted_at", format_utc(ask.context.now.wall));
  json.set("accepted_by", ask.context.actor.user.str()).set("reason", ask.context.reason);
  json.set("cause", cat("by hand: ", what, " of course ", course.str()));
  json.set("objective", objective_json(schedule::measure(made.problem, made.standing)));
  json.set("bound", Json()).set("late", std::move(late)).set("changes", changes_of(changes));
  count_changes(ask, changes, json);
  return json;
}

Status publish_by_hand(PlanAsk& ask, Decision& decision, const inventory::Course& before,
                       std::string_view what) {
  const std::vector<VisitChange> changes = changed_visits(ask, before, what);
  if (changes.empty()) return {};
  const std::int64_t version = next_version(ask);
  Json data = act_of(ask).set("number", version);
  inventory::add_document(data, "plan", "current",
                          hand_document(ask, before.id, version, what, changes));
  add_visits(ask, changes, data);
  TRY(add_fact(ask, decision, fact::kPlanPublished, std::move(data)));
  decision.reply.set("version", version);
  decision.message += cat("; plan ", version, ": ", changes.size(), " visits changed");
  return {};
}

// What no rule was there to check; a thaw cannot be taken back.
void warn_unchecked(const PlanAsk& ask, const HandDates& dates, Decision& decision) {
  Json warnings = Json::array();
  const auto protocol = protocol_of(ask.bank.config, ask.view(), dates.after);
  for (const DoseId& id : dates.changed) {
    const inventory::Dose& dose = *dates.after.find(id);
    if (dose.thaw_at.ms == 0) continue;
    if (!protocol && warnings.items().empty()) {
      warnings.push(cat(protocol.error().context, "; no gap and no culture time was checked"));
    }
    if (dose.infusion_at.ms == 0) {
      warnings.push(cat("dose ", id.str(), " is thawed at ", format_utc(dose.thaw_at),
                        " for no infusion: no gap was checked"));
    }
  }
  if (warnings.items().empty()) return;
  decision.message += cat("; CAUTION: ", warnings.items().front().string());
  decision.reply.set("warnings", std::move(warnings));
}

}  // namespace

Status check_by_hand(const PlanAsk& ask, const Json& body) {
  const std::optional<HandDates> dates = read_hand(ask, body);
  if (!dates) return {};
  return check_hand_rules(ask, *dates, flag_in(body, "override"));
}

Result<Decision> plan_by_hand(PlanAsk& ask, const Json& body, std::string_view what, FoundBy by) {
  const std::optional<HandDates> dates = read_hand(ask, body);
  if (!dates) return inventory::decide_into(ask.draft, "dose/plan", body, ask.context);
  const bool published = std::ranges::any_of(
      dates->changed, [&](const DoseId& id) { return has_a_visit(*dates->before.find(id)); });
  if (published) TRY(need_reason_of(ask, "changing a published visit"));
  if (by == FoundBy::person) TRY(check_hand_rules(ask, *dates, flag_in(body, "override")));
  const std::size_t mark = ask.draft.mark();
  TRY_ASSIGN(Decision decision, inventory::decide_into(ask.draft, "dose/plan", body, ask.context));
  if (decision.refused) return decision;
  if (const Status told = publish_by_hand(ask, decision, dates->before, what); !told) {
    ask.draft.rewind(mark);
    return told.error();
  }
  if (by == FoundBy::person) warn_unchecked(ask, *dates, decision);
  return decision;
}

}  // namespace cryobank::core
