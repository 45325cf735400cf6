// excursion/record, exposure/report, exposure/waive, exposure/budget.
#include <algorithm>
#include <set>

#include "base/record_time.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/unblock.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/exposure.hpp"
#include "inventory/ledger/history.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/row_codec.hpp"
#include "inventory/ledger/stability.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kReportedMax = 5000;  // aliquots of one report; the counts cover all
constexpr std::int64_t kBudgetMax = 3600;   // s
constexpr std::size_t kProbeMax = 2 * kIdLengthMax + 1;  // "device.point"

Json to_json(const Exposure& exposure) {
  Json json = Json::object();
  json.set("handled", exposure.handling.count);
  json.set("handled_s", exposure.handling.seconds);
  json.set("handled_longest_s", exposure.handling.longest_s);
  json.set("excursions", exposure.excursions);
  Json above = Json::object();
  for (std::size_t i = 0; i < kExposureLimits.size(); ++i) {
    above.set(cat(kExposureLimits[i]), exposure.above[i]);
  }
  json.set("above_s", std::move(above));
  json.set("peak_cel", exposure.peak ? Json(*exposure.peak) : Json());
  return json;
}

Status read_seconds(const Ask& ask, ExcursionDocument& content) {
  std::int64_t warmer = (content.until - content.from).seconds();
  for (std::size_t i = 0; i < kExposureLimits.size(); ++i) {
    const std::int64_t limit = kExposureLimits[i];
    const std::string key = cat(limit);
    if (!ask.body["above_s"].has(key)) continue;
    TRY_ASSIGN(const auto seconds, ask.body["above_s"].get_integer(key));
    if (seconds < 0 || seconds > warmer) {
      return make_error(ErrorCode::invalid_value,
                        cat("expected 0 to ", warmer, " seconds above ", limit,
                            " Cel (no more than above the lower limit), came ", seconds));
    }
    warmer = seconds;
    content.above[i] = seconds;
  }
  return {};
}

// What exposure counts is said, and is in itself possible: what was above a limit was above the
// lower ones as well, and its peak was.
Status check_told(const Ask& ask, const ExcursionDocument& content) {
  const Json& above = ask.body["above_s"];
  bool more = true;  // of a lower limit was told; the lowest always is
  for (std::size_t i = 0; i < kExposureLimits.size(); ++i) {
    const std::int64_t limit = kExposureLimits[i];
    const bool told = above.has(cat(limit));
    if (told ? !more : i == 0) {
      return make_error(ErrorCode::invalid_value,
                        cat("expected the seconds above ", told ? kExposureLimits[i - 1] : limit,
                            " Cel at \"above_s\", came none: they are what exposure counts"));
    }
    more = told;
    if (content.above[i] == 0 || !content.peak || *content.peak >= Milli{limit * 1000}) continue;
    return make_error(ErrorCode::invalid_value,
                      cat("expected a peak above ", limit, " Cel at \"peak_cel\" beside ",
                          content.above[i], " s above it, came ", format_milli(*content.peak)));
  }
  return {};
}

// Where it was measured: by a mapped probe, or said outright; both where the probe's mapping may
// still be put right and the site declares where it sits.
Result<PlaceId> read_where(const Ask& ask, ExcursionDocument& content) {
  TRY_ASSIGN(const auto declared, maybe_id<PlaceId>(ask.body, "place"));
  if (!declared.empty()) {
    TRY(known_place(ask.view(), declared));
    content.place = declared;
  }
  if (!ask.body.has("probe")) {
    if (declared.empty()) return need_id<PlaceId>(ask.body, "place");
    return declared;
  }
  TRY_ASSIGN(const auto probe, maybe_text(ask.body, "probe", kProbeMax));
  if (probe.empty()) return make_error(ErrorCode::malformed, "expected a probe at \"probe\"");
  content.probe = probe;
  const PlaceId place = probed_place(ask.view(), probe, content.from);
  if (!place.empty() || !declared.empty()) return place.empty() ? declared : place;
  return make_error(
      ErrorCode::not_found,
      cat("probe ", clip(probe, 130), " was mapped to no place at ", format_utc(content.from)));
}

// An excursion that goes on is told again with its totals so far; it stays one record.
Result<std::string> name_excursion(const Ask& ask, const ExcursionDocument& content, Json& data) {
  const std::string& probe = content.probe;
  const std::string open = probe.empty() ? "" : open_excursion(ask.view(), probe);
  if (open.empty()) {
    add_count(data, "excursions");
    return cat("excursion-", count_of(ask.view().counters(), "excursions") + 1);
  }
  const auto known = *document_of<ExcursionDocument>(ask.view(), open);
  if (known.from == content.from && known.until <= content.until) return open;
  return make_error(
      ErrorCode::conflict,
      cat(open, " of probe ", clip(probe, 130), " is still going on: expected it from ",
          format_utc(known.from), " until ", format_utc(known.until), " or later"));
}

struct Reached {
  std::uint64_t aliquots = 0;
  std::uint64_t over_budget = 0;
};

