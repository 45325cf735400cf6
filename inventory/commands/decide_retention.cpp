// retention/report: which records are due, held or still kept, and why. retention/review: two
// people say what becomes of one that is due. retention/purge: two people approve that its private
// words go; `cryobankctl store purge` takes them out, with the daemon stopped (docs/inventory.md).
#include "base/json_time.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/retention.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kReviewRowsMax = 1000;  // of one reply; the counts cover all
// The longest a review may put off; a longer wish is a rule for the configuration.
constexpr int kKeepYearsMax = 30;

Json to_json(const Course& course, const Retention& retention,
             const std::optional<PurgeDocument>& purge = {}) {
  Json row = Json::object().set("course", course.id.str()).set("patient", course.patient.str());
  row.set("state", name_of(retention.state));
  put_text(row, "rule", retention.rule);
  put_text(row, "source", retention.source);
  row.set("from", time_or_null(retention.from)).set("until", time_or_null(retention.until));
  put_text(row, "reviewed", retention.reviewed);
  if (purge) row.set("purge", purge->encode());
  if (retention.holds.empty()) return row;
  Json holds = Json::array();
  for (const std::string& id : retention.holds) holds.push(id);
  return row.set("holds", std::move(holds));
}

// Only what is due by a time, when one is named.
bool is_wanted(const Retention& retention, WallTime by) {
  if (by.ms == 0) return true;
  return retention.state != RetentionState::in_use && retention.until <= by;
}

Result<Decision> report_retention(Ask& ask) {
  TRY_ASSIGN(const auto only, maybe_id<CourseId>(ask.body, "course"));
  TRY_ASSIGN(const auto by, maybe_time(ask.body, "by"));
  if (!only.empty()) {
    TRY_ASSIGN(const auto course, known_course(ask.view(), only));
    const Retention retention = retention_of(ask.view(), course, ask.now());
    const auto purge = document_of<PurgeDocument>(ask.view(), course.id.str());
    return answer(ask, to_json(course, retention, purge),
                  cat("the record of ", only.str(), " is ", name_of(retention.state)));
  }
  std::map<RetentionState, std::uint64_t> states;
  Json rows = Json::array();
  std::uint64_t due = 0;
  const View view = ask.view();
  for (const auto& [id, course] : view.base().courses) {
    const Retention retention = retention_of(view, course, ask.now());
    ++states[retention.state];
    if (!is_wanted(retention, by)) continue;
    if (by.ms == 0 && retention.state == RetentionState::in_use) continue;
    ++due;
    if (rows.items().size() < kReviewRowsMax)
      rows.push(to_json(course, retention, document_of<PurgeDocument>(view, id.str())));
  }
  Json counts = Json::object();
  for (const auto& [state, count] : states) counts.set(name_of(state), count);
  Json reply = Json::object().set("counts", std::move(counts)).set("courses", due);
  reply.set("rows", std::move(rows));
  return answer(ask, std::move(reply), cat(due, " records"));
}

Result<Decision> review(Ask& ask) {
  TRY_ASSIGN(const auto course, need_course(ask));
  TRY(need_reason(ask, "a review of a record"));
  const Retention retention = retention_of(ask.view(), course, ask.now());
  if (retention.state != RetentionState::due) {
    return make_error(ErrorCode::conflict,
                      cat("the record of ", course.id.str(), " is ", name_of(retention.state),
                          retention.until.ms == 0 ? "" : " until ",
                          retention.until.ms == 0 ? "" : format_utc(retention.until)));
  }
  TRY_ASSIGN(const auto decision, ask.body.get_string("decision"));
  if (decision != "keep" && decision != kMayEnd) {
    return make_error(
        ErrorCode::invalid_value,
        cat("expected keep or may-end at \"decision\", came \"", clip(decision, 40), "\""));
  }
  RetentionDocument content{decision, {}};
  if (decision == "keep") {
    TRY_ASSIGN(const auto years, ask.body.get_integer("years"));
    if (years < 1 || years > kKeepYearsMax) {
      return make_error(ErrorCode::invalid_value,
                        cat("expected 1 to ", kKeepYearsMax, " at \"years\", came ", years));
    }
    content.until = years_after(ask.now(), static_cast<int>(years));
  }
  Json data = act(ask);
  data.set("course", course.id.str()).set("retention", to_json(course, retention));
  keep_document(data, course.id.str(), content);
  TRY(ask.trial.add(inventory_fact(fact::kRetentionReviewed, std::move(data))));
  Json reply = Json::object().set("course", course.id.str()).set("decision", decision);
  reply.set("until", time_or_null(content.until));
  return answer(ask, std::move(reply), cat("the record of ", course.id.str(), ": ", decision));
}

// Signed in any case, whatever the site asks of other acts: the journal's verifiers look for it.
Result<Decision> approve_purge(Ask& ask) {
  TRY_ASSIGN(const auto course, need_course(ask));
  TRY(need_reason(ask, "a purge"));
  if (!ask.context.signature.given()) {
    return make_error(ErrorCode::signature_needed, "a purge is signed by two people");
  }
  TRY(may_purge(ask.view(), course, ask.now()));
  if (document_of<PurgeDocument>(ask.view(), course.id.str())) {
    return make_error(ErrorCode::already_exists,
                      cat("the purge of ", course.id.str(), " is approved already"));
  }
  const Retention retention = retention_of(ask.view(), course, ask.now());
  const std::string id = cat("purge-", count_of(ask.view().counters(), "purges") + 1);
  Json data = act(ask);
  data.set("purge", id).set("course", course.id.str()).set("rule", retention.rule);
  data.set("source", retention.source).set("until", time_or_null(retention.until));
  keep_document(data, course.id.str(), PurgeDocument{id, ask.now(), {}});
  add_count(data, "purges");
  TRY(ask.trial.add(inventory_fact(fact::kPurgeApproved, std::move(data))));
  return answer(ask, Json::object().set("course", course.id.str()).set("purge", id),
                cat(id, ": approved; done by `cryobankctl store purge` with the daemon stopped"));
}

constexpr DecidedVerb kRetentionCommands[] = {
    {"retention/purge", approve_purge},
    {"retention/report", report_retention},
    {"retention/review", review},
};

}  // namespace

std::span<const DecidedVerb> retention_commands() { return kRetentionCommands; }

}  // namespace cryobank::inventory
