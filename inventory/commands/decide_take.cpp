// take/open, take/count, take/report, take/sign: a stock-take of a place and all in it. Counts are
// gathered box by box, blind (the counter is not told what should be there) or guided; nothing in
// the record changes until two people sign the reconciliation.
#include <algorithm>
#include <map>
#include <set>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/rack_scan.hpp"
#include "inventory/ledger/apply.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/effects.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kListedMax = 5000;  // findings of one report; the counts cover all
constexpr std::string_view kUnreadMark = "?";
constexpr std::size_t kBasisLength = 32;  // hex digits

using Tube = CountDocument::Tube;

struct Finding {
  std::string kind;  // missing, misplaced, extra, unreadable, doubled
  Spot seen;
  std::string code;
  AliquotId aliquot;
};

struct Tally {
  std::uint64_t expected = 0;
  std::uint64_t found = 0;
};

struct Report {
  Tally all;
  std::map<DeviceId, Tally> freezers;
  std::vector<Finding> findings;
  std::vector<PlaceId> uncounted;
  std::vector<PlaceId> outdated;  // counted, and something of it was moved on record since
};

std::vector<PlaceId> boxes_in(const View& view, const PlaceId& place) {
  std::vector<PlaceId> boxes;
  const PlaceType& type = view.type_of(*view.place(place));
  if (type.has_positions() && type.may_hold("aliquot")) boxes.push_back(place);
  for (const PlaceId& child : view.containers_in(place)) {
    for (PlaceId& box : boxes_in(view, child)) boxes.push_back(std::move(box));
  }
  return boxes;
}

// Each box's count is a document of its own: a tank of 400 boxes is counted in 400 small facts.
std::string count_id(std::string_view take, const PlaceId& box) {
  return cat(take, ".", box.str());
}

// The boxes of a take: all, or those that were drawn when it was opened.
std::vector<PlaceId> boxes_of(const View& view, const TakeDocument& take) {
  std::vector<PlaceId> boxes = boxes_in(view, take.place);
  if (!take.boxes) return boxes;
  const std::set<PlaceId> wanted(take.boxes->begin(), take.boxes->end());
  std::erase_if(boxes, [&](const PlaceId& box) { return !wanted.contains(box); });
  return boxes;
}

// What a count was told against: where the record has each vial of the box and each one seen in it.
// Another basis later means that one of them was moved on record after it was counted.
std::string basis_of(const View& view, const PlaceId& box, const std::vector<Tube>& tubes) {
  std::string basis = box.str();
  for (const AliquotId& id : view.aliquots_in(box)) {
    basis += cat("|", id.str(), "@", view.aliquot(id)->spot.position);
  }
  for (const Tube& tube : tubes) {
    const auto aliquot = view.aliquot_by_code(tube.code);
    if (aliquot && aliquot->spot.place != box) {
      basis +=
          cat("|", aliquot->id.str(), "=", aliquot->spot.place.str(), "@", aliquot->spot.position);
    }
  }
  return to_hex(sha256(basis)).substr(0, kBasisLength);
}

void compare_box(const View& view, const PlaceId& box, const std::vector<Tube>& counted,
                 Report& report, std::set<AliquotId>& seen) {
  for (const auto& [at, code] : counted) {
    const Spot spot{box, at};
    if (code == kUnreadMark) {
      const AliquotId there = view.occupant(spot);
      report.findings.push_back({"unreadable", spot, "", there});
      if (!there.empty()) seen.insert(there);
      continue;
    }
    const auto aliquot = view.aliquot_by_code(code);
    if (!aliquot) {
      report.findings.push_back({"extra", spot, code, {}});
    } else if (!seen.insert(aliquot->id).second) {
      report.findings.push_back({"doubled", spot, code, aliquot->id});
    } else if (aliquot->spot != spot) {
      report.findings.push_back({"misplaced", spot, code, aliquot->id});
    } else {
      ++report.all.found;
      ++report.freezers[view.freezer_of(box)].found;
    }
  }
}

Report compare_take(const View& view, std::string_view id, const TakeDocument& take) {
  Report report;
  std::set<AliquotId> seen;
  std::vector<PlaceId> counted;
  for (const PlaceId& box : boxes_of(view, take)) {
    const auto count = document_of<CountDocument>(view, count_id(id, box));
    if (!count) {
      if (!view.aliquots_in(box).empty()) report.uncounted.push_back(box);
      continue;
    }
    counted.push_back(box);
    if (count->basis != basis_of(view, box, count->tubes)) report.outdated.push_back(box);
    compare_box(view, box, count->tubes, report, seen);
  }
  for (const PlaceId& box : counted) {
    for (const AliquotId& id_there : view.aliquots_in(box)) {
      ++report.all.expected;
      ++report.freezers[view.freezer_of(box)].expected;
      if (seen.contains(id_there)) continue;
      const auto aliquot = view.aliquot(id_there);
      report.findings.push_back({"missing", aliquot->spot, aliquot->code, id_there});
    }
  }
  return report;
}

