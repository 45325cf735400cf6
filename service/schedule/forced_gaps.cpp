#include "service/schedule/forced_gaps.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace cryobank::schedule {
namespace {

// A wider window of re-culture is asked for at most so many days beyond the laboratory's own.
constexpr int kLeadMore = 3;

bool open(const OpenDays& days, int day) {
  return day >= 0 && day < static_cast<int>(days.size()) &&
         days[static_cast<std::size_t>(day)] != 0;
}

bool possible(const GapQuestion& question, int day) {
  if (!open(question.clinic, day)) return false;
  const int harvest = day - question.transport;
  if (!open(question.centre, harvest)) return false;
  for (int lead = question.lead_min; lead <= question.lead_max; ++lead) {
    const int thaw = harvest - lead;
    if (thaw >= question.first_thaw && open(question.centre, thaw)) return true;
  }
  return false;
}

// Can doses be given from `from` to `to` with no gap beyond the longest allowed?
bool bridged(const GapQuestion& question, int from, int to) {
  int last = from;
  for (int day = from + 1; day <= to; ++day) {
    if (day != to && !possible(question, day)) continue;
    if (day - last > question.gap_max) return false;
    last = day;
  }
  return true;
}

bool cured_by(GapQuestion question, const std::vector<OpenDay>& set, int from, int to) {
  for (const OpenDay& one : set) {
    OpenDays& days = one.centre ? question.centre : question.clinic;
    days[static_cast<std::size_t>(one.day)] = 1;
  }
  return bridged(question, from, to);
}

std::vector<OpenDay> closed_days(const GapQuestion& question, int from, int to) {
  std::vector<OpenDay> closed;
  const int first = std::max(0, from - question.transport - question.lead_max);
  for (int day = first; day < to; ++day) {
    if (!open(question.centre, day)) closed.push_back({true, day});
    if (day > from && !open(question.clinic, day)) closed.push_back({false, day});
  }
  return closed;
}

// What has to be opened so that an infusion on `day` is possible; none: no opening makes it.
std::optional<std::vector<OpenDay>> openings_for(const GapQuestion& question, int day) {
  std::optional<std::vector<OpenDay>> fewest;
  const int harvest = day - question.transport;
  for (int lead = question.lead_min; lead <= question.lead_max; ++lead) {
    if (harvest - lead < std::max(0, question.first_thaw)) break;
    std::vector<OpenDay> needed;
    if (!open(question.clinic, day)) needed.push_back({false, day});
    if (!open(question.centre, harvest)) needed.push_back({true, harvest});
    if (!open(question.centre, harvest - lead)) needed.push_back({true, harvest - lead});
    if (!fewest || needed.size() < fewest->size()) fewest = std::move(needed);
  }
  return fewest;
}

// Opens whole infusion days, one at least in every longest gap: the fewest openings, by a shortest
// path from `from` to `to`. Empty: none does.
std::vector<OpenDay> fewest_openings(const GapQuestion& question, int from, int to) {
  // By day: what is opened so far; none: the day is not reached.
  std::vector<std::optional<std::vector<OpenDay>>> opened(static_cast<std::size_t>(to - from) + 1);
  const auto at = [&](int day) -> auto& { return opened[static_cast<std::size_t>(day - from)]; };
  at(from).emplace();
  for (int day = from + 1; day <= to; ++day) {
    const auto own = day == to ? std::vector<OpenDay>() : openings_for(question, day);
    if (!own) continue;
    for (int last = std::max(from, day - question.gap_max); last < day; ++last) {
      if (!at(last) || (at(day) && at(day)->size() <= at(last)->size() + own->size())) continue;
      at(day) = at(last);
      at(day)->insert(at(day)->end(), own->begin(), own->end());
    }
  }
  std::vector<OpenDay> all = at(to).value_or(std::vector<OpenDay>());
  std::ranges::sort(all, {}, [](const OpenDay& one) { return std::pair(one.day, one.centre); });
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

void find_cures(const GapQuestion& question, ForcedGap& gap) {
  const std::vector<OpenDay> closed = closed_days(question, gap.from, gap.to);
  for (const OpenDay& one : closed) {
    if (cured_by(question, {one}, gap.from, gap.to)) gap.cures.push_back({one});
  }
  for (std::size_t a = 0; gap.cures.empty() && a < closed.size(); ++a) {
    for (std::size_t b = a + 1; b < closed.size() && gap.cures.size() < kCuresMax; ++b) {
      const std::vector<OpenDay> pair{closed[a], closed[b]};
      if (cured_by(question, pair, gap.from, gap.to)) gap.cures.push_back(pair);
    }
  }
  if (gap.cures.empty()) {
    if (std::vector<OpenDay> many = fewest_openings(question, gap.from, gap.to); !many.empty()) {
      gap.cures.push_back(std::move(many));
    }
  }
  GapQuestion wider = question;
  for (int more = 1; more <= kLeadMore && gap.lead_cure == 0; ++more) {
    wider.lead_max = question.lead_max + more;
    if (bridged(wider, gap.from, gap.to)) gap.lead_cure = wider.lead_max;
  }
}

}  // namespace

GapQuestion gap_question(const DayProblem& problem, const Series& series, const GapRule& rule) {
  GapQuestion question;
  question.centre = problem.calendars[static_cast<std::size_t>(series.thaw_calendar)];
  question.clinic = problem.calendars[static_cast<std::size_t>(series.clinic_calendar)];
  question.lead_min = series.lead_min;
  question.lead_max = series.lead_max;
  question.transport = series.transport;
  question.first_thaw = std::max(0, series.first_thaw);
  question.gap_max = rule.max;
  return question;
}

std::vector<int> possible_days(const GapQuestion& question) {
  std::vector<int> days;
  for (int day = 0; day < static_cast<int>(question.clinic.size()); ++day) {
    if (possible(question, day)) days.push_back(day);
  }
  return days;
}

std::vector<ForcedGap> forced_gaps(const GapQuestion& question) {
  std::vector<ForcedGap> gaps;
  const std::vector<int> days = possible_days(question);
  for (std::size_t i = 1; i < days.size(); ++i) {
    if (days[i] - days[i - 1] <= question.gap_max) continue;
    gaps.push_back(forced_gap(question, days[i - 1], days[i]));
  }
  return gaps;
}

ForcedGap forced_gap(const GapQuestion& question, int from, int to) {
  ForcedGap gap;
  gap.from = from;
  gap.to = to;
  find_cures(question, gap);
  return gap;
}

}  // namespace cryobank::schedule
