// Labels: the texts that name rows, columns and counted positions of a container. Numbers from 1;
// letters go on with AA after Z; roman up to 3999. parse is the exact inverse of format: a text
// that format would not have written is refused (no leading zeros beyond the pad, no mixed case).
#pragma once

#include <string>
#include <string_view>

#include "config/site_config.hpp"
#include "service/base/result.hpp"

namespace cryobank::inventory {

using Labels = config::PlaceTypeConfig::Labels;

inline constexpr int kLabelNumberMax = 3999;  // the largest roman number without overlines

// REQUIRES: 1 <= number <= kLabelNumberMax. `pad` is the least number of digits, for numbers only.
std::string format_label(Labels scheme, int number, int pad);
Result<int> parse_label(Labels scheme, std::string_view text, int pad);

// True where a label of `a` followed by one of `b` could be cut in two ways.
bool labels_run_together(Labels a, Labels b);

}  // namespace cryobank::inventory
