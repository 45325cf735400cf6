#include "service/core/watch/reservation_clock.hpp"

#include <algorithm>

#include "inventory/ledger/view.hpp"

namespace cryobank::core {
namespace {

// The wall clock may be set while a reservation runs; an end that could not be recorded is asked
// for again after as long.
constexpr Duration kClockLook = seconds(30);
constexpr std::int64_t kNoEnd = INT64_MAX;

}  // namespace

void ReservationClock::look(const Now& now) {
  at_ = now.mono + kClockLook;
  const WallTime end = inventory::next_reservation_end(bank_.ledger);
  if (end.ms == kNoEnd || stopping_) return;
  if (end > now.wall) {
    at_ = std::min(at_, now.mono + std::max(milliseconds(1), end - now.wall));
    return;
  }
  commands_.act(now, {"reservation/end", Json::object(), "its time has come"});
}

}  // namespace cryobank::core
