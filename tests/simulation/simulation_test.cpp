// A handful of seeds with every kind of fault, and worlds with a planted mistake, to show that the
// checkers see one.
#include <gtest/gtest.h>

#include "tests/simulation/run.hpp"

namespace cryobank::simulation {
namespace {

WorldOptions small(std::uint64_t seed) {
  WorldOptions options;
  options.seed = seed;
  options.safety = hours(2);
  options.devices = kDevicesMin;
  return options;
}

std::string all(const Outcome& outcome) {
  std::string text = cat("faults: ", outcome.plan, "\n", outcome.last_lines);
  for (const std::string& violation : outcome.violations) text += cat(violation, "\n");
  return text;
}

Outcome run_planted(Planted planted) {
  WorldOptions options = small(1);
  options.faults = false;
  options.planted = planted;
  const auto site = draw_site(options);
  EXPECT_TRUE(site.ok());
  return planted == Planted::unequal_runs ? run_twice(options) : run_once(*site, options);
}

class Seed : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Seed, holds_every_promise_and_its_two_traces_are_equal) {
  const Outcome outcome = run_twice(small(GetParam()));
  EXPECT_TRUE(outcome.violations.empty()) << all(outcome);
  EXPECT_GT(outcome.steps, 1'000U);
}

INSTANTIATE_TEST_SUITE_P(Simulation, Seed, testing::Range<std::uint64_t>(1, 7));

TEST(Simulation, a_world_without_faults_stores_vials_and_finds_nothing) {
  const Outcome outcome = run_planted(Planted::nothing);
  EXPECT_TRUE(outcome.violations.empty()) << all(outcome);
  EXPECT_GT(outcome.moves, 0U);
}

TEST(Simulation, different_seeds_have_different_traces) {
  WorldOptions options = small(1);
  options.safety = minutes(10);
  options.faults = false;
  const auto site = draw_site(options);
  ASSERT_TRUE(site.ok());
  const Outcome first = run_once(*site, options);
  options.seed = 2;
  EXPECT_NE(first.hash, run_once(*site, options).hash);
}

struct Case {
  const char* name;
  Planted planted;
  const char* found;
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

class PlantedMistake : public testing::TestWithParam<Case> {};

TEST_P(PlantedMistake, is_found) {
  const Outcome outcome = run_planted(GetParam().planted);
  ASSERT_FALSE(outcome.violations.empty());
  EXPECT_NE(outcome.violations.front().find(GetParam().found), std::string::npos) << all(outcome);
}

INSTANTIATE_TEST_SUITE_P(
    Simulation, PlantedMistake,
    testing::Values(
        Case{"a_durable_batch_vanishes", Planted::lost_batch, "vanished"},
        Case{"a_disk_says_durable_and_is_not", Planted::lying_disk, "not durable"},
        Case{"an_entry_is_not_what_was_written", Planted::bent_entry, "does not follow"},
        Case{"a_row_changes_by_itself", Planted::bent_row, "is not what the journal makes"},
        Case{"an_alarm_is_forgotten_in_a_kill", Planted::forgotten_alarm, "and the journal says"},
        Case{"a_vial_leaves_its_place_untold", Planted::stolen_vial, "but it is nowhere"},
        Case{"two_vials_bear_one_code", Planted::doubled_vial, "is in two places"},
        Case{"a_robot_moves_without_an_intent", Planted::foreign_motion, "no durable intent"},
        Case{"a_viewer_passes_for_an_operator", Planted::masked_user, "must be refused is"},
        Case{"a_probe_stands_still_while_the_tank_runs_empty", Planted::frozen_probe,
             "nobody is told"},
        Case{"an_alarm_clears_while_it_is_true", Planted::early_calm, "is cleared and its truth"},
        Case{"a_broker_shows_no_alarm", Planted::unshown_alarm, "the broker does not show it"},
        Case{"a_broker_passes_on_no_page", Planted::swallowed_page, "no page reached the broker"},
        Case{"a_reader_never_gets_an_event", Planted::swallowed_event, "never came"},
        Case{"a_broker_keeps_no_course", Planted::lost_topic, "the broker never got"},
        Case{"a_full_disk_is_cleared_by_nobody", Planted::full_disk, "no rest"},
        Case{"a_second_run_is_another_one", Planted::unequal_runs, "two runs differ"}),
    [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace cryobank::simulation
