// Project: the steps of one day on one grid of minutes, with least and most times between them and
// machines and people that are limited (RCPSP/max). Solved exactly by branch and bound over orders
// of steps that cannot run together, with times by longest paths; the search is cut after a number
// of nodes, never by a clock, and says then how far it may be from the best.
// Source of the scheme: De Reyck and Herroelen, EJOR 111 (1998), minimal delaying by precedence.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cryobank::schedule {

inline constexpr int kActivitiesMax = 600;
inline constexpr int kProjectResourcesMax = 100;
inline constexpr int kMinutesMax = 7 * 24 * 60;

struct ResourceUse {
  int resource = 0;
  int amount = 1;
};

struct Activity {
  std::string name;
  int minutes = 0;
  std::vector<ResourceUse> uses;
  int not_before = 0;
  int start = -1;  // 0 or more: it has begun then, or must
};

// Start of `to` is at least `minutes` after the start of `from`; below 0: `from` starts at most so
// many minutes after `to`.
struct Lag {
  int from = 0;
  int to = 0;
  int minutes = 0;
};

// Some of a resource is away: a break, a closed hour, another use.
struct Away {
  int from = 0;
  int until = 0;
  int amount = 0;
};

struct ProjectResource {
  std::string name;
  int capacity = 1;
  std::vector<Away> away;
};

struct Project {
  std::vector<Activity> activities;
  std::vector<Lag> lags;
  std::vector<ProjectResource> resources;
  int horizon = kMinutesMax;  // every activity ends by then
};

enum class SearchVerdict : std::uint8_t { optimal, feasible, infeasible, unknown };
std::string_view name_of(SearchVerdict verdict);

struct Timetable {
  SearchVerdict verdict = SearchVerdict::unknown;
  std::vector<int> starts;  // by activity; empty without a feasible one
  int ends = 0;             // the last end
  int bound = 0;            // no timetable ends sooner
  std::int64_t nodes = 0;
};

Status check(const Project& project);
// Every rule that the starts break, in words; empty: none.
std::vector<std::string> violations(const Project& project, const std::vector<int>& starts);

// Looks at up to `nodes` nodes. `known`: a feasible timetable to beat, or empty.
Timetable solve_exact(const Project& project, std::int64_t nodes, const std::vector<int>& known);
// Connected steps together, one group after the other at its earliest time; several orders of
// groups by the seed. Fast, and exact about nothing: an empty answer proves nothing.
Timetable solve_serial(const Project& project, std::uint64_t seed, int orders);
// Serial first, then exact within `nodes`.
Timetable solve(const Project& project, std::uint64_t seed, std::int64_t nodes);

}  // namespace cryobank::schedule
