#include "devices/line/modbus.hpp"

#include "base/check.hpp"

namespace cryobank::devices {

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
