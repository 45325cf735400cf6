#include "devices/robot/robot_sensor_map.hpp"

#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "devices/line/register_codec.hpp"

namespace cryobank::devices {
namespace {

constexpr std::array<std::string_view, 7> kWatched = {
    "ready", "error", "error-code", "gripper", "transfer-occupied", "action", "code"};

constexpr std::array<std::pair<RobotVerb, std::string_view>, 8> kStarts = {{
    {RobotVerb::pick, "start-pick"},
    {RobotVerb::place, "start-place"},
    {RobotVerb::transfer, "start-transfer"},
    {RobotVerb::scan_position, "start-scan"},
    {RobotVerb::scan_rack, "start-scan-rack"},
    {RobotVerb::open_port, "start-open-port"},
    {RobotVerb::close_port, "start-close-port"},
    {RobotVerb::park, "start-park"},
}};

std::vector<config::Point> words_of(const config::DeviceProfile& profile, std::string_view end) {
  std::vector<config::Point> points;
  for (int i = 1; i <= 3; ++i) {
    const config::Point* point = profile.find(cat(end, "-", i));
    if (point == nullptr) break;
    points.push_back(*point);
  }
  return points;
}

Error lacks(const config::DeviceProfile& profile, std::string_view what) {
  return make_error(ErrorCode::unsupported, cat("profile ", profile.id.str(), " has no ", what,
                                                ", which a robot without sequence numbers needs"));
}

}  // namespace

Result<SensorMap> sensor_map_of(const config::DeviceProfile& profile) {
  SensorMap map;
  for (const std::string_view id : kWatched) {
    if (const config::Point* point = profile.find(id)) map.watched.push_back(*point);
  }
  if (profile.find("ready") == nullptr) return lacks(profile, "point ready");
  if (profile.find("gripper") == nullptr) return lacks(profile, "point gripper");
  map.source = words_of(profile, "source");
  map.destination = words_of(profile, "destination");
  if (map.source.empty()) return lacks(profile, "point source-1");
  if (map.destination.empty()) return lacks(profile, "point destination-1");
  for (const auto& [verb, id] : kStarts) {
    if (const config::Point* point = profile.find(id)) map.start.emplace(verb, *point);
  }
  if (map.start.empty()) return lacks(profile, "start-... point");
  return map;
}

Status take_into(SensorView& view, const config::Point& point,
                 const std::vector<std::uint16_t>& words) {
  if (words.size() != static_cast<std::size_t>(width_of(point))) {
    return make_error(ErrorCode::malformed, cat(point.id.str(), ": expected ", width_of(point),
                                                " words, came ", words.size()));
  }
  const Decoded decoded = decode(point, words);
  if (decoded.quality != Quality::good) {
    return make_error(ErrorCode::unavailable, cat(point.id.str(), ": ", name_of(decoded.quality)));
  }
  const std::string& id = point.id.str();
  if (id == "code") {
    view.has_code = true;
    view.code = decoded.text;
    return {};
  }
  const std::int64_t value = decoded.value ? decoded.value->v / 1000 : 0;
  if (id == "ready") view.ready = value != 0;
  if (id == "error") view.error = value != 0;
  if (id == "error-code") view.error_code = value;
  if (id == "gripper") view.gripper = value != 0;
  if (id == "transfer-occupied") view.transfer = value != 0;
  if (id == "action") view.action = value;
  return {};
}

}  // namespace cryobank::devices
