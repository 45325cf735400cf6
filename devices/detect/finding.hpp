// Finding: what a detector concludes of one machine, and the book of what it has told. A finding
// has a stage, 1 the mildest: how urgent each stage is stands in the alarm catalogue. The book
// tells changes only: a new stage at once, new figures of a standing one at most every five
// minutes, and once after a start also what does not stand, so that an alarm of an earlier run
// ends.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace cryobank::detect {

struct Finding {
  std::string condition;  // kebab case; config/alarms/catalogue.toml lists them all
  int stage = 0;          // 0: it does not stand
  std::string text;       // what was seen, with figures
};
using Findings = std::vector<Finding>;

inline constexpr Duration kFiguresEvery = minutes(5);

class FindingBook {
 public:
  void set(Now now, std::string_view condition, int stage, std::string text, Findings& out);
  // For texts that cost something to make: would set() tell anything?
  bool would_tell(Now now, std::string_view condition, int stage) const;
  int stage(std::string_view condition) const;
  bool stands(std::string_view condition) const { return stage(condition) > 0; }

 private:
  struct Told {
    int stage = 0;
    Instant at{};
    std::string text;
  };
  std::map<std::string, Told, std::less<>> told_;
};

}  // namespace cryobank::detect
