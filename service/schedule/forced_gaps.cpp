#include "service/schedule/forced_gaps.hpp"

#include <algorithm>
#include <iterator>
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

// The last possible day to which a dose on days[at] may be followed; -1: to none.
int farthest_next(const GapQuestion& question, const std::vector<int>& days, std::size_t at) {
  const auto end = std::upper_bound(days.begin(), days.end(), days[at] + question.gap_max);
  const int last = *std::prev(end);
  return last - days[at] >= std::max(1, question.gap_min) ? last : -1;
}

// Calls `found` for each two possible days that follow each other, and that no two doses one after
// the other lie on both sides of.
template <class Found>
void uncrossed(const GapQuestion& question, const std::vector<int>& days, Found found) {
  int reached = -1;
  for (std::size_t i = 1; i < days.size(); ++i) {
    reached = std::max(reached, farthest_next(question, days, i - 1));
    if (reached < days[i]) found(days[i - 1], days[i]);
  }
}

std::vector<int> possible_within(const GapQuestion& question, int first, int last) {
  std::vector<int> days;
  const int end = std::min(last, static_cast<int>(question.clinic.size()) - 1);
  for (int day = std::max(0, first); day <= end; ++day) {
    if (possible(question, day)) days.push_back(day);
  }
  return days;
}

// Can doses be given one after the other from `from`, or a day before it, to `to`, or one after it?
bool bridged(const GapQuestion& question, int from, int to) {
  const std::vector<int> days =
      possible_within(question, from - question.gap_max, to + question.gap_max);
  bool whole = true;
  uncrossed(question, days,
            [&](int before, int after) { whole = whole && (after <= from || before >= to); });
  return whole;
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
  // Narrow intervals may need a day before or after: within the gap are none.
  const int around = to - from <= question.gap_max ? question.gap_max : 0;
  const int first = std::max(0, from - around - question.transport - question.lead_max);
  const int end = std::min(static_cast<int>(question.clinic.size()), to + around);
  for (int day = first; day < end; ++day) {
    if (!open(question.centre, day)) closed.push_back({true, day});
    if (day > from - around && !open(question.clinic, day)) closed.push_back({false, day});
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

// Opens whole infusion days, as many as a series needs to come over: the fewest openings, by a
// shortest path from `from`, or a day before it, to `to`, or one after it. Empty: none does.
std::vector<OpenDay> fewest_openings(const GapQuestion& question, int from, int to) {
  const int begin = std::max(0, from - question.gap_max + 1);
  const int end = std::min(static_cast<int>(question.clinic.size()) - 1, to + question.gap_max);
  // By day: what is opened so far; none: the day is not reached.
  std::vector<std::optional<std::vector<OpenDay>>> opened(static_cast<std::size_t>(end - begin) +
                                                          1);
  const auto at = [&](int day) -> auto& { return opened[static_cast<std::size_t>(day - begin)]; };
  for (int day = begin; day <= end; ++day) {
    if (day <= from) {
      if (possible(question, day)) at(day).emplace();
      continue;
    }
    const auto own = openings_for(question, day);
    if (!own) continue;
    for (int last = std::max(begin, day - question.gap_max);
         last <= day - std::max(1, question.gap_min); ++last) {
      if (!at(last) || last >= to) continue;
      if (at(day) && at(day)->size() <= at(last)->size() + own->size()) continue;
      at(day) = at(last);
      at(day)->insert(at(day)->end(), own->begin(), own->end());
    }
  }
  std::vector<OpenDay> all;
  const std::vector<OpenDay>* best = nullptr;
  for (int day = to; day <= end; ++day) {
    if (at(day) && (best == nullptr || at(day)->size() < best->size())) best = &*at(day);
  }
  if (best != nullptr) all = *best;
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
  question.gap_min = rule.min;
  question.gap_max = rule.max;
  return question;
}

std::vector<int> possible_days(const GapQuestion& question) {
  return possible_within(question, 0, static_cast<int>(question.clinic.size()) - 1);
}

std::vector<ForcedGap> forced_gaps(const GapQuestion& question) {
  std::vector<ForcedGap> gaps;
  const int end = static_cast<int>(question.clinic.size());
  uncrossed(question, possible_days(question), [&](int from, int to) {
    // Who comes from before the calendars or goes on behind them is not seen.
    const bool seen = from >= question.gap_max && to + question.gap_max < end;
    if (seen || to - from > question.gap_max) gaps.push_back(forced_gap(question, from, to));
  });
  return gaps;
}

ForcedGap forced_gap(const GapQuestion& question, int from, int to) {
  ForcedGap gap;
  gap.from = from;
  gap.to = to;
  find_cures(question, gap);
  return gap;
}

int doses_in_a_row(const GapQuestion& question, const std::vector<GapRule>& rules) {
  const int end = static_cast<int>(question.clinic.size());
  const std::vector<int> days = possible_days(question);
  std::vector<int> reached;  // the days of the dose before
  for (const int day : days) {
    // Late beginnings reach the end of the calendars whatever the intervals are.
    if (day <= (days.front() + end) / 2) reached.push_back(day);
  }
  for (std::size_t k = 0; k < rules.size(); ++k) {
    const GapRule& rule = rules[k];
    if (reached.empty()) return static_cast<int>(k);
    if (reached.back() + rule.max >= end) return static_cast<int>(rules.size()) + 1;
    std::vector<std::uint8_t> marks(static_cast<std::size_t>(end), 0);
    for (const int day : reached) {
      const auto after = std::upper_bound(days.begin(), days.end(), day + rule.max - 1);
      int last = day + rule.max;
      // The longest pause within reach may be crossed.
      if (after != days.end() && after != days.begin() && *after - *std::prev(after) > rule.max) {
        last = *after + rule.max;
      }
      for (int next = day + std::max(1, rule.min); next <= std::min(last, end - 1); ++next) {
        marks[static_cast<std::size_t>(next)] = 1;
      }
    }
    reached.clear();
    std::ranges::copy_if(days, std::back_inserter(reached),
                         [&](int day) { return marks[static_cast<std::size_t>(day)] != 0; });
  }
  return static_cast<int>(rules.size()) + (reached.empty() ? 0 : 1);
}

}  // namespace cryobank::schedule
