// Maintenance and rounds: who works on a device until when, what must prove that the work is over,
// and values that a person reads by hand in time.
#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "config/duration.hpp"
#include "config/meaning.hpp"
#include "service/alarms/alarm_act.hpp"
#include "service/alarms/board_parts.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::array<std::string_view, 4> kCareVerbs{"alarm/maintain", "alarm/maintain-end",
                                                     "alarm/round", "alarm/coverage"};
constexpr Duration kLookAgain = minutes(1);
// A phone keeps what it could not send for a day; what is older belongs into no chart of today.
constexpr int kRoundOldest_h = 48;
constexpr Milli kGoodAir = whole(20);  // % of oxygen that proves a room well again
// An entry so far from what the tank should hold wants a word of explanation.
constexpr Milli kBelievable = whole(25);
constexpr std::size_t kReasonMax = 500;

Result<DeviceId> device_in(const config::SiteConfig& site, const Json& body) {
  TRY_ASSIGN(const std::string text, body.get_string("device"));
  TRY_ASSIGN(const DeviceId id, DeviceId::parse(text));
  if (site.find_device(id) == nullptr) {
    return make_error(ErrorCode::not_found, cat("expected a device of this site, came ", id.str()));
  }
  return id;
}

Decision fact_of(const FactName& type, Json data, std::string message) {
  Decision out;
  out.reply = data;
  out.facts.push_back({type, std::move(data)});
  out.message = std::move(message);
  return out;
}

Json who(const DeviceId& device, const CommandContext& context) {
  return Json::object()
      .set("device", device.str())
      .set("by", context.actor.user.str())
      .set("at", format_utc(context.now.wall));
}

Result<Decision> decide_maintain(const DeviceId& device, const Json& body,
                                 const CommandContext& context) {
  TRY_ASSIGN(const std::string reason, body.get_string("reason"));
  TRY_ASSIGN(const std::string text, body.get_string("for"));
  TRY_ASSIGN(const Duration span, config::parse_duration(text));
  if (span < minutes(1) || span > kMaintenanceMax || trim(reason).empty() ||
      reason.size() > kReasonMax) {
    return make_error(
        ErrorCode::invalid_value,
        cat("expected a reason and \"for\" of 1 min to 8 h, came \"", clip(text, 40), "\""));
  }
  const WallTime until = context.now.wall + span;
  Json data = who(device, context);
  data.set("reason", reason).set("until", format_utc(until));
  return fact_of(fact::kMaintenanceBegun, std::move(data),
                 cat(device.str(), " is in maintenance until ", format_utc(until),
                     "; its alarms still page, marked MAINT"));
}

}  // namespace

bool Board::handles_care(std::string_view verb) {
  return std::find(kCareVerbs.begin(), kCareVerbs.end(), verb) != kCareVerbs.end();
}

Result<Decision> Board::decide_care(std::string_view verb, const Json& body,
                                    const CommandContext& context) const {
  TRY_ASSIGN(const DeviceId device, device_in(parts_->config, body));
  if (verb == "alarm/coverage") {
    Decision shown;
    shown.reply = Json::object().set("device", device.str()).set("coverage", coverage(device));
    shown.message = cat("what watches ", device.str());
    return shown;
  }
  if (verb == "alarm/maintain") return decide_maintain(device, body, context);
  if (verb == "alarm/round") return parts_->decide_round(device, body, context);
  const auto work = parts_->maintained.find(device);
  if (work == parts_->maintained.end()) {
    return make_error(ErrorCode::conflict, cat(device.str(), " is not in maintenance"));
  }
  const std::string missing = parts_->unproven(context.now, device);
  if (!missing.empty()) {
    return make_error(ErrorCode::conflict,
                      cat("the values do not prove yet that ", device.str(), " works: ", missing));
  }
  return fact_of(fact::kMaintenanceEnded, who(device, context),
                 cat(device.str(), " is back in service"));
}

