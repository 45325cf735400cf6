// What a robot is asked to do and what it proves, independent of the machine's own protocol.
// A motion is never sent twice by retry; its sequence number rises by one per robot and is
// journaled before it is sent.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/row_reader.hpp"
#include "devices/line/reading.hpp"

namespace cryobank::devices {

enum class RobotVerb : std::uint8_t {
  pick,           // source -> gripper
  place,          // gripper -> destination
  transfer,       // source -> destination in one motion
  scan_position,  // read the code at source, move nothing
  scan_rack,      // read every code of the rack at source
  open_port,
  close_port,
  park,
};
std::string_view name_of(RobotVerb verb);

// Three words by which the robot knows a place: unit (tank or station), rack, position.
using RobotLocation = std::array<std::uint16_t, 3>;
Json location_json(const RobotLocation& location);
// Nothing when it is not three words.
std::optional<RobotLocation> location_of(const Json& words);
RobotLocation location_in(RowReader& in, std::string_view key);

struct RobotMotion {
  std::uint32_t sequence = 0;  // 1 and up, per robot, for ever
  Epoch epoch;
  RobotVerb verb = RobotVerb::park;
  RobotLocation source{};
  RobotLocation destination{};
  std::string expected_code;  // the vial's code; empty for verbs that move none
};

enum class RobotEventKind : std::uint8_t {
  accepted,       // the robot echoes the sequence
  holding,        // picked: gripper sensor closed and code read (observed_code)
  done,           // latched done with our sequence and the count risen by one; code read at place
  not_delivered,  // certain that the robot never took it: the same motion may be issued again
  failed,         // the robot says failed and sensors agree where the vial is (`holding` tells)
  doubt,          // cannot be known from here: both ends are UNKNOWN, a person decides
  scanned,        // scan result: observed_code per position in `codes`
  gripped,        // the gripper sensor closed in this motion: its vial may be out of the cold
  unexplained,    // the robot shows a motion that nobody ordered, or lost its memory; of no motion
};
std::string_view name_of(RobotEventKind kind);

struct RobotEvent {
  DeviceIndex robot;
  std::uint32_t sequence = 0;
  RobotEventKind kind = RobotEventKind::doubt;
  std::string observed_code;       // what its reader read; empty when nothing was read
  std::vector<std::string> codes;  // scans: one per position; empty text for an empty position
  bool gripper_occupied = false;
  std::uint16_t error = 0;  // the robot's own code
  std::string reason;       // a sentence for a person
  // Of an unexplained motion, as far as they are known: `sequence` that the robot took (0: none
  // new), observed_code, and of a command of ours or in the robot's registers:
  std::string expected_code;
  std::optional<RobotLocation> source;
  std::optional<RobotLocation> destination;
};

// An unexplained motion as it is kept until a person releases the robot, and back.
Json to_json(const RobotEvent& unexplained);
// Errors: corrupt, with `what`, the member and what was expected.
Result<RobotEvent> unexplained_of(std::string_view what, DeviceIndex robot, const Json& kept);

// What the journal says of a motion when the daemon starts; the robot is asked before anything is
// written (the table is in robot_recovery.hpp).
enum class JournaledMotion : std::uint8_t { planned, issued, holding };

}  // namespace cryobank::devices
