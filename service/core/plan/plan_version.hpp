// Plan version: what every publication writes, whether a proposal was accepted or a person gave
// dates by hand: version, author, reason, the visits that changed, counts of them, and of each dose
// what people were told last, so that calendars and hospitals hear of a visit that moved or is off.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "service/core/plan/plan_ask.hpp"

namespace cryobank::core {

// One visit of a publication, by local days of its infusion; none: it had, or has, no day.
struct VisitChange {
  CourseId course;
  DoseId dose;
  int number = 0;
  std::optional<Day> from;
  std::optional<Day> to;
  bool told = false;
  std::string code;
  std::string why;
};

// "changes" of a published plan, cut at kPlanListedMax.
Json changes_of(const std::vector<VisitChange>& changes);
// visits_published and visits_moved over all versions, changes_total, day and notice: by how many
// days ahead, how many visits were moved; the nearer of its two days counts, one that passed has 0.
void count_changes(const PlanAsk& ask, const std::vector<VisitChange>& changes, Json& json);
// Documents "visit" of these courses, as the draft has their doses now.
void add_visits(const PlanAsk& ask, const std::vector<VisitChange>& changes, Json& data);
// Version of the publication that comes next.
std::int64_t next_version(const PlanAsk& ask);

// What was published of a dose last; at 0: nothing was.
struct PublishedVisit {
  WallTime thaw_at{};
  WallTime harvest_from{};
  WallTime infusion_at{};
  std::int64_t moves = 0;
  bool off = false;  // taken back since
  std::string why;
  std::string by;
};
std::map<DoseId, PublishedVisit> published_visits(const inventory::View& view,
                                                  const CourseId& course);

}  // namespace cryobank::core
