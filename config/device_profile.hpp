// Device profile: what one model of machine is on the wire. One TOML file per model under
// config/devices/; the declaration here is its reference manual, docs/device-profiles.md the
// how-to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "config/fault.hpp"

namespace cryobank::config {

enum class DeviceKind : std::uint8_t { freezer, robot, room, supply };
std::string_view name_of(DeviceKind kind);

// How far the map may be trusted, best first.
enum class Trust : std::uint8_t {
  reference,  // this project's own block, served and conformance-tested here
  frames,     // published map, checked against published frames
  published,  // published map, no frame seen
  derived,    // from a driver or a secondary text
};
std::string_view name_of(Trust trust);

// How a robot can prove that a motion happened once (facts section 2.2 row 8).
enum class ExactlyOnce : std::uint8_t { none, sequence, sensors, operator_confirms };

enum class PointTable : std::uint8_t { coil, discrete, input, holding };
enum class PointType : std::uint8_t {
  bit,   // a coil or discrete input, or one bit of a register (`bit` 0-15)
  bits,  // a bit field of 1, 2 or 4 registers; names in `bit_names`
  int16,
  uint16,
  int32,
  uint32,
  int64,
  uint64,
  float32,
  float64,
  bcd16,
  bcd32,
  ascii,  // `registers` registers, two characters each, blanks and NULs trimmed
};
// Registers that the type takes; 0 when the profile says how many.
int fixed_registers_of(PointType type);

// Order of the bytes of a 32-bit value 0xAABBCCDD in two registers; 64-bit values alike.
enum class WordOrder : std::uint8_t { abcd, cdab, badc, dcba };
enum class ReadClass : std::uint8_t { fast, slow, once };
enum class WriteClass : std::uint8_t { never, setpoint, command };

struct PointName {  // one value of an enum or one bit of a field
  std::int64_t value = 0;
  std::string name;
};

// Write rules; meaningful when write_class is not `never`.
struct WriteRules {
  WriteClass write_class = WriteClass::never;
  bool has_range = false;  // lint refuses a writable point without one
  Milli minimum{};         // allowed values, both included
  Milli maximum{};
  Duration interval_min = seconds(10);   // shortest time between two writes
  Duration confirm_within = seconds(5);  // read-back must agree by then
  std::int64_t lifetime_budget = 0;      // writes the memory survives; 0: not limited
  bool two_people = false;               // a witness must confirm
  std::string confirm_point;             // point read back; empty: this one
};

// Points of text devices have no place in a table: only id, title, type (int32 stands for a number,
// ascii for a text), scale, offset, unit, range, step, frozen rule, names and read class hold.
struct Point {
  PointId id;
  std::string title;  // for people, English
  PointTable table = PointTable::holding;
  std::uint16_t address = 0;   // 0-based wire address
  std::string printed;         // the address as the manual prints it, e.g. "40001" or "0x0530"
  std::uint8_t bit = 0;        // for type bit in a register
  std::uint8_t registers = 1;  // width in registers (bits in their own tables: 1)
  PointType type = PointType::uint16;
  WordOrder order = WordOrder::abcd;
  // value = raw * scale_num / scale_den + offset, in `unit`.
  std::int64_t scale_num = 1;
  std::int64_t scale_den = 1;
  Milli offset{};
  std::string unit;        // UCUM: Cel, mm, L, %, mbar, s, 1
  bool has_range = false;  // valid range, both included; outside is quality out-of-range
  Milli range_min{};
  Milli range_max{};
  std::string means;        // what it is to us (meaning.hpp); empty: as its id says
  Duration every{};         // how often the machine tells it by itself; 0: learned
  Milli step{};             // in what steps it tells it, in `unit`; 0: learned
  bool end_told = true;     // fill-valve: the machine tells when it closes
  Milli step_max{};         // largest believable change per second; 0: not checked
  Duration frozen_after{};  // no change for so long is quality frozen; 0: not checked
  // A good value is published anew once it differs by more than this from the one published last,
  // so that a last digit that wanders costs nothing. Alarms, records and each change of quality see
  // every reading. 0: each change.
  Milli publish_deadband{};
  int decimals = -1;                     // text: a whole number has exactly so many; -1: any
  std::vector<std::uint64_t> sentinels;  // raw values that mean "no sensor"
  std::vector<PointName> values;         // enum names (numbers) or bit names (bits)
  ReadClass read_class = ReadClass::fast;
  WriteRules write;
  int line = 0;  // in the profile file, for messages

