#include "devices/robot/robot_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/prng.hpp"
#include "base/text.hpp"

namespace cryobank::devices {
namespace {

constexpr WallTime kNow{1'800'000'000'000};

std::string text_of(const std::vector<RackOpening>& openings) {
  std::string text;
  for (const RackOpening& opening : openings) {
    if (!text.empty()) text += " | ";
    text += opening.rack;
    for (const std::size_t move : opening.moves) text += cat(" ", move);
  }
  return text;
}

QueuedMove move(std::string rack, std::uint32_t position, int priority = 5,
                Duration due_in = hours(1), std::optional<std::size_t> after = {}) {
  return {std::move(rack), position, priority, kNow + due_in, after};
}

TEST(RobotQueue, opens_each_rack_once_and_goes_through_it_by_position) {
  const std::vector<QueuedMove> moves = {move("a", 7), move("b", 1), move("a", 3), move("b", 2),
                                         move("a", 5)};
  EXPECT_EQ(text_of(order_moves(kNow, moves)), "a 0 2 4 | b 1 3");
}

TEST(RobotQueue, takes_the_higher_priority_first_and_then_the_earlier_due_time) {
  const std::vector<QueuedMove> moves = {move("a", 1, 5, hours(1)), move("b", 1, 5, minutes(5)),
                                         move("c", 1, 1, hours(9))};
  EXPECT_EQ(text_of(order_moves(kNow, moves)), "c 2 | b 1 | a 0");
}

TEST(RobotQueue, brings_a_less_urgent_move_of_the_open_rack_along_when_nobody_waits_for_it) {
  const std::vector<QueuedMove> moves = {move("a", 1, 1), move("b", 1, 2, hours(5)),
                                         move("a", 2, 9)};
  EXPECT_EQ(text_of(order_moves(kNow, moves)), "a 0 2 | b 1");
}

TEST(RobotQueue, makes_no_more_urgent_move_late_for_the_sake_of_a_rack) {
  const std::vector<QueuedMove> moves = {move("a", 1, 1), move("b", 1, 2, seconds(30)),
                                         move("a", 2, 9)};
  EXPECT_EQ(text_of(order_moves(kNow, moves)), "a 0 | b 1 | a 2");
}

TEST(RobotQueue, closes_a_rack_after_so_many_moves) {
  std::vector<QueuedMove> moves;
  for (std::uint32_t i = 0; i < 10; ++i) moves.push_back(move("a", i));
  const auto openings = order_moves(kNow, moves);
  ASSERT_EQ(openings.size(), 2u);
  EXPECT_EQ(openings[0].moves.size(), 8u);
}

TEST(RobotQueue, keeps_a_move_behind_the_one_that_it_needs) {
  const std::vector<QueuedMove> moves = {move("a", 1, 1, hours(1), 1), move("b", 1, 9),
                                         move("a", 2, 5)};
  EXPECT_EQ(text_of(order_moves(kNow, moves)), "a 2 | b 1 | a 0");
}

TEST(RobotQueue, opens_nothing_for_moves_between_stations) {
  const std::vector<QueuedMove> moves = {move("", 1), move("", 2)};
  EXPECT_EQ(text_of(order_moves(kNow, moves)), " 0 |  1");
}

TEST(RobotQueue, gives_every_move_once_whatever_comes_in) {
  Prng prng(3);
  for (int round = 0; round < 300; ++round) {
    std::vector<QueuedMove> moves;
    const std::uint64_t count = prng.below(30);
    for (std::uint64_t i = 0; i < count; ++i) {
      std::optional<std::size_t> after;
      if (prng.chance(1, 3)) after = prng.below(count + 2);  // circles and nonsense included
      moves.push_back(move(cat("rack-", prng.below(4)), static_cast<std::uint32_t>(prng.below(9)),
                           static_cast<int>(prng.between(1, 9)), seconds(prng.between(-600, 3600)),
                           after));
    }
    std::vector<std::size_t> seen;
    for (const RackOpening& opening : order_moves(kNow, moves)) {
      EXPECT_LE(opening.moves.size(), 8u);
      for (const std::size_t i : opening.moves) {
        EXPECT_EQ(moves.at(i).rack, opening.rack);
        seen.push_back(i);
      }
    }
    EXPECT_EQ(seen.size(), moves.size());
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
  }
}

TEST(RobotQueue, StaysWithTheOpenRackUntilItsTimeIsUp) {
  std::vector<QueuedMove> moves(3);
  moves[0].rack = "1/1";
  moves[1].rack = "1/2";
  moves[1].position = 7;
  moves[2].rack = "1/2";
  moves[2].position = 3;
  EXPECT_EQ(next_move(WallTime{}, moves, {}), 0u) << "the first of equals";
  EXPECT_EQ(next_move(WallTime{}, moves, {"1/2", 1}), 2u) << "by position in the open rack";
  EXPECT_EQ(next_move(WallTime{}, moves, {"1/2", 8}), 0u) << "it stood open long enough";
  moves[0].priority = 1;
  EXPECT_EQ(next_move(WallTime{}, moves, {"1/2", 1}), 0u)
      << "a more urgent move is not kept waiting";
  moves[2].after = 1;
  moves[0].priority = 5;
  EXPECT_EQ(next_move(WallTime{}, moves, {"1/2", 1}), 1u) << "what must come first does";
  EXPECT_EQ(next_move(WallTime{}, {}, {"1/2", 1}), std::nullopt);
}

}  // namespace
}  // namespace cryobank::devices
