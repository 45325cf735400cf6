// quality/plan, quality/result: from a lot's test list to its release, and what a late bad result
// does: it holds every sibling, stops their thaws and lists the doses that were given, are under
// way or are planned.
#include <algorithm>

#include "base/json_time.hpp"
#include "base/scan_text.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/quality.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

Result<LotId> need_lot(const Ask& ask) {
  TRY_ASSIGN(const auto lot, need_id<LotId>(ask.body, "lot"));
  if (!ask.view().courses_of(hold_target(HoldScope::lot, lot.str())).empty()) return lot;
  return make_error(ErrorCode::not_found, cat("no course of lot ", lot.str()));
}

// What a result is judged by must come, and nothing else: a value beside a finding that is asked
// for would hide it.
Status read_result(const Json& body, QualityTest& test) {
  test.final = flag_of(body, "final", true);
  TRY_ASSIGN(const auto specimen, maybe_text(body, "specimen", kIdLengthMax));
  const std::string_view code = strip_scan(specimen);
  if (!code.empty() && !is_code_text(code)) {
    return make_error(ErrorCode::malformed,
                      cat("expected an id at \"specimen\", came \"", clip(specimen, 80), "\""));
  }
  test.specimen = code;
  test.value.reset();
  TRY_ASSIGN(const auto finding, read_finding(body, "finding"));
  test.finding = finding;
  if (body.has("value") && !body["value"].is_null()) {
    TRY_ASSIGN(const auto value, body.get_milli("value"));
    test.value = value;
  }
  if (!is_judged(test)) {
    return make_error(ErrorCode::conflict, cat("the test list does not say what passes ", test.test,
                                               ": correct it first (quality/plan)"));
  }
  const bool valued = is_judged_by_value(test) == test.value.has_value();
  const bool found = test.passes.empty() == test.finding.empty();
  if (valued && found) return {};
  return make_error(
      ErrorCode::invalid_value,
      cat("test ", test.test, " is judged by ",
          is_judged_by_value(test) ? "a number at \"value\"" : "",
          is_judged_by_value(test) && !test.passes.empty() ? " and " : "",
          test.passes.empty() ? "" : cat("its \"finding\" (", test.passes, " passes)"), ", came ",
          test.value ? "a value" : "no value", " and ",
          test.finding.empty() ? "no finding" : "a finding"));
}

enum class Reached : std::uint8_t { nobody, planned, under_way, patient };

// How far a dose has come towards its patient: given in whole or in part or handed over for it,
// out of the cold, with a date, or not at all.
Reached reached(const Dose& dose) {
  if (dose.infused.numerator() != 0) return Reached::patient;
  switch (dose.state) {
    case DoseState::issued:
    case DoseState::infused:
      return Reached::patient;
    case DoseState::thawing:
    case DoseState::thawed:
    case DoseState::reculture:
    case DoseState::harvested:
      return Reached::under_way;
    case DoseState::planned:
      return Reached::planned;
    case DoseState::expected:
    case DoseState::stored:
    case DoseState::returned:
    case DoseState::rejected:
      return Reached::nobody;
  }
  CHECK(false);
}

struct LotDoses {
  Json given = Json::array();      // with the patient's pseudonym, and when
  Json under_way = Json::array();  // out of the cold, and not with a patient
  Json planned = Json::array();
};

LotDoses doses_of(const View& view, const LotId& lot) {
  LotDoses doses;
  for (const CourseId& id : view.courses_of(hold_target(HoldScope::lot, lot.str()))) {
    const Course& course = *view.course(id);
    for (const Dose& dose : course.doses) {
      const Reached how = reached(dose);
      if (how == Reached::nobody) continue;
      Json item = Json::object().set("course", id.str()).set("dose", dose.id.str());
      if (how == Reached::planned) {
        doses.planned.push(item.set("thaw_at", time_or_null(dose.thaw_at)));
        continue;
      }
      item.set("state", name_of(dose.state));
      if (how == Reached::under_way) {
        doses.under_way.push(std::move(item));
        continue;
      }
      item.set("patient", course.patient.str()).set("part", dose.infused.str());
      item.set("issued_at", time_or_null(dose.issued_at));
      doses.given.push(item.set("infused_at", time_or_null(dose.infused_at)));
    }
  }
  return doses;
}

// Everything of the lot is held at once; what a robot was about to thaw stays frozen. `test`: the
// first that is not as it should be.
Status recall_lot(Ask& ask, const LotId& lot, std::string_view test, std::string reason,
                  Json& reply) {
  Hold hold;
  hold.id = cat("hold-", count_of(ask.view().counters(), "holds") + 1);
  hold.target = hold_target(HoldScope::lot, lot.str());
  hold.kind = "quality";
  hold.reason = std::move(reason);
  hold.by = ask.context.actor.user;
  hold.at = ask.now();
  const auto held = reached_by(ask.view(), hold.target);
  TRY_ASSIGN(const auto stopped, stop_jobs(ask, held));
  const LotDoses doses = doses_of(ask.view(), lot);  // a thaw that nobody began is undone by now
  Json data = act(ask);
  data.set("hold", hold.id);
  data.set("target", hold.target);
  data.set("kind", hold.kind);
  data.set("test", test).set("aliquots", static_cast<std::uint64_t>(held.size()));
  for (Json* told : {&data, &reply}) {
    told->set("doses_given", doses.given);
    told->set("doses_under_way", doses.under_way);
    told->set("doses_planned", doses.planned);
  }
  add_document(data, "hold", hold.id, to_json(hold));
  add_count(data, "holds");
  TRY(ask.trial.add(inventory_fact(fact::kHoldPlaced, std::move(data))));
  Json jobs = Json::array();
  for (const JobId& id : stopped) jobs.push(id.str());
  reply.set("hold", hold.id).set("jobs_stopped", std::move(jobs));
  reply.set("aliquots_held", static_cast<std::uint64_t>(held.size()));
  return {};
}

