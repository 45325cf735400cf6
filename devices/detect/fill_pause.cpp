// Where one fill is told in parts. A controller shuts its valve under an open lid, or for a moment
// of its own, and goes on when the lid is closed. Each part taken for a fill would teach that fills
// are short and begin where a lid was opened, and the tank would then be called for each whole one.
// With fills that begin at 127 mm and are full at 203:
//   time   valve    level  what it is taken for
//   09:00  opens    127    a fill begins
//   09:10  closes   158    below 203: on record as a fill of 10 min, which may go on; a lid is open
//   09:13  opens    158    the same fill: that record is taken back; whether the level rises is
//                          asked of this part alone
//   09:24  closes   203    on record as one fill of 21 min that began at 127
// What the service ordered to stop, and what did not go on in time, was a fill of its own. A
// restart is one more pause: the parts before it are kept.
#include <algorithm>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/detect/fill_watch.hpp"

namespace cryobank::detect {
namespace {

constexpr Duration kGoesOnWithin = minutes(10);  // of the lid's closing: through the gas bypass
constexpr Duration kPauseLongest = hours(1);     // however long the lid stays open

}  // namespace

FillWatch::Fill FillWatch::begin_fill(Now now) {
  Fill fill;
  if (pause_ && now.mono < may_go_on_until()) {
    const Fill& so_far = pause_->fill;
    fill.slope = so_far.slope;
    fill.flowed = so_far.flowed;
    fill.began = so_far.began;
    fill.reached = std::max(so_far.reached, so_far.best);
    fill.told = so_far.told;
    record_ = pause_->before;
    good_end_ = false;
  }
  pause_.reset();
  fill.opened = now.mono;
  fill.rose_at = now.mono;
  fill.from = smooth_;
  fill.best = level_;
  if (!fill.began) fill.began = fill.from;
  return fill;
}

Json FillWatch::under_way() const {
  if (!fill_ && !pause_) return {};
  const Fill& fill = fill_ ? *fill_ : pause_->fill;
  const auto highest = std::max(fill.reached, fill.best);
  const WallTime at = fill_ ? last_.wall : last_.wall - (last_.mono - pause_->since);
  const FillRecord& before = fill_ ? record_ : pause_->before;
  Json json = Json::object();
  json.set("at_ms", at.ms).set("open", fill_.has_value());
  json.set("flowed_s", (fill_ ? flowed_for(last_) : fill.flowed).seconds());
  if (fill.began) json.set("began", *fill.began);
  if (highest) json.set("reached", *highest);
  return json.set("told", fill.told).set("before", before.memory());
}

Status FillWatch::recall_under_way(std::string_view what, const Json& memory) {
  RowReader in(what, memory);
  Kept kept;
  kept.at = WallTime{in.number("at_ms")};
  kept.open = in.flag("open");
  kept.fill.flowed = seconds(in.number("flowed_s"));
  kept.fill.began = in.maybe_milli("began");
  kept.fill.reached = in.maybe_milli("reached");
  kept.fill.told = in.milli("told");
  const Json& before = in.object("before");
  TRY(in.end());
  TRY(kept.before.recall(cat(what, ", before"), before));
  kept_ = std::move(kept);
  return {};
}

// What stood open and stands open was open meanwhile. What began too long ago is over, whatever the
// valve says.
void FillWatch::take_up(Now now, bool open) {
  const Kept kept = *std::exchange(kept_, std::nullopt);
  const Duration away = now.wall - kept.at;
  if (away.ns < 0 || away >= kPauseLongest) return;
  Pause pause{kept.fill, now.mono, kept.before};
  if (kept.open && open) pause.fill.flowed = pause.fill.flowed + away;
  pause_ = std::move(pause);
}

Instant FillWatch::may_go_on_until() const {
  const Instant latest = pause_->since + kPauseLongest;
  if (lid_open_) return latest;
  return std::min(latest, std::max(pause_->since, lid_shut_) + kGoesOnWithin);
}

// How long the lid kept the open valve's liquid back.
Duration FillWatch::held_for(Now now) const {
  if (!lid_open_) return fill_->held;
  return fill_->held + (now.mono - std::max(lid_opened_, fill_->opened));
}

// How long liquid flowed in this fill, its parts together.
Duration FillWatch::flowed_for(Now now) const {
  return fill_->flowed + (now.mono - fill_->opened - held_for(now));
}

// By how much this fill raised the level, its parts together.
std::optional<Milli> FillWatch::rise_so_far() const {
  const auto highest = std::max(fill_->reached, fill_->best);
  if (!fill_->began || !highest) return std::nullopt;
  return *highest - *fill_->began;
}

}  // namespace cryobank::detect
