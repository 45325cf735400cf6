#include "devices/robot/robot_status.hpp"

#include <array>
#include <utility>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::devices {
namespace {

using namespace robot_block;

std::uint32_t join(std::uint16_t high, std::uint16_t low) {
  return (std::uint32_t{high} << 16) | low;
}

void put(std::span<std::uint16_t> words, std::size_t at, std::uint32_t value) {
  words[at] = static_cast<std::uint16_t>(value >> 16);
  words[at + 1] = static_cast<std::uint16_t>(value & 0xFFFF);
}

std::uint16_t crc_of(std::span<const std::uint16_t> words) {
  std::array<std::uint8_t, 2 * kStatusLengthWithUnit> bytes{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    bytes[2 * i] = static_cast<std::uint8_t>(words[i] >> 8);
    bytes[2 * i + 1] = static_cast<std::uint8_t>(words[i] & 0xFF);
  }
  return crc16_modbus(std::span(bytes).first(2 * words.size()));
}

constexpr std::size_t kUnitWord = 60;
constexpr std::size_t kUnitCrc = 61;
constexpr std::size_t kStatusCrc = kStatusLength - 1;
constexpr std::size_t kCommandCrc = 14;
constexpr std::size_t kCommandCommit = 15;

constexpr std::array<std::string_view, 8> kStates = {
    "idle", "accepted", "running", "done", "failed", "paused", "interlocked", "starting"};
constexpr std::array<std::string_view, 6> kSteps = {"none",           "to-source", "holding",
                                                    "to-destination", "placed",    "scanning"};
constexpr std::array<std::string_view, 10> kRefusals = {
    "none",          "crc",         "epoch-too-low", "sequence-not-higher", "busy",
    "not-automatic", "interlocked", "unknown-place", "unknown-verb",        "master-silent"};

constexpr std::array<std::pair<Fault, std::string_view>, 10> kFaults = {{
    {Fault::none, "none"},
    {Fault::source_empty, "source empty"},
    {Fault::destination_occupied, "destination occupied"},
    {Fault::code_mismatch, "code mismatch"},
    {Fault::code_unreadable, "code unreadable"},
    {Fault::dropped, "dropped"},
    {Fault::jammed, "jammed"},
    {Fault::gripper_sensor, "gripper sensor"},
    {Fault::power_lost, "power lost"},
    {Fault::unknown_place, "unknown place"},
}};

constexpr std::array<std::pair<robot_block::Interlock, std::string_view>, 5> kInterlocks = {{
    {door_open, "door-open"},
    {emergency_stop, "emergency-stop"},
    {port_open, "port-open"},
    {zone_busy, "zone-busy"},
    {oxygen_low, "oxygen-low"},
}};

Verb verb_word(RobotVerb verb) {
  switch (verb) {
    case RobotVerb::pick:
      return Verb::pick;
    case RobotVerb::place:
      return Verb::place;
    case RobotVerb::transfer:
      return Verb::transfer;
    case RobotVerb::scan_position:
      return Verb::scan_position;
    case RobotVerb::scan_rack:
      return Verb::scan_rack;
    case RobotVerb::open_port:
      return Verb::open_port;
    case RobotVerb::close_port:
      return Verb::close_port;
    case RobotVerb::park:
      return Verb::park;
  }
  return Verb::park;
}

Status check_frame(std::span<const std::uint16_t> words) {
  const bool with_unit = words.size() == kStatusLengthWithUnit;
  if (words.size() != kStatusLength && !with_unit) {
    return make_error(ErrorCode::mismatch,
                      cat("status block: expected ", kStatusLength, " or ", kStatusLengthWithUnit,
                          " registers, came ", words.size()));
  }
  const bool known = words[1] == kVersionWithUnit || (words[1] == kVersion && !with_unit);
  if (words[0] != kStatusMagic || !known) {
    return make_error(ErrorCode::mismatch, cat("status block: expected magic ", kStatusMagic,
                                               " version ", with_unit ? kVersionWithUnit : kVersion,
                                               ", came ", words[0], " version ", words[1]));
  }
  const bool tail = !with_unit || crc_of(words.first(kUnitCrc)) == words[kUnitCrc];
  if (crc_of(words.first(kStatusCrc)) != words[kStatusCrc] || !tail) {
    return make_error(ErrorCode::corrupt, "status block: the CRC is wrong");
  }
  if (words[2] >= kStates.size() || words[3] >= kSteps.size() || words[56] >= kRefusals.size()) {
    return make_error(ErrorCode::mismatch, cat("status block: state ", words[2], ", step ",
                                               words[3], " or refusal ", words[56], " is unknown"));
  }
  return {};
}

}  // namespace

Result<RobotStatus> decode_robot_status(std::span<const std::uint16_t> words) {
  TRY(check_frame(words));
  RobotStatus s;
  if (words.size() == kStatusLengthWithUnit) s.unit = words[kUnitWord];
  s.state = static_cast<State>(words[2]);
  s.step = static_cast<Step>(words[3]);
  s.echo = join(words[4], words[5]);
  s.last_done = join(words[6], words[7]);
  s.result = words[8];
  s.gripper_occupied = words[9] != 0;
  s.completed = join(words[10], words[11]);
  s.epoch = join(words[12], words[13]);
  s.heartbeat = words[14];
  s.automatic = words[15] == 1;
  s.interlocks = words[16];
  s.error = words[17];
  s.hash_at_pick = join(words[18], words[19]);
  s.hash_at_place = join(words[20], words[21]);
  s.code = decode_robot_code(words.subspan(kCodeAddress, kCodeLength));
  s.clock = join(words[54], words[55]);
  s.refusal = static_cast<Refusal>(words[56]);
  s.refused_sequence = join(words[57], words[58]);
  return s;
}

