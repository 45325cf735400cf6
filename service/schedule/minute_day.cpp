#include "service/schedule/minute_day.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "service/schedule/minute_people.hpp"

namespace cryobank::schedule {
namespace {

// How much later than its time every chain may end, tried one after the other.
constexpr std::array<int, 7> kExtensions{0, 15, 30, 60, 120, 240, 480};

// A day as a project, and which activity is which step.
class DayProject {
 public:
  explicit DayProject(const MinuteDay& day) : day_(day) {
    project_.horizon = kDayHorizon;
    add_resources();
    for (int c = 0; c < static_cast<int>(day.chains.size()); ++c) add_chain(c);
  }

  // Every deadline is `minutes` later than it is told; -1: there are none.
  void extend(int minutes) {
    for (const auto& [lag, chain] : deadlines_) {
      const MinuteChain& told = day_.chains[static_cast<std::size_t>(chain)];
      const int end = minutes < 0 ? kDayHorizon : std::min(kDayHorizon, told.latest + minutes);
      project_.lags[lag].minutes = -(end - told.steps.back().minutes);
    }
    for (const auto& [lag, most] : waits_) {
      project_.lags[lag].minutes = -std::min(kDayHorizon, most + std::max(0, minutes));
    }
  }

  MinutePlan read(const Timetable& table) const {
    MinutePlan plan;
    plan.verdict = table.verdict;
    plan.slots = running_;
    for (const auto& [activity, chain, step] : free_) {
      const int start = table.starts[static_cast<std::size_t>(activity)];
      const int minutes = project_.activities[static_cast<std::size_t>(activity)].minutes;
      plan.slots.push_back({chain, step, start, start + minutes, -1, false});
    }
    std::stable_sort(plan.slots.begin(), plan.slots.end(),
                     [](const MinuteSlot& a, const MinuteSlot& b) { return a.start < b.start; });
    return plan;
  }

  const Project& project() const { return project_; }
  const std::vector<MinuteSlot>& running() const { return running_; }
  std::size_t free_count() const { return free_.size(); }

 private:
  struct FreeStep {
    int activity = 0;
    int chain = 0;
    int step = 0;
  };

  int everybody() const { return static_cast<int>(day_.machines.size() + day_.skills.size()); }

  void add_resources() {
    for (const MinuteMachine& machine : day_.machines) {
      project_.resources.push_back({machine.name, machine.count, {}});
    }
    for (int s = 0; s < static_cast<int>(day_.skills.size()); ++s) {
      add_people(day_.skills[static_cast<std::size_t>(s)], s);
    }
    add_people("people", -1);
  }

  // Those who have the skill; -1: everybody who has any.
  void add_people(const std::string& name, int skill) {
    ProjectResource resource{name, 0, {}};
    for (const MinutePerson& person : day_.people) {
      const bool fits = skill < 0 ? !person.skills.empty() : has_skill(person, skill);
      if (!fits) continue;
      ++resource.capacity;
      if (person.from > 0) resource.away.push_back({0, person.from, 1});
      if (person.until < kDayHorizon) resource.away.push_back({person.until, kDayHorizon, 1});
    }
    project_.resources.push_back(std::move(resource));
  }

  int add_activity(Activity activity) {
    project_.activities.push_back(std::move(activity));
    return static_cast<int>(project_.activities.size()) - 1;
  }
  // A moment that chains hang on; each has its own, so that none is tied to another's.
  int add_moment(int minute) {
    Activity moment;
    moment.start = minute;
    return add_activity(std::move(moment));
  }

  void take(int resource, int from, int until) {
    ProjectResource& taken = project_.resources[static_cast<std::size_t>(resource)];
    if (from < until) taken.away.push_back({std::max(0, from), until, 1});
  }

