#include "service/alarms/room_air.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace cryobank::alarms {
namespace {

// A leak of 0.09 % a minute falls by a sensor's noise within three minutes, and was told as falling
// and as safe in turn: looked at for a quarter of an hour it is beyond doubt, and stays so as long.
constexpr Duration kLook = minutes(15);
constexpr Duration kEvery = seconds(10);
constexpr std::size_t kPastMost = 96;
constexpr Milli kFall{300};  // % within kLook: more than any sensor's noise
// An interlock shuts the inlet on oxygen as a rule; until the sensors of the record had time to see
// the same, it is believed.
constexpr Duration kSuspect = minutes(2);

constexpr std::string_view kUnknown = "oxygen unknown";
constexpr std::string_view kLow = "oxygen low";
constexpr std::string_view kFalls = "oxygen falls";
constexpr std::string_view kNotBack = "oxygen not yet back";
constexpr std::string_view kShut = "the interlock shut the inlet";

}  // namespace

void RoomAir::expect_instrument() {
  instrument_ = true;
  danger_ = kUnknown;
}

bool RoomAir::follow(Now now) {
  const std::string_view before = std::exchange(danger_, danger_at(now));
  return before != danger_;
}

bool RoomAir::observe(Now now, std::string_view meaning, Quality quality,
                      std::optional<Milli> value) {
  if (meaning != "oxygen-1" && meaning != "oxygen-2" && meaning != "inlet-closed") return false;
  take(now, meaning, quality, value);
  return follow(now);
}

void RoomAir::take(Now now, std::string_view meaning, Quality quality, std::optional<Milli> value) {
  if (meaning == "inlet-closed") {
    const bool closed = quality == Quality::good && value && value->v != 0;
    if (closed && !inlet_closed_) inlet_closed_at_ = now.mono;
    inlet_closed_ = closed;
    return;
  }
  instrument_ = true;
  read_ = read_ || quality != Quality::comm_lost;
  sensors_[meaning == "oxygen-1" ? 0 : 1] = quality == Quality::good ? value : std::nullopt;
  const auto seen = oxygen();
  if (!seen) return;
  while (!past_.empty() && now.mono - past_.front().at > kLook) past_.pop_front();
  if (!past_.empty() && now.mono - past_.back().at < kEvery) return;
  past_.push_back({now.mono, *seen});
  if (past_.size() > kPastMost) past_.pop_front();
}

bool RoomAir::lost(Now now) {
  read_ = true;
  sensors_ = {};
  past_.clear();
  return follow(now);
}

std::optional<Milli> RoomAir::oxygen() const {
  std::optional<Milli> worst;
  for (const auto& sensor : sensors_) {
    if (sensor && (!worst || *sensor < *worst)) worst = sensor;
  }
  return worst;
}

std::string_view RoomAir::danger_at(Now now) const {
  if (!instrument_) return {};
  const auto seen = oxygen();
  if (!seen) return kUnknown;
  if (*seen < warn_) return kLow;
  // It fell from the highest of them; what it rose by since the lowest after that says whether it
  // still does. Until it is back where it was nobody is sent in, whichever it is.
  Milli highest = *seen;
  Milli lowest = *seen;
  for (const Past& past : past_) {
    if (now.mono - past.at > kLook) continue;
    lowest = past.oxygen >= highest ? past.oxygen : std::min(lowest, past.oxygen);
    highest = std::max(highest, past.oxygen);
  }
  if (highest - *seen >= kFall) return *seen - lowest >= kFall ? kNotBack : kFalls;
  if (inlet_closed_ && inlet_closed_at_ && now.mono - *inlet_closed_at_ < kSuspect) return kShut;
  return {};
}

std::string RoomAir::keep_out(Now now) const {
  const std::string_view danger = danger_at(now);
  if (danger.empty() || danger == kUnknown) return std::string(danger);
  const std::string percent = cat(format_milli(*oxygen()), " %");
  if (danger == kLow) return cat("oxygen ", percent);
  if (danger == kFalls || danger == kNotBack) return cat(danger, ", ", percent);
  return cat(danger, ", oxygen ", percent);
}

}  // namespace cryobank::alarms
