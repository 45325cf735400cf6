#include "devices/plant/room.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace cryobank::devices {
namespace {

constexpr Milli kWellAbove{500};          // % over the low limit for so long, the block ends
constexpr std::int64_t kGasLitres = 695;  // of gas from a litre of liquid, at 20 Cel
constexpr Duration kWellFor = minutes(1);
constexpr Milli kDisagree{1000};  // % between two sensors of one room
constexpr Duration kDisagreeFor = minutes(1);
constexpr Milli kFall{500};  // % within a minute: a release, not a drift
constexpr Duration kFallWithin = minutes(1);
constexpr Duration kRoomAskAgain = minutes(1);

}  // namespace

RoomPoint room_point(std::string_view id) {
  if (id == "oxygen-1") return RoomPoint::oxygen_1;
  if (id == "oxygen-2") return RoomPoint::oxygen_2;
  if (id == "door") return RoomPoint::door;
  if (id == "ventilation") return RoomPoint::ventilation;
  if (id == "inlet-closed") return RoomPoint::inlet_closed;
  return RoomPoint::other;
}

Room::Room(DeviceIndex device, std::string id, const config::RoomLimits& limits,
           bool has_second_sensor, bool has_inlet_request)
    : book_(device),
      id_(std::move(id)),
      limits_(limits),
      has_second_(has_second_sensor),
      has_request_(has_inlet_request) {}

void Room::observe(Now now, RoomPoint point, const Reading& reading, ModelOutputs out) {
  switch (point) {
    case RoomPoint::oxygen_1:
    case RoomPoint::oxygen_2: {
      const std::size_t at = point == RoomPoint::oxygen_1 ? 0 : 1;
      sensors_[at] = reading.value;
      heard_[at] = true;
      return judge(now, out);
    }
    case RoomPoint::door:
      door_open_.reset();
      if (reading.value) door_open_ = reading.value->v != 0;
      return;
    case RoomPoint::ventilation:
      if (reading.value) {
        const bool off = reading.value->v == 0;
        book_.set("ventilation-off", off, off ? "the ventilation stands" : "it runs",
                  out.conditions);
      }
      return;
    case RoomPoint::inlet_closed:
      inlet_closed_.reset();
      if (!reading.value) return;
      inlet_closed_ = reading.value->v != 0;
      if (*inlet_closed_ && !inlet_closed_since_) inlet_closed_since_ = reading.at;
      if (!*inlet_closed_) inlet_closed_since_.reset();
      book_.set("inlet-closed", *inlet_closed_,
                *inlet_closed_ ? "the room's LN2 inlet is shut: no freezer can fill" : "open",
                out.conditions);
      return;
    case RoomPoint::other:
      return;
  }
}

std::optional<Milli> Room::oxygen() const {
  std::optional<Milli> worst;
  for (const auto& sensor : sensors_) {
    if (sensor && (!worst || *sensor < *worst)) worst = sensor;
  }
  return worst;
}

void Room::judge_sensors(Now now, ModelOutputs out) {
  const auto& [first, second] = sensors_;
  const bool lost = (heard_[0] && !first) || (has_second_ && heard_[1] && !second);
  book_.set("oxygen-sensor-lost", lost,
            lost ? cat("sensor ", first ? 2 : 1, " gives no number") : "both give numbers",
            out.conditions);
  if (!first || !second || magnitude(*first - *second) <= kDisagree) {
    disagree_since_.reset();
    if (first && second) {
      book_.set("oxygen-disagree", false, "the sensors agree", out.conditions);
    }
    return;
  }
  if (!disagree_since_) disagree_since_ = now.mono;
  if (now.mono - *disagree_since_ < kDisagreeFor) return;
  book_.set("oxygen-disagree", true,
            cat("sensors read ", format_milli(*first), " and ", format_milli(*second),
                " %: the lower one counts"),
            out.conditions);
}

void Room::judge_fall(Now now, Milli worst, ModelOutputs out) {
  if (!past_ || now.mono - past_->at >= kFallWithin) {
    if (past_) {
      const Milli fall = past_->oxygen - worst;
      book_.set("oxygen-falling", fall >= kFall,
                cat("oxygen fell by ", format_milli(fall), " % in a minute, to ",
                    format_milli(worst), " %"),
                out.conditions);
    }
    past_ = Past{now.mono, worst};
  } else if (past_->oxygen - worst >= kFall) {
    book_.set("oxygen-falling", true,
              cat("oxygen fell from ", format_milli(past_->oxygen), " to ", format_milli(worst),
                  " % within a minute"),
              out.conditions);
  }
}

