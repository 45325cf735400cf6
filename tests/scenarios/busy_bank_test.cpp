// Tanks of the simulator's physics whose lids are opened twenty times a day: nobody is called for
// what the lids explain, and whoever must be called is.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "tests/scenarios/busy_bank.hpp"

namespace cryobank::scenarios {
namespace {

struct Limits {
  int warn;
  int critical;
};
constexpr Limits kShipped{-160, -150};

// 76 mm at 1.5 L a minute through all pauses, and no part of it. Learned of three fills, for which
// a tank takes more than ten days.
void fills_are_whole(const BusyBank& bank) {
  const std::vector<std::int64_t> takes = bank.fill_minutes();
  EXPECT_FALSE(takes.empty());
  for (const std::int64_t minutes : takes) EXPECT_GE(minutes, 35);
}

// Two openings that meet leave a lid open for long: that is true, and for the board.
std::string without_lids(const std::string& milder) {
  std::string out;
  for (const std::string_view line : split(milder, '\n')) {
    if (!line.empty() && line.find(".lid-open ") == std::string_view::npos) out += cat(line, "\n");
  }
  return out;
}

void calls_nobody(std::uint64_t seed, const BusyDay& day, const Limits& limits, Duration span) {
  BusyBank bank(seed, day, limits.warn, limits.critical);
  bank.run(span);
  SCOPED_TRACE(
      cat("seed ", seed, ", limit ", limits.warn, ", warmest ", format_milli(bank.warmest_top())));
  EXPECT_EQ(bank.told(), "");
  EXPECT_EQ(without_lids(bank.milder()), "");
  if (span > days(20)) fills_are_whole(bank);
}

// Its controllers shut the fill valve under each opened lid: most fills come in parts.
TEST(BusyBank, TwentyOpeningsADayCallNobodyForAMonth) { calls_nobody(1, {}, kShipped, days(30)); }

// As shipped, and as sites set them that have seen how warm their vapour becomes.
TEST(BusyBank, TwentyOpeningsADayCallNobodyWhateverTheLimits) {
  std::uint64_t seed = 1;
  for (const Limits& limits : {kShipped, kShipped, Limits{-155, -145}, Limits{-150, -140}}) {
    calls_nobody(++seed, {}, limits, days(10));
  }
}

TEST(BusyBank, FortyOpeningsADayCallNobody) {
  for (std::uint64_t seed = 11; seed <= 13; ++seed) {
    calls_nobody(seed, {40, 240, 8}, kShipped, days(10));
  }
}

// The physics is no gentler than it was: without what detectors know of lids the same days call.
TEST(BusyBank, LimitsAloneWouldCallForTheSameDays) {
  BusyBank bank(1, {}, kShipped.warn, kShipped.critical, Judging::by_limits_alone);
  bank.run(days(3));
  EXPECT_GT(bank.raised("p1") + bank.raised("p2"), 0);
  EXPECT_GT(bank.warmest_top(), whole(-155));
  RecordProperty("p1", bank.raised("p1"));
  RecordProperty("p2", bank.raised("p2"));
}

// Under busy lids what is wrong is told as soon as ever.
TEST(BusyBank, TankThatFailsIsToldUnderBusyLids) {
  struct Failure {
    const char* fault;
    const char* alarm;
    Duration within;
  };
  const Failure table[] = {
      {R"("breach")", "freezer-1.level-falling-fast", minutes(1)},
      {R"("breach")", "freezer-1.temperature-top-high", hours(1)},
      {R"("vacuum-loss","factor":20)", "freezer-1.level-falling-fast", hours(3)},
      {R"("sensor-value","point":"temperature-top","value":-138)", "freezer-1.temperature-top-high",
       minutes(1)},
  };
  for (const Failure& row : table) {
    SCOPED_TRACE(cat(row.fault, " ", row.alarm));
    BusyBank bank(2, {}, kShipped.warn, kShipped.critical);
    bank.run(days(2));
    bank.run_to_hour(14);  // in the middle of the work
    bank.control(cat(R"({"do":"fault","device":"freezer-1","fault":)", row.fault, "}"));
    const auto told = bank.until(row.alarm, "p1", row.within);
    EXPECT_TRUE(told.has_value()) << bank.told();
  }
}

// A lid that stays open is what is wrong, and then the limits hold as they stand.
TEST(BusyBank, LidThatStaysOpenExplainsNothing) {
  BusyBank bank(2, {4, 60, 2}, -165, -155);
  bank.run(days(2));
  bank.run_to_hour(20);
  bank.control(R"({"do":"lid","device":"freezer-1","open":true})");
  EXPECT_TRUE(bank.until("freezer-1.lid-open", "p2", minutes(11)).has_value());
  EXPECT_TRUE(bank.until("freezer-1.temperature-top-high", "p1", minutes(10)).has_value())
      << bank.told();
}

}  // namespace
}  // namespace cryobank::scenarios
