#include "inventory/ledger/tables.hpp"

#include "base/check.hpp"
#include "inventory/ledger/job_row.hpp"

namespace cryobank::inventory {
namespace {

template <class T>
void keep(std::set<T>& set, const T& item, bool add) {
  if (add) {
    set.insert(item);
  } else {
    set.erase(item);
  }
}

bool has_open_dose(const Course& course) {
  for (const Dose& dose : course.doses) {
    if (!is_final(dose.state)) return true;
  }
  return false;
}

}  // namespace

const PlaceType& Ledger::Tables::type_of(const Place& place) const {
  const auto found = types.find(place.type);
  CHECK(found != types.end());
  return found->second;
}

void Ledger::Tables::vacate(AliquotTable::Slot slot) {
  const Spot spot = aliquots.spot(slot);
  Inside& inside = places.at(spot.place).inside;
  if (spot.position == kNoPosition) {
    CHECK(inside.loose.erase(slot) == 1);
  } else {
    AliquotTable::Slot& occupant = inside.at.at(static_cast<std::size_t>(spot.position));
    CHECK(occupant == slot);  // a vial leaves its own place, never another's
    occupant = AliquotTable::kNone;
  }
  CHECK(inside.aliquots > 0);
  --inside.aliquots;
}

void Ledger::Tables::occupy(AliquotTable::Slot slot) {
  const Spot spot = aliquots.spot(slot);
  PlaceNode& node = places.at(spot.place);
  if (spot.position == kNoPosition) {
    node.inside.loose.insert(slot);
  } else {
    const auto size = static_cast<std::size_t>(type_of(node.place).size());
    if (node.inside.at.empty()) node.inside.at.assign(size, AliquotTable::kNone);
    AliquotTable::Slot& occupant = node.inside.at[static_cast<std::size_t>(spot.position)];
    CHECK(occupant == AliquotTable::kNone);
    occupant = slot;
  }
  ++node.inside.aliquots;
}

void Ledger::Tables::put(const Aliquot& aliquot) {
  // The caller vacates first: a permutation needs every slot empty before the first is filled.
  occupy(aliquots.put(aliquot));
}

void Ledger::Tables::index_course(const Course& course, bool add) {
  const bool open = has_open_dose(course);
  for (const Dose& dose : course.doses) {
    const auto keep_in = [&](std::set<Appointment>& set, WallTime at, DoseStep step) {
      if (at.ms != 0) keep(set, Appointment{at, course.id, dose.number, step}, add);
    };
    if (dose.state == DoseState::planned) {
      keep_in(dose.blocked.empty() ? due : blocked, dose.thaw_at, DoseStep::thaw);
    }
    if (!open) continue;
    keep_in(agenda, dose.thaw_at, DoseStep::thaw);
    keep_in(agenda, dose.harvest_from, DoseStep::harvest);
    keep_in(agenda, dose.infusion_at, DoseStep::infusion);
  }
}

void Ledger::Tables::put(Course course) {
  const auto [found, fresh] = courses.try_emplace(course.id);
  if (!fresh) index_course(found->second, false);
  kin.insert({"patient:" + course.patient.str(), course.id});
  if (!course.lot.empty()) kin.insert({"lot:" + course.lot.str(), course.id});
  found->second = std::move(course);
  index_course(found->second, true);
}

void Ledger::Tables::index_reservations(const Place& place, bool add) {
  for (const auto& [position, reservation] : place.reserved) {
    if (reservation.until.ms == 0) continue;
    keep(reservations, std::pair(reservation.until, Spot{place.id, position}), add);
  }
}

void Ledger::Tables::put(const Place& place) {
  const auto [found, fresh] = places.try_emplace(place.id);
  Place& old = found->second.place;
  const auto link = [this](const Place& child, bool add) {
    if (child.within.place.empty()) return;
    Inside& inside = places.at(child.within.place).inside;
    keep(inside.containers, child.id, add);
    if (child.within.position == kNoPosition) return;
    if (add) {
      inside.containers_at[child.within.position] = child.id;
    } else if (const auto at = inside.containers_at.find(child.within.position);
               at != inside.containers_at.end() && at->second == child.id) {
      inside.containers_at.erase(at);
    }
  };
  if (!fresh) link(old, false);
  if (!fresh) index_reservations(old, false);
  index_reservations(place, true);
  old = place;
  link(place, true);
}

void Ledger::Tables::put(const Job& job) {
  const auto [found, fresh] = jobs.try_emplace(job.id);
  if (!fresh) open_jobs.erase({found->second.priority, found->second.due, job.id});
  found->second = job;
  if (is_open(job.state)) open_jobs.insert({job.priority, job.due, job.id});
}

std::uint64_t count_of(const Counters& counters, std::string_view name) {
  const auto found = counters.find(name);
  return found == counters.end() ? 0 : found->second;
}

void Ledger::Tables::put_document(const std::string& key, const std::optional<Json>& document) {
  const auto index = [&](const Json& hold, bool add) {
    if (key.starts_with("hold/")) keep(holds, {hold["target"].string(), key}, add);
  };
  const auto old = documents.find(key);
  if (old != documents.end()) index(old->second, false);
  if (!document) {
    documents.erase(key);
    return;
  }
  documents.insert_or_assign(key, *document);
  index(*document, true);
}

void Ledger::Tables::drop_job(const JobId& job) {
  const auto found = jobs.find(job);
  if (found == jobs.end()) return;
  open_jobs.erase({found->second.priority, found->second.due, job});
  jobs.erase(found);
}

}  // namespace cryobank::inventory
