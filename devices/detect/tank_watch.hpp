// Tank watch: every detector of one LN2 tank, fed with its values and what its lid and valves do.
// It says what it finds, whether the fill should be stopped, and how long the contents last. It
// knows no registers, lines or devices, sends nothing and decides no priority.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "devices/detect/fall_watch.hpp"
#include "devices/detect/fill_watch.hpp"
#include "devices/detect/probe_watch.hpp"
#include "devices/detect/time_to_loss.hpp"

namespace cryobank::detect {

// How long a lid counts as open that nobody tells the closing of.
inline constexpr Duration kLidAssumed = minutes(15);

struct TankSetup {
  FillLimits fill;
  bool lid_end_told = true;  // else each opening counts as one of kLidAssumed
  DeclaredPace level;
  DeclaredPace weight;
  DeclaredPace top;
  DeclaredPace bottom;
};

class TankWatch {
 public:
  explicit TankWatch(const TankSetup& setup);

  // Empty: the signal gives no value now.
  void level(Now now, std::optional<Milli> value, Findings& out);
  void weight(Now now, std::optional<Milli> value, Findings& out);
  void top(Now now, std::optional<Milli> value, Findings& out);
  void bottom(Now now, std::optional<Milli> value, Findings& out);
  void lid(Now now, bool open);
  void valve(Now now, std::optional<bool> open, Findings& out);
  void bypass(Now now, bool open) { fills_.bypass(now, open); }
  void on_deadline(Now now, Findings& out);
  Instant next_deadline() const { return fills_.next_deadline(level_pace_); }
  // Why the running fill must end; each wish is told once a minute at most.
  std::string take_stop_wish();

  FillWatch& fills() { return fills_; }
  const FillWatch& fills() const { return fills_; }
  const FallWatch& falls() const { return falls_; }
  const ProbeWatch& probes() const { return probes_; }
  const FindingBook& book() const { return book_; }
  std::optional<Milli> level_now() const { return level_; }
  TankContext context(Now now) const;

  // `no_refill`: something outside the tank keeps it from being filled.
  std::optional<TimeToLoss> lasts() const;
  bool losing() const;  // one of its own detectors says that the contents are on the way out
  std::optional<Duration> time_to_dry() const;

  Json memory() const;
  // `what` names the memory in an Error (corrupt).
  Status recall(std::string_view what, const Json& memory);

 private:
  void look_at_fills(Now now, Findings& out);
  void compare_contents(Now now, Findings& out);
  void follow_drain(Now now, Findings& out);

  void close_lid(Instant at);
  bool is_dry() const;
  Duration counted_open(Instant at) const;
  Duration lid_total(Now now) const;
  void look_at_lid(Now now);

  FindingBook book_;
  bool lid_end_told_;
  Pace level_pace_;
  Pace weight_pace_;
  FillWatch fills_;
  FallWatch falls_;
  FallWatch weights_;
  ProbeWatch probes_;
  std::optional<Milli> level_;
  std::optional<Milli> weight_;
  // What its liquid goes by, or went by: the fastest a day since it began to fall fast.
  std::optional<Milli> draining_;
  // Until then what an earlier run knew of that holds: this one has measured too little.
  std::optional<Instant> recalled_until_;
  bool recalled_ = false;
  bool has_weight_ = false;
  std::optional<Milli> level_day_;
  std::optional<Milli> weight_day_;
  int apart_days_ = 0;
  std::optional<Instant> lid_opened_;  // open now
  std::optional<Instant> lid_closed_;
  Duration lid_open_for_{};
  Duration lid_total_{};  // of closed openings
  std::string stop_wish_;
};

}  // namespace cryobank::detect