// As it will be with this excursion on record.
Reached count_reached(const Ask& ask, const PlaceId& place, const NamedExcursion& excursion) {
  const View view = ask.view();
  const ExposureBook book(view, excursion);
  Reached reached;
  const ExcursionDocument& told = *excursion.document;
  for (const AliquotId& id : aliquots_during(view, place, told.from, told.until)) {
    const auto aliquot = view.aliquot(id);
    ++reached.aliquots;
    if (!is_frozen_stock(aliquot->state)) continue;
    const Exposure exposure = book.of(*aliquot, ask.now());
    if (is_over_budget(view, *aliquot, exposure)) ++reached.over_budget;
  }
  return reached;
}

Result<ExcursionDocument> read_excursion(const Ask& ask, WallTime from, WallTime until) {
  ExcursionDocument content;
  content.from = from;
  content.until = until;
  if (ask.body.has("peak_cel")) {
    TRY_ASSIGN(const auto peak, ask.body.get_milli("peak_cel"));
    content.peak = peak;
  }
  TRY(read_seconds(ask, content));
  TRY_ASSIGN(const auto open, maybe_bool(ask.body, "open"));
  if (open && !ask.body.has("probe")) {
    return make_error(ErrorCode::malformed, "expected \"probe\" of an excursion that is open");
  }
  content.open = open;
  TRY_ASSIGN(const auto cold, maybe_bool(ask.body, "cold"));
  content.cold = open && cold;
  return content;
}

// As a person tells it; what the daemon measures is as long as it is.
Status check_length(const Ask& ask, WallTime from, WallTime until) {
  constexpr std::int64_t kDaysMax = 366;  // what is warm for longer was no store of vials
  TRY(expect_past("from", from, ask.now()));
  if (until - from <= days(kDaysMax)) return {};
  return make_error(ErrorCode::invalid_value,
                    cat("expected an excursion of at most ", kDaysMax, " days, came one from ",
                        format_utc(from), " until ", format_utc(until)));
}

Result<Decision> record(Ask& ask) {
  TRY_ASSIGN(const auto from, maybe_time(ask.body, "from"));
  TRY_ASSIGN(const auto until, maybe_time(ask.body, "until"));
  if (from.ms == 0 || until <= from) {
    return make_error(ErrorCode::invalid_value, "expected \"from\" before \"until\"");
  }
  // Seconds that are still to come have warmed nothing. The daemon's own goes on through a clock
  // that is set back: what it measured counts.
  const bool by_daemon = ask.context.actor.user.str() == kServiceUser;
  if (!by_daemon && ask.now() < until) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected an excursion up to now, ", format_utc(ask.now()),
                          ", at \"until\", came ", format_utc(until)));
  }
  if (!by_daemon) {
    TRY(check_length(ask, from, until));
  }
  TRY_ASSIGN(auto content, read_excursion(ask, from, until));
  TRY_ASSIGN(const auto where, read_where(ask, content));
  Json data = act(ask);
  TRY_ASSIGN(const auto id, name_excursion(ask, content, data));
  TRY(check_told(ask, content));
  data.set("excursion", id).set("at_place", where.str());
  put_flag(data, "open", content.open);
  const Reached reached = count_reached(ask, where, {id, &content});
  data.set("aliquots", reached.aliquots).set("over_budget", reached.over_budget);
  keep_document(data, id, content);
  TRY(ask.trial.add(inventory_fact(fact::kExcursionRecorded, std::move(data))));
  Json reply = Json::object().set("excursion", id).set("place", where.str());
  reply.set("aliquots", reached.aliquots).set("over_budget", reached.over_budget);
  return answer(
      ask, std::move(reply),
      cat(id, " in ", where.str(), " is recorded for the ", reached.aliquots,
          " aliquots that lay there in that time, ", reached.over_budget, " of them over budget"));
}

Result<std::string> read_excursion_target(const Ask& ask) {
  std::string target;
  for (const HoldScope scope : {HoldScope::aliquot, HoldScope::course, HoldScope::place}) {
    if (!ask.body.has(name_of(scope))) continue;
    const std::string id = text_of(ask.body, name_of(scope));
    if (!is_id_text(id)) return bad_id(name_of(scope), id);
    if (!target.empty()) {
      return make_error(ErrorCode::invalid_value,
                        cat("expected one of \"aliquot\", \"course\" and \"place\", came ", target,
                            " and ", name_of(scope), ":", id));
    }
    target = hold_target(scope, id);
  }
  if (!target.empty()) return target;
  return make_error(ErrorCode::malformed, "expected \"aliquot\", \"course\" or \"place\"");
}

// How often it may still be thawed, by the stability rule of its protocol.
Json thaws_left(const View& view, const Aliquot& aliquot) {
  const auto course = view.course(aliquot.course);
  if (!course) return {};
  const std::int64_t allowed = stability_of(view, course->protocol).freezings_max;
  return Json(std::max<std::int64_t>(0, allowed - aliquot.thaws));
}

