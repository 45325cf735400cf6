// Exposure: how long each aliquot was warmer than it should be. Custody gives the time in grippers
// and hands; excursions, recorded once for a whole container, give the time in a warm tank. Totals
// are derived from where the aliquot was when, across its own moves and those of its containers, so
// an excursion of 36,000 aliquots is one record and still follows each of them.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "inventory/view.hpp"
#include "service/base/units.hpp"

namespace cryobank::inventory {

// Cel. Glass transition of cryoprotected cells lies near -135 and below -120 (PMC6123768 calls them
// allowable and deviant); -150 is where banks alarm.
inline constexpr std::array<std::int64_t, 3> kExposureLimits = {-150, -135, -120};
// A vial of 1 to 2 ml warms faster than the 5 ml bag that reached -135 after 130 s (PMC6123768).
inline constexpr std::int64_t kHandlingBudgetS = 60;
inline constexpr std::int64_t kHardBudgetS = 120;

struct Excursion {
  WallTime from{};
  WallTime until{};
  std::optional<Milli> peak;            // Cel
  std::array<std::int64_t, 3> above{};  // seconds above each limit
};

struct Exposure {
  Handling handling;
  std::uint32_t excursions = 0;
  std::array<std::int64_t, 3> above{};
  std::optional<Milli> peak;
};

struct Budget {
  std::int64_t handling_s = kHandlingBudgetS;  // one handling: told
  std::int64_t hard_s = kHardBudgetS;          // one handling, or above -135 Cel: held
};

// Every excursion of the record by the place it was measured in, with the probes' mapping that was
// valid at the time. Made once for a question over many aliquots.
class ExposureBook {
 public:
  explicit ExposureBook(const View& view);
  // Up to `now`. An excursion that only partly overlaps a stay counts at most for the overlap.
  Exposure of(const Aliquot& aliquot, WallTime now) const;

 private:
  void add_stay(const PlaceId& place, WallTime from, WallTime until, int depth,
                Exposure& total) const;

  View view_;
  std::map<PlaceId, std::vector<Excursion>> excursions_;
};

Budget budget_of(const View& view, const Aliquot& aliquot);
// Over the hard budget, and by more than quality has waived.
bool is_over_budget(const View& view, const Aliquot& aliquot, const Exposure& exposure);

// The place that a probe measured at a time; empty when it was not mapped.
PlaceId probed_place(const View& view, std::string_view probe, WallTime at);

}  // namespace cryobank::inventory
