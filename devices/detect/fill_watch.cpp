#include "devices/detect/fill_watch.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace cryobank::detect {
namespace {

constexpr Duration kStill = minutes(3);
// A level that shows nothing at all, not even its noise, is blind: told, and the fill stopped,
// before three minutes of liquid are in.
constexpr Duration kFlat = seconds(165);
constexpr Milli kRise{1000};      // mm: less is noise of any sensor
constexpr Milli kGoodRise{5000};  // mm
// Fills give 1.5 to 3 mm a minute; what a tank's own do is learned.
constexpr std::int64_t kSlowFlow = 1'500;   // thousandths of mm a minute
constexpr Duration kLongest = minutes(60);  // until the usual duration is learned
constexpr Duration kLongestMin = minutes(10);
constexpr Duration kLongestMax = hours(3);
constexpr Duration kAnswer = seconds(60);  // a valve follows its order by then
constexpr Duration kLowFor = minutes(15);  // below where fills begin, without one
// The same where it is known by how much nine fills differ: 0.1 false calls a year of 73 fills are
// four spreads of them.
constexpr std::int64_t kStartSpreads = 4;
constexpr Milli kLowerLeast{300};  // mm
constexpr Duration kLowerFor = minutes(5);
constexpr Duration kLidGone = minutes(15);  // what boils off under an open lid is no missed fill
constexpr Duration kLate = minutes(15);
constexpr Duration kAskAgain = minutes(1);
constexpr std::size_t kOftenRuns = 3;
constexpr std::int64_t kSmooth = 15;
constexpr std::int64_t kQuick = 5;
constexpr int kSlower = 12;  // per cent
constexpr int kSlowerEnds = 8;
constexpr Duration kOftenLeast = hours(1);  // between two fills: less is one fill in two parts

bool is_fine(const Pace& pace) { return pace.every() < minutes(10) && pace.step() < whole(3); }

std::string mm(std::optional<Milli> level) {
  return level ? cat(format_milli(Milli{level->v / 100 * 100}), " mm") : std::string("unknown");
}

}  // namespace

Milli FillWatch::good_rise(const Pace& pace) const {
  return std::max({kGoodRise, Milli{pace.step().v * 2}, Milli{pace.noise().v * 4}});
}

// How long a level may seem to stand still under an open valve: until the rise must be larger than
// step and noise together, at the rate this tank is known to fill with.
Duration FillWatch::still_limit(const Pace& pace) const {
  const std::int64_t rate =
      std::max(kSlowFlow / 2, record_.usual_rate().value_or(Milli{kSlowFlow}).v);
  const std::int64_t hidden = pace.step().v + 5 * pace.noise().v;
  Duration still = std::max(kStill, pace.every() * 2 + seconds(hidden * 60 / rate));
  // A level that comes each hour or two shows the rise of a whole fill at once.
  const Duration every = pace.every();
  if (every >= minutes(30)) still = std::max(still, every * 2 + usual_or(kLongest));
  return still;
}

