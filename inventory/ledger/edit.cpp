#include "inventory/ledger/edit.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/exposure.hpp"
#include "inventory/ledger/history.hpp"
#include "inventory/ledger/job_row.hpp"

namespace cryobank::inventory {
namespace {

void add_handling(Handling& handling, std::int64_t seconds) {
  const auto s = static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 0, kHandlingMaxS));
  ++handling.count;
  handling.seconds += s;
  handling.longest_s = std::max(handling.longest_s, s);
}

// Frozen, or of which nobody knows better.
bool has_to_keep_cold(AliquotState state) {
  return is_frozen_stock(state) || state == AliquotState::lost;
}

int depth_above(const View& view, const Place& place) {
  int depth = 1;
  for (const Place* at = view.place(place.within.place); at != nullptr && depth <= kTreeDepthMax;
       at = at->within.place.empty() ? nullptr : view.place(at->within.place)) {
    ++depth;
  }
  return depth;
}

int depth_below(const View& view, const PlaceId& id, int depth) {
  if (depth > kTreeDepthMax) return depth;
  int deepest = depth;
  for (const PlaceId& child : view.containers_in(id)) {
    deepest = std::max(deepest, depth_below(view, child, depth + 1));
  }
  return deepest;
}

Status check_nesting(const View& view, const Place& place, const Place& parent) {
  const PlaceType& type = view.type_of(parent);
  if (!type.may_hold(place.type)) {
    return make_error(ErrorCode::conflict,
                      cat("place ", parent.id.str(), " of type ", type.id(), " holds no ",
                          place.type, ", so ", place.id.str(), " cannot go there"));
  }
  const bool fits = type.has_positions() ? type.exists(place.within.position)
                                         : place.within.position == kNoPosition;
  if (!fits) {
    return make_error(ErrorCode::not_found, cat("place ", parent.id.str(),
                                                " has no position number ", place.within.position));
  }
  const int depth = depth_above(view, place) + depth_below(view, place.id, 0);
  if (depth <= kTreeDepthMax) return {};
  return make_error(ErrorCode::too_large, cat("expected at most ", kTreeDepthMax,
                                              " places inside each other, came ", depth));
}

}  // namespace

Result<Aliquot*> Edit::change(const AliquotId& id) {
  if (Aliquot* changed = overlay_.aliquots.change(id)) return changed;
  const auto slot = overlay_.base->aliquots.find(id.str());
  if (slot == AliquotTable::kNone) {
    return make_error(ErrorCode::not_found, cat("no aliquot ", id.str()));
  }
  return overlay_.aliquots.put(id, overlay_.base->aliquots.get(slot));
}

Status Edit::check_free(const AliquotId& aliquot, const Spot& spot) const {
  const Place* place = view().place(spot.place);
  if (place == nullptr) return make_error(ErrorCode::not_found, cat("no place ", spot.place.str()));
  const PlaceType& type = view().type_of(*place);
  if (!type.may_hold("aliquot")) {
    return make_error(ErrorCode::conflict, cat("place ", spot.place.str(), " of type ", type.id(),
                                               " holds no aliquots"));
  }
  if (!type.has_positions()) {
    if (spot.position == kNoPosition) return {};
    return make_error(ErrorCode::not_found, cat("place ", spot.place.str(), " has no positions"));
  }
  if (!type.exists(spot.position)) {
    return make_error(ErrorCode::not_found,
                      cat("place ", spot.place.str(), " has no position number ", spot.position));
  }
  const AliquotId occupant = view().occupant(spot);
  if (occupant.empty() || occupant == aliquot) return {};
  return make_error(ErrorCode::slot_taken,
                    cat(view().name_of(spot), " is taken by aliquot ", occupant.str()));
}

Status Edit::add(const Aliquot& aliquot) {
  if (view().exists(aliquot.id)) {
    return make_error(ErrorCode::already_exists, cat("aliquot ", aliquot.id.str(), " exists"));
  }
  if (!view().owner_of_code(aliquot.code).empty()) {
    return make_error(ErrorCode::already_exists, cat("code ", aliquot.code, " is in use"));
  }
  TRY(check_free(aliquot.id, aliquot.spot));
  overlay_.codes.put(aliquot.code, aliquot.id);
  if (aliquot.spot.position != kNoPosition) overlay_.occupants.put(aliquot.spot, aliquot.id);
  overlay_.aliquots.put(aliquot.id, aliquot);
  return {};
}

