#include "devices/simulator/tank.hpp"

#include <algorithm>

#include "base/row_reader.hpp"

namespace cryobank::simulator {

namespace {

constexpr std::int64_t kDegree = 1'000'000;      // micro-degrees
constexpr std::int64_t kBoiling = -195'800'000;  // LN2 at 1 bar
constexpr std::int64_t kAmbient = 20 * kDegree;
constexpr std::int64_t kChillMost = -15 * kDegree;  // CryoPlus: -151 after fills against -136
constexpr std::int64_t kChillGrowS = 600;
constexpr std::int64_t kChillFadeS = 12'000;     // -144 after 2-4 h, -138 after 8-10 h
constexpr std::int64_t kLidMost = 28 * kDegree;  // warmest seen: +30 (CryoPlus), +25 (MVE)
constexpr std::int64_t kLidGrowS = 120;
constexpr std::int64_t kWarmGasMost = 40 * kDegree;
constexpr std::int64_t kWarmGasGrowS = 900;
constexpr std::int64_t kWarmthFadeS = 5'400;
constexpr std::int64_t kTankRestS = 10'800;    // vapour follows level and heat leak
constexpr std::int64_t kCoolS = 1'200;         // tray after liquid came back
constexpr std::int64_t kDryS = 40 * 86'400;    // -170 to -150 in four days, lid shut
constexpr std::int64_t kBreachHeat = 220'000;  // 48 degrees an hour
constexpr std::int64_t kBreachDrainS = 30;     // dry within three minutes
constexpr std::int64_t kGradientShare = 8;     // see top_at_rest
constexpr std::int64_t kGradientHeatMost = 50'000;
constexpr std::int64_t kLidBoil = 5;
constexpr std::int64_t kFlashPerMille = 100;  // of the liquid that comes, lost to gas
constexpr std::int64_t kCapacityAboveStopMm = 400;

void relax(std::int64_t& value, std::int64_t target, std::int64_t dt_s, std::int64_t tau_s) {
  value += (target - value) * std::min(dt_s, tau_s) / tau_s;
}

}  // namespace

Tank::Tank(Milli start_mm, Milli stop_mm, Prng& prng)
    : start_mm_(start_mm.v / 1000),
      nl_per_mm_(prng.between(700, 800) * (kNanolitres / 1000)),
      capacity_nl_((stop_mm.v / 1000 + kCapacityAboveStopMm) * nl_per_mm_),
      boil_nl_day_(prng.between(70, 150) * nl_per_mm_ / 10),
      top_base_(prng.between(-178'500, -173'500) * 1000),
      top_slope_(-prng.between(20'000, 45'000)),
      bottom_base_(prng.between(-195'300, -194'600) * 1000),
      volume_nl_(prng.between(start_mm.v + 5'000, std::max(start_mm.v + 5'000, stop_mm.v)) *
                 (nl_per_mm_ / 1000)),
      top_rest_(0),
      bottom_(0) {
  top_rest_ = top_at_rest(1000);
  bottom_ = bottom_at_rest();
}

Milli Tank::level() const { return {volume_nl_ / (nl_per_mm_ / 1000)}; }

Milli Tank::top() const {
  const std::int64_t value = std::clamp(top_rest_ + chill_ + warmth_, kBoiling, kAmbient);
  return {value / 1000};
}

Milli Tank::bottom() const { return {bottom_ / 1000}; }

void Tank::set_level(Milli mm) {
  volume_nl_ = std::clamp<std::int64_t>(mm.v * (nl_per_mm_ / 1000), 0, capacity_nl_);
}

// Fuller tanks wet more of the wall: +-10 % about the fill start.
std::int64_t Tank::boil_off(const TankConditions& conditions) const {
  const std::int64_t level_mm = volume_nl_ / nl_per_mm_;
  const std::int64_t shape = 950 + std::min<std::int64_t>(level_mm, 2 * start_mm_) * 50 / start_mm_;
  std::int64_t nl_s = boil_nl_day_ / 86'400 * shape / 1000 * conditions.heat_per_mille / 1000;
  if (conditions.lid_open) nl_s *= kLidBoil;
  return nl_s * conditions.dt_s;
}

