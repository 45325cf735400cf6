// Reference robot block, versions 1 and 2: the registers of a sample robot that can prove each
// motion. docs/registers.md is the full description for PLC integrators; these are its addresses.
// Multi-register values have the high word first. Written from sections 2.1 and 2.2 of the public
// handshakes it follows (four-phase, echo, latched done).
#pragma once

#include <cstdint>

// Command block, holding registers 0-15, written in ONE write (FC16) and never repeated. The robot
// acts only if magic, CRC and commit agree, the epoch is not below the highest it has seen, and the
// sequence is above the last it took; it ignores a sequence that it has already taken.
//    0      magic C0B1
//    1      verb
//    2-4    source
//    5-7    destination
//    8-9    FNV-1a of the expected code (0: none)
//   10-11   sequence
//   12-13   epoch
//   14      CRC-16/MODBUS of words 0-13 as big-endian bytes
//   15      commit: the low word of the sequence
// Master words, holding registers:
//   16-17   clear: the sequence whose latched done or failed may be cleared
//   20      heartbeat of the master
//   21      pause (1: finish the motion, start no other)
// Status block, input registers 0-59, read in ONE read (FC04):
//    0      magic C0B2
//    1      block version (1, or 2: see kVersionWithUnit)
//    2      state
//    3      step
//    4-5    echo sequence (the last taken)
//    6-7    last done sequence (latched until cleared)
//    8      result (0: none, 1: ok, else an error code)
//    9      gripper occupied
//   10-11   completed motions (for ever)
//   12-13   highest epoch seen
//   14      heartbeat (rises at least every second)
//   15      mode (0: manual, 1: automatic)
//   16      interlock bits
//   17      error code
//   18-19   FNV-1a of the code read at pick
//   20-21   the same at place
//   22-53   the code last read, ASCII, two characters a word, NUL padded
//   54-55   clock, UTC seconds
//   56      why the last command was refused
//   57-58   the sequence of that command
//   59      CRC-16 of words 0-58
// Scan result, input registers:
//   999          number of positions scanned (0 to 200)
//   1000 + 32 p  the code at position p (p from 0), 32 words ASCII; all NUL: empty; first word
//                FFFF: a vial whose code could not be read
namespace cryobank::devices::robot_block {

inline constexpr std::uint16_t kCommandMagic = 0xC0B1;
inline constexpr std::uint16_t kStatusMagic = 0xC0B2;
// Version 2 is version 1 with two more registers in the same read: 60 the unit address by which the
// robot was asked, which tells robots behind one gateway apart, 61 CRC-16 of words 0-60.
inline constexpr std::uint16_t kVersion = 1;
inline constexpr std::uint16_t kVersionWithUnit = 2;

inline constexpr std::uint16_t kCommandAddress = 0;
inline constexpr std::uint16_t kCommandLength = 16;
inline constexpr std::uint16_t kClearAddress = 16;
inline constexpr std::uint16_t kHeartbeatAddress = 20;
inline constexpr std::uint16_t kPauseAddress = 21;
inline constexpr std::uint16_t kStatusAddress = 0;
inline constexpr std::uint16_t kStatusLength = 60;
inline constexpr std::uint16_t kStatusLengthWithUnit = 62;
inline constexpr std::uint16_t kCodeAddress = 22;
inline constexpr std::uint16_t kCodeLength = 32;
inline constexpr std::uint16_t kScanCountAddress = 999;
inline constexpr std::uint16_t kScanAddress = 1000;
inline constexpr std::uint16_t kScanPositionsMax = 200;

// Word 1 of the command block.
enum class Verb : std::uint16_t {
  pick = 1,
  place = 2,
  transfer = 3,
  scan_position = 4,
  scan_rack = 5,
  open_port = 6,
  close_port = 7,
  park = 8,
};
// Word 2 of the status block.
enum class State : std::uint16_t {
  idle = 0,
  accepted = 1,
  running = 2,
  done = 3,
  failed = 4,
  paused = 5,
  interlocked = 6,
  starting = 7,
};
// Word 3: how far the motion is; after a power cut it keeps the last step reached.
enum class Step : std::uint16_t {
  none = 0,
  to_source = 1,
  holding = 2,
  to_destination = 3,
  placed = 4,
  scanning = 5,
};
// Bits of word 16; any set bit stops new motions.
enum Interlock : std::uint16_t {
  door_open = 1,
  emergency_stop = 2,
  port_open = 4,
  zone_busy = 8,
  oxygen_low = 16,
};
// Words 8, 17: error codes.
enum class Fault : std::uint16_t {
  none = 0,
  source_empty = 10,
  destination_occupied = 11,
  code_mismatch = 12,
  code_unreadable = 13,
  dropped = 14,
  jammed = 15,
  gripper_sensor = 16,
  power_lost = 17,
  unknown_place = 18,
};
// Word 56: why a command was refused; the motion of that sequence will never happen.
enum class Refusal : std::uint16_t {
  none = 0,
  crc = 1,
  epoch_too_low = 2,
  sequence_not_higher = 3,
  busy = 4,
  not_automatic = 5,
  interlocked = 6,
  unknown_place = 7,
  unknown_verb = 8,
  master_silent = 9,
};

// A master whose heartbeat word stands still for so long is taken as gone: the robot finishes its
// motion and starts no other.
inline constexpr int kMasterSilentSeconds = 10;

}  // namespace cryobank::devices::robot_block