void Edit::leave(const Aliquot& aliquot) {
  if (aliquot.spot.position == kNoPosition || view().occupant(aliquot.spot) != aliquot.id) return;
  overlay_.occupants.put(aliquot.spot, AliquotId());
}

Status Edit::lift(const AliquotId& id) {
  TRY_ASSIGN(const auto aliquot, change(id));
  leave(*aliquot);
  return {};
}

Status Edit::place_at(const AliquotId& id, const Spot& spot, WallTime at, std::int64_t told_s) {
  TRY_ASSIGN(const auto changed, change(id));
  Aliquot& aliquot = *changed;
  TRY(check_free(id, spot));
  leave(aliquot);
  if (spot.position != kNoPosition) overlay_.occupants.put(spot, id);
  if (aliquot.spot != spot) keep_past(aliquot, at);
  // It comes from nowhere when it is received: what it was before is its making.
  const bool kept =
      aliquot.spot.place.str() != kExpectedPlace && !view().is_warm(aliquot.spot.place);
  if (aliquot.spot.place != spot.place) end_stay(aliquot, at);
  aliquot.spot = spot;
  count_out(aliquot, kept, at, told_s);
  return {};
}

// The stay, or the part of it in one state, that ends: with the state that was true in it.
void Edit::keep_past(const Aliquot& aliquot, WallTime at) {
  if (aliquot.since.ms == 0 || at <= aliquot.since) return;
  // Moved within its place and become something else in one moment: what comes after the first row
  // lasted no time, and would take its key.
  if (!parted_.insert(aliquot.id).second) return;
  PastStay past = present_stay(view(), aliquot);
  if (const auto was = were_.find(aliquot.id); was != were_.end()) past.state = was->second;
  past.until = at;
  for (RowChange& row : past_rows(past)) overlay_.history.push_back(std::move(row));
}

void Edit::set_state(Aliquot& aliquot, AliquotState state) {
  if (aliquot.state == state) return;
  were_.try_emplace(aliquot.id, aliquot.state);
  keep_past(aliquot, at_);
  aliquot.state = state;
}

Status Edit::carried(const AliquotId& id, bool kept, WallTime at) {
  TRY_ASSIGN(const auto aliquot, change(id));
  count_out(*aliquot, kept, at, kNotSaid);
  return {};
}

Status Edit::set_clock(const AliquotId& id, WallTime at, std::int64_t told_s) {
  TRY_ASSIGN(const auto aliquot, change(id));
  if (aliquot->out_since.ms == 0) return {};
  if (told_s < out_s(*aliquot, at)) {
    count("overrides");
    count("overrides-out-of-cold");
  }
  aliquot->out_since = at - seconds(told_s);
  return {};
}

// It stands where it is now. The time out of the cold begins when it leaves the cold or is in a
// gripper, earlier if a person says so, and is one handling when it is in the cold again.
void Edit::count_out(Aliquot& aliquot, bool kept, WallTime at, std::int64_t told_s) const {
  const Place* place = view().place(aliquot.spot.place);
  const bool gripped = place != nullptr && view().robot(place->device) != nullptr;
  const bool counts = has_to_keep_cold(aliquot.state) && at.ms != 0;
  if (!view().is_warm(aliquot.spot.place) || !counts) {
    const bool was_out = aliquot.out_since.ms != 0;
    const std::int64_t clocked = out_s(aliquot, at);
    aliquot.out_since = {};
    if (was_out || told_s >= 0) add_handling(aliquot.handling, std::max(clocked, told_s));
    return;
  }
  WallTime since = aliquot.out_since;
  if (since.ms == 0 && (kept || gripped)) since = at;
  if (told_s >= 0 && (since.ms == 0 || at - seconds(told_s) < since)) since = at - seconds(told_s);
  aliquot.out_since = since;
}

