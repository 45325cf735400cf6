// Words that the service says of itself: its own state (service/state, contract 3) and how far its
// clock is believed (written with each journal entry, docs/journal-format.md).
#pragma once

#include <cstdint>
#include <string_view>

namespace cryobank {

enum class ServiceState : std::uint8_t {
  starting,  // reads its record; no command is taken
  online,
  stopping,  // takes nothing new, ends what is open
  offline,   // the last word before the end, and the broker's word after a crash
};
std::string_view name_of(ServiceState state);

enum class ClockState : std::uint8_t {
  unsynchronised,  // nobody has said that the system clock is right
  synchronised,
  stepped,  // it jumped in this run
};
std::string_view name_of(ClockState state);

}  // namespace cryobank
