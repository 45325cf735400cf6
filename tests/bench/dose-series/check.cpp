#include "tests/bench/dose-series/check.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include "tests/bench/dose-series/world.hpp"

namespace dose_series {
namespace {

struct Plan {
  int day, lead;
};

class Judge {
 public:
  Judge(const World& world, Verdict& verdict) : world_(world), verdict_(verdict) {
    for (const auto& capacity : world.capacity) used_.emplace_back(capacity.size(), 0);
  }

  void course(const Course& c, const std::map<int, Plan>& plan) {
    for (const Given& given : c.given) {
      if (given.uses != 0) use(c, {given.day, given.lead});
    }
    bridges(c);
    bool ended = false;
    int last = c.given.empty() ? 0 : c.given.back().day;
    bool any = !c.given.empty();
    for (const Dose& dose : c.doses) {
      const auto found = plan.find(dose.number);
      if (found == plan.end()) {
        ended = true;
        ++verdict_.unscheduled;
        continue;
      }
      if (ended) say(c, dose, "placed although the dose before it is not");
      one_dose(c, dose, found->second);
      gap(c, dose, found->second.day, last, any, &dose == &c.doses.front());
      last = found->second.day;
      any = true;
    }
    for (const auto& [number, where] : plan) {
      bool known = false;
      for (const Dose& dose : c.doses) known = known || dose.number == number;
      if (!known) say(c, "dose that does not exist");
    }
  }

  void capacities(bool use_reserve) {
    for (std::size_t r = 0; r < used_.size(); ++r) {
      for (std::size_t d = 0; d < used_[r].size(); ++d) {
        const int kept = use_reserve ? 0 : world_.reserve[r];
        const int limit = world_.capacity[r][d] - kept;
        if (used_[r][d] > 0 && used_[r][d] > limit) {
          verdict_.violations.push_back(world_.names[r] + " on day " + std::to_string(d) + ": " +
                                        std::to_string(used_[r][d]) + " used, " +
                                        std::to_string(limit) + " there");
        }
      }
    }
  }

 private:
  void say(const Course& c, const std::string& what) {
    verdict_.violations.push_back(c.name + ": " + what);
  }
  void say(const Course& c, const Dose& dose, const std::string& what) {
    say(c, "dose " + std::to_string(dose.number) + ": " + what);
  }

  void one_dose(const Course& c, const Dose& dose, const Plan& at) {
    const int harvest = at.day - c.transport;
    const int thaw = harvest - at.lead;
    if (at.day < 0 || at.day >= world_.days || thaw < 0) return say(c, dose, "outside the horizon");
    if (at.lead < c.lead_min || at.lead > c.lead_max) say(c, dose, "lead outside its window");
    if (at.day < dose.earliest || at.day > dose.latest) say(c, dose, "outside its own window");
    if (thaw < c.first_thaw) say(c, dose, "thawed too early");
    const auto open = [&](int calendar, int day) {
      return world_.open[static_cast<std::size_t>(calendar)][static_cast<std::size_t>(day)] == '1';
    };
    if (!open(c.centre, thaw)) say(c, dose, "thawed on a closed day");
    if (!open(c.centre, harvest)) say(c, dose, "harvested on a closed day");
    if (!open(c.clinic, at.day)) say(c, dose, "infused on a closed day");
    if (c.blocked[static_cast<std::size_t>(at.day)] != 0) say(c, dose, "the patient cannot");
    use(c, at);
  }

  void gap(const Course& c, const Dose& dose, int day, int last, bool any, bool first) {
    if (!any) {
      if (day < c.release) say(c, dose, "before the release");
      verdict_.waiting += static_cast<long long>(c.weight) * (day - c.release);
      return;
    }
    const int days = day - last;
    if (days < dose.gap_min) return say(c, dose, "too soon after the dose before");
    const long long points = gap_points(c, dose, last, day, first && c.resumes != 0);
    if (points < 0) return say(c, dose, "too long after the dose before");
    verdict_.interval += points;
  }

