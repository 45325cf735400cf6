#include "service/core/desk/signing_desk.hpp"

#include <algorithm>

#include "base/command_schema.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/signature.hpp"

namespace cryobank::core {

Status SigningDesk::ask(const Now& now, Command command, Actor actor, Effects& effects) {
  const config::UserConfig* user = bank_.config.find_user(actor.user);
  if (!user || user->signing_secret.empty()) {
    return make_error(ErrorCode::not_authorised,
                      cat(actor.user.str(), " has no signing secret in the staff list"));
  }
  TRY(inventory::may_sign(inventory::View(bank_.ledger), actor.user));
  TRY(take_components(now, command));
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

// The secret came, or the form would have been refused; the user is given or taken from the
// session.
Status SigningDesk::take_components(const Now& now, Command& command) const {
  Signature& signature = command.signature;
  signature.terminal = command.terminal;
  if (!command.signer.empty()) {
    if (command.signer == command.user.str()) return {};
    return make_error(ErrorCode::not_authorised,
                      cat("signature.user: expected ", command.user.str(),
                          ", who gave the command, came ", command.signer));
  }
  const Session* session = open_session(now, command.user, signature.terminal);
  if (session == nullptr) return no_session(command);
  signature.session = session->id;
  return {};
}

Error SigningDesk::no_session(const Command& command) const {
  return make_error(
      ErrorCode::signature_needed,
      cat("signature: expected both components, \"user\" and \"secret\", at the first signing of a "
          "session, came \"secret\" alone; ",
          command.user.str(), " has no session open at the terminal ", clip(command.terminal, 80),
          " (one ends ", bank_.config.signing.session_idle.seconds(),
          " s after its last signature, with signature/end, a wrong secret or a restart)"));
}

const SigningDesk::Session* SigningDesk::open_session(const Now& now, const UserId& user,
                                                      const std::string& terminal) const {
  const auto found = sessions_.find({user, terminal});
  const bool open =
      found != sessions_.end() && now.mono - found->second.last < bank_.config.signing.session_idle;
  return open ? &found->second : nullptr;
}

bool SigningDesk::waits(std::string_view command) const {
  return std::ranges::any_of(
      waiting_, [command](const auto& one) { return one.second.command.id == command; });
}

std::optional<SigningDesk::Answer> SigningDesk::on_checked(const Now& now,
                                                           const SecretChecked& checked) {
  const auto found = waiting_.find(checked.check);
  if (found == waiting_.end()) return std::nullopt;
  Answer answer{std::move(found->second.command), std::move(found->second.actor), {}};
  waiting_.erase(found);
  Signature& signature = answer.command.signature;
  if (!checked.matches.ok()) {
    answer.looked = checked.matches.error();
    return answer;
  }
  signature.proven = checked.matches.value();
  if (!signature.proven) {
    end(answer.command.user);
    return answer;
  }
  if (signature.session.empty()) return answer;
  const Session* session = open_session(now, answer.command.user, signature.terminal);
  if (session == nullptr || session->id != signature.session) {
    answer.looked = no_session(answer.command);
  }
  return answer;
}

void SigningDesk::on_recorded(const Now& now, const Command& command, std::span<const Fact> facts) {
  for (const Fact& fact : facts) {
    if (fact.type == fact::kRecordSigned) {
      const std::string id = text_of(fact.data, "signature");
      note(now, command.user, command.signature, id);
      note(now, command.witness, command.witness_signature, id);
    } else if (fact.type == fact::kSigningRefused || fact.type == fact::kSigningEnded) {
      // Once more: a signature that was already under way may have begun a session since.
      end(command.user);
    }
  }
}

void SigningDesk::note(const Now& now, const UserId& user, const Signature& signature,
                       const std::string& id) {
  if (!signature.given() || !signature.proven) return;
  const Desk desk{user, signature.terminal};
  const auto known = sessions_.find(desk);
  if (!signature.session.empty()) {
    if (known != sessions_.end() && known->second.id == signature.session) {
      known->second.last = now.mono;
    }
    return;
  }
  if (known == sessions_.end() && sessions_.size() >= kSigningSessionsMax) {
    sessions_.erase(
        std::ranges::min_element(sessions_, {}, [](const auto& one) { return one.second.last; }));
  }
  sessions_.insert_or_assign(desk, Session{id, now.mono});
}

void SigningDesk::end(const UserId& user) {
  std::erase_if(sessions_, [&user](const auto& one) { return one.first.first == user; });
}

}  // namespace cryobank::core