std::vector<std::uint16_t> encode_robot_status(const RobotStatus& s) {
  std::vector<std::uint16_t> words(s.unit == 0 ? kStatusLength : kStatusLengthWithUnit, 0);
  words[0] = kStatusMagic;
  words[1] = s.unit == 0 ? kVersion : kVersionWithUnit;
  words[2] = static_cast<std::uint16_t>(s.state);
  words[3] = static_cast<std::uint16_t>(s.step);
  put(words, 4, s.echo);
  put(words, 6, s.last_done);
  words[8] = s.result;
  words[9] = s.gripper_occupied ? 1 : 0;
  put(words, 10, s.completed);
  put(words, 12, s.epoch);
  words[14] = s.heartbeat;
  words[15] = s.automatic ? 1 : 0;
  words[16] = s.interlocks;
  words[17] = s.error;
  put(words, 18, s.hash_at_pick);
  put(words, 20, s.hash_at_place);
  encode_robot_code(s.code, std::span(words).subspan(kCodeAddress, kCodeLength));
  put(words, 54, s.clock);
  words[56] = static_cast<std::uint16_t>(s.refusal);
  put(words, 57, s.refused_sequence);
  words[kStatusCrc] = crc_of(std::span(words).first(kStatusCrc));
  if (s.unit == 0) return words;
  words[kUnitWord] = s.unit;
  words[kUnitCrc] = crc_of(std::span(words).first(kUnitCrc));
  return words;
}

std::vector<std::uint16_t> encode_robot_command(const RobotMotion& motion) {
  std::vector<std::uint16_t> words(kCommandLength, 0);
  words[0] = kCommandMagic;
  words[1] = static_cast<std::uint16_t>(verb_word(motion.verb));
  for (std::size_t i = 0; i < 3; ++i) {
    words[2 + i] = motion.source[i];
    words[5 + i] = motion.destination[i];
  }
  put(words, 8, motion.expected_code.empty() ? 0 : fnv1a32(motion.expected_code));
  put(words, 10, motion.sequence);
  put(words, 12, motion.epoch.value);
  words[kCommandCrc] = crc_of(std::span(words).first(kCommandCrc));
  words[kCommandCommit] = words[11];
  return words;
}

Result<RobotCommand> decode_robot_command(std::span<const std::uint16_t> words) {
  if (words.size() != kCommandLength || words[0] != kCommandMagic) {
    return make_error(ErrorCode::mismatch, "command block: wrong length or magic");
  }
  if (words[kCommandCommit] != words[11]) {
    return make_error(ErrorCode::mismatch, "command block: the commit word is not the sequence's");
  }
  if (crc_of(words.first(kCommandCrc)) != words[kCommandCrc]) {
    return make_error(ErrorCode::corrupt, "command block: the CRC is wrong");
  }
  RobotCommand command;
  command.verb = static_cast<Verb>(words[1]);
  for (std::size_t i = 0; i < 3; ++i) {
    command.source[i] = words[2 + i];
    command.destination[i] = words[5 + i];
  }
  command.code_hash = join(words[8], words[9]);
  command.sequence = join(words[10], words[11]);
  command.epoch = Epoch{join(words[12], words[13])};
  return command;
}

std::string decode_robot_code(std::span<const std::uint16_t> words) {
  std::string code;
  for (const std::uint16_t word : words) {
    for (const int shift : {8, 0}) {
      const auto byte = static_cast<unsigned char>((word >> shift) & 0xFF);
      if (byte == 0) return code;
      code += static_cast<char>(byte);
    }
  }
  return code;
}

void encode_robot_code(std::string_view code, std::span<std::uint16_t> words) {
  const auto byte_at = [&](std::size_t i) -> unsigned {
    return i < code.size() ? static_cast<unsigned char>(code[i]) : 0U;
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    words[i] = static_cast<std::uint16_t>((byte_at(2 * i) << 8) | byte_at(2 * i + 1));
  }
}

std::string describe_fault(std::uint16_t fault) {
  for (const auto& [known, name] : kFaults) {
    if (static_cast<std::uint16_t>(known) == fault) return cat(name, " (", fault, ")");
  }
  return cat("the robot's own code ", fault);
}

std::string describe_interlocks(std::uint16_t bits) {
  std::string text;
  for (const auto& [bit, name] : kInterlocks) {
    if ((bits & bit) == 0) continue;
    if (!text.empty()) text += ", ";
    text += name;
    bits = static_cast<std::uint16_t>(bits & ~bit);
  }
  if (bits != 0) text += cat(text.empty() ? "" : ", ", "unnamed bits ", bits);
  return text.empty() ? "none" : text;
}

std::string_view name_of(State state) { return kStates[static_cast<std::size_t>(state)]; }
std::string_view name_of(Step step) { return kSteps[static_cast<std::size_t>(step)]; }
std::string_view name_of(Refusal refusal) { return kRefusals[static_cast<std::size_t>(refusal)]; }

}  // namespace cryobank::devices
