#include "inventory/commands/list/take_compare.hpp"

#include <algorithm>
#include <set>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "inventory/commands/gate/shipper.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/list/rack_scan.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kFindingsMax = 5000;  // findings of one report; the counts cover all
constexpr std::size_t kBasisLength = 32;    // hex digits

}  // namespace

std::vector<PlaceId> boxes_in(const View& view, const PlaceId& place) {
  std::vector<PlaceId> boxes;
  const PlaceType& type = view.type_of(*view.place(place));
  const bool gripper = view.robot(view.place(place)->device) != nullptr;
  if (type.has_positions() && type.may_hold("aliquot") && !gripper) boxes.push_back(place);
  for (const PlaceId& child : view.containers_in(place)) {
    for (PlaceId& box : boxes_in(view, child)) boxes.push_back(std::move(box));
  }
  return boxes;
}

std::vector<PlaceId> split_away(const View& view, std::vector<PlaceId>& boxes) {
  std::vector<PlaceId> away;
  std::erase_if(boxes, [&](const PlaceId& box) {
    const bool sent = !away_with(view, box).empty();
    if (sent) away.push_back(box);
    return sent;
  });
  return away;
}

std::string count_id(std::string_view take, const PlaceId& box) {
  return cat(take, ".", box.str());
}

namespace {

std::vector<PlaceId> chosen_boxes(const View& view, const TakeDocument& take) {
  std::vector<PlaceId> boxes = boxes_in(view, take.place);
  if (!take.boxes) return boxes;
  const std::set<PlaceId> wanted(take.boxes->begin(), take.boxes->end());
  std::erase_if(boxes, [&](const PlaceId& box) { return !wanted.contains(box); });
  return boxes;
}

}  // namespace

std::vector<PlaceId> boxes_of(const View& view, const TakeDocument& take) {
  std::vector<PlaceId> boxes = chosen_boxes(view, take);
  split_away(view, boxes);
  return boxes;
}

std::string basis_of(const View& view, const PlaceId& box,
                     const std::vector<CountDocument::Tube>& tubes) {
  std::string basis = box.str();
  for (const AliquotId& id : view.aliquots_in(box)) {
    basis += cat("|", id.str(), "@", view.aliquot(id)->spot.position);
  }
  for (const CountDocument::Tube& tube : tubes) {
    const auto aliquot = view.aliquot_by_code(tube.code);
    if (aliquot && aliquot->spot.place != box) {
      basis +=
          cat("|", aliquot->id.str(), "=", aliquot->spot.place.str(), "@", aliquot->spot.position);
    }
  }
  return to_hex(sha256(basis)).substr(0, kBasisLength);
}

namespace {

void compare_box(const View& view, const PlaceId& box,
                 const std::vector<CountDocument::Tube>& counted, TakeReport& report,
                 std::set<AliquotId>& seen) {
  for (const auto& [at, code] : counted) {
    const Spot spot{box, at};
    if (code == kUnreadMark) {
      const AliquotId there = view.occupant(spot);
      report.findings.push_back({ShelfFinding::unreadable, spot, "", there});
      if (!there.empty()) seen.insert(there);
      continue;
    }
    const auto aliquot = view.aliquot_by_code(code);
    if (!aliquot) {
      report.findings.push_back({ShelfFinding::extra, spot, code, {}});
    } else if (!seen.insert(aliquot->id).second) {
      report.findings.push_back({ShelfFinding::doubled, spot, code, aliquot->id});
    } else if (aliquot->spot != spot) {
      report.findings.push_back({ShelfFinding::misplaced, spot, code, aliquot->id});
    } else {
      ++report.all.found;
      ++report.freezers[view.freezer_of(box)].found;
    }
  }
}

}  // namespace

TakeReport compare_take(const View& view, std::string_view id, const TakeDocument& take) {
  TakeReport report;
  std::set<AliquotId> seen;
  std::vector<PlaceId> counted;
  std::vector<PlaceId> boxes = chosen_boxes(view, take);
  report.away = split_away(view, boxes);
  for (const PlaceId& box : boxes) {
    const auto count = document_of<CountDocument>(view, count_id(id, box));
    if (!count) {
      report.uncounted.push_back(box);  // also one that is recorded as empty: a stray vial is there
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
      report.findings.push_back({ShelfFinding::missing, aliquot->spot, aliquot->code, id_there});
    }
  }
  return report;
}

Json accuracy(const Tally& tally) {
  if (tally.expected == 0) return {};
  return Json(Milli{static_cast<std::int64_t>(tally.found * 1000 / tally.expected)});
}

namespace {

Json to_json(const Tally& tally) {
  Json json = Json::object().set("expected", tally.expected).set("found", tally.found);
  return json.set("accuracy", accuracy(tally));
}

}  // namespace

Json to_json(const View& view, const TakeReport& report) {
  Json json = to_json(report.all);
  Json freezers = Json::array();
  for (const auto& [freezer, tally] : report.freezers) {
    freezers.push(to_json(tally).set("freezer", freezer.str()));
  }
  json.set("freezers", std::move(freezers));
  Json list = Json::array();
  for (const TakeFinding& finding : report.findings) {
    if (list.items().size() >= kFindingsMax) break;
    Json item = spot_json(view, finding.seen);
    item.set("kind", name_of(finding.kind)).set("path", view.path_of(finding.seen.place));
    put_text(item, "code", finding.code);
    put_text(item, "aliquot", finding.aliquot.str());
    if (finding.kind == ShelfFinding::extra) put_like(item, view, finding.code);
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
  Json away = Json::array();
  for (const PlaceId& box : report.away) away.push(box.str());
  json.set("away", std::move(away));
  return json;
}

}  // namespace cryobank::inventory