// Why the work is not proven to be over; empty: it is.
std::string Board::Parts::unproven(Now now, const DeviceId& device) const {
  const config::DeviceConfig* own = config.find_device(device);
  const auto work = maintained.find(device);
  if (own == nullptr || work == maintained.end()) return {};
  std::string missing;
  const auto add = [&](std::string text) { missing += cat(missing.empty() ? "" : "; ", text); };
  const auto value_of = [&](const DeviceId& at, std::string_view meaning) -> std::optional<Milli> {
    const auto place = place_of(at.str(), meaning);
    if (!place || watched[*place].quality != Quality::good) return std::nullopt;
    return watched[*place].value;
  };
  for (const config::DeviceConfig& other : config.devices) {
    const bool same_room = other.room == own->room;
    if (other.kind == config::DeviceKind::room && same_room) {
      const config::DeviceProfile* profile = config.profile_of(other);
      const bool has_inlet = profile != nullptr && profile->find_meaning("inlet-closed") != nullptr;
      const auto closed = value_of(other.id, "inlet-closed");
      if (has_inlet && (!closed || closed->v != 0)) add("the LN2 inlet is not seen open");
      const auto gas = air.find(other.room);
      if (gas == air.end() || !gas->second.has_instrument()) continue;
      const auto oxygen = gas->second.oxygen();
      if (!oxygen || *oxygen < kGoodAir) add("the oxygen is not seen above 20 %");
    }
    const bool feeds = other.id == own->supply || other.id == own->id;
    if (other.kind == config::DeviceKind::supply && feeds) {
      const auto open = value_of(other.id, "outlet-valve");
      if (open && open->v == 0) add("the outlet valve of the supply is shut");
    }
  }
  if (own->kind == config::DeviceKind::freezer) {
    const config::DeviceProfile* profile = config.profile_of(*own);
    const bool has_valve = profile != nullptr && profile->find_meaning("fill-valve") != nullptr;
    if (has_valve && !work->second.fill_seen) add("no fill was seen since it began");
  }
  static_cast<void>(now);
  return missing;
}

void Board::Parts::watch_for_proof(Now, const DeviceId& device, std::string_view meaning,
                                   Quality quality, std::optional<Milli> value) {
  const auto work = maintained.find(device);
  if (work == maintained.end() || meaning != "fill-valve") return;
  if (quality == Quality::good && value && value->v != 0) work->second.fill_seen = true;
}

void Board::Parts::keep_maintenance(const DeviceId& device, BoardOutputs& out) {
  RowChange row{cat("r/alarm/~maintenance/", device.str()), std::nullopt};
  const auto work = maintained.find(device);
  if (work != maintained.end()) {
    row.value = Json::object()
                    .set("by", work->second.by.str())
                    .set("reason", work->second.reason)
                    .set("since", format_utc(work->second.since))
                    .set("until", format_utc(work->second.until))
                    .set("over", work->second.over)
                    .set("fill_seen", work->second.fill_seen)
                    .dump();
  }
  out.rows.push_back(std::move(row));
}

void Board::Parts::keep_rounds(const DeviceId& device, BoardOutputs& out) {
  RowChange row{cat("r/alarm/~round/", device.str()), std::nullopt};
  const auto own = rounds.find(device);
  if (own != rounds.end() && !own->second.signals.empty()) {
    Json signals = Json::object();
    for (const auto& [meaning, signal] : own->second.signals) {
      signals.set(
          meaning,
          Json::object().set("every_s", signal.every.seconds()).set("due_ms", signal.due.ms));
    }
    row.value = Json::object()
                    .set("signals", std::move(signals))
                    .set("substitute", own->second.substitute)
                    .dump();
  }
  out.rows.push_back(std::move(row));
}

