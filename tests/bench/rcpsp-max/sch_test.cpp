#include "tests/bench/rcpsp-max/sch.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace cryobank::rcpsp_max {
namespace {

using schedule::Project;
using schedule::SearchVerdict;

// Made by hand: 2 begins 5 after 1 at least and 8 after it at most, 3 at most 4 before 2 begins;
// the second resource lets 1 and 3 not run together.
constexpr std::string_view kSmall =
    "3\t2\t0\t0\n"
    "0\t1\t2\t1\t3\t[0]\t[0]\n"
    "1\t1\t2\t2\t4\t[5]\t[4]\n"
    "2\t1\t3\t1\t3\t4\t[-8]\t[-4]\t[3]\n"
    "3\t1\t1\t4\t[6]\n"
    "4\t1\t0\n"
    "0\t1\t0\t0\t0\n"
    "1\t1\t4\t2\t1\n"
    "2\t1\t3\t1\t0\n"
    "3\t1\t6\t0\t1\n"
    "4\t1\t0\t0\t0\n"
    "2\t1\r\n";

TEST(Sch, TheWholeFormatIsRead) {
  const Result<Project> project = read_sch(kSmall);
  ASSERT_TRUE(project) << project.error().context;
  ASSERT_EQ(project->activities.size(), 5u);
  EXPECT_EQ(project->activities[3].minutes, 6);
  ASSERT_EQ(project->lags.size(), 8u);
  EXPECT_EQ(project->lags[4].from, 2);
  EXPECT_EQ(project->lags[4].to, 1);
  EXPECT_EQ(project->lags[4].minutes, -8);
  EXPECT_EQ(project->resources[0].capacity, 2);
  EXPECT_EQ(project->horizon, 0 + 5 + 3 + 6 + 0);
  // 1 from 0 to 4, 2 at 5, and 3, which begins at 4 since it shares a resource with 1, ends at 10.
  const schedule::Timetable best = schedule::solve(*project, 1, 10'000);
  EXPECT_EQ(best.verdict, SearchVerdict::optimal);
  EXPECT_EQ(best.ends, 10);
  EXPECT_EQ(write_sch(*project), std::string(kSmall.substr(0, kSmall.size() - 2)) + "\n");
}

TEST(Sch, ATimeThatContradictsAnotherIsInfeasible) {
  std::string text(kSmall);
  const std::size_t at = text.find("[-8]");
  text.replace(at, 4, "[-4]");  // at most 4 after 1, and at least 5
  const Result<Project> project = read_sch(text);
  ASSERT_TRUE(project) << project.error().context;
  EXPECT_EQ(schedule::solve(*project, 1, 10'000).verdict, SearchVerdict::infeasible);
}

TEST(Sch, TheShortVariantIsRead) {
  const Result<Project> project =
      read_sch("2 1\n0 2 1 2\n1 1 3\n2 1 3\n3 0\n0 0 0\n1 4 1\n2 3 1\n3 0 0\n1\n");
  ASSERT_TRUE(project) << project.error().context;
  EXPECT_EQ(schedule::solve(*project, 1, 1'000).ends, 7);
}

TEST(Sch, WhatIsWrongIsSaidWithItsLine) {
  struct Case {
    std::string_view from, to, says;
  };
  const Case cases[] = {
      {"3\t2\t0\t0\n", "3\t2\t1\t0\n", "line 1: expected no resources of another kind"},
      {"3\t2\t0\t0\n", "3\t2\t0\n", "line 1: expected two or four numbers, came 3"},
      {"\t[5]\t[4]", "\t[5]", "line 3: expected 2 successors and as many times, came 3 words"},
      {"[-8]", "(-8)", "line 4: expected a time in brackets for each successor, as [-5], came"},
      {"3\t1\t1\t4\t[6]", "3\t1\t1\t9\t[6]",
       "line 5: expected a successor from 0 to 4, came \"9\""},
      {"3\t1\t1\t4\t[6]", "2\t1\t1\t4\t[6]", "line 5: expected the activity from 3 to 3"},
      {"2\t1\t3\t1\t0", "2\t2\t3\t1\t0", "line 9: expected one mode, a number from 1 to 1"},
      {"2\t1\t3\t1\t0", "2\t1\tx\t1\t0", "line 9: expected a duration from 0"},
      {"2\t1\t3\t1\t0", "2\t1\t3\t1", "line 9: expected a duration and 2 uses, came 2 numbers"},
      {"2\t1\r\n", "2\n", "line 12: expected 2 capacities, came 1"},
      {"2\t1\r\n", "", "line 11: expected 12 lines with something in them"},
      {"1\t1\t4\t2\t1", "1\t1\t10075\t2\t1", "sum up to 10080 at most"}};
  for (const Case& one : cases) {
    std::string text(kSmall);
    const std::size_t at = text.find(one.from);
    ASSERT_NE(at, std::string::npos) << one.from;
    text.replace(at, one.from.size(), one.to);
    const Result<Project> project = read_sch(text);
    ASSERT_FALSE(project) << one.says;
    EXPECT_NE(project.error().context.find(one.says), std::string::npos) << project.error().context;
  }
  EXPECT_EQ(read_sch("").error().context, "line 1: the file is empty");
}

// As many as the set sm_j10 has, and of its size: each one proven optimal or infeasible.
TEST(Sch, TwoHundredAndSeventyOfTenActivitiesAreProven) {
  int optimal = 0, infeasible = 0;
  for (std::uint64_t seed = 1; seed <= 270; ++seed) {
    const std::string text = generate_sch(10, seed % 2 == 0, seed);
    const Result<Project> project = read_sch(text);
    ASSERT_TRUE(project) << seed << ": " << project.error().context;
    EXPECT_EQ(write_sch(*project), text);
    const schedule::Timetable found = schedule::solve(*project, 1, 2'000'000);
    optimal += found.verdict == SearchVerdict::optimal ? 1 : 0;
    infeasible += found.verdict == SearchVerdict::infeasible ? 1 : 0;
    if (found.starts.empty()) continue;
    EXPECT_TRUE(violations(*project, found.starts).empty()) << seed;
  }
  EXPECT_EQ(optimal + infeasible, 270);
  EXPECT_GE(optimal, 100);
  EXPECT_GE(infeasible, 20);
}

}  // namespace
}  // namespace cryobank::rcpsp_max
