// View: the record as a decision sees it: a ledger, with the changes of a draft on top if there is
// one. Aliquots come by value because the ledger keeps them packed; pointers stay good until the
// next change.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/ledger/changes.hpp"
#include "inventory/ledger/tables.hpp"

namespace cryobank::inventory {

// How far each table of a draft had changed before a fact.
struct Depths {
  std::size_t aliquots, codes, occupants, courses, places, containers, jobs, ended, sequences,
      counters, documents, history;
};

struct Draft::Overlay {
  explicit Overlay(const Ledger::Tables& tables) : base(&tables) {}

  const Ledger::Tables* base;
  Changes<AliquotId, Aliquot> aliquots;
  Changes<std::string, AliquotId> codes;
  Changes<Spot, AliquotId> occupants;  // empty id: vacated
  Changes<CourseId, Course> courses;
  Changes<PlaceId, Place> places;
  Changes<Spot, PlaceId> containers;  // empty id: vacated
  Changes<JobId, std::optional<Job>> jobs;
  Changes<std::uint64_t, JobId> ended;  // empty id: dropped
  Changes<DeviceId, std::uint32_t> sequences;
  Changes<int, Counters> counters;  // one, at 0
  Changes<std::string, std::optional<Json>> documents;
  std::vector<RowChange> history;  // rows of stays that ended (history.hpp)
  std::vector<Depths> marks;       // before each fact applied
  bool half_absorbed = false;      // in parts: all but courses after this one is in the ledger
  CourseId absorbed_to;

  Depths depths() const;
  Depths begin_fact();
  void rewind(const Depths& depths);
};

class View {
 public:
  explicit View(const Ledger& ledger) : base_(&ledger.tables()) {}
  explicit View(const Draft& draft) : View(draft.overlay()) {}
  explicit View(const Draft::Overlay& overlay) : base_(overlay.base), overlay_(&overlay) {}

  // The same record seen at a time: reservations that ended by then no longer count.
  View at(WallTime now) const {
    View later = *this;
    later.now_ = now;
    return later;
  }
  bool is_over(const Reservation& reservation) const {
    return reservation.until.ms != 0 && reservation.until <= now_;
  }

  const config::SiteConfig& site() const { return *base_->config; }
  const Ledger::Tables& base() const { return *base_; }

  std::optional<Aliquot> aliquot(const AliquotId& id) const;
  bool exists(const AliquotId& id) const;
  std::optional<Aliquot> aliquot_by_code(std::string_view code) const;
  // Empty when nobody has it.
  AliquotId owner_of_code(std::string_view code) const;
  // Of the ledger, one whose code is another that looks like this; empty when there is none.
  AliquotId look_alike_of(std::string_view code) const;
  // Of an aliquot that exists.
  AliquotState state_of(const AliquotId& id) const;
  const Course* course(const CourseId& id) const;
  const Place* place(const PlaceId& id) const;
  const PlaceType& type_of(const Place& place) const { return base_->type_of(place); }
  const PlaceType* find_type(std::string_view type) const;
  const Job* job(const JobId& id) const;
  std::vector<JobId> open_jobs() const;                      // by id
  std::vector<JobId> jobs_of(const CourseId& course) const;  // the open ones, by id
  std::uint32_t last_sequence(const DeviceId& robot) const;
  Counters counters() const;
  // Null when there is none, or when it was removed.
  const Json* document(std::string_view kind, std::string_view id) const;
  std::vector<std::string> documents(std::string_view kind) const;  // ids, in order

  std::vector<std::string> holds_of(const std::string& target) const;  // ids of open ones
  // Courses of "patient:p1" or "lot:l1", by id.
  std::vector<CourseId> courses_of(std::string_view target) const;

  // Who is in a position; empty when nobody is.
  AliquotId occupant(const Spot& spot) const;
  PlaceId container_at(const Spot& spot) const;
  // Directly inside, by id.
  std::vector<AliquotId> aliquots_in(const PlaceId& place) const;
  std::vector<PlaceId> containers_in(const PlaceId& place) const;

  // The freezer a place lies in; empty when it lies in none.
  DeviceId freezer_of(const PlaceId& place) const;
  bool lies_in(const PlaceId& place, const PlaceId& outer) const;  // or is it
  // What stands there is out of the cold: in a gripper, at a station, in a work area, or nobody
  // knows where. The innermost place that says something decides.
  bool is_warm(const PlaceId& place) const;
  // "site/room/tank/rack/box" by ids.
  std::string path_of(const PlaceId& place) const;
  std::string label_of(const Spot& spot) const;  // position label; empty without positions
  // "freezer-1-rack-2-box-3 B7", for sentences.
  std::string name_of(const Spot& spot) const;

  const config::DeviceConfig* robot(const DeviceId& id) const;

 private:
  const Ledger::Tables* base_;
  const Draft::Overlay* overlay_ = nullptr;
  WallTime now_{};
};

}  // namespace cryobank::inventory
