// scan/order: a robot reads a whole box. scan/preview, scan/accept: the box as the robot (`job`) or
// a scanner's file (`csv`) saw it against the record. The preview
// shows what would change and gives a token over the scan and the box; accepting needs that token,
// so that nobody accepts what they did not see. All vials of a spilled box go in one commit.
#include "base/checksum.hpp"
#include "base/scan_text.hpp"
#include "base/shelf_finding.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/gate/shipper.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/list/rack_scan.hpp"
#include "inventory/commands/make_job.hpp"
#include "inventory/commands/operation.hpp"
#include "inventory/ledger/allocation.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kTokenLength = 32;  // hex digits

struct Difference {
  Spot spot;
  ShelfFinding kind;
  std::string code;
  AliquotId aliquot;
};

struct Comparison {
  std::vector<Difference> differences;
  std::size_t same = 0;
  std::size_t unread = 0;
  std::string token;
};

Result<Comparison> compare(const View& view, const PlaceId& box, const RackScan& scan) {
  Comparison result;
  std::set<AliquotId> seen;
  std::string basis = box.str();
  for (const ScannedPosition& scanned : scan.positions) {
    const Spot spot{box, scanned.position};
    const AliquotId recorded = view.occupant(spot);
    basis += cat("|", scanned.position, ":", static_cast<int>(scanned.kind), scanned.code, "=",
                 recorded.str());
    if (scanned.kind == Scanned::unread) {
      ++result.unread;
      result.differences.push_back({spot, ShelfFinding::unread, "", recorded});
      continue;
    }
    if (scanned.kind == Scanned::empty) continue;
    const auto aliquot = view.aliquot_by_code(scanned.code);
    if (!aliquot) {
      result.differences.push_back({spot, ShelfFinding::unknown_code, scanned.code, {}});
      continue;
    }
    seen.insert(aliquot->id);
    basis += cat("@", aliquot->spot.place.str(), aliquot->spot.position);
    if (aliquot->spot == spot) {
      ++result.same;
      continue;
    }
    const bool moved = aliquot->spot.place == box;
    result.differences.push_back(
        {spot, moved ? ShelfFinding::moved : ShelfFinding::arrived, scanned.code, aliquot->id});
  }
  // A tube that could not be read is taken for the one that the record has there, unless that one
  // was read elsewhere.
  for (const Difference& difference : result.differences) {
    if (difference.kind == ShelfFinding::unread) seen.insert(difference.aliquot);
  }
  for (const AliquotId& id : view.aliquots_in(box)) {
    if (seen.contains(id)) continue;
    const auto aliquot = view.aliquot(id);
    result.differences.push_back({aliquot->spot, ShelfFinding::missing, aliquot->code, id});
  }
  const Sha256 digest = sha256(basis);
  result.token = to_hex(digest).substr(0, kTokenLength);
  return result;
}

Json list_differences(const View& view, const Comparison& comparison) {
  Json list = Json::array();
  for (const Difference& difference : comparison.differences) {
    Json item = spot_json(view, difference.spot);
    item.set("kind", name_of(difference.kind));
    put_text(item, "code", difference.code);
    put_text(item, "aliquot", difference.aliquot.str());
    if (difference.kind == ShelfFinding::unknown_code) put_like(item, view, difference.code);
    list.push(std::move(item));
  }
  return list;
}

// What the robot read, as positions of the box in fill order.
Result<RackScan> scan_of_job(const Ask& ask, const PlaceId& box, const PlaceType& type) {
  TRY_ASSIGN(const auto id, need_id<JobId>(ask.body, "job"));
  TRY_ASSIGN(const auto job, known_job(ask.view(), id));
  if (job.kind != JobKind::scan || job.state != JobState::done || job.moves.size() != 1 ||
      job.moves.front().from != box) {
    return make_error(ErrorCode::conflict,
                      cat("expected a done scan of ", box.str(), ", job ", id.str(), " is a ",
                          name_of(job.kind), " job, ", name_of(job.state)));
  }
  const std::vector<int>& order = type.fill_order();
  if (job.codes.size() != order.size()) {
    return make_error(ErrorCode::mismatch,
                      cat("expected ", order.size(), " positions, the robot read ",
                          job.codes.size(), ": its rack has another size than the record's"));
  }
  RackScan scan;
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const ReadCode& read = job.codes[i];
    const Scanned kind = read.unread         ? Scanned::unread
                         : read.code.empty() ? Scanned::empty
                                             : Scanned::code;
    if (kind == Scanned::code && !seen.insert(read.code).second) {
      return make_error(ErrorCode::mismatch, cat("the robot read code ", read.code, " twice"));
    }
    scan.positions.push_back({order[i], kind, read.code});
  }
  return scan;
}

