#include "devices/simulator/room_instrument.hpp"

#include <algorithm>

#include "base/checksum.hpp"
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/simulator/command_words.hpp"
#include "devices/simulator/noise.hpp"
#include "devices/simulator/probe.hpp"
#include "devices/simulator/tank.hpp"

namespace cryobank::simulator {

namespace {

constexpr std::int64_t kAir = 20'900'000;  // oxygen in air, millionths of a percent
constexpr std::int64_t kVolumeM3 = 120;
constexpr std::int64_t kGasPerMille = 695;        // m3 of gas per 1000 L of liquid, times 1000
constexpr std::int64_t kChangesRunningH = 4;      // air changes an hour, times 1
constexpr std::int64_t kChangesDoorH = 6;         // added by an open door
constexpr std::int64_t kLeakageS = 12'000;        // an unventilated room changes its air in 3.3 h
constexpr std::int64_t kInterlockBelow = 18'000;  // thousandths of a percent

std::string_view room_probe_name(Quantity quantity) {
  return quantity == Quantity::oxygen_1 ? "oxygen-1" : "oxygen-2";
}

}  // namespace

RoomInstrument::RoomInstrument(const config::DeviceConfig& config,
                               const config::DeviceProfile& profile, std::uint64_t seed)
    : Machine(config),
      map_(profile, config.unit),
      has_inlet_(profile.find("inlet-closed") != nullptr),
      noise_seed_(mix(seed, fnv1a32(config.id.str()))) {
  instruments_.push_back(this);
}

void RoomInstrument::share_air(RoomInstrument* first) {
  air_ = first;
  first->instruments_.push_back(this);
}

bool RoomInstrument::ventilated() const {
  const auto fails = [](const RoomInstrument* room) {
    return room->faults_.has(FaultKind::ventilation_off);
  };
  const auto& all = air_->instruments_;
  return air_->ventilation_ && std::none_of(all.begin(), all.end(), fails);
}

bool RoomInstrument::quiet() const { return air_->oxygen_ > 20'000'000 && !air_->door_open_; }

// d(oxygen) = -oxygen * gas / volume + (air - oxygen) * air changes
void RoomInstrument::mix_air(std::int64_t dt_s) {
  if (door_open_ && door_close_ms_ >= 0 && now_.ms >= door_close_ms_) door_open_ = false;
  for (const RoomInstrument* room : instruments_) {
    const ActiveFault* leak = room->faults_.find(FaultKind::gas_leak);
    if (leak == nullptr) continue;
    gas_nl_ += leak->amount * (kNanolitres / 1000) / 3600 * dt_s;  // litres of liquid an hour
  }
  const std::int64_t displaced_ppb = gas_nl_ / 1000 * kGasPerMille / kVolumeM3;
  gas_nl_ = 0;
  oxygen_ -= oxygen_ / 1000 * std::min<std::int64_t>(displaced_ppb, 900'000'000) / 1'000'000;
  std::int64_t changes_h = ventilated() ? kChangesRunningH : 0;
  if (door_open_) changes_h += kChangesDoorH;
  const std::int64_t fresh_per_million = std::min<std::int64_t>(
      1'000'000, dt_s * (changes_h * 1'000'000 / 3600 + 1'000'000 / kLeakageS));
  oxygen_ += (kAir - oxygen_) * fresh_per_million / 1'000'000;
}

void RoomInstrument::step_to(const SimTime& now) {
  now_ = now;
  const std::int64_t dt_s = settle(now);
  if (dt_s <= 0) return;
  if (air_ == this) mix_air(dt_s);

  const Signal first = oxygen(Quantity::oxygen_1);
  const Signal second = oxygen(Quantity::oxygen_2);
  const bool low_1 = !first.broken && first.value.v < kInterlockBelow;
  const bool low_2 = !second.broken && second.value.v < kInterlockBelow;
  oxygen_low_ = low_1 || low_2 || (first.broken && second.broken);
  if (oxygen_low_ || close_request_) inlet_closed_ = true;
}

Signal RoomInstrument::oxygen(Quantity quantity) {
  ProbeNoise noise;
  noise.seed = noise_seed_ + static_cast<std::uint64_t>(quantity);
  noise.wander = 60;
  noise.wander_s = 900;
  noise.flutter = 15;
  // Cold gas lies on the floor: the low sensor sees it first.
  const std::int64_t mean = air_->oxygen_;
  const std::int64_t depth = quantity == Quantity::oxygen_2 ? (kAir - mean) / 10 : 0;
  Signal out = read_probe(faults_, room_probe_name(quantity), Milli{(mean - depth) / 1000},
                          now_.seconds(), noise);
  out.value.v = std::max<std::int64_t>(0, out.value.v);
  return out;
}

Signal RoomInstrument::signal(Quantity quantity, const config::Point& point) {
  Signal out;
  switch (quantity) {
    case Quantity::oxygen_1:
    case Quantity::oxygen_2:
      return oxygen(quantity);
    case Quantity::temperature_room:
      out.value.v = 21'000 + wave(noise_seed_, now_.seconds(), 3600, 1'500);
      break;
    case Quantity::door:
      out.value = whole(air_->door_open_ ? 1 : 0);
      break;
    case Quantity::ventilation:
      out.value = whole(ventilated() ? 1 : 0);
      break;
    case Quantity::inlet_closed:
      out.value = whole(inlet_closed_ ? 1 : 0);
      break;
    case Quantity::inlet_close_request:
      out.value = whole(close_request_ ? 1 : 0);
      break;
    case Quantity::clock:
      out.value = whole(now_.utc_s());
      break;
    default:
      return map_.fixed_signal(fixed_, point);
  }
  return out;
}

