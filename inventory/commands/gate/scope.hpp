// Scope: where a person may act. The staff list may limit a person to some places; then every
// aliquot and container that an act changes must lie there, before the act and after it. Reading is
// not limited. Places that every ledger has (EXPECTED, CULTURE, OUTSIDE, UNKNOWN) are open to all.
#pragma once

#include <vector>

#include "inventory/ledger/apply/trial.hpp"

namespace cryobank::inventory {

struct Changed {
  std::vector<AliquotId> aliquots;
  std::vector<PlaceId> containers;
};

// The staff list limits this person to some places.
bool is_limited(const View& view, const UserId& user);
// What the facts of a trial changed so far.
Changed changed_by(const Trial& trial);
// Error not_authorised names the first thing that lies outside what `user` may change. Things that
// do not exist in `view` pass.
Status check_scope(const View& view, const UserId& user, const Changed& changed);

}  // namespace cryobank::inventory
