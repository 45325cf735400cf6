#include "service/core/plan/plan_referral.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/record_time.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "service/core/desk/alarm_desk.hpp"
#include "service/core/plan/plan_intake.hpp"
#include "service/core/problem/plan_problem.hpp"
#include "service/schedule/intake.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kEligibility = "eligibility";
constexpr std::size_t kReferralsMax = 500;
constexpr std::size_t kEndsMax = 60;  // ends of stages of one referral
constexpr std::string_view kNoPlan = "no-provisional-plan";
constexpr Duration kPlanSoon = hours(20);
constexpr Duration kPlanDue = hours(24);

Result<Decision> add_referral_fact(PlanAsk& ask, const FactName& type, Json data,
                                   const std::string& id, std::string message) {
  Decision decision;
  TRY(add_fact(ask, decision, type, std::move(data)));
  const Json* content = ask.view().document("referral", id);
  decision.reply = Json::object().set("referral", id);
  decision.reply.set("provisional", content == nullptr ? Json() : (*content)["provisional"]);
  decision.message = std::move(message);
  return decision;
}

// The referral that a course came of; empty object: none is on record.
Json referral_of(const inventory::View& view, const CourseId& course) {
  for (const std::string& id : view.documents("referral")) {
    const Json& content = *view.document("referral", id);
    if (text_in(content, "course") == course.str()) return content;
  }
  return Json::object();
}

// Cells are collected once more for a patient whose product failed: the first contact and the
// urgency of before count. Only then, or it would be a way past those who wait.
Status keep_place(const PlanAsk& ask, Json& content) {
  const std::string id = text_in(ask.body, "instead_of");
  const inventory::Course* course = ask.view().course(CourseId(id));
  if (course == nullptr || course->patient.str() != text_in(content, "patient")) {
    return make_error(ErrorCode::not_found,
                      cat("expected a course of this patient at \"instead_of\", came ", id));
  }
  const bool rejected = std::ranges::any_of(course->doses, [](const inventory::Dose& dose) {
    return dose.state == inventory::DoseState::rejected;
  });
  if (refusal_of(ask.view(), *course).empty() && !rejected) {
    return make_error(ErrorCode::conflict,
                      cat("expected a course whose lot failed or of which a dose is rejected at "
                          "\"instead_of\", came ",
                          id));
  }
  const Json before = referral_of(ask.view(), course->id);
  std::string contact = text_in(before, "first_contact");
  if (contact.empty()) contact = text_in(before, "received_at");
  if (contact.empty()) contact = format_utc(course->registered_at);
  content.set("instead_of", id).set("first_contact", contact);
  if (!ask.body.has("urgency")) content.set("urgency", number_in(before, "urgency", 1));
  return {};
}

Result<Decision> receive(PlanAsk& ask) {
  const std::string id = text_in(ask.body, "referral");
  if (ask.view().document("referral", id) != nullptr) {
    return make_error(ErrorCode::already_exists, cat("referral ", id, " was received before"));
  }
  if (open_referrals(ask.view()).size() >= kReferralsMax) {
    return make_error(ErrorCode::too_large, cat("expected at most ", kReferralsMax, " open ones"));
  }
  Json content = Json::object().set("patient", ask.body["patient"]).set("state", "open");
  content.set("protocol", ask.body["protocol"]).set("urgency", number_in(ask.body, "urgency", 1));
  if (protocol_in(ask, content) == nullptr) {
    return make_error(ErrorCode::not_found,
                      cat("no protocol is called ", clip(text_in(ask.body, "protocol"), 64)));
  }
  if (ask.body.has("instead_of")) {
    TRY(keep_place(ask, content));
  }
  Result<WallTime> at = ask.context.now.wall;
  if (ask.body.has("received_at")) at = parse_utc(text_in(ask.body, "received_at"));
  TRY(at);
  TRY(expect_past("received_at", *at, ask.context.now.wall));
  content.set("received_at", format_utc(*at)).set("items", Json::array());
  Json data = act_of(ask).set("referral", id);
  data.set("received_at", content["received_at"]);
  plan_referrals(ask, data, slot_items(ask), OpenReferral{id, std::move(content)});
  return add_referral_fact(ask, fact::kReferralReceived, std::move(data), id,
                           cat("referral ", id, " is received"));
}

Result<Json> open_referral(const PlanAsk& ask) {
  const std::string id = text_in(ask.body, "referral");
  const Json* content = ask.view().document("referral", id);
  if (content == nullptr) {
    return make_error(ErrorCode::not_found, cat("no referral is called ", clip(id, 64)));
  }
  if (text_in(*content, "state") == "open") return *content;
  return make_error(ErrorCode::conflict, cat("referral ", id, " is closed"));
}