// Time in a freezer is kept, because an excursion of that time may be recorded later.
void Edit::end_stay(Aliquot& aliquot, WallTime at) const {
  if (aliquot.spot.place.str() == kExpectedPlace) {  // it was nowhere yet
    if (at.ms != 0) aliquot.since = at;
    return;
  }
  const Place* left = view().place(aliquot.spot.place);
  const bool timed = aliquot.since.ms != 0 && at.ms != 0 && at >= aliquot.since;
  if (left != nullptr && timed && !view().freezer_of(left->id).empty()) {
    aliquot.stays.push_back({left->id, aliquot.since, at});
  }
  if (at.ms != 0) aliquot.since = at;
}

Status Edit::give_to(const AliquotId& id, int dose) {
  TRY_ASSIGN(const auto aliquot, change(id));
  aliquot->dose = dose;
  return {};
}

Status Edit::become(const AliquotId& id, AliquotState state, bool overridden) {
  TRY_ASSIGN(const auto changed, change(id));
  Aliquot& aliquot = *changed;
  const Allowed allowed = may_become(aliquot.state, state);
  if (allowed == Allowed::no || (allowed == Allowed::overridden && !overridden)) {
    return make_error(ErrorCode::conflict, cat("aliquot ", id.str(), " is ", name_of(aliquot.state),
                                               " and cannot become ", name_of(state)));
  }
  if (state == AliquotState::reserved) aliquot.before = aliquot.state;
  if (state == AliquotState::thawed && aliquot.thaws < UINT8_MAX) ++aliquot.thaws;
  set_state(aliquot, state);
  if (aliquot.out_since.ms != 0 && !has_to_keep_cold(state)) {
    count_out(aliquot, false, aliquot.since, kNotSaid);
  }
  return {};
}

Status Edit::unreserve(const AliquotId& id) {
  if (!view().exists(id)) return make_error(ErrorCode::not_found, cat("no aliquot ", id.str()));
  if (view().state_of(id) != AliquotState::reserved) return {};
  TRY_ASSIGN(const auto changed, change(id));
  set_state(*changed, changed->before);
  changed->before = AliquotState::expected;
  return {};
}

void Edit::put(Course course) {
  ++course.revision;
  const CourseId id = course.id;
  overlay_.courses.put(id, std::move(course));
}

Course* Edit::change(const CourseId& id) {
  Course* changed = overlay_.courses.change(id);
  if (changed == nullptr) {
    const auto found = overlay_.base->courses.find(id);
    if (found == overlay_.base->courses.end()) return nullptr;
    changed = overlay_.courses.put(id, found->second);
  }
  ++changed->revision;
  return changed;
}

Status Edit::put(Place place) {
  const Place* old = view().place(place.id);
  const bool new_home = old == nullptr || old->within != place.within;
  if (new_home && !place.within.place.empty()) {
    TRY_ASSIGN(const auto parent, known_place(view(), place.within.place));
    if (view().lies_in(place.within.place, place.id)) {
      return make_error(ErrorCode::conflict,
                        cat("place ", place.within.place.str(), " lies inside ", place.id.str()));
    }
    TRY(check_nesting(view(), place, parent));
    const PlaceId there = view().container_at(place.within);
    if (place.within.position != kNoPosition && !there.empty() && there != place.id) {
      return make_error(ErrorCode::slot_taken,
                        cat(view().name_of(place.within), " is taken by ", there.str()));
    }
  }
  if (new_home && old != nullptr && old->within.position != kNoPosition &&
      view().container_at(old->within) == place.id) {
    overlay_.containers.put(old->within, PlaceId());
  }
  if (new_home && place.within.position != kNoPosition) {
    overlay_.containers.put(place.within, place.id);
  }
  const PlaceId id = place.id;
  overlay_.places.put(id, std::move(place));
  return {};
}

void Edit::put(const Job& job) { overlay_.jobs.put(job.id, job); }

