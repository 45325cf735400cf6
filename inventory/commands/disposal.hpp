// Disposal: the end of a product. One person asks for it, another person of another role confirms
// it after a cooling-off time, and only then do the aliquots leave their positions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

// Between the request and its confirmation, so that nobody destroys in haste.
inline constexpr Duration kCoolingOff = hours(24);
// The longest a request stays open before it must be asked for anew.
inline constexpr Duration kDisposalOpen = days(30);

}  // namespace cryobank::inventory
