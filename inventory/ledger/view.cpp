#include "inventory/ledger/view.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "inventory/ledger/job_row.hpp"

namespace cryobank::inventory {

Depths Draft::Overlay::depths() const {
  return {aliquots.depth(),  codes.depth(),      occupants.depth(), courses.depth(),
          places.depth(),    containers.depth(), jobs.depth(),      ended.depth(),
          sequences.depth(), counters.depth(),   documents.depth(), history.size()};
}

Depths Draft::Overlay::begin_fact() {
  return {aliquots.begin_fact(), codes.begin_fact(),     occupants.begin_fact(),
          courses.begin_fact(),  places.begin_fact(),    containers.begin_fact(),
          jobs.begin_fact(),     ended.begin_fact(),     sequences.begin_fact(),
          counters.begin_fact(), documents.begin_fact(), history.size()};
}

void Draft::Overlay::rewind(const Depths& to) {
  aliquots.rewind(to.aliquots);
  codes.rewind(to.codes);
  occupants.rewind(to.occupants);
  courses.rewind(to.courses);
  places.rewind(to.places);
  containers.rewind(to.containers);
  jobs.rewind(to.jobs);
  ended.rewind(to.ended);
  sequences.rewind(to.sequences);
  counters.rewind(to.counters);
  documents.rewind(to.documents);
  history.resize(to.history);
}

std::optional<Aliquot> View::aliquot(const AliquotId& id) const {
  if (overlay_ != nullptr) {
    if (const Aliquot* changed = overlay_->aliquots.find(id)) return *changed;
  }
  const auto slot = base_->aliquots.find(id.str());
  if (slot == AliquotTable::kNone) return std::nullopt;
  return base_->aliquots.get(slot);
}

bool View::exists(const AliquotId& id) const {
  if (overlay_ != nullptr && overlay_->aliquots.find(id) != nullptr) return true;
  return base_->aliquots.find(id.str()) != AliquotTable::kNone;
}

std::optional<Aliquot> View::aliquot_by_code(std::string_view code) const {
  if (overlay_ != nullptr) {
    if (const AliquotId* added = overlay_->codes.find(code)) return aliquot(*added);
  }
  const auto slot = base_->aliquots.find_code(code);
  if (slot == AliquotTable::kNone) return std::nullopt;
  return aliquot(AliquotId(std::string(base_->aliquots.id(slot))));
}

AliquotId View::owner_of_code(std::string_view code) const {
  if (overlay_ != nullptr) {
    if (const AliquotId* added = overlay_->codes.find(code)) return *added;
  }
  const auto slot = base_->aliquots.find_code(code);
  if (slot == AliquotTable::kNone) return {};
  return AliquotId(std::string(base_->aliquots.id(slot)));
}

AliquotId View::look_alike_of(std::string_view code) const {
  const auto slot = base_->aliquots.find_alike(code);
  if (slot == AliquotTable::kNone) return {};
  return AliquotId(std::string(base_->aliquots.id(slot)));
}

AliquotState View::state_of(const AliquotId& id) const {
  if (overlay_ != nullptr) {
    if (const Aliquot* changed = overlay_->aliquots.find(id)) return changed->state;
  }
  const auto slot = base_->aliquots.find(id.str());
  CHECK(slot != AliquotTable::kNone);
  return base_->aliquots.state(slot);
}

const Course* View::course(const CourseId& id) const {
  if (overlay_ != nullptr) {
    if (const Course* changed = overlay_->courses.find(id)) return changed;
  }
  const auto found = base_->courses.find(id);
  return found == base_->courses.end() ? nullptr : &found->second;
}

const Place* View::place(const PlaceId& id) const {
  if (overlay_ != nullptr) {
    if (const Place* changed = overlay_->places.find(id)) return changed;
  }
  const auto found = base_->places.find(id);
  return found == base_->places.end() ? nullptr : &found->second.place;
}

const PlaceType* View::find_type(std::string_view type) const {
  const auto found = base_->types.find(type);
  return found == base_->types.end() ? nullptr : &found->second;
}

const Job* View::job(const JobId& id) const {
  if (overlay_ != nullptr) {
    if (const std::optional<Job>* changed = overlay_->jobs.find(id)) {
      return changed->has_value() ? &**changed : nullptr;
    }
  }
  const auto found = base_->jobs.find(id);
  return found == base_->jobs.end() ? nullptr : &found->second;
}

std::vector<JobId> View::open_jobs() const {
  std::set<JobId> candidates;
  for (const auto& [priority, due, id] : base_->open_jobs) candidates.insert(id);
  if (overlay_ != nullptr) {
    for (const auto& [id, job] : overlay_->jobs.all()) candidates.insert(id);
  }
  std::vector<JobId> jobs;
  for (const JobId& id : candidates) {
    const Job* found = job(id);
    if (found != nullptr && is_open(found->state)) jobs.push_back(id);
  }
  return jobs;
}

std::vector<JobId> View::jobs_of(const CourseId& course) const {
  std::vector<JobId> jobs = open_jobs();
  std::erase_if(jobs, [&](const JobId& id) { return job(id)->course != course; });
  return jobs;
}

std::uint32_t View::last_sequence(const DeviceId& robot) const {
  if (overlay_ != nullptr) {
    if (const std::uint32_t* changed = overlay_->sequences.find(robot)) return *changed;
  }
  const auto found = base_->sequences.find(robot);
  return found == base_->sequences.end() ? 0 : found->second;
}

Counters View::counters() const {
  if (overlay_ != nullptr) {
    if (const Counters* changed = overlay_->counters.find(0)) return *changed;
  }
  return base_->counters;
}

const Json* View::document(std::string_view kind, std::string_view id) const {
  const std::string key = cat(kind, "/", id);
  if (overlay_ != nullptr) {
    if (const std::optional<Json>* changed = overlay_->documents.find(key)) {
      return changed->has_value() ? &**changed : nullptr;
    }
  }
  const auto found = base_->documents.find(key);
  return found == base_->documents.end() ? nullptr : &found->second;
}

std::vector<std::string> View::documents(std::string_view kind) const {
  const std::string prefix = cat(kind, "/");
  std::set<std::string> ids;
  for (auto at = base_->documents.lower_bound(prefix);
       at != base_->documents.end() && at->first.starts_with(prefix); ++at) {
    ids.insert(at->first.substr(prefix.size()));
  }
  if (overlay_ != nullptr) {
    for (const auto& [key, document] : overlay_->documents.all()) {
      if (!key.starts_with(prefix)) continue;
      if (document) {
        ids.insert(key.substr(prefix.size()));
      } else {
        ids.erase(key.substr(prefix.size()));
      }
    }
  }
  return {ids.begin(), ids.end()};
}

std::vector<std::string> View::holds_of(const std::string& target) const {
  constexpr std::string_view kKind = "hold/";
  std::set<std::string> ids;
  for (auto at = base_->holds.lower_bound({target, ""});
       at != base_->holds.end() && at->first == target; ++at) {
    ids.insert(at->second.substr(kKind.size()));
  }
  if (overlay_ == nullptr) return {ids.begin(), ids.end()};
  for (const auto& [key, document] : overlay_->documents.all()) {
    if (!key.starts_with(kKind)) continue;
    const std::string id = key.substr(kKind.size());
    if (!document) ids.erase(id);
    if (document && (*document)["target"].string() == target) ids.insert(id);
  }
  return {ids.begin(), ids.end()};
}

std::vector<CourseId> View::courses_of(std::string_view target) const {
  std::set<CourseId> ids;
  const auto matches = [&](const Course& course) {
    return target == cat("patient:", course.patient.str()) ||
           (!course.lot.empty() && target == cat("lot:", course.lot.str()));
  };
  for (auto at = base_->kin.lower_bound({std::string(target), CourseId()});
       at != base_->kin.end() && at->first == target; ++at) {
    ids.insert(at->second);
  }
  if (overlay_ != nullptr) {
    for (const auto& [id, course] : overlay_->courses.all()) {
      if (matches(course)) ids.insert(id);
    }
  }
  return {ids.begin(), ids.end()};
}

AliquotId View::occupant(const Spot& spot) const {
  if (overlay_ != nullptr) {
    if (const AliquotId* changed = overlay_->occupants.find(spot)) return *changed;
  }
  const auto found = base_->places.find(spot.place);
  if (found == base_->places.end() || spot.position < 0) return {};
  const auto& at = found->second.inside.at;
  const auto index = static_cast<std::size_t>(spot.position);
  if (index >= at.size() || at[index] == AliquotTable::kNone) return {};
  return AliquotId(std::string(base_->aliquots.id(at[index])));
}

PlaceId View::container_at(const Spot& spot) const {
  if (overlay_ != nullptr) {
    if (const PlaceId* changed = overlay_->containers.find(spot)) return *changed;
  }
  const auto found = base_->places.find(spot.place);
  if (found == base_->places.end()) return {};
  const auto& containers = found->second.inside.containers_at;
  const auto at = containers.find(spot.position);
  return at == containers.end() ? PlaceId() : at->second;
}

std::vector<AliquotId> View::aliquots_in(const PlaceId& place) const {
  std::set<AliquotId> inside;
  const auto found = base_->places.find(place);
  if (found != base_->places.end()) {
    const auto add = [&](AliquotTable::Slot slot) {
      if (slot != AliquotTable::kNone) {
        inside.insert(AliquotId(std::string(base_->aliquots.id(slot))));
      }
    };
    for (const auto slot : found->second.inside.at) add(slot);
    for (const auto slot : found->second.inside.loose) add(slot);
  }
  if (overlay_ != nullptr) {
    for (const auto& [id, aliquot] : overlay_->aliquots.all()) {
      if (aliquot.spot.place == place) {
        inside.insert(id);
      } else {
        inside.erase(id);
      }
    }
  }
  return {inside.begin(), inside.end()};
}

std::vector<PlaceId> View::containers_in(const PlaceId& place) const {
  std::set<PlaceId> inside;
  const auto found = base_->places.find(place);
  if (found != base_->places.end()) inside = found->second.inside.containers;
  if (overlay_ != nullptr) {
    for (const auto& [id, child] : overlay_->places.all()) {
      if (child.within.place == place) {
        inside.insert(id);
      } else {
        inside.erase(id);
      }
    }
  }
  return {inside.begin(), inside.end()};
}

DeviceId View::freezer_of(const PlaceId& id) const {
  const Place* at = place(id);
  for (int depth = 0; at != nullptr && depth <= kTreeDepthMax; ++depth) {
    if (base_->freezers.contains(at->device)) return at->device;
    if (at->within.place.empty()) break;
    at = place(at->within.place);
  }
  return {};
}

bool View::is_warm(const PlaceId& id) const {
  const Place* at = place(id);
  for (int depth = 0; at != nullptr && depth <= kTreeDepthMax; ++depth) {
    const PlaceType& type = type_of(*at);
    if (at->id.str() == kUnknownPlace || at->id.str() == kHandsPlace) return true;
    if (base_->freezers.contains(at->device)) return false;
    if (!at->device.empty() && robot(at->device) != nullptr) return true;
    if (const auto cold = type.cold()) return !*cold;
    if (type.is_work_area() || base_->stations.contains(at->id)) return true;
    if (at->within.place.empty()) break;
    at = place(at->within.place);
  }
  return false;
}

bool View::lies_in(const PlaceId& id, const PlaceId& outer) const {
  const Place* at = place(id);
  for (int depth = 0; at != nullptr && depth <= kTreeDepthMax; ++depth) {
    if (at->id == outer) return true;
    if (at->within.place.empty()) break;
    at = place(at->within.place);
  }
  return false;
}

std::string View::path_of(const PlaceId& id) const {
  std::string path;
  const Place* at = place(id);
  for (int depth = 0; at != nullptr && depth <= kTreeDepthMax; ++depth) {
    path = path.empty() ? at->id.str() : cat(at->id.str(), "/", path);
    if (at->within.place.empty()) break;
    at = place(at->within.place);
  }
  return path;
}

std::string View::label_of(const Spot& spot) const {
  const Place* at = place(spot.place);
  if (at == nullptr || spot.position == kNoPosition) return {};
  return type_of(*at).label(spot.position);
}

std::string View::name_of(const Spot& spot) const {
  const std::string label = label_of(spot);
  return label.empty() ? spot.place.str() : cat(spot.place.str(), " ", label);
}

const config::DeviceConfig* View::robot(const DeviceId& id) const {
  for (const auto& device : site().devices) {
    if (device.id == id && device.kind == config::DeviceKind::robot) return &device;
  }
  return nullptr;
}

}  // namespace cryobank::inventory
