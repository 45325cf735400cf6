#include "service/core/problem/plan_order.hpp"

#include <algorithm>
#include <utility>

#include "service/core/problem/plan_problem.hpp"

namespace cryobank::core {
namespace {

using inventory::Dose;

bool has_day(const Dose& dose) {
  return dose.state == inventory::DoseState::planned && dose.infusion_at.ms != 0;
}

}  // namespace

DoseOrder order_doses(const std::vector<const Dose*>& open, const std::set<int>& unsafe,
                      WallTime safe_from) {
  std::vector<std::pair<WallTime, const Dose*>> by_day;
  WallTime before{};
  for (const Dose* dose : open) {
    if (has_day(*dose)) before = dose->infusion_at;
    by_day.emplace_back(before, dose);
  }
  std::stable_sort(by_day.begin(), by_day.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  DoseOrder order;
  for (const auto& [day, dose] : by_day) order.doses.push_back(dose);
  std::size_t behind = 0;
  for (std::size_t i = 0; i < order.doses.size(); ++i) {
    const Dose& dose = *order.doses[i];
    if (!unsafe.contains(dose.number) || !has_day(dose) || safe_from < dose.thaw_at) continue;
    for (behind = std::max(behind, i + 1); behind < order.doses.size(); ++behind) {
      const Dose& other = *order.doses[behind];
      if (has_day(other) && safe_from < other.thaw_at && !unsafe.contains(other.number)) break;
    }
    if (behind >= order.doses.size()) break;
    order.put_back.insert(dose.number);
    std::swap(order.doses[i], order.doses[behind++]);
  }
  return order;
}

DoseOrder order_doses(const inventory::Course& course, const std::set<int>& unsafe,
                      WallTime safe_from) {
  std::vector<const Dose*> open;
  for (const Dose& dose : course.doses) {
    if (may_be_planned(dose.state)) open.push_back(&dose);
  }
  return order_doses(open, unsafe, safe_from);
}

}  // namespace cryobank::core
