// report/occupancy, report/risk, report/affected, report/expiring, report/overrides, aliquot/find.
#include <algorithm>
#include <iterator>
#include <set>

#include "base/json_time.hpp"
#include "base/scan_text.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/ledger/allocation.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/exposure.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/row_codec.hpp"
#include "inventory/ledger/stability.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kReportRowsMax = 2000;  // of one reply; counts cover all

struct Occupancy {
  std::uint64_t positions = 0;
  std::uint64_t used = 0;
};

Occupancy occupancy_of(const View& view, const PlaceId& id) {
  Occupancy total;
  const Place* place = view.place(id);
  if (place == nullptr) return total;
  const PlaceType& type = view.type_of(*place);
  if (type.may_hold("aliquot") && type.has_positions()) {
    total.positions += type.fill_order().size();
    total.used += view.aliquots_in(id).size();
  }
  for (const PlaceId& child : view.containers_in(id)) {
    const Occupancy inside = occupancy_of(view, child);
    total.positions += inside.positions;
    total.used += inside.used;
  }
  return total;
}

Json occupancy_row(const View& view, const PlaceId& id) {
  const Occupancy inside = occupancy_of(view, id);
  Json row = Json::object().set("place", id.str()).set("positions", inside.positions);
  row.set("used", inside.used);
  if (inside.positions > 0) row.set("percent", inside.used * 100 / inside.positions);
  return row;
}

// The heat map: every place inside that holds vials, with where it stands, however deep.
void add_boxes(const View& view, const PlaceId& id, Json& rows) {
  if (rows.items().size() >= kReportRowsMax) return;
  const PlaceType& type = view.type_of(*view.place(id));
  if (type.may_hold("aliquot") && type.has_positions()) {
    rows.push(occupancy_row(view, id).set("path", view.path_of(id)));
  }
  for (const PlaceId& child : view.containers_in(id)) add_boxes(view, child, rows);
}

Result<Decision> report_occupancy(Ask& ask) {
  TRY_ASSIGN(const auto place, need_id<PlaceId>(ask.body, "place"));
  TRY(known_place(ask.view(), place));
  TRY_ASSIGN(const auto boxes, maybe_bool(ask.body, "boxes"));
  Json rows = Json::array();
  if (boxes) {
    add_boxes(ask.view(), place, rows);
  } else {
    for (const PlaceId& child : ask.view().containers_in(place)) {
      rows.push(occupancy_row(ask.view(), child));
    }
  }
  const Occupancy all = occupancy_of(ask.view(), place);
  Json reply = Json::object().set("place", place.str()).set("positions", all.positions);
  reply.set("used", all.used).set("inside", std::move(rows));
  return answer(ask, std::move(reply), cat(all.used, " of ", all.positions, " positions used"));
}

// What the loss of each freezer would leave of a course.
Result<Decision> report_risk(Ask& ask) {
  TRY_ASSIGN(const auto course, need_course(ask));
  std::uint64_t stored = 0;
  std::set<int> all;
  const auto freezers = doses_by_freezer(ask.view(), course);
  for (const auto& [freezer, doses] : freezers) all.insert(doses.begin(), doses.end());
  stored = all.size();
  Json rows = Json::array();
  std::set<int> usable;
  for (const int number : all) {
    if (is_usable(ask.view(), course.dose(number), ask.now())) usable.insert(number);
  }
  for (const auto& [freezer, held] : freezers) {
    const std::set<int>& doses = held;  // clang before 16 captures no binding
    const auto at_risk = static_cast<std::uint64_t>(doses.size());
    // A dose with vials in two freezers is lost with either.
    const auto safe = static_cast<std::uint64_t>(std::ranges::count_if(
        usable, [&doses](const int number) { return !doses.contains(number); }));
    Json row = Json::object().set("freezer", freezer.str()).set("doses_at_risk", at_risk);
    row.set("doses_left", stored - at_risk);
    rows.push(std::move(row.set("usable_left", safe)));
  }
  Json reply = Json::object().set("course", course.id.str()).set("doses_stored", stored);
  reply.set("doses_usable", static_cast<std::uint64_t>(usable.size()));
  reply.set("freezers", std::move(rows));
  return answer(ask, std::move(reply), cat(stored, " doses lie in ", freezers.size(), " freezers"));
}

