// aliquot/transfer: a robot brings vials of one course to its transfer port, to be handed over or
// disposed of, or into another container that it reaches. Never to a thaw station: only a thaw
// does.
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/make_job.hpp"
#include "inventory/commands/work_area.hpp"
#include "inventory/ledger/allocation.hpp"
#include "inventory/ledger/edit.hpp"

namespace cryobank::inventory {
namespace {

Result<Aliquot> read_vial(const Ask& ask, const Json& item, const CourseId& course) {
  if (!item.is_string()) return make_error(ErrorCode::malformed, "expected ids at \"aliquots\"");
  TRY_ASSIGN(const auto id, AliquotId::parse(item.string()));
  auto aliquot = known_aliquot(ask.view(), id);
  TRY(aliquot);
  if (aliquot->course != course) {
    return make_error(ErrorCode::mismatch,
                      cat("expected vials of course ", course.str(), ", aliquot ", id.str(),
                          " belongs to ", aliquot->course.str()));
  }
  const std::string& place = aliquot->spot.place.str();
  if (place == kUnknownPlace || place == kExpectedPlace) {
    return make_error(ErrorCode::conflict,
                      cat("aliquot ", id.str(), " is in ", place, ", where no robot reaches"));
  }
  return aliquot;
}

Result<std::vector<Aliquot>> read_vials(const Ask& ask, const CourseId& course) {
  const Json& list = ask.body["aliquots"];
  if (!list.is_array() || list.items().empty() || list.items().size() > kMovesMax) {
    return make_error(ErrorCode::malformed,
                      cat("expected 1 to ", kMovesMax, " ids at \"aliquots\""));
  }
  std::vector<Aliquot> vials;
  std::set<AliquotId> seen;
  for (const Json& item : list.items()) {
    TRY_ASSIGN(auto vial, read_vial(ask, item, course));
    if (!seen.insert(vial.id).second) {
      return make_error(ErrorCode::duplicate, cat("aliquot ", vial.id.str(), " comes twice"));
    }
    vials.push_back(std::move(vial));
  }
  return vials;
}

Result<PlaceId> read_target(const Ask& ask, const config::DeviceConfig& robot) {
  TRY_ASSIGN(const auto place, maybe_id<PlaceId>(ask.body, "place"));
  if (place.empty()) return robot.transfer_port;
  for (const auto& device : ask.view().site().devices) {
    if (device.thaw_station != place && device.gripper != place) continue;
    return make_error(ErrorCode::unsupported,
                      cat("expected a container or the transfer port, came ", place.str()));
  }
  return place;
}

// The positions named, or the free ones in fill order.
Result<std::vector<Spot>> targets(const Ask& ask, const PlaceId& id, std::size_t count) {
  const View view = ask.view();
  TRY_ASSIGN(const auto place, known_place(view, id));
  std::vector<Spot> spots;
  const Json& labels = ask.body["positions"];
  if (labels.is_array()) {
    for (const Json& label : labels.items()) {
      TRY_ASSIGN(const auto spot, need_spot(view, id, label.is_string() ? label.string() : ""));
      if (!is_free(view, place, spot.position)) {
        return make_error(ErrorCode::slot_taken, cat(view.name_of(spot), " is not free"));
      }
      spots.push_back(spot);
    }
  } else {
    for (const int position : view.type_of(place).fill_order()) {
      if (spots.size() < count && is_free(view, place, position)) spots.push_back({id, position});
    }
  }
  if (spots.size() == count) return spots;
  return make_error(ErrorCode::no_space, cat("expected ", count, " free positions in ", id.str(),
                                             ", came ", spots.size()));
}

// On the way out of the bank a vial is reserved, so that nobody else plans with it; what cannot be
// (rejected ones on their way to disposal) is only moved.
JobKind kind_of(const std::vector<Aliquot>& vials, bool to_port) {
  for (const Aliquot& vial : vials) {
    if (may_become(vial.state, AliquotState::reserved) == Allowed::no) return JobKind::relocate;
  }
  return to_port ? JobKind::retrieve : JobKind::relocate;
}

Result<Decision> transfer(Ask& ask) {
  TRY_ASSIGN(const auto course, need_course(ask));
  TRY_ASSIGN(const auto robot, need_robot(ask, ask.body));
  TRY_ASSIGN(const auto vials, read_vials(ask, course.id));
  TRY_ASSIGN(const auto place, read_target(ask, *robot));
  TRY(check_alone(ask.view(), place, course.id));
  TRY_ASSIGN(const auto spots, targets(ask, place, vials.size()));
  std::vector<VialRoute> routes;
  for (std::size_t i = 0; i < vials.size(); ++i) {
    TRY(check_may_lie(ask.view(), vials[i], place));
    routes.push_back({vials[i], vials[i].spot, spots[i]});
  }
  const JobKind kind = kind_of(vials, place == robot->transfer_port);
  TRY_ASSIGN(const auto job, make_job(ask, {kind, robot->id, {}, true, {}}, course, routes));
  Json reply = Json::object().set("course", course.id.str()).set("job", job.id.str());
  reply.set("placements", placements(job));
  Decision decision = answer(ask, std::move(reply),
                             cat(vials.size(), " aliquots of course ", course.id.str(), " go to ",
                                 place.str(), " by ", job.id.str()));
  decision.accepted_only = true;
  return decision;
}

constexpr DecidedVerb kTransferCommands[] = {{"aliquot/transfer", transfer}};

}  // namespace

std::span<const DecidedVerb> transfer_commands() { return kTransferCommands; }

}  // namespace cryobank::inventory
