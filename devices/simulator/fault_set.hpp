// Faults of the simulated hardware: every name a fault can have (docs/simulator.md lists them), and
// the set of faults that one machine, unit or line has just now. A fault may end after a time or a
// number of uses, and may strike only in some per mille of the cases.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/prng.hpp"

namespace cryobank::simulator {

enum class FaultKind : std::uint8_t {
  // freezers
  vacuum_loss,
  breach,
  valve_stuck_open,
  valve_stuck_closed,
  power_failure,
  bypass_stuck,
  // probes of freezer, supply and room; `point` names which
  sensor_stuck,
  sensor_drift,
  sensor_open,
  sensor_offset,
  sensor_noise,
  sensor_coarse,
  sensor_value,
  clock_offset,
  // supply and room
  supply_empty,
  warm_gas,
  pressure_low,
  outlet_closed,
  no_delivery,
  ventilation_off,
  gas_leak,
  // robots
  jam,
  drop,
  wrong_code,
  unreadable,
  false_done,
  never_done,
  power_cut,
  frozen_heartbeat,
  slow,
  ignores,
  interlock,
  manual_mode,
  gripper_sensor,
  foreign_motion,
  unknown_place,
  // links: a line, or one unit of it
  held_back,
  delay,
  request_lost,
  reply_lost,
  garbage,
  truncated,
  one_behind,
  wrong_unit,
  misrouted,
  exception,
  half_open,
  dead,
  gateway,
  drip,
  duplicate,
  disconnected,
};

enum class FaultTarget : std::uint8_t {
  freezer,
  probe,
  supply,
  supply_or_freezer,
  room,
  robot,
  link
};

// One row of the table of faults.
struct FaultName {
  FaultKind kind;
  std::string_view name;
  FaultTarget target;
  std::int64_t times;  // how often it strikes unless the command says otherwise; -1: without end
};

const std::vector<FaultName>& fault_names();
const FaultName* find_fault(std::string_view name);
const FaultName& name_of(FaultKind kind);

struct ActiveFault {
  std::uint64_t id = 0;
  FaultKind kind = FaultKind::dead;
  std::int64_t since_ms = 0;
  std::int64_t until_ms = -1;      // -1: until cleared
  std::int64_t times = -1;         // uses left; -1: without end
  std::uint32_t per_mille = 1000;  // in how many of 1000 cases it strikes
  std::string point;               // probes: which point; robots: at which step
  std::int64_t amount = 0;         // factor, offset, rate, code, bits ... in thousandths
  bool flag = false;               // silent, lie, executed, forgets: see docs/simulator.md
  std::string text;                // the code that a wrong reading shows
  std::int64_t held = 0;           // a stuck probe's value

  Json to_json() const;
  static Result<ActiveFault> from_json(const Json& saved);
};

inline constexpr std::size_t kFaultsMax = 64;  // of one machine: far above any test's need

class FaultSet {
 public:
  bool empty() const { return items_.empty(); }
  const std::vector<ActiveFault>& items() const { return items_; }
  std::vector<ActiveFault>& items() { return items_; }

  void add(ActiveFault fault) { items_.push_back(std::move(fault)); }
  // The first standing fault of that kind; nullptr when there is none.
  const ActiveFault* find(FaultKind kind) const;
  bool has(FaultKind kind) const { return find(kind) != nullptr; }
  // Does the fault strike now? Draws its probability and counts one use. nullptr: it does not.
  const ActiveFault* strike(FaultKind kind, std::string_view point, Prng& prng);
  // Removes what ended by `now_ms`, or was used up.
  void expire(std::int64_t now_ms);
  // Removes those with that id (0: any) and name (empty: any). How many there were.
  int clear(std::uint64_t id, std::string_view name);
  // The earliest end; INT64_MAX when none ends by itself.
  std::int64_t next_end() const;

  Json save() const;
  Status restore(const Json& saved);

 private:
  std::vector<ActiveFault> items_;
  ActiveFault struck_;  // keeps the last one alive after its last use
};

}  // namespace cryobank::simulator
