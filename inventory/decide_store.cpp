// aliquot/store: vials of a known course go from the transfer port into the freezers.
// aliquot/move: a person moved one vial by hand.
#include "inventory/allocation.hpp"
#include "inventory/apply.hpp"
#include "inventory/decide.hpp"
#include "inventory/edit.hpp"
#include "inventory/effects.hpp"
#include "inventory/exposure.hpp"
#include "inventory/hand_over.hpp"
#include "inventory/hold.hpp"
#include "inventory/job_row.hpp"
#include "inventory/make_job.hpp"
#include "inventory/row_codec.hpp"
#include "service/base/text.hpp"

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
    const auto id = AliquotId::parse(item.string());
    if (!id) return id.error();
    ids.push_back(*id);
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

Result<Decision> store(Ask& ask) {
  const auto course = need_course(ask);
  if (!course) return course.error();
  const auto robot = need_robot(ask, ask.body);
  if (!robot) return robot.error();
  const auto ids = choose(ask, *course, (*robot)->transfer_port);
  if (!ids) return ids.error();
  std::vector<AliquotId> arriving;
  for (const AliquotId& id : *ids) {
    const auto aliquot = known_aliquot(ask.view(), id);
    if (!aliquot) return aliquot.error();
    if (aliquot->course != course->id) {
      return make_error(ErrorCode::mismatch,
                        cat("aliquot ", id.str(), " belongs to course ", aliquot->course.str(),
                            ", not to ", course->id.str()));
    }
    if (aliquot->state == AliquotState::expected) arriving.push_back(id);
  }
  if (!arriving.empty()) {
    const auto put = put_into_port(ask, **robot, arriving, ask.body["positions"]);
    if (!put) return put.error();
  }
  const auto job =
      store_aliquots(ask, **robot, *course, *ids, ask.body.bool_or("waive_share", false));
  if (!job) return job.error();
  Json reply = Json::object().set("course", course->id.str()).set("job", job->id.str());
  reply.set("placements", placements(*job));
  Decision decision = answer(
      ask, std::move(reply),
      cat(ids->size(), " aliquots of course ", course->id.str(), " are stored by ", job->id.str()));
  decision.accepted_only = true;
  return decision;
}

// A vial that was out for longer was not handled but left standing: that is another report.
constexpr std::int64_t kOutSecondsMax = 86'400;

bool is_station(const View& view, const PlaceId& place) {
  for (const auto& device : view.site().devices) {
    if (device.thaw_station == place) return true;
  }
  return false;
}

// Another course that stands at a station; empty when there is none.
CourseId stranger_at(const View& view, const PlaceId& station, const CourseId& course) {
  for (const AliquotId& id : view.aliquots_in(station)) {
    const auto aliquot = view.aliquot(id);
    if (aliquot && aliquot->course != course) return aliquot->course;
  }
  return {};
}

// The scanned code is the first match, the witness the second.
Result<Decision> move_by_hand(Ask& ask) {
  const auto id = need_id<AliquotId>(ask.body, "aliquot");
  if (!id) return id.error();
  const auto code = ask.body.get_string("code");
  if (!code) return code.error();
  const auto place = need_id<PlaceId>(ask.body, "place");
  if (!place) return place.error();
  const auto aliquot = known_aliquot(ask.view(), *id);
  if (!aliquot) return aliquot.error();
  if (aliquot->code != *code) {
    return note_mismatch(ask, hold_target(HoldScope::aliquot, id->str()), aliquot->code, *code);
  }
  const auto apart = check_not_in_job(ask.view(), *aliquot);
  if (!apart) return apart.error();
  const auto spot = need_spot(ask.view(), *place, ask.body.string_or("position", ""));
  if (!spot) return spot.error();
  if (is_station(ask.view(), *place)) {
    const auto other = stranger_at(ask.view(), *place, aliquot->course);
    if (!other.empty()) {
      return note_mismatch(ask, hold_target(HoldScope::place, place->str()),
                           cat("only course ", other.str()), *code);
    }
  }
  const auto idle = check_gripper_idle(ask.view(), *place);
  if (!idle) return idle.error();
  const Place* to = ask.view().place(*place);
  if (spot->position != kNoPosition && aliquot->spot != *spot &&
      !is_free(ask.view(), *to, spot->position)) {
    return make_error(ErrorCode::slot_taken, cat(ask.view().name_of(*spot), " is not free"));
  }
  Json data = act(ask);
  add_item(data, ask.view(), *id, *spot);
  if (ask.body.has("out_seconds")) {
    const auto seconds = ask.body.get_integer("out_seconds");
    if (!seconds) return seconds.error();
    if (*seconds < 0 || *seconds > kOutSecondsMax) {
      return make_error(ErrorCode::invalid_value, cat("expected 0 to ", kOutSecondsMax,
                                                      " at \"out_seconds\", came ", *seconds));
    }
    data.members()["items"].items()[0].set("out_s", *seconds);
    const Budget budget = budget_of(ask.view(), *aliquot);
    const bool hard = *seconds > budget.hard_s;
    put_flag(data, "over_budget", hard);
    put_flag(data, "over_handling", !hard && *seconds > budget.handling_s);
  }
  const auto added = ask.trial.add(inventory_fact("aliquots-placed", std::move(data)));
  if (!added) return added.error();
  return answer(ask, Json::object().set("aliquot", id->str()),
                cat("aliquot ", id->str(), " is in ", ask.view().name_of(*spot)));
}

constexpr Command kCommands[] = {
    {{"aliquot/move", kHands, true}, move_by_hand},
    {{"aliquot/store", kHands}, store},
};

}  // namespace

std::span<const Command> store_commands() { return kCommands; }

}  // namespace cryobank::inventory