  // Steps that have begun: the one that is told, and what follows at once. They take what they use
  // whatever else is planned. Gives when the last of them ends.
  int add_running(const MinuteChain& chain, int index, std::size_t& next) {
    int at = chain.done > 0 ? chain.done_at : chain.earliest;
    bool begun = chain.begun;
    if (begun) at = chain.begun_at;
    for (next = chain.done; next < chain.steps.size(); ++next) {
      const MinuteStep& step = chain.steps[next];
      const bool follows = next > 0 && step.within == 0 && (next > chain.done || chain.done > 0);
      if (!(begun || follows) || at > day_.now) break;
      begun = false;
      // What the record would show and does not has not ended yet; nor has what is last of all.
      const bool shown = step.proven || next + 1 == chain.steps.size();
      int end = at + step.minutes;
      if (shown) end = std::max(end, day_.now + 1);
      running_.push_back({index, static_cast<int>(next), at, end, -1, true});
      if (step.machine >= 0) take(step.machine, at, end + step.clearance);
      if (step.skill >= 0) {
        take(static_cast<int>(day_.machines.size()) + step.skill, at, end);
        take(everybody(), at, end);
      }
      at = end;
    }
    return at;
  }

  void add_chain(int index) {
    const MinuteChain& chain = day_.chains[static_cast<std::size_t>(index)];
    std::size_t next = chain.done;
    const int ended = add_running(chain, index, next);
    const bool first = next == 0;
    int before = first ? -1 : add_moment(ended);
    int last = -1;
    for (; next < chain.steps.size(); ++next) {
      const MinuteStep& step = chain.steps[next];
      const int at = add_step(step, std::max(day_.now, first ? chain.earliest : ended));
      free_.push_back({at, index, static_cast<int>(next)});
      if (before >= 0) {
        const int minutes = project_.activities[static_cast<std::size_t>(before)].minutes;
        project_.lags.push_back({before, at, minutes});
        // No step can have followed in the past.
        const int waits = last < 0 ? std::max(0, day_.now - ended) : 0;
        if (step.within >= 0) {
          const int most = minutes + std::max(step.within, waits);
          if (last < 0) waits_.emplace_back(project_.lags.size(), most);
          project_.lags.push_back({at, before, -most});
        }
      }
      before = last = at;
    }
    if (last < 0 || chain.latest < 0) return;
    deadlines_.emplace_back(project_.lags.size(), index);
    project_.lags.push_back({last, add_moment(0), 0});
  }

  int add_step(const MinuteStep& step, int from) {
    Activity activity;
    activity.name = step.name;
    activity.minutes = step.minutes;
    activity.not_before = from;
    if (step.machine >= 0) activity.uses.push_back({step.machine, 1});
    if (step.skill >= 0) {
      activity.uses.push_back({static_cast<int>(day_.machines.size()) + step.skill, 1});
      activity.uses.push_back({everybody(), 1});
    }
    const int at = add_activity(std::move(activity));
    if (step.machine < 0 || step.clearance == 0) return at;
    Activity clear;
    clear.name = cat("clearance after ", step.name);
    clear.minutes = step.clearance;
    clear.not_before = from + step.minutes;
    clear.uses.push_back({step.machine, 1});
    const int after = add_activity(std::move(clear));
    project_.lags.push_back({at, after, step.minutes});
    project_.lags.push_back({after, at, -step.minutes});
    return at;
  }

