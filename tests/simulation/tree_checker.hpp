// Checks after every durable change that no retained topic of the record is left as it was: what
// stands of courses, containers, jobs and worklists is what this run of the daemon told last, or
// waits to be told. So a change that touches a topic and does not say so is found at that step, and
// not at the next connect, which tells everything anew.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "service/wire/effect.hpp"
#include "tests/simulation/stage.hpp"

namespace cryobank::simulation {

class TreeChecker {
 public:
  explicit TreeChecker(Stage& stage) : stage_(stage) {}

  // A new run of the daemon has told nothing.
  void begin();
  void on_publish(const core::Publish& publish);
  // Once everything was told or waits: after the first connect of this run.
  void on_connected() { connected_ = true; }
  // REQUIRES: the step is over.
  void look();
  std::uint64_t looked() const { return looked_; }

 private:
  Stage& stage_;
  bool connected_ = false;
  std::map<std::string, std::string> told_;  // by topic; empty payload: removed
  std::uint64_t looked_ = 0;
};

}  // namespace cryobank::simulation
