// Register plan: which reads fetch the points of one device. Points of one table and read class are
// merged into spans as far as the device allows (longest read, largest gap of unused registers,
// one item per read). No span straddles a point. Pure: the same profile gives the same plan.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "config/device_profile.hpp"
#include "devices/line/modbus.hpp"

namespace cryobank::devices {

struct Span {
  RegisterTable table = RegisterTable::holding;
  std::uint16_t address = 0;
  std::uint16_t count = 0;
  config::ReadClass read_class = config::ReadClass::fast;
  std::vector<std::uint32_t> points;  // places in the profile's points, in order of address

  bool same_shape(const Span& other) const { return table == other.table && count == other.count; }
};

// The reads for every point that `left_out` does not name (places in the profile's points).
std::vector<Span> plan_spans(const config::DeviceProfile& profile,
                             const std::vector<std::uint32_t>& left_out);

// The smallest spans that `span` can be cut into: points that share registers stay together.
std::vector<Span> split_span(const config::DeviceProfile& profile, const Span& span);

// A read of one point alone.
Span span_of(const config::DeviceProfile& profile, std::uint32_t point);

ModbusRequest read_request(const Span& span, std::uint8_t unit);

// The first time after `now` on the grid due + k * period: late answers make a device skip periods,
// never drift. REQUIRES: period > 0.
Instant next_on_grid(Instant due, Duration period, Instant now);

}  // namespace cryobank::devices
