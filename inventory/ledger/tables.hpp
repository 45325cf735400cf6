// Tables: what a Ledger is made of. The first group is stored in rows; the second is derived from
// it and kept in step by put(), so no count or list of contents can ever disagree with the record.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "inventory/ledger/aliquot_table.hpp"
#include "inventory/ledger/course.hpp"
#include "inventory/ledger/ledger.hpp"
#include "inventory/ledger/place.hpp"

namespace cryobank::inventory {

// Closed jobs that stay in memory and retained; older ones are in the journal.
inline constexpr std::uint64_t kClosedJobsKept = 200;

// Numbers that only rise, by name: "jobs" ever made, "ended" ever closed, the numbers of holds,
// shipments and so on, "overrides" ever used.
using Counters = std::map<std::string, std::uint64_t, std::less<>>;
std::uint64_t count_of(const Counters& counters, std::string_view name);

// What lies directly inside a place. Derived.
struct Inside {
  std::vector<AliquotTable::Slot> at;    // by position; empty while nothing was ever put here
  std::set<AliquotTable::Slot> loose;    // where the place has no positions
  std::map<int, PlaceId> containers_at;  // by position
  std::set<PlaceId> containers;
  std::size_t aliquots = 0;
};

struct PlaceNode {
  Place place;
  Inside inside;
};

enum class DoseStep : std::uint8_t { thaw, harvest, infusion };

// A dose's step at a time. In the agenda while its course has an open dose.
struct Appointment {
  WallTime at;
  CourseId course;
  int dose = 0;
  DoseStep step = DoseStep::thaw;
  auto operator<=>(const Appointment&) const = default;
};

using OpenJob = std::tuple<int, WallTime, JobId>;  // priority, due, id

struct Ledger::Tables {
  const config::SiteConfig* config = nullptr;
  std::map<std::string, PlaceType, std::less<>> types;
  std::set<DeviceId> freezers;
  std::set<PlaceId> stations;  // transfer ports and thaw stations: fixed beside their robots
  // By where a container stands (reach.hpp): what robots call its first position.
  std::map<std::string, std::array<std::uint16_t, 3>, std::less<>> robot_words;

  AliquotTable aliquots;
  std::map<CourseId, Course> courses;
  std::map<PlaceId, PlaceNode> places;
  std::map<JobId, Job> jobs;
  std::map<std::uint64_t, JobId> ended;  // closed jobs by the order of their end
  std::map<DeviceId, std::uint32_t> sequences;
  Counters counters;
  std::map<std::string, Json, std::less<>> documents;  // by "kind/id", whole (documents.hpp)

  std::set<Appointment> due;      // thaws that wait for their job
  std::set<Appointment> blocked;  // thaws refused when they were due
  std::set<Appointment> agenda;
  std::set<OpenJob> open_jobs;
  std::set<std::pair<std::string, std::string>> holds;  // open ones: target, document key

  std::set<std::pair<WallTime, Spot>> reservations;  // those that end, by time

  std::set<std::pair<std::string, CourseId>> kin;  // "patient:p1" and "lot:l1" to their courses

  const PlaceType& type_of(const Place& place) const;

  void put(const Aliquot& aliquot);
  void put(Course course);
  void put(const Place& place);
  void put(const Job& job);
  void drop_job(const JobId& job);
  void put_document(const std::string& key, const std::optional<Json>& document);

  // Takes an aliquot out of, or puts it into, the lists of its spot.
  void vacate(AliquotTable::Slot slot);
  void occupy(AliquotTable::Slot slot);
  void index_course(const Course& course, bool add);
  void index_reservations(const Place& place, bool add);
};

}  // namespace cryobank::inventory
