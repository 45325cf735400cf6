// Story file: one real loss as lines of words (tests/scenarios/stories/*.story). A line sets up the
// tanks, says what happens at a time, what must be told within a time, or when the contents are
// lost. Times are counted from the end of the days of learning. Unknown words are refused.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace cryobank::scenarios {

struct Event {  // at TIME WORD [NUMBER|NAME ...]
  Duration at{};
  std::string word;
  std::vector<std::string> with;
};

struct Told {  // told ALARM PRIORITY within TIME [of TIME] [required TIME]
  std::string alarm;
  std::string priority;  // at least as urgent
  Duration within{};
  Duration from{};
  Duration required{};  // by the study; 0: the same as within
};

struct Story {
  std::string name;   // "S11"
  std::string title;  // "Breach: empty within three minutes"
  int tanks = 1;
  int dark_from = 0;
  Duration every = minutes(1);
  std::int64_t noise = 2'500;  // thousandths of mm
  bool weighed = false;
  Duration learn = days(20);
  Duration end = hours(24);
  Duration loss{};  // when the first contents reach -130 Cel; 0: nothing is lost
  std::vector<Event> events;
  std::vector<Told> told;
  std::string never;     // priority that must never be told: "p1", "p2", "p3"; empty: no such word
  int pages_most = -1;   // different causes that people are paged for, at most
  int raised_most = -1;  // alarms raised, at most
};

Result<Story> read_story(const std::string& text);

}  // namespace cryobank::scenarios