// Found where the record says, in thousandths of what was expected.
Json accuracy(const Tally& tally) {
  if (tally.expected == 0) return {};
  return Json(Milli{static_cast<std::int64_t>(tally.found * 1000 / tally.expected)});
}

Json to_json(const Tally& tally) {
  Json json = Json::object().set("expected", tally.expected).set("found", tally.found);
  return json.set("accuracy", accuracy(tally));
}

Json to_json(const View& view, const Report& report) {
  Json json = to_json(report.all);
  Json freezers = Json::array();
  for (const auto& [freezer, tally] : report.freezers) {
    freezers.push(to_json(tally).set("freezer", freezer.str()));
  }
  json.set("freezers", std::move(freezers));
  Json list = Json::array();
  for (const Finding& finding : report.findings) {
    if (list.items().size() >= kListedMax) break;
    Json item = spot_json(view, finding.seen);
    item.set("kind", finding.kind).set("path", view.path_of(finding.seen.place));
    put_text(item, "code", finding.code);
    put_text(item, "aliquot", finding.aliquot.str());
    list.push(std::move(item));
  }
  json.set("differences", static_cast<std::uint64_t>(report.findings.size()));
  json.set("findings", std::move(list));
  Json uncounted = Json::array();
  for (const PlaceId& box : report.uncounted) uncounted.push(box.str());
  json.set("uncounted", std::move(uncounted));
  Json outdated = Json::array();
  for (const PlaceId& box : report.outdated) outdated.push(box.str());
  json.set("outdated", std::move(outdated));
  return json;
}

struct Open {
  std::string id;
  TakeDocument take;
};

Result<Open> need_take(const Ask& ask) {
  const auto id = ask.body.get_string("take");
  if (!id) return id.error();
  const auto take = document_of<TakeDocument>(ask.view(), *id);
  if (!take) {
    return make_error(ErrorCode::not_found, cat("no open stock-take ", clip(*id, kIdLengthMax)));
  }
  return Open{*id, *take};
}

// So many boxes, drawn by the hash of the take's id and time and the box: nobody chooses them, and
// anybody can draw them again. False: no sample was asked for.
Result<bool> draw(const Ask& ask, std::string_view take, std::vector<PlaceId>& boxes) {
  if (!ask.body.has("sample")) return false;
  const auto sample = ask.body.get_integer("sample");
  if (!sample) return sample.error();
  if (*sample < 1 || static_cast<std::size_t>(*sample) > boxes.size()) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected 1 to ", boxes.size(), " boxes at \"sample\", came ", *sample));
  }
  std::map<std::string, PlaceId> by_lot;
  for (const PlaceId& box : boxes) {
    by_lot.emplace(to_hex(sha256(cat(take, " ", format_utc(ask.now()), " ", box.str()))), box);
  }
  boxes.clear();
  for (const auto& [lot, box] : by_lot) {
    if (boxes.size() < static_cast<std::size_t>(*sample)) boxes.push_back(box);
  }
  std::ranges::sort(boxes);
  return true;
}

Result<Decision> open(Ask& ask) {
  const auto place = need_id<PlaceId>(ask.body, "place");
  if (!place) return place.error();
  const auto known = known_place(ask.view(), *place);
  if (!known) return known.error();
  const bool blind = flag_of(ask.body, "blind", true);
  std::vector<PlaceId> boxes = boxes_in(ask.view(), *place);
  if (boxes.empty()) {
    return make_error(ErrorCode::unsupported, cat("place ", place->str(), " has no boxes"));
  }
  const std::string id = cat("take-", count_of(ask.view().counters(), "takes") + 1);
  const auto sampled = draw(ask, id, boxes);
  if (!sampled) return sampled.error();
  TakeDocument take{*place, blind, ask.context.actor.user, ask.now(), {}};
  if (*sampled) take.boxes = boxes;
  Json data = act(ask);
  data.set("take", id);
  keep_document(data, id, take);
  add_count(data, "takes");
  const auto added = ask.trial.add(inventory_fact(fact::kTakeOpened, std::move(data)));
  if (!added) return added.error();
  Json list = Json::array();
  for (const PlaceId& box : boxes) {
    Json item = Json::object().set("container", box.str()).set("path", ask.view().path_of(box));
    const auto inside = ask.view().aliquots_in(box).size();
    if (!blind) item.set("expected", static_cast<std::uint64_t>(inside));
    list.push(std::move(item));
  }
  Json reply = Json::object().set("take", id).set("containers", std::move(list));
  return answer(ask, std::move(reply), cat(id, ": ", boxes.size(), " boxes to count"));
}

std::vector<Tube> read_tubes(const RackScan& scan) {
  std::vector<Tube> tubes;
  for (const ScannedPosition& scanned : scan.positions) {
    if (scanned.kind == Scanned::empty) continue;
    const bool unread = scanned.kind == Scanned::unread;
    tubes.push_back({scanned.position, unread ? std::string(kUnreadMark) : scanned.code});
  }
  return tubes;
}