Status Edit::reserve(const Spot& spot, const Reservation& reservation, WallTime at) {
  if (spot.position == kNoPosition) return {};
  TRY_ASSIGN(auto place, known_place(view(), spot.place));
  const auto found = place.reserved.find(spot.position);
  const bool kept = found != place.reserved.end() && found->second.owner != reservation.owner &&
                    !view().at(at).is_over(found->second);
  if (kept) {
    return make_error(ErrorCode::slot_taken,
                      cat(view().name_of(spot), " is reserved for ", found->second.owner));
  }
  place.reserved[spot.position] = reservation;
  return put(std::move(place));
}

Status Edit::free(const Spot& spot, std::string_view owner) {
  if (spot.position == kNoPosition) return {};
  TRY_ASSIGN(auto place, known_place(view(), spot.place));
  const auto found = place.reserved.find(spot.position);
  if (found == place.reserved.end() || found->second.owner != owner) return {};
  place.reserved.erase(found);
  return put(std::move(place));
}

Status Edit::block(const Spot& spot, std::string_view why) {
  TRY_ASSIGN(auto place, known_place(view(), spot.place));
  if (!view().type_of(place).exists(spot.position)) {
    return make_error(ErrorCode::not_found,
                      cat("place ", spot.place.str(), " has no position number ", spot.position));
  }
  if (why.empty()) {
    place.blocked.erase(spot.position);
  } else {
    place.blocked[spot.position] = why;
  }
  return put(std::move(place));
}

Status Edit::hold(const Spot& spot, std::string_view doubt) {
  if (spot.position == kNoPosition) return {};
  TRY_ASSIGN(auto place, known_place(view(), spot.place));
  place.held[spot.position] = doubt;
  return put(std::move(place));
}

Status Edit::release_hold(const Spot& spot, std::string_view doubt) {
  if (spot.position == kNoPosition) return {};
  TRY_ASSIGN(auto place, known_place(view(), spot.place));
  const auto found = place.held.find(spot.position);
  if (found == place.held.end() || found->second != doubt) return {};
  place.held.erase(found);
  return put(std::move(place));
}

void Edit::took_sequence(const DeviceId& robot, std::uint32_t sequence) {
  if (sequence > view().last_sequence(robot)) overlay_.sequences.put(robot, sequence);
}

std::uint64_t Edit::count(std::string_view name) {
  Counters counters = view().counters();
  const std::uint64_t number = ++counters[std::string(name)];
  overlay_.counters.put(0, std::move(counters));
  return number;
}

void Edit::put_document(std::string_view kind, std::string_view id, Json document) {
  overlay_.documents.put(cat(kind, "/", id), std::move(document));
}

void Edit::drop_document(std::string_view kind, std::string_view id) {
  overlay_.documents.put(cat(kind, "/", id), std::nullopt);
}

void Edit::close(Job& job) {
  job.ended = count("ended");
  overlay_.ended.put(job.ended, job.id);
  put(job);
  if (job.ended <= kClosedJobsKept) return;
  const std::uint64_t oldest = job.ended - kClosedJobsKept;
  const JobId* changed = overlay_.ended.find(oldest);
  const auto kept = overlay_.base->ended.find(oldest);
  JobId dropped;
  if (changed != nullptr) {
    dropped = *changed;
  } else if (kept != overlay_.base->ended.end()) {
    dropped = kept->second;
  }
  if (dropped.empty()) return;
  overlay_.ended.put(oldest, JobId());
  overlay_.jobs.put(dropped, std::nullopt);
}

Result<Aliquot> known_aliquot(const View& view, const AliquotId& id) {
  auto found = view.aliquot(id);
  if (!found) return make_error(ErrorCode::not_found, cat("no aliquot ", id.str()));
  return std::move(*found);
}

Result<Course> known_course(const View& view, const CourseId& id) {
  const Course* found = view.course(id);
  if (found == nullptr) return make_error(ErrorCode::not_found, cat("no course ", id.str()));
  return *found;
}

Result<Place> known_place(const View& view, const PlaceId& id) {
  const Place* found = view.place(id);
  if (found == nullptr) return make_error(ErrorCode::not_found, cat("no place ", id.str()));
  return *found;
}

Result<Job> known_job(const View& view, const JobId& id) {
  const Job* found = view.job(id);
  if (found == nullptr) return make_error(ErrorCode::not_found, cat("no job ", id.str()));
  return *found;
}

}  // namespace cryobank::inventory
