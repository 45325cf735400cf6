// Probe watch: what the two temperature probes of one tank say together and over time: a value that
// froze although it was lively before, two probes that left their usual difference, a top that is
// not what it should be just now. A lid that was opened and a fill explain a change for a bounded
// time (envelope: a year of a real tank; after an opening of up to 30 s at most +10, of up to 2 min
// +18, of up to 4 min +25, at most +28, half of it 70 min later and so on; after a fill -16 within
// 2 h, then -9, -6, -4, -3, -2 in steps of two hours). Limits are the board's. Conditions:
// top-frozen, bottom-frozen, probes-disagree, temperature-unusual; and lid-warmth, which is no
// alarm: opened lids explain how warm the top is, and delays of limits wait until they do not.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "devices/detect/finding.hpp"
#include "devices/detect/pace.hpp"

namespace cryobank::detect {

// What happened to the tank lately.
struct TankContext {
  bool lid_open = false;
  Duration lid_open_for{};             // now, or the last time
  Duration opened{};                   // how long this opening lasts, while it is open
  std::optional<Duration> since_lid;   // closed again; empty: not lately
  std::optional<Duration> since_fill;  // zero while filling; empty: not known
  bool dry = false;                    // no liquid is left that would cool it again
  bool quiet() const;                  // nothing explains a change
};

// What opened lids may have left of warmth, thousandths of Cel.
std::int64_t lid_warmth(const TankContext& context);

// A value that stands still for longer than it ever did, by far: `name` tells which.
bool is_frozen(Now now, const Pace& pace);

class ProbeWatch {
 public:
  void top(Now now, std::optional<Milli> value, const TankContext& context, FindingBook& book,
           Findings& out);
  void bottom(Now now, std::optional<Milli> value, FindingBook& book, Findings& out);

  struct Expected {  // of the top probe, Cel
    Milli low;
    Milli high;
  };
  std::optional<Expected> expected_top(const TankContext& context) const;
  const Pace& top_pace() const { return top_pace_; }
  Pace& top_pace() { return top_pace_; }
  Pace& bottom_pace() { return bottom_pace_; }
  std::optional<Milli> top_now() const { return top_; }
  // Warming of the top over the last half hour or hour, Cel an hour; empty: not warming for sure,
  // or by opened lids.
  std::optional<Milli> warming() const;
  // It is warmer by 30 Cel than it usually is, and no opened lid explains it. A probe that always
  // sits in warm vapour is no sign of warm contents.
  bool top_unexplained() const {
    return top_ && quiet_top_ && !by_lid_ && *top_ > *quiet_top_ + Milli{30'000};
  }

  Json memory() const;  // null while nothing was learned
  // `what` names the memory in an Error (corrupt).
  Status recall(std::string_view what, const Json& memory);

 private:
  struct Sample {
    Instant at;
    std::int64_t value = 0;
  };
  void learn(Now now, const TankContext& context, const FindingBook& book);
  void compare(Now now, const TankContext& context, FindingBook& book, Findings& out);
  void follow(Now now);
  void judge_lid(Now now, const TankContext& context, FindingBook& book, Findings& out);

  Pace top_pace_;
  Pace bottom_pace_;
  std::optional<Milli> top_;
  std::optional<Milli> bottom_;
  std::optional<Instant> bottom_at_;
  std::deque<std::int64_t> quiet_tops_;         // last six hours of quiet
  std::deque<std::int64_t> quiet_differences_;  // top less bottom
  std::optional<Milli> quiet_top_;
  std::optional<Milli> quiet_difference_;
  std::optional<Milli> before_lid_;  // the top just before lids were opened
  bool by_lid_ = false;              // lids explain how warm it is
  Instant quiet_sampled_{};
  std::optional<Instant> unusual_since_;
  int unusual_values_ = 0;
  std::optional<Instant> apart_since_;
  int apart_values_ = 0;
  std::deque<Sample> course_;  // the last hour, one in five minutes
};

}  // namespace cryobank::detect
