#include "devices/line/line_queue.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"

namespace cryobank::devices {
namespace {

constexpr LineManners kNetwork{.quiet_after_failure = false, .reconnects = true};
constexpr LineManners kSerial{.quiet_after_failure = true, .reconnects = false};

Instant at_ms(std::int64_t ms) { return Instant{milliseconds(ms).ns}; }

TEST(DueHeap, AgreesWithASearchOverAllSlots) {
  Prng prng(5);
  DueHeap heap(37);
  for (int i = 0; i < 20'000; ++i) {
    heap.set(prng.below(37), prng.chance(1, 10) ? kNever : at_ms(prng.between(0, 50)));
    std::size_t first = 0;
    for (std::size_t slot = 1; slot < heap.size(); ++slot) {
      if (heap.at(slot) < heap.at(first)) first = slot;
    }
    ASSERT_EQ(heap.next(), heap.at(first));
    ASSERT_EQ(heap.first(), first) << "equal times go by slot";
  }
}

TEST(LineQueue, SendsSafetyBeforeRobotsBeforePolls) {
  LineQueue queue(2, kNetwork);
  queue.set_due(1, at_ms(0));
  queue.set_due(0, at_ms(5));
  ASSERT_TRUE(queue.push(Lane::robot, 70).ok());
  ASSERT_TRUE(queue.push(Lane::robot, 71).ok());
  ASSERT_TRUE(queue.push(Lane::safety, 80).ok());
  std::vector<std::uint32_t> order;
  for (int i = 0; i < 5; ++i) {
    const auto turn = queue.next(at_ms(10));
    ASSERT_TRUE(turn.has_value());
    order.push_back(turn->slot);
    if (turn->lane == Lane::poll) queue.set_due(turn->slot, at_ms(1000));
    queue.sent();
    EXPECT_FALSE(queue.next(at_ms(10)).has_value()) << "one in flight";
    EXPECT_EQ(queue.next_due(), kNever);
    queue.answered(at_ms(10), ReplyKind::ok, milliseconds(500));
  }
  EXPECT_EQ(order, (std::vector<std::uint32_t>{80, 70, 71, 1, 0}));
  EXPECT_EQ(queue.next_due(), at_ms(1000));
}

TEST(LineQueue, IsSilentAndDrainedAfterATimeOutOnASerialLine) {
  LineQueue queue(1, kSerial);
  EXPECT_TRUE(queue.take_drain()) << "an earlier run may have left something";
  EXPECT_FALSE(queue.take_drain());
  queue.set_due(0, at_ms(0));
  for (const ReplyKind kind : {ReplyKind::timeout, ReplyKind::malformed}) {
    ASSERT_TRUE(queue.next(at_ms(5000)).has_value());
    queue.sent();
    queue.answered(at_ms(5000), kind, milliseconds(800));
    EXPECT_FALSE(queue.next(at_ms(5799)).has_value());
    EXPECT_EQ(queue.next_due(), at_ms(5800));
    ASSERT_TRUE(queue.push(Lane::safety, 1).ok());
    EXPECT_FALSE(queue.next(at_ms(5799)).has_value()) << "not even for safety: it would collide";
    EXPECT_TRUE(queue.next(at_ms(5800)).has_value());
    EXPECT_TRUE(queue.take_drain());
    EXPECT_FALSE(queue.take_reconnect());
    queue = LineQueue(1, kSerial);
    queue.set_due(0, at_ms(0));
  }
}

TEST(LineQueue, MakesAConnectionAnewAfterATransportError) {
  LineQueue queue(1, kNetwork);
  queue.set_due(0, at_ms(0));
  const struct {
    ReplyKind kind;
    bool anew;
  } cases[] = {{ReplyKind::ok, false},
               {ReplyKind::exception, false},
               {ReplyKind::timeout, true},
               {ReplyKind::malformed, true},
               {ReplyKind::disconnected, true}};
  for (const auto& c : cases) {
    queue.sent();
    queue.answered(at_ms(1), c.kind, milliseconds(500));
    EXPECT_EQ(queue.take_reconnect(), c.anew) << name_of(c.kind);
    EXPECT_EQ(queue.next_due(), at_ms(0)) << "a new connection needs no silence";
  }
}

TEST(LineQueue, RefusesMoreThanItsBound) {
  LineQueue queue(0, kNetwork);
  for (std::uint32_t i = 0; i < kLaneMax; ++i) ASSERT_TRUE(queue.push(Lane::robot, i).ok());
  EXPECT_FALSE(queue.push(Lane::robot, 0).ok());
  EXPECT_TRUE(queue.push(Lane::safety, 0).ok()) << "a full lane does not block a safer one";
}

TEST(LineQueue, SpacesTheTriesOfLostUnits) {
  LineQueue queue(1, kSerial);
  queue.lost_unit_failed(at_ms(1500), at_ms(1000));
  EXPECT_EQ(queue.lost_turn_at(), at_ms(1500 + 500 * kLostShare));
}

TEST(LineQueue, IsQuietAndMakesTheConnectionAnewWhereAnswersBearNoNumber) {
  LineQueue queue(1, {.quiet_after_failure = true, .reconnects = true});
  static_cast<void>(queue.take_drain());
  queue.set_due(0, Instant{});
  ASSERT_TRUE(queue.next(Instant{}));
  queue.sent();
  queue.answered(Instant{}, ReplyKind::timeout, seconds(8));
  EXPECT_FALSE(queue.next(Instant{seconds(8).ns - 1}));
  EXPECT_TRUE(queue.next(Instant{seconds(8).ns}));
  EXPECT_TRUE(queue.take_drain());
  EXPECT_TRUE(queue.take_reconnect());
}

}  // namespace
}  // namespace cryobank::devices
