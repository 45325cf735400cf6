#include "service/schedule/chairs.hpp"

#include <algorithm>
#include <numeric>

#include "base/check.hpp"
#include "base/text.hpp"
#include "base/zone.hpp"
#include "service/schedule/day_problem.hpp"

namespace cryobank::schedule {
namespace {

// Chairs in use at some minute, their turnover included.
int used_at(const ChairDay& day, std::span<const ChairVisit> visits, int minute) {
  return static_cast<int>(std::ranges::count_if(visits, [&](const ChairVisit& visit) {
    return visit.from <= minute && minute < visit.from + visit.minutes + day.turnover;
  }));
}

// A chair is free from `from` on for so long: use only rises where a visit begins.
bool is_free(const ChairDay& day, std::span<const ChairVisit> taken, int from, int minutes) {
  if (used_at(day, taken, from) >= day.chairs) return false;
  return std::ranges::none_of(taken, [&](const ChairVisit& visit) {
    return from < visit.from && visit.from < from + minutes + day.turnover &&
           used_at(day, taken, visit.from) >= day.chairs;
  });
}

}  // namespace

ChairPlaces chair_places(const ChairDay& day, std::span<const int> lengths) {
  CHECK(!lengths.empty());
  int unit = 0;
  int longest = 0;
  for (const int length : lengths) {
    unit = std::gcd(unit, length + day.turnover);
    longest = std::max(longest, length + day.turnover);
  }
  ChairPlaces places;
  places.unit = unit;
  places.longest = longest / unit;
  // A visit finds no chair only where each is taken for more than the day less this visit, and that
  // in whole units.
  const int open = std::max(0, day.closes - day.opens) / unit;
  const int each = std::max(0, open - places.longest + 1);
  places.units = std::min(kAmountMax, day.chairs * each);
  return places;
}

int free_chair(const ChairDay& day, std::span<const ChairVisit> taken, int minutes) {
  std::vector<int> from{day.opens};
  for (const ChairVisit& visit : taken) {
    from.push_back(std::max(day.opens, visit.from + visit.minutes + day.turnover));
  }
  std::ranges::sort(from);
  for (const int minute : from) {
    if (minute + minutes > day.closes) break;
    if (is_free(day, taken, minute, minutes)) return minute;
  }
  return -1;
}

std::vector<std::string> chair_faults(const ChairDay& day, std::span<const ChairVisit> visits) {
  std::vector<std::string> faults;
  int worst = 0;
  int at = 0;
  for (const ChairVisit& visit : visits) {
    if (visit.from < day.opens || visit.from + visit.minutes > day.closes) {
      faults.push_back(cat(visit.name, " takes ", visit.minutes, " min from ",
                           format_minute(visit.from), ", outside ", format_minute(day.opens),
                           " to ", format_minute(day.closes)));
    }
    const int used = used_at(day, visits, visit.from);
    if (used <= worst) continue;
    worst = used;
    at = visit.from;
  }
  if (worst > day.chairs) {
    faults.push_back(
        cat(worst, " patients need one of ", day.chairs, " chairs at ", format_minute(at)));
  }
  return faults;
}

}  // namespace cryobank::schedule
