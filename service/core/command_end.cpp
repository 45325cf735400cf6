// How accepted work ends: with its jobs, with a device's answer, or while nobody looked.
#include "base/command_schema.hpp"
#include "base/text.hpp"
#include "inventory/ledger/ledger.hpp"
#include "inventory/ledger/view.hpp"
#include "service/core/command_flow.hpp"

namespace cryobank::core {
namespace {

// What can be said at a start of accepted work that left no job: a wait for a second person began
// nothing; an order to a device may have reached it.
std::string unknown_end(const CommandEntry& entry) {
  const Result<Json> last = parse_json(entry.reply);
  const std::string code = last && last->is_object() ? text_of(*last, "code") : "";
  if (code == name_of(ErrorCode::witness_needed)) {
    return "the service was restarted while it waited for the second person: nothing of it was "
           "done; give it again";
  }
  return "the service was restarted before its end was known: look whether it was done (the "
         "device, the "
         "backups, the page) before you give it again";
}

// Of the vials whose move ended badly: what the robot said, and where they are now.
std::string bad_moves(const inventory::Ledger& ledger, const inventory::Job& job) {
  constexpr std::size_t kToldMax = 3;
  const inventory::View view(ledger);
  std::string text;
  std::size_t count = 0;
  for (const inventory::Move& move : job.moves) {
    using inventory::MoveState;
    if (move.state != MoveState::failed && move.state != MoveState::unknown) continue;
    if (++count > kToldMax) continue;
    const auto vial = view.aliquot(move.aliquot);
    text += cat(count == 1 ? ": " : "; ", move.aliquot.str(), " ",
                move.outcome.empty() ? std::string(inventory::name_of(move.state)) : move.outcome,
                vial ? cat(", it is in ", view.name_of(vial->spot)) : std::string());
  }
  return count > kToldMax ? cat(text, "; and ", count - kToldMax, " more") : text;
}

}  // namespace

void CommandFlow::close(const std::string& id, ReplyStatus status, ReplyCode code,
                        std::string message, Json body) {
  const CommandEntry* entry = memory_.find(id);
  if (!entry) return;
  Reply reply;
  reply.id = id;
  reply.status = status;
  reply.code = code;
  reply.message = std::move(message);
  reply.sequence = bank_.journal.sequence();
  reply.body = std::move(body);
  recorder_.add(closing(*entry, std::move(reply)));
}

bool CommandFlow::has_open_job(const std::string& command) const {
  for (const JobId& id : bank_.ledger.open_jobs()) {
    const inventory::Job* job = bank_.ledger.find_job(id);
    if (job && job->command == command && job->state != inventory::JobState::unknown) return true;
  }
  return false;
}

void CommandFlow::on_job(const JobId& id) {
  const inventory::Job* job = bank_.ledger.find_job(id);
  if (!job || job->command.empty()) return;
  CommandEntry* entry = memory_.find(job->command);
  if (!entry || entry->state != CommandState::open) return;
  const bool bad = job->state == inventory::JobState::failed ||
                   job->state == inventory::JobState::unknown ||
                   job->state == inventory::JobState::cancelled;
  entry->job_failed = entry->job_failed || bad;
  if (!bad && job->state != inventory::JobState::done) return;
  if (has_open_job(job->command)) return;
  const std::string text = cat("job ", id.str(), " is ", inventory::name_of(job->state));
  if (entry->job_failed) {
    close(job->command, ReplyStatus::failed, ErrorCode::conflict,
          cat(text, bad_moves(bank_.ledger, *job)));
  } else {
    close(job->command, ReplyStatus::done, kOk, text);
  }
}

void CommandFlow::on_write(const devices::WriteOutcome& outcome) {
  const auto found = orders_.find(outcome.command);
  if (!outcome.final || found == orders_.end()) return;
  Orders& orders = found->second;
  const std::string& device = bank_.config.devices[outcome.device.value].id.str();
  if (outcome.kind != devices::WriteOutcome::Kind::confirmed) {
    orders.wrong += cat(orders.wrong.empty() ? "" : "; ", device, ": ", outcome.reason);
    const bool refused = outcome.kind == devices::WriteOutcome::Kind::refused;
    orders.code = refused ? ErrorCode::interlock : ErrorCode::unavailable;
  }
  if (--orders.open > 0) return;
  if (orders.wrong.empty()) {
    close(outcome.command, ReplyStatus::done, kOk, "confirmed by reading back");
  } else {
    close(outcome.command, ReplyStatus::failed, orders.code, orders.wrong);
  }
  orders_.erase(found);
}

void CommandFlow::start(const Now& now) {
  witnesses_.start(now);
  for (const std::string& id : memory_.open()) {
    if (has_open_job(id) || witnesses_.waits(id)) continue;
    bool known = false;
    bool good = true;
    for (const JobId& job_id : inventory::retained_jobs(bank_.ledger)) {
      const inventory::Job* job = bank_.ledger.find_job(job_id);
      if (!job || job->command != id) continue;
      known = true;
      good = good && job->state == inventory::JobState::done;
    }
    if (known && good) {
      close(id, ReplyStatus::done, kOk, "done before the service was restarted");
    } else {
      close(id, ReplyStatus::failed, ErrorCode::unavailable,
            known ? "its job did not end well" : unknown_end(*memory_.find(id)));
    }
  }
}

}  // namespace cryobank::core
