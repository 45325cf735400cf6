// Room air: what the board knows of one room's oxygen, for the words of every page about it. Nobody
// is sent into a room whose oxygen is low, falling or unknown, or whose inlet an interlock has just
// shut: the gas that shut it may not have reached the sensor that is read. A room without any
// oxygen instrument is said to be without one.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/quality.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace cryobank::alarms {

class RoomAir {
 public:
  // Meanings "oxygen-1", "oxygen-2", "inlet-closed"; others mean nothing here. True: danger() is
  // another one now.
  bool observe(Now now, std::string_view meaning, Quality quality, std::optional<Milli> value);
  bool lost(Now now);  // its instrument does not answer
  void limit(Milli warn) { warn_ = warn; }

  bool has_instrument() const { return instrument_; }
  void expect_instrument();
  // It has an instrument, and this run has neither read it nor missed it yet.
  bool is_unread() const { return instrument_ && !read_; }
  // The lower of the sensors; empty: unknown.
  std::optional<Milli> oxygen() const;
  // Why nobody may go in: "oxygen 17.2 %", "oxygen falls", "oxygen unknown"; empty: nothing known
  // against it.
  std::string keep_out(Now now) const;
  // The same without figures, as it was told last: "oxygen low", "oxygen falls", "oxygen not yet
  // back", "oxygen unknown" (also before the first reading), "the interlock shut the inlet".
  std::string_view danger() const { return danger_; }

 private:
  void take(Now now, std::string_view meaning, Quality quality, std::optional<Milli> value);
  bool follow(Now now);  // whether danger() has changed
  std::string_view danger_at(Now now) const;

  struct Past {
    Instant at;
    Milli oxygen;
  };
  bool instrument_ = false;
  bool read_ = false;
  Milli warn_{19'500};
  std::array<std::optional<Milli>, 2> sensors_;
  std::deque<Past> past_;
  bool inlet_closed_ = false;
  std::optional<Instant> inlet_closed_at_;
  std::string_view danger_;
};

}  // namespace cryobank::alarms