struct Asked {
  std::string dialect;  // of a scanner's file
  PlaceId box;
  Comparison comparison;
};

// A robot's reading is of its time. It says nothing of what was moved on record since it was
// ordered.
Status check_still_holds(const Ask& ask, const Comparison& comparison) {
  TRY_ASSIGN(const auto id, need_id<JobId>(ask.body, "job"));
  TRY_ASSIGN(const auto job, known_job(ask.view(), id));
  for (const Difference& difference : comparison.differences) {
    const auto aliquot = ask.view().aliquot(difference.aliquot);
    if (!aliquot || aliquot->since <= job.made_at) continue;
    return make_error(
        ErrorCode::conflict,
        cat("aliquot ", aliquot->id.str(), " came to ", ask.view().name_of(aliquot->spot), " at ",
            format_utc(aliquot->since), ", after ", id.str(), " was ordered: scan again"));
  }
  return {};
}

// The container that the body names.
Result<Place> box_of_vials(const Ask& ask) {
  TRY_ASSIGN(const auto box, need_id<PlaceId>(ask.body, "container"));
  auto place = known_place(ask.view(), box);
  TRY(place);
  const PlaceType& type = ask.view().type_of(*place);
  const bool gripper = ask.view().robot(place->device) != nullptr;
  if (!type.has_positions() || !type.may_hold("aliquot") || gripper) {
    return make_error(ErrorCode::unsupported, cat("place ", box.str(), " is no box of vials"));
  }
  TRY(check_not_sent(ask.view(), box));
  return place;
}

Result<Asked> read_scan(const Ask& ask) {
  TRY_ASSIGN(const auto box, box_of_vials(ask));
  const PlaceType& type = ask.view().type_of(box);
  const bool by_robot = ask.body.has("job");
  if (by_robot && ask.body.has("csv")) {
    return make_error(ErrorCode::invalid_value,
                      "expected a scanner's file at \"csv\" or a robot's \"job\", came both");
  }
  TRY_ASSIGN(const auto csv,
             by_robot ? Result<std::string>(std::string()) : ask.body.get_string("csv"));
  TRY_ASSIGN(const auto way, read_scan_way(ask, box.id));
  TRY_ASSIGN(const auto scan,
             by_robot ? scan_of_job(ask, box.id, type) : parse_rack_scan(csv, type, way));
  TRY_ASSIGN(const auto scanned, maybe_text(ask.body, "rack", kIdLengthMax));
  const std::string rack(strip_scan(scanned));
  if (!rack.empty() && scan.rack.empty()) {
    return make_error(
        ErrorCode::mismatch,
        cat("expected a scan of rack ", rack,
            ", and it does not say which rack it is of: look, and leave out \"rack\""));
  }
  if (!rack.empty() && rack != scan.rack) {
    return make_error(ErrorCode::mismatch, cat("expected a scan of rack ", rack, ", came one of ",
                                               clip(scan.rack, kIdLengthMax)));
  }
  TRY_ASSIGN(auto comparison, compare(ask.view(), box.id, scan));
  if (by_robot) {
    TRY(check_still_holds(ask, comparison));
  }
  return Asked{scan.dialect, box.id, std::move(comparison)};
}

Result<Decision> preview(Ask& ask) {
  TRY_ASSIGN(const auto asked, read_scan(ask));
  const Comparison& comparison = asked.comparison;
  Json reply = Json::object().set("container", asked.box.str()).set("token", comparison.token);
  reply.set("same", static_cast<std::uint64_t>(comparison.same));
  put_text(reply, "dialect", asked.dialect);
  reply.set("differences", list_differences(ask.view(), comparison));
  return answer(
      ask, std::move(reply),
      cat(comparison.same, " vials as recorded, ", comparison.differences.size(), " differences"));
}