// Results stay with the tests that stay; they are judged anew. A failed test is not dropped from
// the list: what failed is released by exception or not at all.
Status keep_results(const std::vector<QualityTest>& old, std::vector<QualityTest>& tests) {
  for (const QualityTest& earlier : old) {
    const auto same = std::find_if(tests.begin(), tests.end(), [&](const QualityTest& test) {
      return test.test == earlier.test;
    });
    if (same != tests.end()) {
      same->value = earlier.value;
      same->finding = earlier.finding;
      same->specimen = earlier.specimen;
      same->final = earlier.final;
    } else if (verdict_of(earlier) == Verdict::failed) {
      return make_error(ErrorCode::conflict,
                        cat("test ", earlier.test,
                            " failed and stays on the list: correct what "
                            "passing means, or release by exception (quality/exception)"));
    }
  }
  return {};
}

// Vials that count as released now, further than the tests allow.
bool is_released_beyond(const View& view, const LotId& lot, const LotVerdict& verdict) {
  if (verdict.verdict == Verdict::passed) return false;
  for (const AliquotId& id : reached_by(view, hold_target(HoldScope::lot, lot.str()))) {
    const auto aliquot = view.aliquot(id);
    const AliquotState state =
        aliquot->state == AliquotState::reserved ? aliquot->before : aliquot->state;
    if (state == AliquotState::released) return true;
    if (state == AliquotState::conditionally_released && !verdict.conditional) return true;
  }
  return false;
}

// The first list of a lot, or its correction by two people: what was released and would not be by
// the corrected list is held.
Result<Decision> set_plan(Ask& ask) {
  TRY_ASSIGN(const auto lot, need_lot(ask));
  TRY_ASSIGN(auto tests, read_plan(ask.body["tests"]));
  const auto known = document_of<QualityDocument>(ask.view(), lot.str());
  Json data = act(ask);
  data.set("lot", lot.str());
  if (known) {
    TRY(need_second_signer(ask, "correcting a test list"));
    TRY(keep_results(known->tests, tests));
    data.set("old", known->encode());
  }
  const QualityDocument content{tests};
  Json reply = Json::object().set("lot", lot.str()).set("tests", content.encode()["tests"]);
  keep_document(data, lot.str(), content);
  const bool corrects = known.has_value();
  TRY(ask.trial.add(inventory_fact(fact::kQualityPlanSet, std::move(data))));
  const LotVerdict verdict = verdict_of(tests);
  reply.set("lot_verdict", name_of(verdict.verdict));
  if (corrects && is_released_beyond(ask.view(), lot, verdict)) {
    TRY(recall_lot(
        ask, lot, verdict.why,
        cat("by the corrected test list, ", verdict.why, " is ", name_of(verdict.verdict)), reply));
  }
  return answer(ask, std::move(reply),
                cat("lot ", lot.str(), corrects ? ": its list is corrected to " : " has ",
                    tests.size(), " tests"));
}

Result<Decision> enter_result(Ask& ask) {
  TRY_ASSIGN(const auto lot, need_lot(ask));
  auto document = document_of<QualityDocument>(ask.view(), lot.str());
  if (!document) {
    return make_error(ErrorCode::not_found, cat("lot ", lot.str(), " has no test list"));
  }
  TRY_ASSIGN(const auto name, ask.body.get_string("test"));
  std::vector<QualityTest>& tests = document->tests;
  const auto test = std::find_if(tests.begin(), tests.end(),
                                 [&](const QualityTest& t) { return t.test == name; });
  if (test == tests.end()) {
    return make_error(ErrorCode::not_found,
                      cat("lot ", lot.str(), " needs no test \"", clip(name, 40), "\""));
  }
  const QualityTest old = *test;
  if (old.final) {
    TRY(need_reason(ask, "changing a final result"));
  }
  TRY(read_result(ask.body, *test));
  const Verdict verdict = verdict_of(*test);
  Json data = act(ask);
  data.set("lot", lot.str());
  data.set("test", name);
  data.set("old", to_json(std::vector<QualityTest>{old})["tests"].items()[0]);
  data.set("new", to_json(std::vector<QualityTest>{*test})["tests"].items()[0]);
  keep_document(data, lot.str(), *document);
  TRY(ask.trial.add(inventory_fact(fact::kQualityResultEntered, std::move(data))));
  Json reply = Json::object().set("lot", lot.str()).set("test", name);
  reply.set("verdict", name_of(verdict));
  if (verdict == Verdict::failed && verdict_of(old) != Verdict::failed) {
    TRY(recall_lot(ask, lot, name, cat("test ", name, " failed"), reply));
  }
  const LotVerdict all = verdict_of(tests);
  reply.set("lot_verdict", name_of(all.verdict));
  return answer(ask, std::move(reply), cat("lot ", lot.str(), ": ", name, " ", name_of(verdict)));
}

constexpr DecidedVerb kQualityCommands[] = {
    {"quality/plan", set_plan},
    {"quality/result", enter_result},
};

}  // namespace

std::span<const DecidedVerb> quality_commands() { return kQualityCommands; }

}  // namespace cryobank::inventory
