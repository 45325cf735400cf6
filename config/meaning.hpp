// Meaning: what a point of a machine is to this service, whatever its maker calls it: the level,
// the top temperature, the lid. Alarms, detectors and interlocks ask for meanings only. A point
// says `means = "level"`; one whose id is a meaning's name means it without saying so. A meaning
// fixes the kind of machine, the unit, and what 0 and 1 are.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "config/device_profile.hpp"

namespace cryobank::config {

struct Meaning {
  std::string_view name;
  DeviceKind kind;
  std::string_view unit;  // UCUM; "1" for switches, words and bits
  std::string_view says;
  // What such a value can be; a point that may be beyond it has another unit than it says, as ppm
  // under "%". Both 0: not bounded. Air has 20.9 % oxygen and monitors of rooms measure to 25 or
  // 30 %; a bulk tank's valve opens at 17 bar or less; no tank is ten metres high.
  Milli lowest{};
  Milli highest{};
  bool bounded() const { return lowest < highest; }
};

std::span<const Meaning> meanings();
const Meaning* find_meaning(std::string_view name, DeviceKind kind);

// Signals without which a machine of this kind is not watched at all: each group is one need, and
// any of its meanings fills it. `mechanical`: a freezer without liquid.
std::span<const std::span<const std::string_view>> needs_of(DeviceKind kind, bool mechanical);

// What contradicts that this point means that: its unit, what it may be, what 0 and 1 are. Each as
// a sentence to `tell`.
void check_meaning(const Point& point, const Meaning& meaning,
                   const std::function<void(std::string_view)>& tell);

// Units, names that were probably meant, meanings that come twice, and what is missing.
void lint_meanings(const DeviceProfile& profile, Faults& faults);

}  // namespace cryobank::config
