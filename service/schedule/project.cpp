#include "service/schedule/project.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::schedule {
namespace {

Error wrong_project(std::string text) {
  return make_error(ErrorCode::invalid_value, std::move(text));
}

Status check_activity(const Project& project, const Activity& activity) {
  const bool times = activity.minutes >= 0 && activity.minutes <= kMinutesMax &&
                     activity.not_before >= 0 && activity.not_before <= kMinutesMax &&
                     activity.start <= kMinutesMax;
  if (!times) {
    return wrong_project(cat("activity \"", activity.name, "\": expected times from 0 to ",
                             kMinutesMax, " minutes"));
  }
  for (const ResourceUse& use : activity.uses) {
    const bool known = use.resource >= 0 && use.amount >= 0 &&
                       use.resource < static_cast<int>(project.resources.size());
    if (!known) {
      return wrong_project(cat("activity \"", activity.name, "\": expected resources that exist"));
    }
  }
  return {};
}

// Use of one resource over time beside what is away.
std::vector<int> profile(const Project& project, int resource, const std::vector<int>& starts,
                         int until) {
  std::vector<int> used(static_cast<std::size_t>(until) + 1, 0);
  const auto add = [&](int from, int to, int amount) {
    for (int t = std::max(0, from); t < std::min(to, until); ++t) {
      used[static_cast<std::size_t>(t)] += amount;
    }
  };
  const ProjectResource& all = project.resources[static_cast<std::size_t>(resource)];
  for (const Away& away : all.away) add(away.from, away.until, away.amount);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    for (const ResourceUse& use : project.activities[i].uses) {
      if (use.resource != resource) continue;
      add(starts[i], starts[i] + project.activities[i].minutes, use.amount);
    }
  }
  return used;
}

}  // namespace

std::string_view name_of(SearchVerdict verdict) {
  switch (verdict) {
    case SearchVerdict::optimal:
      return "optimal";
    case SearchVerdict::feasible:
      return "feasible";
    case SearchVerdict::infeasible:
      return "infeasible";
    case SearchVerdict::unknown:
      return "unknown";
  }
  return "unknown";
}

Status check(const Project& project) {
  const int count = static_cast<int>(project.activities.size());
  if (count > kActivitiesMax || project.resources.size() > kProjectResourcesMax) {
    return wrong_project(cat("expected at most ", kActivitiesMax, " activities and ",
                             kProjectResourcesMax, " resources, came ", count, " and ",
                             project.resources.size()));
  }
  if (project.horizon < 0 || project.horizon > kMinutesMax) {
    return wrong_project(cat("expected a horizon of up to ", kMinutesMax, " minutes"));
  }
  for (const Activity& activity : project.activities) {
    TRY(check_activity(project, activity));
  }
  for (const Lag& lag : project.lags) {
    const bool known = lag.from >= 0 && lag.to >= 0 && lag.from < count && lag.to < count &&
                       lag.minutes >= -kMinutesMax && lag.minutes <= kMinutesMax;
    if (!known) return wrong_project("expected lags between activities that exist, within a week");
  }
  for (const ProjectResource& resource : project.resources) {
    for (const Away& away : resource.away) {
      if (away.from <= away.until && away.amount >= 0 && away.from >= 0) continue;
      return wrong_project(
          cat("resource \"", resource.name, "\": expected absences that end after they begin"));
    }
  }
  return {};
}

std::vector<std::string> violations(const Project& project, const std::vector<int>& starts) {
  std::vector<std::string> out;
  if (starts.size() != project.activities.size()) return {"expected a start for each activity"};
  int until = 0;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const Activity& activity = project.activities[i];
    const int end = starts[i] + activity.minutes;
    until = std::max(until, end);
    if (activity.start >= 0 && starts[i] != activity.start) {
      out.push_back(cat(activity.name, ": moved although it has begun"));
    }
    if (activity.start < 0 && starts[i] < activity.not_before) {
      out.push_back(cat(activity.name, ": too early"));
    }
    if (end > project.horizon) out.push_back(cat(activity.name, ": ends after the day"));
  }
  for (const Lag& lag : project.lags) {
    const int from = starts[static_cast<std::size_t>(lag.from)];
    const int to = starts[static_cast<std::size_t>(lag.to)];
    if (to - from >= lag.minutes) continue;
    out.push_back(cat(project.activities[static_cast<std::size_t>(lag.to)].name, ": ", to - from,
                      " min after ", project.activities[static_cast<std::size_t>(lag.from)].name,
                      ", expected ", lag.minutes, " or more"));
  }
  for (int r = 0; r < static_cast<int>(project.resources.size()); ++r) {
    const ProjectResource& resource = project.resources[static_cast<std::size_t>(r)];
    const std::vector<int> used = profile(project, r, starts, until);
    std::vector<int> away = profile(project, r, {}, until);
    for (std::size_t t = 0; t < used.size(); ++t) {
      if (used[t] <= resource.capacity || used[t] == away[t]) continue;
      out.push_back(cat(resource.name, " at minute ", t, ": ", used[t], " used, ",
                        resource.capacity, " there"));
      break;
    }
  }
  return out;
}

Timetable solve(const Project& project, std::uint64_t seed, std::int64_t nodes) {
  constexpr int kOrders = 60;
  const Timetable first = solve_serial(project, seed, kOrders);
  Timetable best = solve_exact(project, nodes, first.starts);
  if (best.starts.empty() && !first.starts.empty() && best.verdict != SearchVerdict::infeasible) {
    best.starts = first.starts;
    best.ends = first.ends;
    best.verdict = SearchVerdict::feasible;
  }
  return best;
}

}  // namespace cryobank::schedule
