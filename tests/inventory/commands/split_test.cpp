// Six doses become twelve halves in mid course, and whole ones again while nothing of it is thawed.
#include <gtest/gtest.h>

#include <set>

#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

class SplitCourse : public testing::Test {
 protected:
  void SetUp() override {
    bank_.reason = "one dose at a time is too much for this patient";
    bank_.witness = "witness";
    bank_.done("course/register",
               R"({"course":"c1","patient":"p1","doses":6,"aliquots_per_dose":2,"store":{}})");
    bank_.run_jobs();
    bank_.user = "quality";
    bank_.done("course/release", R"({"course":"c1"})");
    bank_.user = "physician";
  }
  void TearDown() override {
    expect_sound(bank_.ledger());
    bank_.expect_rebuilds();
  }
  const Course& course() { return *View(bank_.ledger()).course(CourseId("c1")); }
  void thaw(const char* dose) {
    const std::string body = cat(R"({"course":"c1","dose":")", dose, R"(")");
    bank_.done("dose/plan", cat(body, R"(,"thaw_at":")", format_utc(bank_.now), R"("})"));
    bank_.user = "schedule";
    bank_.done("dose/thaw", cat(body, "}"));
    bank_.run_jobs();
    bank_.user = "physician";
  }
  Fraction whole() {
    Fraction sum;
    for (const Dose& dose : course().doses) sum = *add(sum, dose.fraction);
    return sum;
  }

  Bank bank_;
};

TEST_F(SplitCourse, WhatIsLeftIsTwiceAsManyHalvesWithHalfOfTheVialsEach) {
  thaw("d01");
  bank_.done("dose/plan", R"({"course":"c1","dose":"d03","thaw_at":"2027-02-01T08:00:00Z"})");
  const Json reply = bank_.done("course/split", R"({"course":"c1"})");
  EXPECT_EQ(reply.integer_or("doses", 0), 11) << "one is thawed, five become ten";
  EXPECT_EQ(course().dose(1).fraction.str(), "1/6");
  EXPECT_EQ(course().dose(1).aliquots.size(), 2u);
  std::set<AliquotId> vials;
  for (int number = 2; number <= 11; ++number) {
    const Dose& half = course().dose(number);
    EXPECT_EQ(half.fraction.str(), "1/12") << number;
    ASSERT_EQ(half.aliquots.size(), 1u) << number;
    vials.insert(half.aliquots.front());
    EXPECT_EQ(View(bank_.ledger()).aliquot(half.aliquots.front())->dose, number);
  }
  EXPECT_EQ(vials.size(), 10u);
  EXPECT_EQ(whole().str(), "1") << "nothing is lost and nothing is made";
  EXPECT_EQ(course().dose(3).state, DoseState::planned) << "it keeps its date";
  EXPECT_EQ(course().find(DoseId("d07"))->state, DoseState::stored);
  bank_.refused("course/split", R"({"course":"c1"})", ErrorCode::conflict);
}

TEST_F(SplitCourse, IsTakenBackWhileNothingOfItIsThawed) {
  const std::vector<Dose> before = course().doses;
  bank_.done("course/split", R"({"course":"c1"})");
  ASSERT_EQ(course().doses.size(), 12u);
  bank_.done("dose/plan", R"({"course":"c1","dose":"d12","thaw_at":"2027-02-01T08:00:00Z"})");
  bank_.refused("course/split", R"({"course":"c1","undo":true})", ErrorCode::conflict);
  bank_.done("dose/plan", R"({"course":"c1","dose":"d12","thaw_at":null})");
  bank_.done("course/split", R"({"course":"c1","undo":true})");
  EXPECT_EQ(course().doses, before);
  bank_.refused("course/split", R"({"course":"c1","undo":true})", ErrorCode::not_found);
  bank_.done("course/split", R"({"course":"c1"})");
  thaw("d02");
  bank_.refused("course/split", R"({"course":"c1","undo":true})", ErrorCode::conflict);
}

TEST_F(SplitCourse, NeedsAReasonAndVialsThatCanBeHalved) {
  bank_.reason = "";
  bank_.refused("course/split", R"({"course":"c1"})", ErrorCode::invalid_value);
  bank_.reason = "because";
  bank_.user = "operator";
  bank_.done("course/register", R"({"course":"c2","patient":"p2","doses":2})");
  bank_.user = "physician";
  bank_.refused("course/split", R"({"course":"c2"})", ErrorCode::conflict);
}

}  // namespace
}  // namespace cryobank::inventory
