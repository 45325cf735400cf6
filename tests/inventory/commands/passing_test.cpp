// What passing means: a test says it, and whatever else comes is pending or failed.
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/quality.hpp"
#include "tests/inventory/commands/safety.hpp"

namespace cryobank::inventory {
namespace {

class Tests : public Safety {
 protected:
  void plan(std::string_view tests) {
    bank_.done("quality/plan", cat(R"({"lot":"l1","tests":[)", tests, "]}"));
  }
  std::string verdict(std::string_view result) {
    return bank_.done("quality/result", cat(R"({"lot":"l1","test":"sterility",)", result, "}"))
        .string_or("verdict", "");
  }
};

TEST_F(Tests, ATestThatDoesNotSayWhatPassesIsRefused) {
  for (const char* test :
       {R"({"test":"sterility"})", R"({"test":"sterility","late":true})",
        R"({"test":"sterility","passes":"fine"})", R"({"test":"sterility","low":5,"high":1})",
        R"({"test":"sterility","low":"5"})", R"({"test":"sterility","high":5,"late":"yes"})"}) {
    const auto reply = told("quality/plan", cat(R"({"lot":"l1","tests":[)", test, "]}"));
    EXPECT_FALSE(reply.ok()) << test;
  }
}

TEST_F(Tests, APositiveTestNeverPasses) {
  plan(R"({"test":"sterility","passes":"negative"})");
  bank_.refused("quality/result",
                R"({"lot":"l1","test":"sterility","value":0,"finding":"positive"})",
                ErrorCode::invalid_value);
  bank_.refused("quality/result", R"({"lot":"l1","test":"sterility","value":0})",
                ErrorCode::invalid_value);
  bank_.refused("course/release", R"({"course":"c1"})", ErrorCode::conflict);
  EXPECT_EQ(verdict(R"("finding":"negative","final":false)"), "pending");
  EXPECT_EQ(verdict(R"("finding":"positive")"), "failed");
  bank_.refused("course/release", R"({"course":"c1"})", ErrorCode::conflict);
}

TEST_F(Tests, ATestOfValueAndFindingNeedsBoth) {
  plan(R"({"test":"sterility","high":5,"passes":"negative"})");
  bank_.refused("quality/result", R"({"lot":"l1","test":"sterility","value":1})",
                ErrorCode::invalid_value);
  EXPECT_EQ(verdict(R"("value":1,"finding":"positive")"), "failed");
  EXPECT_EQ(verdict(R"("value":9,"finding":"negative")"), "failed");
  EXPECT_EQ(verdict(R"("value":5,"finding":"negative")"), "passed");
}

TEST_F(Tests, AMarkerThatMustBeThereMayPassAsPositive) {
  plan(R"({"test":"sterility","passes":"positive"})");
  EXPECT_EQ(verdict(R"("finding":"negative")"), "failed");
  EXPECT_EQ(verdict(R"("finding":"positive")"), "passed");
}

TEST_F(Tests, AnOldListWithoutCriteriaPassesNothingAndCanBeCorrected) {
  Json content =
      *parse_json(R"({"tests":[{"test":"sterility","value":0,"finding":"","final":true}]})");
  Json data = Json::object().set("lot", "l1");
  data.set(
      "documents",
      Json::array().push(
          Json::object().set("kind", "qc").set("id", "l1").set("content", std::move(content))));
  ASSERT_TRUE(bank_.commit({fact::kQualityPlanSet, std::move(data)}).ok());
  bank_.refused("course/release", R"({"course":"c1"})", ErrorCode::conflict);
  bank_.refused("quality/result", R"({"lot":"l1","test":"sterility","finding":"negative"})",
                ErrorCode::conflict);
  plan(R"({"test":"sterility","passes":"negative"})");
  EXPECT_EQ(verdict(R"("finding":"negative")"), "passed");
  bank_.done("course/release", R"({"course":"c1"})");
}

TEST_F(Tests, AListIsCorrectedByTwoPeopleAndKeepsItsResults) {
  plan(R"({"test":"viability","low":700})");
  bank_.done("quality/result", R"({"lot":"l1","test":"viability","value":92})");
  const std::string right = R"({"lot":"l1","tests":[{"test":"viability","low":70}]})";
  bank_.witness.clear();
  bank_.refused("quality/plan", right, ErrorCode::witness_needed);
  bank_.witness = "witness";
  bank_.refused("quality/plan", R"({"lot":"l1","tests":[{"test":"purity","low":90}]})",
                ErrorCode::conflict);
  const Json reply = bank_.done("quality/plan", right);
  EXPECT_EQ(reply.string_or("lot_verdict", ""), "passed");
  EXPECT_FALSE(reply.has("hold"));
  bank_.done("hold/release", R"({"hold":"hold-1"})");
  bank_.done("course/release", R"({"course":"c1"})");
  // A test that was forgotten: what was released without it is held.
  const Json forgotten = bank_.done(
      "quality/plan",
      R"({"lot":"l1","tests":[{"test":"viability","low":70},{"test":"endotoxin","high":5}]})");
  EXPECT_EQ(forgotten.string_or("lot_verdict", ""), "pending");
  EXPECT_EQ(forgotten.integer_or("aliquots_held", 0), 12);
  EXPECT_FALSE(holds_on(bank_.view(), bank_.aliquot("c1-d01-1")).empty());
}

}  // namespace
}  // namespace cryobank::inventory
