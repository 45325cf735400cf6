#include "inventory/ledger/reach.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/hold.hpp"

namespace cryobank::inventory {

namespace {

// The steps from a container up to what is fixed; `place_of` finds a place by its id.
template <class PlaceOf>
std::string standing(const Ledger::Tables& tables, const PlaceId& id, const PlaceOf& place_of) {
  std::string steps;
  const Place* at = place_of(id);
  for (int depth = 0; at != nullptr && depth <= kTreeDepthMax; ++depth) {
    const bool fixed = !at->device.empty() || tables.stations.contains(at->id);
    if (fixed) return cat(at->id.str(), steps);
    const bool loose = at->within.position == kNoPosition;
    if (loose && at->moved) return {};
    steps = cat("/", at->type, loose ? "#" : "@", loose ? at->id.str() : cat(at->within.position),
                steps);
    if (at->within.place.empty()) return steps;
    at = place_of(at->within.place);
  }
  return {};
}

}  // namespace

std::string standing_of(const Ledger::Tables& tables, const PlaceId& place) {
  return standing(tables, place, [&](const PlaceId& id) -> const Place* {
    const auto found = tables.places.find(id);
    return found == tables.places.end() ? nullptr : &found->second.place;
  });
}

std::string standing_of(const View& view, const PlaceId& place) {
  return standing(view.base(), place, [&](const PlaceId& id) { return view.place(id); });
}

bool is_reached(const View& view, const PlaceId& place) {
  return view.base().robot_words.contains(standing_of(view, place));
}

bool goes_to(const View& view, const config::DeviceConfig& robot, const PlaceId& place) {
  if (robot.reaches.empty() || place == robot.gripper) return true;
  const std::string standing = standing_of(view, place);
  const std::string root = standing.substr(0, standing.find('/'));
  return root == robot.transfer_port.str() || root == robot.thaw_station.str() ||
         std::ranges::find(robot.reaches, root, &PlaceId::str) != robot.reaches.end();
}

Status check_goes_to(const View& view, const config::DeviceConfig& robot, const PlaceId& place) {
  if (goes_to(view, robot, place)) return {};
  std::string reaches;
  for (const PlaceId& id : robot.reaches) reaches += cat(reaches.empty() ? "" : ", ", id.str());
  return make_error(ErrorCode::unsupported,
                    cat("robot ", robot.id.str(), " does not go to ", view.path_of(place),
                        ": the configuration says that it reaches ", reaches));
}

namespace {

bool any_goes_to(const View& view, const PlaceId& place) {
  return std::ranges::any_of(view.site().devices, [&](const config::DeviceConfig& device) {
    return device.kind == config::DeviceKind::robot && goes_to(view, device, place);
  });
}

}  // namespace

std::optional<Aliquot> find_beyond_robots(const View& view, const Dose& dose) {
  for (const AliquotId& id : dose.aliquots) {
    auto aliquot = view.aliquot(id);
    if (!aliquot || !is_frozen_stock(aliquot->state)) continue;
    const Place* place = view.place(aliquot->spot.place);
    if (place == nullptr || place->type == kBuiltInType) continue;
    if (!is_reached(view, place->id) || !any_goes_to(view, place->id)) return aliquot;
  }
  return std::nullopt;
}

std::vector<const config::DeviceConfig*> robots_to_fetch(const View& view, const Dose& dose) {
  std::vector<const config::DeviceConfig*> robots;
  for (const config::DeviceConfig& device : view.site().devices) {
    const bool goes =
        device.kind == config::DeviceKind::robot &&
        std::ranges::all_of(dose.aliquots, [&](const AliquotId& id) {
          const auto vial = view.aliquot(id);
          return !vial || !is_frozen_stock(vial->state) || goes_to(view, device, vial->spot.place);
        });
    if (goes) robots.push_back(&device);
  }
  return robots;
}

namespace {

Error no_words(const View& view, const Place& place) {
  if (place.type == kBuiltInType) {
    return make_error(ErrorCode::unsupported,
                      cat("no robot goes to ", place.id.str(),
                          ": expected a place of the site that the configuration gives a "
                          "robot_location"));
  }
  const PlaceId& within = place.within.place;
  return make_error(
      ErrorCode::unsupported,
      cat("no robot finds ", place.id.str(), " where it stands",
          within.empty() ? "" : cat(", in ", view.path_of(within)),
          ": the configuration gives no robot_location to a ", place.type, " in that place"));
}

}  // namespace

Result<std::array<std::uint16_t, 3>> reach(const View& view, const Spot& spot) {
  TRY_ASSIGN(const auto place, known_place(view, spot.place));
  const auto found = view.base().robot_words.find(standing_of(view, spot.place));
  if (found == view.base().robot_words.end()) return no_words(view, place);
  auto words = found->second;
  const PlaceType& type = view.type_of(place);
  if (!type.has_positions()) return words;
  if (!type.exists(spot.position)) {
    return make_error(ErrorCode::not_found,
                      cat("place ", spot.place.str(), " has no position number ", spot.position));
  }
  const int number = words[2] + type.ordinal(spot.position);
  if (number > 0xFFFF) {
    return make_error(ErrorCode::too_large,
                      cat("position ", view.name_of(spot), " would be number ", number,
                          " to the robot, expected at most 65535"));
  }
  words[2] = static_cast<std::uint16_t>(number);
  return words;
}

std::optional<Spot> spot_at_location(const View& view, const std::array<std::uint16_t, 3>& words) {
  for (const auto& [id, unused] : view.base().places) {
    const Place* place = view.place(id);
    if (place == nullptr) continue;
    const auto known = view.base().robot_words.find(standing_of(view, id));
    if (known == view.base().robot_words.end()) continue;
    const auto& first = known->second;
    if (first[0] != words[0] || first[1] != words[1] || first[2] > words[2]) continue;
    const PlaceType& type = view.type_of(*place);
    const auto at = static_cast<std::size_t>(words[2] - first[2]);
    if (!type.has_positions()) {
      if (at == 0) return Spot{id, kNoPosition};
    } else if (at < type.fill_order().size()) {
      return Spot{id, type.fill_order()[at]};
    }
  }
  return std::nullopt;
}

std::uint32_t next_sequence(const Ledger& ledger, const DeviceId& robot) {
  return View(ledger).last_sequence(robot) + 1;
}

Result<std::array<std::uint16_t, 3>> robot_location(const Ledger& ledger, const PlaceId& place,
                                                    std::string_view position) {
  const View view(ledger);
  TRY_ASSIGN(const auto known, known_place(view, place));
  Spot spot{place, kNoPosition};
  if (!position.empty()) {
    TRY_ASSIGN(const auto number, view.type_of(known).position_of(position));
    spot.position = number;
  }
  return reach(view, spot);
}

namespace {

Status check_spots(const View& view, const Job& job, const Move& move) {
  const Spot from{move.from, move.from_at};
  const Spot to{move.to, move.to_at};
  if (job.kind == JobKind::scan) {
    const auto place = known_place(view, move.from);
    return place ? Status() : Status(place.error());
  }
  for (const Spot& spot : {from, to}) {
    TRY_ASSIGN(const auto place, known_place(view, spot.place));
    const auto doubt = place.held.find(spot.position);
    if (doubt != place.held.end()) {
      return make_error(ErrorCode::interlock, cat(view.name_of(spot), " is held: ", doubt->second));
    }
  }
  const AliquotId there = view.occupant(to);
  if (!there.empty()) {
    return make_error(ErrorCode::slot_taken,
                      cat(view.name_of(to), " is taken by aliquot ", there.str()));
  }
  TRY_ASSIGN(const auto aliquot, known_aliquot(view, move.aliquot));
  if (aliquot.spot != from) {
    return make_error(ErrorCode::conflict,
                      cat("aliquot ", move.aliquot.str(), " of job ", job.id.str(), " is in ",
                          view.name_of(aliquot.spot), ", expected in ", view.name_of(from)));
  }
  return {};
}

bool stops_thaw(const Hold& hold, bool safety_test) {
  return !safety_test || (hold.kind != kConsent && hold.kind != kSafetyTest);
}

}  // namespace

bool waits_for_hold(const Ledger& ledger, const Job& job, const Move& move) {
  const View view(ledger);
  const auto aliquot = view.aliquot(move.aliquot);
  if (job.kind != JobKind::thaw || !aliquot) return false;
  const bool safety_test = job.purpose == kSafetyTest;
  for (const Hold& hold : holds_on(view, *aliquot)) {
    if (stops_thaw(hold, safety_test)) return true;
  }
  return !holds_on_place(view, move.to).empty();
}

WallTime next_reservation_end(const Ledger& ledger) {
  const auto& ends = ledger.tables().reservations;
  if (ends.empty()) return WallTime{std::numeric_limits<std::int64_t>::max()};
  return ends.begin()->first;
}

Status may_issue(const Ledger& ledger, const JobId& id, std::size_t index) {
  const View view(ledger);
  TRY_ASSIGN(const auto job, known_job(view, id));
  if (index >= job.moves.size() || job.moves[index].state != MoveState::planned) {
    return make_error(ErrorCode::conflict, cat("job ", id.str(), " has no planned move ", index));
  }
  if (job.state == JobState::created) {
    return make_error(ErrorCode::interlock, cat("job ", id.str(), " is not approved"));
  }
  if (waits_for_hold(ledger, job, job.moves[index])) {
    return make_error(ErrorCode::interlock,
                      cat("a hold keeps aliquot ", job.moves[index].aliquot.str(), " of job ",
                          id.str(), " or its station back"));
  }
  const auto* robot = view.robot(job.robot);
  if (robot == nullptr) return make_error(ErrorCode::not_found, cat("no robot ", job.robot.str()));
  TRY_ASSIGN(const auto gripper, known_place(view, robot->gripper));
  if (!gripper.held.empty() || !view.aliquots_in(gripper.id).empty()) {
    return make_error(ErrorCode::interlock,
                      cat("gripper ", gripper.id.str(), " is not known to be empty"));
  }
  return check_spots(view, job, job.moves[index]);
}

}  // namespace cryobank::inventory
