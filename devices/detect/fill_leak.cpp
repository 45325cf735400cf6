// A valve that reads closed and lets liquid through.
#include <algorithm>

#include "base/text.hpp"
#include "devices/detect/fill_watch.hpp"

namespace cryobank::detect {
namespace {

constexpr Milli kStuckRise{10000};           // mm above the lowest level since the valve closed
constexpr Duration kStuckFor = minutes(2);   // and for so long: a splash is shorter
constexpr Duration kLidClear = minutes(15);  // a person who pours has the lid open
// What rose and stands below where fills end for so long was poured in, or the leak is over.
constexpr Duration kLeakOver = minutes(30);
constexpr Milli kLeakStep{1000};

std::string tenths(Milli value) { return format_milli(Milli{value.v / 100 * 100}); }

}  // namespace

// It falls by itself while the valve is closed: what counts is a rise above the lowest.
void FillWatch::follow_closed(Now now, const Pace& pace) {
  if (lowest_closed_ && *quick_ >= *lowest_closed_) return follow_rise(now, pace);
  if (!lowest_closed_ && pace.every() < minutes(5)) {
    if (last_three_.size() < 3) return;
    std::vector<std::int64_t> three(last_three_.begin(), last_three_.end());
    quick_ = Milli{middle_of(three)};  // no outlier to begin with
    smooth_ = quick_;
  }
  lowest_closed_ = quick_;
  lowest_at_ = now.mono;
  highest_closed_ = quick_;
  rose_closed_at_ = now.mono;
}

void FillWatch::follow_rise(Now now, const Pace& pace) {
  const Milli step = std::max({kLeakStep, pace.step(), Milli{pace.noise().v}});
  if (highest_closed_ && *quick_ < *highest_closed_ + step) return;
  highest_closed_ = quick_;
  rose_closed_at_ = now.mono;
}

void FillWatch::check_leak(Now now, const Pace& pace, FindingBook& book, Findings& out) {
  if (valve_open_ != false || !quick_ || !lowest_closed_) return;
  const Milli rise = *quick_ - *lowest_closed_;
  const Milli stuck = std::max({kStuckRise, Milli{pace.step().v * 3}, Milli{pace.noise().v * 4}});
  const bool poured = lid_at_ && now.mono - *lid_at_ < kLidClear;
  const bool lasts = lowest_at_ && now.mono - *lowest_at_ >= kStuckFor;
  const bool over = *quick_ <= limits_.stop &&
                    now.mono - rose_closed_at_ >= std::max(kLeakOver, pace.every() * 3);
  if (rise >= stuck && lasts && !over && (!poured || *quick_ > limits_.stop)) {
    book.set(now, "valve-stuck-open", 1,
             cat("the fill valve reads closed and the level rose by ", tenths(rise), " to ",
                 tenths(*quick_), " mm"),
             out);
  } else if (rise.v < stuck.v / 2 || over) {
    book.set(now, "valve-stuck-open", 0, cat("level ", tenths(*quick_), " mm no longer rises"),
             out);
    if (rise.v < stuck.v / 2) return;
    lowest_closed_ = quick_;
    lowest_at_ = now.mono;
  } else if (poured) {  // what a person poured in is where it now falls from
    lowest_closed_ = quick_;
    lowest_at_ = now.mono;
  }
}

}  // namespace cryobank::detect
