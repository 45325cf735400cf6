#include "service/schedule/project.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "tests/contracts/temp_dir.hpp"

namespace cryobank::schedule {
namespace {

// An instance as the generators of RCPSP/max make them: ten steps in a random order of dependence,
// least times with slack, most times that close cycles, five resources of differing strength.
Project random_project(std::uint64_t seed, int steps = 10) {
  Prng random(seed);
  Project project;
  project.horizon = 70;
  for (int r = 0; r < 5; ++r) {
    project.resources.push_back({cat("r", r), static_cast<int>(random.between(6, 11)), {}});
  }
  for (int i = 0; i < steps; ++i) {
    Activity activity;
    activity.name = cat("a", i);
    activity.minutes = static_cast<int>(random.between(1, 9));
    for (int r = 0; r < 5; ++r) {
      if (random.chance(2, 3)) activity.uses.push_back({r, static_cast<int>(random.between(1, 6))});
    }
    project.activities.push_back(std::move(activity));
  }
  for (int i = 0; i < steps; ++i) {
    for (int j = i + 1; j < steps; ++j) {
      if (!random.chance(1, 4)) continue;
      const int least = static_cast<int>(random.between(0, 12));
      project.lags.push_back({i, j, least});
      if (random.chance(1, 3)) {
        project.lags.push_back({j, i, -static_cast<int>(random.between(least, least + 12))});
      }
    }
  }
  if (random.chance(1, 3))
    project.resources[0].away.push_back({10, 15, project.resources[0].capacity});
  return project;
}

// The same instance for a stock solver of constraints.
std::string write_mzn(const Project& project) {
  std::string rows = "include \"cumulative.mzn\";\n";
  std::string ends;
  for (int i = 0; i < static_cast<int>(project.activities.size()); ++i) {
    const int minutes = project.activities[static_cast<std::size_t>(i)].minutes;
    rows += cat("var 0..", project.horizon - minutes, ": s", i, ";\n");
    ends += cat(i == 0 ? "" : ", ", "s", i, " + ", minutes);
  }
  for (const Lag& lag : project.lags) {
    rows += cat("constraint s", lag.to, " - s", lag.from, " >= ", lag.minutes, ";\n");
  }
  for (int r = 0; r < static_cast<int>(project.resources.size()); ++r) {
    const ProjectResource& resource = project.resources[static_cast<std::size_t>(r)];
    std::string starts, lasts, takes;
    const auto add = [&](const std::string& start, int minutes, int amount) {
      const char* comma = starts.empty() ? "" : ", ";
      starts += cat(comma, start);
      lasts += cat(comma, minutes);
      takes += cat(comma, amount);
    };
    for (int i = 0; i < static_cast<int>(project.activities.size()); ++i) {
      const Activity& activity = project.activities[static_cast<std::size_t>(i)];
      for (const ResourceUse& use : activity.uses) {
        if (use.resource == r) add(cat("s", i), activity.minutes, use.amount);
      }
    }
    for (const Away& away : resource.away) {
      add(cat(away.from), away.until - away.from, away.amount);
    }
    rows += cat("constraint cumulative([", starts, "], [", lasts, "], [", takes, "], ",
                resource.capacity, ");\n");
  }
  rows += cat("var 0..", project.horizon, ": last = max([", ends, "]);\n");
  return cat(rows, "solve minimize last;\noutput [\"last=\\(last)\\n\"];\n");
}

std::string run_gecode(const std::string& model) {
  const TempDir folder;
  const std::string path = folder / "project.mzn";
  std::ofstream(path) << model;
  std::string out;
  FILE* pipe = popen(("minizinc --solver gecode " + path + " < /dev/null 2>&1").c_str(), "r");
  if (pipe == nullptr) return out;
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) out += buffer;
  pclose(pipe);
  return out;
}

TEST(Project, EveryOptimumAndEveryInfeasibleVerdictIsThatOfGecode) {
  if (std::system("command -v minizinc > /dev/null") != 0) {
    GTEST_SKIP() << "minizinc is not installed";
  }
  int optimal = 0;
  int infeasible = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Project project = random_project(seed);
    ASSERT_TRUE(check(project));
    const Timetable mine = solve(project, seed, 2'000'000);
    const std::string said = run_gecode(write_mzn(project));
    if (mine.verdict == SearchVerdict::infeasible) {
      EXPECT_NE(said.find("=====UNSATISFIABLE====="), std::string::npos) << seed << said;
      ++infeasible;
      continue;
    }
    ASSERT_EQ(mine.verdict, SearchVerdict::optimal) << "seed " << seed;
    EXPECT_TRUE(violations(project, mine.starts).empty()) << violations(project, mine.starts)[0];
    ASSERT_NE(said.find("=========="), std::string::npos) << "seed " << seed << ": " << said;
    EXPECT_NE(said.find(cat("last=", mine.ends, "\n----------\n==========")), std::string::npos)
        << "seed " << seed << ": " << mine.ends << "\n"
        << said;
    ++optimal;
  }
  EXPECT_GE(optimal, 8);
  EXPECT_GE(infeasible, 3);
}

TEST(Project, ManyRandomOnesAreSolvedOrRefusedAndKeepEveryRule) {
  for (std::uint64_t seed = 100; seed < 400; ++seed) {
    const Project project = random_project(seed);
    const Timetable mine = solve(project, seed, 500'000);
    ASSERT_TRUE(mine.verdict == SearchVerdict::optimal || mine.verdict == SearchVerdict::infeasible)
        << seed;
    if (mine.starts.empty()) continue;
    EXPECT_TRUE(violations(project, mine.starts).empty()) << seed;
    EXPECT_EQ(mine.bound, mine.ends);
  }
}

Project two_thaws() {
  Project project;
  project.horizon = 480;
  project.resources = {{"robot", 1, {}}, {"cabinet", 1, {{60, 120, 1}}}};
  for (int dose = 0; dose < 2; ++dose) {
    project.activities.push_back({cat("retrieve ", dose), 10, {{0, 1}}, 0, -1});
    project.activities.push_back({cat("wash ", dose), 40, {{1, 1}}, 0, -1});
    const int first = 2 * dose;
    project.lags.push_back({first, first + 1, 10});
    project.lags.push_back({first + 1, first, -15});  // at most 5 minutes between
  }
  return project;
}

TEST(Project, NoWaitAfterThawAndABreakOfTheCabinetAreKept) {
  const Timetable plan = solve(two_thaws(), 1, 100'000);
  ASSERT_EQ(plan.verdict, SearchVerdict::optimal);
  EXPECT_TRUE(violations(two_thaws(), plan.starts).empty());
  EXPECT_EQ(plan.ends, 160);  // one before the break, one after it
}

TEST(Project, RestOfTheDayIsPlannedAroundWhatHasBegun) {
  Project project = two_thaws();
  project.activities[0].start = 0;
  project.activities[1].start = 12;
  project.activities[1].minutes = 55;  // late: still at work when the break should begin
  project.activities[2].not_before = 30;
  const Timetable plan = solve(project, 1, 100'000);
  ASSERT_EQ(plan.verdict, SearchVerdict::optimal);
  EXPECT_EQ(plan.starts[1], 12);
  EXPECT_GE(plan.starts[3], 120);
}

TEST(Project, ImpossibleMostTimesAreSaid) {
  Project project = two_thaws();
  project.lags.push_back({1, 0, -5});  // sooner than the retrieval takes
  EXPECT_EQ(solve(project, 1, 100'000).verdict, SearchVerdict::infeasible);
}

}  // namespace
}  // namespace cryobank::schedule
