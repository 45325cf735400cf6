#include "inventory/ledger/ledger.hpp"

#include <algorithm>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/reach.hpp"
#include "inventory/ledger/row_codec.hpp"
#include "inventory/ledger/tables.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::string_view kPrefix = "r/";

void declare_types(Ledger::Tables& tables, const config::SiteConfig& site) {
  for (const auto& declared : site.place_types) {
    auto type = PlaceType::make(declared);
    // The configuration was checked when it was read; a type that slipped through has no positions.
    if (type) tables.types.insert_or_assign(declared.id, std::move(*type));
  }
  config::PlaceTypeConfig built_in;
  built_in.id = kBuiltInType;
  built_in.layout = config::PlaceTypeConfig::Layout::dimensionless;
  built_in.holds = {"aliquot"};
  auto type = PlaceType::make(built_in);
  CHECK(type.ok());
  tables.types.insert_or_assign(built_in.id, std::move(*type));
}

void declare_built_in(Ledger::Tables& tables, const PlaceId& id, const DeviceId& device) {
  if (id.empty() || tables.places.contains(id)) return;
  Place place;
  place.id = id;
  place.type = kBuiltInType;
  place.device = device;
  place.declared = true;
  tables.put(place);
}

// Parents may be declared after their children, so links come last.
void declare_places(Ledger::Tables& tables, const config::SiteConfig& site) {
  for (const auto& declared : site.places) {
    if (!tables.types.contains(declared.type)) continue;
    Place place;
    place.id = declared.id;
    place.type = declared.type;
    place.title = declared.title;
    place.device = declared.device;
    place.declared = true;
    tables.put(place);
  }
  for (const auto& declared : site.places) {
    const auto parent = tables.places.find(declared.parent);
    if (declared.parent.empty() || parent == tables.places.end()) continue;
    if (!tables.places.contains(declared.id)) continue;
    Place place = tables.places.at(declared.id).place;
    const auto position = tables.type_of(parent->second.place).position_of(declared.position);
    place.within = {declared.parent, position ? *position : kNoPosition};
    tables.put(place);
  }
  for (const std::string_view id :
       {kUnknownPlace, kExpectedPlace, kHandsPlace, kCulturePlace, kOutsidePlace}) {
    declare_built_in(tables, PlaceId(std::string(id)), {});
  }
  for (const auto& device : site.devices) {
    if (device.kind == config::DeviceKind::freezer) tables.freezers.insert(device.id);
    if (device.kind == config::DeviceKind::robot) {
      tables.stations.insert({device.transfer_port, device.thaw_station});
    }
    declare_built_in(tables, device.transfer_port, {});
    declare_built_in(tables, device.thaw_station, {});
    declare_built_in(tables, device.gripper, device.id);
  }
}

// What robots know is where something stands, so the words go with the standing place that the
// configuration gives each container, not with the container.
void declare_robot_words(Ledger::Tables& tables, const config::SiteConfig& site) {
  for (const auto& declared : site.places) {
    if (declared.robot_location.size() != 3) continue;
    const std::string standing = standing_of(tables, declared.id);
    if (standing.empty()) continue;
    tables.robot_words[standing] = {declared.robot_location[0], declared.robot_location[1],
                                    declared.robot_location[2]};
  }
}

// What the configuration says of a declared place wins over what its row kept, except where it was
// moved to since.
Place merge(const Place& declared, Place row) {
  row.type = declared.type;
  row.title = declared.title;
  row.device = declared.device;
  row.declared = true;
  if (!row.moved) row.within = declared.within;
  return row;
}

Status load_aliquot(Ledger::Tables& tables, std::string_view key, const Json& row) {
  TRY_ASSIGN(const auto aliquot, decode_aliquot(key, row));
  const auto other = tables.aliquots.find_code(aliquot.code);
  if (other != AliquotTable::kNone || tables.aliquots.find(aliquot.id.str()) != other) {
    return corrupt_row(key, "its id or code is in the record twice");
  }
  tables.aliquots.put(aliquot);
  return {};
}

Status load_place(Ledger::Tables& tables, std::string_view key, const Json& row) {
  TRY_ASSIGN(auto place, decode_place(key, row));
  const auto declared = tables.places.find(place.id);
  if (declared != tables.places.end()) place = merge(declared->second.place, place);
  if (!tables.types.contains(place.type)) {
    return corrupt_row(key, cat("place type \"", place.type, "\" is not in the configuration"));
  }
  // Its parent may come in a later row; loaded() links.
  tables.places[place.id].place = std::move(place);
  return {};
}

Status load_job(Ledger::Tables& tables, std::string_view key, const Json& row) {
  TRY_ASSIGN(const auto job, decode_job(key, row));
  tables.put(job);
  if (job.ended != 0) tables.ended[job.ended] = job.id;
  return {};
}

Status load_course(Ledger::Tables& tables, std::string_view key, const Json& row) {
  TRY_ASSIGN(const auto course, decode_course(key, row));
  tables.put(course);
  return {};
}

