#include "service/core/signing_desk.hpp"

#include <algorithm>
#include <utility>

#include "inventory/signature.hpp"
#include "service/base/text.hpp"

namespace cryobank::core {

Status SigningDesk::ask(Command command, Actor actor, Effects& effects) {
  const config::UserConfig* user = bank_.config.find_user(actor.user);
  if (!user || user->signing_secret.empty()) {
    return make_error(ErrorCode::not_authorised,
                      cat(actor.user.str(), " has no signing secret in the staff list"));
  }
  const Status may = inventory::may_sign(inventory::View(bank_.ledger), actor.user);
  if (!may) return may;
  if (waiting_.size() >= kSigningWaitsMax) {
    return make_error(ErrorCode::unavailable, "too many signatures wait; try again");
  }
  CheckSecret check;
  check.id = bank_.next_effect();
  check.secret = std::exchange(command.secret, {});
  check.hash = user->signing_secret;
  waiting_.emplace(check.id, Waiting{std::move(command), std::move(actor)});
  effects.push_back(std::move(check));
  return {};
}

bool SigningDesk::waits(std::string_view command) const {
  return std::ranges::any_of(
      waiting_, [command](const auto& one) { return one.second.command.id == command; });
}

std::optional<SigningDesk::Answer> SigningDesk::on_checked(const SecretChecked& checked) {
  const auto found = waiting_.find(checked.check);
  if (found == waiting_.end()) return std::nullopt;
  Answer answer{std::move(found->second.command), std::move(found->second.actor), {}};
  waiting_.erase(found);
  if (checked.matches.ok()) {
    answer.command.signature.proven = checked.matches.value();
  } else {
    answer.looked = checked.matches.error();
  }
  return answer;
}

}  // namespace cryobank::core
