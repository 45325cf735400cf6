#include "devices/detect/time_to_loss.hpp"

#include <algorithm>

namespace cryobank::detect {
namespace {

constexpr std::int64_t kDayS = 86'400;
constexpr std::int64_t kNeverS = 400 * kDayS;  // longer is no forecast
constexpr std::int64_t kWarn = -150'000;
constexpr std::int64_t kLoss = -130'000;
constexpr std::int64_t kColdest = -185'000;  // of the vapour over the last liquid
constexpr Milli kDry{10'000};                // mm: nothing is left that cools
constexpr Milli kUnknownFall = whole(30);    // mm a day of a tank that nothing was learned of
constexpr Milli kCommonFall = whole(14);     // and of most
constexpr std::int64_t kBad = 20;            // times the usual: the vacuum is gone

// Thousandths of Cel an hour at the usual evaporation, and at most.
struct Warming {
  std::int64_t per_times;
  std::int64_t most;
};
constexpr Warming kFastest{280, 52'000};
constexpr Warming kMiddle{230, 48'000};
constexpr Warming kSlowest{170, 44'000};
constexpr std::int64_t kSharedHour = 1'000;  // from -150 on, of a tank that ran dry (KI, 2023)

std::int64_t span_s(std::int64_t amount, std::int64_t per, std::int64_t per_s) {
  if (amount <= 0) return 0;
  if (per <= 0) return kNeverS;
  return std::min(kNeverS, amount * per_s / per);
}

std::int64_t warm_s(std::int64_t from, std::int64_t to, std::int64_t times_milli,
                    const Warming& warming) {
  const std::int64_t hour =
      std::min(warming.most, warming.per_times * std::max<std::int64_t>(1000, times_milli) / 1000);
  return span_s(to - from, hour, 3600);
}

bool is_dry(const TankNow& tank) { return !tank.level || *tank.level <= kDry; }

// How many times its usual a tank loses, in thousandths, for each answer. Nobody knows it of a tank
// without a usual that falls by more than any healthy one: low takes the worst.
struct Times {
  std::int64_t low;
  std::int64_t mid;
  std::int64_t high;
};

Times times_of(const TankNow& tank, std::int64_t falling) {
  if (tank.usual || falling <= kUnknownFall.v) {
    const Milli usual = tank.usual.value_or(kUnknownFall);
    const std::int64_t times = falling * 1000 / std::max<std::int64_t>(1, usual.v);
    return {times, times, times};
  }
  const std::int64_t worst = kFastest.most * 1000 / kFastest.per_times;
  return {std::max(worst, falling * 1000 / kUnknownFall.v), falling * 1000 / kCommonFall.v,
          falling * 1000 / kUnknownFall.v};
}

LossSpan liquid(const TankNow& tank, std::int64_t falling, std::int64_t target) {
  // Without liquid the top is what the contents have: beyond the target nothing is left.
  if (is_dry(tank) && tank.top && tank.top->v >= target) return {};
  const Times times = times_of(tank, falling);
  const std::int64_t from = std::clamp(tank.top.value_or(Milli{kColdest}).v, kColdest, target);
  LossSpan span;
  span.mid_s = span_s(tank.level->v, falling, kDayS);
  span.low_s = span.mid_s * 4 / 5;
  span.high_s = span.mid_s * 6 / 5;
  if (times.low < kBad * 1000) {
    // The vapour over a tank that runs dry may stand at -150 the moment it is empty.
    const std::int64_t hour = kSharedHour * std::max<std::int64_t>(1000, times.low) / 1000;
    span.low_s += span_s(target - std::max(from, kWarn), hour, 3600);
  } else {
    span.low_s += warm_s(from, target, times.low, kFastest);
  }
  span.mid_s += warm_s(from, target, times.mid, kMiddle);
  span.high_s += warm_s(from, target, times.high, kSlowest);
  span.low_s = std::min(span.low_s, span.mid_s);
  return span;
}

LossSpan rising(Milli top, Milli hour, std::int64_t target) {
  const std::int64_t mid = span_s(target - top.v, hour.v, 3600);
  return {mid * 7 / 10, mid, mid * 3 / 2};
}

}  // namespace

std::optional<TimeToLoss> time_to_loss(const TankNow& tank) {
  // Beyond the target nothing is left, whatever a level says.
  if (tank.top && tank.top->v >= kLoss && tank.unexplained) return TimeToLoss{};
  // What the top does already counts before what the liquid promises, once the liquid is gone or
  // the top is warm.
  const bool warm = tank.top && tank.top->v > -160'000;
  if (tank.top && tank.warming && (warm || is_dry(tank))) {
    return TimeToLoss{rising(*tank.top, *tank.warming, kWarn),
                      rising(*tank.top, *tank.warming, kLoss)};
  }
  if (!tank.level) {
    if (tank.top && tank.top->v >= kLoss) return TimeToLoss{};
    return std::nullopt;
  }
  const std::int64_t usual = std::max<std::int64_t>(1, tank.usual.value_or(kUnknownFall).v);
  const std::int64_t falling = std::max(usual, tank.falling.value_or(Milli{usual}).v);
  return TimeToLoss{liquid(tank, falling, kWarn), liquid(tank, falling, kLoss)};
}

Json to_json(const TimeToLoss& loss) {
  const auto span = [](const LossSpan& one) {
    return Json::object().set("low_s", one.low_s).set("mid_s", one.mid_s).set("high_s", one.high_s);
  };
  Json json = Json::object();
  json.set("to_150", span(loss.to_150)).set("to_130", span(loss.to_130));
  return json;
}

}  // namespace cryobank::detect
