// Samples of the history behind charts: what one point said, thinned. Times are UTC milliseconds,
// values thousandths of the point's unit. A gap says that from this time on nothing is known.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"

namespace cryobank::telemetry {

// raw: each change of a reading, and one in kStandingEvery while it stands. minute, hour: lowest,
// highest, sum and number of all readings of that time.
enum class Tier : std::uint8_t { raw, minute, hour };
std::string_view name_of(Tier tier);
Duration step_of(Tier tier);

inline constexpr Duration kStandingEvery = seconds(10);

struct Sample {
  WallTime at;
  std::int64_t value = 0;
  bool gap = false;
  bool operator==(const Sample&) const = default;
};

struct Bucket {
  WallTime at;  // its beginning
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::int64_t sum = 0;
  std::int64_t count = 0;
  bool operator==(const Bucket&) const = default;
  void add(std::int64_t value);
  void add(const Bucket& other);
  std::int64_t mean() const { return count == 0 ? 0 : sum / count; }
};

// One reading as the core hands it over.
struct HeardReading {
  std::uint32_t series = 0;  // number of the point, from the list the store was opened with
  WallTime at;
  std::int64_t value = 0;
  bool good = false;
};

// A point of a device; `period` is how often it is read.
struct SeriesName {
  std::string name;  // "freezer-1/level"
  Duration period;
};

}  // namespace cryobank::telemetry