  std::string_view meaning() const { return means.empty() ? id.str() : means; }
};

// Numbers have a deadband; states, bits and texts do not.
bool has_deadband(const Point& point);

// Bounds of the quirks: a read and a frame as the standard has them; times within which a line that
// several machines share stays usable.
inline constexpr int kRegistersMax = 125;
inline constexpr int kBitsMax = 2000;
inline constexpr int kGapMax = 124;
inline constexpr Duration kFramePauseMax = seconds(5);
inline constexpr Duration kConnectPauseMax = seconds(10);
inline constexpr Duration kResponseTimeoutMin = milliseconds(100);
inline constexpr Duration kResponseTimeoutMax = seconds(10);

// Quirks of the model on the wire; every default is the standard's.
struct Quirks {
  std::uint16_t registers_max = 125;
  std::uint16_t bits_max = 2000;
  std::uint16_t gap_max = 0;                       // unused registers a merged read may span
  bool single_item_reads = false;                  // one point per request (Analox Ax60)
  Duration frame_pause{};                          // silence between two requests
  Duration connect_pause{};                        // silence after connecting
  Duration response_timeout = milliseconds(1000);  // 100 ms to 10 s
  bool write_single = false;                       // writes one register by FC06 instead of FC16
  // modbus-ascii: its answers count characters instead of bytes, and one register may come as one
  // byte (Thermo TDE, TSX).
  bool counts_characters = false;
};

// One line of a text device (docs/text-devices.md): the answer to a question, or a line that comes
// by itself. The patterns are text_line.hpp's.
struct TextLine {
  std::string ask;                                  // what to send; empty: it comes unasked
  std::string pattern;                              // with {point-id}, {unit} and {any}
  std::vector<std::pair<std::string, Milli>> sets;  // points that such a line means a value of
  int line = 0;
};

// Where a proof frame was seen. What does not say so was made up from the map, and proves only that
// the profile decodes as its author meant.
enum class ProofOrigin : std::uint8_t { made_up, document, wire };
std::string_view name_of(ProofOrigin origin);

// A frame pair, which the codec must decode as told: the proof of the map, if it was seen.
struct ProofFrame {
  ProofOrigin origin = ProofOrigin::made_up;
  // PDU in hexadecimal: function code and data, without address or checksum. Text devices: the
  // question as unit 1 is asked, empty for a line that comes unasked, and the line.
  std::string request;
  std::string response;
  std::string point;   // which point it proves
  std::string expect;  // decoded text: "-80", "open", "sensor-broken"
  int line = 0;
};

struct DeviceProfile {
  ProfileId id;
  DeviceId owner;  // the one device it holds for, which declares a wire of its own; empty: any
  std::string title;
  int revision = 1;
  DeviceKind kind = DeviceKind::freezer;
  Trust trust = Trust::derived;
  std::string source;  // where the map is published
  // "registers" (Modbus RTU/TCP), "modbus-ascii" or "text" (line protocol, docs/text-devices.md).
  std::string protocol = "registers";
  // How the source prints addresses: "decimal" or "hex" count from 0, "decimal-1" and "hex-1" from
  // 1, "modicon" is 30001 for input register 0. The linter compares `printed` with `address`; where
  // a proof frame of the source contradicts its own table, the frame wins.
  std::string printed_form = "decimal";
  std::int32_t printed_offset = 0;  // added to the printed number, e.g. 10000 per UPS
  ExactlyOnce exactly_once = ExactlyOnce::none;
  PointId identity_point;  // a known constant, re-read before trusting a line again; may be empty
  std::string identity_value;  // what it must read as
  // A word of the same read that repeats the unit address by which the machine was asked: tells the
  // machines behind one gateway apart. Empty: they cannot be told apart.
  PointId unit_point;
  Quirks quirks;
  std::vector<Point> points;
  std::vector<TextLine> lines;  // protocol "text" only; the first that fits a line is meant
  std::vector<ProofFrame> proofs;
  std::string file;  // for messages
  int line = 0;

  // Meanings that only the site can give to a point (`named_on_site`): each device must.
  std::vector<std::string> named_on_site;
  bool mechanical = false;  // freezer: cooled by a compressor, without liquid
  bool is_text() const { return protocol == "text"; }
  // Whether an answer of another machine of this model behind the same gateway can be noticed.
  bool tells_units_apart() const { return !unit_point.empty(); }
  // nullptr when there is none. Linear: call it when building, not when reading.
  const Point* find(std::string_view point) const;
  const Point* find_meaning(std::string_view meaning) const;
};

// Parses and checks one profile: returns it, or adds every fault found with its line. `text` is the
// whole file. Refuses unknown keys. Cross-point rules are lint's (profile_lint.hpp).
bool parse_profile(std::string_view file, std::string_view text, DeviceProfile& profile,
                   Faults& faults);

}  // namespace cryobank::config
