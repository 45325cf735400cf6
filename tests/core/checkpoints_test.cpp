// Checkpoints while the store fails.
#include "service/core/checkpoints.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/world.hpp"

namespace cryobank::core {
namespace {

// The signature comes while a batch is under way, so that the journal has more entries than it
// covers; then that batch fails, and there is nothing more to sign.
TEST(Checkpoints, one_that_a_failed_batch_made_due_does_not_keep_the_core_awake) {
  World world;
  world.sign_takes = seconds(20);
  world.start();
  ASSERT_TRUE(
      world.run_until([&] { return std::ranges::count(world.order, "sign") > 0; }, minutes(5)));
  world.store_silent = true;
  Json fault = Json::object().set("do", "fault").set("device", "freezer-2").set("fault", "dead");
  ASSERT_TRUE(world.hardware().control(fault).ok());
  world.run(seconds(25));
  ASSERT_TRUE(world.parts().recorder.in_flight());
  ASSERT_NE(world.parts().checkpoints.next_deadline(), kNever);
  world.store_silent = false;
  world.store_fails = true;
  world.step(Committed{world.last_commit, make_error(ErrorCode::io, "disk full"), {}});
  for (int second = 0; second < 120; ++second) {
    world.run(seconds(1));
    world.step(Tick{});
    ASSERT_GT(world.core().next_deadline(), world.now().mono) << second;
  }
}

}  // namespace
}  // namespace cryobank::core
