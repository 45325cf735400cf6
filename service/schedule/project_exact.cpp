// Branch and bound. Node 0 of the network is the beginning of the day; the longest path from i to j
// is the least time between their starts. A node of the tree is a set of orders added so far; its
// earliest times are a timetable if no resource is overused then, and else some pair of a set that
// overuses one must be ordered. Children exclude the orders that earlier siblings took, so that no
// timetable is looked at twice.
#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "service/schedule/project.hpp"

namespace cryobank::schedule {
namespace {

constexpr int kNone = -1'000'000;  // no path

struct Job {
  int minutes = 0;
  std::vector<int> uses;  // by resource
  int activity = -1;      // -1: an absence
};

class Network {
 public:
  explicit Network(int size) : size_(size), longest_(static_cast<std::size_t>(size * size), kNone) {
    for (int i = 0; i < size; ++i) at(i, i) = 0;
  }
  int path(int from, int to) const { return longest_[static_cast<std::size_t>(from * size_ + to)]; }
  // False when the times between starts contradict each other.
  bool add(int from, int to, int minutes) {
    if (path(from, to) >= minutes) return true;
    if (path(to, from) > kNone && path(to, from) + minutes > 0) return false;
    for (int a = 0; a < size_; ++a) {
      const int head = path(a, from);
      if (head == kNone) continue;
      for (int b = 0; b < size_; ++b) {
        const int tail = path(to, b);
        if (tail == kNone) continue;
        int& longest = at(a, b);
        longest = std::max(longest, head + minutes + tail);
      }
    }
    return true;
  }
  int size() const { return size_; }

 private:
  int& at(int from, int to) { return longest_[static_cast<std::size_t>(from * size_ + to)]; }
  int size_;
  std::vector<int> longest_;
};

struct Order {
  int first;
  int second;
  int ends;  // of the earliest timetable with this order
};

class Search {
 public:
  Search(const Project& project, std::int64_t nodes)
      : project_(project), nodes_max_(nodes), limit_(project.horizon) {}

  Timetable run(const std::vector<int>& known) {
    make_jobs();
    Timetable result;
    if (!known.empty()) {
      best_ = known;
      limit_ = end_of(known) - 1;
    }
    Network network(static_cast<int>(jobs_.size()));
    const bool fits = make_network(network);
    if (!fits || !propagate(network)) {
      result.verdict = best_.empty() ? SearchVerdict::infeasible : SearchVerdict::optimal;
    } else {
      root_ = earliest_end(network);
      visit(network);
      const bool whole = nodes_ <= nodes_max_;
      if (best_.empty()) {
        result.verdict = whole ? SearchVerdict::infeasible : SearchVerdict::unknown;
      } else {
        result.verdict = whole ? SearchVerdict::optimal : SearchVerdict::feasible;
      }
    }
    result.starts = best_;
    result.ends = best_.empty() ? 0 : end_of(best_);
    result.bound = result.verdict == SearchVerdict::optimal ? result.ends : root_;
    result.nodes = nodes_;
    return result;
  }

 private:
  int end_of(const std::vector<int>& starts) const {
    int last = 0;
    for (std::size_t i = 0; i < starts.size(); ++i) {
      last = std::max(last, starts[i] + project_.activities[i].minutes);
    }
    return last;
  }

  void make_jobs() {
    const std::size_t resources = project_.resources.size();
    jobs_.push_back({0, std::vector<int>(resources, 0), -1});
    for (std::size_t i = 0; i < project_.activities.size(); ++i) {
      const Activity& activity = project_.activities[i];
      Job job{activity.minutes, std::vector<int>(resources, 0), static_cast<int>(i)};
      for (const ResourceUse& use : activity.uses) {
        job.uses[static_cast<std::size_t>(use.resource)] += use.amount;
      }
      jobs_.push_back(std::move(job));
    }
    for (std::size_t r = 0; r < resources; ++r) {
      for (const Away& away : project_.resources[r].away) {
        Job job{away.until - away.from, std::vector<int>(resources, 0), -1};
        // What is away of what is not there at all takes nothing.
        job.uses[r] = std::min(away.amount, project_.resources[r].capacity);
        jobs_.push_back(std::move(job));
        away_starts_.push_back(away.from);
      }
    }
  }

  bool make_network(Network& network) {
    const int activities = static_cast<int>(project_.activities.size());
    for (int i = 0; i < activities; ++i) {
      const Activity& activity = project_.activities[static_cast<std::size_t>(i)];
      const int from = activity.start >= 0 ? activity.start : activity.not_before;
      if (!network.add(0, i + 1, from)) return false;
      if (activity.start >= 0 && !network.add(i + 1, 0, -activity.start)) return false;
      if (!network.add(i + 1, 0, activity.minutes - limit_)) return false;
      for (std::size_t r = 0; r < project_.resources.size(); ++r) {
        if (jobs_[static_cast<std::size_t>(i + 1)].uses[r] > project_.resources[r].capacity) {
          return false;
        }
      }
    }
    for (std::size_t a = 0; a < away_starts_.size(); ++a) {
      const int node = activities + 1 + static_cast<int>(a);
      if (!network.add(0, node, away_starts_[a]) || !network.add(node, 0, -away_starts_[a])) {
        return false;
      }
    }
    for (const Lag& lag : project_.lags) {
      if (!network.add(lag.from + 1, lag.to + 1, lag.minutes)) return false;
    }
    return true;
  }

  const Job& job(int i) const { return jobs_[static_cast<std::size_t>(i)]; }
  bool fixed(int i) const {
    return job(i).activity < 0 ||
           project_.activities[static_cast<std::size_t>(job(i).activity)].start >= 0;
  }

