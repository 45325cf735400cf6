// take/open, take/count, take/report, take/sign: a stock-take of a place and all in it. Counts are
// gathered box by box, blind (the counter is not told what should be there) or guided; nothing in
// the record changes until two people sign the reconciliation.
#include <algorithm>
#include <map>
#include <set>

#include "base/checksum.hpp"
#include "base/look_alike.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/gate/shipper.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/list/rack_scan.hpp"
#include "inventory/commands/list/take_compare.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

using Tube = CountDocument::Tube;

struct Open {
  std::string id;
  TakeDocument take;
};

Result<Open> need_take(const Ask& ask) {
  TRY_ASSIGN(const auto id, ask.body.get_string("take"));
  const auto take = document_of<TakeDocument>(ask.view(), id);
  if (!take) {
    return make_error(ErrorCode::not_found, cat("no open stock-take ", clip(id, kIdLengthMax)));
  }
  return Open{id, *take};
}

// So many boxes, drawn by the hash of the take's id and time and the box: nobody chooses them, and
// anybody can draw them again. False: no sample was asked for.
Result<bool> draw(const Ask& ask, std::string_view take, std::vector<PlaceId>& boxes) {
  if (!ask.body.has("sample")) return false;
  TRY_ASSIGN(const auto sample, ask.body.get_integer("sample"));
  if (sample < 1 || static_cast<std::size_t>(sample) > boxes.size()) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected 1 to ", boxes.size(), " boxes at \"sample\", came ", sample));
  }
  std::map<std::string, PlaceId> by_lot;
  for (const PlaceId& box : boxes) {
    by_lot.emplace(to_hex(sha256(cat(take, " ", format_utc(ask.now()), " ", box.str()))), box);
  }
  boxes.clear();
  for (const auto& [lot, box] : by_lot) {
    if (boxes.size() < static_cast<std::size_t>(sample)) boxes.push_back(box);
  }
  std::ranges::sort(boxes);
  return true;
}

