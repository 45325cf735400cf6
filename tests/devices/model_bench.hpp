// What the tests of the models share: readings by hand, and what a model told.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "devices/line/reading.hpp"
#include "devices/plant/condition_book.hpp"

namespace cryobank::devices::testing {

struct Told {
  std::vector<DeviceCondition> conditions;
  std::vector<DeviceAct> acts;

  operator ModelOutputs() {  // NOLINT: stands where a model writes
    return {conditions, acts};
  }

  const DeviceCondition* last_of(std::string_view condition) const {
    const auto last =
        std::find_if(conditions.rbegin(), conditions.rend(),
                     [&](const DeviceCondition& one) { return one.condition == condition; });
    return last == conditions.rend() ? nullptr : &*last;
  }
  // The last word on a condition; empty when nothing was ever said.
  std::optional<bool> state(std::string_view condition) const {
    const DeviceCondition* last = last_of(condition);
    return last == nullptr ? std::nullopt : std::optional<bool>(last->active);
  }
  bool stands(std::string_view condition) const { return state(condition).value_or(false); }
  std::string text(std::string_view condition) const {
    const DeviceCondition* last = last_of(condition);
    return last == nullptr ? std::string() : last->text;
  }
  long times_raised(std::string_view condition) const {
    return std::count_if(conditions.begin(), conditions.end(), [&](const DeviceCondition& c) {
      return c.condition == condition && c.active;
    });
  }
};

struct Clock {
  Now now{Instant{1'000'000'000'000}, WallTime{1'800'000'000'000}};
  void advance(Duration by) { now = {now.mono + by, now.wall + by}; }
};

inline Reading reading(const Clock& clock, std::optional<Milli> value) {
  Reading r;
  r.value = value;
  r.quality = value ? Quality::good : Quality::comm_lost;
  r.at = clock.now.wall;
  r.at_mono = clock.now.mono;
  return r;
}

}  // namespace cryobank::devices::testing