Result<Decision> count(Ask& ask) {
  auto found = need_take(ask);
  if (!found) return found.error();
  const auto box = need_id<PlaceId>(ask.body, "container");
  if (!box) return box.error();
  const auto place = known_place(ask.view(), *box);
  if (!place) return place.error();
  const std::vector<PlaceId> boxes = boxes_of(ask.view(), found->take);
  if (std::ranges::find(boxes, *box) == boxes.end()) {
    return make_error(ErrorCode::invalid_value,
                      cat("place ", box->str(), " is not part of ", found->id));
  }
  const auto csv = ask.body.get_string("csv");
  if (!csv) return csv.error();
  const auto scan = parse_rack_scan(*csv, ask.view().type_of(*place));
  if (!scan) return scan.error();
  std::vector<Tube> counted = read_tubes(*scan);
  const std::size_t tubes = counted.size();
  const std::string basis = basis_of(ask.view(), *box, counted);
  const CountDocument content{basis, std::move(counted), ask.context.actor.user, ask.now()};
  Json data = act(ask);
  data.set("take", found->id);
  data.set("container", box->str());
  keep_document(data, count_id(found->id, *box), content);
  const auto added = ask.trial.add(inventory_fact(fact::kTakeCounted, std::move(data)));
  if (!added) return added.error();
  return answer(ask, Json::object().set("take", found->id).set("container", box->str()),
                cat(tubes, " tubes counted in ", box->str()));
}

Result<Decision> report_take(Ask& ask) {
  const auto found = need_take(ask);
  if (!found) return found.error();
  const Report result = compare_take(ask.view(), found->id, found->take);
  return answer(ask, to_json(ask.view(), result),
                cat(result.all.found, " of ", result.all.expected, " found, ",
                    result.findings.size(), " differences"));
}

// What was counted still holds, and is whole.
Status check_report(const View& view, const Report& report) {
  if (!report.uncounted.empty()) {
    return make_error(ErrorCode::conflict, cat(report.uncounted.size(), " boxes are not counted, ",
                                               report.uncounted.front().str(), " among them"));
  }
  if (!report.outdated.empty()) {
    return make_error(
        ErrorCode::conflict,
        cat("in ", report.outdated.size(), " boxes something was moved on record ",
            "after the count, ", report.outdated.front().str(), " among them: count again"));
  }
  const auto doubled = std::ranges::find(report.findings, "doubled", &Finding::kind);
  if (doubled == report.findings.end()) return {};
  return make_error(ErrorCode::conflict,
                    cat("code ", doubled->code, " was seen twice, once in ",
                        view.name_of(doubled->seen), ": count that box again"));
}

// Misplaced vials get the place where they were seen, missing ones become UNKNOWN; one that was
// given up as lost and turns up is quarantined.
Status add_findings(const View& view, const Report& report, Json& data) {
  for (const Finding& finding : report.findings) {
    if (finding.kind != "missing" && finding.kind != "misplaced") continue;
    const auto aliquot = known_aliquot(view, finding.aliquot);
    if (!aliquot) return aliquot.error();
    const auto apart = check_not_in_job(view, *aliquot);
    if (!apart) return apart;
    if (finding.kind == "missing") {
      add_item(data, view, finding.aliquot, {PlaceId(std::string(kUnknownPlace)), kNoPosition});
      continue;
    }
    const auto lies = check_may_lie(view, *aliquot, finding.seen.place);
    if (!lies) return lies;
    if (aliquot->state == AliquotState::lost) {
      add_state(data, aliquot->id, AliquotState::quarantined);
    }
    add_item(data, view, finding.aliquot, finding.seen);
  }
  return {};
}

Result<Decision> sign(Ask& ask) {
  const auto found = need_take(ask);
  if (!found) return found.error();
  const Report result = compare_take(ask.view(), found->id, found->take);
  const auto whole = check_report(ask.view(), result);
  if (!whole) return whole.error();
  const PlaceId place = found->take.place;
  const auto busy = check_not_in_use(ask.view(), place);
  if (!busy) return busy.error();
  Json data = act(ask);
  data.set("take", found->id);
  data.set("place", place.str());
  data.set("report", to_json(ask.view(), result));
  const auto listed = add_findings(ask.view(), result, data);
  if (!listed) return listed.error();
  for (const PlaceId& box : boxes_of(ask.view(), found->take)) {
    const std::string count = count_id(found->id, box);
    if (document_of<CountDocument>(ask.view(), count)) {
      drop_document<CountDocument>(data, count);
    }
  }
  drop_document<TakeDocument>(data, found->id);
  const auto added = ask.trial.add(inventory_fact(fact::kTakeSigned, std::move(data)));
  if (!added) return added.error();
  Json reply = Json::object().set("take", found->id).set("accuracy", accuracy(result.all));
  return answer(ask, std::move(reply), cat(found->id, " is reconciled"));
}

constexpr DecidedVerb kTakeCommands[] = {
    {"take/count", count},
    {"take/open", open},
    {"take/report", report_take},
    {"take/sign", sign},
};

}  // namespace

std::span<const DecidedVerb> take_commands() { return kTakeCommands; }

}  // namespace cryobank::inventory