// A place, or the one that a probe is mapped to now.
Result<PlaceId> read_affected(const Ask& ask) {
  if (!ask.body.has("probe")) return need_id<PlaceId>(ask.body, "place");
  if (ask.body.has("place")) {
    return make_error(ErrorCode::invalid_value, "expected \"place\" or \"probe\", came both");
  }
  TRY_ASSIGN(const auto probe, ask.body.get_string("probe"));
  PlaceId place = probed_place(ask.view(), probe, ask.now());
  if (!place.empty()) return place;
  return make_error(ErrorCode::not_found,
                    cat("probe ", clip(probe, 130), " is mapped to no place"));
}

// Everything in a place now: who is concerned when something happens to it.
Result<Decision> report_affected(Ask& ask) {
  TRY_ASSIGN(const auto place, read_affected(ask));
  TRY(known_place(ask.view(), place));
  const View view = ask.view();
  std::map<CourseId, std::set<int>> courses;
  std::uint64_t aliquots = 0;
  for (const AliquotId& id : reached_by(view, hold_target(HoldScope::place, place.str()))) {
    const auto aliquot = view.aliquot(id);
    ++aliquots;
    courses[aliquot->course].insert(aliquot->dose);
  }
  Json rows = Json::array();
  for (const auto& [id, doses] : courses) {
    if (rows.items().size() >= kReportRowsMax) break;
    const Course& course = *view.course(id);
    WallTime next{};
    for (const int number : doses) {
      const Dose& dose = course.dose(number);
      if (dose.state != DoseState::planned) continue;
      if (next.ms == 0 || dose.thaw_at < next) next = dose.thaw_at;
    }
    Json row = Json::object().set("course", id.str()).set("patient", course.patient.str());
    row.set("doses", static_cast<std::uint64_t>(doses.size())).set("next_thaw", time_or_null(next));
    rows.push(std::move(row));
  }
  Json reply = Json::object().set("place", place.str()).set("aliquots", aliquots);
  reply.set("courses", static_cast<std::uint64_t>(courses.size())).set("rows", std::move(rows));
  return answer(ask, std::move(reply),
                cat(aliquots, " aliquots of ", courses.size(), " courses are affected"));
}

Json expiring_row(const View& view, const Aliquot& aliquot) {
  Json row = Json::object().set("aliquot", aliquot.id.str()).set("code", aliquot.code);
  const Course& course = *view.course(aliquot.course);
  row.set("course", course.id.str()).set("dose", course.dose(aliquot.dose).id.str());
  row.set("state", name_of(aliquot.state)).set("path", view.path_of(aliquot.spot.place));
  put_text(row, "position", view.label_of(aliquot.spot));
  return row.set("expires_at", format_utc(aliquot.expires_at));
}