Status load_robot(Ledger::Tables& tables, std::string_view key, const Json& row) {
  RowReader in(key, row);
  const auto robot = in.id<DeviceId>("robot");
  TRY_ASSIGN(const auto sequence,
             in.whole(static_cast<std::uint32_t>(in.number("sequence", 0, UINT32_MAX))));
  tables.sequences[robot] = sequence;
  return {};
}

Status load_counters(Ledger::Tables& tables, std::string_view key, const Json& row) {
  RowReader in(key, row);
  for (const auto& [name, number] : row.members()) {
    tables.counters[name] = static_cast<std::uint64_t>(in.number(name));
  }
  return in.end();
}

// "r/kind/id"
Status load_document(Ledger::Tables& tables, std::string_view key, const Json& row) {
  const std::string_view name = key.substr(kPrefix.size());
  const std::size_t slash = name.find('/');
  const Status whole = check_document(name.substr(0, slash), name.substr(slash + 1), row);
  if (whole) tables.put_document(std::string(name), row);
  return whole;
}

bool is_document(std::string_view key) {
  return std::ranges::any_of(document_kinds(), [key](std::string_view kind) {
    return key.starts_with(cat(kPrefix, kind, "/"));
  });
}

struct Loader {
  std::string_view prefix;
  Status (*load)(Ledger::Tables&, std::string_view, const Json&);
};

constexpr Loader kLoaders[] = {
    {"r/aliquot/", load_aliquot}, {"r/counters", load_counters}, {"r/course/", load_course},
    {"r/job/", load_job},         {"r/place/", load_place},      {"r/robot/", load_robot},
};

Status link_places(Ledger::Tables& tables) {
  for (auto& [id, node] : tables.places) {
    node.inside.containers.clear();
    node.inside.containers_at.clear();
  }
  tables.reservations.clear();
  for (const auto& [id, node] : tables.places) {
    tables.index_reservations(node.place, true);
    const Spot within = node.place.within;
    if (within.place.empty()) continue;
    const auto parent = tables.places.find(within.place);
    if (parent == tables.places.end()) {
      return corrupt_row(row_key(id), cat("its parent ", within.place.str(), " is missing"));
    }
    parent->second.inside.containers.insert(id);
    if (within.position == kNoPosition) continue;
    if (!parent->second.inside.containers_at.try_emplace(within.position, id).second) {
      return corrupt_row(row_key(id), cat("its position in ", within.place.str(), " is taken"));
    }
  }
  return {};
}

Status link_aliquot(Ledger::Tables& tables, AliquotTable::Slot slot) {
  const Aliquot aliquot = tables.aliquots.get(slot);
  const std::string key = row_key(aliquot.id);
  const auto course = tables.courses.find(aliquot.course);
  if (course == tables.courses.end() ||
      aliquot.dose > static_cast<int>(course->second.doses.size())) {
    return corrupt_row(key, cat("its course ", aliquot.course.str(), " or dose is missing"));
  }
  course->second.dose(aliquot.dose).aliquots.push_back(aliquot.id);
  const auto node = tables.places.find(aliquot.spot.place);
  if (node == tables.places.end()) {
    return corrupt_row(key, cat("its place ", aliquot.spot.place.str(), " is missing"));
  }
  const PlaceType& type = tables.type_of(node->second.place);
  const int position = aliquot.spot.position;
  const bool fits = type.has_positions() ? type.exists(position) : position == kNoPosition;
  if (!fits)
    return corrupt_row(key, cat("place ", aliquot.spot.place.str(), " lacks its position"));
  const auto& at = node->second.inside.at;
  if (type.has_positions() && !at.empty() &&
      at[static_cast<std::size_t>(position)] != AliquotTable::kNone) {
    return corrupt_row(key, cat("its position in ", aliquot.spot.place.str(), " is taken"));
  }
  tables.occupy(slot);
  return {};
}

}  // namespace

Ledger::Ledger(const config::SiteConfig& config) : tables_(std::make_unique<Tables>()) {
  tables_->config = &config;
  declare_types(*tables_, config);
  declare_places(*tables_, config);
  declare_robot_words(*tables_, config);
}

Ledger::~Ledger() = default;

Status Ledger::load_row(std::string_view key, std::string_view value) {
  const auto row = parse_json(value);
  if (!row) return corrupt_row(key, row.error().context);
  if (!row->is_object()) return corrupt_row(key, "expected an object");
  for (const Loader& loader : kLoaders) {
    if (key.substr(0, loader.prefix.size()) == loader.prefix) {
      return loader.load(*tables_, key, *row);
    }
  }
  if (is_document(key)) return load_document(*tables_, key, *row);
  return corrupt_row(key, cat("expected a row of the inventory (", kPrefix, "...)"));
}

Status Ledger::loaded() {
  TRY(link_places(*tables_));
  for (const auto slot : tables_->aliquots.by_id()) {
    TRY(link_aliquot(*tables_, slot));
  }
  return {};
}

const Job* Ledger::find_job(const JobId& job) const {
  const auto found = tables_->jobs.find(job);
  return found == tables_->jobs.end() ? nullptr : &found->second;
}

std::vector<JobId> Ledger::open_jobs() const {
  std::vector<JobId> jobs;
  for (const auto& [priority, due, id] : tables_->open_jobs) jobs.push_back(id);
  return jobs;
}

}  // namespace cryobank::inventory
