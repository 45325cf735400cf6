// What the retained topics say: courses, containers, jobs.
#include "base/json_time.hpp"
#include "base/text.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/documents_plan.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/ledger.hpp"
#include "inventory/ledger/reach.hpp"
#include "inventory/ledger/retention.hpp"
#include "inventory/ledger/row_codec.hpp"
#include "inventory/ledger/stability.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {
namespace {

// Aliquots listed of a place without positions; `aliquots` always has the count.
constexpr std::size_t kLooseListedMax = 500;

Json render_aliquot(const View& view, const AliquotId& id) {
  Json json = Json::object().set("aliquot", id.str());
  const auto aliquot = view.aliquot(id);
  if (!aliquot) return json;
  json.set("code", aliquot->code);
  json.set("state", name_of(aliquot->state));
  json.set("place", aliquot->spot.place.str());
  put_text(json, "position", view.label_of(aliquot->spot));
  put_text(json, "freezer", view.freezer_of(aliquot->spot.place).str());
  put_time(json, "since", aliquot->since);
  put_time(json, "expires_at", aliquot->expires_at);
  put_number(json, "thaws", aliquot->thaws);
  return json;
}

void put_count(Json& json, std::string_view key, const CellCount& count) {
  if (count == CellCount{}) return;
  json.set(key,
           Json::object().set("cells", count.cells).set("viable_percent", count.viable_percent));
}

Json render_dose(const View& view, const Course& course, const Dose& dose) {
  Json json = Json::object();
  json.set("dose", dose.id.str());
  json.set("number", dose.number);
  json.set("fraction", dose.fraction.str());
  json.set("state", name_of(dose.state));
  if (dose.infused.numerator() != 0) json.set("infused", dose.infused.str());
  Json planned = Json::object();
  planned.set("thaw_at", time_or_null(dose.thaw_at));
  planned.set("harvest_from", time_or_null(dose.harvest_from));
  planned.set("harvest_until", time_or_null(dose.harvest_until));
  planned.set("infusion_at", time_or_null(dose.infusion_at));
  json.set("planned", std::move(planned));
  Json actual = Json::object();
  actual.set("thawed_at", time_or_null(dose.thawed_at));
  actual.set("reculture_at", time_or_null(dose.reculture_at));
  actual.set("harvested_at", time_or_null(dose.harvested_at));
  actual.set("issued_at", time_or_null(dose.issued_at));
  actual.set("infused_at", time_or_null(dose.infused_at));
  actual.set("use_by", time_or_null(use_by(view, course, dose)));
  json.set("actual", std::move(actual));
  put_count(json, "thawed", dose.thawed);
  put_count(json, "harvested", dose.harvested);
  put_text(json, "job", dose.job.str());
  put_text(json, "blocked", dose.blocked);
  const bool planned_thaw = dose.state == DoseState::planned && dose.thaw_at.ms != 0;
  if (planned_thaw && find_beyond_robots(view, dose)) json.set("by_hand", true);
  const Json* fit = view.document("fit", course.id.str() + "." + dose.id.str());
  if (fit != nullptr) json.set("fit", *fit);
  const Json* told = view.document("told", course.id.str());
  if (told != nullptr && told->has(dose.id.str())) json.set("told", (*told)[dose.id.str()]);
  Json aliquots = Json::array();
  for (const AliquotId& id : dose.aliquots) aliquots.push(render_aliquot(view, id));
  json.set("aliquots", std::move(aliquots));
  return json;
}

AliquotTable::Slot occupant_of(const Inside& inside, int position) {
  const auto index = static_cast<std::size_t>(position);
  return index < inside.at.size() ? inside.at[index] : AliquotTable::kNone;
}

std::string_view position_state(const PlaceNode& node, int position) {
  if (occupant_of(node.inside, position) != AliquotTable::kNone) return "occupied";
  if (node.inside.containers_at.contains(position)) return "occupied";
  if (node.place.held.contains(position)) return "held";
  if (node.place.blocked.contains(position)) return "blocked";
  if (node.place.reserved.contains(position)) return "reserved";
  return "free";
}

Json render_position(const View& view, const PlaceNode& node, int position, std::string_view label,
                     std::string_view state) {
  Json json = Json::object();
  json.set("position", label);
  json.set("state", state);
  const AliquotTable::Slot slot = occupant_of(node.inside, position);
  if (slot != AliquotTable::kNone) {
    const Aliquot aliquot = view.base().aliquots.get(slot);
    json.set("aliquot", aliquot.id.str());
    json.set("course", aliquot.course.str());
    json.set("dose", aliquot.dose);
    json.set("aliquot_state", name_of(aliquot.state));
  }
  const auto container = node.inside.containers_at.find(position);
  if (container != node.inside.containers_at.end()) json.set("container", container->second.str());
  const Place& place = node.place;
  const auto reserved = place.reserved.find(position);
  if (reserved != place.reserved.end()) {
    json.set("owner", reserved->second.owner);
    put_time(json, "until", reserved->second.until);
    put_text(json, "out", reserved->second.out.str());
  }
  const auto blocked = place.blocked.find(position);
  if (blocked != place.blocked.end()) json.set("reason", blocked->second);
  const auto held = place.held.find(position);
  if (held != place.held.end()) json.set("doubt", held->second);
  return json;
}

void render_positions(const View& view, const PlaceNode& node, const PlaceType& type, Json& json) {
  std::map<std::string_view, std::uint64_t> counts = {
      {"free", 0}, {"occupied", 0}, {"reserved", 0}, {"blocked", 0}, {"held", 0}};
  Json slots = Json::array();
  for (const int position : type.fill_order()) {
    const std::string_view state = position_state(node, position);
    ++counts[state];
    if (state == "free") continue;
    slots.push(render_position(view, node, position, type.label(position), state));
  }
  Json totals = Json::object();
  for (const auto& [state, count] : counts) totals.set(state, count);
  json.set("positions", static_cast<std::uint64_t>(type.fill_order().size()));
  json.set("counts", std::move(totals));
  json.set("slots", std::move(slots));
  if (type.rows() > 1) {
    json.set("rows", type.rows());
    json.set("columns", type.columns());
  }
}

void render_loose(const View& view, const Place& place, Json& json) {
  Json list = Json::array();
  for (const AliquotId& id : view.aliquots_in(place.id)) {
    if (list.items().size() >= kLooseListedMax) break;
    list.push(id.str());
  }
  json.set("contents", std::move(list));
}

}  // namespace