Result<Decision> end_stage(PlanAsk& ask) {
  TRY_ASSIGN(Json content, open_referral(ask));
  const std::string id = text_in(ask.body, "referral");
  const std::string stage = text_in(ask.body, "stage");
  const std::string outcome = text_in(ask.body, "outcome");
  if (outcome == "failed" && !ask.body.has("cause")) {
    return make_error(ErrorCode::malformed, "expected \"cause\" with a failed stage");
  }
  const Standing standing = standing_of(ask, content, ask.today());
  const std::size_t index = stage_index(stage);
  if (stage != kEligibility && index > standing.next) {
    return make_error(ErrorCode::conflict, cat("expected stage ", referral_stages()[standing.next],
                                               " to be done before ", stage));
  }
  Json ends = content["items"];
  if (ends.items().size() >= kEndsMax) {
    return make_error(ErrorCode::too_large, cat("expected at most ", kEndsMax, " ends of stages"));
  }
  Json end = Json::object().set("stage", stage).set("outcome", outcome);
  end.set("at", format_utc(ask.context.now.wall)).set("by", ask.context.actor.user.str());
  if (ask.body.has("cause")) end.set("cause", ask.body["cause"]);
  Json data = act_of(ask).set("referral", id).set("stage", stage).set("outcome", outcome);
  if (ask.body.has("cause")) data.set("cause", ask.body["cause"]);
  ends.push(std::move(end));
  content.set("items", std::move(ends));
  plan_referrals(ask, data, slot_items(ask), OpenReferral{id, std::move(content)});
  return add_referral_fact(ask, fact::kReferralStageTold, std::move(data), id,
                           cat("referral ", id, ": ", stage, " ", outcome));
}

Result<Decision> close_referral(PlanAsk& ask) {
  TRY_ASSIGN(Json content, open_referral(ask));
  const std::string id = text_in(ask.body, "referral");
  if (ask.body.has("course")) {
    TRY_ASSIGN(const auto course, course_in(ask));
    content.set("course", course->id.str());
  } else if (Status reason = need_reason_of(ask, "closing without a course"); !reason) {
    return reason.error();
  }
  content.set("state", "closed").set("closed_at", format_utc(ask.context.now.wall));
  Json data = act_of(ask).set("referral", id);
  if (ask.body.has("course")) data.set("course", ask.body["course"]);
  plan_referrals(ask, data, slot_items(ask), OpenReferral{id, content});
  inventory::add_document(data, "referral", id, std::move(content));
  return add_referral_fact(ask, fact::kReferralClosed, std::move(data), id,
                           cat("referral ", id, " is closed"));
}

Result<Decision> list_referrals(PlanAsk& ask) {
  Json list = Json::array();
  for (OpenReferral& one : open_referrals(ask.view())) {
    list.push(std::move(one.content.set("referral", one.id)));
  }
  Decision decision;
  decision.message = cat(list.items().size(), " open referrals");
  decision.reply = Json::object().set("referrals", std::move(list)).set("slots", slot_items(ask));
  return decision;
}

Result<Decision> set_slot(PlanAsk& ask) {
  TRY(need_reason_of(ask, "changing slots"));
  const std::string name = text_in(ask.body, "slot");
  const std::string stage = text_in(ask.body, "stage");
  const bool removed = flag_in(ask.body, "remove");
  Json items = Json::array();
  bool known = false;
  const Json before = slot_items(ask);
  for (const Json& item : before.items()) {
    const bool same = text_in(item, "slot") == name;
    known = known || same;
    if (!removed && !same && text_in(item, "stage") == stage) {
      return make_error(ErrorCode::conflict,
                        cat("expected one kind of slot of stage ", stage, ", ",
                            text_in(item, "slot"), " has it: give that one more places"));
    }
    if (!same) items.push(item);
  }
  if (removed && !known) {
    return make_error(ErrorCode::not_found, cat("no slot is called ", clip(name, 64)));
  }
  if (!removed) {
    const std::string calendar = text_in(ask.body, "calendar");
    if (stage.empty() || !ask.body.has("places") || !ask.body.has("days")) {
      return make_error(ErrorCode::malformed, "expected \"stage\", \"places\" and \"days\"");
    }
    if (!calendar.empty() && ask.bank.config.find_calendar(CalendarId(calendar)) == nullptr) {
      return make_error(ErrorCode::not_found, cat("no calendar is called ", clip(calendar, 64)));
    }
    Json item = Json::object().set("slot", name).set("stage", stage).set("calendar", calendar);
    item.set("places", ask.body["places"]).set("days", ask.body["days"]);
    items.push(item.set("after_days", number_in(ask.body, "after_days", 0)));
  }
  Json data = act_of(ask).set("slot", name);
  plan_referrals(ask, data, items, std::nullopt);
  inventory::add_document(data, "plan", "slots", Json::object().set("items", items));
  Decision decision;
  TRY(add_fact(ask, decision, fact::kSlotsSet, std::move(data)));
  decision.reply = Json::object().set("slots", std::move(items));
  decision.message = removed ? cat("slots ", name, " are taken away") : cat("slots ", name);
  return decision;
}

