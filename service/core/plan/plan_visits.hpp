// Plan visits: the visits of the record as calendars and hospital systems see them: those of the
// last weeks and all to come. One whose dose is rejected, or whose date was taken back, stays as
// cancelled, so that every reader hears of it. Reads the record, changes nothing.
#pragma once

#include <string>
#include <vector>

#include "inventory/ledger/view.hpp"
#include "service/core/bank.hpp"
#include "service/schedule/feeds.hpp"

namespace cryobank::core {

// A reply has to fit a message, and a calendar is read every hour: what is more is counted in
// `withheld`, the latest first.
inline constexpr std::size_t kExportVisitsMax = 1'000;
// Visits that are longer past are no part of a calendar any more.
inline constexpr int kVisitsKeptDays = 42;

struct WantedVisits {
  bool thaws = true;  // and harvests
  bool infusions = true;
  CourseId course;     // empty: every course
  std::string clinic;  // empty: every clinic
  WallTime from{};     // of the visit's own time; 0: that of the last weeks
  WallTime until{};    // 0: no end
};

// Those to come first, by time; then those that went by, the last one first. All of them.
std::vector<schedule::FeedVisit> all_visits(const config::SiteConfig& site,
                                            const inventory::View& view, const WantedVisits& wanted,
                                            Day today);
// By time.
std::vector<schedule::FeedVisit> visits_of(const config::SiteConfig& site,
                                           const inventory::View& view, const WantedVisits& wanted,
                                           Day today, std::size_t& withheld);

}  // namespace cryobank::core
