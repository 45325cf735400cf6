// Groups of steps that lags tie together are placed one after the other: the steps of a group in an
// order that keeps least times, each at its first free minute; when a most-time breaks, the group
// starts later. What has begun is placed before all others.
#include <algorithm>
#include <numeric>

#include "base/prng.hpp"
#include "service/schedule/project.hpp"

namespace cryobank::schedule {
namespace {

class Serial {
 public:
  explicit Serial(const Project& project) : project_(project) {
    find_groups();
    for (std::size_t g = 0; g < groups_.size(); ++g) order_in(groups_[g]);
  }

  std::size_t count() const { return groups_.size(); }

  // Empty when some group found no place.
  std::vector<int> place(const std::vector<int>& order) {
    starts_.assign(project_.activities.size(), -1);
    used_.assign(project_.resources.size(),
                 std::vector<int>(static_cast<std::size_t>(project_.horizon) + 1, 0));
    for (std::size_t r = 0; r < project_.resources.size(); ++r) {
      for (const Away& away : project_.resources[r].away)
        add(r, away.from, away.until, away.amount);
    }
    for (std::size_t i = 0; i < project_.activities.size(); ++i) {
      if (project_.activities[i].start >= 0)
        put(static_cast<int>(i), project_.activities[i].start, 1);
    }
    for (const int group : order) {
      if (!place_group(groups_[static_cast<std::size_t>(group)])) return {};
    }
    return starts_;
  }

  int minutes_of(std::size_t group) const {
    int sum = 0;
    for (const int i : groups_[group])
      sum += project_.activities[static_cast<std::size_t>(i)].minutes;
    return sum;
  }
  // The earliest most-time against a fixed step, or the first allowed minute: what is pressed
  // first.
  int earliest_of(std::size_t group) const {
    int first = project_.horizon;
    for (const int i : groups_[group]) {
      first = std::min(first, project_.activities[static_cast<std::size_t>(i)].not_before);
    }
    return first;
  }

 private:
  void find_groups() {
    std::vector<int> root(project_.activities.size());
    std::iota(root.begin(), root.end(), 0);
    const auto find = [&root](int i) {
      while (root[static_cast<std::size_t>(i)] != i) i = root[static_cast<std::size_t>(i)];
      return i;
    };
    for (const Lag& lag : project_.lags) {
      root[static_cast<std::size_t>(find(lag.from))] = find(lag.to);
    }
    std::vector<int> index(root.size(), -1);
    for (int i = 0; i < static_cast<int>(root.size()); ++i) {
      int& group = index[static_cast<std::size_t>(find(i))];
      if (group < 0) {
        group = static_cast<int>(groups_.size());
        groups_.emplace_back();
      }
      groups_[static_cast<std::size_t>(group)].push_back(i);
    }
  }

  // Steps by their least times within the group; what depends on nothing first.
  void order_in(std::vector<int>& group) const {
    std::vector<int> level(project_.activities.size(), 0);
    for (std::size_t round = 0; round < group.size(); ++round) {
      for (const Lag& lag : project_.lags) {
        if (lag.minutes < 0) continue;
        int& to = level[static_cast<std::size_t>(lag.to)];
        const int from = level[static_cast<std::size_t>(lag.from)];
        to = std::clamp(from + std::max(1, lag.minutes), to, kMinutesMax * 2);
      }
    }
    std::stable_sort(group.begin(), group.end(), [&](int a, int b) {
      return level[static_cast<std::size_t>(a)] < level[static_cast<std::size_t>(b)];
    });
  }

  void add(std::size_t resource, int from, int until, int amount) {
    for (int t = std::max(0, from); t < std::min(until, project_.horizon); ++t) {
      used_[resource][static_cast<std::size_t>(t)] += amount;
    }
  }
  void put(int i, int start, int sign) {
    const Activity& activity = project_.activities[static_cast<std::size_t>(i)];
    for (const ResourceUse& use : activity.uses) {
      add(static_cast<std::size_t>(use.resource), start, start + activity.minutes,
          sign * use.amount);
    }
    starts_[static_cast<std::size_t>(i)] = sign > 0 ? start : -1;
  }
  // The first minute from `from` on at which the step fits; beyond the horizon when there is none.
  int first_free(int i, int from) const {
    const Activity& activity = project_.activities[static_cast<std::size_t>(i)];
    int start = from;
    for (int t = from; t < start + activity.minutes; ++t) {
      if (t >= project_.horizon) return project_.horizon + 1;
      for (const ResourceUse& use : activity.uses) {
        const auto r = static_cast<std::size_t>(use.resource);
        if (used_[r][static_cast<std::size_t>(t)] + use.amount > project_.resources[r].capacity) {
          start = t + 1;
          break;
        }
      }
    }
    return start;
  }

  bool place_group(const std::vector<int>& group) {
    for (int from = 0; from <= project_.horizon;) {
      const int again = try_group(group, from);
      if (again < 0) return true;
      for (const int i : group) {
        const Activity& activity = project_.activities[static_cast<std::size_t>(i)];
        if (activity.start < 0 && starts_[static_cast<std::size_t>(i)] >= 0) {
          put(i, starts_[static_cast<std::size_t>(i)], -1);
        }
      }
      from = std::max(from + 1, again);
    }
    return false;
  }

  // -1 when it stands; else the minute from which to try again.
  int try_group(const std::vector<int>& group, int from) {
    for (const int i : group) {
      const Activity& activity = project_.activities[static_cast<std::size_t>(i)];
      if (activity.start >= 0) continue;
      int low = std::max(from, activity.not_before);
      int high = project_.horizon - activity.minutes;
      for (const Lag& lag : project_.lags) {
        if (lag.to == i && starts_[static_cast<std::size_t>(lag.from)] >= 0) {
          low = std::max(low, starts_[static_cast<std::size_t>(lag.from)] + lag.minutes);
        }
        if (lag.from == i && starts_[static_cast<std::size_t>(lag.to)] >= 0) {
          high = std::min(high, starts_[static_cast<std::size_t>(lag.to)] - lag.minutes);
        }
      }
      const int start = first_free(i, low);
      if (start > high) return from + std::max(1, start - high);
      put(i, start, 1);
    }
    return -1;
  }

  const Project& project_;
  std::vector<std::vector<int>> groups_;
  std::vector<int> starts_;
  std::vector<std::vector<int>> used_;
};

}  // namespace

Timetable solve_serial(const Project& project, std::uint64_t seed, int orders) {
  Serial serial(project);
  Prng random(seed);
  std::vector<int> order(serial.count());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    const auto i = static_cast<std::size_t>(a);
    const auto j = static_cast<std::size_t>(b);
    return std::pair(serial.earliest_of(i), -serial.minutes_of(i)) <
           std::pair(serial.earliest_of(j), -serial.minutes_of(j));
  });
  Timetable best;
  for (int n = 0; n < orders; ++n) {
    std::vector<int> next = order;
    if (n > 0 && next.size() > 1) {
      for (int swaps = 1 + n % 3; swaps > 0; --swaps) {
        std::swap(next[random.below(next.size())], next[random.below(next.size())]);
      }
    }
    const std::vector<int> starts = serial.place(next);
    if (starts.empty()) continue;
    int ends = 0;
    for (std::size_t i = 0; i < starts.size(); ++i) {
      ends = std::max(ends, starts[i] + project.activities[i].minutes);
    }
    if (!best.starts.empty() && ends >= best.ends) continue;
    best.starts = starts;
    best.ends = ends;
    best.verdict = SearchVerdict::feasible;
    order = next;
  }
  return best;
}

}  // namespace cryobank::schedule
