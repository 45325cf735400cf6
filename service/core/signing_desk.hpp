// Signing desk: commands whose signing secret is being looked at. The look takes long on purpose,
// so another thread does it (CheckSecret); meanwhile the secret is nowhere but in that effect. It
// knows neither what is signed nor with which meaning: the inventory decides that.
#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "service/core/bank.hpp"
#include "service/core/work.hpp"

namespace cryobank::core {

// Each look costs a quarter of a second and 32 MB, one after the other.
inline constexpr std::size_t kSigningWaitsMax = 16;

class SigningDesk {
 public:
  explicit SigningDesk(Bank& bank) : bank_(bank) {}

  // Takes the secret out of the command. Errors: not_authorised (no secret in the staff list, or
  // locked), unavailable (too many wait).
  Status ask(Command command, Actor actor, Effects& effects);
  bool waits(std::string_view command) const;

  struct Answer {
    Command command;  // its signature is proven if the secret matched
    Actor actor;
    Status looked;  // not ok: nobody could look at the secret
  };
  // Empty when the answer is not to one of ours.
  std::optional<Answer> on_checked(const SecretChecked& checked);

 private:
  struct Waiting {
    Command command;
    Actor actor;
  };
  Bank& bank_;
  std::map<EffectId, Waiting> waiting_;
};

}  // namespace cryobank::core
