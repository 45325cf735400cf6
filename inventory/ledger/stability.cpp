#include "inventory/ledger/stability.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/hold.hpp"

namespace cryobank::inventory {
namespace {

WallTime earlier(WallTime a, WallTime b) {
  if (a.ms == 0) return b;
  return b.ms == 0 ? a : std::min(a, b);
}

WallTime after(WallTime at, std::int64_t hours_later) {
  return at.ms == 0 || hours_later == 0 ? WallTime{} : at + hours(hours_later);
}

}  // namespace

bool may_be_given(const View& view, const Dose& dose) {
  if (is_final(dose.state)) return false;
  return std::ranges::any_of(dose.aliquots, [&](const AliquotId& id) {
    return view.exists(id) && is_frozen_stock(view.state_of(id));
  });
}

bool is_usable(const View& view, const Dose& dose, WallTime now) {
  return std::ranges::all_of(dose.aliquots, [&](const AliquotId& id) {
    const auto aliquot = view.aliquot(id);
    if (!aliquot || aliquot->spot.place.str() == kUnknownPlace) return false;
    const bool released = aliquot->state == AliquotState::released ||
                          aliquot->state == AliquotState::conditionally_released;
    const bool in_date = aliquot->expires_at.ms == 0 || now < aliquot->expires_at;
    return released && in_date && check_no_hold(view, *aliquot, now).ok();
  });
}

StabilityRule stability_of(const View& view, const ProtocolId& protocol) {
  StabilityRule rule;
  if (protocol.empty()) return rule;
  const auto set = document_of<StabilityDocument>(view, protocol.str());
  if (!set) return rule;
  rule.frozen_days = set->frozen_days;
  rule.thawed_hours = set->thawed_hours;
  rule.harvested_hours = set->harvested_hours;
  if (set->freezings_max > 0) rule.freezings_max = set->freezings_max;
  rule.million_cells_min = set->million_cells_min;
  rule.viable_percent_min = set->viable_percent_min;
  return rule;
}

WallTime use_by(const View& view, const Course& course, const Dose& dose) {
  const StabilityRule rule = stability_of(view, course.protocol);
  if (dose.reculture_at.ms != 0) return after(dose.harvested_at, rule.harvested_hours);
  if (dose.thawed_at.ms == 0) return {};
  WallTime until = after(dose.thawed_at, rule.thawed_hours);
  for (const AliquotId& id : dose.aliquots) {
    if (const auto aliquot = view.aliquot(id)) until = earlier(until, aliquot->expires_at);
  }
  return until;
}

Status check_not_expired(const View& view, const Course& course, const Dose& dose, WallTime now) {
  const WallTime until = use_by(view, course, dose);
  if (until.ms == 0 || now < until) return {};
  return make_error(ErrorCode::expired, cat("dose ", dose.id.str(), " of course ", course.id.str(),
                                            " was to be used by ", format_utc(until)));
}

// Both factors are bounded, so the product is below 2^63.
std::int64_t viable_cells(const CellCount& count) {
  constexpr std::int64_t kMilliPercent = 100'000;
  return count.cells.v / 1000 * count.viable_percent.v / kMilliPercent;
}

std::optional<Shortfall> shortfall_of(const View& view, const Course& course, const Dose& dose,
                                      const CellCount& count, WallTime now) {
  const StabilityRule rule = stability_of(view, course.protocol);
  const std::int64_t wanted = rule.million_cells_min * 1'000'000;
  const std::int64_t viable = viable_cells(count);
  const bool few = wanted > 0 && viable < wanted;
  const bool dead = count.viable_percent < whole(rule.viable_percent_min);
  const bool none = count.cells.v == 0;
  if (!few && !dead && !none) return std::nullopt;
  Shortfall shortfall;
  shortfall.viable_cells = viable;
  shortfall.wanted_cells = few ? wanted : 0;
  for (const Dose& other : course.doses) {
    if (other.id == dose.id || other.state > DoseState::planned) continue;
    if (!may_be_given(view, other)) continue;
    ++shortfall.doses_left;
    if (is_usable(view, other, now)) ++shortfall.usable;
  }
  shortfall.full_doses = shortfall.usable;
  if (none) shortfall.full_doses = 0;
  if (few) {
    // The share in thousandths first: no product leaves 64 bits.
    const auto share =
        static_cast<std::uint64_t>(viable / std::max<std::int64_t>(wanted / 1000, 1));
    shortfall.full_doses = shortfall.usable * share / 1000;
  }
  return shortfall;
}

}  // namespace cryobank::inventory
