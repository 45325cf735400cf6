// Language: in which the house speaks to people, on the page of an alarm and on the telephone.
#pragma once

#include <cstdint>

namespace cryobank {

enum class Language : std::uint8_t { english, japanese };

}  // namespace cryobank
