// The text of a page: what a tired person reads on a small screen at night. 7-bit ASCII, at most
// 240 characters; the first 140 stand alone (a gateway may cut there): priority, where, what, how
// bad, how long is left and by when to leave, whether to go or to stay out, and the code that takes
// it. Times are local. No identifiers of patients or donors. The spoken form (mail, voice) says the
// same in whole sentences, in English or Japanese.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/language.hpp"
#include "base/zone.hpp"
#include "service/alarms/board.hpp"
#include "service/alarms/summons.hpp"

namespace cryobank::alarms {

inline constexpr std::size_t kPageLengthMax = 240;
inline constexpr std::size_t kPageHeadMax = 140;

// Everything that a page about one cause says, gathered at the moment it is sent.
struct PageWords {
  Priority priority = Priority::p2;
  std::string source;  // device or part: "freezer-1"
  std::string what;    // with figures
  std::string what_ja;
  std::string keep_out;   // why nobody may go in; empty: nothing known against it
  bool no_meter = false;  // the room has no oxygen instrument
  bool over = false;      // back to normal, and nobody has confirmed it
  bool unknown = false;   // not judged again since the service started
  std::string action, action_ja;
  bool from_outside = false;  // the action needs nobody in the room
  std::string place;          // the room as people call it
  std::string way_in;
  WallTime since{};
  std::optional<std::int64_t> lost_in_s;  // to -130 Cel, at the earliest
  // Since when it is above -130 Cel; ms 0: nobody saw when. Empty: it is not, as far as is known.
  std::optional<WallTime> lost_since;
  Duration travel{};        // until somebody who is called stands there
  std::string first_lost;   // of many tanks: "freezer-3 in 31h"
  std::string maintenance;  // "MAINT by anna until 17:00"
  std::string inside;       // "120 doses, 3 courses only here"
  int others = 0;           // more alarms of this cause
  std::string also;         // other machines of it: "freezer-2, freezer-3"
};

std::string page_text(Now now, const PageWords& words, const PageFace& face, const Zone& zone);
std::string spoken_text(Now now, const PageWords& words, const PageFace& face, const Zone& zone,
                        Language language);

// "3h10", "45min", "6d"
std::string short_span(std::int64_t seconds);
// "02:40", or "Sun 02:40" on another day than now.
std::string local_time(WallTime at, WallTime now, const Zone& zone);

// Each time of the record in it ("2026-11-22T03:04:05.678Z") as people read it where they are; one
// further away than a week with its date.
std::string local_times(std::string_view text, WallTime now, const Zone& zone);

// Bytes outside printable ASCII become '?', one for each character.
std::string seven_bit(std::string_view text);

}  // namespace cryobank::alarms
