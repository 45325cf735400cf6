// A demonstration's fast plan clock over restarts: what was lived is not lived again, and what
// nobody was there for does not pass.
#include <gtest/gtest.h>

#include "base/time.hpp"
#include "tests/core/world.hpp"

namespace cryobank::core {
namespace {

constexpr int kFast = 720;  // a day in two minutes
// Between two writings of where the clock stands, and a restart's own time.
constexpr Duration kLost = seconds(12);

class PlanClockStory : public ::testing::Test {
 protected:
  explicit PlanClockStory(int speed = kFast)
      : world_([speed](config::SiteConfig& config) { config.plan.clock_speed = speed; }) {}

  WallTime plan_time() const { return world_.parts().clock.plan_time(world_.now().wall); }
  void restart_after(Duration down) {
    world_.kill();
    world_.rest(down);
    world_.start();
    world_.run(seconds(1));
  }

  World world_;
};

TEST_F(PlanClockStory, a_kill_long_after_the_start_does_not_call_the_clock_back) {
  world_.start();
  world_.run(minutes(5));
  const WallTime before = plan_time();
  restart_after(seconds(2));
  EXPECT_GE(plan_time(), before);
  EXPECT_LE(plan_time() - before, kLost * kFast);
}

TEST_F(PlanClockStory, an_hour_down_is_no_month_of_the_plan) {
  world_.start();
  world_.run(minutes(5));
  const WallTime before = plan_time();
  restart_after(hours(1));
  EXPECT_GE(plan_time(), before - kLost * kFast);
  EXPECT_LE(plan_time() - before, kLost * kFast);
}

TEST_F(PlanClockStory, a_disk_that_answers_nothing_is_not_piled_up_before) {
  world_.start();
  world_.run(seconds(20));
  world_.store_silent = true;
  world_.run(minutes(20));
  const std::string row = world_.rows.at("m/plan-clock");
  world_.run(minutes(1));
  EXPECT_EQ(world_.rows.at("m/plan-clock"), row);
}

class WallClockStory : public PlanClockStory {
 protected:
  WallClockStory() : PlanClockStory(1) {}
};

TEST_F(WallClockStory, a_bank_at_the_walls_speed_writes_its_clock_once_a_start) {
  world_.start();
  world_.run(seconds(2));
  const std::string row = world_.rows.at("m/plan-clock");
  world_.run(minutes(5));
  EXPECT_EQ(world_.rows.at("m/plan-clock"), row);
  EXPECT_EQ(plan_time(), world_.now().wall);
}

}  // namespace
}  // namespace cryobank::core
