// course/hold and course/resume: a patient cannot come for a while, and comes again.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/tables.hpp"
#include "service/core/plan/plan_ask.hpp"
#include "service/core/problem/plan_closed.hpp"

namespace cryobank::core {
namespace {

constexpr std::array<std::string_view, 7> kPauseKinds{
    "fever", "tests", "travel", "chemotherapy", "imaging", "request", "other"};
constexpr int kPauseDaysMax = 540;

// Thaw jobs of the course that have not begun to move anything.
Status cancel_jobs(PlanAsk& ask, Decision& decision, const CourseId& course) {
  for (const JobId& id : ask.view().jobs_of(course)) {
    const inventory::Job* job = ask.view().job(id);
    if (job == nullptr || job->kind != inventory::JobKind::thaw) continue;
    const bool moving =
        std::any_of(job->moves.begin(), job->moves.end(), [](const inventory::Move& move) {
          return move.state == inventory::MoveState::issued ||
                 move.state == inventory::MoveState::holding;
        });
    if (moving) continue;
    TRY(add_fact(ask, decision, fact::kJobCancelled,
                 act_of(ask).set("job", id.str()).set("held", true)));
  }
  return {};
}

Result<Decision> resume_course(PlanAsk& ask) {
  TRY(only_keys(ask.body, {"course", "hold"}));
  TRY(need_reason_of(ask, "ending a hold"));
  TRY_ASSIGN(const auto course, course_in(ask));
  const std::string wanted = text_in(ask.body, "hold");
  Json data = act_on(ask, *course);
  Json ended = Json::array();
  for (const inventory::Dose& dose : course->doses) {
    // The clinic's word from before a hold does not count after it.
    const std::string fit = cat(course->id.str(), ".", dose.id.str());
    if (ask.view().document("fit", fit) == nullptr) continue;
    if (!fit_until(ask.bank.config, ask.view(), ask.clock,
                   ask.clock.plan_time(ask.context.now.wall), course->id, dose.id)) {
      inventory::add_document(data, "fit", fit, Json());
    }
  }
  for (const std::string& id : pauses_of(ask.view(), course->id)) {
    if (!wanted.empty() && wanted != id) continue;
    inventory::add_document(data, "pause", id, Json());
    ended.push(id);
  }
  if (ended.items().empty()) {
    return make_error(ErrorCode::not_found,
                      cat("no such hold stands on course ", course->id.str()));
  }
  const std::size_t mark = ask.draft.mark();
  Decision decision;
  Status added = add_fact(ask, decision, fact::kCourseResumed, data.set("holds", ended));
  if (added && pauses_of(ask.view(), course->id).empty()) {
    added = unblock_course(ask, decision, *course);
  }
  if (!added) {
    ask.draft.rewind(mark);
    return added.error();
  }
  decision.reply = Json::object().set("holds", std::move(ended));
  decision.message = cat("course ", course->id.str(), " goes on");
  return decision;
}

constexpr PlanVerb kHoldVerbs[] = {
    {"course/hold", hold_course},
    {"course/resume", resume_course},
};

}  // namespace

// What waited because of the hold is asked for again; what was missed stays for a proposal.
Status unblock_course(PlanAsk& ask, Decision& decision, const inventory::Course& course) {
  const inventory::Course now = course;
  for (const inventory::Dose& dose : now.doses) {
    if (dose.state != inventory::DoseState::planned || dose.blocked.empty()) continue;
    Json data = Json::object().set("course", now.id.str()).set("dose", dose.id.str());
    TRY(add_fact(ask, decision, fact::kDoseThawUnblocked, std::move(data)));
  }
  return {};
}

Result<Decision> hold_course(PlanAsk& ask) {
  if (Status keys = only_keys(ask.body, {"course", "kind", "from", "until"}); !keys)
    return keys.error();
  TRY(need_reason_of(ask, "a hold"));
  TRY_ASSIGN(const auto course, course_in(ask));
  TRY_ASSIGN(const std::string kind, ask.body.get_string("kind"));
  if (std::find(kPauseKinds.begin(), kPauseKinds.end(), kind) == kPauseKinds.end()) {
    return make_error(
        ErrorCode::invalid_value,
        cat("expected fever, tests, travel, chemotherapy, imaging, request or other at "
            "\"kind\", came \"",
            clip(kind, 40), "\""));
  }
  const Day today = ask.today();
  Day from = today;
  if (ask.body.has("from")) {
    TRY_ASSIGN(const Day given, day_in(ask.body, "from"));
    from = given;
  }
  Json pause = Json::object().set("course", course->id.str()).set("kind", kind);
  pause.set("from", format_day(from)).set("by", ask.context.actor.user.str());
  pause.set("at", format_utc(ask.context.now.wall)).set("reason", ask.context.reason);
  if (ask.body.has("until") && !ask.body["until"].is_null()) {
    TRY_ASSIGN(const Day until, day_in(ask.body, "until"));
    if (until < from || until.number - from.number > kPauseDaysMax) {
      return make_error(ErrorCode::invalid_value,
                        cat("expected a day from ", format_day(from), " on at \"until\", at most ",
                            kPauseDaysMax, " days later, came ", format_day(until)));
    }
    pause.set("until", format_day(until));
  }
  const inventory::Counters counters = ask.view().counters();
  const std::string id = cat("pause-", inventory::count_of(counters, "pauses") + 1);
  Json data = act_on(ask, *course).set("hold", id);
  inventory::add_document(data, "pause", id, std::move(pause));
  inventory::add_count(data, "pauses");
  const CourseId course_id = course->id;
  const std::size_t mark = ask.draft.mark();
  Decision decision;
  Status added = add_fact(ask, decision, fact::kCoursePaused, std::move(data));
  if (added && from <= today) added = cancel_jobs(ask, decision, course_id);
  if (!added) {
    ask.draft.rewind(mark);
    return added.error();
  }
  decision.reply = Json::object().set("hold", id);
  decision.message = cat("course ", course_id.str(), " is held from ", format_day(from),
                         ": nothing of it is thawed, a proposal follows");
  return decision;
}

std::span<const PlanVerb> hold_verbs() { return kHoldVerbs; }

}  // namespace cryobank::core
