#include "inventory/ledger/allocation.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "base/try.hpp"
#include "config/names.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/reach.hpp"

namespace cryobank::inventory {
namespace {

struct Box {
  PlaceId id;
  std::size_t own = 0;   // vials of the course in it, and positions kept for it
  std::size_t kept = 0;  // positions kept for the course
  std::size_t free = 0;  // positions neither taken, reserved nor blocked
  WallTime last{};       // when what lies there was put there last; only where that is asked
};

struct Freezer {
  DeviceId device;
  std::vector<Box> boxes;  // that hold aliquots and that a robot knows, best first
  std::size_t used = 0;
  std::size_t kept = 0;  // positions kept for the course that are not given to it yet
  std::set<int> doses;
};

WallTime last_put(const View& view, const Inside& inside) {
  WallTime last{};
  for (const auto slot : inside.at) {
    if (slot != AliquotTable::kNone) last = std::max(last, view.base().aliquots.since(slot));
  }
  return last;
}

Box look_into(const View& view, const Place& place, const Course& course, Strategy strategy) {
  Box box;
  box.id = place.id;
  std::size_t taken = place.reserved.size() + place.blocked.size();
  for (const auto& [position, reservation] : place.reserved) {
    const bool own = reservation.owner == course.id.str() && reservation.out.empty();
    if (own && !view.is_over(reservation)) ++box.kept;
  }
  box.own = box.kept;
  const auto node = view.base().places.find(place.id);
  if (node != view.base().places.end()) {
    taken += node->second.inside.aliquots;
    if (strategy == Strategy::last_used) box.last = last_put(view, node->second.inside);
  }
  const std::size_t size = view.type_of(place).fill_order().size();
  box.free = size - std::min(size, taken);
  return box;
}

// Better boxes come first; equal ones keep the order of the tree.
bool is_better(Strategy strategy, const Box& a, const Box& b) {
  switch (strategy) {
    case Strategy::same_box:
      return a.own > b.own;
    case Strategy::least_empty:
      return a.free < b.free;
    case Strategy::last_used:
      return a.last > b.last;
  }
  CHECK(false);
}

std::string praise(Strategy strategy, const Box& box) {
  const std::string_view id = box.id.str();
  switch (strategy) {
    case Strategy::same_box:
      if (box.own == 0) return cat(id, " is the first with room, none has vials of the course");
      return cat(id, " has ", box.own, " vials of the course or positions kept for it");
    case Strategy::least_empty:
      return cat(id, " has ", box.free, " free positions, the fewest that are enough");
    case Strategy::last_used:
      if (box.last.ms == 0) return cat(id, " is the first with room, nothing was put into any");
      return cat(id, " was filled last, at ", format_utc(box.last));
  }
  CHECK(false);
}

class Allocator {
 public:
  Allocator(const View& view, const Course& course, const Terms& terms)
      : view_(view), course_(course), strategy_(terms.strategy), robot_(terms.robot) {
    std::map<DeviceId, Freezer> found;
    for (const auto& [id, node] : view.base().places) {
      const DeviceId& device = node.place.device;
      if (!view.base().freezers.contains(device)) continue;
      Freezer& freezer = found[device];
      freezer.device = device;
      gather(id, 0, freezer);
    }
    for (auto& [device, doses] : doses_by_freezer(view, course)) found[device].doses = doses;
    for (auto& [device, freezer] : found) freezers_.push_back(std::move(freezer));
    rank_boxes();
  }

  // Puts `count` aliquots of a dose into one freezer; empty when none can take them.
  std::optional<Allotment> put_dose(int dose, std::size_t count, std::size_t doses_max) {
    std::sort(freezers_.begin(), freezers_.end(), [dose](const Freezer& a, const Freezer& b) {
      const auto rank = [dose](const Freezer& f) {
        return std::tuple(f.doses.contains(dose) ? 0 : 1, f.kept > 0 ? 0 : 1, f.doses.size(),
                          f.used, std::string_view(f.device.str()));
      };
      return rank(a) < rank(b);
    });
    for (Freezer& freezer : freezers_) {
      if (!freezer.doses.contains(dose) && freezer.doses.size() >= doses_max) continue;
      Allotment found{dose, freezer.device, {}, {}};
      const Box* box = find_spots(freezer, count, found.spots);
      if (box == nullptr) continue;
      found.why = cat(freezer.device.str(), " has ", freezer.doses.size(), " of at most ",
                      doses_max, " doses of the course; ", praise(strategy_, *box));
      taken_.insert(found.spots.begin(), found.spots.end());
      freezer.doses.insert(dose);
      freezer.used += found.spots.size();
      freezer.kept -= std::min(freezer.kept, found.spots.size());
      return found;
    }
    return std::nullopt;
  }

  std::size_t freezers() const { return freezers_.size(); }

 private:
  void gather(const PlaceId& id, int depth, Freezer& freezer) {
    const Place* place = view_.place(id);
    if (place == nullptr || depth > kTreeDepthMax) return;
    const PlaceType& type = view_.type_of(*place);
    if (type.may_hold("aliquot") && type.has_positions() && is_reached(view_, id) &&
        (robot_ == nullptr || goes_to(view_, *robot_, id))) {
      freezer.boxes.push_back(look_into(view_, *place, course_, strategy_));
      freezer.kept += freezer.boxes.back().kept;
      const auto node = view_.base().places.find(id);
      if (node != view_.base().places.end()) freezer.used += node->second.inside.aliquots;
    }
    std::vector<PlaceId> children = view_.containers_in(id);
    std::stable_sort(children.begin(), children.end(), [&](const PlaceId& a, const PlaceId& b) {
      return view_.place(a)->within.position < view_.place(b)->within.position;
    });
    for (const PlaceId& child : children) gather(child, depth + 1, freezer);
  }

