// Day problem: which dose is infused on which day, and how many days before it is thawed. Days are
// counted from the first day of the horizon. Hard rules: H1 not before the release, H2 gaps within
// the protocol, H3 centre open on thaw and harvest days, clinic open on infusion days, patient
// free, H4 capacities, H5 fixed doses stay, H6 usable until its last day, H7 rules between series
// of one patient. Made by the core from the record, or by a generator; checked by check().
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "service/schedule/series.hpp"

namespace cryobank::schedule {

// Bounds: a site of 2,000 open courses, 24 doses each, planned 18 months ahead.
inline constexpr int kSeriesMax = 2'000;
inline constexpr int kDosesPerSeriesMax = 60;
inline constexpr int kHorizonDaysMax = 560;
inline constexpr int kResourcesMax = 200;
inline constexpr int kGapDaysMax = 366;
inline constexpr int kLeadDaysMax = 30;
inline constexpr int kGapCostMax = 10'000;
inline constexpr int kAmountMax = 100'000;
inline constexpr int kStayDaysMax = 30;
// Where a dose has no day. Days that have passed lie before 0.
inline constexpr int kNoDay = -1'000'000;

// The published lead of a dose that has to be told anew even where it keeps its day: at another
// minute of it.
inline constexpr int kOtherMinute = -1;

using OpenDays = std::vector<std::uint8_t>;  // by day: 1 open

struct Resource {
  std::string name;
  std::vector<std::int32_t> capacity;  // by day
  std::int32_t reserve = 0;            // of each day, for holds only
};

// What one dose needs: of a resource, on its thaw day, its harvest day, its infusion day or so many
// days after it (a bed is one demand for each day of the stay), or on every day of its culture
// (thaw day up to the day before the harvest). Days beyond the horizon need nothing.
struct Demand {
  enum class On : std::uint8_t { thaw, culture, harvest, infusion };
  int resource = 0;
  On on = On::thaw;
  std::int32_t amount = 1;
  int after = 0;  // infusion only: days after it, at most kStayDaysMax
};

// Days between a dose and the next: cost[g - min] for g from min to max. With min above max and no
// cost no gap is allowed, and the dose finds no day.
struct GapRule {
  int min = 1;
  int max = 1;
  std::vector<std::int32_t> cost;
};

struct DoseNeed {
  int number = 1;
  int earliest = 0;            // infusion, by what forbids it sooner (hold, a person's wish)
  int latest = 0;              // infusion, by expiry, a person's wish, or the horizon
  std::string latest_because;  // in words, where something ends it before the horizon
  int published_day = kNoDay;  // of the plan that people know
  int published_lead = 0;
  bool told = false;  // the patient knows that day
};

struct FixedDose {
  int number = 1;
  int day = 0;  // may lie before the horizon
  int lead = 0;
  bool uses = true;  // still takes its resources
};

// Days on which no infusion is possible whatever else is planned, with the last possible day before
// them (kNoDay: none) and the first one after them. A gap that has to be longer than its rule to
// come over them may be. Where the patient cannot, what they take of it does not count; where
// centre and clinic are closed, each day beyond the rule costs a point.
struct Bridge {
  int before = kNoDay;
  int after = 0;
  bool closed = false;  // by the calendars alone
};

struct Series {
  std::string name;
  std::string patient;
  int weight = 1;   // of a day's waiting; 1 to 9
  int release = 0;  // H1: the first infusion not before
  int first_thaw = 0;
  int lead_min = 1;
  int lead_max = 1;
  int transport = 0;                  // days from harvest to infusion
  int thaw_calendar = 0;              // of the centre, for thaw and harvest
  int clinic_calendar = 0;            // for the infusion
  std::vector<std::uint8_t> blocked;  // by day: 1 the patient cannot; may be empty
  std::vector<Demand> demands;
  std::vector<GapRule> gaps;     // gaps[k]: before the dose at doses[k]; [0] after the last fixed
  std::vector<FixedDose> fixed;  // given, under way, or inside the freeze horizon; in order
  std::vector<DoseNeed> doses;   // to be placed, in order
  bool resumes = false;          // after a hold: the first gap may be longer than its rule
  std::vector<Bridge> bridges;   // in order: find_bridges
  std::string refused;           // why nothing of it may be given, with every day blocked; empty
};

// H7: every infusion of one series is at least so many days from every infusion of the other.
struct Apart {
  int first = 0;
  int second = 0;
  int days = 1;
};

// One point of a level outweighs whatever the levels after it can sum up to; with `waiting` and
// `interval` alike, a day of waiting and a point of interval are traded one for one.
struct Weights {
  Cost unscheduled = 100'000'000'000;
  Cost interval = 100'000;
  Cost waiting = 1;
};

struct DayProblem {
  int days = 0;
  int today = 0;  // for the closeness of a move
  std::vector<OpenDays> calendars;
  std::vector<std::string> calendar_names;
  std::vector<Resource> resources;
  std::vector<Series> series;
  std::vector<Apart> apart;
  Weights weights;
};

// Of a whole plan, level by level; compared in this order.
struct Objective {
  std::int64_t unscheduled = 0;
  std::int64_t interval = 0;
  std::int64_t waiting = 0;
  std::int64_t disturbance = 0;
  std::int64_t peak = 0;  // most of any resource's use in per mille of its capacity
  auto operator<=>(const Objective&) const = default;
};

Status check(const DayProblem& problem);
// What a gap costs; beyond the rule's longest (after a hold) each further day costs one point more.
std::int64_t gap_cost(const GapRule& rule, int gap);
// The same between an infusion on `day` and the next on `next`, over what lies between them.
std::int64_t gap_cost(const Series& series, const GapRule& rule, int day, int next);
// The bridge that this gap has to cross, longer than its rule; null: none.
const Bridge* crossed_bridge(const Series& series, const GapRule& rule, int day, int next);
// Bridges of a series by its calendars, its leads and the days that are blocked: those that are
// longer than the longest gap of some dose.
std::vector<Bridge> find_bridges(const DayProblem& problem, const Series& series);
Objective measure(const DayProblem& problem, const Routes& routes);
// The three first levels as one number, as the engine and the bound count them.
Cost plan_cost(const Weights& weights, const Objective& objective);
int move_cost(const DayProblem& problem, const DoseNeed& dose, int day, int lead);

}  // namespace cryobank::schedule
