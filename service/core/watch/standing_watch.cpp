#include "service/core/watch/standing_watch.hpp"

#include <algorithm>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "inventory/commands/gate/standing_words.hpp"
#include "inventory/ledger/allocation.hpp"
#include "inventory/ledger/life_cycle.hpp"

namespace cryobank::core {
namespace {

using inventory::View;

constexpr std::string_view kVialsUnwatched = "vials-unwatched";
constexpr std::string_view kCoursesTogether = "courses-together";
constexpr std::size_t kTogetherNamedMax = 6;  // in one alarm; report/risk tells of each course

bool holds_frozen(const View& view, const PlaceId& place, int depth) {
  const auto vials = view.aliquots_in(place);
  if (std::ranges::any_of(
          vials, [&view](const AliquotId& id) { return is_frozen_stock(view.state_of(id)); })) {
    return true;
  }
  if (depth >= inventory::kTreeDepthMax) return false;
  const auto inside = view.containers_in(place);
  return std::ranges::any_of(inside, [&view, depth](const PlaceId& child) {
    return holds_frozen(view, child, depth + 1);
  });
}

// Where most of its doses lie.
DeviceId fullest(const View& view, const inventory::Course& course) {
  const auto lie = inventory::doses_by_freezer(view, course);
  const auto most =
      std::ranges::max_element(lie, {}, [](const auto& freezer) { return freezer.second.size(); });
  return most == lie.end() ? DeviceId() : most->first;
}

alarms::Condition standing_condition(std::string source, std::string_view name,
                                     alarms::Priority priority, std::string text) {
  alarms::Condition told;
  told.source = std::move(source);
  told.condition = std::string(name);
  told.priority = priority;
  told.text = std::move(text);
  return told;
}

}  // namespace

void StandingWatch::on_fact(const Fact& fact) {
  RowReader in(fact.type, fact.data);
  moved_at_ = std::max(moved_at_, in.maybe_time("at"));
}

void StandingWatch::record_changed(const inventory::Touched& touched) {
  places_.insert(touched.containers.begin(), touched.containers.end());
  if (moved_at_.ms != 0) {
    for (const CourseId& id : touched.courses) courses_.emplace_back(id, moved_at_);
  }
  moved_at_ = {};
  if (!places_.empty() || !courses_.empty()) at_ = {};
}

void StandingWatch::look(const Now& now) {
  at_ = kNever;
  look_at_tanks(now);
  look_at_courses(now);
  if (!courses_.empty()) at_ = now.mono;  // the rest with the next deadline
}

void StandingWatch::look_at_tanks(const Now& now) {
  const View view(bank_.ledger);
  std::set<PlaceId> tanks = tanks_;
  std::set<PlaceId> changed = std::exchange(places_, {});
  if (std::exchange(everything_, false)) {
    for (const auto& [id, node] : view.base().places) changed.insert(id);
  } else if (changed.empty()) {
    return;
  }
  for (const PlaceId& id : changed) {
    if (view.place(id) == nullptr || !inventory::is_unwatched(view, id)) continue;
    if (holds_frozen(view, id, 0)) tanks.insert(inventory::unwatched_tank(view, id));
  }
  std::set<std::string, std::less<>> standing;
  std::set<PlaceId> told;
  for (const PlaceId& tank : tanks) {
    if (view.place(tank) == nullptr || !inventory::is_unwatched(view, tank)) continue;
    if (!holds_frozen(view, tank, 0)) continue;
    standing.insert(alarm_source(tank.str()));
    told.insert(tank);
    if (tanks_.contains(tank)) continue;
    alarms_.raise(
        now, standing_condition(alarm_source(tank.str()), kVialsUnwatched, alarms::Priority::p2,
                                cat("Vials stand in ", tank.str(), ", which no machine watches")));
  }
  alarms_.clear_others(now, kVialsUnwatched, standing);
  tanks_ = std::move(told);
}

void StandingWatch::look_at_courses(const Now& now) {
  const View view(bank_.ledger);
  std::set<DeviceId> news;
  for (std::size_t i = 0; i < kCoursesALook && !courses_.empty(); ++i) {
    const auto [id, moved_at] = std::move(courses_.front());
    courses_.pop_front();
    const inventory::Course* course = view.course(id);
    if (course == nullptr || !inventory::came_together(view, *course, moved_at)) continue;
    const DeviceId freezer = fullest(view, *course);
    if (together_[freezer].insert(id).second) news.insert(freezer);
  }
  // Nothing stands that must be settled: it is told once, and goes when it is acknowledged.
  for (const DeviceId& freezer : news) {
    const std::set<CourseId>& courses = together_[freezer];
    std::string named;
    std::size_t count = 0;
    for (const CourseId& id : courses) {
      if (++count <= kTogetherNamedMax) named += cat(named.empty() ? "" : ", ", id.str());
    }
    if (count > kTogetherNamedMax) named += cat(" and ", count - kTogetherNamedMax, " more");
    alarms_.raise(now, standing_condition(
                           alarm_source(freezer.str()), kCoursesTogether, alarms::Priority::p3,
                           cat("Since vials were moved, courses lie in fewer freezers than the "
                               "site asks for, most of it in ",
                               freezer.str(), ": ", named)));
    alarms_.clear(now, alarm_source(freezer.str()), kCoursesTogether);
  }
}

}  // namespace cryobank::core