void Room::judge(Now now, ModelOutputs out) {
  judge_sensors(now, out);
  const auto worst = oxygen();
  book_.set("oxygen-unknown", !worst, worst ? "known" : "no oxygen sensor gives a number",
            out.conditions);
  if (!worst) {
    well_since_.reset();
    return;
  }
  judge_fall(now, *worst, out);
  const std::string text = cat("oxygen ", format_milli(*worst), " %");
  book_.set("oxygen-critical", *worst < limits_.oxygen_evacuate, text + ": DO NOT ENTER",
            out.conditions);
  if (*worst < limits_.oxygen_warn) {
    if (!low_since_) low_since_ = now.wall;
    well_since_.reset();
    book_.set("oxygen-low", true, text + ": DO NOT ENTER", out.conditions);
    return ask_inlet(now, out);
  }
  if (!low_since_) return book_.set("oxygen-low", false, text, out.conditions);
  if (*worst < limits_.oxygen_warn + kWellAbove) {
    well_since_.reset();
    return;
  }
  if (!well_since_) well_since_ = now.mono;
  if (now.mono - *well_since_ < kWellFor) return;
  low_since_.reset();
  book_.set("oxygen-low", false, text, out.conditions);
}

void Room::ask_inlet(Now now, ModelOutputs out) {
  if (!has_request_ || inlet_closed_.value_or(false)) return;
  if (asked_at_ && now.mono - *asked_at_ < kRoomAskAgain) return;
  asked_at_ = now.mono;
  Json body = Json::object();
  body.set("device", id_);
  body.set("point", "inlet-close-request");
  body.set("value", 1);
  out.acts.push_back({"device/write", std::move(body),
                      cat("oxygen ", format_milli(*oxygen()), " %: the LN2 inlet must close")});
}

void Room::take_limits(Now now, const config::RoomLimits& limits, ModelOutputs out) {
  limits_ = limits;
  if (heard_[0] || heard_[1]) judge(now, out);
}

void Room::on_deadline(Now now, ModelOutputs out) {
  if (oxygen_low() && oxygen() && *oxygen() < limits_.oxygen_warn) ask_inlet(now, out);
}

Instant Room::next_deadline() const {
  if (!oxygen_low() || !has_request_ || inlet_closed_.value_or(false) || !asked_at_ || !oxygen() ||
      *oxygen() >= limits_.oxygen_warn) {
    return kNever;
  }
  return *asked_at_ + kRoomAskAgain;
}

void Room::add_fill_reasons(std::vector<InterlockReason>& reasons) const {
  if (oxygen_low()) {
    const auto now = oxygen();
    reasons.push_back({Interlock::oxygen_low, cat("oxygen in ", id_, " is low (",
                                                  now ? format_milli(*now) : "unknown", " %)")});
  } else if (!oxygen()) {
    reasons.push_back({Interlock::oxygen_unknown, cat("oxygen in ", id_, " is unknown")});
  }
  if (inlet_closed_.value_or(false)) {
    reasons.push_back({Interlock::inlet_closed, cat("the LN2 inlet of ", id_, " is shut")});
  }
}

Status Room::may_move() const {
  if (!oxygen_low()) return {};
  std::vector<InterlockReason> reasons;
  add_fill_reasons(reasons);
  reasons.resize(1);
  return forbid("a robot's motion", reasons);
}

// c = c0 V / (V + G): the gas G thins the air of volume V.
std::optional<Milli> Room::gas_budget(Milli limit) const {
  const auto now = oxygen();
  if (limits_.volume_m3 == 0 || !now) return std::nullopt;
  if (*now <= limit) return Milli{};
  const std::int64_t gas_litres =
      std::int64_t{limits_.volume_m3} * 1000 * (now->v - limit.v) / limit.v;
  return Milli{gas_litres * 1000 / kGasLitres};
}

Json Room::describe(Now) const {
  Json json = Json::object();
  const auto worst = oxygen();
  json.set("oxygen", worst ? Json(*worst) : Json());
  json.set("oxygen_low_since", low_since_ ? Json(format_utc(*low_since_)) : Json());
  json.set("inlet_closed_since",
           inlet_closed_since_ ? Json(format_utc(*inlet_closed_since_)) : Json());
  json.set("door_open", door_open_ ? Json(*door_open_) : Json());
  const auto to_warn = gas_budget(limits_.oxygen_warn);
  const auto to_evacuate = gas_budget(limits_.oxygen_evacuate);
  json.set("gas_budget_warn_l", to_warn ? Json(*to_warn) : Json());
  json.set("gas_budget_evacuate_l", to_evacuate ? Json(*to_evacuate) : Json());
  return json;
}

}  // namespace cryobank::devices
