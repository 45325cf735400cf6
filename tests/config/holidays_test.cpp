#include "config/holidays.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"

namespace cryobank::config {
namespace {

bool holiday(std::string_view text) {
  const Day day = *parse_day(text);
  const std::vector<Day> days = japan_holidays(year_of(day));
  return std::binary_search(days.begin(), days.end(), day);
}

std::vector<std::string> of_year(int year) {
  std::vector<std::string> out;
  for (const Day day : japan_holidays(year)) out.push_back(format_day(day).substr(5));
  return out;
}

TEST(Holidays, YearsAsTheOfficialListHasThem) {
  EXPECT_EQ(of_year(2026),
            (std::vector<std::string>{"01-01", "01-12", "02-11", "02-23", "03-20", "04-29", "05-03",
                                      "05-04", "05-05", "05-06", "07-20", "08-11", "09-21", "09-22",
                                      "09-23", "10-12", "11-03", "11-23"}));
  EXPECT_EQ(of_year(2027),
            (std::vector<std::string>{"01-01", "01-11", "02-11", "02-23", "03-21", "03-22", "04-29",
                                      "05-03", "05-04", "05-05", "07-19", "08-11", "09-20", "09-23",
                                      "10-11", "11-03", "11-23"}));
  EXPECT_EQ(of_year(2021),
            (std::vector<std::string>{"01-01", "01-11", "02-11", "02-23", "03-20", "04-29", "05-03",
                                      "05-04", "05-05", "07-22", "07-23", "08-08", "08-09", "09-20",
                                      "09-23", "11-03", "11-23"}));
  EXPECT_EQ(of_year(2019),
            (std::vector<std::string>{"01-01", "01-14", "02-11", "03-21", "04-29", "04-30",
                                      "05-01", "05-02", "05-03", "05-04", "05-05", "05-06",
                                      "07-15", "08-11", "08-12", "09-16", "09-23", "10-14",
                                      "10-22", "11-03", "11-04", "11-23"}));
}

TEST(Holidays, DaysThatALibraryHadWrong) {
  EXPECT_FALSE(holiday("1992-05-06"));
  EXPECT_FALSE(holiday("1997-05-04"));
  EXPECT_FALSE(holiday("1998-05-06"));
  EXPECT_FALSE(holiday("2003-05-04"));
  EXPECT_TRUE(holiday("1992-05-04"));
  EXPECT_TRUE(holiday("2026-05-06"));
  EXPECT_TRUE(holiday("2026-09-22"));
  EXPECT_TRUE(holiday("2027-03-22"));
  EXPECT_TRUE(holiday("2032-09-21"));  // the next day between two holidays after 2026
}

TEST(Holidays, OfficialListIsReadInAnyEncodingThatKeepsAscii) {
  const auto list = parse_holiday_list(
      "\x8d\x91\x96\xaf,\x96\xbc\r\n2026/1/1,\x8c\xb3\x93\xfa\r\n2026/1/12,x\r\n2028/1/1,y\r\n");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->years.at(2026).size(), 2u);
  EXPECT_EQ(list->gaps, std::vector<int>{2027});
}

// A download that broke off after one line opened every public holiday of its year.
TEST(Holidays, YearThatIsCutOffInTheListKeepsTheDaysOfTheLaw) {
  auto list = parse_holiday_list("date,name\n2027/1/1,a\n2027/1/1,a\n");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->years.at(2027).size(), 1u);
  complete_by_law(*list);
  EXPECT_EQ(list->years.at(2027), japan_holidays(2027));
  EXPECT_EQ(list->missing.at(2027).size(), japan_holidays(2027).size() - 1);

  std::string moved = "date,name\n";  // as many days, one of them elsewhere by a special law
  for (const Day day : japan_holidays(2027)) {
    moved +=
        cat(format_day(day) == "2027-10-11" ? std::string("2027-07-23") : format_day(day), ",x\n");
  }
  auto whole = parse_holiday_list(moved);
  ASSERT_TRUE(whole);
  complete_by_law(*whole);
  EXPECT_TRUE(whole->missing.empty());
}

TEST(Holidays, ListWithAWrongDateIsRefusedWithItsLine) {
  const auto list = parse_holiday_list("date,name\n2026/1/1,a\n2026/2/30,b\n");
  ASSERT_FALSE(list);
  EXPECT_NE(list.error().context.find("line 3"), std::string::npos);
  EXPECT_FALSE(parse_holiday_list(""));
  EXPECT_FALSE(parse_holiday_list("date,name\n"));
  EXPECT_FALSE(parse_holiday_list("date,name\nword,b\n"));
}

}  // namespace
}  // namespace cryobank::config
