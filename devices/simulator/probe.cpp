#include "devices/simulator/probe.hpp"

#include "devices/simulator/noise.hpp"

namespace cryobank::simulator {

namespace {

std::int64_t round_to(std::int64_t value, std::int64_t step) {
  if (step <= 0) return value;
  const std::int64_t half = step / 2;
  return value >= 0 ? (value + half) / step * step : -((-value + half) / step * step);
}

void distort(ActiveFault& fault, std::int64_t now_s, std::uint64_t seed, Signal& signal) {
  std::int64_t& value = signal.value.v;
  switch (fault.kind) {
    case FaultKind::sensor_open:
      signal.broken = true;
      return;
    case FaultKind::sensor_stuck:
      if (!fault.flag) {
        fault.flag = true;
        fault.held = value;
      }
      value = fault.held;
      return;
    case FaultKind::sensor_drift:
      value += fault.amount * (now_s - fault.since_ms / 1000) / 3600;
      return;
    case FaultKind::sensor_offset:
      value += fault.amount;
      return;
    case FaultKind::sensor_noise:
      value += draw(seed ^ 0x5EED, now_s, fault.amount);
      return;
    case FaultKind::sensor_coarse:
      value = round_to(value, fault.amount);
      return;
    case FaultKind::sensor_value:
      value = fault.amount;
      return;
    default:
      return;
  }
}

}  // namespace

Signal read_probe(FaultSet& faults, std::string_view point, Milli truth, std::int64_t now_s,
                  const ProbeNoise& noise) {
  Signal signal;
  signal.value.v = truth.v + wave(noise.seed, now_s, noise.wander_s, noise.wander) +
                   draw(noise.seed ^ 0xF1, now_s, noise.flutter);
  if (faults.empty()) return signal;
  for (ActiveFault& fault : faults.items()) {
    if (fault.point == point) distort(fault, now_s, noise.seed, signal);
  }
  return signal;
}

}  // namespace cryobank::simulator
