// Modbus as values: one request to one unit, one reply. No socket here.
// Limits: Modbus Application Protocol V1.1b3: 125 registers or 2000 bits a read, 123 registers or
// 1968 bits a write.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cryobank::devices {

inline constexpr int kReadRegistersMax = 125;
inline constexpr int kReadBitsMax = 2000;
inline constexpr int kWriteRegistersMax = 123;
inline constexpr int kWriteBitsMax = 1968;

enum class RegisterTable : std::uint8_t {
  coil,      // read FC01, write FC05/FC15
  discrete,  // read FC02
  input,     // read FC04
  holding,   // read FC03, write FC06/FC16
};

struct ModbusRequest {
  enum class Kind : std::uint8_t { read, write_multiple, write_single };
  Kind kind = Kind::read;
  std::uint8_t unit = 1;  // 1-247; 255 for a TCP endpoint without units
  RegisterTable table = RegisterTable::holding;
  std::uint16_t address = 0;          // 0-based, as on the wire
  std::uint16_t count = 0;            // registers or bits; for writes equals values.size()
  std::vector<std::uint16_t> values;  // writes only; bits are 0 or 1
};

// How a request ended. Everything but `ok` carries no values.
enum class ReplyKind : std::uint8_t {
  ok,
  exception,     // the unit answered with an exception code
  timeout,       // no answer in time: a write may or may not have been done
  malformed,     // an answer that is not one to this request
  disconnected,  // no connection, or it broke: a write may or may not have been done
};

// What was wrong with what came instead of an answer; people are told that, not "does not answer".
enum class Wrong : std::uint8_t {
  none,
  garbage,         // no frame in it
  checksum,        // a frame whose checksum does not fit
  another_unit,    // a whole answer of another unit
  transaction,     // a whole answer to another request
  another_answer,  // another function, length or echo than was asked for
  port_in_use,     // with kind disconnected: another program has the serial port
};

struct ModbusReply {
  ReplyKind kind = ReplyKind::timeout;
  std::uint8_t exception = 0;         // 1-11 and vendor gateway codes; only with kind exception
  std::vector<std::uint16_t> values;  // registers, or bits as 0 and 1; empty for writes
  bool sent = true;                   // false: the request certainly never left this machine
  Wrong wrong = Wrong::none;          // with kind malformed, as far as it could be seen
  std::uint8_t from = 0;              // with another_unit: which
};

std::string_view name_of(RegisterTable table);
std::string_view name_of(ReplyKind kind);
// What a person is told: "exception 11 (gateway: the unit does not answer)", "an answer of unit 4".
std::string describe(const ModbusReply& reply);

}  // namespace cryobank::devices