Result<Decision> calculate_volume(PlanAsk& ask) {
  schedule::VolumeQuestion question;
  question.cells = number_in(ask.body, "cells", 0);
  const auto count = ask.body.get_milli("per_microlitre");
  const auto efficiency = ask.body.get_milli("efficiency_percent");
  TRY(count);
  TRY(efficiency);
  question.per_microlitre = *count;
  question.efficiency = *efficiency;
  if (ask.body.has("low_count")) question.low_count = ask.body["low_count"].milli();
  TRY_ASSIGN(const schedule::VolumeAnswer answer, schedule::blood_volume(question));
  Json warnings = Json::array();
  for (const std::string& warning : answer.warnings) warnings.push(warning);
  Decision decision;
  decision.reply = Json::object().set("litres", answer.litres);
  decision.reply.set("formula", schedule::kVolumeFormula).set("warnings", std::move(warnings));
  decision.message = cat(format_milli(answer.litres), " L of blood to process (formula ",
                         schedule::kVolumeFormula, ")");
  return decision;
}

bool inside(const PlanAsk& ask, const FigurePeriod& period, WallTime at) {
  const Day day = ask.bank.config.zone.local(at).day;
  return period.from.number <= day.number && day.number <= period.until.number;
}

constexpr PlanVerb kReferralVerbs[] = {
    {"collection/calculate", calculate_volume},
    {"referral/close", close_referral},
    {"referral/list", list_referrals},
    {"referral/receive", receive},
    {"referral/stage", end_stage},
    {"slot/set", set_slot},
};

}  // namespace

std::span<const PlanVerb> referral_verbs() { return kReferralVerbs; }

void watch_referrals(const Now& now, const Bank& bank, AlarmDesk& alarms) {
  std::map<std::string, alarms::Condition, std::less<>> standing;
  for (const OpenReferral& one : open_referrals(inventory::View(bank.ledger))) {
    const Duration age = now.wall - time_in(one.content, "received_at");
    if (one.content.has("planned_at") || age < kPlanSoon) continue;
    alarms::Condition told;
    told.source = alarm_source(one.id);
    told.condition = std::string(kNoPlan);
    told.priority = age < kPlanDue ? alarms::Priority::p3 : alarms::Priority::p2;
    told.text = cat("Referral ", one.id, " has no provisional plan, it was received at ",
                    text_in(one.content, "received_at"), ": ",
                    text_in(one.content["provisional"], "why", "unknown"));
    told.action = "Remove the cause; the plan follows by itself with the next change.";
    standing.emplace(told.source, std::move(told));
  }
  for (const AlarmId& alarm : bank.board.open_alarms()) {
    std::string_view source = alarm.str();
    if (!source.ends_with(kNoPlan)) continue;
    source.remove_suffix(kNoPlan.size() + 1);
    if (!standing.contains(source)) alarms.clear(now, source, kNoPlan);
  }
  for (auto& [source, told] : standing) alarms.raise(now, std::move(told));
}

// Waits from the first contact, and what failed, by stage.
Json referral_figures(const PlanAsk& ask, const FigurePeriod& period) {
  std::int64_t received = 0, planned = 0;
  std::map<std::string, std::int64_t> done, failed, causes, first;
  std::map<std::string, std::vector<std::int64_t>> waits;
  const inventory::View view = ask.view();
  for (const std::string& id : view.documents("referral")) {
    const Json& referral = *view.document("referral", id);
    const WallTime at = time_in(referral, "received_at");
    if (!inside(ask, period, at)) continue;
    ++received;
    const WallTime shown = time_in(referral, "planned_at");
    if (shown.ms != 0 && shown - at <= kPlanDue) ++planned;
    const Json ends = items_of(&referral);
    bool collected = referral.has("instead_of");  // that patient's first one is another's
    for (const Json& end : ends.items()) {
      const std::string stage = text_in(end, "stage");
      const std::string outcome = text_in(end, "outcome");
      if (stage == referral_stages().front() && outcome != "begun" &&
          !std::exchange(collected, true)) {
        ++first[outcome];
      }
      if (outcome == "failed") {
        ++failed[stage];
        ++causes[cat(stage, ": ", text_in(end, "cause"))];
      }
      if (outcome != "done") continue;
      ++done[stage];
      waits[stage].push_back((time_in(end, "at") - at).seconds() / 3'600);
    }
  }
  const auto object = [](const std::map<std::string, std::int64_t>& counts) {
    Json json = Json::object();
    for (const auto& [name, count] : counts) json.set(name, count);
    return json;
  };
  Json hours_of = Json::object();
  for (auto& [stage, values] : waits) hours_of.set(stage, spread(std::move(values)));
  Json json = Json::object().set("received", received).set("planned_within_24h", planned);
  json.set("done", object(done)).set("failed", object(failed)).set("causes", object(causes));
  json.set("first_collections", object(first));
  return json.set("hours_from_contact", std::move(hours_of));
}

}  // namespace cryobank::core
