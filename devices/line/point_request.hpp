// The Modbus request that reads or writes one point of a profile.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "base/units.hpp"
#include "config/device_profile.hpp"
#include "devices/line/modbus.hpp"

namespace cryobank::devices {

ModbusRequest read_point(std::uint8_t unit, const config::Point& point);
// `single`: the device wants one register by FC06 (Quirks::write_single). Error when the register
// cannot hold exactly this value.
Result<ModbusRequest> write_point(std::uint8_t unit, const config::Point& point, Milli value,
                                  bool single = false);

}  // namespace cryobank::devices
