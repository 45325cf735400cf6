// Edit: the one way in which records change. It keeps every index in step and refuses what would
// break an invariant: two aliquots in one position, one code twice, a forbidden change of state.
// Used by the apply functions only; a refusal there means a corrupt journal or a bug.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

class Edit {
 public:
  static constexpr std::int64_t kNotSaid = -1;

  // One fact; `at`: when it came true, 0 when it does not say.
  Edit(Draft::Overlay& overlay, WallTime at) : overlay_(overlay), at_(at) {}
  View view() const { return View(overlay_); }

  // Aliquots. `place_at` moves it and sets `since`; the position must be free. `told_s`: how long
  // it was out of the cold, as a person says; the record's own clock counts when it says more.
  Status add(const Aliquot& aliquot);
  Status place_at(const AliquotId& aliquot, const Spot& spot, WallTime at,
                  std::int64_t told_s = kNotSaid);
  // Two people say how long it was out of the cold by `at`, in place of the clock, which ran while
  // nobody knew where it was. Nothing where no clock runs.
  Status set_clock(const AliquotId& aliquot, WallTime at, std::int64_t told_s);
  // The container that it lies in was moved. `kept`: it was in the cold before.
  Status carried(const AliquotId& aliquot, bool kept, WallTime at);
  // Frees its position without a new one, so that a permutation can begin. REQUIRES: place_at
  // follows within the same fact.
  Status lift(const AliquotId& aliquot);
  Status become(const AliquotId& aliquot, AliquotState state, bool overridden = false);
  // To another dose of its course.
  Status give_to(const AliquotId& aliquot, int dose);
  // Back from reserved to what it was before.
  Status unreserve(const AliquotId& aliquot);

  // The revision of the course rises by one. `change` gives it to be changed in place; null when
  // there is no such course.
  void put(Course course);
  Course* change(const CourseId& course);
  Status put(Place place);  // a new parent must exist, hold its type, and not lie inside it
  void put(const Job& job);

  // Positions. `reserve` takes one for an owner; `free` gives it back if it is still that owner's.
  // `at`: a reservation that ended by then makes way.
  Status reserve(const Spot& spot, const Reservation& reservation, WallTime at);
  Status free(const Spot& spot, std::string_view owner);
  Status block(const Spot& spot, std::string_view why);  // empty: no longer
  Status hold(const Spot& spot, std::string_view doubt);
  Status release_hold(const Spot& spot, std::string_view doubt);

  void took_sequence(const DeviceId& robot, std::uint32_t sequence);
  // The next number of that name.
  std::uint64_t count(std::string_view name);
  void put_document(std::string_view kind, std::string_view id, Json document);
  void drop_document(std::string_view kind, std::string_view id);
  // Numbers the end of a job and drops the oldest closed one over kClosedJobsKept.
  void close(Job& job);

 private:
  Status check_free(const AliquotId& aliquot, const Spot& spot) const;
  // To be changed in place; Error not_found when there is none.
  Result<Aliquot*> change(const AliquotId& aliquot);
  void leave(const Aliquot& aliquot);
  void end_stay(Aliquot& aliquot, WallTime at) const;
  void count_out(Aliquot& aliquot, bool kept, WallTime at, std::int64_t told_s) const;

  void keep_past(const Aliquot& aliquot, WallTime at);
  void set_state(Aliquot& aliquot, AliquotState state);

  Draft::Overlay& overlay_;
  WallTime at_;
  std::map<AliquotId, AliquotState> were_;  // before this fact, those whose state it changed
  std::set<AliquotId> parted_;              // whose stay this fact has parted or ended
};

// Reads for apply functions: an Error is "the fact names what the record does not have".
Result<Aliquot> known_aliquot(const View& view, const AliquotId& id);
Result<Course> known_course(const View& view, const CourseId& id);
Result<Place> known_place(const View& view, const PlaceId& id);
Result<Job> known_job(const View& view, const JobId& id);

}  // namespace cryobank::inventory
