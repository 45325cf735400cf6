// Fall watch: how fast the content of one tank falls by itself (level in mm, or weight in kg), and
// whether that is more than this tank's usual. Five looks, from seconds to weeks:
//   a breach (ten minutes of single values),
//   x5 within ten minutes or an hour (means of the middle half),
//   x5, and twice the usual, over one to eight hours (quick_slope.hpp),
//   the hourly cusum and the slope of 12 h (x2 within a day),
//   the daily cusum (x1.3 within a week).
// Sensors are coarse or noisy and lids are opened: every limit asks the signal's pace. Fills, the
// time a tank settles after one and open lids are left out; the automatic fill may start at any
// time meanwhile.
// Conditions: level-falling-fast, evaporation-doubled, evaporation-raised, level-stuck
// (weight-...). Figures, and how often each is wrong: docs/detectors.md.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "devices/detect/cusum.hpp"
#include "devices/detect/finding.hpp"
#include "devices/detect/level_trend.hpp"
#include "devices/detect/pace.hpp"
#include "devices/detect/quick_slope.hpp"

namespace cryobank::detect {

// What differs between a level and a scale. Values in the signal's own unit.
struct FallScale {
  std::string_view unit = "mm";
  std::string_view what = "level";
  std::string_view fast = "level-falling-fast";
  std::string_view doubled = "evaporation-doubled";
  std::string_view raised = "evaporation-raised";
  std::string_view stuck = "level-stuck";
  Milli floor = whole(4);           // no smaller fall within an hour means anything
  Milli wander{2'500};              // what a quiet sensor drifts to and fro by within hours
  Milli breach_floor = whole(15);   // nor within ten minutes of single values
  Milli handling = whole(25);       // racks that are taken out or put back change it by so much
  Milli unlearned_day = whole(60);  // fall per day that is believed before anything was learned
};
FallScale level_scale();
FallScale weight_scale();

// An open lid boils off so many times what a closed one does: what it costs is expected, and time
// counts so many times while it is open.
inline constexpr int kLidBoil = 5;

struct FallContext {
  bool filling = false;
  bool settling = false;  // filled so lately that the liquid still moves
  bool lid_open = false;
  Duration lid_total{};  // that the lid was open, ever
  bool dry = false;      // nothing is left that could fall
};

class FallWatch {
 public:
  explicit FallWatch(FallScale scale) : scale_(scale) {}

  void observe(Now now, Milli value, const Pace& pace, const FallContext& context,
               FindingBook& book, Findings& out);
  // No value: what comes next is not compared with what was before.
  void interrupt();

  // Per day; empty until learned.
  std::optional<Milli> usual_per_day() const;
  // What it falls by just now: the last hour where that is beyond doubt more than usual, else
  // usual.
  std::optional<Milli> falling_per_day() const;
  // The last whole day, once it is over; each once.
  std::optional<Milli> take_last_day();

  Json memory() const;
  // `what` names the memory in an Error (corrupt).
  Status recall(std::string_view what, const Json& memory);

 private:
  struct Sample {
    Instant at;
    std::int64_t value = 0;
    Instant flat{};  // `at`, and what open lids count for
  };
  struct Fell {
    std::int64_t fall = 0;
    Duration within{};  // open lids counted in
  };

  void look_for_breach(Now now, Milli value, const Pace& pace, const FallContext& context,
                       FindingBook& book, Findings& out);
  void look_at_windows(Now now, const Pace& pace, FindingBook& book, Findings& out);
  void look_at_hour(Now now, const Pace& pace, FindingBook& book, Findings& out);
  void take_hour(Now now, std::int64_t fall, Duration gap, FindingBook& book, Findings& out);
  void end_when_usual(Now now, bool stands, bool passed, FindingBook& book, Findings& out);
  void look_at_slope(Now now, Instant flat, Milli value, const Pace& pace, FindingBook& book,
                     Findings& out);
  void look_quickly(Now now, Instant flat, Milli value, const Pace& pace,
                    const FallContext& context, FindingBook& book, Findings& out);
  void look_for_standstill(Now now, const Pace& pace, FindingBook& book, Findings& out);
  void take_day(Now now, FindingBook& book, Findings& out);
  void tell_fast(Now now, std::int64_t fall, Duration within, FindingBook& book, Findings& out);
  // Middle of the `gap` before less that of the last `gap`; empty without enough values.
  std::optional<Fell> fall_over(Instant now, Duration gap, std::size_t least) const;
  std::int64_t hour_spread(const Pace& pace, Duration gap) const;
  std::int64_t steep_limit(std::int64_t usual, int spreads) const;
  Duration hour_of(const Pace& pace) const;
  bool handled_within(Instant now, Duration span) const {
    return lid_open_at_ && now - *lid_open_at_ <= span;
  }

  FallScale scale_;
  std::deque<std::int64_t> last_three_;
  std::deque<Sample> recent_;   // ten minutes of medians of three
  std::deque<Sample> minutes_;  // two hours, one a minute at most; quiet ones only
  std::optional<Instant> looked_at_;
  std::optional<Instant> hour_at_;
  std::optional<Instant> lid_open_at_;
  std::optional<Instant> settling_at_;
  bool dry_ = false;

  std::deque<std::int64_t> hours_;  // falls an hour, as learned
  std::optional<Milli> hour_rate_;  // per day
  Cusum hourly_{{500, 12'000, -3'000, 6'000}};
  int normal_hours_ = 0;

  std::optional<Sample> highest_;  // since the last time it fell or was filled

  std::optional<LevelTrend> trend_;  // once it is known how often values come
  std::optional<Instant> slope_at_;  // its next sample is the mean of all values since
  std::int64_t slope_sum_ = 0;
  std::int64_t slope_values_ = 0;
  bool steep_ = false;  // the slope of 12 h is about twice the usual
  QuickSlope quick_;
  bool quickly_ = false;  // it says so now

  std::optional<Instant> day_at_;
  std::optional<Milli> last_day_;
  std::int64_t fallen_today_ = 0;
  Duration quiet_today_{};
  std::deque<std::int64_t> days_;  // falls a day, as learned
  Cusum daily_{{500, 8'500, -3'000, 6'000}};
  int normal_days_ = 0;
};

}  // namespace cryobank::detect
