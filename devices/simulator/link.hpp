// Link: what goes wrong between a master and one unit: the faults of a line and of a unit on it,
// drawn for each request. It only decides; the Hardware carries it out on values, the servers of
// cryobank-sim on bytes.
#pragma once

#include <cstdint>

#include "base/prng.hpp"
#include "devices/simulator/fault_set.hpp"

namespace cryobank::simulator {

enum class LinkAction : std::uint8_t {
  pass,
  request_lost,  // the unit never sees it
  silent,        // the unit obeys and the answer is lost
  garbage,
  truncated,
  one_behind,  // the answer to the request before
  wrong_unit,  // the answer bears another unit's address
  misrouted,   // another unit's registers under the right address (reads only)
  exception,
  drip,  // one byte now and then
  duplicate,
  disconnected,
};

struct LinkVerdict {
  LinkAction action = LinkAction::pass;
  std::int64_t delay_ms = 0;   // before the answer; drip: between two bytes
  std::uint8_t exception = 0;  // with `exception`
  bool executed = true;        // does the unit obey the request?
  std::int64_t held_ms = 0;    // a gateway keeps it and delivers it after so long; 0: never
};

// Faults of the line first, then of the unit; the first that strikes decides. Delays add up.
// `is_command`: a write of more than two registers, which is what a gateway is told to hold back.
LinkVerdict judge_link(FaultSet& line, FaultSet& unit, bool is_command, Prng& prng);

}  // namespace cryobank::simulator