Result<Decision> report_excursion(Ask& ask) {
  TRY_ASSIGN(const auto found, read_excursion_target(ask));
  const std::string& target = found;
  const View view = ask.view();
  const ExposureBook book(view);
  Json list = Json::array();
  std::uint64_t aliquots = 0, over = 0;
  for (const AliquotId& id : reached_by(view, target)) {
    const auto aliquot = view.aliquot(id);
    if (!aliquot) continue;
    const Exposure exposure = book.of(*aliquot, ask.now());
    const bool is_over = is_over_budget(view, *aliquot, exposure);
    ++aliquots;
    over += is_over ? 1 : 0;
    if (list.items().size() >= kReportedMax) continue;
    Json item = to_json(exposure);
    item.set("aliquot", id.str());
    item.set("out_s", out_s(*aliquot, ask.now()));
    put_time(item, "out_since", aliquot->out_since);
    item.set("over_budget", is_over);
    item.set("thaws_left", thaws_left(view, *aliquot));
    item.set("warm_left_s", std::max<std::int64_t>(0, warm_left_s(view, *aliquot, exposure)));
    list.push(std::move(item));
  }
  if (aliquots == 0) return make_error(ErrorCode::not_found, cat("no aliquots at ", target));
  Json reply = Json::object().set("aliquots", aliquots).set("over_budget", over);
  reply.set("exposures", std::move(list));
  return answer(ask, std::move(reply), cat(over, " of ", aliquots, " aliquots are over budget"));
}

// Waived up to what it has now; what comes later counts again.
WaiverDocument waiver_of(const Exposure& exposure) {
  return {std::max<std::int64_t>(exposure.handling.longest_s, exposure.above[1])};
}

// Of one aliquot whatever it has; of a course or a place those over budget, and there must be some.
Result<std::set<CourseId>> add_waivers(const Ask& ask, const std::string& target, Json& data) {
  const View view = ask.view();
  const ExposureBook book(view);
  const bool one = target.starts_with(name_of(HoldScope::aliquot));
  std::set<CourseId> courses;
  Json waived = Json::array();
  for (const AliquotId& id : reached_by(view, target)) {
    TRY_ASSIGN(const auto aliquot, known_aliquot(view, id));
    const Exposure exposure = book.of(aliquot, ask.now());
    if (!one && !is_over_budget(view, aliquot, exposure)) continue;
    courses.insert(aliquot.course);
    keep_document(data, id.str(), waiver_of(exposure));
    waived.push(to_json(exposure).set("aliquot", id.str()));
  }
  if (waived.items().empty()) {
    return make_error(ErrorCode::not_found, cat("no aliquot of ", target, " is over budget"));
  }
  if (waived.items().size() > kItemsMax) {
    return make_error(ErrorCode::too_large,
                      cat("expected at most ", kItemsMax, " aliquots in one waiver, ", target,
                          " has ", waived.items().size(), ": name a smaller place"));
  }
  data.set("waived", std::move(waived));
  return courses;
}

Result<Decision> waive(Ask& ask) {
  TRY_ASSIGN(const auto target, read_excursion_target(ask));
  TRY(need_reason(ask, "waiving an exposure"));
  Json data = act(ask);
  data.set("target", target);
  TRY_ASSIGN(const auto courses, add_waivers(ask, target, data));
  const auto waived = static_cast<std::uint64_t>(data["waived"].items().size());
  add_count(data, "overrides");
  TRY(ask.trial.add(inventory_fact(fact::kExposureWaived, std::move(data))));
  for (const CourseId& course : courses) {
    TRY(unblock_doses(ask, course));
  }
  Json reply = Json::object().set("target", target).set("waived", waived);
  return answer(ask, std::move(reply),
                cat("the exposure of ", waived, " aliquots of ", target, " is waived"));
}

Result<Decision> set_budget(Ask& ask) {
  TRY_ASSIGN(const auto type, ask.body.get_string("type"));
  if (ask.view().find_type(type) == nullptr) {
    return make_error(ErrorCode::not_found, cat("no place type \"", clip(type, 60), "\""));
  }
  TRY_ASSIGN(const auto handling, ask.body.get_integer("handling_s"));
  TRY_ASSIGN(const auto hard, ask.body.get_integer("hard_s"));
  if (handling < 1 || hard < handling || hard > kBudgetMax) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected 1 <= handling_s <= hard_s <= ", kBudgetMax));
  }
  Json data = act(ask);
  data.set("type", type);
  keep_document(data, type, BudgetDocument{handling, hard});
  TRY(ask.trial.add(inventory_fact(fact::kExposureBudgetSet, std::move(data))));
  return answer(ask, Json::object().set("type", type), cat("budget of ", type, " is set"));
}

constexpr DecidedVerb kExposureCommands[] = {
    {"excursion/record", record},
    {"exposure/budget", set_budget},
    {"exposure/report", report_excursion},
    {"exposure/waive", waive},
};

}  // namespace

std::span<const DecidedVerb> exposure_commands() { return kExposureCommands; }

}  // namespace cryobank::inventory
