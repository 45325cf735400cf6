// Rules about places: the tree, its positions, and how robots and machines stand in it.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "config/checks/validate.hpp"
#include "config/labels.hpp"

namespace cryobank::config {
namespace {

using Layout = PlaceTypeConfig::Layout;

constexpr int kPlaceDepthMax = 16;  // deeper ones are loops of a generator, not buildings

void refuse_at(const PlaceConfig& place, std::string_view text, Faults& faults) {
  faults.add(place.file, place.line, cat("place \"", place.id.str(), "\": ", text));
}

void refuse_at(const PlaceTypeConfig& type, std::string_view text, Faults& faults) {
  faults.add(type.file, type.line, cat("place type \"", clip(type.id, 64), "\": ", text));
}

void refuse_at(const DeviceConfig& device, std::string_view text, Faults& faults) {
  faults.add(device.file, device.line_number, cat("device \"", device.id.str(), "\": ", text));
}

template <class Map>
auto find_or_null(const Map& map, std::string_view key) -> typename Map::mapped_type {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

const std::vector<std::string>& labels_of(const SiteIndex& index, std::string_view type) {
  static const std::vector<std::string> kNone;
  const auto found = index.labels.find(type);
  return found == index.labels.end() ? kNone : found->second;
}

bool is_one_of(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void unique_place_types(const SiteIndex& index, Faults& faults) {
  for (const PlaceTypeConfig& type : index.config.place_types) {
    if (!is_id_text(type.id)) refuse_at(type, bad_id("place type", type.id).context, faults);
    const PlaceTypeConfig* first = find_or_null(index.place_types, type.id);
    if (first != &type) {
      refuse_at(type, cat("expected each id once, ", first->file, ":", first->line, " has it too"),
                faults);
    }
  }
}

void check_mask(const PlaceTypeConfig& type, Faults& faults) {
  bool fits = static_cast<int>(type.mask.size()) == type.rows;
  for (const std::string& row : type.mask)
    fits = fits && static_cast<int>(row.size()) == type.columns;
  if (!fits) {
    refuse_at(type,
              cat("expected a mask of ", type.rows, " rows with ", type.columns, " characters"),
              faults);
  }
}

void place_type_layout(const SiteIndex& index, Faults& faults) {
  constexpr std::array<std::string_view, 8> kOrders{
      "row-top-left",    "row-top-right",    "row-bottom-left",    "row-bottom-right",
      "column-top-left", "column-top-right", "column-bottom-left", "column-bottom-right"};
  for (const PlaceTypeConfig& type : index.config.place_types) {
    if (std::find(kOrders.begin(), kOrders.end(), type.fill_order) == kOrders.end()) {
      refuse_at(
          type,
          cat("expected fill_order such as \"row-top-left\" or \"column-bottom-right\", came \"",
              clip(type.fill_order, 40), "\""),
          faults);
    }
    if (type.layout == Layout::masked_grid) check_mask(type, faults);
    std::vector<std::string> labels = labels_of(index, type.id);
    if (labels.empty() && type.layout != Layout::dimensionless) {
      refuse_at(type, "expected at least one position", faults);
    }
    if (labels.size() > static_cast<std::size_t>(kLinearMax)) {
      refuse_at(type, cat("expected at most ", kLinearMax, " positions"), faults);
    }
    for (const std::string& label : labels) {
      if (is_id_text(label)) continue;
      refuse_at(type, cat("expected labels as ids, came \"", clip(label, 40), "\""), faults);
      break;
    }
    std::sort(labels.begin(), labels.end());
    const auto twice = std::adjacent_find(labels.begin(), labels.end());
    if (twice != labels.end()) {
      refuse_at(type, cat("expected each label once, came \"", clip(*twice, 40), "\" twice"),
                faults);
    }
  }
}

void place_type_holds(const SiteIndex& index, Faults& faults) {
  for (const PlaceTypeConfig& type : index.config.place_types) {
    for (const std::string& held : type.holds) {
      if (held == "aliquot" || find_or_null(index.place_types, held) != nullptr) continue;
      refuse_at(
          type,
          cat("expected `holds` to name place types or \"aliquot\", came \"", clip(held, 64), "\""),
          faults);
    }
  }
}

// Where the robots of the site hand vials over.
bool is_station(const SiteIndex& index, const PlaceId& id) {
  return std::ranges::any_of(index.config.devices, [&](const DeviceConfig& device) {
    return device.kind == DeviceKind::robot &&
           (device.transfer_port == id || device.thaw_station == id);
  });
}

bool robot_uses(const SiteIndex& index, const PlaceTypeConfig& type) {
  return std::ranges::any_of(index.config.places, [&](const PlaceConfig& place) {
    return place.type == type.id && is_station(index, place.id);
  });
}

void place_type_work(const SiteIndex& index, Faults& faults) {
  for (const PlaceTypeConfig& type : index.config.place_types) {
    const bool used = robot_uses(index, type);
    if (used && type.work_area == false) {
      refuse_at(type, "expected no `work_area = false`: it is the port or station of a robot",
                faults);
    }
    const bool works = type.work_area.value_or(used || find_work_kind(type.id) != nullptr);
    if (type.mixed == true && !works) {
      refuse_at(type, "expected `mixed` of a work area only: say `work_area = true`", faults);
    }
  }
}

void unique_place_ids(const SiteIndex& index, Faults& faults) {
  for (const PlaceConfig& place : index.config.places) {
    const PlaceConfig* first = find_or_null(index.places, place.id.str());
    if (first != &place) {
      refuse_at(place, cat("expected each id once, ", first->file, ":", first->line, " has it too"),
                faults);
    }
    // The inventory's own place for what nobody can vouch for.
    if (lower_ascii(place.id.str()) == "unknown") {
      refuse_at(place, "expected another id: UNKNOWN is built in", faults);
    }
  }
}

void place_type(const SiteIndex& index, Faults& faults) {
  for (const PlaceConfig& place : index.config.places) {
    if (find_or_null(index.place_types, place.type) != nullptr) continue;
    refuse_at(place, cat("expected a place type of this site, came \"", clip(place.type, 64), "\""),
              faults);
  }
}

void place_parent(const SiteIndex& index, Faults& faults) {
  for (const PlaceConfig& place : index.config.places) {
    if (place.parent.empty()) continue;
    const PlaceConfig* parent = find_or_null(index.places, place.parent.str());
    if (parent == nullptr) {
      refuse_at(place, cat("expected `parent` to be a place, came \"", place.parent.str(), "\""),
                faults);
      continue;
    }
    const PlaceTypeConfig* type = find_or_null(index.place_types, parent->type);
    if (type == nullptr || is_one_of(type->holds, place.type)) continue;
    refuse_at(place,
              cat("expected a parent whose type holds \"", clip(place.type, 64), "\", came \"",
                  parent->id.str(), "\" of type \"", type->id, "\""),
              faults);
  }
}

void place_tree(const SiteIndex& index, Faults& faults) {
  for (const PlaceConfig& place : index.config.places) {
    const PlaceConfig* at = &place;
    int depth = 0;
    while (at != nullptr && depth <= kPlaceDepthMax) {
      at = at->parent.empty() ? nullptr : find_or_null(index.places, at->parent.str());
      ++depth;
    }
    if (at == nullptr) continue;
    refuse_at(place,
              cat("expected to reach the site over at most ", kPlaceDepthMax,
                  " parents: it lies in a loop"),
              faults);
  }
}

void place_position(const SiteIndex& index, Faults& faults) {
  using Slot = std::pair<std::string_view, std::string_view>;
  std::map<Slot, const PlaceConfig*> taken;
  for (const PlaceConfig& place : index.config.places) {
    const PlaceConfig* parent =
        place.parent.empty() ? nullptr : find_or_null(index.places, place.parent.str());
    const bool known =
        parent != nullptr && find_or_null(index.place_types, parent->type) != nullptr;
    if (place.parent.empty() && !place.position.empty()) {
      refuse_at(place, "expected no position without a parent", faults);
    }
    if (!known) continue;
    const std::vector<std::string>& labels = labels_of(index, parent->type);
    if (labels.empty() ? !place.position.empty() : !is_one_of(labels, place.position)) {
      const std::string wanted = labels.empty() ? std::string("no position")
                                                : cat("a position from \"", labels.front(),
                                                      "\" to \"", labels.back(), "\"");
      refuse_at(place,
                cat("expected ", wanted, " in \"", parent->id.str(), "\", came \"",
                    clip(place.position, 40), "\""),
                faults);
      continue;
    }
    if (labels.empty()) continue;
    const auto [first, added] = taken.emplace(Slot(place.parent.str(), place.position), &place);
    if (added) continue;
    refuse_at(place,
              cat("expected a position of its own in \"", parent->id.str(), "\", came \"",
                  place.position, "\" where \"", first->second->id.str(), "\" is"),
              faults);
  }
}

bool stands_in(const SiteIndex& index, const PlaceConfig& place, std::string_view room) {
  const PlaceConfig* at = &place;
  for (int depth = 0; at != nullptr && depth <= kPlaceDepthMax; ++depth) {
    if (at->id.str() == room) return true;
    at = find_or_null(index.places, at->parent.str());
  }
  return false;
}

// Where a freezer's contents are, and whose air they spoil, is said twice: it must be one room.
void check_room(const SiteIndex& index, const PlaceConfig& place, const DeviceConfig& device,
                Faults& faults) {
  if (device.kind != DeviceKind::freezer || device.room.empty()) return;
  if (find_or_null(index.places, device.room) == nullptr) return;  // another rule tells it
  if (stands_in(index, place, device.room)) return;
  refuse_at(place,
            cat("expected it inside \"", device.room, "\", the `room` of its device \"",
                device.id.str(), "\""),
            faults);
}

void place_device(const SiteIndex& index, Faults& faults) {
  std::map<std::string_view, const PlaceConfig*> owners;
  for (const PlaceConfig& place : index.config.places) {
    if (place.device.empty()) continue;
    const DeviceConfig* device = find_or_null(index.devices, place.device.str());
    if (device == nullptr) {
      refuse_at(place, cat("expected `device` to be a device, came \"", place.device.str(), "\""),
                faults);
      continue;
    }
    const auto [first, added] = owners.emplace(place.device.str(), &place);
    if (!added) {
      refuse_at(place,
                cat("expected one place per device, came \"", place.device.str(), "\" which \"",
                    first->second->id.str(), "\" has"),
                faults);
      continue;
    }
    check_room(index, place, *device, faults);
  }
  for (const DeviceConfig& device : index.config.devices) {
    if (device.kind != DeviceKind::freezer || owners.count(device.id.str()) > 0) continue;
    refuse_at(device, "expected a place whose `device` it is: what lies inside could not be told",
              faults);
  }
}

// A place of a robot's own must exist, hold vials, and be known to the robot.
void check_robot_place(const SiteIndex& index, const DeviceConfig& robot, std::string_view what,
                       const PlaceId& id, bool needs_location, Faults& faults) {
  if (id.empty()) return;  // the parser asked for it
  const PlaceConfig* place = find_or_null(index.places, id.str());
  if (place == nullptr) {
    refuse_at(robot, cat("expected `", what, "` to be a place, came \"", id.str(), "\""), faults);
    return;
  }
  const PlaceTypeConfig* type = find_or_null(index.place_types, place->type);
  if (type != nullptr &&
      (!is_one_of(type->holds, "aliquot") || labels_of(index, type->id).empty())) {
    refuse_at(robot,
              cat("expected `", what, "` to have positions that hold aliquots, came \"", id.str(),
                  "\" of type \"", type->id, "\""),
              faults);
  }
  if (needs_location && place->robot_location.empty()) {
    refuse_at(robot, cat("expected `", what, "` \"", id.str(), "\" to have a robot_location"),
              faults);
  }
}

void check_reaches(const SiteIndex& index, const DeviceConfig& robot, Faults& faults) {
  for (const PlaceId& id : robot.reaches) {
    const PlaceConfig* place = find_or_null(index.places, id.str());
    if (place != nullptr && (!place->device.empty() || is_station(index, id))) continue;
    refuse_at(
        robot,
        cat("expected `reaches` to name tanks, ports and thaw stations, came \"", id.str(), "\""),
        faults);
  }
}

void robot_places(const SiteIndex& index, Faults& faults) {
  std::map<std::uint16_t, const DeviceConfig*> addresses;
  for (const DeviceConfig& device : index.config.devices) {
    if (device.kind != DeviceKind::robot) continue;
    check_robot_place(index, device, "transfer_port", device.transfer_port, true, faults);
    check_robot_place(index, device, "thaw_station", device.thaw_station, true, faults);
    check_robot_place(index, device, "gripper", device.gripper, false, faults);
    check_reaches(index, device, faults);
    const PlaceConfig* gripper = find_or_null(index.places, device.gripper.str());
    if (gripper != nullptr && gripper->device != device.id) {
      refuse_at(device,
                cat("expected its gripper \"", gripper->id.str(), "\" to name it as `device`"),
                faults);
    }
    if (!device.thaw_station.empty() && device.transfer_port == device.thaw_station) {
      refuse_at(device,
                cat("expected `thaw_station` and `transfer_port` to be two places, came \"",
                    device.thaw_station.str(), "\" for both"),
                faults);
    }
    const auto [first, added] = addresses.emplace(device.robot_address, &device);
    if (!added) {
      refuse_at(device,
                cat("expected a robot_address of its own, came ", device.robot_address,
                    " which device \"", first->second->id.str(), "\" has"),
                faults);
    }
  }
}

struct Span {
  std::array<int, 2> shelf{};  // tank or station, rack
  int first = 0;
  int last = 0;
  const PlaceConfig* place = nullptr;
};

std::vector<Span> location_spans(const SiteIndex& index, Faults& faults) {
  std::vector<Span> spans;
  for (const PlaceConfig& place : index.config.places) {
    if (place.robot_location.size() != 3) continue;
    const std::size_t count = std::max<std::size_t>(1, labels_of(index, place.type).size());
    const int first = place.robot_location[2];
    const int last = first + static_cast<int>(count) - 1;
    // 0xFFFE and 0xFFFF name the floor and the gripper in the reference robot block.
    if (last > 65535 || place.robot_location[1] >= 0xFFFE) {
      refuse_at(place, "expected robot_location words below 65534, and positions up to 65535",
                faults);
      continue;
    }
    spans.push_back({{place.robot_location[0], place.robot_location[1]}, first, last, &place});
  }
  return spans;
}

void robot_location_unique(const SiteIndex& index, Faults& faults) {
  std::vector<Span> spans = location_spans(index, faults);
  std::stable_sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return std::pair(a.shelf, a.first) < std::pair(b.shelf, b.first);
  });
  for (std::size_t i = 1; i < spans.size(); ++i) {
    const Span& before = spans[i - 1];
    if (spans[i].shelf != before.shelf || spans[i].first > before.last) continue;
    refuse_at(*spans[i].place,
              cat("expected robot locations of its own, came ", spans[i].shelf[0], "/",
                  spans[i].shelf[1], "/", spans[i].first, " to ", spans[i].last, " shared with \"",
                  before.place->id.str(), "\""),
              faults);
  }
}

constexpr std::array<ValidationRule, 12> kPlaceRules{
    {{"unique-place-types", unique_place_types},
     {"place-type-layout", place_type_layout},
     {"place-type-holds", place_type_holds},
     {"place-type-work", place_type_work},
     {"unique-place-ids", unique_place_ids},
     {"place-type", place_type},
     {"place-parent", place_parent},
     {"place-tree", place_tree},
     {"place-position", place_position},
     {"place-device", place_device},
     {"robot-places", robot_places},
     {"robot-location-unique", robot_location_unique}}};

}  // namespace

std::span<const ValidationRule> place_rules() { return kPlaceRules; }

}  // namespace cryobank::config
