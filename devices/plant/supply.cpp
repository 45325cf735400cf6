#include "devices/plant/supply.hpp"

#include <algorithm>

#include "base/row_reader.hpp"
#include "base/text.hpp"

namespace cryobank::devices {
namespace {

constexpr Milli kEmpty = whole(3);  // %: below, the dip tube draws gas
constexpr Milli kEmptyEnds = whole(5);
constexpr Milli kDelivery = whole(2);       // %: a rise by so much is a delivery
constexpr Duration kAutonomyLow = days(5);  // a delivery ordered today still comes in time
constexpr Duration kAutonomyEnds = days(6);
constexpr std::size_t kFailingMin = 2;
// %: what a gauge is off by, above the empty tank. From here on its tank is not taken as empty.
constexpr Milli kHolds = whole(10);
constexpr Milli kHoldsEnds = whole(8);
constexpr Duration kInferredBlocks = minutes(30);
// Before so many mm were filled the share of the tank per mm is noise.
constexpr std::int64_t kFilledLeast = 100'000;
// Then both sums are halved, so that the share follows what is true today.
constexpr std::int64_t kFilledMost = 10'000'000;

}  // namespace

SupplyPoint supply_point(std::string_view id) {
  if (id == "level") return SupplyPoint::level;
  if (id == "pressure") return SupplyPoint::pressure;
  if (id == "outlet-valve") return SupplyPoint::outlet_valve;
  return SupplyPoint::other;
}

Supply::Supply(DeviceIndex device) : book_(device), trend_(hours(1), days(7)) {}

void Supply::observe(Now now, SupplyPoint point, const Reading& reading, ModelOutputs out) {
  switch (point) {
    case SupplyPoint::level: {
      level_ = reading.value;
      if (!level_) return trend_.interrupt();
      if (counted_level_ && *level_ >= *counted_level_ + kDelivery) {
        counted_level_ = level_;
        trend_.interrupt();
      }
      if (!counted_level_) counted_level_ = level_;
      trend_.observe(now.mono, *level_, true);
      const bool empty = book_.active("supply-empty") ? *level_ < kEmptyEnds : *level_ < kEmpty;
      book_.set("supply-empty", empty, cat("level ", format_milli(*level_), " %"), out.conditions);
      return;
    }
    case SupplyPoint::pressure:
      pressure_ = reading.value;
      return;
    case SupplyPoint::outlet_valve:
      outlet_open_.reset();
      if (!reading.value) return;
      outlet_open_ = reading.value->v != 0;
      book_.set("supply-outlet-closed", !*outlet_open_,
                *outlet_open_ ? "open" : "the outlet valve of the supply tank is shut",
                out.conditions);
      return;
    case SupplyPoint::other:
      return;
  }
}

void Supply::filled(Milli rise) {
  if (!level_ || !counted_level_) return;
  fallen_ += std::max<std::int64_t>(0, counted_level_->v - level_->v);
  filled_ += rise.v;
  counted_level_ = level_;
  if (filled_ > kFilledMost) {
    fallen_ /= 2;
    filled_ /= 2;
  }
}

std::optional<Milli> Supply::use_per_day() const {
  std::optional<Milli> use = trend_.fall_per_day(days(7));
  if (!use) use = trend_.fall_per_day(hours(24));
  if (evaporation_ && filled_ >= kFilledLeast) {
    const Milli by_fleet{evaporation_->v * (fallen_ / 1000) / (filled_ / 1000)};
    if (!use || by_fleet > *use) use = by_fleet;
  }
  if (use && use->v <= 0) return std::nullopt;
  return use;
}

std::optional<Duration> Supply::autonomy() const {
  const auto use = use_per_day();
  if (!level_ || !use) return std::nullopt;
  return seconds(level_->v * hours(24).seconds() / use->v);
}

void Supply::load(Now now, const SupplyLoad& load, ModelOutputs out) {
  evaporation_ = load.evaporation;
  if (load.failing.size() > failing_) failed_at_ = now.mono;
  failing_ = load.failing.size();
  judge_failing(load.failing, out);
  if (const auto lasts = autonomy()) {
    const bool low = *lasts < (book_.active("supply-autonomy-low") ? kAutonomyEnds : kAutonomyLow);
    book_.set("supply-autonomy-low", low,
              cat("level ", format_milli(*level_), " %, ", format_milli(*use_per_day()),
                  " % a day: lasts ", lasts->seconds() / 3600, " h"),
              out.conditions);
  }
}

// Its freezers fail to fill together: what they share is at fault. That it is empty is a guess, and
// none beside a gauge that says otherwise: then nothing is forbidden, and people look further.
void Supply::judge_failing(const std::vector<std::string>& failing, ModelOutputs out) {
  const Milli least = book_.active("supply-not-reaching") ? kHoldsEnds : kHolds;
  const bool holds = level_ && *level_ >= least;
  const bool together = failing.size() >= kFailingMin;
  std::string who;
  for (const std::string& id : failing) who += cat(who.empty() ? "" : ", ", id);
  const std::string text =
      together ? cat(failing.size(), " freezers fail to fill: ", who) : "its freezers fill";
  book_.set("supply-empty-inferred", together && !holds, text, out.conditions);
  book_.set("supply-not-reaching", together && holds,
            together && holds ? cat(text, "; it reads ", format_milli(*level_), " %") : text,
            out.conditions);
}

void Supply::add_fill_reasons(Now now, std::vector<InterlockReason>& reasons) const {
  if (book_.active("supply-empty")) {
    reasons.push_back({Interlock::supply_empty, "the supply tank is empty"});
  } else if (book_.active("supply-empty-inferred") && now.mono - failed_at_ < kInferredBlocks) {
    reasons.push_back(
        {Interlock::supply_empty, "the supply is taken as empty: several freezers fail to fill"});
  }
  if (outlet_open_ == false) {
    reasons.push_back({Interlock::outlet_closed, "the supply tank's outlet valve is shut"});
  }
}

Json Supply::describe() const {
  Json json = Json::object();
  const auto use = use_per_day();
  const auto lasts = autonomy();
  json.set("use_per_day", use ? Json(*use) : Json());
  json.set("autonomy_h", lasts ? Json(lasts->seconds() / 3600) : Json());
  json.set("empty_inferred", book_.active("supply-empty-inferred"));
  return json;
}

Json Supply::memory() const {
  Json json = Json::object();
  json.set("fallen", fallen_);
  json.set("filled", filled_);
  return json;
}

Status Supply::recall(std::string_view what, const Json& memory) {
  RowReader in(what, memory);
  // A fill that raised nothing may have left less than nothing.
  fallen_ = std::max<std::int64_t>(0, in.number("fallen", RowReader::kLeast));
  filled_ = std::max<std::int64_t>(0, in.number("filled", RowReader::kLeast));
  return in.end();
}

}  // namespace cryobank::devices
