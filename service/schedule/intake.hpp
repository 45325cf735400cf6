// Intake: what comes before a course: collection, processing and freezing slots, one after the
// other for each referral, each on the first day that its calendar and its places allow. Referrals
// are served in the order given, so that one whose collection failed keeps the place its first day
// gave it. Days from the first of the horizon; pure. Volume: how much blood is to be processed,
// from counts and the device's efficiency.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"
#include "service/schedule/day_problem.hpp"

namespace cryobank::schedule {

inline constexpr int kSlotKindsMax = 20;
inline constexpr int kSlotDaysMax = 120;

// Slots of one stage: a place is taken from the day it begins for `days` days.
struct SlotKind {
  std::string name;
  std::string stage;
  OpenDays open;  // on which it may begin
  int places = 1;
  int days = 1;
  int after_days = 0;  // at least so long after the end of the stage before
};

struct Intake {
  std::string name;
  int from = 0;                // nothing begins before
  std::size_t first_kind = 0;  // kinds before it are done
};

struct IntakePlan {
  std::vector<int> days;  // by kind from first_kind on: the day it begins; shorter: no day is found
  int ready = -1;         // the day after the last one's end; -1: no day is found
};

// `kinds` in the order of their stages. `taken[k][d]`: places in use already.
std::vector<IntakePlan> plan_intake(const std::vector<SlotKind>& kinds,
                                    const std::vector<Intake>& intakes,
                                    std::vector<std::vector<int>> taken, int days);

// Version 1: litres = cells wanted / (cells per microlitre x 10^6 x efficiency).
// Source: V = target / (count x efficiency), as collection centres read it off their charts.
inline constexpr int kVolumeFormula = 1;
inline constexpr Milli kVolumeLow = whole(5);  // litres; outside is told
inline constexpr Milli kVolumeHigh = whole(8);

struct VolumeQuestion {
  std::int64_t cells = 0;  // wanted
  Milli per_microlitre;    // counted before
  Milli efficiency;        // per cent
  Milli low_count;  // per microlitre, below it the site does not trust the formula; 0: not told
};

struct VolumeAnswer {
  Milli litres;
  std::vector<std::string> warnings;
};

Result<VolumeAnswer> blood_volume(const VolumeQuestion& question);

}  // namespace cryobank::schedule
