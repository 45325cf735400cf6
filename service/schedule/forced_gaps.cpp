#include "service/schedule/forced_gaps.hpp"

#include <algorithm>

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
    if (open(question.centre, harvest - lead)) return true;
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
  // A day of the clinic with both days of the centre behind it.
  for (std::size_t a = 0; gap.cures.empty() && a < closed.size(); ++a) {
    if (closed[a].centre) continue;
    const int harvest = closed[a].day - question.transport;
    for (int lead = question.lead_min; lead <= question.lead_max && harvest >= lead; ++lead) {
      std::vector<OpenDay> three{closed[a], {true, harvest}, {true, harvest - lead}};
      if (cured_by(question, three, gap.from, gap.to)) gap.cures.push_back(std::move(three));
    }
  }
  GapQuestion wider = question;
  for (int more = 1; more <= kLeadMore && gap.lead_cure == 0; ++more) {
    wider.lead_max = question.lead_max + more;
    if (bridged(wider, gap.from, gap.to)) gap.lead_cure = wider.lead_max;
  }
}

}  // namespace

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
    ForcedGap gap;
    gap.from = days[i - 1];
    gap.to = days[i];
    find_cures(question, gap);
    gaps.push_back(std::move(gap));
  }
  return gaps;
}

}  // namespace cryobank::schedule
