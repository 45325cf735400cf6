// A long list: decided by an errand, then written down in bounded pieces.
#include <utility>

#include "service/core/recorder.hpp"

namespace cryobank::core {

bool Recorder::is_long(const Work& work) const {
  const CommandWork* command = std::get_if<CommandWork>(&work);
  return command != nullptr && decider_.is_long(command->command);
}

// False: it is refused already.
bool Recorder::begin_errand(const Now& now, CommandWork& work, Recorded& recorded,
                            Effects& effects) {
  const CommandContext context = context_for(now, work);
  recorded.reply.status = ReplyStatus::rejected;
  Result<std::shared_ptr<ListErrand>> errand =
      make_error(ErrorCode::unavailable, "the list is not there");
  if (const Status timely = in_time(context, work.command, recorded); !timely) {
    errand = timely.error();
  } else {
    const bool dry = work.ahead && tells_dry_run(work.command.verb);
    errand = decider_.errand_for(batch_->draft, work.command,
                                 dry ? dry_run_of(work.command.body) : work.command.body, context,
                                 work.ahead && !dry);
  }
  if (!errand) {
    refuse(context, work.command, errand.error(), recorded);
    answer(now, work, recorded);
    return false;
  }
  batch_->stage = Stage::errand;
  batch_->errand = *errand;
  batch_->id = bank_.next_effect();
  effects.push_back(RunErrand{batch_->id, std::move(*errand)});
  return true;
}

bool Recorder::on_errand(const ErrandDone& done) {
  if (!errand_out() || done.errand != batch_->id) return false;
  batch_->stage = Stage::writing;
  Recorded& recorded = batch_->items.front();
  const Command& command = std::get<CommandWork>(recorded.work).command;
  Result<Decision> decision = batch_->errand->take_decision();
  if (decision) {
    take({DecidedBy::inventory, std::move(*decision), {}}, command, recorded);
  } else {
    refuse(batch_->errand->context(), command, decision.error(), recorded);
  }
  return true;
}

void Recorder::write_on() {
  Recorded& recorded = batch_->items.front();
  const std::vector<Fact>& facts = recorded.facts;
  std::size_t bytes = 0;
  while (batch_->written < facts.size() && bytes < kBytesAStep) {
    const std::size_t before = batch_->rows.size();
    write_fact(batch_->errand->context(), facts[batch_->written++], recorded);
    for (std::size_t i = before; i < batch_->rows.size(); ++i) {
      bytes += batch_->rows[i].value ? batch_->rows[i].value->size() : 0;
    }
  }
}

bool Recorder::goes_on() const {
  return batch_ && (batch_->stage == Stage::writing || batch_->stage == Stage::absorbing);
}

std::optional<Settled> Recorder::absorb(Effects& effects) {
  if (!batch_ || batch_->stage != Stage::absorbing) return std::nullopt;
  if (!batch_->draft.absorb_part(bank_.ledger, batch_->errand->known(), kAliquotsAStep)) {
    return std::nullopt;
  }
  failures_ = 0;
  device_rows_.clear();
  Settled settled;
  settled.items = std::move(batch_->items);
  settled.touched = batch_->errand->take_touched();
  settled.streams = events_.committed();
  effects.push_back(RunErrand{
      bank_.next_effect(), std::make_shared<Discard<inventory::Draft>>(std::move(batch_->draft))});
  batch_.reset();
  return settled;
}

}  // namespace cryobank::core
