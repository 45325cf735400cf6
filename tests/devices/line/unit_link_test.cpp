#include "devices/line/unit_link.hpp"

#include <gtest/gtest.h>

namespace cryobank::devices {
namespace {

Instant link_at_ms(std::int64_t ms) { return Instant{milliseconds(ms).ns}; }

TEST(UnitLink, RunsThreeChecksWhereAnswersCanBeLate) {
  UnitLink link({.late_answers = true, .has_identity = true}, Prng(1));
  for (const LinkCheck check : {LinkCheck::identity, LinkCheck::other, LinkCheck::identity_again}) {
    EXPECT_EQ(link.next_check(), check);
    link.on_check_passed();
  }
  EXPECT_TRUE(link.trusted());
  link.on_failure(link_at_ms(500), link_at_ms(0));
  EXPECT_EQ(link.next_check(), LinkCheck::identity);
  link.on_check_passed();
  link.on_failure(link_at_ms(2000), link_at_ms(1500));
  EXPECT_EQ(link.next_check(), LinkCheck::identity) << "a failed check starts over";
}

TEST(UnitLink, ChecksAConnectionOnceAndOnlyByIdentity) {
  UnitLink named({.has_identity = true}, Prng(1));
  named.on_check_passed();
  EXPECT_TRUE(named.trusted());
  UnitLink nameless({}, Prng(1));
  EXPECT_TRUE(nameless.trusted());
  nameless.suspect_late_answers();
  nameless.on_failure(link_at_ms(500), link_at_ms(0));
  EXPECT_FALSE(nameless.trusted());
}

TEST(UnitLink, IsLostAtTheThirdFailureAndThenAskedEverMoreRarely) {
  UnitLink link({.cycle = seconds(1), .retry_max = seconds(60)}, Prng(3));
  link.on_failure(link_at_ms(500), link_at_ms(0));
  EXPECT_EQ(link.retry_at(), link_at_ms(1000)) << "one try per cycle";
  link.on_failure(link_at_ms(1500), link_at_ms(1000));
  EXPECT_FALSE(link.lost());
  link.on_failure(link_at_ms(2500), link_at_ms(2000));
  EXPECT_TRUE(link.lost());
  Duration last{};
  Instant now = link_at_ms(2500);
  for (int i = 0; i < 20; ++i) {
    const Duration pause = link.retry_at() - now;
    EXPECT_GE(pause.ns, (last * 3 / 4).ns);
    EXPECT_LE(pause.ns, (seconds(60) * 9 / 8).ns);
    last = pause;
    now = link.retry_at() + milliseconds(500);
    link.on_failure(now, link.retry_at());
  }
  EXPECT_GE(last.ns, seconds(60).ns);
  link.hurry(now);
  EXPECT_EQ(link.retry_at(), now);
  link.on_answer();
  EXPECT_FALSE(link.lost());
}

TEST(UnitLink, LeavesAUnitAloneWhereSeveralAnswersMayStillCome) {
  UnitLink link({.late_answers = true, .response_timeout = milliseconds(500)}, Prng(3));
  link.on_failure(link_at_ms(500), link_at_ms(0));
  EXPECT_EQ(link.retry_at(), link_at_ms(1000));
  link.on_failure(link_at_ms(1500), link_at_ms(1000));
  EXPECT_GE(link.retry_at(), link_at_ms(1500 + 500 * kQuietTimeouts));
  link.on_failure(link_at_ms(9000), link_at_ms(8500));
  EXPECT_GE(link.retry_at(), link_at_ms(9000 + 2 * 500 * kQuietTimeouts));
}

}  // namespace
}  // namespace cryobank::devices
