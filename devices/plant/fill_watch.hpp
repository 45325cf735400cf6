// FillWatch: follows the fills of one freezer and says what is wrong with them. A level that does
// not rise during three minutes of open valve stops the fill (a bent level tube overflowed a tank
// for so long that six people died: Foundation Food, 2021); a fill far longer than usual, or one
// above the high level, is stopped as well. Time with the gas bypass open does not count: warm gas
// is blown off before liquid comes.
// Conditions: fill-not-rising, fill-too-long, high-level-while-filling, valve-stuck-open,
// fill-missed, fill-not-started.
#pragma once

#include <optional>
#include <string>

#include "base/time.hpp"
#include "base/units.hpp"
#include "devices/plant/condition_book.hpp"
#include "devices/plant/fill_record.hpp"

namespace cryobank::devices {

struct FillLimits {  // mm
  Milli start{};     // the controller starts a fill here
  Milli stop{};      // and stops it here
  Milli high{};      // above: too full
};

class FillWatch {
 public:
  // `freezer` is the device id, for acts.
  FillWatch(std::string freezer, FillLimits limits);

  // Empty: the point gives no value now.
  void valve(Now now, std::optional<bool> open);
  void bypass(Now now, bool open);
  void level(Now now, std::optional<Milli> level);
  // A fill, or its end, was ordered by the service.
  void fill_ordered(Now now) { fill_ordered_at_ = now.mono; }
  void stop_ordered(Now now) {
    stop_ordered_at_ = now.mono;
    stop_overdue_ = false;
  }

  void check(Now now, ConditionBook& book, ModelOutputs out);
  Instant next_deadline() const;

  bool filling() const { return fill_.has_value(); }
  // Ordered, and the valve has not opened yet.
  bool pending() const { return fill_ordered_at_.has_value(); }
  // No fill now, and none so lately that the level still settles.
  bool quiet(Now now) const;
  // Age of the last fill's end; empty when none is known.
  std::optional<Duration> since_fill(Now now) const;
  // The last attempts to fill it came to nothing.
  bool failing(const ConditionBook& book) const;
  // Rise of the last ended fill, once.
  std::optional<Milli> take_rise();
  FillLimits limits() const { return limits_; }
  FillRecord& record() { return record_; }
  const FillRecord& record() const { return record_; }

 private:
  struct Fill {
    Instant opened;
    Instant rose_at;
    std::optional<Milli> from;  // level when the valve opened
    std::optional<Milli> best;  // highest since
  };

  void end_fill(Now now);
  Duration longest() const;
  void check_open_fill(Now now, ConditionBook& book, ModelOutputs out);
  void check_closed(Now now, ConditionBook& book, ModelOutputs out);
  void check_missed(Now now, ConditionBook& book, ModelOutputs out);
  void ask_stop(Now now, std::string reason, ModelOutputs out);

  std::string freezer_;
  FillLimits limits_;
  FillRecord record_;
  std::optional<Fill> fill_;
  std::optional<bool> valve_open_;
  bool bypass_open_ = false;
  std::optional<Milli> level_;
  std::optional<Instant> closed_at_;
  std::optional<Milli> level_at_close_;
  std::optional<Instant> low_since_;
  std::optional<Instant> fill_ordered_at_;
  std::optional<Instant> stop_ordered_at_;
  bool stop_overdue_ = false;  // told; nothing more comes due because of it
  std::optional<Instant> stop_asked_at_;
  std::optional<Milli> last_rise_;
};

}  // namespace cryobank::devices
