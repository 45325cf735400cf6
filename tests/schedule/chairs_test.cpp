#include "service/schedule/chairs.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"

namespace cryobank::schedule {
namespace {

TEST(Chairs, OneServesAsManyAsFitOneAfterTheOther) {
  // 10:00 to 18:30 are 510 minutes; 45 for each patient: eleven.
  const ChairDay day{2, 600, 1'110, 15};
  const std::vector<int> lengths{30};
  const ChairPlaces places = chair_places(day, lengths);
  EXPECT_EQ(places.unit, 45);
  EXPECT_EQ(places.longest, 1);
  EXPECT_EQ(places.units, 2 * 11);
  std::vector<ChairVisit> taken;
  for (int patient = 0; patient < 22; ++patient) {
    const int at = free_chair(day, taken, 30);
    ASSERT_EQ(at, 600 + 45 * (patient / 2)) << patient;
    taken.push_back({at, 30, "p"});
  }
  EXPECT_EQ(free_chair(day, taken, 30), -1);
  EXPECT_TRUE(chair_faults(day, taken).empty());
  EXPECT_EQ(chair_places({4, 840, 860, 0}, lengths).units, 0) << "closes too soon";
}

// Whatever the mixture and its order, what the day's places hold finds a chair by the minute.
TEST(Chairs, WhateverComesToThePlacesOfADayFindsAChair) {
  Prng random(20'261'201);
  for (int round = 0; round < 2'000; ++round) {
    const ChairDay day{static_cast<int>(random.between(1, 5)), 540,
                       540 + static_cast<int>(random.between(60, 600)),
                       static_cast<int>(random.between(0, 20))};
    std::vector<int> lengths;
    for (std::int64_t n = random.between(1, 3); n > 0; --n) {
      lengths.push_back(static_cast<int>(random.between(2, 12)) * 10);
    }
    const ChairPlaces places = chair_places(day, lengths);
    std::vector<ChairVisit> taken;
    int units = 0;
    for (;;) {
      const auto pick = static_cast<std::size_t>(random.between(0, std::ssize(lengths) - 1));
      units += (lengths[pick] + day.turnover) / places.unit;
      if (units > places.units) break;
      const int at = free_chair(day, taken, lengths[pick]);
      ASSERT_GE(at, 0) << round << ": " << taken.size() << " of " << places.units;
      taken.push_back({at, lengths[pick], "p"});
    }
    EXPECT_TRUE(chair_faults(day, taken).empty()) << chair_faults(day, taken).front();
  }
}

TEST(Chairs, TooManyAtOnceAndOutsideTheHoursAreSaid) {
  const ChairDay day{1, 600, 700, 10};
  const std::vector<ChairVisit> visits{{600, 30, "a"}, {635, 30, "b"}, {680, 30, "c"}};
  const std::vector<std::string> faults = chair_faults(day, visits);
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[0], "c takes 30 min from 11:20, outside 10:00 to 11:40");
  EXPECT_EQ(faults[1], "2 patients need one of 1 chairs at 10:35");
}

}  // namespace
}  // namespace cryobank::schedule
