// ToldChecker: what people and readers are told against the truth.
// - a true excursion of a freezer is an active alarm of that freezer within kToldWithin of a
//   running daemon, but for a top that opened lids warmed;
// - what is an active alarm is one at the broker, and a page that is due has reached it, within
//   kAtBrokerWithin of a link that stands;
// - the alarm of a condition is cleared only after the truth was within its limits for as long as
//   the rule asks;
// - each event stream reaches a reader without a gap, and a number never tells two things.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/sim_broker.hpp"
#include "tests/simulation/stage.hpp"

namespace cryobank::simulation {

// The longest delay of a critical limit (2 min), three polls of a device on a bad line, and the
// back-off of a dead one before it counts as lost.
inline constexpr Duration kToldWithin = minutes(5);
// A broker that takes one publish at a time and answers each after seconds, while a whole site is
// in alarm; and one that refuses three in ten.
inline constexpr Duration kAtBrokerWithin = minutes(3);
inline constexpr Duration kLookEvery = seconds(30);

class ToldChecker {
 public:
  ToldChecker(Stage& stage, const SimBroker& broker) : stage_(stage), broker_(broker) {}

  // An alarm topic, as emitted.
  void on_alarm(const core::Publish& publish);
  // A page and an event, as the broker took them.
  void on_page(const core::Publish& publish);
  void on_event(const core::Publish& publish);
  // Every kLookEvery.
  void look();
  // At the end of a run.
  void check_streams();

 private:
  struct Told {
    bool active = false;
    Instant since{};
  };
  // How long the truth of one quantity has been within its limits, and until when it was so for
  // long enough for its alarm to clear.
  struct Calm {
    bool inside = false;
    Instant since{};
    Instant until{};
  };
  // An active alarm of the board, since when it and the link have stood, and since when it pages.
  struct Standing {
    std::int64_t occurrence = 0;
    Instant since{};
    Instant pages_since = kNever;
  };
  bool lies(const std::string& device) const;
  void look_at(const config::DeviceConfig& device);
  bool by_lid(const config::DeviceConfig& device, std::string_view quantity, Milli truth);
  void look_at_alarm(const AlarmId& alarm, const Json& shown, const Standing& standing);
  void excursion(const std::string& device, std::string_view what, bool true_now);
  void check_clearing(const std::string& alarm, Instant told_at);

  Stage& stage_;
  const SimBroker& broker_;
  std::map<std::string, Told> told_;  // by alarm
  std::map<std::string, Calm> calm_;  // by alarm
  std::map<AlarmId, Standing> standing_;
  std::map<std::string, Instant> paged_;                      // by alarm
  std::map<std::string, Instant> since_;                      // true excursions
  std::map<std::string, Instant> lid_at_;                     // by freezer: last seen open
  std::map<std::string, std::vector<std::uint64_t>> events_;  // by stream: hash by number
};

// Payloads without what changes from one rendering to the next.
std::map<std::string, std::string> comparable_tree(const std::map<std::string, std::string>& tree,
                                                   std::string_view root);

}  // namespace cryobank::simulation
