// Story file: one real loss as lines of words (tests/scenarios/stories/*.story). A line sets up the
// tanks, says what happens at a time, what must be told within a time, or when the contents are
// lost. Times are counted from the end of the days of learning. Unknown words are refused.
// A story of `bank` plays with the whole service instead (duty_stage.hpp), and says what people
// must hear. `again WORD VALUE ...` plays it once more with other numbers: another tank, rate,
// hour, noise, step or cadence.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace cryobank::scenarios {

struct Event {  // at TIME[..TIME] WORD [NUMBER|NAME|TIME..TIME ...]
  Duration at{};
  Duration latest{};  // of a time that is drawn; the same as `at`: it is not
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

struct Rule {  // rule WORD TIME: what must hold all the time (duty_stage.hpp)
  std::string word;
  Duration limit{};
};

struct Story {
  std::string name;   // "S11"
  std::string title;  // "Breach: empty within three minutes"
  bool bank = false;
  int plays = 1;  // of a bank: with so many seeds
  int tanks = 1;
  std::uint64_t seed = 0;
  Duration every = minutes(1);
  Duration hour{};             // more time of learning: another hour of the day
  std::int64_t noise = 2'500;  // thousandths of mm
  std::int64_t step = 1'000;
  std::int64_t evaporation = 14'000;  // a day
  std::int64_t flow = 3'200;          // of a fill, a minute
  int lids = 12;                      // a day
  std::int64_t slower = 100;          // per cent of the times allowed, with these numbers
  bool weighed = false;
  bool from_start = false;  // it begins when the first tank is about to be filled
  Duration learn = days(20);
  Duration end = hours(24);
  Duration loss{};  // when the first contents reach -130 Cel; 0: nothing is lost
  std::vector<Event> events;
  std::vector<Told> told;
  std::vector<Told> heard;  // by a person: `alarm` is a part of the text, `priority` a channel
  std::vector<Rule> rules;
  std::vector<std::vector<std::string>> again;  // words and values of each further play
  std::string never;     // priority that must never be told: "p1", "p2", "p3"; empty: no such word
  int pages_most = -1;   // different causes that people are paged for, at most
  int raised_most = -1;  // alarms raised, at most
};

Result<Story> read_story(const std::string& text);
// The story with the numbers of one `again`. Errors: a word that sets nothing up.
Result<Story> with_numbers(Story story, const std::vector<std::string>& words);

}  // namespace cryobank::scenarios