  bool together(int a, int b) const {
    if (fixed(a) && fixed(b)) return true;  // what has begun is not ordered anew
    for (std::size_t r = 0; r < project_.resources.size(); ++r) {
      if (job(a).uses[r] > 0 && job(b).uses[r] > 0 &&
          job(a).uses[r] + job(b).uses[r] > project_.resources[r].capacity) {
        return job(a).minutes == 0 || job(b).minutes == 0;
      }
    }
    return true;
  }

  // Two that cannot run together, of which only one order is left, are put into it.
  bool propagate(Network& network) const {
    for (bool again = true; again;) {
      again = false;
      for (int a = 1; a < network.size(); ++a) {
        for (int b = a + 1; b < network.size(); ++b) {
          if (together(a, b)) continue;
          const bool done =
              network.path(a, b) >= job(a).minutes || network.path(b, a) >= job(b).minutes;
          if (done) continue;
          const bool a_first = network.path(b, a) + job(a).minutes <= 0;
          const bool b_first = network.path(a, b) + job(b).minutes <= 0;
          if (a_first && b_first) continue;
          if (!a_first && !b_first) return false;
          const int first = a_first ? a : b;
          const int second = a_first ? b : a;
          if (!network.add(first, second, job(first).minutes)) return false;
          again = true;
        }
      }
    }
    return true;
  }

  int earliest_end(const Network& network) const {
    int last = 0;
    for (int i = 1; i < network.size(); ++i) {
      if (job(i).activity >= 0) last = std::max(last, network.path(0, i) + job(i).minutes);
    }
    return last;
  }

  // The first set that overuses a resource in the earliest timetable, made small; empty: none.
  std::vector<int> conflict(const Network& network) const {
    std::vector<int> order(static_cast<std::size_t>(network.size() - 1));
    std::iota(order.begin(), order.end(), 1);
    std::sort(order.begin(), order.end(), [&](int a, int b) {
      return std::pair(network.path(0, a), a) < std::pair(network.path(0, b), b);
    });
    for (const int begins : order) {
      const int at = network.path(0, begins);
      for (std::size_t r = 0; r < project_.resources.size(); ++r) {
        if (job(begins).uses[r] == 0 || job(begins).minutes == 0) continue;
        std::vector<int> set;
        int used = 0;
        for (const int i : order) {
          const int start = network.path(0, i);
          if (start > at) break;
          if (start + job(i).minutes <= at || job(i).uses[r] == 0) continue;
          set.push_back(i);
          used += job(i).uses[r];
        }
        if (used <= project_.resources[r].capacity || all_fixed(set)) continue;
        return shrink(std::move(set), r, used);
      }
    }
    return {};
  }

  bool all_fixed(const std::vector<int>& set) const {
    return std::all_of(set.begin(), set.end(), [this](int i) { return fixed(i); });
  }

  std::vector<int> shrink(std::vector<int> set, std::size_t resource, int used) const {
    std::sort(set.begin(), set.end(), [&](int a, int b) {
      return std::pair(job(a).uses[resource], a) < std::pair(job(b).uses[resource], b);
    });
    for (std::size_t i = 0; i < set.size();) {
      const int without = used - job(set[i]).uses[resource];
      std::vector<int> rest = set;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      if (without > project_.resources[resource].capacity && !all_fixed(rest)) {
        used = without;
        set = std::move(rest);
      } else {
        ++i;
      }
    }
    return set;
  }

  std::vector<Order> orders(const Network& network, const std::vector<int>& set) const {
    std::vector<Order> list;
    for (const int first : set) {
      for (const int second : set) {
        if (first == second || (fixed(first) && fixed(second))) continue;
        if (network.path(second, first) > kNone &&
            network.path(second, first) + job(first).minutes > 0) {
          continue;
        }
        const int start = network.path(0, first) + job(first).minutes;
        int ends = 0;
        for (int i = 1; i < network.size(); ++i) {
          const int tail = network.path(second, i);
          if (tail > kNone && job(i).activity >= 0) {
            ends = std::max(ends, start + tail + job(i).minutes);
          }
        }
        list.push_back({first, second, ends});
      }
    }
    std::sort(list.begin(), list.end(), [](const Order& a, const Order& b) {
      return std::tuple(a.ends, a.first, a.second) < std::tuple(b.ends, b.first, b.second);
    });
    return list;
  }

  void keep(const Network& network) {
    best_.clear();
    for (std::size_t i = 0; i < project_.activities.size(); ++i) {
      best_.push_back(network.path(0, static_cast<int>(i) + 1));
    }
    limit_ = end_of(best_) - 1;
  }

  void visit(const Network& network) {
    if (++nodes_ > nodes_max_ || earliest_end(network) > limit_) return;
    const std::vector<int> set = conflict(network);
    if (set.empty()) return keep(network);
    Network rest = network;
    for (const Order& order : orders(network, set)) {
      if (nodes_ > nodes_max_) return;
      if (order.ends <= limit_) {
        Network child = rest;
        if (child.add(order.first, order.second, job(order.first).minutes) && propagate(child)) {
          visit(child);
        }
      }
      // From now on: not this order.
      if (!rest.add(order.second, order.first, 1 - job(order.first).minutes)) return;
    }
  }

  const Project& project_;
  std::int64_t nodes_max_;
  std::int64_t nodes_ = 0;
  int limit_;  // a timetable must end by then
  int root_ = 0;
  std::vector<Job> jobs_;
  std::vector<int> away_starts_;
  std::vector<int> best_;
};

}  // namespace

Timetable solve_exact(const Project& project, std::int64_t nodes, const std::vector<int>& known) {
  return Search(project, nodes).run(known);
}

}  // namespace cryobank::schedule
