// Fixed points: the rest of register_map.hpp.
#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/simulator/register_map.hpp"

namespace cryobank::simulator {

Signal RegisterMap::fixed_signal(const FixedValues& values, const config::Point& point) const {
  Signal out;
  if (!values.empty()) {
    const auto found = values.find(point.id.str());
    if (found != values.end()) {
      out.value.v = found->second;
      return out;
    }
  }
  if (&point == identity_point_) return identity_;
  if (&point == unit_point_) {
    out.value = whole(unit_);
    return out;
  }
  if (point.has_range) {
    const Milli least = from_unit(point.range_min, point.unit);
    const Milli most = from_unit(point.range_max, point.unit);
    out.value.v = std::clamp<std::int64_t>(0, std::min(least, most).v, std::max(least, most).v);
  }
  return out;
}

Status set_fixed(const config::DeviceProfile& profile, FixedValues& values, const Json& command) {
  TRY_ASSIGN(std::string point, command.get_string("point"));
  TRY_ASSIGN(Milli value, command.get_milli("value"));
  if (profile.find(point) == nullptr) {
    return make_error(ErrorCode::not_found,
                      cat("profile ", profile.id.str(), " has no point \"", clip(point, 64), "\""));
  }
  const Quantity quantity = quantity_of(profile.kind, point);
  if (quantity != Quantity::fixed && quantity != Quantity::relay) {
    return make_error(ErrorCode::unsupported,
                      cat("point ", point, " follows the physics; sensor faults make it lie"));
  }
  values[point] = value.v;
  return {};
}

Json save_fixed(const FixedValues& values) {
  Json out = Json::object();
  for (const auto& [point, value] : values) out.set(point, value);
  return out;
}

FixedValues restore_fixed(RowReader& in, std::string_view key) {
  FixedValues out;
  for (const auto& [point, value] : in.object(key).members()) {
    if (value.is_integer()) {
      out[point] = value.integer();
    } else {
      in.refuse(key, "whole numbers");
    }
  }
  return out;
}

}  // namespace cryobank::simulator
