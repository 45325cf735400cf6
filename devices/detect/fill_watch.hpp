// Fill watch: follows the fills of one tank and says what is wrong with them. It knows how often
// the level comes and in what steps, and whether the machine tells the end of what it began: where
// it does not, the end is read from the level. A level that does not rise while the valve is open
// stops the fill (a bent level tube overflowed a tank until six people died: Foundation Food,
// 2021), and so does one that takes too long or rises too high. Time with the gas bypass open does
// not count: warm gas is blown off before liquid comes. Nor does time in which an open lid keeps
// the liquid back, whether the valve reads open or closed meanwhile: what comes after such a pause
// is the same fill (fill_pause.cpp).
// Conditions: fill-not-rising, fill-too-long, high-level-while-filling, valve-stuck-open,
// fill-missed, fill-not-started, fill-too-often, fill-slower.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.hpp"
#include "base/units.hpp"
#include "devices/detect/fill_record.hpp"
#include "devices/detect/finding.hpp"
#include "devices/detect/pace.hpp"

namespace cryobank::detect {

struct FillLimits {        // mm
  Milli start{};           // the controller starts a fill here
  Milli stop{};            // and stops it here
  Milli high{};            // above: too full
  bool valve_told = true;  // the machine tells when its fill valve opens
  bool end_told = true;    // and when it closes
};

class FillWatch {
 public:
  explicit FillWatch(FillLimits limits) : limits_(limits) {}

  // Empty: the point gives no value now. A machine that prints tells each start, also twice.
  void valve(Now now, std::optional<bool> open);
  void bypass(Now now, bool open);
  void level(Now now, std::optional<Milli> level, const Pace& pace);
  void lid(Now now, bool open);
  // A fill, or its end, was ordered by the service.
  void fill_ordered(Now now) { fill_ordered_at_ = now.mono; }
  void stop_ordered(Now now) {
    stop_ordered_at_ = now.mono;
    stop_overdue_ = false;
  }

  // Why the fill should be stopped; empty: no reason, or asked for within the last minute.
  std::string check(Now now, const Pace& pace, FindingBook& book, Findings& out);
  Instant next_deadline(const Pace& pace) const;

  bool filling() const { return fill_.has_value(); }
  // An open lid, or one that was just closed, keeps it from going on.
  bool held_by_lid() const { return pause_ && (lid_open_ || lid_shut_ >= pause_->since); }
  // The fill brings something, as far as anybody can see. One in vain is no reason to look away.
  bool gaining(const Pace& pace) const;
  // Ordered, and the valve has not opened yet.
  bool pending() const { return fill_ordered_at_.has_value(); }
  // Filled so lately that the liquid still moves.
  bool settling(Now now, const Pace& pace) const;
  // Age of the last fill's end; zero while one goes on; empty when none is known.
  std::optional<Duration> since_fill(Now now) const;
  // The last attempts to fill it came to nothing, and not because the tank loses more than a fill
  // brings. That no fill came says so of a machine alone that does not tell what its valve does:
  // else the attempt itself is seen.
  bool failing(const FindingBook& book) const;
  // Rise of what ended last, a fill or a part of one; once.
  std::optional<Milli> take_rise();
  FillLimits limits() const { return limits_; }
  // Others from now on; what the machine tells stays as it was.
  void take_limits(Milli start, Milli stop, Milli high) {
    limits_.start = start;
    limits_.stop = stop;
    limits_.high = high;
  }
  // A fill began, or a part of one ended, since the last call: what this run knows of it is worth
  // keeping, for the next may go on with it.
  bool take_turn() { return std::exchange(turned_, false); }
  // The fill that goes on, or may go on; null: none.
  Json under_way() const;
  // Of an earlier run; the first word of the valve says whether it goes on. `what` names it in an
  // Error (corrupt).
  Status recall_under_way(std::string_view what, const Json& memory);
  FillRecord& record() { return record_; }
  const FillRecord& record() const { return record_; }

