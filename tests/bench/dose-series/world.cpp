#include "tests/bench/dose-series/world.hpp"

#include <algorithm>
#include <sstream>

namespace dose_series {
namespace {

Course read_course(std::istream& in, int version, int days) {
  Course c;
  std::string word, patient;
  int count = 0;
  in >> c.name >> patient >> c.weight >> c.release >> c.first_thaw >> c.lead_min >> c.lead_max >>
      c.transport >> c.centre >> c.clinic >> c.resumes >> word >> count;
  c.blocked.assign(static_cast<std::size_t>(days), 0);
  for (int i = 0, d = 0; i < count && in >> d; ++i) c.blocked[static_cast<std::size_t>(d)] = 1;
  in >> word >> count;
  for (int i = 0; i < count; ++i) {
    Need need{};
    in >> need.resource >> need.on >> need.amount;
    const std::size_t plus = need.on.find('+');
    if (plus != std::string::npos) {
      need.after = std::stoi(need.on.substr(plus + 1));
      need.on.resize(plus);
    }
    c.needs.push_back(need);
  }
  count = 0;
  if (version > 1) in >> word >> count;
  for (int i = 0; i < count; ++i) {
    Bridge bridge{};
    in >> bridge.before >> bridge.after >> bridge.closed;
    c.bridges.push_back(bridge);
  }
  in >> word >> count;
  for (int i = 0; i < count; ++i) {
    Given given{};
    in >> given.number >> given.day >> given.lead >> given.uses;
    c.given.push_back(given);
  }
  in >> word >> count;
  for (int i = 0; i < count; ++i) {
    Dose dose{};
    int published = 0, lead = 0, told = 0;
    in >> dose.number >> dose.earliest >> dose.latest >> published >> lead >> told >>
        dose.gap_min >> dose.gap_max;
    for (int g = dose.gap_min, cost = 0; g <= dose.gap_max && in >> cost; ++g) {
      dose.cost.push_back(cost);
    }
    c.doses.push_back(dose);
  }
  return c;
}

// Of a gap within the rule, or beyond its longest.
long long plain_points(const Dose& dose, int gap) {
  if (gap > dose.gap_max) return dose.cost.back() + (gap - dose.gap_max);
  return dose.cost[static_cast<std::size_t>(std::max(0, gap - dose.gap_min))];
}

}  // namespace

long long gap_points(const Course& course, const Dose& dose, int last, int day, bool resumes) {
  const int gap = day - last;
  if (gap <= dose.gap_max) return plain_points(dose, gap);
  for (const Bridge& bridge : course.bridges) {
    const int before = bridge.before < 0 ? last : std::max(last, bridge.before);
    const bool over = last <= before && before < bridge.after && bridge.after <= day;
    if (!over || bridge.after - before <= dose.gap_max || before - last >= dose.gap_max) continue;
    if (bridge.closed != 0) return plain_points(dose, gap);
    const int shown = (before - last) + (day - bridge.after) + 1;
    const int cheapest = *std::min_element(dose.cost.begin(), dose.cost.end());
    int free = dose.gap_max;
    while (plain_points(dose, free) > cheapest) --free;
    return shown <= free ? cheapest : plain_points(dose, shown);
  }
  return resumes ? plain_points(dose, gap) : -1;
}

World read_world(const std::string& text) {
  std::istringstream in(text);
  World world;
  std::string word;
  int version = 0, today = 0, count = 0;

  in >> word >> version >> word >> world.days >> word >> today >> word >> world.weights[0] >>
      world.weights[1] >> world.weights[2] >> word >> count;
  for (int i = 0; i < count; ++i) {
    std::string marks;
    in >> word >> marks;
    world.open.push_back(marks);
  }
  in >> word >> count;
  for (int i = 0; i < count; ++i) {
    int reserve = 0;
    in >> word >> reserve;
    world.names.push_back(word);
    world.reserve.push_back(reserve);
    std::vector<int> capacity(static_cast<std::size_t>(world.days));
    for (int& one : capacity) in >> one;
    world.capacity.push_back(capacity);
  }
  in >> word >> count;
  for (int i = 0; i < count; ++i) world.courses.push_back(read_course(in, version, world.days));
  in >> word >> count;
  for (int i = 0; i < count; ++i) {
    int a = 0, b = 0, days = 0;
    in >> a >> b >> days;
    world.apart.push_back({a, b, days});
  }
  return world;
}

}  // namespace dose_series
