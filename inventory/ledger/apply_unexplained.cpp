// A motion that nobody ordered: each vial that it may have moved is UNKNOWN, as after a motion in
// doubt, by the open job that was to move it, or by a job of its own for people to resolve.
#include "base/text.hpp"
#include "inventory/ledger/apply.hpp"
#include "inventory/ledger/job_end.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

Status doubt_planned(Edit& edit, const Json& item, std::string_view reason, WallTime at) {
  auto job = known_job(edit.view(), id_at<JobId>(item, "job"));
  if (!job) return job.error();
  const std::int64_t index = item.integer_or("move", -1);
  if (index < 0 || index >= static_cast<std::int64_t>(job->moves.size())) {
    return make_error(ErrorCode::not_found, cat("job ", job->id.str(), " has no move ", index));
  }
  return end_in_doubt(edit, *job, static_cast<std::size_t>(index), reason, at);
}

Status doubt_others(Edit& edit, const Json& row, std::string_view reason, WallTime at) {
  auto job = decode_job("motion-unexplained", row);
  if (!job) return job.error();
  if (edit.view().job(job->id) != nullptr) {
    return make_error(ErrorCode::already_exists, cat("job ", job->id.str(), " exists"));
  }
  edit.count("jobs");
  for (std::size_t i = 0; i < job->moves.size(); ++i) {
    const auto ended = end_in_doubt(edit, *job, i, reason, at);
    if (!ended) return ended;
  }
  return {};
}

Status motion_unexplained(Edit& edit, const Json& data) {
  const std::string reason = data.string_or("reason", "");
  const WallTime at = time_at(data, "at");
  for (const Json& item : data["planned"].items()) {
    const auto ended = doubt_planned(edit, item, reason, at);
    if (!ended) return ended;
  }
  if (!data["job"].is_object()) return {};
  return doubt_others(edit, data["job"], reason, at);
}

constexpr Applier kUnexplainedAppliers[] = {{"motion-unexplained", motion_unexplained}};

}  // namespace

std::span<const Applier> unexplained_appliers() { return kUnexplainedAppliers; }

}  // namespace cryobank::inventory