 private:
  struct Fill {
    Instant opened;
    Instant rose_at;
    std::optional<Milli> from;  // level when the valve opened
    std::optional<Milli> best;  // highest since
    int levels = 0;             // values since it opened
    Milli least{};              // of them
    Milli most{};
    bool full = false;  // it reached where fills end
    Duration held{};    // of closed openings of the lid, which holds the valve shut
    FillSlope slope;
    // What the parts before the last pause make, if it had one.
    Duration flowed{};
    std::optional<Milli> began;    // level when the first of them began
    std::optional<Milli> reached;  // highest of theirs
    Milli told{};                  // of the rise, to take_rise()
  };
  // A fill whose valve closed before it was full: it may go on.
  struct Pause {
    Fill fill;  // all of it so far
    Instant since;
    FillRecord before;  // the record without it
  };
  // What an earlier run knew of a fill.
  struct Kept {
    WallTime at;
    bool open = false;  // the valve, then
    Fill fill;          // its parts so far
    FillRecord before;
  };
  void take_up(Now now, bool open);
  void end_fill(Now now);
  Fill begin_fill(Now now);
  Instant may_go_on_until() const;
  Duration held_for(Now now) const;
  Duration flowed_for(Now now) const;
  std::optional<Milli> rise_so_far() const;
  void follow_closed(Now now, const Pace& pace);
  void follow_fill(Now now, Milli level, const Pace& pace);
  void follow_rise(Now now, const Pace& pace);
  void follow_low(Now now, const Pace& pace);
  bool is_lower_than_fills_begin(Now now, const Pace& pace) const;
  Milli good_rise(const Pace& pace) const;
  Duration still_limit(const Pace& pace) const;
  Duration flat_limit(const Pace& pace) const;
  bool is_flat(Now now, const Pace& pace) const;
  Duration usual_or(Duration fallback) const;
  Duration long_limit() const;
  Duration worse_limit() const;
  void check_open_fill(Now now, const Pace& pace, FindingBook& book, Findings& out);
  void check_stop(Now now, FindingBook& book, Findings& out);
  void check_closed(Now now, const Pace& pace, FindingBook& book, Findings& out);
  void check_leak(Now now, const Pace& pace, FindingBook& book, Findings& out);
  void check_missed(Now now, const Pace& pace, FindingBook& book, Findings& out);
  void check_often(Now now, FindingBook& book, Findings& out) const;
  std::string ask_stop(Now now, const FindingBook& book);
  // Where fills of this tank begin: as it was seen, else as the site says.
  Milli start_level() const;

  FillLimits limits_;
  FillRecord record_;
  std::optional<Fill> fill_;
  std::optional<Pause> pause_;
  std::optional<Kept> kept_;
  Now last_{};  // the valve or the level spoke
  bool turned_ = false;
  bool good_end_ = false;  // of the last fill, and nothing was made of it yet
  std::optional<bool> valve_open_;
  bool bypass_open_ = false;
  bool lid_open_ = false;
  std::optional<Milli> level_;
  std::optional<Instant> closed_at_;
  std::optional<Milli> lowest_closed_;  // since the valve closed
  std::optional<Instant> lowest_at_;
  std::optional<Milli> highest_closed_;  // since the lowest
  Instant rose_closed_at_{};             // it last rose to a new height
  std::optional<Instant> lid_at_;        // last time it was seen open
  Instant lid_opened_{};
  Instant lid_shut_{};
  std::optional<Instant> low_since_;
  std::optional<Instant> lower_since_;  // than where its fills begin, by what these differ by
  std::optional<Instant> fill_ordered_at_;
  std::optional<Instant> stop_ordered_at_;
  bool stop_overdue_ = false;
  std::optional<Instant> stop_asked_at_;
  std::optional<Instant> checked_at_;
  std::optional<Milli> last_rise_;
  std::deque<std::int64_t> last_three_;
  std::optional<Milli> smooth_;  // the level without its flutter
  std::optional<Milli> quick_;   // the same, sooner
};

}  // namespace cryobank::detect
