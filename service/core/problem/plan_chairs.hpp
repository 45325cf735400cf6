// Plan chairs: infusions of one clinic and local day by the minute, from the record. A clinic's
// chairs are counted so where its calendar tells when it opens and closes, and otherwise as
// infusions a day. No infusion begins before the site's hour ([plan] infusion_at).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "inventory/ledger/view.hpp"
#include "service/core/bank.hpp"
#include "service/schedule/chairs.hpp"

namespace cryobank::core {

// Nullopt: its chairs are not limited, or its hours are not known.
std::optional<schedule::ChairDay> chair_day(const config::SiteConfig& site,
                                            const config::ClinicConfig& clinic);

// A clinic's chairs for the day planner: units of so many minutes, or, with `unit` 0, infusions a
// day.
struct ChairUnits {
  int per_day = 0;
  int reserve = 0;
  int unit = 0;
  int turnover = 0;

  int amount(int infusion_minutes) const {
    return unit == 0 ? 1 : (infusion_minutes + turnover + unit - 1) / unit;
  }
};
// `lengths`: minutes of the infusions that are planned there, 0 where a protocol does not tell: by
// the minute only where all of them and the clinic's hours are known.
ChairUnits chair_units(const config::SiteConfig& site, const config::ClinicConfig& clinic,
                       const std::vector<int>& lengths);

// Infusions that a day holds, by begin; `minutes` 0: the protocol does not tell.
struct ClinicVisit {
  CourseId course;
  DoseId dose;
  std::string clinic;
  schedule::ChairVisit visit;
  bool done = false;
};
std::vector<ClinicVisit> clinic_visits(const config::SiteConfig& site, const inventory::View& view,
                                       Day day);

// Gives begins to visits that are planned together; each one given is taken for those after it.
class ChairBook {
 public:
  // `leaving`: doses by course and number whose present places are free again.
  ChairBook(const config::SiteConfig& site, const inventory::View& view,
            std::set<std::pair<CourseId, int>> leaving);

  // Minute of the local day, for an infusion after so many days of culture. The earliest one
  // (earliest_begin) where chairs are not counted by the minute, where the protocol tells no
  // infusion minutes, or where no chair is free.
  int begin(const CourseId& course, const config::ProtocolConfig& protocol, Day day, int lead);
  // The same; none where chairs are counted by the minute and none is free.
  std::optional<int> seat(const CourseId& course, const config::ProtocolConfig& protocol, Day day,
                          int lead);
  // A visit that stays at its minute.
  void keep(const CourseId& course, const config::ProtocolConfig& protocol, Day day, int minute);

 private:
  using Visits = std::vector<schedule::ChairVisit>;

  Visits& taken(const std::string& clinic, Day day);

  const config::SiteConfig& site_;
  const inventory::View& view_;
  std::set<std::pair<CourseId, int>> leaving_;
  std::map<std::pair<std::string, Day>, Visits> taken_;
};

}  // namespace cryobank::core
