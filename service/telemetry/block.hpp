// Blocks: some hundred samples or buckets of one series packed into one row of the telemetry store.
//   version (1), tier, count, then numbers as variable-length integers, signed ones in zigzag
//   raw:    first time, then change of the time step, then 0 for a gap or 1 + zigzag(change of
//           value)
//   others: first time, then steps since the one before, low, high - low, sum - low * count, count
// docs/telemetry-format.md has an example. Errors: corrupt (another version, cut, too long).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "service/telemetry/sample.hpp"

namespace cryobank::telemetry {

// Samples of one block at most: bounds what a damaged row can make us allocate.
inline constexpr std::size_t kBlockMax = 512;

std::string pack(const std::vector<Sample>& samples);
std::string pack(Tier tier, const std::vector<Bucket>& buckets);
Result<std::vector<Sample>> unpack_samples(std::string_view block);
Result<std::vector<Bucket>> unpack_buckets(Tier tier, std::string_view block);

// "raw/freezer-1/level/0000019ab3c4d5e6": rows of one series and tier lie together, in time.
std::string block_key(Tier tier, std::string_view series, WallTime first);

}  // namespace cryobank::telemetry
