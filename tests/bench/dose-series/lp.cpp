#include "tests/bench/dose-series/lp.hpp"

#include <algorithm>
#include <map>

#include "tests/bench/dose-series/world.hpp"

namespace dose_series {
namespace {

std::string num(long long n) { return std::to_string(n); }

class Program {
 public:
  explicit Program(const World& world) : world_(world) {}

  std::string text() {
    for (std::size_t c = 0; c < world_.courses.size(); ++c) course(static_cast<int>(c));
    for (std::size_t r = 0; r < world_.capacity.size(); ++r) {
      for (int d = 0; d < world_.days; ++d) {
        const auto found = use_.find({static_cast<int>(r), d});
        if (found == use_.end()) continue;
        int limit = world_.capacity[r][static_cast<std::size_t>(d)] - world_.reserve[r];
        limit = std::max(0, limit - given_[{static_cast<int>(r), d}]);
        row(found->second, "<= " + num(limit));
      }
    }
    return "Minimize\n obj:" + objective_ + " + " + num(0) + " zero\nSubject To\n" + rows_ +
           "Binaries\n" + names_ + "End\n";
  }

 private:
  void row(const std::string& left, const std::string& right) {
    rows_ += " r" + num(++row_count_) + ":" + left + " " + right + "\n";
  }
  std::string name(const std::string& stem) {
    names_ += " " + stem + "\n";
    return stem;
  }
  void cost(long long amount, const std::string& variable) {
    if (amount != 0) objective_ += " + " + num(amount) + " " + variable;
    if (++terms_ % 10 == 0) objective_ += "\n";
  }
  bool open(int calendar, int day) const {
    return day >= 0 && day < world_.days &&
           world_.open[static_cast<std::size_t>(calendar)][static_cast<std::size_t>(day)] == '1';
  }
  bool possible(const Course& c, const Dose& dose, int day, int lead) const {
    const int harvest = day - c.transport;
    const int thaw = harvest - lead;
    return day >= dose.earliest && day <= dose.latest && thaw >= std::max(0, c.first_thaw) &&
           open(c.centre, thaw) && open(c.centre, harvest) && open(c.clinic, day) &&
           c.blocked[static_cast<std::size_t>(day)] == 0;
  }
  void use(const Course& c, int day, int lead, const std::string& variable) {
    const int harvest = day - c.transport;
    for (const Need& need : c.needs) {
      for (int d = harvest - lead; d <= std::min(day + need.after, world_.days - 1); ++d) {
        const bool hit = (need.on == "thaw" && d == harvest - lead) ||
                         (need.on == "harvest" && d == harvest) ||
                         (need.on == "infusion" && d == day + need.after) ||
                         (need.on == "culture" && d < harvest);
        if (hit) use_[{need.resource, d}] += " + " + num(need.amount) + " " + variable;
      }
    }
  }
  void use_given(const Course& c) {
    for (const Given& given : c.given) {
      if (given.uses == 0) continue;
      const int harvest = given.day - c.transport;
      for (const Need& need : c.needs) {
        for (int d = harvest - given.lead; d <= given.day + need.after; ++d) {
          const bool hit = (need.on == "thaw" && d == harvest - given.lead) ||
                           (need.on == "harvest" && d == harvest) ||
                           (need.on == "infusion" && d == given.day + need.after) ||
                           (need.on == "culture" && d < harvest);
          if (hit) given_[{need.resource, d}] += need.amount;
        }
      }
    }
  }

  void course(int index) {
    const Course& c = world_.courses[static_cast<std::size_t>(index)];
    use_given(c);
    const std::string stem = "c" + num(index);
    std::map<int, std::string> into;  // arcs into the day of this dose
    std::string leave;                // of the source: one way, or nothing is placed
    for (std::size_t k = 0; k < c.doses.size(); ++k) {
      const Dose& dose = c.doses[k];
      std::map<int, std::string> next;
      for (int day = 0; day < world_.days; ++day) {
        std::string leads;
        for (int lead = c.lead_min; lead <= c.lead_max; ++lead) {
          if (!possible(c, dose, day, lead)) continue;
          const std::string z = name("z" + stem + "_" + num(static_cast<long long>(k)) + "_" +
                                     num(day) + "_" + num(lead));
          leads += " - " + z;
          use(c, day, lead, z);
        }
        if (leads.empty()) continue;
        if (k == 0) enter(c, stem, day, into, leave);
        if (into[day].empty()) {
          row(leads, "= 0");
          continue;
        }
        row(into[day] + leads, "= 0");
        std::string out;
        if (k + 1 < c.doses.size()) leave_to(c, stem, k, day, next, out);
        const std::string stop =
            name("e" + stem + "_" + num(static_cast<long long>(k)) + "_" + num(day));
        cost(world_.weights[0] * static_cast<long long>(c.doses.size() - k - 1), stop);
        row(into[day] + out + " - " + stop, "= 0");
      }
      if (k == 0) {
        const std::string none = name("n" + stem);
        cost(world_.weights[0] * static_cast<long long>(c.doses.size()), none);
        row(leave + " + " + none, "= 1");
      } else {
        // arcs may only enter days that exist: days without leads take none
        for (const auto& [day, arcs] : into) {
          bool any = false;
          for (int lead = c.lead_min; lead <= c.lead_max; ++lead)
            any = any || possible(c, dose, day, lead);
          if (!any) row(arcs, "= 0");
        }
      }
      into = next;
    }
  }

  void enter(const Course& c, const std::string& stem, int day, std::map<int, std::string>& into,
             std::string& leave) {
    long long amount = 0;
    if (c.given.empty()) {
      if (day < c.release) return;
      amount = world_.weights[2] * c.weight * (day - c.release);
    } else {
      const Dose& dose = c.doses[0];
      const int last = c.given.back().day;
      const long long points = gap_points(c, dose, last, day, c.resumes != 0);
      if (day - last < dose.gap_min || points < 0) return;
      amount = world_.weights[1] * points;
    }
    const std::string arc = name("s" + stem + "_" + num(day));
    cost(amount, arc);
    into[day] += " + " + arc;
    leave += " + " + arc;
  }

  void leave_to(const Course& c, const std::string& stem, std::size_t k, int day,
                std::map<int, std::string>& next, std::string& out) {
    const Dose& after = c.doses[k + 1];
    const int most = c.bridges.empty() ? after.gap_max : world_.days;
    for (int gap = after.gap_min; gap <= most && day + gap < world_.days; ++gap) {
      const long long points = gap_points(c, after, day, day + gap, false);
      if (points < 0) continue;
      const std::string arc =
          name("a" + stem + "_" + num(static_cast<long long>(k)) + "_" + num(day) + "_" + num(gap));
      cost(world_.weights[1] * points, arc);
      out += " - " + arc;
      next[day + gap] += " + " + arc;
    }
  }

  const World& world_;
  std::string objective_, rows_, names_;
  std::map<std::pair<int, int>, std::string> use_;
  std::map<std::pair<int, int>, int> given_;
  long long row_count_ = 0;
  long long terms_ = 0;
};

}  // namespace

std::string write_lp(const std::string& instance) {
  const World world = read_world(instance);
  return Program(world).text();
}

}  // namespace dose_series
