// excursion/record, exposure/report, exposure/waive, exposure/budget, probe/map, probe/challenge.
#include "inventory/decide.hpp"
#include "inventory/edit.hpp"
#include "inventory/effects.hpp"
#include "inventory/exposure.hpp"
#include "inventory/hold.hpp"
#include "inventory/row_codec.hpp"
#include "inventory/unblock.hpp"
#include "service/base/text.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kReportedMax = 5000;  // aliquots of one report; the counts cover all
constexpr std::int64_t kBudgetMax = 3600;   // s

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

Status read_seconds(const Ask& ask, WallTime from, WallTime until, Json& content) {
  Json above = Json::object();
  std::int64_t warmer = (until - from).seconds();
  for (const std::int64_t limit : kExposureLimits) {
    const std::string key = cat(limit);
    if (!ask.body["above_s"].has(key)) continue;
    const auto seconds = ask.body["above_s"].get_integer(key);
    if (!seconds) return seconds.error();
    if (*seconds < 0 || *seconds > warmer) {
      return make_error(ErrorCode::invalid_value,
                        cat("expected 0 to ", warmer, " seconds above ", limit,
                            " Cel (no more than above the lower limit), came ", *seconds));
    }
    warmer = *seconds;
    put_number(above, key, *seconds);
  }
  content.set("above", std::move(above));
  return {};
}

// Where it was measured: by a mapped probe, or said outright.
Result<PlaceId> read_where(const Ask& ask, WallTime from, Json& content) {
  if (ask.body.has("probe")) {
    const auto probe = ask.body.get_string("probe");
    if (!probe) return probe.error();
    const PlaceId place = probed_place(ask.view(), *probe, from);
    if (place.empty()) {
      return make_error(ErrorCode::not_found, cat("probe ", clip(*probe, 130),
                                                  " was mapped to no place at ", format_utc(from)));
    }
    content.set("probe", *probe);
    return place;
  }
  const auto place = need_id<PlaceId>(ask.body, "place");
  if (!place) return place.error();
  const auto known = known_place(ask.view(), *place);
  if (!known) return known.error();
  content.set("place", place->str());
  return *place;
}

Result<Decision> record(Ask& ask) {
  const auto from = maybe_time(ask.body, "from");
  if (!from) return from.error();
  const auto until = maybe_time(ask.body, "until");
  if (!until) return until.error();
  if (from->ms == 0 || *until <= *from) {
    return make_error(ErrorCode::invalid_value, "expected \"from\" before \"until\"");
  }
  Json content = Json::object();
  const auto where = read_where(ask, *from, content);
  if (!where) return where.error();
  put_time(content, "from", *from);
  put_time(content, "until", *until);
  if (ask.body.has("peak_cel")) {
    const auto peak = ask.body.get_milli("peak_cel");
    if (!peak) return peak.error();
    content.set("peak", *peak);
  }
  const auto read = read_seconds(ask, *from, *until, content);
  if (!read) return read.error();
  const std::string id = cat("excursion-", count_of(ask.view().counters(), "excursions") + 1);
  Json data = act(ask);
  data.set("excursion", id);
  add_document(data, "excursion", id, std::move(content));
  add_count(data, "excursions");
  const auto added = ask.trial.add(inventory_fact("excursion-recorded", std::move(data)));
  if (!added) return added.error();
  const auto reached = reached_by(ask.view(), hold_target(HoldScope::place, where->str())).size();
  Json reply = Json::object().set("excursion", id).set("place", where->str());
  reply.set("aliquots", static_cast<std::uint64_t>(reached));
  return answer(ask, std::move(reply),
                cat(id, " in ", where->str(), " is recorded for ", reached, " aliquots"));
}

Result<Decision> report(Ask& ask) {
  std::string target;
  for (const HoldScope scope : {HoldScope::aliquot, HoldScope::course, HoldScope::place}) {
    if (!ask.body.has(name_of(scope))) continue;
    const std::string id = ask.body.string_or(name_of(scope), "");
    if (!is_id_text(id)) return bad_id(name_of(scope), id);
    target = hold_target(scope, id);
  }
  if (target.empty()) {
    return make_error(ErrorCode::malformed, "expected \"aliquot\", \"course\" or \"place\"");
  }
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
    item.set("over_budget", is_over);
    list.push(std::move(item));
  }
  if (aliquots == 0) return make_error(ErrorCode::not_found, cat("no aliquots at ", target));
  Json reply = Json::object().set("aliquots", aliquots).set("over_budget", over);
  reply.set("exposures", std::move(list));
  return answer(ask, std::move(reply), cat(over, " of ", aliquots, " aliquots are over budget"));
}