// A value read by hand: when it was read, and when it was written down; both are kept.
Result<Decision> Board::Parts::decide_round(const DeviceId& device, const Json& body,
                                            const CommandContext& context) const {
  const config::DeviceConfig* own = config.find_device(device);
  TRY_ASSIGN(const std::string text, body.get_string("measured_at"));
  TRY_ASSIGN(const WallTime measured, parse_utc(text));
  if (measured > context.now.wall + minutes(1) ||
      measured + hours(kRoundOldest_h) < context.now.wall) {
    return make_error(ErrorCode::invalid_value,
                      cat("measured_at: expected a time of the last ", kRoundOldest_h,
                          " hours, came ", format_utc(measured)));
  }
  const Json& values = body["values"];
  if (!values.is_object() || values.members().empty()) {
    return make_error(ErrorCode::malformed, "values: expected an object of meaning and number");
  }
  const Json& said = body["comment"];
  if (!said.is_null() && !said.is_string()) {
    return make_error(ErrorCode::invalid_value,
                      cat("comment: expected a text, came ", said.kind_name()));
  }
  const std::string comment = said.is_null() ? std::string() : said.string();
  for (const auto& [meaning, value] : values.members()) {
    if (config::find_meaning(meaning, own->kind) == nullptr || !value.is_number()) {
      return make_error(ErrorCode::invalid_value,
                        cat("values: expected meanings of a ", config::name_of(own->kind),
                            " and numbers, came ", clip(meaning, 40)));
    }
    const auto place = place_of(device.str(), meaning);
    const std::optional<Milli> known = place ? watched[*place].value : std::nullopt;
    if (known && magnitude(value.milli() - *known) > kBelievable && trim(comment).empty()) {
      return make_error(ErrorCode::invalid_value,
                        cat(meaning, ": ", format_milli(value.milli()), " is far from ",
                            format_milli(*known), " as last known: expected a comment"));
    }
  }
  const bool late = context.now.wall - measured > kRoundLate;
  Json data = who(device, context);
  data.set("values", values).set("measured_at", format_utc(measured));
  data.set("late", late).set("comment", clip(comment, kReasonMax));
  return fact_of(fact::kRoundEntered, std::move(data),
                 late ? "kept, marked as entered late" : "kept");
}

void Board::apply_care(Now now, const FactType& type, const CareAct& act, BoardOutputs& out) {
  if (type == fact::kMaintenanceBegun) {
    parts_->maintained[act.device] = {act.by, act.reason, now.wall, act.until, false, false};
  } else if (type == fact::kMaintenanceEnded) {
    parts_->maintained.erase(act.device);
  } else {
    parts_->take_round(now, act, out);
  }
  if (type != fact::kRoundEntered) parts_->keep_maintenance(act.device, out);
  parts_->care(now, act.device, out);
  parts_->mark_device(act.device, out);
}

void Board::Parts::take_round(Now now, const CareAct& act, BoardOutputs& out) {
  Rounds& own = rounds[act.device];
  for (const auto& [meaning, value] : act.values) {
    const auto signal = own.signals.find(meaning);
    if (signal != own.signals.end()) signal->second.due = act.measured + signal->second.every;
    // Read a while ago, it is a record and no alarm of now.
    const bool late = now.wall - act.measured > kRoundLate;
    const auto place = place_of(act.device.str(), meaning);
    if (!place) continue;
    for (const std::uint32_t index : watched[*place].rules) {
      Rule& rule = rules[index];
      const Reach reach = evaluate(rule.spec, Quality::good, value);
      if (late) {
        if (reach.up > 0) tell_found_late(now, act, rule, value, out);
        continue;
      }
      rule.value = value;
      feed(now, index, reach, out);
    }
  }
  keep_rounds(act.device, out);
}

// What was too warm then is told once, and goes when somebody took it: it calls nobody to the tank.
void Board::Parts::tell_found_late(Now now, const CareAct& act, const Rule& rule, Milli value,
                                   BoardOutputs& out) {
  constexpr std::string_view kFoundLate = "excursion-found-late";
  if (rule.spec.entry.group != "contents") return;
  Condition found;
  found.source = act.device.str();
  found.condition = std::string(kFoundLate);
  found.device = act.device;
  found.priority = Priority::p2;
  found.text =
      cat(rule.spec.entry.title, " ", format_milli(value), " ", rule.spec.entry.unit,
          " was read at ", format_utc(act.measured), " and written down by ", act.by.str(), " now");
  told(now, found, out);
  if (Alarm* alarm = find(alarm_id(found.source, kFoundLate))) ease(now, *alarm, out);
}