Result<Decision> open(Ask& ask) {
  TRY_ASSIGN(const auto place, need_id<PlaceId>(ask.body, "place"));
  TRY(known_place(ask.view(), place));
  TRY(check_not_sent(ask.view(), place));
  const bool blind = flag_of(ask.body, "blind", true);
  std::vector<PlaceId> boxes = boxes_in(ask.view(), place);
  const std::vector<PlaceId> away = split_away(ask.view(), boxes);
  if (boxes.empty()) {
    return make_error(ErrorCode::unsupported, cat("place ", place.str(), " has no boxes"));
  }
  const std::string id = cat("take-", count_of(ask.view().counters(), "takes") + 1);
  TRY_ASSIGN(const auto sampled, draw(ask, id, boxes));
  TakeDocument take{place, blind, ask.context.actor.user, ask.now(), {}};
  if (sampled) take.boxes = boxes;
  Json data = act(ask);
  data.set("take", id);
  keep_document(data, id, take);
  add_count(data, "takes");
  TRY(ask.trial.add(inventory_fact(fact::kTakeOpened, std::move(data))));
  Json list = Json::array();
  for (const PlaceId& box : boxes) {
    Json item = Json::object().set("container", box.str()).set("path", ask.view().path_of(box));
    const auto inside = ask.view().aliquots_in(box).size();
    if (!blind) item.set("expected", static_cast<std::uint64_t>(inside));
    list.push(std::move(item));
  }
  Json reply = Json::object().set("take", id).set("containers", std::move(list));
  std::string message = cat(id, ": ", boxes.size(), " boxes to count");
  if (!away.empty()) {
    Json absent = Json::array();
    for (const PlaceId& box : away) {
      absent.push(
          Json::object().set("container", box.str()).set("shipment", away_with(ask.view(), box)));
    }
    reply.set("away", std::move(absent));
    message += cat("; ", away.size(), " are on their way in a shipper and are left out, ",
                   away.front().str(), " among them");
  }
  return answer(ask, std::move(reply), std::move(message));
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

Status check_part(const Ask& ask, const Open& take, const PlaceId& box) {
  TRY(check_not_sent(ask.view(), box));
  const std::vector<PlaceId> boxes = boxes_of(ask.view(), take.take);
  if (std::ranges::find(boxes, box) != boxes.end()) return {};
  return make_error(ErrorCode::invalid_value,
                    cat("place ", box.str(), " is not part of ", take.id));
}

void add_count_of(const Ask& ask, const Open& take, const PlaceId& box, std::vector<Tube> tubes,
                  Json& data) {
  const std::string basis = basis_of(ask.view(), box, tubes);
  const CountDocument content{basis, std::move(tubes), ask.context.actor.user, ask.now()};
  keep_document(data, count_id(take.id, box), content);
}

// Boxes that were opened and in which nothing is: by name, since there is no file of them.
Result<Decision> count_empty(Ask& ask, const Open& take) {
  const Json& list = ask.body["empty"];
  if (!list.is_array() || list.items().empty() || list.items().size() > kItemsMax) {
    return make_error(ErrorCode::malformed,
                      cat("expected 1 to ", kItemsMax, " places at \"empty\""));
  }
  Json data = act(ask);
  data.set("take", take.id);
  for (const Json& item : list.items()) {
    TRY_ASSIGN(const auto box, PlaceId::parse(item.is_string() ? item.string() : ""));
    TRY(check_part(ask, take, box));
    add_count_of(ask, take, box, {}, data);
  }
  const std::size_t boxes = list.items().size();
  TRY(ask.trial.add(inventory_fact(fact::kTakeCounted, std::move(data))));
  Json reply = Json::object().set("take", take.id);
  return answer(ask, reply.set("empty", static_cast<std::uint64_t>(boxes)),
                cat(boxes, " boxes are counted as empty"));
}

Result<Decision> count(Ask& ask) {
  TRY_ASSIGN(auto found, need_take(ask));
  if (ask.body.has("empty") && !ask.body.has("container")) return count_empty(ask, found);
  TRY_ASSIGN(const auto box, need_id<PlaceId>(ask.body, "container"));
  TRY_ASSIGN(const auto place, known_place(ask.view(), box));
  TRY(check_part(ask, found, box));
  TRY_ASSIGN(const auto csv, ask.body.get_string("csv"));
  TRY_ASSIGN(const auto way, read_scan_way(ask, box));
  TRY_ASSIGN(const auto scan, parse_rack_scan(csv, ask.view().type_of(place), way));
  std::vector<Tube> counted = read_tubes(scan);
  const std::size_t tubes = counted.size();
  Json data = act(ask);
  data.set("take", found.id);
  data.set("container", box.str());
  add_count_of(ask, found, box, std::move(counted), data);
  TRY(ask.trial.add(inventory_fact(fact::kTakeCounted, std::move(data))));
  return answer(ask, Json::object().set("take", found.id).set("container", box.str()),
                cat(tubes, " tubes counted in ", box.str()));
}

Result<Decision> report_take(Ask& ask) {
  TRY_ASSIGN(const auto found, need_take(ask));
  const TakeReport result = compare_take(ask.view(), found.id, found.take);
  return answer(ask, to_json(ask.view(), result),
                cat(result.all.found, " of ", result.all.expected, " found, ",
                    result.findings.size(), " differences"));
}

// A vial that is missing where a code was read that looks like its own lies there, misread: the
// record would lose it.
Status check_misread(const View& view, const TakeReport& report) {
  std::map<Spot, std::string_view> missing;
  for (const TakeFinding& finding : report.findings) {
    if (finding.kind == ShelfFinding::missing) missing.emplace(finding.seen, finding.code);
  }
  for (const TakeFinding& finding : report.findings) {
    const auto lost =
        finding.kind == ShelfFinding::extra ? missing.find(finding.seen) : missing.end();
    if (lost == missing.end() || !look_alike(finding.code, lost->second)) continue;
    return make_error(ErrorCode::did_you_mean,
                      cat("in ", view.name_of(finding.seen), " code ", finding.code,
                          " was read where ", lost->second, " is on record, and they look alike: ",
                          "read it again, and count that box again"));
  }
  return {};
}

// What was counted still holds, and is whole.
Status check_report(const View& view, const TakeReport& report) {
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
  const auto doubled =
      std::ranges::find(report.findings, ShelfFinding::doubled, &TakeFinding::kind);
  if (doubled != report.findings.end()) {
    return make_error(ErrorCode::conflict,
                      cat("code ", doubled->code, " was seen twice, once in ",
                          view.name_of(doubled->seen), ": count that box again"));
  }
  return check_misread(view, report);
}

// Misplaced vials get the place where they were seen, missing ones become UNKNOWN; one that was
// given up as lost and turns up is quarantined.
Status add_findings(const View& view, const TakeReport& report, Json& data) {
  for (const TakeFinding& finding : report.findings) {
    if (finding.kind != ShelfFinding::missing && finding.kind != ShelfFinding::misplaced) continue;
    TRY_ASSIGN(const auto aliquot, known_aliquot(view, finding.aliquot));
    TRY(check_not_in_job(view, aliquot));
    if (finding.kind == ShelfFinding::missing) {
      add_item(data, view, finding.aliquot, {PlaceId(std::string(kUnknownPlace)), kNoPosition});
      continue;
    }
    TRY(check_may_lie(view, aliquot, finding.seen.place));
    if (aliquot.state == AliquotState::lost) {
      add_state(data, aliquot.id, AliquotState::quarantined);
    }
    add_item(data, view, finding.aliquot, finding.seen);
  }
  return {};
}

Result<Decision> sign(Ask& ask) {
  TRY_ASSIGN(const auto found, need_take(ask));
  const TakeReport result = compare_take(ask.view(), found.id, found.take);
  TRY(check_report(ask.view(), result));
  const PlaceId place = found.take.place;
  TRY(check_not_in_use(ask.view(), place));
  Json data = act(ask);
  data.set("take", found.id);
  data.set("place", place.str());
  data.set("report", to_json(ask.view(), result));
  TRY(add_findings(ask.view(), result, data));
  for (const PlaceId& box : boxes_in(ask.view(), place)) {
    const std::string count = count_id(found.id, box);
    if (document_of<CountDocument>(ask.view(), count)) {
      drop_document<CountDocument>(data, count);
    }
  }
  drop_document<TakeDocument>(data, found.id);
  TRY(ask.trial.add(inventory_fact(fact::kTakeSigned, std::move(data))));
  Json reply = Json::object().set("take", found.id).set("accuracy", accuracy(result.all));
  return answer(ask, std::move(reply), cat(found.id, " is reconciled"));
}

Result<Decision> list_takes(Ask& ask) {
  return list_documents<TakeDocument>(ask, [&ask](const std::string& id, const TakeDocument& take) {
    const std::vector<PlaceId> boxes = boxes_of(ask.view(), take);
    const auto counted = std::ranges::count_if(boxes, [&](const PlaceId& box) {
      return ask.view().document("count", count_id(id, box)) != nullptr;
    });
    Json row = Json::object().set("place", take.place.str());
    row.set("by", take.by.str()).set("opened_at", format_utc(take.opened_at));
    row.set("boxes", static_cast<std::uint64_t>(boxes.size()));
    return row.set("counted", static_cast<std::uint64_t>(counted));
  });
}

constexpr DecidedVerb kTakeCommands[] = {
    {"take/count", count},        {"take/list", list_takes}, {"take/open", open},
    {"take/report", report_take}, {"take/sign", sign},
};

}  // namespace

std::span<const DecidedVerb> take_commands() { return kTakeCommands; }

}  // namespace cryobank::inventory