// What expires within a window, the first first; of all the site or of a place.
Result<Decision> report_expiring(Ask& ask) {
  TRY_ASSIGN(const auto from, maybe_time(ask.body, "from"));
  TRY_ASSIGN(const auto until, maybe_time(ask.body, "until"));
  if (until.ms == 0) return make_error(ErrorCode::malformed, "expected a time at \"until\"");
  if (until < from) {
    return make_error(ErrorCode::invalid_value, "expected \"from\" before \"until\"");
  }
  TRY_ASSIGN(const auto place, maybe_id<PlaceId>(ask.body, "place"));
  const View view = ask.view();
  const AliquotTable& table = view.base().aliquots;
  std::set<std::pair<WallTime, AliquotId>> found;
  std::uint64_t count = 0;
  for (AliquotTable::Slot slot = 0; slot < table.size(); ++slot) {
    const WallTime expires = table.expires_at(slot);
    if (expires.ms == 0 || expires < from || until < expires) continue;
    const auto aliquot = view.aliquot(AliquotId(std::string(table.id(slot))));
    if (!is_frozen_stock(aliquot->state)) continue;
    if (!place.empty() && !view.lies_in(aliquot->spot.place, place)) continue;
    ++count;
    found.emplace(expires, aliquot->id);
    if (found.size() > kReportRowsMax) found.erase(std::prev(found.end()));
  }
  Json rows = Json::array();
  for (const auto& [expires, id] : found) rows.push(expiring_row(view, *view.aliquot(id)));
  Json reply = Json::object().set("aliquots", count).set("rows", std::move(rows));
  return answer(ask, std::move(reply), cat(count, " aliquots expire by ", format_utc(until)));
}

Result<Decision> report_overrides(Ask& ask) {
  Json counts = Json::object();
  for (const auto& [name, number] : ask.view().counters()) {
    if (name.starts_with("overrides") || name == "mismatches") counts.set(name, number);
  }
  return answer(ask, std::move(counts), "overrides since the beginning");
}

Result<Decision> find_aliquot(Ask& ask) {
  TRY_ASSIGN(const auto given, maybe_text(ask.body, "code", 2 * kIdLengthMax));
  const std::string code(strip_scan(given));
  TRY_ASSIGN(const auto id, maybe_id<AliquotId>(ask.body, "aliquot"));
  if (code.empty() && id.empty()) {
    return make_error(ErrorCode::malformed, "expected \"code\" or \"aliquot\", came neither");
  }
  const auto aliquot = code.empty() ? ask.view().aliquot(id) : ask.view().aliquot_by_code(code);
  if (!aliquot) {
    const AliquotId like = code.empty() ? AliquotId() : ask.view().look_alike_of(code);
    if (!like.empty()) return ask_again(ask, ask.view().aliquot(like)->code, code);
    return make_error(ErrorCode::not_found, code.empty()
                                                ? cat("no aliquot \"", id.str(), "\" is known")
                                                : cat("no vial with code \"", code, "\" is known"));
  }
  if (!code.empty() && !id.empty() && aliquot->id != id) {
    return make_error(ErrorCode::mismatch, cat("code \"", code, "\" belongs to aliquot ",
                                               aliquot->id.str(), ", not to ", id.str()));
  }
  const View view = ask.view();
  const Course& course = *view.course(aliquot->course);
  Json reply = Json::object().set("aliquot", aliquot->id.str()).set("code", aliquot->code);
  reply.set("course", course.id.str()).set("patient", course.patient.str());
  reply.set("dose", course.dose(aliquot->dose).id.str()).set("state", name_of(aliquot->state));
  reply.set("path", view.path_of(aliquot->spot.place));
  put_text(reply, "position", view.label_of(aliquot->spot));
  put_time(reply, "expires_at", aliquot->expires_at);
  put_number(reply, "thaws", aliquot->thaws);
  Json holds = Json::array();
  for (const Hold& hold : holds_on(view, *aliquot)) {
    holds.push(
        Json::object().set("hold", hold.id).set("kind", hold.kind).set("reason", hold.reason));
  }
  reply.set("holds", std::move(holds));
  return answer(ask, std::move(reply),
                cat("aliquot ", aliquot->id.str(), " is ", name_of(aliquot->state), " in ",
                    view.name_of(aliquot->spot)));
}

constexpr DecidedVerb kReportCommands[] = {
    {"aliquot/find", find_aliquot},         {"report/affected", report_affected},
    {"report/expiring", report_expiring},   {"report/occupancy", report_occupancy},
    {"report/overrides", report_overrides}, {"report/risk", report_risk},
};

}  // namespace

std::span<const DecidedVerb> report_commands() { return kReportCommands; }

}  // namespace cryobank::inventory
