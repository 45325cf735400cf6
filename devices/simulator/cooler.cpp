#include "devices/simulator/cooler.hpp"

#include <algorithm>

#include "base/checksum.hpp"
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/simulator/command_words.hpp"
#include "devices/simulator/noise.hpp"
#include "devices/simulator/probe.hpp"

namespace cryobank::simulator {

namespace {

constexpr std::int64_t kStepS = 10;
constexpr std::int64_t kMicro = 1'000'000;
constexpr std::int64_t kRoom = 21 * kMicro;
constexpr std::int64_t kColdest = -110 * kMicro;  // what it could reach without a leak
constexpr std::int64_t kHysteresis = 1 * kMicro;
// Time constants in seconds.
constexpr std::int64_t kAirToLoad = 300;
constexpr std::int64_t kAirToRoom = 480;        // with the door open
constexpr std::int64_t kLoadCooling = 8'600;    // 2.4 h: with the leak, -80 Cel after 5 h
constexpr std::int64_t kLoadLeak = 50'000;      // 14 h: -50 Cel 5 h after the power failed
constexpr std::int64_t kLoadOpenDoor = 20'000;  // 5.5 h
constexpr std::string_view kProbeName = "temperature-top";
constexpr std::string_view kThermocouple = "thermocouple-";

std::int64_t towards(std::int64_t from, std::int64_t to, std::int64_t time_constant_s) {
  return (to - from) * kStepS / time_constant_s;
}

}  // namespace

Cooler::Cooler(const config::DeviceConfig& config, const config::DeviceProfile& profile,
               std::uint64_t seed)
    : Machine(config),
      map_(profile, config.unit),
      noise_seed_(mix(seed, fnv1a32(config.id.str()))) {}

bool Cooler::fits(const config::DeviceProfile& profile) {
  return profile.kind == config::DeviceKind::freezer && profile.find("set-point") != nullptr &&
         profile.find("level") == nullptr;
}

void Cooler::step_to(const SimTime& now) {
  now_ = now;
  while (stepped_s_ + kStepS <= now.seconds()) {
    stepped_s_ += kStepS;
    close_door_when_due(stepped_s_);
    step();
  }
}

void Cooler::close_door_when_due(std::int64_t second) {
  if (!door_open_ || door_close_ms_ < 0 || second * 1000 < door_close_ms_) return;
  door_open_ = false;
  door_close_ms_ = -1;
}

void Cooler::step() {
  const std::int64_t wanted = set_point_ * 1000;
  if (air_ > wanted + kHysteresis) running_ = true;
  if (air_ < wanted - kHysteresis) running_ = false;
  if (!powered()) {
    running_ = false;
    reached_ = false;
  }
  const std::int64_t load = load_;
  load_ += towards(load, kRoom, kLoadLeak);
  if (running_) load_ += towards(load, kColdest, kLoadCooling);
  if (door_open_) load_ += towards(load, kRoom, kLoadOpenDoor);
  const std::int64_t air = air_;
  air_ += towards(air, load_, kAirToLoad);
  if (door_open_) air_ += towards(air, kRoom, kAirToRoom);
  if (powered() && air_ <= wanted + 2 * kHysteresis) reached_ = true;
}

// Probes stand at different heights: each has its own small difference.
Signal Cooler::probe(std::uint64_t number) {
  ProbeNoise noise;
  noise.seed = noise_seed_ + number;
  noise.wander = 300;
  noise.wander_s = 900;
  noise.flutter = 60;
  const Milli truth{air_ / 1000 + draw(noise_seed_ ^ 0xC0, static_cast<std::int64_t>(number), 700)};
  return read_probe(faults_, number == 0 ? kProbeName : std::string_view(), truth, now_.seconds(),
                    noise);
}

// Bits of the Thermo TDE appendix: 0 pull-down reached, 1 power failure, 5 on battery.
std::int64_t Cooler::system_status() const {
  return (reached_ ? 1 : 0) | (powered() ? 0 : (1 << 1) | (1 << 5));
}

// 3 line voltage out of bounds, 9 door 1.
std::int64_t Cooler::relay_status() const {
  return (powered() ? 0 : 1 << 3) | (door_open_ ? 1 << 9 : 0);
}

// What a point shows that is no probe; empty when this machine knows nothing of it.
std::optional<Milli> Cooler::state_of(std::string_view id) const {
  if (id == "set-point" || id == "set-point-1" || id == "working-set-point") {
    return Milli{set_point_};
  }
  if (id == "alarm-temperature-high" || id == "alarm-1-high" || id == "alarm-1-threshold") {
    return Milli{set_point_ + 10'000};
  }
  if (id == "alarm-temperature-low" || id == "alarm-2-threshold") return Milli{set_point_ - 10'000};
  if (id == "output") return whole(running_ ? 100 : 0);
  if (id == "system-status") return whole(system_status());
  if (id == "relay-status") return whole(relay_status());
  if (id == "lid" || id == "door") return whole(door_open_ ? 1 : 0);
  return std::nullopt;
}

Signal Cooler::signal(Quantity /*quantity*/, const config::Point& point) {
  const std::string& id = point.id.str();
  Signal out;
  if (id == kProbeName || id == "temperature") return probe(0);
  if (id.starts_with(kThermocouple)) {
    const Result<std::int64_t> number = parse_integer(id.substr(kThermocouple.size()));
    // The first one is the control probe, which faults call temperature-top.
    return probe(number && *number > 2 ? static_cast<std::uint64_t>(*number) : 0);
  }
  const std::optional<Milli> known = state_of(id);
  const bool is_set_point = id.find("set-point") != std::string::npos;
  if (!known || (!is_set_point && fixed_.count(id) > 0)) return map_.fixed_signal(fixed_, point);
  out.value = *known;
  return out;
}

std::uint8_t Cooler::take(Quantity /*quantity*/, const config::Point& point, Milli value) {
  const std::string& id = point.id.str();
  if (id == "set-point" || id == "set-point-1") {
    set_point_ = value.v;
  } else {
    fixed_[id] = value.v;
  }
  return 0;
}

devices::ModbusReply Cooler::serve(const SimTime& now, const devices::ModbusRequest& request) {
  step_to(now);
  return map_.serve(request, *this);
}

Signal Cooler::shown(const SimTime& now, const config::Point& point) {
  step_to(now);
  return signal(Quantity::fixed, point);
}

Result<Milli> Cooler::truth(std::string_view quantity) const {
  if (quantity == "temperature-top") return Milli{air_ / 1000};
  if (quantity == "load") return Milli{load_ / 1000};
  if (quantity == "set-point") return Milli{set_point_};
  if (quantity == "compressor") return whole(running_ ? 1 : 0);
  if (quantity == "lid") return whole(door_open_ ? 1 : 0);
  return make_error(ErrorCode::unknown_key,
                    cat("mechanical freezer ", config_.id.str(), " knows temperature-top, load, ",
                        "set-point, compressor, lid; came \"", clip(quantity, 40), "\""));
}

Status Cooler::act(const SimTime& now, std::string_view verb, const Json& command) {
  step_to(now);
  if (verb == "lid") {
    TRY_ASSIGN(const bool open, command.get_bool("open"));
    TRY_ASSIGN(const std::int64_t closes, close_at(command, now.ms, open));
    door_open_ = open;
    door_close_ms_ = closes;
    return {};
  }
  if (verb == "set" && command["point"] == Json("set-point")) {
    TRY_ASSIGN(const Milli value, command.get_milli("value"));
    set_point_ = value.v;
    return {};
  }
  if (verb == "set") return set_fixed(map_.profile(), fixed_, command);
  return make_error(ErrorCode::unknown_key,
                    cat("a mechanical freezer knows lid, set; came \"", clip(verb, 40), "\""));
}

void Cooler::faults_changed(const SimTime& now) { step_to(now); }

Json Cooler::save() const {
  Json out;
  out.set("stepped_s", stepped_s_).set("air", air_).set("load", load_);
  out.set("set_point", set_point_).set("running", running_).set("reached", reached_);
  out.set("door_open", door_open_).set("door_close_ms", door_close_ms_);
  return out.set("fixed", save_fixed(fixed_));
}

Status Cooler::restore(const Json& saved) {
  RowReader in(config_.id.str(), saved);
  stepped_s_ = in.number("stepped_s", RowReader::kLeast);
  air_ = in.number("air", RowReader::kLeast);
  load_ = in.number("load", RowReader::kLeast);
  set_point_ = in.number("set_point", RowReader::kLeast);
  running_ = in.flag("running");
  reached_ = in.flag("reached");
  door_open_ = in.flag("door_open");
  door_close_ms_ = in.number("door_close_ms", -1);
  fixed_ = restore_fixed(in, "fixed");
  return in.status();
}

}  // namespace cryobank::simulator
