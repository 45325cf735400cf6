#include "devices/plant/fill_watch.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace cryobank::devices {
namespace {

constexpr Duration kNotRising = minutes(3);
constexpr Milli kRise{1000};                // mm: less is noise of the sensor
constexpr Milli kGoodRise{5000};            // mm: one step of a coarse sensor
constexpr Duration kLongest = minutes(60);  // until the usual duration is learned
constexpr Duration kLongestMin = minutes(10);
constexpr Duration kLongestMax = hours(3);
constexpr Duration kSettling = hours(4);   // after a fill, for the evaporation
constexpr Duration kAnswer = seconds(60);  // a valve follows its order by then
constexpr Milli kStuckRise{10000};         // mm above the level at closing
constexpr Duration kLowFor = minutes(30);  // below the start level without a fill
constexpr Duration kLate = minutes(15);
constexpr Duration kAskAgain = minutes(1);

std::string mm(std::optional<Milli> level) {
  return level ? cat(format_milli(*level), " mm") : std::string("unknown");
}

}  // namespace

FillWatch::FillWatch(std::string freezer, FillLimits limits)
    : freezer_(std::move(freezer)), limits_(limits) {}

void FillWatch::valve(Now now, std::optional<bool> open) {
  if (!open) {
    valve_open_.reset();
    return;
  }
  if (*open && !fill_) {
    fill_ = Fill{now.mono, now.mono, level_, level_};
    fill_ordered_at_.reset();
    level_at_close_.reset();
  }
  if (!*open && fill_) end_fill(now);
  if (!*open) stop_ordered_at_.reset();
  valve_open_ = open;
}

void FillWatch::bypass(Now now, bool open) {
  if (bypass_open_ && !open && fill_) fill_->rose_at = now.mono;
  bypass_open_ = open;
}

void FillWatch::level(Now now, std::optional<Milli> level) {
  level_ = level;
  if (!level) return;
  if (fill_) {
    if (!fill_->from) fill_->from = level;
    if (!fill_->best || *level >= *fill_->best + kRise) {
      fill_->best = level;
      fill_->rose_at = now.mono;
    }
  } else if (level_at_close_ ? *level < *level_at_close_ : valve_open_ == false) {
    level_at_close_ = level;  // it falls by itself: what counts is a rise above the lowest
  }
  if (*level < limits_.start - kGoodRise && !fill_) {
    if (!low_since_) low_since_ = now.mono;
  } else {
    low_since_.reset();
  }
}

void FillWatch::end_fill(Now now) {
  const Fill fill = *fill_;
  fill_.reset();
  closed_at_ = now.mono;
  level_at_close_ = level_;
  if (!fill.from || !fill.best) return;
  const Milli rise = *fill.best - *fill.from;
  if (rise < kGoodRise) return;
  last_rise_ = rise;
  record_.add(now.wall, now.mono - fill.opened);
}

Duration FillWatch::longest() const {
  const auto usual = record_.usual_duration();
  if (!usual) return kLongest;
  return std::clamp(*usual * 3 / 2, kLongestMin, kLongestMax);
}

void FillWatch::check(Now now, ConditionBook& book, ModelOutputs out) {
  if (fill_) {
    check_open_fill(now, book, out);
  } else {
    check_closed(now, book, out);
  }
  check_missed(now, book, out);
}

void FillWatch::check_open_fill(Now now, ConditionBook& book, ModelOutputs out) {
  auto& told = out.conditions;
  const Duration open_for = now.mono - fill_->opened;
  const Duration still_for = now.mono - fill_->rose_at;
  if (!bypass_open_ && still_for >= kNotRising) {
    book.set("fill-not-rising", true,
             cat("fill valve open for ", open_for.seconds(), " s, level ", mm(level_),
                 " not rising for ", still_for.seconds(), " s"),
             told);
  } else if (fill_->from && fill_->best && *fill_->best - *fill_->from >= kGoodRise) {
    book.set("fill-not-rising", false, cat("level rises, ", mm(level_)), told);
  }
  if (open_for >= longest()) {
    book.set("fill-too-long", true,
             cat("filling for ", open_for.seconds() / 60, " min, expected at most ",
                 longest().seconds() / 60, " min, level ", mm(level_)),
             told);
  }
  if (level_ && *level_ >= limits_.high) {
    book.set("high-level-while-filling", true,
             cat("level ", mm(level_), " is above ", mm(limits_.high), " and the valve is open"),
             told);
  }
  if (stop_ordered_at_ && now.mono - *stop_ordered_at_ >= kAnswer) {
    stop_overdue_ = true;
    book.set("valve-stuck-open", true,
             cat("stop was ordered ", (now.mono - *stop_ordered_at_).seconds(),
                 " s ago and the fill valve still reads open, level ", mm(level_)),
             told);
  }
  for (const char* const condition :
       {"fill-not-rising", "fill-too-long", "high-level-while-filling"}) {
    if (book.active(condition)) return ask_stop(now, cat(condition, ": the fill must end"), out);
  }
}

