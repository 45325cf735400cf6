// Plan problem: what the record says of open courses, as a day problem (schedule/day_problem.hpp),
// and back: which dose is which, and the times a planned day means. Day 0 is the local day of plan
// time. Doses under way, and those whose thaw is nearer than the freeze, are fixed; a dose whose
// thaw was due and did not happen is not. Courses that cannot be planned are named with the cause.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/ledger/view.hpp"
#include "service/core/bank.hpp"
#include "service/core/problem/checked.hpp"
#include "service/core/problem/plan_chairs.hpp"
#include "service/core/problem/plan_order.hpp"
#include "service/schedule/day_model.hpp"

namespace cryobank::core {

// Why a dose is blocked whose patient is not fit by the clinic's word: a later day is needed.
inline constexpr std::string_view kNotFit = "the clinic says that the patient is not fit";

struct PlanProblem {
  schedule::DayProblem problem;
  Day first;
  std::vector<CourseId> courses;           // by series
  std::vector<std::int64_t> revisions;     // of those courses
  std::vector<std::vector<DoseId>> doses;  // to be placed, by series
  schedule::Routes standing;               // as the record plans them now
  std::vector<std::string> left_out;       // "course c9: ..."
  // Of every dose at the centre, and by clinic, with which resource they are.
  std::vector<schedule::Demand> centre;
  std::map<std::string, std::pair<int, ChairUnits>> chairs;
  std::map<std::string, int> beds;
  std::vector<std::set<int>> put_back;  // by series: numbers of doses behind others (plan_order)
};

// `also`: courses that have no planned dose yet and are asked for. `unsafe`: doses that are put
// behind others of their course (plan_order.hpp). `horizon_days` 0: the site's.
PlanProblem make_plan_problem(const config::SiteConfig& site, const inventory::View& view,
                              WallTime plan_now, const std::vector<CourseId>& also,
                              const UnsafeDoses& unsafe = {}, int horizon_days = 0);
// Doses that are thawed later than this are not touched by what is the matter now.
WallTime safe_from(const config::SiteConfig& site, WallTime plan_now);
// A course's own protocol, with what was changed for this patient.
Result<config::ProtocolConfig> protocol_of(const config::SiteConfig& site,
                                           const inventory::View& view,
                                           const inventory::Course& course);
// Where a course is given: the clinic that a person named, else the site's first; empty: none.
std::string clinic_of(const config::SiteConfig& site, const inventory::View& view,
                      std::string_view course);
// The first minute of the infusion's local day at which it can begin: the site's hour, or as much
// later as a change of the clock asks for, so that thaw and harvest keep their days.
int earliest_begin(const config::SiteConfig& site, const config::ProtocolConfig& protocol,
                   Day infusion, int lead);
// {"dose","thaw_at","harvest_from","harvest_until","infusion_at"} of a visit that begins at that
// minute of the local day, not before earliest_begin.
Json planned_dose(const config::SiteConfig& site, const config::ProtocolConfig& protocol,
                  const DoseId& dose, Day infusion, int lead, int minute);
// The last infusion day that a dose's vials allow, so many days after their thaw, with what ends it
// in words; none: they have no expiry.
struct LastInfusion {
  Day day;
  std::string because;
};
std::optional<LastInfusion> last_infusion(const config::SiteConfig& site,
                                          const inventory::View& view, const inventory::Dose& dose,
                                          int days_after_thaw, WallTime plan_now);
// The gap before the dose that is given in that place, from 1 on.
schedule::GapRule gap_rule(const config::ProtocolConfig& protocol, int number);
// Doses to be given whose infusion is planned sooner after the one before than that gap allows.
std::vector<DoseId> too_soon(const config::SiteConfig& site, const config::ProtocolConfig& protocol,
                             const inventory::Course& course);
// Whole days from the harvest to the infusion at the site's hour.
int transport_days(const config::SiteConfig& site, const config::ProtocolConfig& protocol);
// Pauses ("course/hold") that stand for a course: ids of documents.
std::vector<std::string> pauses_of(const inventory::View& view, const CourseId& course);
// Of one of them.
bool covers_day(const Json& pause, Day day);
bool is_paused(const inventory::View& view, const CourseId& course, Day day);
// Marks the days of them in a series whose leads and transport are known.
void block_pauses(const config::SiteConfig& site, const inventory::View& view,
                  const CourseId& course, Day first, int days, schedule::Series& series);
// Why nothing of that protocol can be planned at all; empty: it can.
std::string why_unplannable(const config::ProtocolConfig& protocol);
// Why nothing of a course may be given: its lot failed a test that nobody made an exception for.
// Empty: it may.
std::string refusal_of(const inventory::View& view, const inventory::Course& course);
// A dose of it is planned.
bool has_dates(const inventory::Course& course);
// Days without an infusion around a pause, by its kind, as the site or this patient has them.
config::AroundConfig around_of(const config::SiteConfig& site, const inventory::View& view,
                               const Json& pause);
// No dose of its course is infused on that day: in the pause, or too near to it.
bool bars_infusion(const config::SiteConfig& site, const inventory::View& view, const Json& pause,
                   Day day);
// Of any pause of the course.
bool is_barred(const config::SiteConfig& site, const inventory::View& view, const CourseId& course,
               Day day);
// Days that infusions of two courses of one patient are apart, at least.
int days_between(const config::SiteConfig& site, const inventory::View& view, const CourseId& one,
                 const CourseId& other);
// Can its vials still stay in the cold?
bool may_be_planned(inventory::DoseState state);

}  // namespace cryobank::core
