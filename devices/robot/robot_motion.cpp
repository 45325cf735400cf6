#include "devices/robot/robot_motion.hpp"

#include "base/check.hpp"

namespace cryobank::devices {

std::string_view name_of(RobotVerb verb) {
  switch (verb) {
    case RobotVerb::pick:
      return "pick";
    case RobotVerb::place:
      return "place";
    case RobotVerb::transfer:
      return "transfer";
    case RobotVerb::scan_position:
      return "scan-position";
    case RobotVerb::scan_rack:
      return "scan-rack";
    case RobotVerb::open_port:
      return "open-port";
    case RobotVerb::close_port:
      return "close-port";
    case RobotVerb::park:
      return "park";
  }
  CHECK(false);
}

std::string_view name_of(RobotEventKind kind) {
  switch (kind) {
    case RobotEventKind::accepted:
      return "accepted";
    case RobotEventKind::holding:
      return "holding";
    case RobotEventKind::done:
      return "done";
    case RobotEventKind::not_delivered:
      return "not-delivered";
    case RobotEventKind::failed:
      return "failed";
    case RobotEventKind::doubt:
      return "doubt";
    case RobotEventKind::scanned:
      return "scanned";
  }
  CHECK(false);
}

}  // namespace cryobank::devices
