#include "service/core/watch/unknown_watch.hpp"

#include <set>
#include <utility>

#include "base/text.hpp"
#include "inventory/ledger/place.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kVialUnknown = "vial-unknown";
constexpr Duration kUnknownLookEvery = minutes(1);
constexpr std::string_view kManySource = "vials";

}  // namespace

void UnknownWatch::look(const Now& now) {
  at_ = now.mono + kUnknownLookEvery;
  const inventory::View view(bank_.ledger);
  const PlaceId nowhere{std::string(inventory::kUnknownPlace)};
  std::set<std::string, std::less<>> standing;
  std::size_t count = 0;
  for (const AliquotId& id : view.aliquots_in(nowhere)) {
    if (++count > kUnknownNamed) continue;
    const auto aliquot = view.aliquot(id);
    const std::string source = alarm_source(id.str());
    standing.insert(source);
    alarms::Condition told;
    told.source = source;
    told.condition = std::string(kVialUnknown);
    told.priority = alarms::Priority::p1;
    told.text = cat("Nobody can say where aliquot ", id.str(), " is");
    if (aliquot && aliquot->since.ms != 0) told.text += cat(" since ", format_utc(aliquot->since));
    told.action = "Find it, scan it, resolve it";
    alarms_.raise(now, std::move(told));
  }
  if (count > kUnknownNamed) {
    standing.insert(std::string(kManySource));
    alarms::Condition more;
    more.source = std::string(kManySource);
    more.condition = std::string(kVialUnknown);
    more.priority = alarms::Priority::p1;
    more.text = cat(count, " vials are UNKNOWN, ", count - kUnknownNamed, " more than are named");
    more.action = "A list or a count is wrong: stop, and compare it with the tanks";
    alarms_.raise(now, std::move(more));
  }
  // A robot's doubt is its job's alarm, and ends with the job.
  for (const JobId& job : bank_.ledger.open_jobs()) standing.insert(alarm_source(job.str()));
  alarms_.clear_others(now, kVialUnknown, standing);
}

}  // namespace cryobank::core
