// Plan ask: one command of the plan while it is decided, with the small readers that its families
// share. Facts that it adds are applied to the draft at once, so that the next one builds on them.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

#include "base/try.hpp"
#include "service/core/plan/plan_desk.hpp"

namespace cryobank::core {

struct PlanAsk {
  const Bank& bank;
  const PlanAnchor& clock;
  const PlanDesk& desk;
  inventory::Draft& draft;
  const Json& body;
  const CommandContext& context;

  inventory::View view() const { return inventory::View(draft); }
  Day today() const { return bank.config.zone.local(clock.plan_time(context.now.wall)).day; }
};

Status only_keys(const Json& body, std::initializer_list<std::string_view> keys);
template <class SomeId>
Result<SomeId> id_in(const Json& body, std::string_view key) {
  TRY_ASSIGN(const std::string text, body.get_string(key));
  return SomeId::parse(text);
}
Result<Day> day_in(const Json& body, std::string_view key);
// The course and the dose that the body names.
Result<const inventory::Course*> course_in(const PlanAsk& ask);
Result<const inventory::Dose*> dose_in(const PlanAsk& ask, const inventory::Course& course);
Json act_of(const PlanAsk& ask);  // {"at","by","reason"}
// The same, and the course's revision rises, so that its topic is published anew.
Json act_on(const PlanAsk& ask, const inventory::Course& course);
Status add_fact(PlanAsk& ask, Decision& decision, const FactName& type, Json data);
Status need_reason_of(const PlanAsk& ask, std::string_view what);

// The families: plan/..., course/... and dose/..., and what asks the calendars.
struct PlanVerb {
  std::string_view verb;
  Result<Decision> (*decide)(PlanAsk& ask);
};
std::span<const PlanVerb> proposal_verbs();
std::span<const PlanVerb> course_verbs();
std::span<const PlanVerb> hold_verbs();
std::span<const PlanVerb> notice_verbs();
std::span<const PlanVerb> observe_verbs();
Result<Decision> check_calendars(PlanAsk& ask);
// course/hold; also what a hospital's message and a crossed rule do.
Result<Decision> hold_course(PlanAsk& ask);
// What waited because of a hold is asked for again; what was missed stays for a proposal.
Status unblock_course(PlanAsk& ask, Decision& decision, const inventory::Course& course);
// Markers of every course as CSV, for the makers of the product.
std::string markers_csv(const PlanAsk& ask);

}  // namespace cryobank::core
