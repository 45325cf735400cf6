// Warm watch: follows the temperature probes of the freezers and puts every time above -150 Cel on
// record as an excursion of the probe (inventory/ledger/exposure.hpp), while it goes on and when it
// ends, so that a crash loses two minutes at most. Time between two readings counts as warm as the
// warmer of them; time without readings begins no excursion, since its own alarm tells of it. Looks
// once a minute at the probes' mapping: unmapped, never challenged, failed or long ago is an alarm.
#pragma once

#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "inventory/ledger/exposure.hpp"
#include "service/core/command_flow.hpp"
#include "service/core/desk/alarm_desk.hpp"

namespace cryobank::core {

// An excursion that goes on is told again after so long.
inline constexpr Duration kWarmToldEvery = minutes(2);
// Cold again for so long ends it; a shorter time belongs to it, and does not count as warm.
inline constexpr Duration kWarmSettled = minutes(5);
// Two readings further apart say nothing of what was between them.
inline constexpr Duration kWarmGapMax = minutes(5);
// A mapping is proven anew each year, as probes are calibrated.
inline constexpr Duration kChallengeEvery = days(365);

class WarmWatch {
 public:
  WarmWatch(Bank& bank, CommandFlow& commands, AlarmDesk& alarms);

  // Excursions that were going on when the last run ended go on.
  void start(const Now& now);
  void on_reading(const Now& now, const devices::Reading& reading);
  void on_deadline(const Now& now);
  // The end of a command of ours: one that was not made durable is given again.
  void on_recorded(const Recorded& recorded, const Status& status);
  Instant next_deadline() const { return at_; }
  void stop() { stopping_ = true; }

 private:
  static constexpr std::size_t kLimits = inventory::kExposureLimits.size();

  struct Warm {
    WallTime from;
    Instant from_mono;
    Instant last_warm;  // end of the last time that counted as warm
    Instant told_at{};
    bool cold_told = false;  // the record knows that what was read last was cold
    bool ended = false;      // cold for long enough; told for the last time, and not durable yet
    std::array<Duration, kLimits> above{};
    Milli peak;
  };
  struct Probe {
    std::string name;  // "device.point"
    DeviceId device;
    PlaceId place;  // inside of the freezer as the site declares it; may be empty
    bool seen = false;
    Milli last;
    Instant last_at{};
    WallTime last_wall;
    std::optional<Warm> warm;
  };

  static void follow(Probe& probe, const devices::Reading& reading);
  void tell(const Now& now, Probe& probe);
  void resume(const Now& now, Probe& probe) const;
  void look_at_mappings(const Now& now);
  void look_at(const Now& now, const Probe& probe, std::set<AlarmId>& standing);
  void raise(const Now& now, std::set<AlarmId>& standing, const DeviceId& device,
             std::string_view of, std::string_view condition, std::string text);

  Bank& bank_;
  CommandFlow& commands_;
  AlarmDesk& alarms_;
  std::vector<std::size_t> first_point_;  // by device
  std::vector<int> probe_at_;             // by point; -1: none
  std::vector<Probe> probes_;
  std::set<AlarmId> told_;  // of mappings, as they stood at the last look
  Instant at_{};
  Instant mappings_at_{};
  bool stopping_ = false;
};

}  // namespace cryobank::core