  void rank_boxes() {
    std::map<PlaceId, std::size_t> own;
    for (const Dose& dose : course_.doses) {
      for (const AliquotId& id : dose.aliquots) {
        if (const auto aliquot = view_.aliquot(id)) ++own[aliquot->spot.place];
      }
    }
    for (Freezer& freezer : freezers_) {
      for (Box& box : freezer.boxes) {
        if (const auto found = own.find(box.id); found != own.end()) box.own += found->second;
      }
      std::stable_sort(freezer.boxes.begin(), freezer.boxes.end(),
                       [this](const Box& a, const Box& b) { return is_better(strategy_, a, b); });
    }
  }

  // Kept for the course, but not for a vial of it that is out for a time.
  bool is_kept(const Place& place, int position) const {
    const auto found = place.reserved.find(position);
    return found != place.reserved.end() && found->second.owner == course_.id.str() &&
           !view_.is_over(found->second);
  }

  bool is_usable(const Place& place, int position, bool kept) const {
    const Spot spot{place.id, position};
    if (taken_.contains(spot) || is_kept(place, position) != kept) return false;
    if (!kept) return is_free(view_, place, position);
    return place.reserved.at(position).out.empty() && view_.occupant(spot).empty() &&
           is_open_to(view_, place, position, course_.id.str());
  }

  // The box of the first; null when there are too few.
  const Box* find_spots(const Freezer& freezer, std::size_t count, std::vector<Spot>& spots) const {
    spots.clear();
    const Box* first = nullptr;
    for (const bool kept : {true, false}) {
      for (const Box& box : freezer.boxes) {
        const Place* place = view_.place(box.id);
        if (kept && place->reserved.empty()) continue;
        for (const int position : view_.type_of(*place).fill_order()) {
          if (!is_usable(*place, position, kept)) continue;
          if (first == nullptr) first = &box;
          spots.push_back({box.id, position});
          if (spots.size() == count) return first;
        }
      }
    }
    return nullptr;
  }

  const View& view_;
  const Course& course_;
  const Strategy strategy_;
  const config::DeviceConfig* const robot_;
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
      if (!aliquot || !is_frozen_stock(aliquot->state)) continue;
      const auto moving = on_the_way.find(id);
      const DeviceId freezer =
          view.freezer_of(moving == on_the_way.end() ? aliquot->spot.place : moving->second);
      if (!freezer.empty()) doses[freezer].insert(dose.number);
    }
  }
  return doses;
}

std::string_view name_of(Strategy strategy) {
  for (const auto& [name, value] : config::kStrategies) {
    if (value == strategy) return name;
  }
  CHECK(false);
}

Result<Strategy> read_strategy(const View& view, const Json& body) {
  if (!body.has("strategy") || body["strategy"].is_null()) return view.site().allocation.strategy;
  TRY_ASSIGN(const auto text, body.get_string("strategy"));
  std::string names;
  for (const auto& [name, value] : config::kStrategies) {
    if (name == text) return value;
    names += cat(names.empty() ? "" : ", ", name);
  }
  return make_error(
      ErrorCode::invalid_value,
      cat("expected one of ", names, " at \"strategy\", came \"", clip(text, 40), "\""));
}

Result<std::vector<Allotment>> allocate(const View& view, const Course& course,
                                        const std::vector<Wanted>& wanted, const Terms& terms) {
  Allocator allocator(view, course, terms);
  const std::size_t doses_max =
      terms.waive_share ? course.doses.size() : doses_max_per_freezer(view, course.doses.size());
  std::vector<Allotment> plan;
  for (std::size_t i = 0; i < wanted.size();) {
    std::size_t end = i;
    while (end < wanted.size() && wanted[end].dose == wanted[i].dose) ++end;
    auto found = allocator.put_dose(wanted[i].dose, end - i, doses_max);
    if (!found) {
      return make_error(
          ErrorCode::no_space,
          cat("no place for dose ", wanted[i].dose, " of course ", course.id.str(), ": expected ",
              end - i,
              " free positions in a freezer that a robot reaches and that holds fewer than ",
              doses_max, " doses of it, among ", allocator.freezers(), " freezers"));
    }
    plan.push_back(std::move(*found));
    i = end;
  }
  return plan;
}

std::vector<Spot> spots_of(const std::vector<Allotment>& plan) {
  std::vector<Spot> spots;
  for (const Allotment& allotment : plan) {
    spots.insert(spots.end(), allotment.spots.begin(), allotment.spots.end());
  }
  return spots;
}

Json to_json(const View& view, const Course& course, const std::vector<Allotment>& plan) {
  Json list = Json::array();
  for (const Allotment& allotment : plan) {
    Json positions = Json::array();
    for (const Spot& spot : allotment.spots) positions.push(view.name_of(spot));
    list.push(Json::object()
                  .set("dose", course.dose(allotment.dose).id.str())
                  .set("freezer", allotment.freezer.str())
                  .set("positions", std::move(positions))
                  .set("why", allotment.why));
  }
  return list;
}

}  // namespace cryobank::inventory
