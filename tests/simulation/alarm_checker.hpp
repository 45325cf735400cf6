// AlarmChecker: what people did to alarms outlives every kill. It follows the journal and says of
// each alarm whether it is true, taken, latched, shelved; the board must show just that whenever
// nothing waits for the disk, and at each start what is not about to be applied.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tests/simulation/stage.hpp"

namespace cryobank::simulation {

class AlarmChecker {
 public:
  explicit AlarmChecker(Stage& stage) : stage_(stage) {}

  // Each durable entry, in order.
  void after(const Fact& fact);
  // Every look, and at each start before its first input.
  void compare() const;

 private:
  struct Life {
    std::int64_t occurrence = 0;
    std::string state = "closed";
    bool shelved = false;
    bool may_be_latched = false;  // confirmed, and whether it takes a reset no entry says
  };
  void take(Life& life, const Fact& fact) const;
  void compare_one(const std::string& alarm, const Life& life) const;

  Stage& stage_;
  std::map<std::string, Life> lives_;
};

}  // namespace cryobank::simulation
