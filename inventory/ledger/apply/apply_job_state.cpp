// Facts that stop a job or let it go on as a whole.
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

Status switch_job(Edit& edit, RowReader& in, JobState to) {
  TRY_ASSIGN(auto job, known_job(edit.view(), in.id<JobId>("job")));
  if (!is_open(job.state)) {
    return make_error(ErrorCode::conflict, cat("job ", job.id.str(), " is ", name_of(job.state)));
  }
  job.state = to;
  edit.put(job);
  return {};
}

Status job_approved(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto job, known_job(edit.view(), in.id<JobId>("job")));
  if (job.state != JobState::created) {
    return make_error(ErrorCode::conflict, cat("job ", job.id.str(), " is ", name_of(job.state)));
  }
  job.state = JobState::queued;
  job.approved_by = in.id<UserId>("by");
  edit.put(job);
  return {};
}

Status job_paused(Edit& edit, RowReader& in) { return switch_job(edit, in, JobState::paused); }

Status job_resumed(Edit& edit, RowReader& in) { return switch_job(edit, in, JobState::queued); }

constexpr Applier kJobStateAppliers[] = {
    {fact::kJobApproved, job_approved},
    {fact::kJobPaused, job_paused},
    {fact::kJobResumed, job_resumed},
};

}  // namespace

std::span<const Applier> job_state_appliers() { return kJobStateAppliers; }

}  // namespace cryobank::inventory