  // Nothing between its ends is possible, and its ends are.
  void bridges(const Course& c) {
    for (const Bridge& bridge : c.bridges) {
      bool away = false;
      for (int day = std::max(0, bridge.before + 1); day < bridge.after; ++day) {
        away = away || c.blocked[static_cast<std::size_t>(day)] != 0;
        if (possible(c, day)) say(c, "a bridge over a day that is possible");
      }
      if (!possible(c, bridge.after)) say(c, "a bridge to a day that is not possible");
      if (bridge.before >= 0 && !possible(c, bridge.before)) {
        say(c, "a bridge from a day that is not possible");
      }
      if (away == (bridge.closed != 0)) say(c, "a bridge that says wrongly who is away");
    }
  }

  bool possible(const Course& c, int day) const {
    const auto open = [&](int calendar, int on) {
      return on >= 0 &&
             world_.open[static_cast<std::size_t>(calendar)][static_cast<std::size_t>(on)] == '1';
    };
    const int harvest = day - c.transport;
    bool thaw = false;
    for (int lead = c.lead_min; lead <= c.lead_max; ++lead) {
      thaw = thaw || (harvest - lead >= c.first_thaw && open(c.centre, harvest - lead));
    }
    return thaw && open(c.centre, harvest) && open(c.clinic, day) &&
           c.blocked[static_cast<std::size_t>(day)] == 0;
  }

  void use(const Course& c, const Plan& at) {
    const int harvest = at.day - c.transport;
    const int thaw = harvest - at.lead;
    for (const Need& need : c.needs) {
      for (int d = 0; d < world_.days; ++d) {
        const bool hit = (need.on == "thaw" && d == thaw) ||
                         (need.on == "harvest" && d == harvest) ||
                         (need.on == "infusion" && d == at.day + need.after) ||
                         (need.on == "culture" && d >= thaw && d < harvest);
        if (hit)
          used_[static_cast<std::size_t>(need.resource)][static_cast<std::size_t>(d)] +=
              need.amount;
      }
    }
  }

  const World& world_;
  Verdict& verdict_;
  std::vector<std::vector<int>> used_;
};

}  // namespace

Verdict check_plan(const std::string& instance, const std::string& plan, bool use_reserve) {
  Verdict verdict;
  const World world = read_world(instance);
  std::istringstream in(plan);
  std::string word, name;
  long long told[3] = {}, bound = 0;
  int version = 0, count = 0;
  in >> word >> version >> word >> told[0] >> told[1] >> told[2] >> word >> bound >> word >> count;
  std::map<std::string, std::map<int, Plan>> placed;
  for (int i = 0; i < count; ++i) {
    int number = 0;
    Plan where{};
    if (!(in >> name >> number >> where.day >> where.lead)) {
      verdict.violations.push_back("the plan ends too early");
      return verdict;
    }
    if (!placed[name].emplace(number, where).second) {
      verdict.violations.push_back(name + ": dose placed twice");
    }
  }
  Judge judge(world, verdict);
  for (const Course& course : world.courses) judge.course(course, placed[course.name]);
  judge.capacities(use_reserve);
  for (const std::vector<int>& rule : world.apart) {
    const auto days = [&](int series) {
      const Course& course = world.courses[static_cast<std::size_t>(series)];
      std::vector<int> out;
      for (const Given& given : course.given) out.push_back(given.day);
      for (const auto& [number, where] : placed[course.name]) out.push_back(where.day);
      return out;
    };
    const std::size_t given = world.courses[static_cast<std::size_t>(rule[0])].given.size();
    const std::size_t other = world.courses[static_cast<std::size_t>(rule[1])].given.size();
    const std::vector<int> a = days(rule[0]), b = days(rule[1]);
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t j = 0; j < b.size(); ++j) {
        if (i < given && j < other) continue;  // both happened; nothing can be planned about it
        const int distance = a[i] < b[j] ? b[j] - a[i] : a[i] - b[j];
        if (distance < rule[2]) verdict.violations.push_back("two series of one patient too near");
      }
    }
  }
  if (told[0] != verdict.unscheduled || told[1] != verdict.interval || told[2] != verdict.waiting) {
    verdict.violations.push_back("the plan tells another cost than its visits have");
  }
  return verdict;
}

}  // namespace dose_series
