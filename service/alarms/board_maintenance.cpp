// Maintenance: who works on a device until when, and what must prove that the work is over. What is
// due of a device, its rounds among it, is looked at here.
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
constexpr Milli kGoodAir = whole(20);  // % of oxygen that proves a room well again
constexpr std::size_t kWorkReasonMax = 500;

Result<DeviceId> device_in(const config::SiteConfig& site, const Json& body) {
  TRY_ASSIGN(const std::string text, body.get_string("device"));
  TRY_ASSIGN(const DeviceId id, DeviceId::parse(text));
  if (site.find_device(id) == nullptr) {
    return make_error(ErrorCode::not_found, cat("expected a device of this site, came ", id.str()));
  }
  return id;
}

Result<Decision> decide_maintain(const DeviceId& device, const Json& body,
                                 const CommandContext& context) {
  TRY_ASSIGN(const std::string reason, body.get_string("reason"));
  TRY_ASSIGN(const std::string text, body.get_string("for"));
  TRY_ASSIGN(const Duration span, config::parse_duration(text));
  if (span < minutes(1) || span > kMaintenanceMax || trim(reason).empty() ||
      reason.size() > kWorkReasonMax) {
    return make_error(
        ErrorCode::invalid_value,
        cat("expected a reason and \"for\" of 1 min to 8 h, came \"", clip(text, 40), "\""));
  }
  const WallTime until = context.now.wall + span;
  Json data = care_of(device, context);
  data.set("reason", reason).set("until", format_utc(until));
  return care_fact(fact::kMaintenanceBegun, std::move(data),
                   cat(device.str(), " is in maintenance until ", format_utc(until),
                       "; its alarms still page, marked MAINT"));
}

}  // namespace

Decision care_fact(const FactName& type, Json data, std::string message) {
  Decision out;
  out.reply = data;
  out.facts.push_back({type, std::move(data)});
  out.message = std::move(message);
  return out;
}

Json care_of(const DeviceId& device, const CommandContext& context) {
  return Json::object()
      .set("device", device.str())
      .set("by", context.actor.user.str())
      .set("at", format_utc(context.now.wall));
}

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
  return care_fact(fact::kMaintenanceEnded, care_of(device, context),
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

Json Board::maintenance(const DeviceId& device) const {
  const auto work = parts_->maintained.find(device);
  if (work == parts_->maintained.end()) return {};
  return Json::object()
      .set("by", work->second.by.str())
      .set("reason", work->second.reason)
      .set("since", format_utc(work->second.since))
      .set("until", format_utc(work->second.until));
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

WallTime Board::Parts::look_at_work(Now now, const DeviceId& device, BoardOutputs& out) {
  const auto work = maintained.find(device);
  const std::string missing = unproven(now, device);
  if (work != maintained.end() && now.wall < work->second.until) return work->second.until;
  if (work == maintained.end() || missing.empty()) {
    if (work != maintained.end()) {
      maintained.erase(work);
      keep_maintenance(device, out);
      mark_device(device, out);
    }
    tell_care(now, device, "maintenance-unproven", {}, out);
    return {};
  }
  if (!std::exchange(work->second.over, true)) keep_maintenance(device, out);
  tell_care(now, device, "maintenance-unproven",
            cat("maintenance by ", work->second.by.str(), " ended, not proven: ", missing), out);
  return now.wall + kLookAgain;
}

void Board::Parts::care(Now now, const DeviceId& device, BoardOutputs& out) {
  Instant next = kNever;
  for (const WallTime at : {look_at_work(now, device, out), look_at_rounds(now, device, out)}) {
    if (at.ms == 0) continue;
    next = std::min(next, now.mono + std::clamp(at - now.wall, seconds(1), hours(24)));
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

}  // namespace cryobank::alarms
