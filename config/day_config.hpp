// Day: what the minute plan of a day needs of a site: the steps between store and incubator and
// between incubator and courier, with their machines, the people who can do them, and when couriers
// leave. None comes with the program: without [[plan.step]] there is no minute plan. Times of day
// are minutes after local midnight.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace cryobank::config {

inline constexpr int kDayStepsMax = 12;  // of a thaw, and of a harvest
inline constexpr int kDayPeopleMax = 60;
inline constexpr int kCourierRunsMax = 24;  // a day, of one courier

// In the order in which they are written.
struct DayStepConfig {
  enum class Of : std::uint8_t { thaw, harvest };
  // What the record shows when it has ended.
  enum class Ends : std::uint8_t { nothing, thawed, recultured, harvested, issued };
  std::string id;
  Of of = Of::thaw;
  int minutes = 0;      // 1 to 720
  std::string machine;  // of [[plan.machine]]; empty: none
  std::string skill;    // that one of [[plan.person]] has; empty: nobody is needed
  int within = -1;      // minutes after the end of the step before, at most; -1: any time
  int clearance = 0;    // minutes that the machine is cleared for the next patient afterwards
  Ends ends = Ends::nothing;
  int line = 0;
};

struct DayMachineConfig {
  std::string id;
  int count = 1;  // alike ones, one patient's material in each at a time
  int line = 0;
};

struct DayPersonConfig {
  UserId user;  // of [[user]]
  std::vector<std::string> skills;
  CalendarId calendar;  // there on its open days; empty: every day
  int from_minute = 0;
  int until_minute = 24 * 60;
  std::vector<Day> absent;
  int line = 0;
};

struct CourierConfig {
  std::string id;
  std::string clinic;  // of [[clinic]]; empty: all of them
  std::vector<int> leaves;
  int minutes = 0;  // until it is there
  int places = 0;   // doses that one run takes; 0: not limited here
  int line = 0;
};

struct DayConfig {
  std::vector<DayStepConfig> steps;
  std::vector<DayMachineConfig> machines;
  std::vector<DayPersonConfig> people;
  std::vector<CourierConfig> couriers;
  std::string file;  // for messages

  bool empty() const { return steps.empty(); }
};

}  // namespace cryobank::config
