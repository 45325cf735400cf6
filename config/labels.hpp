// Position labels of a kind of container: "A1", "7", "iv". One home for how positions are named
// and in which order they fill, for every room that reads or writes a label.
// A grid label is row label then column label, with '-' between them when both are digits or both
// are letters, so that it reads back in one way only. Letters go on with AA after Z.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/site_config.hpp"

namespace cryobank::config {

inline constexpr int kRowsMax = 64;
inline constexpr int kColumnsMax = 64;
inline constexpr int kLinearMax = kRowsMax * kColumnsMax;
inline constexpr int kRomanMax = 3999;

// One number, from 1, as this kind of label; padded with zeros to `pad` digits when numbers.
std::string format_label(PlaceTypeConfig::Labels labels, int number, int pad);
// The exact inverse; empty when `text` is not that kind of label, or is not written as above.
std::optional<int> parse_label(PlaceTypeConfig::Labels labels, std::string_view text, int pad);

// True where a label of `a` followed by one of `b` could be cut in two ways.
bool labels_run_together(PlaceTypeConfig::Labels a, PlaceTypeConfig::Labels b);

// Every label, in fill order; empty for a dimensionless container. REQUIRES: a valid type
// (validate.hpp); of an invalid one the labels may repeat.
std::vector<std::string> position_labels(const PlaceTypeConfig& type);

}  // namespace cryobank::config
