// bulk/import, bulk/export: all lines or none, every bad line told.
#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "base/record_time.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/gate/intake.hpp"
#include "inventory/commands/gate/pinned_protocol.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/list/bulk.hpp"
#include "inventory/commands/operation.hpp"
#include "inventory/commands/second_course.hpp"
#include "inventory/commands/work_area.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kBadListedMax = 1000;
constexpr std::size_t kItemsPerFact = 1000;  // keeps one journal entry readable
constexpr std::size_t kExportMax = 900'000;  // bytes of one piece: below what brokers pass on

constexpr ErrorCode kBadLines = ErrorCode::invalid_value;

using Lines = std::vector<const BulkLine*>;

// The lines of one course, by dose.
Status add_course(Ask& ask, Lines::const_iterator line, Lines::const_iterator end) {
  const BulkLine& first = **line;
  Json doses = Json::array();
  while (line != end) {
    const BulkLine& dose = **line;
    Json aliquots = Json::array();
    for (; line != end && (*line)->dose == dose.dose; ++line) {
      Json item = Json::object().set("aliquot", (*line)->aliquot.str()).set("code", (*line)->code);
      put_time(item, "expires", (*line)->expires_at);
      put_number(item, "thaws", (*line)->thaws.value_or(0));
      aliquots.push(std::move(item));
    }
    doses.push(Json::object()
                   .set("dose", dose.dose.str())
                   .set("fraction", dose.fraction.str())
                   .set("aliquots", std::move(aliquots)));
  }
  Json data = act(ask);
  data.set("course", first.course.str()).set("patient", first.patient.str());
  put_text(data, "lot", first.lot.str());
  if (!first.protocol.empty()) {
    TRY_ASSIGN(const auto protocol,
               find_protocol(ask.view().site(), first.protocol, first.protocol_version));
    put_protocol(data, *protocol);
  }
  data.set("doses", std::move(doses));
  return ask.trial.add(inventory_fact(fact::kCourseRegistered, std::move(data)));
}

// A new aliquot is of a new course: one that stands takes none (bulk.cpp).
Status add_courses(Ask& ask, const Bulk& bulk) {
  Lines fresh;
  for (const BulkLine& line : bulk.lines) {
    if (!line.known) fresh.push_back(&line);
  }
  const auto by_dose = [](const BulkLine* a, const BulkLine* b) {
    return std::tie(a->course, a->dose) < std::tie(b->course, b->dose);
  };
  std::stable_sort(fresh.begin(), fresh.end(), by_dose);
  for (auto first = fresh.cbegin(); first != fresh.cend();) {
    const auto end = std::find_if(first, fresh.cend(), [&](const BulkLine* line) {
      return line->course != (*first)->course;
    });
    TRY(add_course(ask, first, end));
    first = end;
  }
  return {};
}

// Courses that stood without a protocol, and whose lines name one.
Result<std::uint64_t> pin_protocols(Ask& ask, const Bulk& bulk) {
  std::uint64_t pinned = 0;
  for (const BulkLine& line : bulk.lines) {
    if (line.protocol.empty() || !line.known) continue;
    const Course* course = ask.view().course(line.course);
    if (!course->protocol.empty()) continue;  // it has had one, or has it from a line before
    TRY_ASSIGN(const auto protocol,
               find_protocol(ask.view().site(), line.protocol, line.protocol_version));
    Json data = act(ask).set("course", line.course.str());
    put_protocol(data, *protocol);
    TRY(ask.trial.add(inventory_fact(fact::kCourseProtocolSet, std::move(data))));
    ++pinned;
  }
  return pinned;
}

// "without_protocol" of the reply: new courses that nobody can plan as they are; and its words.
std::string tell_unplannable(const View& view, const Bulk& bulk, Json& reply) {
  std::set<std::string_view> courses;
  for (const BulkLine& line : bulk.lines) {
    if (!line.known && line.protocol.empty()) courses.insert(line.course.str());
  }
  const bool plans = !view.site().protocols.empty();
  if (courses.empty() || !plans) return {};
  reply.set("without_protocol", static_cast<std::uint64_t>(courses.size()));
  return cat("; ", courses.size(),
             " new courses have no protocol and cannot be planned until a "
             "list or course/protocol names one");
}

// Known aliquots go first and in one fact, since they may trade places with each other; that fact
// is an operation.
Status add_known(Ask& ask, const Lines& moved) {
  if (moved.empty()) return {};
  if (moved.size() > kItemsMax) {
    return make_error(
        ErrorCode::too_large,
        cat("expected at most ", kItemsMax,
            " aliquots in one list that the record has elsewhere, came ", moved.size()));
  }
  Json data = act(ask);
  for (const BulkLine* line : moved) add_item(data, ask.view(), line->aliquot, line->spot);
  note_operation(ask, data, "bulk/import");
  return ask.trial.add(inventory_fact(fact::kAliquotsPlaced, std::move(data)));
}

