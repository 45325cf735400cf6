// Chart: what a question about the past of one point is answered with. It says which tier to read
// for a span, and folds samples or buckets into at most `rows_max` rows of time, lowest, mean,
// highest; a row that is a gap is never bridged. Pure; the store is read elsewhere
// (service/telemetry_io.hpp).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "service/telemetry/sample.hpp"

namespace cryobank::telemetry {

// Rows of one answer: more than a screen has columns; 2,000 rows are some 70 KB of JSON.
inline constexpr int kRowsMax = 2'000;

struct KeepFor {
  Duration raw = days(7);
  Duration minute = days(120);
  Duration hour = days(30 * 365);
};

struct Question {
  std::string series;
  Duration period;  // of reading
  WallTime from;
  WallTime until;
  int rows_max = 1'200;
};

struct Row {
  WallTime at;
  bool gap = false;
  Bucket bucket;
};

struct Chart {
  Tier tier = Tier::raw;
  // Two rows further apart than twice this have nothing between them.
  Duration step;
  std::vector<Row> rows;
};

// The finest tier that is kept for the whole span and can be read in well under a second.
Tier tier_for(const Question& question, const KeepFor& keep, WallTime now);

Chart fold(const Question& question, const std::vector<Sample>& samples);
Chart fold(const Question& question, Tier tier, const std::vector<Bucket>& buckets);

}  // namespace cryobank::telemetry
