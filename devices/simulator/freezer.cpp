#include "devices/simulator/freezer.hpp"

#include <algorithm>
#include <utility>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "devices/simulator/noise.hpp"
#include "devices/simulator/probe.hpp"
#include "devices/simulator/room_instrument.hpp"
#include "devices/simulator/supply.hpp"

namespace cryobank::simulator {

namespace {

constexpr std::int64_t kBypassMinS = 120;  // hot-gas bypass of MVE TS: 2-5 min before liquid
constexpr std::int64_t kBypassMaxS = 300;
constexpr std::int64_t kFillMostS = 3 * 3600;  // the controller's own maximum fill time
constexpr std::int64_t kFillRestS = 300;
constexpr std::int64_t kBatteryLowS = 4 * 3600;
constexpr std::int64_t kLidAlarmS = 120;
constexpr std::int64_t kPlainFlowNlS = 25'000'000;  // 1.5 L/min, without a supply tank

enum ControllerAlarm : std::int64_t {
  temperature_top_high = 1 << 0,
  temperature_bottom_high = 1 << 1,
  level_low = 1 << 2,
  level_high = 1 << 3,
  fill_time = 1 << 4,
  probe_top = 1 << 5,
  probe_bottom = 1 << 6,
  probe_level = 1 << 7,
  lid_long_open = 1 << 8,
  power_failure = 1 << 9,
  battery_low = 1 << 10,
  liquid_usage = 1 << 11,
};

std::string_view probe_name(Quantity quantity) {
  if (quantity == Quantity::level) return "level";
  return quantity == Quantity::temperature_top ? "temperature-top" : "temperature-bottom";
}

}  // namespace

Freezer::Freezer(const config::DeviceConfig& config, const config::DeviceProfile& profile,
                 std::uint64_t seed)
    : Machine(config),
      map_(profile, config.unit),
      prng_(mix(seed, fnv1a32(config.id.str()))),
      noise_seed_(prng_.next()),
      tank_(config.limits.fill_start, config.limits.fill_stop, prng_),
      fill_start_(config.limits.fill_start.v),
      fill_stop_(config.limits.fill_stop.v),
      alarm_level_low_(std::max<std::int64_t>(25'000, fill_start_ - 25'000)),
      alarm_level_high_(fill_stop_ + 25'000) {}

void Freezer::connect(Supply* supply, std::vector<RoomInstrument*> rooms) {
  supply_ = supply;
  rooms_ = std::move(rooms);
}

bool Freezer::quiet() const {
  return phase_ == Phase::idle && !lid_open_ && !faults_.has(FaultKind::breach) &&
         !faults_.has(FaultKind::valve_stuck_open);
}

bool Freezer::valve_passes() const {
  if (faults_.has(FaultKind::valve_stuck_open)) return true;
  return valve_driven() && !faults_.has(FaultKind::valve_stuck_closed);
}

std::int64_t Freezer::heat_per_mille() const {
  const ActiveFault* loss = faults_.find(FaultKind::vacuum_loss);
  return loss == nullptr ? 1000 : std::clamp<std::int64_t>(loss->amount, 1000, 1'000'000);
}

void Freezer::step_to(const SimTime& now) {
  now_ = now;
  const std::int64_t dt_s = settle(now);
  if (dt_s <= 0) return;
  forget_probes();
  if (lid_open_) lid_open_s_ += dt_s;
  if (lid_open_ && lid_close_ms_ >= 0 && now.ms >= lid_close_ms_) {
    lid_open_ = false;
    lid_open_s_ = 0;
  }
  battery_s_ = faults_.has(FaultKind::power_failure) ? battery_s_ + dt_s : 0;
  control(dt_s);

  TankConditions conditions;
  conditions.dt_s = dt_s;
  conditions.heat_per_mille = heat_per_mille();
  conditions.lid_open = lid_open_;
  conditions.breach = faults_.has(FaultKind::breach);
  const bool inlet_open =
      std::none_of(rooms_.begin(), rooms_.end(),
                   [](const RoomInstrument* room) { return room->inlet_closed(); });
  if (valve_passes() && inlet_open) {
    const std::int64_t flow = supply_ == nullptr ? kPlainFlowNlS : supply_->flow_nl_s();
    warm_line_ = faults_.has(FaultKind::warm_gas) || (supply_ != nullptr && supply_->gives_gas());
    conditions.warm_gas = warm_line_;
    if (!warm_line_) conditions.inflow_nl_s = flow;
    if (supply_ != nullptr) supply_->draw(conditions.inflow_nl_s * dt_s);
  } else {
    warm_line_ = false;
  }
  const std::int64_t gas = tank_.step(conditions);
  forget_probes();
  if (!rooms_.empty()) rooms_.front()->add_gas(gas);
}

void Freezer::begin_fill() {
  phase_ = Phase::bypassing;
  fill_s_ = 0;
  bypass_left_s_ = prng_.between(kBypassMinS, kBypassMaxS);
}

// The controller sees its own probe, with its faults, and nothing else. A broken level probe never
// lets it fill.
void Freezer::control(std::int64_t dt_s) {
  rest_s_ = std::max<std::int64_t>(0, rest_s_ - dt_s);
  const Signal level = probe(Quantity::level);
  if (phase_ == Phase::idle) {
    if (!level.broken && !fill_disabled_ && rest_s_ == 0 && level.value.v <= fill_start_)
      begin_fill();
    return;
  }
  fill_s_ += dt_s;
  if (level.broken || level.value.v >= fill_stop_) {
    phase_ = Phase::idle;
    rest_s_ = kFillRestS;
    return;
  }
  if (fill_s_ > kFillMostS) {
    phase_ = Phase::idle;
    fill_disabled_ = true;
    fill_time_alarm_ = true;
    return;
  }
  if (lid_open_) return;
  if (phase_ == Phase::bypassing && !faults_.has(FaultKind::bypass_stuck)) {
    bypass_left_s_ -= dt_s;
    if (bypass_left_s_ <= 0) phase_ = Phase::filling;
  }
}

void Freezer::forget_probes() { std::fill(std::begin(probed_now_), std::end(probed_now_), false); }

Signal Freezer::probe(Quantity quantity) {
  const auto place = static_cast<std::size_t>(quantity) - static_cast<std::size_t>(Quantity::level);
  if (probed_now_[place]) return probed_[place];
  ProbeNoise noise;
  noise.seed = noise_seed_ + static_cast<std::uint64_t>(quantity);
  Milli truth = tank_.level();
  if (quantity == Quantity::level) {
    noise.wander = 400;
    noise.wander_s = 1200;
    noise.flutter = 150;
  } else if (quantity == Quantity::temperature_top) {
    truth = tank_.top();
    noise.wander = 900;
    noise.wander_s = 1500;
    noise.flutter = 120;
  } else {
    truth = tank_.bottom();
    noise.wander = 350;
    noise.wander_s = 1500;
    noise.flutter = 80;
  }
  Signal shown = read_probe(faults_, probe_name(quantity), truth, now_.seconds(), noise);
  if (quantity == Quantity::level) shown.value.v = std::max<std::int64_t>(0, shown.value.v);
  probed_[place] = shown;
  probed_now_[place] = true;
  return shown;
}

std::int64_t Freezer::alarms() {
  const Signal level = probe(Quantity::level);
  const Signal top = probe(Quantity::temperature_top);
  const Signal bottom = probe(Quantity::temperature_bottom);
  std::int64_t bits = 0;
  const auto raise = [&bits](bool on, std::int64_t bit) { bits |= on ? bit : 0; };
  raise(!top.broken && top.value.v > alarm_temperature_high_, temperature_top_high);
  raise(!bottom.broken && bottom.value.v > alarm_temperature_high_, temperature_bottom_high);
  raise(!level.broken && level.value.v < alarm_level_low_, level_low);
  raise(!level.broken && level.value.v > alarm_level_high_, level_high);
  raise(fill_time_alarm_, fill_time);
  raise(top.broken, probe_top);
  raise(bottom.broken, probe_bottom);
  raise(level.broken, probe_level);
  raise(lid_open_s_ > kLidAlarmS, lid_long_open);
  raise(faults_.has(FaultKind::power_failure), power_failure);
  raise(battery_s_ > kBatteryLowS, battery_low);
  raise(heat_per_mille() >= 2000, liquid_usage);
  return bits;
}

std::int64_t* Freezer::set_point(Quantity quantity) {
  switch (quantity) {
    case Quantity::fill_start:
      return &fill_start_;
    case Quantity::fill_stop:
      return &fill_stop_;
    case Quantity::alarm_temperature_high:
      return &alarm_temperature_high_;
    case Quantity::alarm_level_low:
      return &alarm_level_low_;
    case Quantity::alarm_level_high:
      return &alarm_level_high_;
    case Quantity::fill_command:
      return &fill_command_;
    default:
      return nullptr;
  }
}

Signal Freezer::signal(Quantity quantity, const config::Point& point) {
  Signal out;
  if (const std::int64_t* value = set_point(quantity)) {
    out.value.v = *value;
    return out;
  }
  switch (quantity) {
    case Quantity::level:
    case Quantity::temperature_top:
    case Quantity::temperature_bottom:
      return probe(quantity);
    case Quantity::lid:
      out.value = whole(lid_open_ ? 1 : 0);
      break;
    case Quantity::fill_valve:
      out.value = whole(valve_driven() ? 1 : 0);
      break;
    case Quantity::bypass_valve:
      out.value = whole(phase_ == Phase::bypassing && !lid_open_ ? 1 : 0);
      break;
    case Quantity::fill_disabled:
      out.value = whole(fill_disabled_ ? 1 : 0);
      break;
    case Quantity::power:
      out.value = whole(faults_.has(FaultKind::power_failure) ? 1 : 0);
      break;
    case Quantity::controller_alarms:
      out.value = whole(alarms());
      break;
    case Quantity::clock: {
      const ActiveFault* offset = faults_.find(FaultKind::clock_offset);
      out.value = whole(now_.utc_s() + (offset == nullptr ? 0 : offset->amount / 1000));
      break;
    }
    default:
      return map_.fixed_signal(fixed_, point);
  }
  return out;
}

std::uint8_t Freezer::take_fill_command(Milli value) {
  const std::int64_t command = value.v / 1000;
  if (command == 1) {
    if (fill_disabled_) return kDeviceFailure;
    if (phase_ == Phase::idle) begin_fill();
  } else if (command == 2 && phase_ != Phase::idle) {
    phase_ = Phase::idle;
    rest_s_ = kFillRestS;
  }
  fill_command_ = value.v;
  return 0;
}

std::uint8_t Freezer::take(Quantity quantity, const config::Point& point, Milli value) {
  if (quantity == Quantity::fill_command) return take_fill_command(value);
  std::int64_t* target = set_point(quantity);
  if (target == nullptr) {
    fixed_[point.id.str()] = value.v;
    return 0;
  }
  const std::int64_t before = *target;
  *target = value.v;
  if (fill_stop_ < fill_start_ + 25'000) {  // stop is at least an inch above start
    *target = before;
    return kIllegalValue;
  }
  return 0;
}

Signal Freezer::shown(const SimTime& now, const config::Point& point) {
  if (now.ms != now_.ms) forget_probes();
  now_ = now;
  return signal(quantity_of(config_.kind, point.id.str()), point);
}

devices::ModbusReply Freezer::serve(const SimTime& now, const devices::ModbusRequest& request) {
  if (now.ms != now_.ms) forget_probes();
  now_ = now;
  return map_.serve(request, *this);
}

}  // namespace cryobank::simulator
