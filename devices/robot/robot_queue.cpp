#include "devices/robot/robot_queue.hpp"

#include <algorithm>
#include <tuple>

namespace cryobank::devices {
namespace {

class Orderer {
 public:
  Orderer(WallTime now, std::span<const QueuedMove> moves, QueueLimits limits)
      : time_(now), moves_(moves), limits_(limits), done_(moves.size(), false) {}

  std::optional<std::size_t> next(const OpenRack& open) const {
    if (!open.rack.empty() && open.made < limits_.moves_per_opening) {
      if (const auto beside = companion(open.rack)) return beside;
    }
    return most_urgent();
  }

  std::vector<RackOpening> run() {
    std::vector<RackOpening> openings;
    while (const auto first = most_urgent()) {
      openings.push_back({moves_[*first].rack, {}});
      RackOpening& opening = openings.back();
      take(*first, opening);
      if (opening.rack.empty()) continue;
      while (opening.moves.size() < limits_.moves_per_opening) {
        const auto next = companion(opening.rack);
        if (!next) break;
        take(*next, opening);
      }
    }
    return openings;
  }

 private:
  bool ready(std::size_t i) const {
    const auto& after = moves_[i].after;
    return !done_[i] && (!after || *after >= moves_.size() || done_[*after]);
  }
  auto urgency(std::size_t i) const { return std::tuple(moves_[i].priority, moves_[i].due, i); }

  void take(std::size_t i, RackOpening& opening) {
    done_[i] = true;
    ++taken_;
    time_ = time_ + limits_.move_takes;
    opening.moves.push_back(i);
  }

  std::optional<std::size_t> most_urgent() const {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < moves_.size(); ++i) {
      if (ready(i) && (!best || urgency(i) < urgency(*best))) best = i;
    }
    if (best || taken_ == moves_.size()) return best;
    const auto stuck = std::find(done_.begin(), done_.end(), false);
    return static_cast<std::size_t>(stuck - done_.begin());
  }

  // Next by position in the open rack that makes nobody else late.
  std::optional<std::size_t> companion(const std::string& rack) const {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < moves_.size(); ++i) {
      if (!ready(i) || moves_[i].rack != rack || delays_another(i)) continue;
      if (!best || moves_[i].position < moves_[*best].position) best = i;
    }
    return best;
  }

  // Would a more urgent move of another rack be late, or later than it is, because of this one?
  bool delays_another(std::size_t companion) const {
    const Duration needed = limits_.move_takes * 2;
    for (std::size_t i = 0; i < moves_.size(); ++i) {
      if (!ready(i) || moves_[i].rack == moves_[companion].rack) continue;
      if (moves_[i].priority >= moves_[companion].priority) continue;
      if (moves_[i].due <= time_ + needed) return true;
    }
    return false;
  }

  WallTime time_;
  std::span<const QueuedMove> moves_;
  QueueLimits limits_;
  std::vector<bool> done_;
  std::size_t taken_ = 0;
};

}  // namespace

std::optional<std::size_t> next_move(WallTime now, std::span<const QueuedMove> moves,
                                     const OpenRack& open, QueueLimits limits) {
  return Orderer(now, moves, limits).next(open);
}

std::vector<RackOpening> order_moves(WallTime now, std::span<const QueuedMove> moves,
                                     QueueLimits limits) {
  return Orderer(now, moves, limits).run();
}

}  // namespace cryobank::devices
