#include "base/row_reader.hpp"

#include <gtest/gtest.h>

#include "base/fact.hpp"

namespace cryobank {
namespace {

TEST(RowReader, NamesTheRowTheMemberAndWhatCame) {
  const Json row = *parse_json(R"({"by":"ann","count":"3","open":"true","at":7})");
  RowReader in("r/x/1", row);
  EXPECT_EQ(in.id<UserId>("by").str(), "ann");
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.maybe_number("count", 5), 0);
  EXPECT_EQ(in.status().error().context,
            R"(r/x/1: expected a whole number from 0 at "count", came "3")");
  EXPECT_FALSE(in.maybe_flag("open", true));  // and the first fault stays
  EXPECT_NE(in.status().error().context.find("count"), std::string::npos);
  EXPECT_EQ(in.status().error().code, ErrorCode::corrupt);
}

TEST(RowReader, AbsentIsOnlyWhatMayBeAbsent) {
  const Json row = Json::object();
  RowReader in("r/x/1", row);
  EXPECT_EQ(in.maybe_text("title"), "");
  EXPECT_EQ(in.maybe_number("at", -1), -1);
  EXPECT_TRUE(in.maybe_flag("blind", true));
  EXPECT_EQ(in.maybe_time("since").ms, 0);
  EXPECT_TRUE(in.maybe_list("items").empty());
  EXPECT_EQ(in.maybe_object("short"), nullptr);
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.text("place"), "");
  EXPECT_FALSE(in.ok());
}

TEST(RowReader, RefusesAMemberThatNobodyAskedFor) {
  const Json row = *parse_json(R"({"seconds":5,"second":6})");
  RowReader in("r/waiver/a1", row);
  const auto whole = in.whole(in.number("seconds"));
  ASSERT_FALSE(whole.ok());
  EXPECT_NE(whole.error().context.find("\"second\""), std::string::npos);
}

TEST(RowReader, RefusesWhatIsNoObject) {
  const Json row = Json::array();
  RowReader in("r/x/1", row);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.maybe_text("a"), "");
}

TEST(FactNames, AreSortedInTheirStreamsAndTwiceNowhere) {
  for (std::size_t i = 0; i < fact::kAll.size(); ++i) {
    EXPECT_FALSE(fact::kAll[i].says().empty()) << fact::kAll[i].type();
    for (std::size_t j = i + 1; j < fact::kAll.size(); ++j) {
      EXPECT_FALSE(fact::kAll[i] == fact::kAll[j]) << fact::kAll[i].type();
    }
  }
  const Fact one(fact::kHoldPlaced, Json::object());
  EXPECT_EQ(one.stream, "inventory");
  EXPECT_TRUE(one.type == fact::kHoldPlaced);
  EXPECT_FALSE(one.type == fact::kHoldReleased);
  EXPECT_TRUE(Fact::read("inventory", "hold-placed", {}).type == fact::kHoldPlaced);
}

// What does not compile is the point: a fact is made of a name of the list, and compared with one.
static_assert(!std::is_constructible_v<Fact, const char*, const char*, Json>);
static_assert(!std::is_constructible_v<FactName, const char*, const char*, const char*>);
template <class A, class B>
concept Comparable = requires(A a, B b) {
  a == b;
};
static_assert(!Comparable<FactType, const char*>);
static_assert(Comparable<FactType, FactName>);

}  // namespace
}  // namespace cryobank