void FillWatch::check_closed(Now now, ConditionBook& book, ModelOutputs out) {
  auto& told = out.conditions;
  if (last_rise_) {
    book.set("fill-not-rising", false, "a good fill ended", told);
    book.set("fill-too-long", false, "a good fill ended", told);
  }
  if (level_ && *level_ < limits_.high - kRise) {
    book.set("high-level-while-filling", false, cat("level ", mm(level_)), told);
  }
  if (fill_ordered_at_ && now.mono - *fill_ordered_at_ >= kAnswer) {
    fill_ordered_at_.reset();
    book.set("fill-not-started", true,
             cat("a fill was ordered and the valve did not open within ", kAnswer.seconds(), " s"),
             told);
  }
  if (valve_open_ != false || !level_ || !level_at_close_) return;
  const Milli rise = *level_ - *level_at_close_;
  if (rise >= kStuckRise && *level_ > limits_.stop) {
    book.set("valve-stuck-open", true,
             cat("the fill valve reads closed and the level rose by ", format_milli(rise), " to ",
                 mm(level_), ", above the stop level ", mm(limits_.stop)),
             told);
  } else if (rise < kGoodRise) {
    book.set("valve-stuck-open", false, cat("level ", mm(level_), " no longer rises"), told);
  }
}

void FillWatch::check_missed(Now now, ConditionBook& book, ModelOutputs out) {
  if (fill_) {
    book.set("fill-not-started", false, "the valve opened", out.conditions);
    if (fill_->from && fill_->best && *fill_->best - *fill_->from >= kGoodRise) {
      book.set("fill-missed", false, "it is filling", out.conditions);
    }
    return;
  }
  const bool low = low_since_ && now.mono - *low_since_ >= kLowFor;
  if (low) {
    return book.set("fill-missed", true,
                    cat("level ", mm(level_), " is below the start level ", mm(limits_.start),
                        " for ", (now.mono - *low_since_).seconds() / 60, " min and no fill came"),
                    out.conditions);
  }
  const auto usual = record_.usual_interval();
  const auto last = record_.last_end();
  // A tank that still holds more than a tenth above its start level needs no fill yet.
  const Milli needed = limits_.start + Milli{(limits_.stop - limits_.start).v / 10};
  if (usual && last && (!level_ || *level_ <= needed)) {
    const Duration waited = now.wall - *last;
    const Duration limit = std::max(*usual * 5 / 4, *usual + kLate);
    if (waited > limit) {
      return book.set("fill-missed", true,
                      cat("last fill ", waited.seconds() / 3600, " h ago, usually every ",
                          usual->seconds() / 3600, " h, level ", mm(level_)),
                      out.conditions);
    }
  }
  if (level_ && *level_ > limits_.start) {
    book.set("fill-missed", false, cat("level ", mm(level_)), out.conditions);
  }
}

void FillWatch::ask_stop(Now now, std::string reason, ModelOutputs out) {
  if (stop_asked_at_ && now.mono - *stop_asked_at_ < kAskAgain) return;
  stop_asked_at_ = now.mono;
  Json body = Json::object();
  body.set("device", freezer_);
  out.acts.push_back({"device/stop-fill", std::move(body), std::move(reason)});
}

Instant FillWatch::next_deadline() const {
  Instant next = kNever;
  if (fill_) {
    const Instant floor = stop_asked_at_ ? *stop_asked_at_ + kAskAgain : Instant{};
    const Instant rising = bypass_open_ ? kNever : fill_->rose_at + kNotRising;
    next = std::max(std::min(rising, fill_->opened + longest()), floor);
    if (stop_ordered_at_ && !stop_overdue_)
      next = std::min(next, std::max(*stop_ordered_at_ + kAnswer, floor));
  } else if (fill_ordered_at_) {
    next = *fill_ordered_at_ + kAnswer;
  }
  return next;
}

bool FillWatch::quiet(Now now) const {
  return !fill_ && (!closed_at_ || now.mono - *closed_at_ >= kSettling);
}

std::optional<Duration> FillWatch::since_fill(Now now) const {
  if (fill_) return Duration{};
  if (closed_at_) return now.mono - *closed_at_;
  const auto last = record_.last_end();
  if (!last || now.wall < *last) return std::nullopt;
  return now.wall - *last;
}

bool FillWatch::failing(const ConditionBook& book) const {
  return book.active("fill-not-rising") || book.active("fill-too-long") ||
         book.active("fill-missed");
}

std::optional<Milli> FillWatch::take_rise() { return std::exchange(last_rise_, std::nullopt); }

}  // namespace cryobank::devices
