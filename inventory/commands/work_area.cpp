#include "inventory/commands/work_area.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/gate/shipper.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/job_row.hpp"

namespace cryobank::inventory {
namespace {

bool robot_uses(const View& view, const PlaceId& place) {
  return std::ranges::any_of(view.site().devices, [&](const config::DeviceConfig& device) {
    return device.kind == config::DeviceKind::robot &&
           (device.transfer_port == place || device.thaw_station == place);
  });
}

// The first vial of a course other than `course` inside, but not in what is mixed, nor among
// `leaving`.
std::optional<Aliquot> stranger_in(const View& view, const PlaceId& place, const CourseId& course,
                                   const std::set<AliquotId>& leaving, int depth) {
  for (const AliquotId& id : view.aliquots_in(place)) {
    if (leaving.contains(id)) continue;
    auto aliquot = view.aliquot(id);
    if (aliquot && aliquot->course != course) return aliquot;
  }
  if (depth >= kTreeDepthMax) return std::nullopt;
  for (const PlaceId& child : view.containers_in(place)) {
    if (view.type_of(*view.place(child)).is_mixed()) continue;
    auto found = stranger_in(view, child, course, leaving, depth + 1);
    if (found) return found;
  }
  return std::nullopt;
}

std::string only(const Mix& mix) {
  return cat("only course ", mix.other.str(), " in ", mix.area.str());
}

Status check_no_other_job(const View& view, const PlaceId& area, const CourseId& course) {
  for (const JobId& id : view.open_jobs()) {
    const Job* job = view.job(id);
    if (job->course == course || job->kind == JobKind::scan) continue;
    for (const Move& move : job->moves) {
      if (!is_open(move.state) || !view.lies_in(move.to, area)) continue;
      return make_error(ErrorCode::interlock, cat("work area ", area.str(), " is reserved for ",
                                                  id.str(), " of course ", job->course.str()));
    }
  }
  return {};
}

}  // namespace

std::vector<PlaceId> work_areas(const View& view, const PlaceId& id) {
  std::vector<PlaceId> areas;
  const Place* place = view.place(id);
  for (int depth = 0; place != nullptr && depth <= kTreeDepthMax; ++depth) {
    const PlaceType& type = view.type_of(*place);
    const bool works = type.is_work_area() || robot_uses(view, place->id);
    if (works && type.is_mixed()) break;
    if (works) areas.push_back(place->id);
    if (place->within.place.empty()) break;
    place = view.place(place->within.place);
  }
  return areas;
}

std::optional<Mix> find_mix(const View& view, const std::vector<Arrival>& arrivals) {
  std::set<AliquotId> arriving;
  for (const Arrival& arrival : arrivals) arriving.insert(arrival.aliquot);
  std::map<PlaceId, CourseId> taken;  // by those of this list that came before
  for (const Arrival& arrival : arrivals) {
    for (const PlaceId& area : work_areas(view, arrival.to)) {
      const auto [first, fresh] = taken.try_emplace(area, arrival.course);
      if (first->second != arrival.course) return Mix{area, arrival, first->second};
      if (!fresh) continue;
      const auto stranger = stranger_in(view, area, arrival.course, arriving, 0);
      if (stranger) return Mix{area, arrival, stranger->course};
    }
  }
  return std::nullopt;
}

Result<std::optional<Decision>> check_arrivals(Ask& ask, const std::vector<Arrival>& arrivals,
                                               const Json& order) {
  std::set<PlaceId> looked;
  for (const Arrival& arrival : arrivals) {
    if (!looked.insert(arrival.to).second) continue;
    TRY(check_not_locked(ask.view(), arrival.to));
    TRY(check_not_sent(ask.view(), arrival.to));
  }
  const auto mix = find_mix(ask.view(), arrivals);
  if (!mix) return std::optional<Decision>();
  if (flag_of(order, "override")) {
    TRY(need_second_signer(ask, "a second course in one work area"));
    TRY(note_override(ask, "work-area"));
    return std::optional<Decision>();
  }
  TRY_ASSIGN(auto noted, note_mismatch(ask, hold_target(HoldScope::place, mix->area.str()),
                                       only(*mix), mix->arrival.code));
  return std::optional(std::move(noted));
}

Status note_mix(Ask& ask, const Mix& mix) {
  const auto added =
      add_mismatch(ask, hold_target(HoldScope::place, mix.area.str()), only(mix), mix.arrival.code);
  return added ? Status() : Status(added.error());
}

Status check_not_locked(const View& view, const PlaceId& place) {
  for (const Hold& hold : holds_on_place(view, place)) {
    if (hold.kind != kMismatch) continue;
    return make_error(ErrorCode::conflict,
                      cat(hold.target, " is locked by ", hold.id, ": ", hold.reason,
                          "; two people clear it with hold/release"));
  }
  return {};
}

Status check_alone(const View& view, const PlaceId& place, const CourseId& course) {
  TRY(check_not_locked(view, place));
  for (const PlaceId& area : work_areas(view, place)) {
    const auto stranger = stranger_in(view, area, course, {}, 0);
    if (stranger) {
      return make_error(ErrorCode::interlock,
                        cat("work area ", area.str(), " holds aliquot ", stranger->id.str(),
                            " of course ", stranger->course.str()));
    }
    TRY(check_no_other_job(view, area, course));
  }
  return {};
}

}  // namespace cryobank::inventory
