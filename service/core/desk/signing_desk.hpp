// Signing desk: commands whose signing secret is being looked at (by another thread, for it takes
// long on purpose; meanwhile it is nowhere but in the CheckSecret effect), and the signing
// sessions: the first signature gives both components, user and secret, later ones of the same user
// at the same terminal the secret alone (21 CFR 11.200(a)(1)(i)). Sessions are in memory only. It
// knows neither what is signed nor with which meaning.
//   none --both components, durable--> open --secret, durable--> open
//   open --idle | signature/end | wrong secret--> none
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "service/core/bank.hpp"
#include "service/wire/work.hpp"

namespace cryobank::core {

// Each look costs a quarter of a second and 32 MB, one after the other.
inline constexpr std::size_t kSigningWaitsMax = 16;
// More people do not sign within one idle time; past it the one that is idle longest ends.
inline constexpr std::size_t kSigningSessionsMax = 256;

class SigningDesk {
 public:
  explicit SigningDesk(Bank& bank) : bank_(bank) {}

  // Takes the secret out of the command. Errors: not_authorised (no secret in the staff list, or
  // locked, or another user named), signature_needed (the user component is missing and no session
  // is open), unavailable (too many wait).
  Status ask(const Now& now, Command command, Actor actor, Effects& effects);
  bool waits(std::string_view command) const;

  struct Answer {
    Command command;  // its signature is proven if the secret matched
    Actor actor;
    Status looked;  // not ok: nobody could look at the secret, or its session ended meanwhile
  };
  // Empty when the answer is not to one of ours. A wrong secret ends the user's sessions.
  std::optional<Answer> on_checked(const Now& now, const SecretChecked& checked);
  // A command is durable: its signatures begin sessions or go on with them.
  void on_recorded(const Now& now, const Command& command, std::span<const Fact> facts);
  // Every session of this person ends, at whatever terminal.
  void end(const UserId& user);

 private:
  struct Waiting {
    Command command;
    Actor actor;
  };
  struct Session {
    std::string id;  // the signature that gave both components
    Instant last{};
  };
  using Desk = std::pair<UserId, std::string>;  // user and terminal

  const Session* open_session(const Now& now, const UserId& user,
                              const std::string& terminal) const;
  Status take_components(const Now& now, Command& command) const;
  Error no_session(const Command& command) const;
  void note(const Now& now, const UserId& user, const Signature& signature, const std::string& id);

  Bank& bank_;
  std::map<EffectId, Waiting> waiting_;
  std::map<Desk, Session> sessions_;
};

}  // namespace cryobank::core
