// Story tank: one LN2 tank with an automatic controller, simple enough that a year takes a moment,
// with what real ones do to a detector: noise, steps, a cadence of seconds or hours, lids in
// bursts, days that differ, ends of fills that nobody tells. Faults are numbers that a story turns.
// Lengths in thousandths of a millimetre, temperatures in thousandths of a degree; all integers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "devices/detect/tank_watch.hpp"

namespace cryobank::detect {

struct TankShape {
  std::int64_t evaporation = 14'000;  // a day
  int day_spread_percent = 20;        // one standard deviation from day to day
  std::int64_t start = 127'000;
  std::int64_t stop = 203'000;
  std::int64_t flow = 3'200;  // a minute
  std::int64_t noise = 2'500;
  std::int64_t step = 1'000;
  Duration every = minutes(1);
  std::int64_t top = -185'000;
  std::int64_t top_noise = 500;
  std::int64_t top_step = 100;
  std::int64_t bottom = -195'000;
  int lids_a_day = 12;
  Duration lid_for = minutes(3);
  std::int64_t lid_rise = 15'000;
  int lid_boil = 5;         // times as much evaporates while the lid is open
  bool has_weight = false;  // a scale below it: 0.4 kg a mm, noise and step of 0.1 kg
  bool valve_told = true;
  bool end_told = true;
  bool shut_by_lid = false;    // the controller tells its valve closed while the lid is open
  bool at_even_hours = false;  // values come at whole multiples of `every`
};

// What a story turns while it runs.
struct TankFaults {
  std::int64_t heat_percent = 100;          // of the usual evaporation
  bool no_refill = false;                   // the supply is gone, the valve opens in vain
  bool no_autofill = false;                 // the controller never asks
  bool valve_stuck_open = false;            // liquid flows, the valve reads closed
  bool breach = false;                      // empty within three minutes
  std::optional<std::int64_t> level_reads;  // whatever is true
  std::optional<std::int64_t> top_reads;
  std::int64_t top_offset = 0;
  std::int64_t warming = 0;  // a degree an hour, thousandths, on top and bottom
  std::int64_t flow_percent = 100;
};

class StoryTank {
 public:
  StoryTank(const TankShape& shape, std::uint64_t seed);

  // One step of ten seconds; true when values come now.
  bool step();
  Duration since_start() const { return since_; }

  TankFaults faults;
  std::int64_t true_level() const { return level_; }
  std::int64_t true_top() const;
  // As the machine tells them now.
  Milli level() const { return shown_level_; }
  Milli weight() const { return shown_weight_; }
  Milli top() const { return shown_top_; }
  Milli bottom() const { return shown_bottom_; }
  bool lid_open() const { return lid_left_ > 0; }
  bool valve_open() const { return filling_ && !(shape_.shut_by_lid && lid_open()); }
  std::int64_t fills() const { return fills_; }

 private:
  void next_day();
  void read();
  std::int64_t normal(std::int64_t spread);

  TankShape shape_;
  Prng prng_;
  Duration since_{};
  std::int64_t level_;
  std::int64_t rest_ = 0;  // of evaporation, below a thousandth
  std::int64_t today_percent_ = 100;
  bool filling_ = false;
  std::int64_t fills_ = 0;
  int lid_left_ = 0;  // steps
  std::int64_t lid_warmth_ = 0;
  std::int64_t chill_ = 0;
  std::int64_t warmed_ = 0;
  std::int64_t warmed_rest_ = 0;
  Milli shown_level_, shown_weight_, shown_top_, shown_bottom_;
};

// Feeds a watch from a tank: readings at their cadence, lid and valve when they change.
class Feeder {
 public:
  Feeder(StoryTank& tank, TankWatch& watch, const TankShape& shape)
      : tank_(tank), watch_(watch), shape_(shape) {}

  void run(Duration length, const std::function<void(const Now&, const Finding&)>& on_finding);
  Now now() const { return now_; }
  bool dark = false;  // nothing is heard of the controller
  bool weighed = true;

 private:
  StoryTank& tank_;
  TankWatch& watch_;
  TankShape shape_;
  Now now_{Instant{1'000'000'000}, WallTime{1'795'500'000'000}};
  bool lid_ = false;
  bool valve_ = false;
  bool told_ = false;
};

// As the site of such a tank declares it.
TankSetup setup_of(const TankShape& shape);

// A tank and the watch over it, with what began to stand since the last look.
struct WatchedTank {
  WatchedTank(const TankShape& shape, std::uint64_t seed);
  WatchedTank(const WatchedTank&) = delete;  // the feeder holds both
  WatchedTank& operator=(const WatchedTank&) = delete;

  StoryTank tank;
  TankWatch watch;
  Feeder feeder;
  std::map<std::string, int> raised;  // how often each began
  std::string texts;

  void run(Duration length);
  // Until one of the conditions stands; empty when none does within `most`.
  std::optional<Duration> until(const std::vector<std::string_view>& conditions, Duration most,
                                Duration step = minutes(1));
  bool stands(const std::vector<std::string_view>& conditions) const;

 private:
  std::map<std::string, int> stage_;
};

}  // namespace cryobank::detect
