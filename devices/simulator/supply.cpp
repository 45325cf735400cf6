#include "devices/simulator/supply.hpp"

#include <algorithm>

#include "base/checksum.hpp"
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/simulator/noise.hpp"
#include "devices/simulator/probe.hpp"
#include "devices/simulator/tank.hpp"

namespace cryobank::simulator {

namespace {

constexpr std::int64_t kCapacityNl = 3000 * kNanolitres;
constexpr std::int64_t kEvaporationPerMillionDay = 6000;  // 0.6 %; bulk tanks stay under 1 %
constexpr std::int64_t kTransferLossPercent = 15;
constexpr std::int64_t kPressureMbar = 2200;
constexpr std::int64_t kPressureLostMbar = 120;    // per open valve
constexpr std::int64_t kOneValveNlS = 25'000'000;  // 1.5 L/min at full pressure
constexpr std::int64_t kOrderBelow = 25'000;       // thousandths of a percent
constexpr std::int64_t kHourMs = 3'600'000;

}  // namespace

Supply::Supply(const config::DeviceConfig& config, const config::DeviceProfile& profile,
               std::uint64_t seed)
    : Machine(config),
      map_(profile, config.unit),
      prng_(mix(seed, fnv1a32(config.id.str()))),
      noise_seed_(prng_.next()),
      capacity_nl_(kCapacityNl),
      volume_nl_(kCapacityNl / 100 * prng_.between(70, 95)) {}

std::int64_t Supply::level_permille_percent() const {
  return volume_nl_ / (capacity_nl_ / 100'000);
}

std::int64_t Supply::pressure_mbar() const {
  if (volume_nl_ == 0 || faults_.has(FaultKind::supply_empty)) return 0;
  if (const ActiveFault* low = faults_.find(FaultKind::pressure_low)) return low->amount / 1000;
  const std::int64_t valves = (drawn_nl_ + kOneValveNlS / 2) / kOneValveNlS;
  return std::max<std::int64_t>(300, kPressureMbar - kPressureLostMbar * valves);
}

std::int64_t Supply::flow_nl_s() const {
  if (faults_.has(FaultKind::outlet_closed) || gives_gas()) return 0;
  return kOneValveNlS * pressure_mbar() / kPressureMbar;
}

bool Supply::gives_gas() const {
  if (faults_.has(FaultKind::outlet_closed)) return false;
  return volume_nl_ == 0 || faults_.has(FaultKind::supply_empty) ||
         faults_.has(FaultKind::warm_gas);
}

void Supply::draw(std::int64_t nl) {
  drawing_nl_ += nl;
  volume_nl_ = std::max<std::int64_t>(0, volume_nl_ - nl - nl / 100 * kTransferLossPercent);
}

void Supply::step_to(const SimTime& now) {
  now_ = now;
  const std::int64_t dt_s = settle(now);
  if (dt_s <= 0) return;
  drawn_nl_ = drawing_nl_ / dt_s;
  drawing_nl_ = 0;
  const std::int64_t lost = capacity_nl_ / 1'000'000 * kEvaporationPerMillionDay / 86'400 * dt_s;
  volume_nl_ = std::max<std::int64_t>(0, volume_nl_ - lost);
  if (faults_.has(FaultKind::no_delivery)) {
    delivery_ms_ = -1;
  } else if (delivery_ms_ < 0 && level_permille_percent() < kOrderBelow) {
    delivery_ms_ = now.ms + prng_.between(24, 48) * kHourMs;
  } else if (delivery_ms_ >= 0 && now.ms >= delivery_ms_) {
    delivery_ms_ = -1;
    volume_nl_ = capacity_nl_ / 100 * 95;
  }
}

Signal Supply::signal(Quantity quantity, const config::Point& point) {
  ProbeNoise noise;
  noise.seed = noise_seed_ + static_cast<std::uint64_t>(quantity);
  const std::int64_t now_s = now_.seconds();
  Signal out;
  if (quantity == Quantity::level) {
    noise.wander = 150;
    noise.flutter = 40;
    const bool empty = faults_.has(FaultKind::supply_empty);
    out = read_probe(faults_, "level", Milli{empty ? 0 : level_permille_percent()}, now_s, noise);
    out.value.v = std::max<std::int64_t>(0, out.value.v);
    return out;
  }
  if (quantity == Quantity::pressure) {
    noise.wander = 30'000;
    noise.flutter = 4'000;
    out = read_probe(faults_, "pressure", whole(pressure_mbar()), now_s, noise);
    out.value.v = std::max<std::int64_t>(0, out.value.v);
    return out;
  }
  if (quantity == Quantity::outlet_valve) {
    out.value = whole(faults_.has(FaultKind::outlet_closed) ? 0 : 1);
    return out;
  }
  if (quantity == Quantity::clock) {
    out.value = whole(now_.utc_s());
    return out;
  }
  return map_.fixed_signal(fixed_, point);
}

std::uint8_t Supply::take(Quantity, const config::Point& point, Milli value) {
  fixed_[point.id.str()] = value.v;
  return 0;
}

Signal Supply::shown(const SimTime& now, const config::Point& point) {
  now_ = now;
  return signal(quantity_of(config_.kind, point.id.str()), point);
}

devices::ModbusReply Supply::serve(const SimTime& now, const devices::ModbusRequest& request) {
  now_ = now;
  return map_.serve(request, *this);
}

Result<Milli> Supply::truth(std::string_view quantity) const {
  if (quantity == "level") return Milli{level_permille_percent()};
  if (quantity == "litres") return Milli{volume_nl_ / (kNanolitres / 1000)};
  if (quantity == "pressure") return whole(pressure_mbar());
  if (quantity == "gives-gas") return whole(gives_gas() ? 1 : 0);
  return make_error(ErrorCode::unknown_key,
                    cat("supply ", config_.id.str(), " knows level, litres, pressure, gives-gas; ",
                        "came \"", clip(quantity, 40), "\""));
}

Status Supply::act(const SimTime& now, std::string_view verb, const Json& command) {
  now_ = now;
  if (verb == "refill" || verb == "level") {
    Milli percent = whole(95);
    if (verb == "level" || command.has("percent")) {
      TRY_ASSIGN(Milli wanted, command.get_milli("percent"));
      percent = wanted;
    }
    if (percent < whole(0) || percent > whole(100)) {
      return make_error(ErrorCode::invalid_value, "percent: expected 0 to 100");
    }
    volume_nl_ = capacity_nl_ / 100'000 * percent.v;
    return {};
  }
  if (verb == "set") return set_fixed(map_.profile(), fixed_, command);
  return make_error(ErrorCode::unknown_key,
                    cat("a supply knows refill, level, set; came \"", clip(verb, 40), "\""));
}

void Supply::faults_changed(const SimTime& now) { now_ = now; }

Json Supply::save() const {
  Json out;
  out.set("volume_nl", volume_nl_).set("delivery_ms", delivery_ms_);
  out.set("fixed", save_fixed(fixed_));
  return out;
}

Status Supply::restore(const Json& saved) {
  RowReader in(config_.id.str(), saved);
  volume_nl_ = std::min(in.number("volume_nl"), capacity_nl_);  // the site may have made it smaller
  delivery_ms_ = in.number("delivery_ms", -1);
  fixed_ = restore_fixed(in, "fixed");
  return in.status();
}

}  // namespace cryobank::simulator