std::uint8_t RoomInstrument::take(Quantity quantity, const config::Point& point, Milli value) {
  if (quantity == Quantity::inlet_close_request) {
    close_request_ = value.v != 0;
    if (close_request_) inlet_closed_ = true;
    return 0;
  }
  fixed_[point.id.str()] = value.v;
  return 0;
}

Signal RoomInstrument::shown(const SimTime& now, const config::Point& point) {
  now_ = now;
  return signal(quantity_of(config_.kind, point.id.str()), point);
}

devices::ModbusReply RoomInstrument::serve(const SimTime& now,
                                           const devices::ModbusRequest& request) {
  now_ = now;
  return map_.serve(request, *this);
}

Result<Milli> RoomInstrument::truth(std::string_view quantity) const {
  const std::int64_t mean = air_->oxygen_;
  if (quantity == "oxygen" || quantity == "oxygen-1") return Milli{mean / 1000};
  if (quantity == "oxygen-2") return Milli{(mean - (kAir - mean) / 10) / 1000};
  if (quantity == "door") return whole(air_->door_open_ ? 1 : 0);
  if (quantity == "ventilation") return whole(ventilated() ? 1 : 0);
  if (quantity == "inlet-closed") return whole(inlet_closed_ ? 1 : 0);
  if (quantity == "inlet-close-request") return whole(close_request_ ? 1 : 0);
  return make_error(
      ErrorCode::unknown_key,
      cat("room ", config_.id.str(), " knows oxygen, oxygen-1, oxygen-2, door, ",
          "ventilation, inlet-closed, inlet-close-request; came \"", clip(quantity, 40), "\""));
}

Status RoomInstrument::act(const SimTime& now, std::string_view verb, const Json& command) {
  now_ = now;
  if (verb == "door") {
    TRY_ASSIGN(bool open, command.get_bool("open"));
    TRY_ASSIGN(const std::int64_t closes, close_at(command, now.ms, open));
    air_->door_open_ = open;
    air_->door_close_ms_ = closes;
    return {};
  }
  if (verb == "ventilation") {
    TRY_ASSIGN(bool on, command.get_bool("on"));
    air_->ventilation_ = on;
    return {};
  }
  if (verb == "open_inlet") {  // a person at the panel; the interlock may close it again at once
    inlet_closed_ = close_request_ || oxygen_low_;
    if (inlet_closed_) {
      return make_error(ErrorCode::interlock,
                        "inlet stays closed: oxygen low or closing requested");
    }
    return {};
  }
  if (verb == "set") return set_fixed(map_.profile(), fixed_, command);
  return make_error(
      ErrorCode::unknown_key,
      cat("a room knows door, ventilation, open_inlet, set; came \"", clip(verb, 40), "\""));
}

void RoomInstrument::faults_changed(const SimTime& now) { now_ = now; }

Json RoomInstrument::save() const {
  Json out;
  out.set("oxygen", oxygen_).set("door_open", door_open_).set("door_close_ms", door_close_ms_);
  out.set("ventilation", ventilation_).set("inlet_closed", inlet_closed_);
  out.set("oxygen_low", oxygen_low_).set("close_request", close_request_);
  out.set("fixed", save_fixed(fixed_));
  return out;
}

Status RoomInstrument::restore(const Json& saved) {
  RowReader in(config_.id.str(), saved);
  oxygen_ = in.number("oxygen", 0, kAir);
  door_open_ = in.flag("door_open");
  door_close_ms_ = in.number("door_close_ms", -1);
  ventilation_ = in.flag("ventilation");
  inlet_closed_ = in.flag("inlet_closed");
  oxygen_low_ = in.flag("oxygen_low");
  close_request_ = in.flag("close_request");
  fixed_ = restore_fixed(in, "fixed");
  return in.status();
}

}  // namespace cryobank::simulator
