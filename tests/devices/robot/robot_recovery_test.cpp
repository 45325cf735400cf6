#include "devices/robot/robot_recovery.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.hpp"

namespace cryobank::devices {
namespace {

using State = robot_block::State;

std::vector<RecoveryView> every_view() {
  std::vector<RecoveryView> views;
  for (int journaled = 0; journaled < 3; ++journaled) {
    for (int echo = 0; echo < 3; ++echo) {
      for (int rest = 0; rest < 8 * 4; ++rest) {  // each state with both flags
        views.push_back({static_cast<JournaledMotion>(journaled), static_cast<Echo>(echo),
                         static_cast<State>(rest / 4), (rest & 1) != 0, (rest & 2) != 0});
      }
    }
  }
  return views;
}

std::string text_of(const RecoveryView& view) {
  return cat("journaled ", static_cast<int>(view.journaled), ", echo ", static_cast<int>(view.echo),
             ", state ", static_cast<int>(view.state), ", done ours ",
             static_cast<int>(view.done_is_ours), ", gripper ",
             static_cast<int>(view.gripper_occupied));
}

TEST(RobotRecovery, has_an_answer_for_every_view_and_none_starts_a_motion) {
  // The answers are a closed list without "start"; not_delivered is the only one after which the
  // caller may issue, and it needs a robot that never took the sequence.
  for (const RecoveryView& view : every_view()) {
    const Recovery recovery = recover(view);
    EXPECT_NE(name_of(recovery), "") << text_of(view);
    if (recovery != Recovery::not_delivered) continue;
    EXPECT_NE(view.echo, Echo::ours) << text_of(view);
    EXPECT_NE(view.journaled, JournaledMotion::holding) << text_of(view);
  }
}

TEST(RobotRecovery, never_calls_a_sent_motion_undelivered_while_the_robot_moves) {
  for (const RecoveryView& view : every_view()) {
    if (view.journaled != JournaledMotion::issued) continue;
    if (recover(view) != Recovery::not_delivered) continue;
    EXPECT_TRUE(view.state != State::accepted && view.state != State::running &&
                view.state != State::starting)
        << text_of(view);
    EXPECT_FALSE(view.done_is_ours) << text_of(view);
    EXPECT_EQ(view.echo, Echo::below) << text_of(view);
  }
}

TEST(RobotRecovery, accepts_an_end_only_with_our_own_sequence) {
  for (const RecoveryView& view : every_view()) {
    const Recovery recovery = recover(view);
    if (recovery == Recovery::check_done) {
      EXPECT_TRUE(view.done_is_ours && view.echo == Echo::ours && view.state == State::done)
          << text_of(view);
    }
    if (recovery == Recovery::check_failed) {
      EXPECT_TRUE(view.echo == Echo::ours && view.state == State::failed) << text_of(view);
    }
  }
}

TEST(RobotRecovery, doubts_a_robot_that_somebody_else_commanded_after_us) {
  for (const RecoveryView& view : every_view()) {
    if (view.echo != Echo::above || view.journaled == JournaledMotion::planned) continue;
    EXPECT_EQ(recover(view), Recovery::doubt) << text_of(view);
  }
}

struct Case {
  const char* name;
  RecoveryView view;
  Recovery expected;
};

class RobotRecoveryRow : public ::testing::TestWithParam<Case> {};

TEST_P(RobotRecoveryRow, answers) { EXPECT_EQ(recover(GetParam().view), GetParam().expected); }

constexpr auto kIssued = JournaledMotion::issued;
constexpr auto kHolding = JournaledMotion::holding;

INSTANTIATE_TEST_SUITE_P(
    Table, RobotRecoveryRow,
    ::testing::Values(Case{"planned_and_unknown_to_the_robot",
                           {JournaledMotion::planned, Echo::below, State::idle, false, false},
                           Recovery::not_delivered},
                      Case{"planned_but_the_robot_took_it",
                           {JournaledMotion::planned, Echo::ours, State::done, true, false},
                           Recovery::doubt},
                      Case{"issued_and_never_taken",
                           {kIssued, Echo::below, State::idle, false, false},
                           Recovery::not_delivered},
                      Case{"issued_while_the_robot_latches_the_motion_before",
                           {kIssued, Echo::below, State::done, false, false},
                           Recovery::not_delivered},
                      Case{"issued_and_not_taken_before_an_interlock_came",
                           {kIssued, Echo::below, State::interlocked, false, false},
                           Recovery::not_delivered},
                      Case{"issued_while_the_robot_runs_another",
                           {kIssued, Echo::below, State::running, false, false},
                           Recovery::doubt},
                      Case{"issued_and_the_robot_is_starting",
                           {kIssued, Echo::below, State::starting, false, false},
                           Recovery::wait},
                      Case{"issued_and_running_with_an_empty_gripper",
                           {kIssued, Echo::ours, State::running, false, false},
                           Recovery::accepted},
                      Case{"issued_and_running_with_a_vial",
                           {kIssued, Echo::ours, State::running, false, true},
                           Recovery::holding},
                      Case{"issued_and_done",
                           {kIssued, Echo::ours, State::done, true, false},
                           Recovery::check_done},
                      Case{"holding_and_done",
                           {kHolding, Echo::ours, State::done, true, false},
                           Recovery::check_done},
                      Case{"holding_and_the_robot_knows_nothing_of_it",
                           {kHolding, Echo::below, State::idle, false, true},
                           Recovery::doubt},
                      Case{"holding_and_the_robot_forgot_the_end",
                           {kHolding, Echo::ours, State::idle, false, false},
                           Recovery::doubt},
                      Case{"issued_and_failed",
                           {kIssued, Echo::ours, State::failed, true, false},
                           Recovery::check_failed},
                      Case{"interlocked_with_the_vial_in_the_gripper",
                           {kHolding, Echo::ours, State::interlocked, false, true},
                           Recovery::holding}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

}  // namespace
}  // namespace cryobank::devices
