// Rounds: values that a person reads by hand in time, where no machine tells them.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "config/meaning.hpp"
#include "service/alarms/alarm_act.hpp"
#include "service/alarms/board_parts.hpp"

namespace cryobank::alarms {
namespace {

// A phone keeps what it could not send for a day; what is older belongs into no chart of today.
constexpr int kRoundOldest_h = 48;
// An entry so far from what the tank should hold wants a word of explanation.
constexpr Milli kBelievable = whole(25);
constexpr std::size_t kReasonMax = 500;

}  // namespace

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
  Json data = care_of(device, context);
  data.set("values", values).set("measured_at", format_utc(measured));
  data.set("late", late).set("comment", clip(comment, kReasonMax));
  return care_fact(fact::kRoundEntered, std::move(data),
                   late ? "kept, marked as entered late" : "kept");
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
      const ReachedStages reach = evaluate(rule.spec, Quality::good, value);
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

WallTime Board::Parts::look_at_rounds(Now now, const DeviceId& device, BoardOutputs& out) {
  const auto own = rounds.find(device);
  if (own == rounds.end()) return {};
  WallTime next;
  std::string missed;
  for (const auto& [meaning, signal] : own->second.signals) {
    const WallTime late = signal.due + kRoundGrace;
    if (now.wall >= late) {
      missed += cat(missed.empty() ? "" : ", ", meaning, " due at ", format_utc(signal.due));
    } else if (next.ms == 0 || late < next) {
      next = late;
    }
  }
  tell_care(now, device, "round-missed", missed.empty() ? "" : cat("not written down: ", missed),
            out);
  return next;
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
