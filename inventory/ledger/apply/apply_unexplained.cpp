// A motion that nobody ordered: each vial that it may have moved is UNKNOWN, as after a motion in
// doubt, by the open job that was to move it, or by a job of its own for people to resolve.
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/apply/job_end.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

Status doubt_planned(Edit& edit, const Json& item, std::string_view reason, WallTime at) {
  RowReader in("\"planned\" of fact motion-unexplained", item);
  const auto id = in.id<JobId>("job");
  const std::int64_t index = in.number("move");
  if (!in.ok()) return in.status();
  TRY_ASSIGN(auto job, known_job(edit.view(), id));
  if (index >= static_cast<std::int64_t>(job.moves.size())) {
    return make_error(ErrorCode::not_found, cat("job ", job.id.str(), " has no move ", index));
  }
  return end_in_doubt(edit, job, static_cast<std::size_t>(index), reason, at);
}

Status doubt_others(Edit& edit, const Json& row, std::string_view reason, WallTime at) {
  TRY_ASSIGN(auto job, decode_job("fact motion-unexplained", row));
  if (edit.view().job(job.id) != nullptr) {
    return make_error(ErrorCode::already_exists, cat("job ", job.id.str(), " exists"));
  }
  edit.count("jobs");
  for (std::size_t i = 0; i < job.moves.size(); ++i) {
    TRY(end_in_doubt(edit, job, i, reason, at));
  }
  return {};
}

Status motion_unexplained(Edit& edit, RowReader& in) {
  const std::string reason = in.any_text("reason");
  const WallTime at = in.maybe_time("at");
  for (const Json& item : in.list("planned")) {
    TRY(doubt_planned(edit, item, reason, at));
  }
  const Json* job = in.maybe_object("job");
  return job == nullptr ? in.status() : doubt_others(edit, *job, reason, at);
}

constexpr Applier kUnexplainedAppliers[] = {{fact::kMotionUnexplained, motion_unexplained}};

}  // namespace

std::span<const Applier> unexplained_appliers() { return kUnexplainedAppliers; }

}  // namespace cryobank::inventory