Json render_course(const Ledger& ledger, const CourseId& id) {
  const View view(ledger);
  const Course* course = view.course(id);
  if (course == nullptr || is_purged(view, id)) return {};
  Json json = Json::object();
  json.set("course", course->id.str());
  json.set("patient", course->patient.str());
  put_text(json, "protocol", course->protocol.str());
  json.set("protocol_version", course->protocol_version);
  put_text(json, "lot", course->lot.str());
  put_text(json, "donation", course->donation);
  put_text(json, "identity", course->identity);
  put_text(json, "sec", course->sec);
  json.set("registered_at", time_or_null(course->registered_at));
  json.set("revision", course->revision);
  const Json* exception = view.document("exception", id.str());
  if (exception != nullptr) json.set("exception", *exception);
  Json paused = Json::array();
  for (const std::string& pause : view.documents("pause")) {
    const auto document = document_of<PauseDocument>(view, pause);
    if (!document || document->course != id) continue;
    paused.push(Json(*view.document("pause", pause)).set("hold", pause));
  }
  if (!paused.items().empty()) json.set("paused", std::move(paused));
  Json doses = Json::array();
  for (const Dose& dose : course->doses) doses.push(render_dose(view, *course, dose));
  json.set("doses", std::move(doses));
  return json;
}

Json render_container(const Ledger& ledger, const PlaceId& id) {
  const View view(ledger);
  const auto found = view.base().places.find(id);
  if (found == view.base().places.end()) return {};
  const PlaceNode& node = found->second;
  const Place* place = &node.place;
  Json json = Json::object();
  json.set("container", id.str());
  json.set("type", place->type);
  put_text(json, "title", place->title);
  json.set("path", view.path_of(id));
  put_text(json, "freezer", view.freezer_of(id).str());
  put_text(json, "parent", place->within.place.str());
  put_text(json, "position", view.label_of(place->within));
  json.set("aliquots", static_cast<std::uint64_t>(node.inside.aliquots));
  Json containers = Json::array();
  for (const PlaceId& child : view.containers_in(id)) containers.push(child.str());
  if (!containers.items().empty()) json.set("containers", std::move(containers));
  const PlaceType& type = view.type_of(*place);
  if (type.has_positions()) {
    render_positions(view, node, type, json);
  } else {
    render_loose(view, *place, json);
  }
  return json;
}

Json render_job(const Ledger& ledger, const JobId& id) {
  const Job* job = ledger.find_job(id);
  if (job == nullptr) return {};
  Json json = to_json(*job);
  std::uint64_t done = 0;
  for (const Move& move : job->moves) done += move.state == MoveState::done ? 1 : 0;
  json.set("moves_done", done);
  return json;
}

std::vector<CourseId> all_courses(const Ledger& ledger) {
  std::vector<CourseId> ids;
  const View view(ledger);
  for (const auto& [id, course] : ledger.tables().courses) {
    if (!is_purged(view, id)) ids.push_back(id);
  }
  return ids;
}

std::vector<PlaceId> all_containers(const Ledger& ledger) {
  std::vector<PlaceId> ids;
  for (const auto& [id, node] : ledger.tables().places) ids.push_back(id);
  return ids;
}

std::vector<JobId> retained_jobs(const Ledger& ledger) {
  std::vector<JobId> ids;
  for (const auto& [id, job] : ledger.tables().jobs) ids.push_back(id);
  return ids;
}

}  // namespace cryobank::inventory
