// ToldChecker: what people and readers are told against the truth.
// - a true excursion of a freezer is an active alarm of that freezer within kToldWithin of a
//   running daemon, and at the broker soon after, if the link stands;
// - the alarm of a condition is not cleared while the condition is true;
// - each event stream reaches a reader without a gap, and a number never tells two things;
// - the broker's retained tree is what the daemon publishes into an empty one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/stage.hpp"

namespace cryobank::simulation {

// The longest delay of a critical limit (2 min), three polls of a device on a bad line, and the
// back-off of a dead one before it counts as lost.
inline constexpr Duration kToldWithin = minutes(5);
// A start reads every device once and may wait for dead ones.
inline constexpr Duration kLookEvery = seconds(30);

class ToldChecker {
 public:
  explicit ToldChecker(Stage& stage) : stage_(stage) {}

  // An alarm topic, as emitted.
  void on_alarm(const core::Publish& publish);
  // An event, as the broker took it.
  void on_event(const core::Publish& publish);
  // Every kLookEvery.
  void look();
  // At the end of a run.
  void check_streams();

 private:
  bool lies(const std::string& device) const;
  void look_at(const config::DeviceConfig& device);
  void excursion(const std::string& device, std::string_view what, bool true_now);

  Stage& stage_;
  std::map<std::string, bool> active_;                        // by alarm
  std::map<std::string, Instant> since_;                      // true excursions
  std::map<std::string, std::vector<std::uint64_t>> events_;  // by stream: hash by number
};

// Payloads without what changes from one rendering to the next.
std::map<std::string, std::string> comparable_tree(const std::map<std::string, std::string>& tree,
                                                   std::string_view root);

}  // namespace cryobank::simulation
