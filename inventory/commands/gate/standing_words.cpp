#include "inventory/commands/gate/standing_words.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "inventory/ledger/allocation.hpp"
#include "inventory/ledger/apply/trial.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/life_cycle.hpp"

namespace cryobank::inventory {
namespace {

// A reply names so many courses at most; the others are told by report/risk.
constexpr std::size_t kNamedMax = 20;

struct Arrived {
  std::set<AliquotId> vials;  // put into another place, themselves or with what they lie in
  std::set<PlaceId> places;   // made, or put into another place
};

Arrived moved_by(const Trial& trial) {
  const Draft::Overlay& overlay = trial.overlay();
  const View view = trial.view();
  Arrived moved;
  for (const auto& [id, earlier] : overlay.aliquots.before_since(trial.begun().aliquots)) {
    const auto slot = overlay.base->aliquots.find(id.str());
    const bool stored = slot != AliquotTable::kNone;
    const PlaceId before = earlier != nullptr ? earlier->spot.place
                           : stored           ? overlay.base->aliquots.spot(slot).place
                                              : PlaceId();
    if (view.aliquot(id)->spot.place != before) moved.vials.insert(id);
  }
  for (const auto& [id, earlier] : overlay.places.before_since(trial.begun().places)) {
    const auto known = overlay.base->places.find(id);
    const Place* before = earlier != nullptr                    ? &*earlier
                          : known != overlay.base->places.end() ? &known->second.place
                                                                : nullptr;
    if (before != nullptr && view.place(id)->within.place == before->within.place) continue;
    moved.places.insert(id);
    for (AliquotId& inside : reached_by(view, hold_target(HoldScope::place, id.str()))) {
      moved.vials.insert(std::move(inside));
    }
  }
  return moved;
}

// The freezer in which it lay until something was moved at this time; empty: in none.
DeviceId freezer_before(const View& view, const Aliquot& aliquot, WallTime at) {
  const auto until_then = [at](const auto& one, const PlaceId& now) {
    if (one.since < at) return now;
    return one.stays.empty() ? PlaceId() : one.stays.back().inside;
  };
  PlaceId inside = until_then(aliquot, aliquot.spot.place);
  for (int depth = 0; depth <= kTreeDepthMax && !inside.empty(); ++depth) {
    const Place* place = view.place(inside);
    if (place == nullptr) break;
    if (view.base().freezers.contains(place->device)) return place->device;
    inside = until_then(*place, place->within.place);
  }
  return {};
}

std::set<int> doses_in(const std::map<DeviceId, std::set<int>>& freezers) {
  std::set<int> doses;
  for (const auto& [freezer, held] : freezers) doses.insert(held.begin(), held.end());
  return doses;
}

bool holds_machine(const View& view, const PlaceId& place) {
  return std::ranges::any_of(view.base().places, [&](const auto& known) {
    return !known.second.place.device.empty() && view.lies_in(known.first, place);
  });
}

std::string unwatched_words(const View& view, const Arrived& moved, Json& reply) {
  PlaceId place;
  for (const PlaceId& id : moved.places) {
    if (place.empty() && is_unwatched(view, id)) place = id;
  }
  for (const AliquotId& id : moved.vials) {
    if (!place.empty()) break;
    const auto aliquot = view.aliquot(id);
    if (!is_frozen_stock(aliquot->state)) continue;
    if (is_unwatched(view, aliquot->spot.place)) place = aliquot->spot.place;
  }
  if (place.empty()) return {};
  reply.set("unwatched", true);
  return cat("; no machine watches ", view.path_of(unwatched_tank(view, place)));
}

std::string together_words(const View& view, const std::set<AliquotId>& moved, WallTime now,
                           Json& reply) {
  std::set<CourseId> courses;
  for (const AliquotId& id : moved) {
    const auto aliquot = view.aliquot(id);
    const DeviceId before = freezer_before(view, *aliquot, now);
    if (before.empty() || before == view.freezer_of(aliquot->spot.place)) continue;
    courses.insert(aliquot->course);
  }
  std::string words;
  Json together = Json::array();
  for (const CourseId& id : courses) {
    if (together.items().size() >= kNamedMax) break;
    const Course* course = view.course(id);
    if (course == nullptr || !came_together(view, *course, now)) continue;
    const auto lie = doses_by_freezer(view, *course);
    words += cat(words.empty() ? "; in fewer freezers than the site asks for: " : ", ", id.str(),
                 " (", doses_in(lie).size(), " doses in ", lie.size(), ")");
    together.push(id.str());
  }
  if (!words.empty()) reply.set("together", std::move(together));
  return words;
}

}  // namespace

bool is_unwatched(const View& view, const PlaceId& place) {
  if (!view.freezer_of(place).empty() || view.is_warm(place)) return false;
  const Place* at = view.place(place);
  for (int depth = 0; at != nullptr && depth <= kTreeDepthMax; ++depth) {
    if (at->type == kBuiltInType) return false;  // a word for where it is not
    if (view.type_of(*at).cold()) return false;  // its kind keeps cold, as a shipper's does
    if (at->within.place.empty()) break;
    at = view.place(at->within.place);
  }
  return true;
}

PlaceId unwatched_tank(const View& view, const PlaceId& place) {
  PlaceId tank = place;
  for (const Place* at = view.place(place); at != nullptr && !at->within.place.empty();
       at = view.place(at->within.place)) {
    if (holds_machine(view, at->within.place)) break;
    tank = at->within.place;
  }
  return tank;
}

bool came_together(const View& view, const Course& course, WallTime at) {
  const auto lie = doses_by_freezer(view, course);
  const auto doses = doses_in(lie);
  const auto least = static_cast<std::size_t>(std::max(1, view.site().allocation.freezers_min));
  if (lie.size() >= std::min(least, doses.size())) return false;
  std::set<DeviceId> before;
  for (const int number : doses) {
    for (const AliquotId& id : course.dose(number).aliquots) {
      const auto aliquot = view.aliquot(id);
      if (!aliquot || !is_frozen_stock(aliquot->state)) continue;
      before.insert(freezer_before(view, *aliquot, at));
    }
  }
  before.erase(DeviceId());
  return lie.size() < before.size();
}

std::string standing_words(const Trial& trial, WallTime now, Json& reply) {
  const Arrived moved = moved_by(trial);
  const View view = trial.view();
  return unwatched_words(view, moved, reply) + together_words(view, moved.vials, now, reply);
}

}  // namespace cryobank::inventory
