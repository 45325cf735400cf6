#include "service/schedule/bound.hpp"

#include <algorithm>
#include <utility>

namespace cryobank::schedule {
namespace {

constexpr std::int64_t kLengthFirst = 1'500;
constexpr std::int64_t kLengthMin = 2;
constexpr std::int64_t kLonger = 105;  // per cent, after a better bound
constexpr int kStuckMax = 20;  // steps without a better bound before the length is shortened
// Polyak's length wants the best cost, which is not known. A known plan may be far from it, so the
// aim is also held within so much above the best bound: 10 per cent and 100 units of cost.
constexpr Cost kAimParts = 10;
constexpr Cost kAimUnits = 100;
constexpr std::int64_t kFine = 1'024;  // steps of one use, for the length of the subgradient
constexpr std::int64_t kWhole = 1'000;
constexpr std::int64_t kNewest = 100;  // per mille of the newest subgradient in the way to go
// A price above what a dose can be worth says nothing more; sums over all cells stay in 128 bits.
constexpr Cost kPriceMax = Cost{1} << 46;

}  // namespace

Bound::Bound(const SeriesModel& model)
    : model_(model),
      prices_(model.capacity().size(), 0),
      best_prices_(prices_),
      way_(prices_.size(), 0),
      amount_(prices_.size(), 1),
      length_(kLengthFirst) {}

// The bound at the present prices, and by how much each cell is over its capacity.
Cost Bound::evaluate(std::vector<std::int64_t>& over) {
  const Load& capacity = model_.capacity();
  Wide sum = 0;
  for (std::size_t cell = 0; cell < capacity.size(); ++cell) {
    over[cell] = -capacity[cell];
    sum -= Wide{prices_[cell]} * capacity[cell];
  }
  for (int s = 0; s < model_.count(); ++s) {
    const Route route = model_.best(s, nullptr, prices_, {});
    sum += route.priced;
    for (const Visit& visit : route.visits) {
      for (const CellUse& use : visit.cells) {
        const auto cell = static_cast<std::size_t>(use.cell);
        over[cell] += use.amount;
        amount_[cell] = std::max<std::int64_t>(amount_[cell], use.amount);
      }
    }
  }
  return sum < 0 ? 0 : static_cast<Cost>(sum);
}

void Bound::run(int steps, Cost target) {
  std::vector<std::int64_t> over(prices_.size());
  for (int i = 0; i < steps; ++i, ++steps_) {
    const Cost value = evaluate(over);
    lean(over);
    if (value > best_ || steps_ == 0) {
      best_ = value;
      best_prices_ = prices_;
      stuck_ = 0;
      length_ = std::min(kLengthFirst, length_ * kLonger / 100 + 1);
    } else if (++stuck_ >= kStuckMax) {
      stuck_ = 0;
      length_ = std::max(kLengthMin, length_ * 2 / 3);
    }
    const Cost aim = std::min(target, best_ + best_ / kAimParts + kAimUnits * kCostUnit);
    if (aim <= best_) return;
    const bool newest = std::exchange(restart_, false) || steps_ == 0;
    if (go(aim)) continue;
    // The mean leads nowhere: from the best prices anew, unless their own way leads nowhere either.
    if (newest) return;
    prices_ = best_prices_;
    restart_ = true;
    stuck_ = 0;
    length_ = std::max(kLengthMin, length_ * 2 / 3);
  }
}

// The way to go: the mean of all subgradients so far, the newest weighing most. It tends to what
// the best mixture of plans would use beyond each capacity, so that it does not zigzag. Each cell
// counts in what one use takes of it, since minutes and chairs are no common unit.
void Bound::lean(const std::vector<std::int64_t>& over) {
  for (std::size_t cell = 0; cell < over.size(); ++cell) {
    const std::int64_t here = over[cell] * kFine / amount_[cell];
    std::int64_t& way = way_[cell];
    way = steps_ == 0 || restart_ ? here : (way * (kWhole - kNewest) + here * kNewest) / kWhole;
  }
}

// From the best prices, by a step of Polyak's length. False: there is no way up.
bool Bound::go(Cost aim) {
  Wide norm = 0;
  for (std::size_t cell = 0; cell < way_.size(); ++cell) {
    // A free cell without a price cannot be made cheaper: it does not steer.
    if (best_prices_[cell] == 0 && way_[cell] < 0) continue;
    norm += Wide{way_[cell]} * way_[cell];
  }
  if (norm == 0) return false;
  const Wide step = Wide{aim - best_} * length_ * kFine;
  for (std::size_t cell = 0; cell < way_.size(); ++cell) {
    const Wide price = best_prices_[cell] + step * way_[cell] / (norm * kWhole * amount_[cell]);
    prices_[cell] = static_cast<Cost>(std::clamp<Wide>(price, 0, kPriceMax));
  }
  return true;
}

Cost Bound::cost() const { return (best_ + kCostUnit - 1) / kCostUnit; }

}  // namespace cryobank::schedule