Status add_fresh(Ask& ask, const Lines& fresh) {
  const Labelled nowhere{{PlaceId(std::string(kExpectedPlace)), kNoPosition}, {}};
  for (std::size_t first = 0; first < fresh.size(); first += kItemsPerFact) {
    Json data = act(ask);
    const std::size_t last = std::min(fresh.size(), first + kItemsPerFact);
    for (std::size_t i = first; i < last; ++i) {
      add_item(data, fresh[i]->aliquot, {fresh[i]->spot, fresh[i]->position}, nowhere);
    }
    TRY(ask.trial.add(inventory_fact(fact::kAliquotsPlaced, std::move(data))));
  }
  return {};
}

Status add_states(Ask& ask, const Bulk& bulk) {
  Json data = act(ask);
  std::size_t count = 0;
  const auto flush = [&]() -> Status {
    if (count == 0) return {};
    const auto added = ask.trial.add(inventory_fact(fact::kAliquotsImported, std::move(data)));
    data = act(ask);
    count = 0;
    return added;
  };
  for (const BulkLine& line : bulk.lines) {
    if (ask.view().state_of(line.aliquot) == line.state) continue;
    add_state(data, line.aliquot, line.state);
    if (++count < kItemsPerFact) continue;
    TRY(flush());
  }
  return flush();
}

// A line that would give an aliquot or its code to a second course is an alarm besides.
Status note_link(Ask& ask, const BulkLine& line) {
  auto owner = ask.view().aliquot(line.aliquot);
  if (!owner || owner->course == line.course) owner = ask.view().aliquot_by_code(line.code);
  if (!owner) return {};
  return add_second_course(ask, *owner, line.course, kBadLines);
}

Decision refuse_lines(Ask& ask, const Bulk& bulk) {
  Json list = Json::array();
  for (const BadLine& bad : bulk.bad) {
    if (list.items().size() >= kBadListedMax) break;
    list.push(Json::object().set("line", static_cast<std::uint64_t>(bad.line)).set("why", bad.why));
  }
  Json reply = Json::object().set("bad", static_cast<std::uint64_t>(bulk.bad.size()));
  reply.set("bad_lines", std::move(list));
  const std::string message = cat(bulk.bad.size(), " bad lines, nothing changed; line ",
                                  bulk.bad.front().line, ": ", bulk.bad.front().why);
  Decision decision = answer(ask, std::move(reply), message);
  decision.refused = make_error(kBadLines, message);
  return decision;
}

// Two courses side by side are how vials are swapped, also when a list brings them; and nothing is
// taken out of an area that a mismatch has locked.
Result<std::optional<Decision>> check_list_work(Ask& ask, const Lines& moved, const Lines& fresh) {
  std::vector<Arrival> arrivals;
  std::set<PlaceId> left;
  for (const BulkLine* line : moved) left.insert(ask.view().aliquot(line->aliquot)->spot.place);
  for (const PlaceId& place : left) {
    TRY(check_not_locked(ask.view(), place));
  }
  for (const Lines* lines : {&moved, &fresh}) {
    for (const BulkLine* line : *lines) {
      arrivals.push_back({line->aliquot, line->course, line->code, line->spot.place});
    }
  }
  return check_arrivals(ask, arrivals, ask.body);
}

// The site's mapping that the command names; null: none.
Result<const config::ListMapping*> mapping_of(const Ask& ask) {
  TRY_ASSIGN(const auto id, maybe_text(ask.body, "mapping", kIdLengthMax));
  if (id.empty()) return nullptr;
  const std::vector<config::ListMapping>& all = ask.view().site().lists;
  const auto found = std::ranges::find(all, id, &config::ListMapping::id);
  if (found != all.end()) return &*found;
  std::string known;
  for (const config::ListMapping& one : all) known += cat(known.empty() ? "" : ", ", one.id);
  return make_error(ErrorCode::not_found,
                    cat("expected a mapping of this site ([files] lists: ",
                        known.empty() ? "none" : known, "), came \"", id, "\""));
}

// Of a new vial; of a known one it must be what the record says. A vial that has expired where it
// was kept is one all the same: it is recorded as what it is, and told.
Status check_expiry(const Ask& ask, const BulkLine& line, std::vector<std::size_t>& expired) {
  if (line.known || line.expires_at.ms == 0) return {};
  const Status fits = expect_within("expires", line.expires_at, ask.now(), kExpiresYearsMax);
  if (!fits) {
    return make_error(fits.error().code, cat("line ", line.line, ": ", fits.error().context));
  }
  if (line.expires_at <= ask.now()) expired.push_back(line.line);
  return {};
}

