// Reach: the words by which a robot knows a position. A container's three words are its unit, its
// rack and the number of its first position; the others follow in fill order.
#pragma once

#include <array>
#include <optional>

#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

// Error unsupported when no robot knows the place, too_large when its number leaves 16 bits.
Result<std::array<std::uint16_t, 3>> reach(const View& view, const Spot& spot);
// The other way; nothing when no place of the record has these words.
std::optional<Spot> spot_at_location(const View& view, const std::array<std::uint16_t, 3>& words);

}  // namespace cryobank::inventory