// How long it may not move at all, not even by its noise.
Duration FillWatch::flat_limit(const Pace& pace) const {
  if (pace.every() >= minutes(2)) return still_limit(pace);
  return std::max(kFlat, seconds((pace.step().v + 1'000) * 60 / kSlowFlow));
}

bool FillWatch::is_flat(Now now, const Pace& pace) const {
  const std::int64_t moved = fill_->most.v - fill_->least.v;
  // Three noisy values of a rising level are alike now and then; five never were.
  const int least = pace.noise() > pace.step() ? 5 : 3;
  return fill_->levels >= least && moved < std::max<std::int64_t>(pace.step().v, 300) &&
         now.mono - fill_->rose_at >= flat_limit(pace);
}

Duration FillWatch::usual_or(Duration fallback) const {
  return record_.usual_duration().value_or(fallback);
}

Duration FillWatch::long_limit() const {
  const auto usual = record_.usual_duration();
  return usual ? std::clamp(*usual * 3 / 2, kLongestMin, kLongestMax) : kLongest;
}

Duration FillWatch::worse_limit() const {
  const auto usual = record_.usual_duration();
  return usual ? std::clamp(*usual * 2, kLongestMin * 2, kLongestMax) : kLongest * 2;
}

Milli FillWatch::start_level() const { return record_.usual_start().value_or(limits_.start); }

void FillWatch::valve(Now now, std::optional<bool> open) {
  if (!open) {
    valve_open_.reset();
    return;
  }
  last_ = now;
  if (kept_) take_up(now, *open);
  // A machine that never tells an end begins the next fill: the one before is over, if it brought
  // anything. One that brought nothing goes on being judged, however often it is begun anew.
  const bool brought =
      fill_ && fill_->from && fill_->best && *fill_->best - *fill_->from >= kGoodRise;
  if (*open && brought && !limits_.end_told && now.mono - fill_->opened >= kLongestMin) {
    end_fill(now);
  }
  if (*open && !fill_) {
    fill_ = begin_fill(now);
    turned_ = true;
    last_three_.clear();
    fill_ordered_at_.reset();
    lowest_closed_.reset();
  }
  if (!*open && fill_) end_fill(now);
  if (!*open) stop_ordered_at_.reset();
  valve_open_ = open;
}

void FillWatch::bypass(Now now, bool open) {
  if (bypass_open_ && !open && fill_) fill_->rose_at = now.mono;
  bypass_open_ = open;
}

// An open lid holds the valve shut: that time counts no more than the bypass does.
void FillWatch::lid(Now now, bool open) {
  if (lid_open_ && !open && fill_) {
    fill_->rose_at = now.mono;
    fill_->held = held_for(now);
  }
  if (open && !lid_open_) lid_opened_ = now.mono;
  if (!open && lid_open_) lid_shut_ = now.mono;
  lid_open_ = open;
  if (open) lid_at_ = now.mono;
}

void FillWatch::level(Now now, std::optional<Milli> level, const Pace& pace) {
  level_ = level;
  if (!level) return;
  last_ = now;
  // A fifteenth of the way to each new value, and the whole of it where values are rare.
  const bool rare = pace.every() >= minutes(5) || !smooth_ || fill_;
  smooth_ = rare ? *level : Milli{smooth_->v + (level->v - smooth_->v) / kSmooth};
  quick_ = rare || !quick_ ? *level : Milli{quick_->v + (level->v - quick_->v) / kQuick};
  last_three_.push_back(level->v);
  if (last_three_.size() > 3) last_three_.pop_front();
  if (fill_) {
    follow_fill(now, *level, pace);
  } else {
    follow_closed(now, pace);
  }
  follow_low(now, pace);
}

void FillWatch::follow_fill(Now now, Milli level, const Pace& pace) {
  fill_->least = fill_->levels == 0 ? level : std::min(fill_->least, level);
  fill_->most = fill_->levels == 0 ? level : std::max(fill_->most, level);
  ++fill_->levels;
  if (!lid_open_ && !bypass_open_) fill_->slope.add(flowed_for(now), level);
  if (!fill_->from) fill_->from = level;
  if (!fill_->began) fill_->began = fill_->from;
  // The middle of three, so that one high value does not hide the rise after it.
  std::vector<std::int64_t> three(last_three_.begin(), last_three_.end());
  const Milli shown = pace.every() >= minutes(5) ? level : Milli{middle_of(three)};
  const Milli step = std::max({kRise, Milli{pace.noise().v}});
  if (!fill_->best || shown >= *fill_->best + step) {
    fill_->best = shown;
    fill_->rose_at = now.mono;
  }
  const bool full = level >= limits_.stop - Milli{std::max(kRise.v, pace.step().v)};
  fill_->full =
      *fill_->best >= limits_.stop - std::max({kRise, pace.step(), Milli{pace.noise().v * 2}});
  const bool risen = *fill_->best - *fill_->from >= good_rise(pace);
  const bool rests = risen && now.mono - fill_->rose_at >= still_limit(pace);
  if (!limits_.end_told && fill_->levels > 1 && ((full && risen) || rests)) end_fill(now);
}

void FillWatch::follow_low(Now now, const Pace& pace) {
  // A coarse sensor shows its last step above the start for a long time, and then the one below.
  const Milli below{std::max({std::int64_t{300}, pace.step().v / 2, pace.noise().v * 6 / 10})};
  if (!fill_ && !pause_ && smooth_ && *smooth_ <= start_level() - below) {
    if (!low_since_) low_since_ = now.mono;
  } else {
    low_since_.reset();
  }
  if (is_lower_than_fills_begin(now, pace)) {
    if (!lower_since_) lower_since_ = now.mono;
  } else {
    lower_since_.reset();
  }
}

// A smoothed level is finer than the sensor's step, and says so by how alike the starts are.
bool FillWatch::is_lower_than_fills_begin(Now now, const Pace& pace) const {
  const auto spread = record_.start_spread();
  if (fill_ || pause_ || !smooth_ || !spread || !is_fine(pace)) return false;
  if (lid_open_ || (lid_at_ && now.mono - *lid_at_ < kLidGone)) return false;
  // Nine starts of a noisy level may be alike by luck; what seems noise below a step is the step.
  const std::int64_t noise = pace.noise() > pace.step() ? pace.noise().v * 6 / 10 : 0;
  const Milli below = std::max(
      {kLowerLeast, Milli{spread->v * kStartSpreads}, Milli{pace.step().v / 4}, Milli{noise}});
  return *smooth_ <= start_level() - below;
}

void FillWatch::end_fill(Now now) {
  turned_ = true;
  Fill fill = *fill_;
  fill.flowed = flowed_for(now);
  const auto rise = rise_so_far();
  fill_.reset();
  if (!limits_.end_told) valve_open_.reset();
  closed_at_ = now.mono;
  smooth_ = level_;
  quick_ = level_;
  lowest_closed_.reset();  // where it would rise from if the valve leaks: begun by what comes next
  last_three_.clear();
  if (limits_.end_told && !fill.full && !stop_ordered_at_) pause_ = Pause{fill, now.mono, record_};
  if (!rise || *rise < kGoodRise) return;
  good_end_ = true;
  if (*rise > fill.told) last_rise_ = *rise - fill.told;
  if (pause_) pause_->fill.told = std::max(*rise, fill.told);
  record_.add(now.wall, limits_.end_told ? std::optional(fill.flowed) : std::nullopt, *fill.began,
              *rise, fill.slope.per_minute());
}

std::string FillWatch::check(Now now, const Pace& pace, FindingBook& book, Findings& out) {
  checked_at_ = now.mono;
  if (fill_) {
    check_open_fill(now, pace, book, out);
    check_stop(now, book, out);
  } else {
    check_closed(now, pace, book, out);
  }
  check_missed(now, pace, book, out);
  return fill_ ? ask_stop(now, book) : std::string();
}

void FillWatch::check_open_fill(Now now, const Pace& pace, FindingBook& book, Findings& out) {
  const Duration open_for = flowed_for(now);
  const Duration still_for = now.mono - fill_->rose_at;
  const bool risen = fill_->from && fill_->best && *fill_->best - *fill_->from >= good_rise(pace);
  const bool full = level_ && *level_ >= limits_.stop - Milli{std::max(kRise.v, pace.step().v)};
  const Duration still = still_limit(pace);
  // A fill whose end nobody tells stands still because it is over.
  const bool still_now = still_for >= still || is_flat(now, pace);
  if (!bypass_open_ && !lid_open_ && still_now && !(full && !limits_.end_told)) {
    book.set(now, "fill-not-rising", 1,
             cat("fill valve open for ", open_for.seconds() / 60, " min, level ", mm(level_),
                 " not rising for ", still_for.seconds() / 60, " min"),
             out);
  } else if (risen) {
    book.set(now, "fill-not-rising", 0, cat("level rises, ", mm(level_)), out);
  }
  if (limits_.end_told) {
    const Duration warn = long_limit();
    const int stage = open_for >= worse_limit() ? 2 : open_for >= warn ? 1 : 0;
    if (stage > book.stage("fill-too-long")) {
      book.set(now, "fill-too-long", stage,
               cat("filling for ", open_for.seconds() / 60, " min, expected at most ",
                   warn.seconds() / 60, " min, level ", mm(level_)),
               out);
    }
  }
  if (level_ && *level_ >= limits_.high) {
    book.set(now, "high-level-while-filling", 1,
             cat("level ", mm(level_), " is above ", mm(limits_.high), " and the valve is open"),
             out);
  }
}

void FillWatch::check_stop(Now now, FindingBook& book, Findings& out) {
  if (!stop_ordered_at_ || now.mono - *stop_ordered_at_ < kAnswer) return;
  stop_overdue_ = true;
  book.set(now, "valve-stuck-open", 1,
           cat("stop was ordered ", (now.mono - *stop_ordered_at_).seconds(),
               " s ago and the fill valve still reads open, level ", mm(level_)),
           out);
}

void FillWatch::check_closed(Now now, const Pace& pace, FindingBook& book, Findings& out) {
  if (pause_ && now.mono >= may_go_on_until()) pause_.reset();
  if (good_end_ && !pause_) {
    good_end_ = false;
    book.set(now, "fill-not-rising", 0, "a good fill ended", out);
    book.set(now, "fill-too-long", 0, "a good fill ended", out);
    check_often(now, book, out);
  }
  if (level_ && *level_ < limits_.high - kRise) {
    book.set(now, "high-level-while-filling", 0, cat("level ", mm(level_)), out);
  }
  if (fill_ordered_at_ && now.mono - *fill_ordered_at_ >= kAnswer) {
    fill_ordered_at_.reset();
    book.set(now, "fill-not-started", 1,
             cat("a fill was ordered and the valve did not open within ", kAnswer.seconds(), " s"),
             out);
  }
  check_leak(now, pace, book, out);
}

void FillWatch::check_missed(Now now, const Pace& pace, FindingBook& book, Findings& out) {
  if (fill_) {
    book.set(now, "fill-not-started", 0, "the valve opened", out);
    if (const auto rise = rise_so_far(); rise && *rise >= good_rise(pace)) {
      book.set(now, "fill-missed", 0, "it is filling", out);
    }
    return;
  }
  if (pause_) return;
  const Duration low_for =
      std::max(kLowFor, pace.every() >= minutes(10) ? pace.every() * 2 : Duration{});
  const bool lower = lower_since_ && now.mono - *lower_since_ >= kLowerFor;
  if (lower || (low_since_ && now.mono - *low_since_ >= low_for)) {
    const Instant since = lower ? *lower_since_ : *low_since_;
    return book.set(
        now, "fill-missed", 1,
        cat("level ", mm(smooth_), " is below ", mm(start_level()), " where fills begin, for ",
            (now.mono - since).seconds() / 60, " min, and no fill came"),
        out);
  }
  const auto usual = record_.usual_interval();
  const auto last = record_.last_end();
  // A tank whose level is known to stand above where fills begin needs none yet; a fine sensor was
  // asked above already.
  const bool needed = !level_ || (!is_fine(pace) && *level_ <= start_level());
  if (usual && last && needed) {
    const Duration waited = now.wall - *last;
    // A level that is seen, if only in steps, says itself when it is too low: patience then.
    const Duration late = level_ ? *usual * 3 / 2 : *usual * 5 / 4;
    const Duration limit = std::max({late, *usual + kLate, *usual + pace.every() * 2});
    if (waited > limit) {
      return book.set(now, "fill-missed", 1,
                      cat("last fill ", waited.seconds() / 3600, " h ago, usually every ",
                          usual->seconds() / 3600, " h, level ", mm(level_)),
                      out);
    }
  }
  if (level_ && *level_ > start_level()) {
    book.set(now, "fill-missed", 0, cat("level ", mm(level_)), out);
  }
}

// Fills that come twice as often as usual, time and again: it loses twice as much. Fills that rise
// slower from one to the next: the supply's pressure, or ice in the line.
void FillWatch::check_often(Now now, FindingBook& book, Findings& out) const {
  if (const auto slowing = record_.slowing()) {
    const bool begins = slowing->sure && slowing->percent >= kSlower;
    const bool slow = begins || (book.stands("fill-slower") && slowing->percent >= kSlowerEnds);
    book.set(now, "fill-slower", slow ? 1 : 0,
             cat("fills rise by ", slowing->percent, " % slower than nine fills ago"), out);
  }
  const auto usual = record_.usual_interval();
  const auto lately = record_.longest_of_last(kOftenRuns);
  if (!usual || !lately || *usual < kOftenLeast * 2) return;
  if (*lately * 2 < *usual && *lately >= kOftenLeast / 2) {
    book.set(now, "fill-too-often", 1,
             cat("the last ", kOftenRuns, " fills came within ", lately->seconds() / 3600,
                 " h of each other, usually ", usual->seconds() / 3600, " h"),
             out);
  } else if (*lately * 3 >= *usual * 2) {
    book.set(now, "fill-too-often", 0, "fills come as usual", out);
  }
}

std::string FillWatch::ask_stop(Now now, const FindingBook& book) {
  if (stop_asked_at_ && now.mono - *stop_asked_at_ < kAskAgain) return {};
  for (const char* const condition :
       {"fill-not-rising", "fill-too-long", "high-level-while-filling"}) {
    if (!book.stands(condition)) continue;
    stop_asked_at_ = now.mono;
    return cat(condition, ": the fill must end");
  }
  return {};
}

Instant FillWatch::next_deadline(const Pace& pace) const {
  const Instant last = checked_at_.value_or(Instant{});
  Instant next = kNever;
  const auto look = [&](Instant at) {
    if (at > last) next = std::min(next, at);
  };
  if (fill_ordered_at_ && !fill_) look(*fill_ordered_at_ + kAnswer);
  if (pause_) look(may_go_on_until());
  if (!fill_) return next;
  if (!bypass_open_ && !lid_open_) {
    look(fill_->rose_at + flat_limit(pace));
    look(fill_->rose_at + still_limit(pace));
  }
  if (limits_.end_told) {
    const Instant flowing_from = last - flowed_for({last, {}});
    look(flowing_from + long_limit());
    look(flowing_from + worse_limit());
  }
  if (stop_ordered_at_ && !stop_overdue_) look(*stop_ordered_at_ + kAnswer);
  if (stop_asked_at_) look(*stop_asked_at_ + kAskAgain);
  return next;
}

}  // namespace cryobank::detect
