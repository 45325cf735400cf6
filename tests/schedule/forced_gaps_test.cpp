#include "service/schedule/forced_gaps.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>

#include "base/time.hpp"
#include "config/holidays.hpp"

namespace cryobank::schedule {
namespace {

const Day kFirst = *parse_day("2026-01-01");
constexpr int kDays = 3 * 365 + 1;

bool holiday(Day day) {
  for (const Day one : config::japan_holidays(config::year_of(day))) {
    if (one == day) return true;
  }
  const std::string date = format_day(day).substr(5);
  return date >= "12-29" || date <= "01-03";
}

// Japan by law, closed on Sunday, and on Saturday as well when asked.
GapQuestion japan(int lead_min, int lead_max, bool saturday) {
  GapQuestion question;
  for (int d = 0; d < kDays; ++d) {
    const Day day{kFirst.number + d};
    const int weekday = weekday_of(day);
    const bool closed = weekday == 7 || (saturday && weekday == 6) || holiday(day);
    question.centre.push_back(closed ? 0 : 1);
  }
  question.clinic = question.centre;
  question.lead_min = lead_min;
  question.lead_max = lead_max;
  return question;
}

std::string date(int day) { return format_day(Day{kFirst.number + day}); }

const ForcedGap* from_date(const std::vector<ForcedGap>& gaps, std::string_view from) {
  for (const ForcedGap& gap : gaps) {
    if (date(gap.from) == from) return &gap;
  }
  return nullptr;
}

TEST(ForcedGaps, GoldenAndSilverWeekOf2026AtThreeDaysOfCulture) {
  const std::vector<ForcedGap> gaps = forced_gaps(japan(3, 3, true));
  const ForcedGap* golden = from_date(gaps, "2026-05-01");
  ASSERT_NE(golden, nullptr);
  EXPECT_EQ(date(golden->to), "2026-05-11");
  EXPECT_EQ(golden->days(), 10);
}

TEST(ForcedGaps, SilverWeekOf2026AtThreeDaysOfCultureSundayClosed) {
  const std::vector<ForcedGap> gaps = forced_gaps(japan(3, 3, false));
  const ForcedGap* silver = from_date(gaps, "2026-09-19");
  ASSERT_NE(silver, nullptr);
  EXPECT_EQ(date(silver->to), "2026-09-28");
}

TEST(ForcedGaps, LongestPausesOfThreeYears) {
  const auto longest = [](int lead, bool saturday) {
    GapQuestion question = japan(lead, lead, saturday);
    question.gap_max = 1;
    int most = 0;
    for (const ForcedGap& gap : forced_gaps(question)) most = std::max(most, gap.days());
    return most;
  };
  for (int lead = 1; lead <= 4; ++lead) {
    EXPECT_GE(longest(lead, false), 10) << lead;
    EXPECT_LE(longest(lead, false), 11) << lead;
    EXPECT_GE(longest(lead, true), 11) << lead;
    EXPECT_LE(longest(lead, true), 15) << lead;
  }
  EXPECT_EQ(longest(5, false), 14);
}

TEST(ForcedGaps, AWindowOfLeadsCuresMostPauses) {
  const auto pauses = [](int low, int high) {
    GapQuestion question = japan(low, high, true);
    question.gap_max = 4;
    return forced_gaps(question).size();
  };
  EXPECT_GT(pauses(2, 2), 4 * pauses(2, 3));
  EXPECT_GT(pauses(2, 3), 2 * pauses(2, 4));
  EXPECT_LE(pauses(2, 4), 8u);
}

TEST(ForcedGaps, EveryCureThatIsToldReallyCures) {
  GapQuestion question = japan(2, 3, false);
  int cured = 0;
  for (const ForcedGap& gap : forced_gaps(question)) {
    for (const std::vector<OpenDay>& set : gap.cures) {
      GapQuestion opened = question;
      for (const OpenDay& one : set) {
        (one.centre ? opened.centre : opened.clinic)[static_cast<std::size_t>(one.day)] = 1;
      }
      for (const ForcedGap& left : forced_gaps(opened)) {
        EXPECT_TRUE(left.to <= gap.from || left.from >= gap.to) << date(gap.from);
      }
      ++cured;
    }
    if (gap.lead_cure > 0) {
      GapQuestion wider = question;
      wider.lead_max = gap.lead_cure;
      for (const ForcedGap& left : forced_gaps(wider)) {
        EXPECT_TRUE(left.to <= gap.from || left.from >= gap.to) << date(gap.from);
      }
    }
  }
  EXPECT_GE(cured, 3);
}

// Four weeks where seven days are allowed: three infusions in between, each with its open days.
TEST(ForcedGaps, ALongClosureIsCuredByAnOpenDayInEveryLongestGap) {
  GapQuestion question;
  question.centre = question.clinic = OpenDays(60, 1);
  question.lead_min = question.lead_max = 2;
  question.gap_max = 7;
  for (int day = 20; day < 48; ++day) {
    question.centre[static_cast<std::size_t>(day)] = 0;
    question.clinic[static_cast<std::size_t>(day)] = 0;
  }
  const std::vector<ForcedGap> gaps = forced_gaps(question);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].from, 19);
  EXPECT_EQ(gaps[0].to, 50);
  ASSERT_EQ(gaps[0].cures.size(), 1u);
  for (const OpenDay& one : gaps[0].cures[0]) {
    (one.centre ? question.centre : question.clinic)[static_cast<std::size_t>(one.day)] = 1;
  }
  EXPECT_TRUE(forced_gaps(question).empty());
  // Days 21 and 49 need one opening less than one in the middle.
  EXPECT_LE(gaps[0].cures[0].size(), 12u);
}

