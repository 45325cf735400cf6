#include "devices/line/point_request.hpp"

#include <utility>
#include <vector>

#include "base/try.hpp"
#include "devices/line/register_codec.hpp"

namespace cryobank::devices {

ModbusRequest read_point(std::uint8_t unit, const config::Point& point) {
  ModbusRequest request;
  request.unit = unit;
  request.table = table_of(point.table);
  request.address = point.address;
  request.count = static_cast<std::uint16_t>(width_of(point));
  return request;
}

Result<ModbusRequest> write_point(std::uint8_t unit, const config::Point& point, Milli value,
                                  bool single) {
  TRY_ASSIGN(std::vector<std::uint16_t> words, encode(point, value));
  ModbusRequest request = read_point(unit, point);
  request.kind = single && request.count == 1 ? ModbusRequest::Kind::write_single
                                              : ModbusRequest::Kind::write_multiple;
  request.values = std::move(words);
  return request;
}

}  // namespace cryobank::devices