  const MinuteDay& day_;
  Project project_;
  std::vector<FreeStep> free_;
  std::vector<MinuteSlot> running_;
  std::vector<std::pair<std::size_t, int>> deadlines_;  // lag and chain
  // Lag and minutes: what waits already has to wait longer where its machine is taken.
  std::vector<std::pair<std::size_t, int>> waits_;
};

void name_late(const MinuteDay& day, MinutePlan& plan) {
  for (int c = 0; c < static_cast<int>(day.chains.size()); ++c) {
    const int latest = day.chains[static_cast<std::size_t>(c)].latest;
    int end = 0;
    for (const MinuteSlot& slot : plan.slots) {
      if (slot.chain == c) end = std::max(end, slot.end);
    }
    if (latest >= 0 && end > latest) plan.late.emplace_back(c, end - latest);
  }
  for (const MinuteSlot& slot : plan.slots) {
    const MinuteChain& chain = day.chains[static_cast<std::size_t>(slot.chain)];
    const MinuteStep& step = chain.steps[static_cast<std::size_t>(slot.step)];
    if (slot.running || slot.step == 0 || step.within < 0) continue;
    int ended = chain.done_at;
    for (const MinuteSlot& other : plan.slots) {
      if (other.chain == slot.chain && other.step == slot.step - 1) ended = other.end;
    }
    const int over = slot.start - std::max(ended + step.within, day.now);
    if (over > 0) plan.waits.emplace_back(slot.chain, over);
  }
}

// What no plan can help: a skill that nobody has today.
void name_missing(const MinuteDay& day, MinutePlan& plan) {
  for (int s = 0; s < static_cast<int>(day.skills.size()); ++s) {
    const bool needed = std::ranges::any_of(day.chains, [s](const MinuteChain& chain) {
      return std::any_of(chain.steps.begin() + static_cast<std::ptrdiff_t>(chain.done),
                         chain.steps.end(),
                         [s](const MinuteStep& step) { return step.skill == s; });
    });
    const bool there = std::ranges::any_of(
        day.people, [s](const MinutePerson& person) { return has_skill(person, s); });
    if (needed && !there) {
      plan.faults.push_back(
          cat("nobody who can do \"", day.skills[static_cast<std::size_t>(s)], "\" is there"));
    }
  }
}

Timetable timetable_of(const Project& project, std::uint64_t seed, int orders, std::int64_t nodes) {
  const Timetable first = solve_serial(project, seed, orders);
  if (nodes == 0) return first;
  Timetable exact = solve_exact(project, nodes, first.starts);
  if (!exact.starts.empty() || first.starts.empty()) return exact;
  return first;
}

Status wrong_day(std::string text) { return make_error(ErrorCode::invalid_value, std::move(text)); }

}  // namespace

Status check(const MinuteDay& day) {
  if (day.chains.size() > kChainsMax || day.people.size() > kDayPeopleMax) {
    return wrong_day(cat("expected at most ", kChainsMax, " doses and ", kDayPeopleMax,
                         " people on one day, came ", day.chains.size(), " and ",
                         day.people.size()));
  }
  for (const MinuteChain& chain : day.chains) {
    if (chain.steps.size() > kChainStepsMax || chain.done > chain.steps.size()) {
      return wrong_day(cat(chain.name, ": expected at most ", kChainStepsMax, " steps"));
    }
    for (const MinuteStep& step : chain.steps) {
      const bool known = step.machine < static_cast<int>(day.machines.size()) &&
                         step.skill < static_cast<int>(day.skills.size());
      if (!known || step.minutes < 1 || step.minutes > kDayHorizon / 2) {
        return wrong_day(cat(chain.name, ", ", step.name,
                             ": expected a machine and a skill that are told, and 1 to ",
                             kDayHorizon / 2, " minutes"));
      }
    }
  }
  return {};
}

MinutePlan plan_minutes(const MinuteDay& day, std::uint64_t seed, int orders, std::int64_t nodes) {
  DayProject made(day);
  MinutePlan plan;
  if (made.free_count() == 0) {
    plan.verdict = SearchVerdict::optimal;
    plan.slots = made.running();
    name_late(day, plan);
    return plan;
  }
  name_missing(day, plan);
  for (const int extension : kExtensions) {
    if (!plan.faults.empty()) break;
    made.extend(extension);
    // The exact search helps where the times can be kept; a day that is late anyhow is not
    // polished.
    const Timetable table = timetable_of(made.project(), seed, orders, extension == 0 ? nodes : 0);
    if (table.starts.empty()) continue;
    MinutePlan found = made.read(table);
    if (extension > 0) found.verdict = SearchVerdict::feasible;
    name_late(day, found);
    assign_people(day, found);
    return found;
  }
  if (plan.faults.empty()) {
    plan.faults.emplace_back("the work does not fit into the day, however late it may end");
  }
  plan.verdict = SearchVerdict::infeasible;
  plan.slots = made.running();
  return plan;
}

bool hangs_on(const MinuteDay& day, const MinutePlan& found, int person, std::uint64_t seed,
              int orders) {
  const bool works = std::ranges::any_of(
      found.slots, [person](const MinuteSlot& slot) { return slot.person == person; });
  if (!works) return false;
  MinuteDay without = day;
  without.people[static_cast<std::size_t>(person)].skills.clear();
  const MinutePlan other = plan_minutes(without, seed, orders, 0);
  if (other.verdict == SearchVerdict::infeasible || !other.faults.empty()) return true;
  return other.late.size() > found.late.size();
}

}  // namespace cryobank::schedule
