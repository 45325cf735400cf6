// Minute day: the work of one day on a grid of minutes: for each dose that is thawed or harvested
// today a chain of steps, on machines of which there are few and by people who can do them. A
// machine holds one patient's material at a time and is cleared before the next; a step after which
// nothing may wait is followed at once. Made into a project (RCPSP/max, project.hpp) and solved by
// it; what has begun stays, all else is planned around it from `now` on. Pure: the same day and
// seed give the same plan. Minutes count from the local midnight of the day and may pass the next
// one.
//
// Where the day cannot be kept, every chain may end so much later (15 min, 30 min, ... 8 h) until
// it can, and those that end after their time are named. A day hangs on a person when no plan is
// found without that person.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "service/schedule/project.hpp"

namespace cryobank::schedule {

inline constexpr int kDayHorizon = 2 * 24 * 60;
inline constexpr int kChainsMax = 60;
inline constexpr int kChainStepsMax = 12;
inline constexpr int kDayPeopleMax = 60;

struct MinuteStep {
  std::string name;
  int minutes = 1;
  int machine = -1;     // of MinuteDay::machines; -1: none
  int skill = -1;       // of MinuteDay::skills: one person who has it; -1: nobody is needed
  int within = -1;      // at most so long after the end of the step before; -1: any time
  int clearance = 0;    // minutes after it that its machine is cleared for the next patient
  bool proven = false;  // the record shows when it ended
};

struct MinuteChain {
  std::string name;
  std::vector<MinuteStep> steps;
  int earliest = 0;      // the first step not before
  int latest = -1;       // the last step ends by then; -1: no such time
  std::size_t done = 0;  // steps that have ended, by the record
  int done_at = 0;       // when the last of those ended
  bool begun = false;    // the step after them has begun, at `begun_at`
  int begun_at = 0;
};

struct MinuteMachine {
  std::string name;
  int count = 1;
};

struct MinutePerson {
  std::string name;
  std::vector<int> skills;
  int from = 0;  // there from then ...
  int until = kDayHorizon;
};

struct MinuteDay {
  int now = 0;
  std::vector<MinuteMachine> machines;
  std::vector<std::string> skills;
  std::vector<MinutePerson> people;
  std::vector<MinuteChain> chains;
};

struct MinuteSlot {
  int chain = 0;
  int step = 0;
  int start = 0;
  int end = 0;
  int person = -1;
  bool running = false;  // it has begun; its end is as planned, or now where that has passed
};

struct MinutePlan {
  SearchVerdict verdict = SearchVerdict::unknown;
  std::vector<MinuteSlot> slots;           // of steps not proven to have ended, by start
  std::vector<std::pair<int, int>> late;   // chain, and minutes after its time
  std::vector<std::pair<int, int>> waits;  // chain, and minutes that it waits longer than it may
  std::vector<std::string> faults;         // why there is no plan, or who is missing in it
};

Status check(const MinuteDay& day);
// Looks at `orders` orders of the chains and up to `nodes` nodes of the exact search.
MinutePlan plan_minutes(const MinuteDay& day, std::uint64_t seed, int orders, std::int64_t nodes);
// Whether no plan like `found` is found when this person is not there; those who do nothing are
// not missed.
bool hangs_on(const MinuteDay& day, const MinutePlan& found, int person, std::uint64_t seed,
              int orders);
// Every rule that the plan breaks, counted again from the day alone; for tests and checkers.
std::vector<std::string> violations(const MinuteDay& day, const MinutePlan& plan);

}  // namespace cryobank::schedule
