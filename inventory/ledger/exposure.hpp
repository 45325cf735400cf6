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

#include "base/units.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

// A vial of 1 to 2 ml warms faster than the 5 ml bag that reached -135 after 130 s (PMC6123768).
inline constexpr std::int64_t kHandlingBudgetS = 60;
inline constexpr std::int64_t kHardBudgetS = 120;

// What was out for longer than a day was not handled; the sums stay far inside 32 bits.
inline constexpr std::int64_t kHandlingMaxS = 86'400;

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
  PlaceId warmest;             // place of the excursion that counts most above -135 Cel
  std::int64_t warmest_s = 0;  // in it
};

struct Budget {
  std::int64_t handling_s = kHandlingBudgetS;  // one handling: told
  std::int64_t hard_s = kHardBudgetS;          // one handling, or above -135 Cel: held
};

// Every excursion of the record by the place it was measured in, with the probes' mapping that was
// valid at the time: one during which the mapping changed counts for each place in its time. What
// several probes of one place saw at the same time is one excursion. Made once for a question over
// many aliquots.
// An excursion that is not on record yet, or will stand there so.
struct NamedExcursion {
  std::string_view id;
  const ExcursionDocument* document = nullptr;
};

class ExposureBook {
 public:
  explicit ExposureBook(const View& view, const NamedExcursion& instead = {});
  // Up to `now`. An excursion that only partly overlaps a stay counts at most for the overlap.
  Exposure of(const Aliquot& aliquot, WallTime now) const;

 private:
  void add(const ExcursionDocument& document);
  void merge();
  void add_stay(const PlaceId& place, WallTime from, WallTime until, int depth,
                Exposure& total) const;

  View view_;
  std::map<PlaceId, std::vector<Excursion>> excursions_;
};

// Seconds out of the cold in the handling that goes on, begun ones counted; 0 in the cold.
std::int64_t out_s(const Aliquot& aliquot, WallTime now);
Budget budget_of(const View& view, const Aliquot& aliquot);
// The hard budget, or what quality has waived if that is more.
std::int64_t allowed_s(const View& view, const Aliquot& aliquot);
// Seconds until it is over that; negative: over it.
std::int64_t warm_left_s(const View& view, const Aliquot& aliquot, const Exposure& exposure);
// Over the hard budget, and by more than quality has waived.
bool is_over_budget(const View& view, const Aliquot& aliquot, const Exposure& exposure);

// The place that a probe measured at a time; empty when it was not mapped. A mapping that was made
// later, but is effective from an earlier time, is a correction: it counts from then on.
PlaceId probed_place(const View& view, std::string_view probe, WallTime at);
// Id of the excursion of a probe that is still going on; empty when there is none.
std::string open_excursion(const View& view, std::string_view probe);

}  // namespace cryobank::inventory
