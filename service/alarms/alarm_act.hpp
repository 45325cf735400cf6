// What a person did to an alarm or to a device's care, as its fact says it: read whole before it
// changes anything, at once after a command and, of one that a crash left over, at the next start.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/fact.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace cryobank::alarms {

struct AlarmAct {  // acknowledged, unacknowledged, shelved, unshelved, reset, commented
  AlarmId alarm;
  UserId by;
  std::uint64_t occurrence = 0;
  int severity = 0;     // of an acknowledgement: the worst that the person had seen
  std::string reason;   // of all but comments and the end of a shelf
  std::string comment;  // may be empty
  std::string text;     // of a comment
  WallTime until{};     // of a shelf
};

struct CareAct {  // maintenance begun or ended, a round entered
  DeviceId device;
  UserId by;
  std::string reason;                                 // of maintenance
  WallTime until{};                                   // of maintenance
  WallTime measured{};                                // of a round
  std::vector<std::pair<std::string, Milli>> values;  // of a round, by meaning
};

bool is_alarm_act(const FactType& type);
bool is_care_act(const FactType& type);

// REQUIRES the type. Errors: corrupt, with the fact, the member, what was expected and what came.
Result<AlarmAct> read_alarm_act(const Fact& fact);
Result<CareAct> read_care_act(const Fact& fact);

}  // namespace cryobank::alarms
