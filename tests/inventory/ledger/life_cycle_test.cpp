#include "inventory/ledger/life_cycle.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "config/list_words.hpp"

namespace cryobank::inventory {
namespace {

// What each state may become, said once more in words; every pair not named is refused.
struct Ways {
  AliquotState from;
  std::vector<AliquotState> may;
  std::vector<AliquotState> overridden;
};

using enum AliquotState;

const std::vector<Ways> kWays = {
    {expected, {quarantined, in_transit, rejected, disposed, lost}, {}},
    {quarantined,
     {conditionally_released, released, in_transit, rejected, disposed, lost},
     {reserved}},
    {conditionally_released,
     {quarantined, released, reserved, in_transit, issued, rejected, disposed, lost},
     {}},
    {released, {quarantined, reserved, in_transit, issued, rejected, disposed, lost}, {}},
    {reserved, {quarantined, conditionally_released, released, thawed, rejected, lost}, {}},
    {in_transit,
     {quarantined, conditionally_released, released, issued, returned, rejected, lost},
     {}},
    {thawed, {in_culture, issued, rejected, disposed, lost}, {quarantined}},
    {in_culture, {issued, rejected, disposed, lost}, {}},
    {issued, {used, returned, rejected, lost}, {}},
    {used, {}, {}},
    {returned, {rejected, disposed, lost}, {quarantined, issued}},
    {rejected, {disposed, lost}, {quarantined}},
    {disposed, {}, {}},
    {lost, {quarantined, rejected, disposed}, {}},
};

TEST(LifeCycle, EveryPairOfStatesIsDecided) {
  ASSERT_EQ(kWays.size(), static_cast<std::size_t>(kAliquotStates));
  int pairs = 0;
  for (const Ways& ways : kWays) {
    const std::set<AliquotState> may(ways.may.begin(), ways.may.end());
    const std::set<AliquotState> overridden(ways.overridden.begin(), ways.overridden.end());
    for (int to = 0; to < kAliquotStates; ++to) {
      const auto target = static_cast<AliquotState>(to);
      const Allowed wanted = may.contains(target)          ? Allowed::yes
                             : overridden.contains(target) ? Allowed::overridden
                                                           : Allowed::no;
      EXPECT_EQ(may_become(ways.from, target), wanted)
          << name_of(ways.from) << " to " << name_of(target);
      ++pairs;
    }
  }
  EXPECT_EQ(pairs, kAliquotStates * kAliquotStates);
}

// A thawed vial that a protocol lets be frozen again is quarantined, under an override.
TEST(LifeCycle, WhatLeftTheColdNeverReturnsToItUntested) {
  for (const AliquotState warm : {thawed, in_culture, issued, used}) {
    for (const AliquotState cold :
         {expected, quarantined, conditionally_released, released, reserved}) {
      const bool again = warm == thawed && cold == quarantined;
      EXPECT_EQ(may_become(warm, cold), again ? Allowed::overridden : Allowed::no)
          << name_of(warm) << " " << name_of(cold);
    }
  }
}

// What a mapping of lists may name is what the record knows.
TEST(LifeCycle, TheStatesOfListsAreTheRecords) {
  EXPECT_EQ(std::size(config::kListStates), static_cast<std::size_t>(kAliquotStates));
  for (const std::string_view state : config::kListStates) {
    EXPECT_TRUE(parse_aliquot_state(state).ok()) << state;
  }
}

TEST(LifeCycle, NamesReadBack) {
  for (int i = 0; i < kAliquotStates; ++i) {
    const auto state = parse_aliquot_state(name_of(static_cast<AliquotState>(i)));
    ASSERT_TRUE(state.ok());
    EXPECT_EQ(static_cast<int>(*state), i);
  }
  for (int i = 0; i < kDoseStates; ++i) {
    const auto state = parse_dose_state(name_of(static_cast<DoseState>(i)));
    ASSERT_TRUE(state.ok());
    EXPECT_EQ(static_cast<int>(*state), i);
  }
  EXPECT_FALSE(parse_aliquot_state("melted").ok());
}

}  // namespace
}  // namespace cryobank::inventory
