#include "inventory/ledger/retention.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

using After = config::RetentionConfig::After;

constexpr std::array<std::string_view, 5> kStates = {"in-use", "kept", "held", "due", "purged"};

// What is known of a course's aliquots as a whole.
struct Ends {
  bool all_ended = true;
  WallTime last_end{};
  WallTime last_expiry{};
};

Ends ends_of(const View& view, const Course& course) {
  Ends ends;
  for (const Dose& dose : course.doses) {
    ends.last_end = std::max({ends.last_end, dose.infused_at, dose.issued_at});
    for (const AliquotId& id : dose.aliquots) {
      const auto aliquot = view.aliquot(id);
      if (!aliquot) continue;
      // Whoever ends an aliquot takes it out of its place at that moment.
      ends.last_end = std::max(ends.last_end, aliquot->since);
      ends.last_expiry = std::max(ends.last_expiry, aliquot->expires_at);
      ends.all_ended = ends.all_ended && is_final(aliquot->state);
    }
  }
  return ends;
}

WallTime start_of_rule(const config::RetentionConfig& rule, const Course& course,
                       const Ends& ends) {
  switch (rule.after) {
    case After::registered:
      return course.registered_at;
    case After::expiry:
      return ends.last_expiry.ms == 0 ? ends.last_end : ends.last_expiry;
    case After::end:
      return std::max(ends.last_end, ends.last_expiry);
  }
  CHECK(false);
}

bool fits(const config::RetentionConfig& rule, const Course& course) {
  return rule.protocols.empty() ||
         std::ranges::find(rule.protocols, course.protocol) != rule.protocols.end();
}

void take_rule(const config::RetentionConfig& rule, const Course& course, const Ends& ends,
               Retention& out) {
  const WallTime from = start_of_rule(rule, course, ends);
  const WallTime until = years_after(from, rule.years);
  if (until <= out.until) return;
  out.rule = rule.id;
  out.source = rule.source;
  out.from = from;
  out.until = until;
}

void take_review(const View& view, const Course& course, Retention& out) {
  const auto review = document_of<RetentionDocument>(view, course.id.str());
  if (!review) return;
  out.reviewed = review->decision;
  out.until = std::max(out.until, review->until);
}

}  // namespace

std::string_view name_of(RetentionState state) { return kStates[static_cast<std::size_t>(state)]; }

config::RetentionConfig default_retention() {
  config::RetentionConfig rule;
  rule.id = "default";
  rule.source = "Directive 2004/23/EC, article 8(4)";
  return rule;
}

WallTime years_after(WallTime at, int years) {
  // Through the calendar's own text: "2026-..." plus the years.
  constexpr std::int64_t kYearMax = 9999;
  std::string text = format_utc(at);
  const auto year = parse_integer(std::string_view(text).substr(0, 4));
  CHECK(year.ok());
  std::string sum = cat(std::min<std::int64_t>(*year + years, kYearMax));
  sum.insert(0, 4 - sum.size(), '0');
  text.replace(0, 4, sum);
  if (const auto later = parse_utc(text)) return *later;
  text.replace(5, 5, "03-01");
  const auto later = parse_utc(text);
  CHECK(later.ok());
  return *later;
}

Retention retention_of(const View& view, const Course& course, WallTime now) {
  Retention out;
  const Ends ends = ends_of(view, course);
  if (!ends.all_ended) return out;
  for (const config::RetentionConfig& rule : view.site().retention) {
    if (fits(rule, course)) take_rule(rule, course, ends, out);
  }
  if (out.rule.empty()) take_rule(default_retention(), course, ends, out);
  take_review(view, course, out);
  for (const std::string& target : {hold_target(HoldScope::course, course.id.str()),
                                    hold_target(HoldScope::patient, course.patient.str()),
                                    hold_target(HoldScope::lot, course.lot.str())}) {
    for (const std::string& id : view.holds_of(target)) out.holds.push_back(id);
  }
  out.state = RetentionState::kept;
  if (out.until <= now) out.state = RetentionState::due;
  if (!out.holds.empty()) out.state = RetentionState::held;
  if (is_purged(view, course.id)) out.state = RetentionState::purged;
  return out;
}

Status may_purge(const View& view, const Course& course, WallTime now) {
  const Retention retention = retention_of(view, course, now);
  const std::string_view state = name_of(retention.state);
  if (retention.state == RetentionState::held) {
    return make_error(ErrorCode::conflict, cat("the record of ", course.id.str(), " is held by ",
                                               retention.holds.front(), ": nothing is purged"));
  }
  if (retention.state != RetentionState::due) {
    return make_error(ErrorCode::conflict,
                      cat("expected a record that is due, that of ", course.id.str(), " is ", state,
                          retention.until.ms == 0 ? "" : " until ",
                          retention.until.ms == 0 ? "" : format_utc(retention.until)));
  }
  if (retention.reviewed == kMayEnd) return {};
  return make_error(ErrorCode::conflict,
                    cat("expected a review of the record of ", course.id.str(), " that says ",
                        kMayEnd, ", it says ", retention.reviewed.empty() ? "nothing" : "keep"));
}

bool is_purged(const View& view, const CourseId& course) {
  const auto purge = document_of<PurgeDocument>(view, course.str());
  return purge && purge->done.ms != 0;
}

}  // namespace cryobank::inventory
