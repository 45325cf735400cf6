// aliquot/store: vials of a known course go from the transfer port into the freezers.
#include <optional>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/make_job.hpp"
#include "inventory/commands/second_course.hpp"
#include "inventory/commands/work_area.hpp"
#include "inventory/ledger/edit.hpp"

namespace cryobank::inventory {
namespace {

Result<std::vector<AliquotId>> read_aliquots(const Json& list) {
  if (!list.is_array() || list.items().empty() || list.items().size() > kMovesMax) {
    return make_error(ErrorCode::malformed,
                      cat("expected 1 to ", kMovesMax, " ids at \"aliquots\""));
  }
  std::vector<AliquotId> ids;
  for (const Json& item : list.items()) {
    if (!item.is_string()) return make_error(ErrorCode::malformed, "expected ids at \"aliquots\"");
    TRY_ASSIGN(const auto id, AliquotId::parse(item.string()));
    ids.push_back(id);
  }
  return ids;
}

// The aliquots named, or every one of the course that is expected or in the port.
Result<std::vector<AliquotId>> choose(const Ask& ask, const Course& course, const PlaceId& port) {
  if (ask.body.has("aliquots")) return read_aliquots(ask.body["aliquots"]);
  std::vector<AliquotId> ids;
  for (const Dose& dose : course.doses) {
    for (const AliquotId& id : dose.aliquots) {
      const auto aliquot = ask.view().aliquot(id);
      if (!aliquot) continue;
      if (aliquot->state == AliquotState::expected || aliquot->spot.place == port) {
        ids.push_back(id);
      }
    }
  }
  return ids;
}

// A person puts what is expected into the port. A decision means that it must not come there.
Result<std::optional<Decision>> receive(Ask& ask, const config::DeviceConfig& robot,
                                        const CourseId& course, const std::vector<AliquotId>& ids) {
  std::vector<AliquotId> arriving;
  std::vector<Arrival> arrivals;
  for (const AliquotId& id : ids) {
    TRY_ASSIGN(const auto aliquot, known_aliquot(ask.view(), id));
    if (aliquot.course != course) {
      TRY_ASSIGN(auto noted, note_second_course(ask, aliquot, course));
      return std::optional<Decision>(std::move(noted));
    }
    if (aliquot.state != AliquotState::expected) continue;
    arriving.push_back(id);
    arrivals.push_back({id, course, aliquot.code, robot.transfer_port});
  }
  TRY(check_not_locked(ask.view(), robot.transfer_port));
  auto mixed = check_arrivals(ask, arrivals, ask.body);
  if (!mixed || *mixed || arriving.empty()) return mixed;
  TRY(put_into_port(ask, robot, arriving, ask.body["positions"]));
  return std::optional<Decision>();
}

Result<Decision> store(Ask& ask) {
  TRY_ASSIGN(const auto course, need_course(ask));
  TRY_ASSIGN(const auto robot, need_robot(ask, ask.body));
  TRY_ASSIGN(const auto ids, choose(ask, course, robot->transfer_port));
  TRY_ASSIGN(auto refused, receive(ask, *robot, course.id, ids));
  if (refused) return std::move(*refused);
  TRY_ASSIGN(const auto stored, store_aliquots(ask, *robot, course, ids, ask.body));
  Json reply = Json::object().set("course", course.id.str());
  show(ask.view(), course, stored, reply);
  TRY_ASSIGN(const auto dry, maybe_bool(ask.body, "dry_run"));
  if (dry) {
    (void)ask.trial.take_facts();
    return answer(ask, std::move(reply), cat("dry run: ", ids.size(), " aliquots find a place"));
  }
  reply.set("job", stored.job.id.str());
  Decision decision = answer(ask, std::move(reply),
                             cat(ids.size(), " aliquots of course ", course.id.str(),
                                 " are stored by ", stored.job.id.str()));
  decision.accepted_only = true;
  return decision;
}

constexpr DecidedVerb kStoreCommands[] = {
    {"aliquot/store", store},
};

}  // namespace

std::span<const DecidedVerb> store_commands() { return kStoreCommands; }

}  // namespace cryobank::inventory
