// What is seen after an infusion: observation/rule and record, marker/record, assessment/record,
// observation/list. Rules are a physician's, with author and reason; a crossed rule gives a message
// and holds the course where the rule says so. Markers (PD-L1, NK activity) and assessments (CT)
// are kept and dated to doses, and change nothing of the plan. No rule comes with the program, and
// nothing here advises on treatment.
#include <algorithm>

#include "base/record_time.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "service/core/plan/plan_ask.hpp"

namespace cryobank::core {
namespace {

constexpr std::size_t kRulesMax = 50;
constexpr std::size_t kSeenMax = 200;  // of one dose, or of one course
constexpr std::string_view kRulesId = "rules";

Json list_in(const PlanAsk& ask, std::string_view kind, std::string_view id) {
  const Json* content = ask.view().document(kind, id);
  return content != nullptr && (*content)["items"].is_array() ? (*content)["items"] : Json::array();
}

Json kept(Json items) { return Json::object().set("items", std::move(items)); }

// One more at the end of a list that is bounded.
Status push_item(Json& items, Json item, std::string_view what) {
  if (items.items().size() >= kSeenMax) {
    return make_error(ErrorCode::too_large, cat("expected at most ", kSeenMax, " ", what));
  }
  items.push(std::move(item));
  return {};
}

// A unit stands in lines of CSV and in messages.
Status check_unit(const Json& body) {
  const std::string unit = text_in(body, "unit");
  const bool plain = std::all_of(
      unit.begin(), unit.end(), [](char c) { return c > ' ' && c <= '~' && c != ',' && c != '"'; });
  if (plain && !unit.empty()) return {};
  return make_error(
      ErrorCode::invalid_value,
      cat("expected a UCUM code as Cel or % at \"unit\", came \"", clip(unit, 20), "\""));
}

Result<WallTime> moment_in(const PlanAsk& ask) {
  if (!ask.body.has("at")) return ask.context.now.wall;
  Result<WallTime> at = parse_utc(text_in(ask.body, "at"));
  if (!at) return make_error(at.error().code, cat("at: ", at.error().context));
  TRY(expect_past("at", *at, ask.context.now.wall));
  return at;
}

std::string limit_text(const Json& rule) {
  std::string text;
  for (const std::string_view side : {"above", "below", "falls_percent"}) {
    if (rule.has(side)) text += cat(text.empty() ? "" : " or ", side, " ", rule[side].dump());
  }
  return text;
}

// Has the value crossed the rule? `seen`: earlier ones of the same dose.
Result<bool> crosses(const Json& rule, const Json& value, const Json& seen) {
  if (text_in(rule, "unit") != text_in(value, "unit")) {
    return make_error(
        ErrorCode::invalid_value,
        cat("expected unit \"", text_in(rule, "unit"), "\" as rule ", text_in(rule, "rule"),
            " has it, came \"", clip(text_in(value, "unit"), 20), "\""));
  }
  const Milli now = value["value"].milli();
  if (rule.has("above") && rule["above"].milli() < now) return true;
  if (rule.has("below") && now < rule["below"].milli()) return true;
  if (!rule.has("falls_percent")) return false;
  const auto at = parse_utc(text_in(value, "at"));
  const Duration window = hours(number_in(rule, "within_hours", 0));
  for (const Json& before : seen.items()) {
    if (text_in(before, "measure") != text_in(value, "measure")) continue;
    const auto then = parse_utc(text_in(before, "at"));
    if (!at || !then || *at < *then || window < *at - *then) continue;
    const std::int64_t left = 100 - number_in(rule, "falls_percent", 0);
    if (now.v * 100 <= before["value"].milli().v * left) return true;
  }
  return false;
}

Result<Json> crossed_rules(const PlanAsk& ask, const Json& value, const Json& seen, bool& hold) {
  Json crossed = Json::array();
  const Json rules = list_in(ask, "observation", kRulesId);
  for (const Json& rule : rules.items()) {
    if (text_in(rule, "measure") != text_in(value, "measure")) continue;
    TRY_ASSIGN(const bool told, crosses(rule, value, seen));
    if (!told) continue;
    crossed.push(text_in(rule, "rule"));
    hold = hold || flag_in(rule, "hold");
  }
  return crossed;
}

Status hold_for(PlanAsk& ask, Decision& decision, const Json& crossed, Json& reply) {
  const std::string course = text_in(ask.body, "course");
  // Held already, and with no end: a hold that ends, or begins later, does not hold for this.
  for (const std::string& id : pauses_of(ask.view(), CourseId(course))) {
    const Json& pause = *ask.view().document("pause", id);
    if (pause.has("until") || !covers_day(pause, ask.today())) continue;
    reply.set("hold", id);
    return {};
  }
  const bool fever = text_in(ask.body, "measure") == "temperature";
  const Json body = Json::object().set("course", course).set("kind", fever ? "fever" : "tests");
  CommandContext context = ask.context;
  context.reason = cat("observation rule ", crossed.items().front().string());
  PlanAsk hold{ask.bank, ask.clock, ask.desk, ask.draft, body, context};
  TRY_ASSIGN(Decision held, hold_course(hold));
  for (Fact& fact : held.facts) decision.facts.push_back(std::move(fact));
  reply.set("hold", held.reply["hold"]);
  return {};
}

// A measure that no rule knows is often a misspelt one, and would never hold anything.
std::string noted_text(const PlanAsk& ask, const std::string& measure) {
  const Json rules = list_in(ask, "observation", kRulesId);
  std::string known;
  for (const Json& rule : rules.items()) {
    if (text_in(rule, "measure") == measure) return "noted";
    known += cat(known.empty() ? "" : ", ", text_in(rule, "measure"));
  }
  return cat("noted; no rule looks at measure \"", clip(measure, 40), "\"",
             known.empty() ? "" : ": they look at ", clip(known, 300));
}

Result<Decision> record_observation(PlanAsk& ask) {
  TRY_ASSIGN(const auto course, course_in(ask));
  TRY_ASSIGN(const auto dose, dose_in(ask, *course));
  if (dose->infused_at.ms == 0) {
    return make_error(ErrorCode::conflict, cat("expected a dose that was given, dose ",
                                               dose->id.str(), " is ", name_of(dose->state)));
  }
  TRY_ASSIGN(const auto at, moment_in(ask));
  TRY(check_unit(ask.body));
  TRY_ASSIGN(const auto number, ask.body.get_milli("value"));
  Json value = Json::object().set("measure", ask.body["measure"]).set("value", number);
  value.set("unit", ask.body["unit"]).set("at", format_utc(at));
  value.set("by", ask.context.actor.user.str());
  const std::string id = cat(course->id.str(), ".", dose->id.str());
  Json items = list_in(ask, "observation", id);
  bool hold = false;
  TRY_ASSIGN(const Json crossed, crossed_rules(ask, value, items, hold));
  Json data = act_of(ask).set("course", course->id.str()).set("dose", dose->id.str());
  data.set("measure", ask.body["measure"]).set("crossed", crossed).set("held", hold);
  TRY(push_item(items, std::move(value), "observations of a dose"));
  inventory::add_document(data, "observation", id, kept(std::move(items)));
  const std::size_t mark = ask.draft.mark();
  Decision decision;
  Json reply = Json::object().set("crossed", crossed);
  Status added = add_fact(ask, decision, fact::kObservationRecorded, std::move(data));
  if (added && hold) added = hold_for(ask, decision, crossed, reply);
  if (!added) {
    ask.draft.rewind(mark);
    return added.error();
  }
  decision.reply = std::move(reply);
  decision.message = crossed.items().empty() ? noted_text(ask, text_in(ask.body, "measure"))
                                             : cat("noted; rules crossed: ", crossed.dump());
  return decision;
}

// Above 39 or below 40 is crossed by every value, and pauses every course.
Status check_sides(const Json& rule) {
  if (!rule.has("above") || !rule.has("below")) return {};
  const Milli above = rule["above"].milli();
  const Milli below = rule["below"].milli();
  if (below < above) return {};
  return make_error(ErrorCode::invalid_value,
                    cat("expected \"below\" less than \"above\", came ", format_milli(below),
                        " and ", format_milli(above), ", which every value crosses"));
}

Result<Decision> set_rule(PlanAsk& ask) {
  TRY(need_reason_of(ask, "a rule"));
  const std::string name = text_in(ask.body, "rule");
  const bool removed = flag_in(ask.body, "remove");
  Json rules = Json::array();
  bool known = false;
  const Json before = list_in(ask, "observation", kRulesId);
  for (const Json& rule : before.items()) {
    const bool same = text_in(rule, "rule") == name;
    known = known || same;
    if (!same) rules.push(rule);
  }
  if (removed && !known) {
    return make_error(ErrorCode::not_found, cat("no rule is called ", clip(name, 64)));
  }
  Json rule = Json::object().set("rule", name).set("by", ask.context.actor.user.str());
  rule.set("reason", ask.context.reason).set("hold", flag_in(ask.body, "hold"));
  for (const std::string_view key :
       {"measure", "unit", "above", "below", "falls_percent", "within_hours"}) {
    if (ask.body.has(key)) rule.set(std::string(key), ask.body[key]);
  }
  if (!removed) {
    if (limit_text(rule).empty() || !rule.has("measure") || !rule.has("unit")) {
      return make_error(ErrorCode::malformed,
                        "expected \"measure\", \"unit\" and one of \"above\", \"below\", "
                        "\"falls_percent\" with \"within_hours\"");
    }
    TRY(check_unit(ask.body));
    TRY(check_sides(rule));
    if (rules.items().size() >= kRulesMax) {
      return make_error(ErrorCode::too_large, cat("expected at most ", kRulesMax, " rules"));
    }
    rules.push(rule);
  }
  Json data = act_of(ask).set("rule", name).set("removed", removed);
  inventory::add_document(data, "observation", kRulesId, kept(std::move(rules)));
  Decision decision;
  TRY(add_fact(ask, decision, fact::kObservationRuleSet, std::move(data)));
  decision.reply = Json::object().set("rule", name);
  decision.message =
      removed ? cat("rule ", name, " is taken away") : cat("rule ", name, ": ", limit_text(rule));
  return decision;
}

// A dose that the body may name; it has to be one of the course.
Status add_dose(const PlanAsk& ask, const inventory::Course& course, std::string_view key,
                Json& item) {
  if (!ask.body.has(key)) return {};
  TRY_ASSIGN(const DoseId id, id_in<DoseId>(ask.body, key));
  if (course.find(id) == nullptr) {
    return make_error(ErrorCode::not_found,
                      cat("course ", course.id.str(), " has no dose ", id.str()));
  }
  item.set(std::string(key), id.str());
  return {};
}

Result<Decision> keep_seen(PlanAsk& ask, const inventory::Course& course, std::string_view kind,
                           const FactName& type, Json item) {
  Json items = list_in(ask, kind, course.id.str());
  item.set("by", ask.context.actor.user.str());
  TRY(push_item(items, std::move(item), "of one course"));
  Json data = act_of(ask).set("course", course.id.str());
  inventory::add_document(data, kind, course.id.str(), kept(std::move(items)));
  Decision decision;
  TRY(add_fact(ask, decision, type, std::move(data)));
  decision.reply = Json::object();
  decision.message = "noted; it changes nothing of the plan";
  return decision;
}

Result<Decision> record_marker(PlanAsk& ask) {
  TRY_ASSIGN(const auto course, course_in(ask));
  TRY_ASSIGN(const auto at, moment_in(ask));
  TRY(check_unit(ask.body));
  TRY_ASSIGN(const auto number, ask.body.get_milli("value"));
  Json item = Json::object().set("marker", ask.body["marker"]).set("value", number);
  item.set("unit", ask.body["unit"]).set("at", format_utc(at));
  if (ask.body.has("assay")) item.set("assay", ask.body["assay"]);
  TRY(add_dose(ask, *course, "dose", item));
  return keep_seen(ask, *course, "marker", fact::kMarkerRecorded, std::move(item));
}

Result<Decision> record_assessment(PlanAsk& ask) {
  TRY_ASSIGN(const auto course, course_in(ask));
  Json item = Json::object().set("what", ask.body["what"]);
  TRY_ASSIGN(const Day day, day_in(ask.body, "date"));
  item.set("date", format_day(day)).set("done", flag_in(ask.body, "done"));
  TRY(add_dose(ask, *course, "after_dose", item));
  return keep_seen(ask, *course, "assessment", fact::kAssessmentRecorded, std::move(item));
}

Result<Decision> list_seen(PlanAsk& ask) {
  Decision decision;
  decision.reply = Json::object().set("rules", list_in(ask, "observation", kRulesId));
  decision.message = "rules";
  if (!ask.body.has("course")) return decision;
  TRY_ASSIGN(const auto course, course_in(ask));
  Json seen = Json::object();
  for (const inventory::Dose& dose : course->doses) {
    Json items = list_in(ask, "observation", cat(course->id.str(), ".", dose.id.str()));
    if (!items.items().empty()) seen.set(dose.id.str(), std::move(items));
  }
  decision.reply.set("observations", std::move(seen));
  decision.reply.set("markers", list_in(ask, "marker", course->id.str()));
  decision.reply.set("assessments", list_in(ask, "assessment", course->id.str()));
  decision.message = cat("what is recorded of course ", course->id.str());
  return decision;
}

constexpr PlanVerb kObserveVerbs[] = {
    {"assessment/record", record_assessment}, {"marker/record", record_marker},
    {"observation/list", list_seen},          {"observation/record", record_observation},
    {"observation/rule", set_rule},
};

}  // namespace

std::span<const PlanVerb> observe_verbs() { return kObserveVerbs; }

// One line a marker, pseudonyms only.
std::string markers_csv(const PlanAsk& ask) {
  std::string out = "patient,course,dose,marker,value,unit,assay,at\r\n";
  const inventory::View view = ask.view();
  for (const std::string& id : view.documents("marker")) {
    const Result<CourseId> course_id = CourseId::parse(id);
    const inventory::Course* course = course_id ? view.course(*course_id) : nullptr;
    if (course == nullptr) continue;
    const Json items = list_in(ask, "marker", id);
    for (const Json& item : items.items()) {
      out +=
          cat(course->patient.str(), ",", id, ",", text_in(item, "dose"), ",",
              text_in(item, "marker"), ",", format_milli(item["value"].milli()), ",",
              text_in(item, "unit"), ",", text_in(item, "assay"), ",", text_in(item, "at"), "\r\n");
    }
  }
  return out;
}

}  // namespace cryobank::core
