// Plan day: the minute plan of today, kept true while the day runs: made anew when the record
// changes and once a minute while something is to do, told on the retained topic `plan/day`, with
// who is late, what cannot be kept, and on whom the day hangs. Alarms `day-late` (a dose misses its
// courier, its thaw or a wait that is allowed) and `day-hangs-on-one`. It orders nothing: robots
// are ordered by the plan's own thaw times, people by their worklists. A site without [[plan.step]]
// has none of it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "service/core/desk/alarm_desk.hpp"
#include "service/core/plan/plan_sheet.hpp"

namespace cryobank::core {

inline constexpr Duration kDayLook = seconds(60);
// Several facts in a row are one change.
inline constexpr Duration kDayPause = milliseconds(300);
inline constexpr int kDayOrders = 12;
inline constexpr std::int64_t kDayNodes = 500;
// Above so many steps the exact search proves nothing within its nodes.
inline constexpr std::size_t kDayExactSteps = 40;

struct DayPlan {
  DaySheet sheet;
  schedule::MinutePlan plan;
  std::vector<int> alone;  // people on whom the day hangs, by place in the sheet
};

DayPlan plan_day(const config::SiteConfig& site, const inventory::View& view,
                 const PlanAnchor& clock, Day day, WallTime now);
Json to_json(const config::SiteConfig& site, const DayPlan& plan);
// To print: one line a step.
std::string to_text(const config::SiteConfig& site, const DayPlan& plan);

class DayDesk {
 public:
  DayDesk(const Bank& bank, const PlanAnchor& clock, AlarmDesk& alarms)
      : bank_(bank), clock_(clock), alarms_(alarms) {}

  void record_changed(const Now& now) {
    if (is_told()) look_at_ = std::min(look_at_, now.mono + kDayPause);
  }
  void look(const Now& now);
  Instant next_deadline() const { return is_told() ? look_at_ : kNever; }
  // Once after each change: the payload of `plan/day`, without the envelope.
  std::optional<Json> take_news() { return std::exchange(news_, std::nullopt); }

 private:
  // Without a record nothing is known of the day.
  bool is_told() const { return !bank_.config.plan.day.empty() && bank_.no_record.empty(); }
  void tell(const Now& now, const DayPlan& plan);
  void tell_late(const Now& now, const DayPlan& plan);
  void tell_alone(const Now& now, const DayPlan& plan);

  const Bank& bank_;
  const PlanAnchor& clock_;
  AlarmDesk& alarms_;
  std::optional<Json> news_;
  std::string shown_;  // what was told last
  Instant look_at_{};
};

}  // namespace cryobank::core
