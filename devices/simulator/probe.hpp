// Probe: what a sensor shows of the truth: noise, resolution, and the sensor faults that stand for
// its point.
#pragma once

#include <cstdint>
#include <string_view>

#include "devices/simulator/fault_set.hpp"
#include "devices/simulator/quantity.hpp"

namespace cryobank::simulator {

struct ProbeNoise {
  std::uint64_t seed = 0;
  std::int64_t wander = 0;  // thousandths, slow
  std::int64_t wander_s = 600;
  std::int64_t flutter = 0;  // thousandths, from one second to the next
};

// `point` is the id by which faults name the probe.
Signal read_probe(FaultSet& faults, std::string_view point, Milli truth, std::int64_t now_s,
                  const ProbeNoise& noise);

}  // namespace cryobank::simulator