Result<Decision> waive(Ask& ask) {
  const auto id = need_id<AliquotId>(ask.body, "aliquot");
  if (!id) return id.error();
  const auto aliquot = known_aliquot(ask.view(), *id);
  if (!aliquot) return aliquot.error();
  const auto reason = need_reason(ask, "waiving an exposure");
  if (!reason) return reason.error();
  const Exposure exposure = ExposureBook(ask.view()).of(*aliquot, ask.now());
  const std::int64_t seconds =
      std::max<std::int64_t>(exposure.handling.longest_s, exposure.above[1]);
  Json data = act(ask);
  data.set("aliquot", id->str());
  data.set("exposure", to_json(exposure));
  Json content = Json::object().set("seconds", seconds);
  add_document(data, "waiver", id->str(), std::move(content));
  add_count(data, "overrides");
  const auto added = ask.trial.add(inventory_fact("exposure-waived", std::move(data)));
  if (!added) return added.error();
  const auto unblocked = unblock_doses(ask, aliquot->course);
  if (!unblocked) return unblocked.error();
  return answer(ask, Json::object().set("aliquot", id->str()),
                cat("an exposure of ", seconds, " s of aliquot ", id->str(), " is waived"));
}

Result<Decision> set_budget(Ask& ask) {
  const auto type = ask.body.get_string("type");
  if (!type) return type.error();
  if (ask.view().find_type(*type) == nullptr) {
    return make_error(ErrorCode::not_found, cat("no place type \"", clip(*type, 60), "\""));
  }
  const auto handling = ask.body.get_integer("handling_s");
  if (!handling) return handling.error();
  const auto hard = ask.body.get_integer("hard_s");
  if (!hard) return hard.error();
  if (*handling < 1 || *hard < *handling || *hard > kBudgetMax) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected 1 <= handling_s <= hard_s <= ", kBudgetMax));
  }
  Json data = act(ask);
  data.set("type", *type);
  add_document(data, "budget", *type,
               Json::object().set("handling_s", *handling).set("hard_s", *hard));
  const auto added = ask.trial.add(inventory_fact("exposure-budget-set", std::move(data)));
  if (!added) return added.error();
  return answer(ask, Json::object().set("type", *type), cat("budget of ", *type, " is set"));
}

// "device.point"; effective from a time on, never deleted.
Result<std::string> read_probe(const Ask& ask) {
  const auto device = need_id<DeviceId>(ask.body, "device");
  if (!device) return device.error();
  const auto point = need_id<PointId>(ask.body, "point");
  if (!point) return point.error();
  return cat(device->str(), ".", point->str());
}

Result<Decision> map_probe(Ask& ask) {
  const auto probe = read_probe(ask);
  if (!probe) return probe.error();
  const auto place = need_id<PlaceId>(ask.body, "place");
  if (!place) return place.error();
  const auto known = known_place(ask.view(), *place);
  if (!known) return known.error();
  const auto from = maybe_time(ask.body, "from");
  if (!from) return from.error();
  const WallTime effective = from->ms == 0 ? ask.now() : *from;
  const Json* old = ask.view().document("probe", *probe);
  Json content = old == nullptr ? Json::object().set("versions", Json::array()) : *old;
  Json& versions = content.members()["versions"];
  if (!versions.items().empty() && effective <= time_at(versions.items().back(), "from")) {
    return make_error(ErrorCode::conflict,
                      cat("probe ", *probe, " has a later mapping: expected a time after ",
                          versions.items().back().string_or("from", "")));
  }
  Json version = Json::object().set("place", place->str()).set("from", format_utc(effective));
  version.set("by", ask.context.actor.user.str());
  version.set("witness", ask.context.actor.witness.str());
  versions.push(std::move(version));
  const auto number = static_cast<std::uint64_t>(versions.items().size());
  content.set("challenged", false);
  Json data = act(ask);
  data.set("probe", *probe);
  add_document(data, "probe", *probe, std::move(content));
  const auto added = ask.trial.add(inventory_fact("probe-mapped", std::move(data)));
  if (!added) return added.error();
  return answer(ask, Json::object().set("probe", *probe).set("version", number),
                cat("probe ", *probe, " measures ", place->str(), "; challenge it before use"));
}

// A warm or cold test shows whether this probe really sits in that place.
Result<Decision> challenge_probe(Ask& ask) {
  const auto probe = read_probe(ask);
  if (!probe) return probe.error();
  const Json* old = ask.view().document("probe", *probe);
  if (old == nullptr) {
    return make_error(ErrorCode::not_found, cat("probe ", *probe, " is mapped to no place"));
  }
  const auto passed = ask.body.get_bool("passed");
  if (!passed) return passed.error();
  Json content = *old;
  content.set("challenged", *passed);
  content.set("challenged_at", format_utc(ask.now()));
  Json data = act(ask);
  data.set("probe", *probe);
  data.set("passed", *passed);
  add_document(data, "probe", *probe, std::move(content));
  const auto added = ask.trial.add(inventory_fact("probe-challenged", std::move(data)));
  if (!added) return added.error();
  return answer(ask, Json::object().set("probe", *probe).set("passed", *passed),
                cat("challenge of probe ", *probe, *passed ? " passed" : " FAILED"));
}

constexpr Command kCommands[] = {
    {{"excursion/record", kRecorders}, record},
    {{"exposure/budget", kQualityOnly, true}, set_budget},
    {{"exposure/report", kEveryone}, report},
    {{"exposure/waive", kQualityOnly, true}, waive},
    {{"probe/challenge", kHands, true}, challenge_probe},
    {{"probe/map", kSupervisors, true}, map_probe},
};

}  // namespace

std::span<const Command> exposure_commands() { return kCommands; }

}  // namespace cryobank::inventory
