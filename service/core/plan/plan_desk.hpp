// Plan desk: makes proposals and keeps the one that waits for a person. It plans in slices between
// other work, so that no reading or page waits for it, and never changes what is published: that is
// plan/accept's fact. What stopped a planned dose (a hold, a refused or missed thaw) is found in
// the record itself, so a restart forgets nothing; it ends in a proposal, or in an alarm that says
// why there is none (plan_stopped.hpp). Costs and days as in schedule/day_problem.hpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/core/plan/plan_decided.hpp"
#include "service/core/plan/plan_gaps.hpp"
#include "service/core/plan/plan_stopped.hpp"
#include "service/core/plan_anchor.hpp"
#include "service/core/problem/plan_problem.hpp"
#include "service/schedule/bound.hpp"
#include "service/schedule/improve.hpp"
#include "service/schedule/repair.hpp"

namespace cryobank::core {

class AlarmDesk;

// The record is looked at for stopped doses at least so often: a proposal within a minute.
inline constexpr Duration kPlanLook = seconds(20);
// Between two slices of planning.
inline constexpr Duration kPlanPause = milliseconds(5);
inline constexpr std::size_t kPlanListedMax = 500;
// Where a look at vials did not come to its end, the next one goes on after so long.
inline constexpr Duration kVialsAgain = seconds(1);

struct Proposal {
  std::int64_t number = 0;
  std::int64_t based_on = 0;  // published version
  std::string cause;
  std::string rung;
  WallTime made_at{};
  bool ready = false;
  bool mends = false;  // made because doses are stopped: it goes when none of them is any more
  std::vector<Threat> threats;      // doses inside freezers in danger, whether they move or not
  std::vector<StoppedDose> bereft;  // rejected doses whose followers it plans anew
  PlanProblem made;
  schedule::Routes routes;
  std::vector<schedule::VisitMove> moves;
  std::vector<schedule::Option> options;
  int option_series = -1;
  schedule::Cost bound = -1;  // below 0: none was computed
};

class PlanDesk {
 public:
  PlanDesk(Bank& bank, PlanAnchor& clock);
  ~PlanDesk();
  PlanDesk(const PlanDesk&) = delete;
  PlanDesk& operator=(const PlanDesk&) = delete;

  void on_fact(const Now& now, const Fact& fact);
  void record_changed() { look_at_ = {}; }
  void calendars_changed() {
    gaps_of_ = {};
    look_at_ = vials_at_ = {};  // a published dose may stand on a day that is closed now
    stopped_.room_changed();
    news_ = true;
  }
  void on_deadline(const Now& now, AlarmDesk& alarms);
  Instant next_deadline() const { return std::min(look_at_, slice_at_); }
  void stop() { stopping_ = true; }
  // True once after a change that the topic `plan` should tell.
  bool take_news() { return std::exchange(news_, false); }

  const Proposal* proposal() const { return proposal_ ? &*proposal_ : nullptr; }
  // Of the proposal or version that comes next.
  std::int64_t next_number() const;
  std::int64_t version(const inventory::View& view) const;
  // Adds to the fact of a decision what a person has seen of what stands now: with a proposal that
  // is thrown away also the doses that it was made for.
  void put_decided(Json& data, bool thrown_away) const;
  // What nobody should count on, as it was last seen.
  const UnsafeDoses& unsafe() const { return stopped_.unsafe(); }
  // Adds version, objective, proposal and the rest to the payload of `plan`.
  void describe(WallTime wall, Json& json) const;

 private:
  struct Work;

  void begin(const Now& now, std::string cause, const std::vector<CourseId>& also);
  void mend(const Now& now, const std::vector<StoppedDose>& movable, std::string cause);
  std::vector<CourseId> to_mend(const std::vector<StoppedDose>& movable) const;
  schedule::Rung repair_all(const std::vector<CourseId>& broken, Proposal& proposal) const;
  bool knows_threats() const;
  bool is_unnamed(const SeenCauses& decided) const;
  void move(const Now& now, const Json& data);
  void slice(const Now& now);
  void finish();
  void end_work();
  void look(const Now& now, AlarmDesk& alarms);
  void keep(const Now& now, Proposal proposal);
  void mend_stopped(const Now& now, const std::vector<StoppedDose>& stopped);
  void tell(const Now& now, const std::vector<StoppedDose>& stopped, AlarmDesk& alarms) const;
  bool is_stale(const Now& now) const;
  bool covers(const StoppedDose& stopped) const;
  bool names(const StoppedDose& stopped) const;
  bool is_proposed(const StoppedDose& stopped, bool with_a_day) const;
  int progress() const;  // per cent
  Json warnings(Day today) const;

  Bank& bank_;
  PlanAnchor& clock_;
  std::optional<Proposal> proposal_;
  std::unique_ptr<Work> work_;
  std::int64_t last_number_ = 0;
  std::string mended_;                // what was stopped when the last proposal was made
  std::vector<StoppedDose> movable_;  // what another day may help, as it was last seen
  StoppedDoses stopped_;
  Instant look_at_{};
  Instant vials_at_{};
  Instant slice_at_ = kNever;
  // What the calendars force, found once a day and when a course's own rules or dates change.
  mutable Day gaps_of_{};
  mutable std::vector<CalendarGap> gaps_;
  int progress_told_ = 0;
  bool news_ = false;
  bool stopping_ = false;
};

}  // namespace cryobank::core
