#include "devices/line/modbus.hpp"

#include "base/check.hpp"
#include "base/text.hpp"

namespace cryobank::devices {
namespace {

// Modbus Application Protocol V1.1b3, section 7.
std::string_view exception_words(std::uint8_t code) {
  switch (code) {
    case 1:
      return " (it does not know the function)";
    case 2:
      return " (it does not have the address)";
    case 3:
      return " (it refuses the count or the value)";
    case 4:
      return " (it failed)";
    case 5:
      return " (it takes long)";
    case 6:
      return " (it is busy)";
    case 8:
      return " (its memory failed)";
    case 10:
      return " (gateway: no path to the unit)";
    case 11:
      return " (gateway: the unit does not answer)";
    default:
      return "";
  }
}

}  // namespace

std::string describe(const ModbusReply& reply) {
  switch (reply.kind) {
    case ReplyKind::ok:
      return "an answer";
    case ReplyKind::exception:
      return cat("exception ", reply.exception, exception_words(reply.exception));
    case ReplyKind::timeout:
      return "no answer";
    case ReplyKind::disconnected:
      return reply.wrong == Wrong::port_in_use
                 ? "no connection: the port is open in another program (is it the daemon?)"
                 : "no connection";
    case ReplyKind::malformed:
      break;
  }
  switch (reply.wrong) {
    case Wrong::none:
      return "an answer that is none to this request";
    case Wrong::garbage:
      return "garbage";
    case Wrong::checksum:
      return "an answer with a wrong checksum";
    case Wrong::another_unit:
      return cat("an answer of unit ", reply.from);
    case Wrong::transaction:
      return "an answer with another transaction number";
    case Wrong::another_answer:
    case Wrong::port_in_use:
      return "an answer to another request";
  }
  CHECK(false);
}

std::string_view name_of(RegisterTable table) {
  switch (table) {
    case RegisterTable::coil:
      return "coil";
    case RegisterTable::discrete:
      return "discrete";
    case RegisterTable::input:
      return "input";
    case RegisterTable::holding:
      return "holding";
  }
  CHECK(false);
}

std::string_view name_of(ReplyKind kind) {
  switch (kind) {
    case ReplyKind::ok:
      return "ok";
    case ReplyKind::exception:
      return "exception";
    case ReplyKind::timeout:
      return "timeout";
    case ReplyKind::malformed:
      return "malformed";
    case ReplyKind::disconnected:
      return "disconnected";
  }
  CHECK(false);
}

}  // namespace cryobank::devices