// A clinic that is open on these days of each week, and a centre that always is.
GapQuestion clinic_on(std::initializer_list<int> weekdays, int gap_min, int gap_max) {
  GapQuestion question;
  question.centre = OpenDays(366, 1);
  for (int day = 0; day < 366; ++day) {
    question.clinic.push_back(std::ranges::count(weekdays, day % 7) > 0 ? 1 : 0);
  }
  question.gap_min = gap_min;
  question.gap_max = gap_max;
  return question;
}

std::vector<GapRule> rules_of(const GapQuestion& question, std::size_t doses) {
  return std::vector<GapRule>(doses - 1, GapRule{question.gap_min, question.gap_max, {}});
}

// Days 0, 3 and 4 of each week, three days apart: 4, 7, 10, and nothing three days later.
TEST(ForcedGaps, IntervalsTooNarrowForTheDaysAroundAreTold) {
  const GapQuestion question = clinic_on({0, 3, 4}, 3, 3);
  EXPECT_EQ(doses_in_a_row(question, rules_of(question, 12)), 3);
  const std::vector<ForcedGap> gaps = forced_gaps(question);
  ASSERT_FALSE(gaps.empty());
  EXPECT_EQ(gaps[0].from, 3);
  EXPECT_EQ(gaps[0].to, 4);
  for (const ForcedGap& gap : gaps) {
    EXPECT_TRUE(gap.narrow(question));
    ASSERT_FALSE(gap.cures.empty()) << gap.from;
    GapQuestion opened = question;
    for (const OpenDay& one : gap.cures.back()) {
      (one.centre ? opened.centre : opened.clinic)[static_cast<std::size_t>(one.day)] = 1;
    }
    for (const ForcedGap& left : forced_gaps(opened)) EXPECT_NE(left.from, gap.from);
  }
  const GapQuestion wider = clinic_on({0, 3, 4}, 3, 4);
  EXPECT_TRUE(forced_gaps(wider).empty());
  EXPECT_EQ(doses_in_a_row(wider, rules_of(wider, 12)), 12);
}

TEST(ForcedGaps, ALongerPauseEndsNoSeriesAndAFirstGapOfItsOwnMay) {
  GapQuestion question = clinic_on({0, 1, 2, 3, 4}, 3, 4);
  for (int day = 30; day < 60; ++day) question.clinic[static_cast<std::size_t>(day)] = 0;
  EXPECT_EQ(forced_gaps(question).size(), 1u);
  EXPECT_EQ(doses_in_a_row(question, rules_of(question, 24)), 24);
  const GapQuestion weekly = clinic_on({0}, 6, 8);
  std::vector<GapRule> rules = rules_of(weekly, 6);
  EXPECT_EQ(doses_in_a_row(weekly, rules), 6);
  rules[1].min = 8;
  EXPECT_EQ(doses_in_a_row(weekly, rules), 2) << "no gap of eight days";
  EXPECT_EQ(doses_in_a_row(clinic_on({}, 3, 4), rules), 0);
}

// Who had a dose on the day before it has none there, and the next is too far then.
TEST(ForcedGaps, ADayTooNearIsNoCure) {
  GapQuestion question = clinic_on({}, 3, 7);
  for (const int day : {3, 10, 18, 25, 32}) question.clinic[static_cast<std::size_t>(day)] = 1;
  const std::vector<ForcedGap> gaps = forced_gaps(question);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].from, 10);
  const std::vector<std::vector<OpenDay>> told{{{false, 13}}, {{false, 14}}, {{false, 15}}};
  EXPECT_EQ(gaps[0].cures, told);
}

TEST(ForcedGaps, TwiceAWeekIsImpossibleOnTwoDaysOfCultureWithWeekendsClosed) {
  GapQuestion question = japan(2, 2, true);
  question.gap_max = 4;
  EXPECT_GT(forced_gaps(question).size(), 100u);
}

}  // namespace
}  // namespace cryobank::schedule
