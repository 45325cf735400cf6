#include "inventory/commands/gate/standing_words.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "inventory/ledger/allocation.hpp"
#include "inventory/ledger/hold.hpp"

namespace cryobank::inventory {
namespace {

// A reply names so many courses at most; the others are counted by report/risk.
constexpr std::size_t kNamedMax = 20;

}  // namespace

bool is_unwatched(const View& view, const PlaceId& place) {
  if (!view.freezer_of(place).empty() || view.is_warm(place)) return false;
  const Place* at = view.place(place);
  for (int depth = 0; at != nullptr && depth <= kTreeDepthMax; ++depth) {
    if (view.type_of(*at).cold()) return false;  // its kind keeps cold, as a shipper's does
    if (at->within.place.empty()) break;
    at = view.place(at->within.place);
  }
  return true;
}

std::string standing_words(const View& view, const PlaceId& container, Json& reply) {
  const auto inside = reached_by(view, hold_target(HoldScope::place, container.str()));
  if (inside.empty()) return {};
  std::string words;
  if (is_unwatched(view, container)) {
    reply.set("unwatched", true);
    words += cat("; no machine watches ", view.path_of(container));
  }
  std::set<CourseId> courses;
  for (const AliquotId& id : inside) courses.insert(view.aliquot(id)->course);
  const auto least = static_cast<std::size_t>(std::max(1, view.site().allocation.freezers_min));
  Json together = Json::array();
  for (const CourseId& id : courses) {
    if (together.items().size() >= kNamedMax) break;
    const Course* course = view.course(id);
    if (course == nullptr) continue;
    const auto lie = doses_by_freezer(view, *course);
    std::set<int> doses;
    for (const auto& [freezer, held] : lie) doses.insert(held.begin(), held.end());
    if (lie.size() >= std::min(least, doses.size())) continue;
    words += cat(together.items().empty() ? "; in fewer freezers than the site asks for: " : ", ",
                 id.str(), " (", doses.size(), " doses in ", lie.size(), ")");
    together.push(id.str());
  }
  if (!together.items().empty()) reply.set("together", std::move(together));
  return words;
}

}  // namespace cryobank::inventory