std::string tell_expired(const std::vector<std::size_t>& expired, Json& reply) {
  if (expired.empty()) return {};
  reply.set("expired", static_cast<std::uint64_t>(expired.size()));
  return cat("; CAUTION: ", expired.size(), " vials have expired, the first in line ",
             expired.front(), ": nobody may plan, thaw or give them");
}

Result<Decision> import_lines(Ask& ask) {
  TRY_ASSIGN(const auto csv, ask.body.get_string("csv"));
  TRY_ASSIGN(const auto mapping, mapping_of(ask));
  TRY_ASSIGN(const auto bulk, read_bulk(ask.view(), csv, mapping));
  if (bulk.second_course) {
    TRY(note_link(ask, *bulk.second_course));
  }
  if (!bulk.bad.empty()) return refuse_lines(ask, bulk);
  Lines moved, fresh;
  NewCodes born(ask.view());
  std::uint64_t made = 0;  // received, and such as are still to come
  std::vector<std::size_t> expired;
  for (const BulkLine& line : bulk.lines) {
    TRY(check_expiry(ask, line, expired));
    if (!line.known) {
      born.add(line.code);
      TRY(born.add_course(line.course));
    }
    if (!line.known) ++made;
    if (!line.known && line.state != AliquotState::expected) fresh.push_back(&line);
    if (line.moves) moved.push_back(&line);
  }
  TRY_ASSIGN(auto mixed, check_list_work(ask, moved, fresh));
  if (mixed) return std::move(*mixed);
  const Status steps[] = {add_courses(ask, bulk), add_known(ask, moved), add_fresh(ask, fresh),
                          add_states(ask, bulk)};
  for (const Status& step : steps) {
    TRY(step);
  }
  TRY_ASSIGN(const auto pinned, pin_protocols(ask, bulk));
  std::set<std::string_view> courses, places;
  for (const BulkLine& line : bulk.lines) {
    courses.insert(line.course.str());
    places.insert(line.spot.place.str());
  }
  Json reply = Json::object().set("lines", static_cast<std::uint64_t>(bulk.lines.size()));
  reply.set("courses", static_cast<std::uint64_t>(courses.size()));
  reply.set("places", static_cast<std::uint64_t>(places.size()));
  reply.set("new", made).set("moved", static_cast<std::uint64_t>(moved.size()));
  put_number(reply, "protocols", static_cast<std::int64_t>(pinned));
  const std::string unplannable = tell_unplannable(ask.view(), bulk, reply);
  const std::string alike = born.tell(reply);
  const std::string old = tell_expired(expired, reply);
  const std::string what =
      cat(bulk.lines.size(), " vials of ", courses.size(), " courses in ", places.size(),
          " places: ", made, " new, ", moved.size(), " moved", alike, unplannable, old);
  TRY_ASSIGN(const auto dry, maybe_bool(ask.body, "dry_run"));
  if (dry) {
    (void)ask.trial.take_facts();
    return answer(ask, std::move(reply), cat("dry run: ", what));
  }
  if (!moved.empty()) {
    reply.set("operation", cat("operation-", count_of(ask.view().counters(), "operations")));
  }
  return answer(ask, std::move(reply), what);
}

// In pieces of whole lines, in the order of ids; "next" is the "after" of the piece that follows.
Result<Decision> export_lines(Ask& ask) {
  TRY_ASSIGN(const auto scope, maybe_id<PlaceId>(ask.body, "place"));
  if (!scope.empty()) {
    TRY(known_place(ask.view(), scope));
  }
  TRY_ASSIGN(const auto after, maybe_id<AliquotId>(ask.body, "after"));
  Exported piece = export_csv(ask.view(), scope, after, kExportMax);
  Json reply = Json::object().set("csv", std::move(piece.csv));
  reply.set("lines", static_cast<std::uint64_t>(piece.lines));
  reply.set("next", piece.more ? Json(piece.last.str()) : Json());
  return answer(ask, std::move(reply),
                cat(piece.lines, " lines", piece.more ? "; more follow after \"next\"" : ""));
}

constexpr DecidedVerb kBulkCommands[] = {
    {"bulk/export", export_lines},
    {"bulk/import", import_lines},
};

}  // namespace

std::span<const DecidedVerb> bulk_commands() { return kBulkCommands; }

}  // namespace cryobank::inventory
