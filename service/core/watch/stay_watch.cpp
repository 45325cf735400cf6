#include "service/core/watch/stay_watch.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "inventory/ledger/place.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kTooLong = "stay-too-long";
constexpr Duration kStayLookEvery = minutes(1);

struct Overdue {
  std::size_t count = 0;
  AliquotId first;
  WallTime since{};
};

// `inside`: since when the container that is looked at has stood in the watched place.
void gather(const inventory::View& view, const PlaceId& place, WallTime inside, WallTime limit,
            int depth, Overdue& overdue) {
  for (const AliquotId& id : view.aliquots_in(place)) {
    const WallTime since = std::max(inside, view.aliquot(id)->since);
    if (since.ms == 0 || since > limit) continue;
    if (overdue.count++ > 0 && overdue.since <= since) continue;
    overdue.first = id;
    overdue.since = since;
  }
  if (depth >= inventory::kTreeDepthMax) return;
  for (const PlaceId& child : view.containers_in(place)) {
    gather(view, child, std::max(inside, view.place(child)->since), limit, depth + 1, overdue);
  }
}

}  // namespace

StayWatch::StayWatch(Bank& bank, AlarmDesk& alarms) : bank_(bank), alarms_(alarms) {
  const auto& types = bank.config.place_types;
  const bool limited = std::any_of(types.begin(), types.end(),
                                   [](const auto& type) { return type.longest_stay > Duration(); });
  at_ = limited ? Instant{} : kNever;
}

void StayWatch::look(const Now& now) {
  at_ = now.mono + kStayLookEvery;
  const inventory::View view(bank_.ledger);
  std::map<std::string_view, Duration> limits;
  for (const auto& type : bank_.config.place_types) {
    if (type.longest_stay > Duration()) limits[type.id] = type.longest_stay;
  }
  std::set<std::string, std::less<>> standing;
  for (const auto& [id, node] : view.base().places) {
    const auto limit = limits.find(node.place.type);
    if (limit == limits.end()) continue;
    Overdue overdue;
    gather(view, id, {}, now.wall - limit->second, 0, overdue);
    if (overdue.count == 0) continue;
    const std::string source = alarm_source(id.str());
    standing.insert(source);
    if (told_.contains(source)) continue;
    alarms::Condition told;
    told.source = source;
    told.condition = std::string(kTooLong);
    told.priority = alarms::Priority::p2;
    told.text = cat(overdue.count, " aliquots stand in ", id.str(), " for more than ",
                    limit->second.seconds() / 60, " min, ", overdue.first.str(), " since ",
                    format_utc(overdue.since));
    told.action = "Bring each to where it belongs, or write down why it must wait.";
    alarms_.raise(now, std::move(told));
  }
  alarms_.clear_others(now, kTooLong, standing);
  told_ = std::move(standing);
}

}  // namespace cryobank::core