// The vapour column's gradient grows with the heat that flows through it: at 20 times the leak it
// is about 3.4 times as steep, which passes -150 within hours (PMC10815-019-01597-5).
std::int64_t Tank::top_at_rest(std::int64_t heat_per_mille) const {
  const std::int64_t level_mm = volume_nl_ / nl_per_mm_;
  std::int64_t gradient = top_base_ + top_slope_ * (level_mm - start_mm_) - kBoiling;
  const std::int64_t low_mm = std::max<std::int64_t>(0, 40 - level_mm);
  gradient = std::max(gradient, 3 * kDegree) + low_mm * kDegree / 5;
  const std::int64_t extra = std::clamp<std::int64_t>(heat_per_mille - 1000, 0, kGradientHeatMost);
  return std::min(kBoiling + gradient + gradient / 1000 * extra / kGradientShare, kAmbient);
}

std::int64_t Tank::bottom_at_rest() const {
  const std::int64_t level_mm = volume_nl_ / nl_per_mm_;
  return bottom_base_ + std::max<std::int64_t>(0, 30 - level_mm) * kDegree / 10;
}

std::int64_t Tank::step(const TankConditions& conditions) {
  std::int64_t gas = 0;
  const std::int64_t inflow = conditions.inflow_nl_s * conditions.dt_s;
  const std::int64_t flash = inflow / 1000 * kFlashPerMille;
  volume_nl_ += inflow - flash;
  gas += flash;
  std::int64_t lost = boil_off(conditions);
  if (conditions.breach) lost += volume_nl_ / kBreachDrainS * conditions.dt_s + nl_per_mm_;
  lost = std::min(lost, volume_nl_);
  volume_nl_ -= lost;
  gas += lost;
  if (volume_nl_ > capacity_nl_) {  // it runs over and boils off on the floor
    gas += volume_nl_ - capacity_nl_;
    volume_nl_ = capacity_nl_;
  }
  warm(conditions);
  return gas;
}

void Tank::warm(const TankConditions& conditions) {
  const std::int64_t dt = conditions.dt_s;
  const std::int64_t heat = conditions.breach ? kBreachHeat : conditions.heat_per_mille;
  if (volume_nl_ > 0) {
    relax(top_rest_, top_at_rest(conditions.heat_per_mille), dt, kTankRestS);
    relax(bottom_, bottom_at_rest(), dt, kCoolS);
  } else {
    const std::int64_t tau = std::max<std::int64_t>(60, kDryS * 1000 / heat);
    relax(top_rest_, kAmbient, dt, tau);
    relax(bottom_, kAmbient, dt, tau);
  }
  if (conditions.inflow_nl_s > 0) {
    relax(chill_, kChillMost, dt, kChillGrowS);
  } else {
    relax(chill_, 0, dt, kChillFadeS);
  }
  if (conditions.lid_open) {
    relax(warmth_, kLidMost, dt, kLidGrowS);
  } else if (conditions.warm_gas) {
    relax(warmth_, kWarmGasMost, dt, kWarmGasGrowS);
  } else {
    relax(warmth_, 0, dt, kWarmthFadeS);
  }
}

Json Tank::save() const {
  Json out;
  out.set("volume_nl", volume_nl_).set("top", top_rest_).set("bottom", bottom_);
  out.set("chill", chill_).set("warmth", warmth_);
  return out;
}

Status Tank::restore(const Json& saved) {
  RowReader in("a saved tank", saved);
  volume_nl_ = std::min(in.number("volume_nl"), capacity_nl_);  // the site may have made it smaller
  top_rest_ = in.number("top", RowReader::kLeast);
  bottom_ = in.number("bottom", RowReader::kLeast);
  chill_ = in.number("chill", RowReader::kLeast);
  warmth_ = in.number("warmth", RowReader::kLeast);
  return in.end();
}

}  // namespace cryobank::simulator
