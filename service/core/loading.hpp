// Loading: which part a row of the store belongs to (docs/store-format.md), and what is left to do
// from the last run.
#pragma once

#include <string_view>

#include "service/core/parts.hpp"

namespace cryobank::core {

// Errors: corrupt, with the row's key.
Status load_row(Core::Parts& parts, std::string_view key, std::string_view value);
// Alarm facts that were durable and not yet applied.
void apply_left_over(Core::Parts& parts, const Now& now);

}  // namespace cryobank::core
