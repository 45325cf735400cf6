#include "config/names.hpp"

namespace cryobank::config {

std::string_view name_of(DeviceKind kind) { return word_of(kDeviceKinds, kind); }
std::string_view name_of(Trust trust) { return word_of(kTrusts, trust); }
std::string_view name_of(ProofOrigin origin) { return word_of(kProofOrigins, origin); }

bool has_deadband(const Point& point) {
  const bool number = point.type != PointType::bit && point.type != PointType::bits &&
                      point.type != PointType::ascii;
  return number && point.values.empty();
}

int fixed_registers_of(PointType type) {
  switch (type) {
    case PointType::bit:
    case PointType::int16:
    case PointType::uint16:
    case PointType::bcd16:
      return 1;
    case PointType::int32:
    case PointType::uint32:
    case PointType::float32:
    case PointType::bcd32:
      return 2;
    case PointType::int64:
    case PointType::uint64:
    case PointType::float64:
      return 4;
    case PointType::bits:
    case PointType::ascii:
      return 0;
  }
  return 1;
}

}  // namespace cryobank::config
