// Summons: what the board says about one alarm that people must be told of, or that one of them
// took and that is still true. The page ledger decides whom, when again and whether it was
// received; the board knows nothing of channels.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "service/alarms/board.hpp"

namespace cryobank::alarms {

// Somebody who said to be on the way.
struct Coming {
  UserId by;
  WallTime at;        // when that was said
  WallTime due;       // when this person said to be there; ms 0: not said
  bool past = false;  // nobody is known to be there by now; the page ledger's
};

struct Summons {
  AlarmId alarm;
  std::uint64_t occurrence = 0;
  Priority priority = Priority::p2;
  DeviceId device;  // whose contents are at risk; may be empty
  // Rises whenever everybody must hear it anew: it rose, was unacknowledged, its shelf ended.
  std::uint32_t telling = 0;
  std::string cause;   // alarms of one cause are one page, first come first; empty: its own
  bool taken = false;  // a person has it: nobody is called, and what joins its cause rides with it
  bool over = false;   // back to normal, and nobody has confirmed it
  int danger = 0;      // to people who are in the room or on their way; 0: none known
  std::optional<Coming> coming;  // said of this occurrence, and not taken back
};

// What the ledger adds to the words of the board on one page.
struct PageFace {
  std::string code;  // four digits that take it
  int attempt = 1;
  int tier = 1;
  std::string coming;    // "anna 02:40": somebody is on the way already; empty: nobody
  int others = 0;        // alarms of the same cause that this page stands for as well
  bool overdue = false;  // `coming` says who promised when: nobody is known to be there
};

// What a person answered, past the checks of channel and code.
struct PagerAnswer {
  UserId by;
  std::string_view status;  // read, coming, later, not-coming
  ChannelId channel;
  bool takes = false;  // acknowledges: the code was right, and the role may
  std::string eta;     // "02:40" local; may be empty
  Duration eta_in{};   // the same from now; 0: not said
};

}  // namespace cryobank::alarms
