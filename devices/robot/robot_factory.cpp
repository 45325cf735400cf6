#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/robot/robot.hpp"
#include "devices/robot/robot_driver.hpp"
#include "devices/robot/robot_sensors.hpp"

namespace cryobank::devices {

Result<std::unique_ptr<RobotDriver>> make_robot_driver(DeviceIndex device,
                                                       const config::DeviceConfig& config,
                                                       const config::DeviceProfile& profile,
                                                       Epoch epoch) {
  using config::ExactlyOnce;
  const auto by_sensors = [&](bool operator_confirms) -> Result<std::unique_ptr<RobotDriver>> {
    TRY_ASSIGN(SensorMap map, sensor_map_of(profile));
    return std::unique_ptr<RobotDriver>(
        std::make_unique<SensorRobot>(device, config.unit, std::move(map), operator_confirms));
  };
  switch (profile.exactly_once) {
    case ExactlyOnce::sequence:
      return std::unique_ptr<RobotDriver>(std::make_unique<Robot>(
          device, config.unit, epoch, RobotLimits{}, profile.tells_units_apart()));
    case ExactlyOnce::sensors:
      return by_sensors(false);
    case ExactlyOnce::operator_confirms:
      return by_sensors(true);
    case ExactlyOnce::none:
      break;
  }
  return make_error(ErrorCode::unsupported,
                    cat("profile ", profile.id.str(), " says no exactly_once: it moves nothing"));
}

}  // namespace cryobank::devices