// Which differences forbid accepting the scan as it is.
Status check_acceptable(const Comparison& comparison, bool missing_to_unknown) {
  std::size_t missing = 0, unknown = 0;
  for (const Difference& difference : comparison.differences) {
    missing += difference.kind == ShelfFinding::missing ? 1 : 0;
    unknown += difference.kind == ShelfFinding::unknown_code ? 1 : 0;
  }
  if (unknown > 0) {
    return make_error(ErrorCode::mismatch,
                      cat(unknown, " codes belong to no aliquot: register them first"));
  }
  if (missing > 0 && comparison.unread > 0) {
    return make_error(ErrorCode::conflict,
                      cat(missing, " vials are missing while ", comparison.unread,
                          " tubes were not read: scan again"));
  }
  if (missing > 0 && !missing_to_unknown) {
    return make_error(ErrorCode::conflict,
                      cat(missing, " vials are missing: search them, or accept them as UNKNOWN"));
  }
  return {};
}

Result<Decision> accept(Ask& ask) {
  TRY_ASSIGN(const auto asked, read_scan(ask));
  const Comparison& comparison = asked.comparison;
  TRY_ASSIGN(const auto token, ask.body.get_string("token"));
  if (token != comparison.token) {
    return make_error(ErrorCode::conflict,
                      "the scan or the box is not the one that was previewed: preview it again");
  }
  TRY(check_acceptable(comparison, flag_of(ask.body, "missing_to_unknown")));
  TRY(check_not_in_use(ask.view(), asked.box));
  Json data = act(ask);
  data.set("container", asked.box.str());
  std::size_t changes = 0;
  for (const Difference& difference : comparison.differences) {
    if (difference.kind == ShelfFinding::unread) continue;
    const bool missing = difference.kind == ShelfFinding::missing;
    const Spot unknown{PlaceId(std::string(kUnknownPlace)), kNoPosition};
    TRY_ASSIGN(const auto aliquot, known_aliquot(ask.view(), difference.aliquot));
    TRY(check_not_in_job(ask.view(), aliquot));
    TRY(missing ? Status() : check_may_lie(ask.view(), aliquot, asked.box));
    if (!missing && aliquot.state == AliquotState::lost) {
      add_state(data, aliquot.id, AliquotState::quarantined);
    }
    add_item(data, ask.view(), difference.aliquot, missing ? unknown : difference.spot);
    ++changes;
  }
  if (changes == 0) {
    return answer(ask, Json::object().set("container", asked.box.str()), "nothing has changed");
  }
  const std::string operation = note_operation(ask, data, "scan/accept");
  TRY(ask.trial.add(inventory_fact(fact::kBoxRescanned, std::move(data))));
  Json reply = Json::object().set("container", asked.box.str());
  put_text(reply, "operation", operation);
  reply.set("changed", static_cast<std::uint64_t>(changes));
  return answer(ask, std::move(reply),
                cat(changes, " vials of ", asked.box.str(), " have new places"));
}

Result<Decision> order(Ask& ask) {
  TRY_ASSIGN(const auto box, box_of_vials(ask));
  TRY_ASSIGN(const auto robot, need_robot(ask, ask.body));
  TRY_ASSIGN(const auto job, make_scan_job(ask, *robot, box));
  Json reply = Json::object().set("container", box.id.str()).set("job", job.id.str());
  Decision decision = answer(ask, std::move(reply),
                             cat("robot ", robot->id.str(), " reads ", box.id.str(), " as ",
                                 job.id.str(), "; preview it with that job when it is done"));
  decision.accepted_only = true;
  return decision;
}

constexpr DecidedVerb kScanCommands[] = {
    {"scan/accept", accept},
    {"scan/order", order},
    {"scan/preview", preview},
};

}  // namespace

Result<ScanWay> read_scan_way(const Ask& ask, const PlaceId& box) {
  TRY_ASSIGN(const auto dialect, maybe_text(ask.body, "dialect", kIdLengthMax));
  TRY_ASSIGN(const auto only_tubes, maybe_bool(ask.body, "only_tubes"));
  return ScanWay{ask.view().site().scans, dialect, only_tubes, ask.view(), box};
}

std::span<const DecidedVerb> scan_commands() { return kScanCommands; }

}  // namespace cryobank::inventory
