#include "base/fact.hpp"

#include <gtest/gtest.h>

#include <set>
#include <type_traits>

namespace cryobank {
namespace {

template <class Left, class Right>
concept Comparable = requires(const Left& left, const Right& right) {
  left == right;
};

// A fact, and what a fact is compared with, is one that is named: text does not compile.
static_assert(std::is_constructible_v<Fact, FactName, Json>);
static_assert(!std::is_constructible_v<Fact, const char*, const char*, Json>);
static_assert(!std::is_constructible_v<Fact, std::string, std::string, Json>);
static_assert(!std::is_constructible_v<FactName, const char*, const char*, const char*>);
static_assert(!std::is_constructible_v<FactType, const char*>);
static_assert(!std::is_constructible_v<FactType, std::string>);
static_assert(!std::is_assignable_v<FactType&, const char*>);
static_assert(Comparable<FactType, FactName>);
static_assert(!Comparable<FactType, const char*>);
static_assert(!Comparable<FactType, char[12]>);
static_assert(!Comparable<FactType, std::string_view>);

TEST(Facts, are_of_the_stream_and_type_of_their_name) {
  const Fact placed(fact::kHoldPlaced, Json::object().set("hold", "h-1"));
  EXPECT_EQ(placed.stream, "inventory");
  EXPECT_EQ(placed.type.str(), "hold-placed");
  EXPECT_TRUE(placed.type == fact::kHoldPlaced);
  EXPECT_TRUE(placed.type != fact::kHoldReleased);
  EXPECT_EQ(placed.data["hold"], Json("h-1"));
}

TEST(Facts, read_from_a_journal_equal_the_named_and_keep_what_is_unknown) {
  EXPECT_TRUE(Fact::read("job", "move-done", Json()).type == fact::kMoveDone);
  const Fact later = Fact::read("inventory", "vial-teleported", Json());
  EXPECT_EQ(later.type.str(), "vial-teleported");
  for (const FactName& name : fact::kAll) EXPECT_TRUE(later.type != name);
}

TEST(Facts, have_each_a_name_of_its_own_and_a_stream_that_is_told) {
  const std::set<std::string_view> streams = {"inventory", "job",      "alarm",  "plan",
                                              "device",    "security", "service"};
  std::set<std::string_view> types;
  for (const FactName& name : fact::kAll) {
    EXPECT_TRUE(types.insert(name.type()).second) << name.type() << " stands twice";
    EXPECT_TRUE(streams.contains(name.stream())) << name.type();
  }
}

}  // namespace
}  // namespace cryobank
