#include "base/deadlines.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/prng.hpp"

namespace cryobank {
namespace {

std::vector<std::string> pop_all(Deadlines<std::string>& deadlines, Instant now) {
  std::vector<std::string> keys;
  while (auto key = deadlines.pop_due(now)) keys.push_back(*key);
  return keys;
}

TEST(Deadlines, without_any_the_next_is_never) {
  Deadlines<std::string> deadlines;
  EXPECT_EQ(deadlines.next(), kNever);
  EXPECT_FALSE(deadlines.pop_due(kNever).has_value());
}

TEST(Deadlines, fire_in_the_order_of_time) {
  Deadlines<std::string> deadlines;
  deadlines.set("late", Instant{30});
  deadlines.set("early", Instant{10});
  deadlines.set("middle", Instant{20});
  EXPECT_EQ(deadlines.next(), Instant{10});
  EXPECT_EQ(pop_all(deadlines, Instant{20}), (std::vector<std::string>{"early", "middle"}));
  EXPECT_EQ(deadlines.next(), Instant{30});
}

TEST(Deadlines, equal_instants_fire_in_the_order_they_were_set) {
  Deadlines<std::string> deadlines;
  for (const char* key : {"c", "a", "b"}) deadlines.set(key, Instant{5});
  EXPECT_EQ(pop_all(deadlines, Instant{5}), (std::vector<std::string>{"c", "a", "b"}));
}

TEST(Deadlines, setting_a_key_again_moves_it_behind_its_equals) {
  Deadlines<std::string> deadlines;
  deadlines.set("a", Instant{5});
  deadlines.set("b", Instant{5});
  deadlines.set("a", Instant{5});
  EXPECT_EQ(pop_all(deadlines, Instant{5}), (std::vector<std::string>{"b", "a"}));
}

TEST(Deadlines, a_key_has_at_most_one) {
  Deadlines<std::string> deadlines;
  deadlines.set("poll", Instant{10});
  deadlines.set("poll", Instant{50});
  EXPECT_EQ(deadlines.next(), Instant{50});
  EXPECT_TRUE(pop_all(deadlines, Instant{49}).empty());
  EXPECT_EQ(pop_all(deadlines, Instant{50}), (std::vector<std::string>{"poll"}));
  EXPECT_FALSE(deadlines.has("poll"));
}

TEST(Deadlines, is_due_at_its_instant_and_not_a_nanosecond_before) {
  Deadlines<int> deadlines;
  deadlines.set(1, Instant{1000});
  EXPECT_FALSE(deadlines.pop_due(Instant{999}).has_value());
  EXPECT_EQ(deadlines.pop_due(Instant{1000}), 1);
}

TEST(Deadlines, clearing_removes_and_clearing_the_absent_does_nothing) {
  Deadlines<int> deadlines;
  deadlines.set(1, Instant{1});
  deadlines.clear(2);
  EXPECT_TRUE(deadlines.has(1));
  deadlines.clear(1);
  EXPECT_FALSE(deadlines.has(1));
  EXPECT_EQ(deadlines.next(), kNever);
}

TEST(Deadlines, agree_with_a_sorted_list_under_random_use) {
  struct Entry {
    int key;
    Instant at;
  };
  Prng prng(11);
  Deadlines<int> deadlines;
  std::vector<Entry> list;  // in the order of setting
  for (int step = 0; step < 2000; ++step) {
    const int key = static_cast<int>(prng.below(30));
    const auto same = [&](const Entry& entry) { return entry.key == key; };
    std::erase_if(list, same);
    if (prng.chance(1, 4)) {
      deadlines.clear(key);
    } else {
      const Instant at{static_cast<std::int64_t>(prng.below(50))};
      deadlines.set(key, at);
      list.push_back({key, at});
    }
    const auto first = std::ranges::min_element(list, {}, &Entry::at);
    ASSERT_EQ(deadlines.next(), first == list.end() ? kNever : first->at);
    if (prng.chance(1, 8) && first != list.end()) {
      ASSERT_EQ(deadlines.pop_due(first->at), first->key);
      list.erase(first);
    }
  }
}

}  // namespace
}  // namespace cryobank