// What is due of one device: the end of its maintenance, an entry that was not made.
void Board::Parts::care(Now now, const DeviceId& device, BoardOutputs& out) {
  Instant next = kNever;
  const auto look = [&](WallTime at) {
    next = std::min(next, now.mono + std::clamp(at - now.wall, seconds(1), hours(24)));
  };
  const auto work = maintained.find(device);
  if (work != maintained.end()) {
    const std::string missing = unproven(now, device);
    const bool over = now.wall >= work->second.until;
    if (!over) {
      look(work->second.until);
    } else if (missing.empty()) {
      maintained.erase(device);
      keep_maintenance(device, out);
      mark_device(device, out);
      tell_care(now, device, "maintenance-unproven", {}, out);
    } else {
      if (!std::exchange(work->second.over, true)) keep_maintenance(device, out);
      tell_care(now, device, "maintenance-unproven",
                cat("maintenance by ", work->second.by.str(), " ended, not proven: ", missing),
                out);
      look(now.wall + kLookAgain);
    }
  } else {
    tell_care(now, device, "maintenance-unproven", {}, out);
  }
  const auto own = rounds.find(device);
  if (own != rounds.end()) {
    std::string missed;
    for (const auto& [meaning, signal] : own->second.signals) {
      if (now.wall < signal.due + kRoundGrace) {
        look(signal.due + kRoundGrace);
        continue;
      }
      missed += cat(missed.empty() ? "" : ", ", meaning, " due at ", format_utc(signal.due));
    }
    tell_care(now, device, "round-missed", missed.empty() ? "" : cat("not written down: ", missed),
              out);
  }
  const AlarmTimer timer{AlarmTimer::Kind::care, AlarmId(device.str())};
  if (next == kNever) return alarm_timers.clear(timer);
  alarm_timers.set(timer, next);
}

void Board::Parts::tell_care(Now now, const DeviceId& device, std::string_view condition,
                             std::string text, BoardOutputs& out) {
  const AlarmId id = alarm_id(device.str(), condition);
  const Alarm* alarm = find(id);
  if (alarm == nullptr || alarm->rule < 0) return;
  Condition told;
  told.text = text;
  tell_device(now, static_cast<std::uint32_t>(alarm->rule), told, !text.empty(), out);
}

void Board::Parts::start_care(Now now, BoardOutputs& out) {
  for (const config::DeviceConfig& device : config.devices) {
    if (!device.rounds.empty()) {
      Rounds& own = rounds[device.id];
      for (const auto& [meaning, every] : device.rounds) {
        Rounds::Signal& signal = own.signals[meaning];
        signal.every = every;
        if (signal.due.ms == 0) signal.due = now.wall + every;
      }
    }
    if (maintained.contains(device.id) || rounds.contains(device.id)) care(now, device.id, out);
  }
}

// Nobody would hear of its contents: it does not answer, or what would tell them is shelved.
bool Board::Parts::is_unwatched(const DeviceId& device) const {
  return std::ranges::any_of(filed.of_device(device), [this](const auto& item) {
    const Alarm& alarm = *item.second;
    if (!is_active(alarm.state)) return false;
    if (alarm.condition == "comm-lost") return true;
    const config::AlarmEntry* entry = entry_of(alarm);
    const bool tells = entry != nullptr && (entry->group == "contents" || entry->group == "probes");
    return tells && alarm.shelf && alarm.priority != Priority::p3;
  });
}

// Such a tank is read by hand until it is watched again.
void Board::Parts::substitute(Now now, const DeviceId& device, BoardOutputs& out) {
  const config::DeviceConfig* own = config.find_device(device);
  if (own == nullptr || own->kind != config::DeviceKind::freezer) return;
  const auto found = rounds.find(device);
  const bool has = found != rounds.end() && found->second.substitute;
  const bool unwatched = is_unwatched(device);
  if (unwatched == has) return;
  if (unwatched) {
    Rounds& due = rounds[device];
    due.substitute = true;
    for (const char* const meaning : {"level", "temperature-top"}) {
      if (device_reads(*own, meaning))
        due.signals[meaning] = {kRoundOfDark, now.wall + kRoundOfDark};
    }
  } else {
    found->second.substitute = false;
    for (auto it = found->second.signals.begin(); it != found->second.signals.end();) {
      const auto always = own->rounds.find(it->first);
      if (always == own->rounds.end()) {
        it = found->second.signals.erase(it);
      } else {
        it->second = {always->second, now.wall + always->second};
        ++it;
      }
    }
  }
  keep_rounds(device, out);
  care(now, device, out);
}

bool Board::Parts::device_reads(const config::DeviceConfig& device,
                                std::string_view meaning) const {
  const config::DeviceProfile* profile = config.profile_of(device);
  return profile != nullptr && profile->find_meaning(meaning) != nullptr;
}

}  // namespace cryobank::alarms
