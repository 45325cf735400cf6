#include "service/schedule/improve.hpp"

#include <algorithm>
#include <utility>

namespace cryobank::schedule {
namespace {

// Series taken out together: 2 to 7. More cost time and are seldom put back better.
constexpr std::int64_t kTakenMin = 2;
constexpr std::int64_t kTakenMax = 7;
// How much worse than the best a plan may be on the way, in parts of what its whole series pay:
// what is not placed at all outweighs everything, and would let every plan through. Falls to none.
constexpr Cost kAllowanceParts = 150;
// And at least so much, so that small plans are walked through as well.
constexpr Cost kAllowanceMin = 3 * kCostUnit;
constexpr int kTournament = 4;
constexpr Cost kNoise = 2 * kCostUnit;  // most that one use of a cell is dearer by chance
constexpr std::uint64_t kNoiseRounds = 8;

}  // namespace

Improver::Improver(const SeriesModel& model, Prices prices, std::uint64_t seed)
    : model_(model),
      prices_(std::move(prices)),
      half_(prices_),
      random_(seed),
      free_(model.capacity()),
      now_(static_cast<std::size_t>(model.count())),
      amount_(free_.size(), 1),
      in_cell_(free_.size()) {
  for (Cost& price : half_) price /= 2;
  for (int s = 0; s < model.count(); ++s) {
    const Route alone = model.best(s, &model.capacity(), none_, {});
    floor_.push_back(alone.cost);
    for (const Visit& visit : alone.visits) {
      for (const CellUse& use : visit.cells) {
        Cost& amount = amount_[static_cast<std::size_t>(use.cell)];
        amount = std::max<Cost>(amount, use.amount);
      }
    }
  }
}

void Improver::take(int series, int sign) {
  for (const Visit& visit : now_[static_cast<std::size_t>(series)].visits) {
    for (const CellUse& use : visit.cells) {
      const auto cell = static_cast<std::size_t>(use.cell);
      free_[cell] += sign * use.amount;
      if (sign < 0) {
        in_cell_[cell].push_back(series);
      } else {
        std::vector<int>& there = in_cell_[cell];
        const auto found = std::find(there.begin(), there.end(), series);
        if (found != there.end()) there.erase(found);
      }
    }
  }
}

void Improver::start_from(Routes routes) {
  now_ = std::move(routes);
  now_cost_ = 0;
  for (int s = 0; s < model_.count(); ++s) {
    take(s, -1);
    now_cost_ += now_[static_cast<std::size_t>(s)].cost;
  }
  keep();
}

void Improver::put_back(const std::vector<int>& order, const Prices& prices) {
  for (const int series : order) {
    Route& route = now_[static_cast<std::size_t>(series)];
    route = model_.best(series, &free_, prices, now_);
    take(series, -1);
    now_cost_ += route.cost;
  }
}

void Improver::build(const std::vector<int>& order) {
  put_back(order, prices_);
  keep();
}

// Of a few at random, the one that pays most for the others.
int Improver::pick_costly() {
  const auto count = static_cast<std::uint64_t>(model_.count());
  int worst = static_cast<int>(random_.below(count));
  Cost most = -1;
  for (int i = 0; i < kTournament; ++i) {
    const int series = static_cast<int>(random_.below(count));
    const auto at = static_cast<std::size_t>(series);
    const Cost more = now_[at].cost - floor_[at];
    if (more <= most) continue;
    most = more;
    worst = series;
  }
  return worst;
}

// Those that use what `first` would use if it were alone come out with it.
std::vector<int> Improver::pick(int first, int size) {
  std::vector<int> taken{first};
  const Route wish = model_.best(first, &model_.capacity(), none_, {});
  std::vector<int> near;
  for (const Visit& visit : wish.visits) {
    for (const CellUse& use : visit.cells) {
      const auto cell = static_cast<std::size_t>(use.cell);
      if (free_[cell] >= use.amount) continue;
      near.insert(near.end(), in_cell_[cell].begin(), in_cell_[cell].end());
    }
  }
  for (int tries = 4 * size; tries > 0 && static_cast<int>(taken.size()) < size; --tries) {
    const bool far = near.empty() || random_.chance(1, 8);
    const int series =
        far ? static_cast<int>(random_.below(static_cast<std::uint64_t>(model_.count())))
            : near[random_.below(near.size())];
    if (std::find(taken.begin(), taken.end(), series) == taken.end()) taken.push_back(series);
  }
  return taken;
}

// Between equal leads and days a best route takes always the same; others may fit better together.
void Improver::draw_noise() {
  noise_.assign(free_.size(), 0);
  for (std::size_t cell = 0; cell < noise_.size(); ++cell) {
    noise_[cell] = cell < prices_.size() ? prices_[cell] : 0;
    if (amount_[cell] > 0) {
      noise_[cell] +=
          static_cast<Cost>(random_.below(static_cast<std::uint64_t>(kNoise / amount_[cell] + 1)));
    }
  }
}

const Prices& Improver::pick_prices() {
  switch (random_.below(6)) {
    case 0:
      return none_;
    case 1:
      return half_;
    case 2:
    case 3:
      if (noise_.empty() || random_.chance(1, kNoiseRounds)) draw_noise();
      return noise_;
    default:
      return prices_;
  }
}

void Improver::keep() {
  best_cost_ = now_cost_;
  best_ = now_;
  best_placed_ = 0;
  for (const Route& route : best_) best_placed_ += route.missing == 0 ? route.cost : 0;
}

void Improver::run(std::int64_t rounds, std::int64_t planned) {
  if (model_.count() == 0) return;
  for (std::int64_t i = 0; i < rounds; ++i, ++round_) {
    const int size = static_cast<int>(random_.between(kTakenMin, kTakenMax));
    std::vector<int> taken = pick(pick_costly(), size);
    std::vector<Route> before;
    const Cost cost_before = now_cost_;
    for (const int series : taken) {
      take(series, 1);
      Route& route = now_[static_cast<std::size_t>(series)];
      now_cost_ -= route.cost;
      before.push_back(std::exchange(route, Route{}));
    }
    std::vector<int> order = taken;
    for (std::size_t at = order.size(); at > 1; --at) {
      std::swap(order[at - 1], order[random_.below(at)]);
    }
    put_back(order, pick_prices());
    const std::int64_t left = std::max<std::int64_t>(0, planned - round_);
    const Cost share = best_placed_ / kAllowanceParts + kAllowanceMin;
    const Cost allowance = share / std::max<std::int64_t>(1, planned) * left;
    if (now_cost_ <= cost_before || now_cost_ <= best_cost_ + allowance) {
      if (now_cost_ < best_cost_) keep();
      continue;
    }
    for (std::size_t at = 0; at < taken.size(); ++at) {
      take(taken[at], 1);
      now_[static_cast<std::size_t>(taken[at])] = std::move(before[at]);
      take(taken[at], -1);
    }
    now_cost_ = cost_before;
  }
}

}  // namespace cryobank::schedule
