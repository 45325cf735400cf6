#include "inventory/allocation.hpp"

#include <algorithm>

#include "inventory/job_row.hpp"
#include "service/base/text.hpp"

namespace cryobank::inventory {
namespace {

struct Freezer {
  DeviceId device;
  std::vector<PlaceId> containers;  // that hold aliquots and that a robot knows, in tree order
  std::size_t used = 0;
  std::set<int> doses;
};

void gather(const View& view, const PlaceId& id, int depth, Freezer& freezer) {
  const Place* place = view.place(id);
  if (place == nullptr || depth > kTreeDepthMax) return;
  const PlaceType& type = view.type_of(*place);
  if (type.may_hold("aliquot") && type.has_positions() && place->robot_location) {
    freezer.containers.push_back(id);
    const auto node = view.base().places.find(id);
    if (node != view.base().places.end()) freezer.used += node->second.inside.aliquots;
  }
  std::vector<PlaceId> children = view.containers_in(id);
  std::stable_sort(children.begin(), children.end(), [&](const PlaceId& a, const PlaceId& b) {
    return view.place(a)->within.position < view.place(b)->within.position;
  });
  for (const PlaceId& child : children) gather(view, child, depth + 1, freezer);
}

class Allocator {
 public:
  Allocator(const View& view, const Course& course) : view_(view) {
    std::map<DeviceId, Freezer> found;
    for (const auto& [id, node] : view.base().places) {
      const DeviceId& device = node.place.device;
      if (!view.base().freezers.contains(device)) continue;
      Freezer& freezer = found[device];
      freezer.device = device;
      gather(view, id, 0, freezer);
    }
    for (auto& [device, doses] : doses_by_freezer(view, course)) found[device].doses = doses;
    for (auto& [device, freezer] : found) freezers_.push_back(std::move(freezer));
    prefer_known_boxes(course);
  }

  // Puts `count` aliquots of a dose into one freezer; empty when none can take them.
  std::vector<Spot> put_dose(int dose, std::size_t count, std::size_t doses_max) {
    std::sort(freezers_.begin(), freezers_.end(), [dose](const Freezer& a, const Freezer& b) {
      const auto rank = [dose](const Freezer& f) {
        return std::tuple(f.doses.contains(dose) ? 0 : 1, f.doses.size(), f.used,
                          std::string_view(f.device.str()));
      };
      return rank(a) < rank(b);
    });
    for (Freezer& freezer : freezers_) {
      if (!freezer.doses.contains(dose) && freezer.doses.size() >= doses_max) continue;
      std::vector<Spot> spots = find_spots(freezer, count);
      if (spots.empty()) continue;
      taken_.insert(spots.begin(), spots.end());
      freezer.doses.insert(dose);
      freezer.used += spots.size();
      return spots;
    }
    return {};
  }

  std::size_t freezers() const { return freezers_.size(); }

 private:
  std::vector<Spot> find_spots(const Freezer& freezer, std::size_t count) const {
    std::vector<Spot> spots;
    for (const PlaceId& id : freezer.containers) {
      const Place* place = view_.place(id);
      for (const int position : view_.type_of(*place).fill_order()) {
        const Spot spot{id, position};
        if (taken_.contains(spot) || !is_free(view_, *place, position)) continue;
        spots.push_back(spot);
        if (spots.size() == count) return spots;
      }
    }
    return {};
  }

  void prefer_known_boxes(const Course& course) {
    std::set<PlaceId> known;
    for (const Dose& dose : course.doses) {
      for (const AliquotId& id : dose.aliquots) {
        if (const auto aliquot = view_.aliquot(id)) known.insert(aliquot->spot.place);
      }
    }
    for (Freezer& freezer : freezers_) {
      std::stable_partition(freezer.containers.begin(), freezer.containers.end(),
                            [&](const PlaceId& id) { return known.contains(id); });
    }
  }

  const View& view_;
  std::vector<Freezer> freezers_;
  std::set<Spot> taken_;
};

// The site's share of all doses, rounded down, at least one.
std::size_t doses_max_per_freezer(const View& view, std::size_t doses) {
  const auto& rule = view.site().allocation;
  const bool set = rule.share_max.numerator() != 0;
  const std::int64_t numerator = set ? rule.share_max.numerator() : 1;
  const std::int64_t denominator = set ? rule.share_max.denominator() : 2;
  const auto share = static_cast<std::int64_t>(doses) * numerator / denominator;
  // Also spread over the least number of freezers: 12 doses over 3 leave at most 4 in each.
  const auto least = static_cast<std::int64_t>(std::max(1, rule.freezers_min));
  const std::int64_t spread = (static_cast<std::int64_t>(doses) + least - 1) / least;
  return static_cast<std::size_t>(std::max<std::int64_t>(1, std::min(share, spread)));
}

}  // namespace

bool is_open_to(const View& view, const Place& place, int position, std::string_view owner) {
  const auto found = place.reserved.find(position);
  const bool kept = found != place.reserved.end() && !view.is_over(found->second) &&
                    (owner.empty() || found->second.owner != owner);
  return !kept && !place.blocked.contains(position) && !place.held.contains(position) &&
         view.container_at({place.id, position}).empty();
}

bool is_free(const View& view, const Place& place, int position) {
  return is_open_to(view, place, position, "") && view.occupant({place.id, position}).empty();
}

std::map<DeviceId, std::set<int>> doses_by_freezer(const View& view, const Course& course) {
  std::map<AliquotId, PlaceId> on_the_way;
  for (const JobId& id : view.jobs_of(course.id)) {
    const Job* job = view.job(id);
    for (const Move& move : job->moves) {
      if (is_open(move.state)) on_the_way[move.aliquot] = move.to;
    }
  }
  std::map<DeviceId, std::set<int>> doses;
  for (const Dose& dose : course.doses) {
    for (const AliquotId& id : dose.aliquots) {
      const auto aliquot = view.aliquot(id);
      if (!aliquot) continue;
      const auto moving = on_the_way.find(id);
      const DeviceId freezer =
          view.freezer_of(moving == on_the_way.end() ? aliquot->spot.place : moving->second);
      if (!freezer.empty()) doses[freezer].insert(dose.number);
    }
  }
  return doses;
}

Result<std::vector<Spot>> allocate(const View& view, const Course& course,
                                   const std::vector<Wanted>& wanted, bool waive_share) {
  Allocator allocator(view, course);
  const std::size_t doses_max =
      waive_share ? course.doses.size() : doses_max_per_freezer(view, course.doses.size());
  std::vector<Spot> spots;
  for (std::size_t i = 0; i < wanted.size();) {
    std::size_t end = i;
    while (end < wanted.size() && wanted[end].dose == wanted[i].dose) ++end;
    const auto found = allocator.put_dose(wanted[i].dose, end - i, doses_max);
    if (found.empty()) {
      return make_error(
          ErrorCode::no_space,
          cat("no place for dose ", wanted[i].dose, " of course ", course.id.str(), ": expected ",
              end - i,
              " free positions in a freezer that a robot reaches and that holds fewer than ",
              doses_max, " doses of it, among ", allocator.freezers(), " freezers"));
    }
    spots.insert(spots.end(), found.begin(), found.end());
    i = end;
  }
  return spots;
}

}  // namespace cryobank::inventory
