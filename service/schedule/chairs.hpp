// Chairs: where patients have their infusion, by the minute. A chair serves one patient at a time
// and is made ready for the next. Minutes count from local midnight. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace cryobank::schedule {

// One clinic on a day that it is open.
struct ChairDay {
  int chairs = 1;
  int opens = 0;         // the first infusion begins then or later ...
  int closes = 24 * 60;  // ... and the last one ends by then
  int turnover = 0;      // minutes between two patients on one chair
};

struct ChairVisit {
  int from = 0;
  int minutes = 0;
  std::string name;  // for messages
};

// What a day's chairs hold, in units of `unit` minutes: visits whose lengths (with their turnover)
// come to no more than `units` all find a chair, whatever their order.
struct ChairPlaces {
  int unit = 1;
  int units = 0;
  int longest = 0;  // of one visit, in units
};

// `lengths`: minutes of infusions that may come, without turnover; not empty, each above 0. Of one
// length only, a chair holds as many as fit one after the other; of several, less what the longest
// one may leave empty.
ChairPlaces chair_places(const ChairDay& day, std::span<const int> lengths);

// The first minute at which a chair is free for so long; -1: none before it closes.
int free_chair(const ChairDay& day, std::span<const ChairVisit> taken, int minutes);

// What cannot be: more patients at once than chairs, or outside the hours; in words.
std::vector<std::string> chair_faults(const ChairDay& day, std::span<const ChairVisit> visits);

}  // namespace cryobank::schedule
