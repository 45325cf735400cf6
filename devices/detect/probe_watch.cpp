#include "devices/detect/probe_watch.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/detect/fill_record.hpp"

namespace cryobank::detect {
namespace {

constexpr std::int64_t kNoise = 6000;
constexpr Duration kLidHalf = minutes(70);  // of what a lid left; the simulator's fades with 90 min
// Longer than any work at an open lid: from then on the lid is what is wrong.
constexpr Duration kLidLongest = minutes(15);
constexpr Duration kUnusualFor = minutes(15);
constexpr std::array<std::int64_t, 6> kOvershoot = {16000, 9000, 6000, 4000, 3000, 2000};
constexpr Duration kOvershootStep = hours(2);
constexpr std::size_t kQuietSamples = 36;
constexpr std::size_t kQuietTopsLeast = 6;
constexpr Duration kQuietSampleEvery = minutes(10);

constexpr Milli kApart{10'000};
constexpr Duration kApartFor = minutes(10);

// Told within the hour that the study asks for: a value may come a minute or two after it froze.
constexpr Duration kFrozenFor = minutes(56);
constexpr std::int64_t kFrozenRun = 20;   // values
constexpr std::int64_t kFrozenTimes = 3;  // the longest run seen before
constexpr int kLively = 20;               // per cent of values that differ from the one before

constexpr Duration kCourseEvery = minutes(5);
constexpr Duration kCourseSpan = hours(1);
constexpr std::size_t kCourseMost = 16;
constexpr std::int64_t kWarming = 2'000;  // thousandths of Cel an hour: less is the weather

std::int64_t lid_rise(Duration open_for) {
  if (open_for <= seconds(30)) return 10'000;
  if (open_for <= minutes(2)) return 18'000;
  return open_for <= minutes(4) ? 25'000 : 28'000;  // the warmest seen: +30 (CryoPlus), +25 (MVE)
}

void keep(std::deque<std::int64_t>& values, std::int64_t value) {
  values.push_back(value);
  if (values.size() > kQuietSamples) values.pop_front();
}

std::string cel(Milli value) { return cat(format_milli(Milli{value.v / 100 * 100}), " Cel"); }

}  // namespace

bool TankContext::quiet() const {
  const Duration settled = kOvershootStep * static_cast<std::int64_t>(kOvershoot.size());
  // What a lid left must not become the usual.
  return !lid_open && !since_lid && (!since_fill || *since_fill >= settled);
}

std::int64_t lid_warmth(const TankContext& context) {
  if (context.lid_open) return lid_rise(context.lid_open_for);
  if (!context.since_lid) return 0;
  const std::int64_t half_s = kLidHalf.seconds();
  const std::int64_t since_s = context.since_lid->seconds();
  const std::int64_t left =
      lid_rise(context.lid_open_for) >> std::min<std::int64_t>(since_s / half_s, 32);
  return left - left * (since_s % half_s) / half_s / 2;
}

bool is_frozen(Now now, const Pace& pace) {
  if (!pace.was_lively(kLively) || !pace.run_since()) return false;
  const std::int64_t run = std::max(kFrozenRun, kFrozenTimes * pace.longest_run());
  return pace.run() >= run && now.mono - *pace.run_since() >= kFrozenFor;
}

void ProbeWatch::top(Now now, std::optional<Milli> value, const TankContext& context,
                     FindingBook& book, Findings& out) {
  top_ = value;
  judge_lid(now, context, book, out);
  if (!value) return top_pace_.interrupt();
  top_pace_.observe(now.mono, *value);
  follow(now);
  const bool frozen = is_frozen(now, top_pace_);
  book.set(now, "top-frozen", frozen ? 1 : 0,
           frozen ? cat("top probe shows ", cel(*value), " unchanged for ",
                        (now.mono - *top_pace_.run_since()).seconds() / 60, " min")
                  : std::string("it moves"),
           out);
  learn(now, context, book);
  compare(now, context, book, out);
  const auto expected = expected_top(context);
  if (!expected) return;
  if (*value <= expected->high) {
    unusual_since_.reset();
    unusual_values_ = 0;
    book.set(now, "temperature-unusual", 0, cat("top ", cel(*value)), out);
    return;
  }
  if (!unusual_since_) unusual_since_ = now.mono;
  // A value that comes every two hours must say it twice.
  if (++unusual_values_ < 2 || now.mono - *unusual_since_ < kUnusualFor) return;
  book.set(now, "temperature-unusual", 1,
           cat("top ", cel(*value), ", expected ", cel(expected->low), " to ", cel(expected->high),
               " just now"),
           out);
}

void ProbeWatch::bottom(Now now, std::optional<Milli> value, FindingBook& book, Findings& out) {
  bottom_ = value;
  if (!value) return bottom_pace_.interrupt();
  bottom_at_ = now.mono;
  bottom_pace_.observe(now.mono, *value);
  const bool frozen = is_frozen(now, bottom_pace_);
  book.set(now, "bottom-frozen", frozen ? 1 : 0,
           frozen ? cat("bottom probe shows ", cel(*value), " unchanged for ",
                        (now.mono - *bottom_pace_.run_since()).seconds() / 60, " min")
                  : std::string("it moves"),
           out);
}

void ProbeWatch::learn(Now now, const TankContext& context, const FindingBook& book) {
  if (!context.quiet() || now.mono - quiet_sampled_ < kQuietSampleEvery) return;
  if (book.stands("temperature-unusual") || book.stands("probes-disagree")) return;
  if (unusual_since_ || apart_since_) return;
  quiet_sampled_ = now.mono;
  keep(quiet_tops_, top_->v);
  if (const auto middle = median_of({quiet_tops_.begin(), quiet_tops_.end()}, kQuietTopsLeast)) {
    quiet_top_ = Milli{*middle};
  }
  if (!bottom_) return;
  keep(quiet_differences_, top_->v - bottom_->v);
  const auto apart =
      median_of({quiet_differences_.begin(), quiet_differences_.end()}, kQuietTopsLeast);
  if (apart) quiet_difference_ = Milli{*apart};
}

// Two probes of one tank that leave their usual difference: one of them lies, or the tank warms
// from one end. Both must be told.
void ProbeWatch::compare(Now now, const TankContext& context, FindingBook& book, Findings& out) {
  const Duration fresh = std::max(minutes(5), bottom_pace_.every() * 2);
  if (!bottom_ || !bottom_at_ || now.mono - *bottom_at_ > fresh || !quiet_difference_) return;
  Milli allowed = kApart + Milli{lid_warmth(context)};
  if (context.since_fill && *context.since_fill < kOvershootStep * 2) {
    allowed = allowed + Milli{kOvershoot[0]};
  }
  // Its liquid goes: the warmth is the tank's, and nobody should look for a probe.
  if (book.stands("level-falling-fast") || book.stands("weight-falling-fast") || context.dry) {
    apart_since_.reset();
    apart_values_ = 0;
    return;
  }
  const Milli off = (*top_ - *bottom_) - *quiet_difference_;
  if (magnitude(off) <= allowed) {
    apart_since_.reset();
    apart_values_ = 0;
    book.set(now, "probes-disagree", 0, "the probes agree", out);
    return;
  }
  if (!apart_since_) apart_since_ = now.mono;
  if (++apart_values_ < 2 || now.mono - *apart_since_ < kApartFor) return;
  book.set(now, "probes-disagree", 1,
           cat("PROBE SUSPECT: top ", cel(*top_), ", bottom ", cel(*bottom_),
               ", their usual difference is ", cel(*quiet_difference_)),
           out);
}

std::optional<ProbeWatch::Expected> ProbeWatch::expected_top(const TankContext& context) const {
  if (!quiet_top_) return std::nullopt;
  Expected expected{*quiet_top_ - Milli{kNoise},
                    *quiet_top_ + Milli{kNoise} + Milli{lid_warmth(context)}};
  if (context.since_fill) {
    const auto step =
        static_cast<std::size_t>(context.since_fill->seconds() / kOvershootStep.seconds());
    if (step < kOvershoot.size()) expected.low = expected.low - Milli{kOvershoot[step]};
  }
  return expected;
}

// A warm top is the lid's as long as a lid lately opened can have left so much: beyond that,
// without liquid below it, or under a lid that stays open, it is the tank's. Of a tank that nothing
// was learned of yet, what counts is how cold it was before its lid was opened.
void ProbeWatch::judge_lid(Now now, const TankContext& context, FindingBook& book, Findings& out) {
  const bool touched = context.lid_open || context.since_lid;
  if (!touched) before_lid_ = top_;
  const std::optional<Milli> cold = quiet_top_ ? quiet_top_ : before_lid_;
  const std::int64_t warmth = lid_warmth(context);
  const bool briefly = context.opened < kLidLongest;
  by_lid_ = touched && briefly && top_ && cold && !context.dry && *top_ > *cold + Milli{kNoise} &&
            *top_ <= *cold + Milli{kNoise + warmth};
  book.set(now, "lid-warmth", by_lid_ ? 1 : 0, "opened lids explain how warm its top is", out);
}

void ProbeWatch::follow(Now now) {
  while (!course_.empty() &&
         now.mono - course_.front().at > std::max(kCourseSpan, top_pace_.every() * 3)) {
    course_.pop_front();
  }
  if (!course_.empty() && now.mono - course_.back().at < kCourseEvery) return;
  course_.push_back({now.mono, top_->v});
  if (course_.size() > kCourseMost) course_.pop_front();
}

// Rising from one third of the time to the next: a lid makes one step, a loss goes on.
std::optional<Milli> ProbeWatch::warming() const {
  if (course_.size() < 3 || by_lid_) return std::nullopt;
  const Sample& first = course_.front();
  const Sample& middle = course_[course_.size() / 2];
  const Sample& last = course_.back();
  if (last.at - first.at < minutes(10)) return std::nullopt;
  if (middle.value <= first.value || last.value <= middle.value) return std::nullopt;
  const std::int64_t hour = (last.value - middle.value) * 3600 /
                            std::max<std::int64_t>(60, (last.at - middle.at).seconds());
  if (hour < kWarming) return std::nullopt;
  return Milli{hour};
}

Json ProbeWatch::memory() const {
  if (!quiet_top_) return {};
  return Json::object().set("quiet_top", *quiet_top_);
}

Status ProbeWatch::recall(std::string_view what, const Json& memory) {
  RowReader in(what, memory);
  const Milli quiet = in.milli("quiet_top");
  TRY(in.end());
  quiet_top_ = quiet;
  return {};
}

}  // namespace cryobank::detect
