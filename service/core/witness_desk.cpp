#include "service/core/witness_desk.hpp"

#include <algorithm>
#include <utility>

#include "base/command_schema.hpp"
#include "base/text.hpp"

namespace cryobank::core {
namespace {

Fact witness_fact(const FactName& name, const Command& command, const UserId& witness) {
  Json data = Json::object();
  data.set("command", command.id);
  data.set("user", command.user.str());
  data.set("verb", command.verb);
  data.set("witness", witness.str());
  return {name, std::move(data)};
}

}  // namespace

WitnessDesk::WitnessDesk(Bank& bank, CommandMemory& memory, Recorder& recorder)
    : bank_(bank), memory_(memory), recorder_(recorder) {}

Status WitnessDesk::ask(const Now& now, Command command, Actor actor) {
  if (waiting_.size() >= kWitnessWaitsMax) {
    return make_error(ErrorCode::unavailable, "too many commands wait for a witness");
  }
  memory_.begin(command, now.wall);
  const WallTime until = now.wall + kWitnessWait;
  VerdictWork verdict;
  verdict.command = command;
  verdict.actor = actor;
  verdict.reply =
      refusal(command.id, ReplyStatus::accepted,
              make_error(ErrorCode::witness_needed,
                         cat("waits until ", format_utc(until), " for ", command.witness.str(),
                             " to send witness/confirm with this command's id")));
  verdict.facts.push_back(witness_fact(fact::kWitnessAsked, command, command.witness));
  verdict.facts.back().data.set("until", format_utc(until));
  recorder_.add(std::move(verdict));
  command.expires_at = std::max(command.expires_at, until);
  const std::string id = command.id;
  waiting_.emplace(id, Waiting{std::move(command), std::move(actor), now.mono + kWitnessWait});
  return {};
}

Status WitnessDesk::answer(const Now& now, const Command& command, const Actor& actor) {
  const std::string id = lower_ascii(text_of(command.body, "command"));
  const auto found = waiting_.find(id);
  if (found == waiting_.end() || found->second.command.witness != command.user) {
    return make_error(ErrorCode::not_found,
                      cat("no command \"", clip(id, 40), "\" waits for ", command.user.str()));
  }
  Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  const bool confirmed = command.verb == "witness/confirm";
  memory_.begin(command, now.wall);
  VerdictWork verdict;
  verdict.command = command;
  verdict.actor = actor;
  verdict.reply.id = command.id;
  verdict.reply.message = confirmed ? "confirmed" : "refused";
  verdict.facts.push_back(witness_fact(confirmed ? fact::kWitnessConfirmed : fact::kWitnessRefused,
                                       waiting.command, command.user));
  recorder_.add(std::move(verdict));
  if (!confirmed) {
    close(id, ReplyStatus::rejected, cat(command.user.str(), " refused to confirm"));
    return {};
  }
  waiting.actor.witness = command.user;
  waiting.actor.witness_roles = actor.roles;
  waiting.command.witness_signature = command.signature;
  recorder_.add(CommandWork{std::move(waiting.command), std::move(waiting.actor)});
  return {};
}

void WitnessDesk::close(const std::string& id, ReplyStatus status, std::string message) {
  const CommandEntry* entry = memory_.find(id);
  if (!entry) return;
  const Error why = make_error(ErrorCode::witness_needed, std::move(message));
  recorder_.add(closing(*entry, refusal(id, status, why)));
}

void WitnessDesk::on_deadline(const Now& now) {
  for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
    if (waiting->second.until > now.mono) {
      ++waiting;
      continue;
    }
    close(waiting->first, ReplyStatus::expired,
          cat(waiting->second.command.witness.str(), " did not confirm in time"));
    waiting = waiting_.erase(waiting);
  }
}

Instant WitnessDesk::next_deadline() const {
  Instant next = kNever;
  for (const auto& [id, waiting] : waiting_) next = std::min(next, waiting.until);
  return next;
}

}  // namespace cryobank::core
