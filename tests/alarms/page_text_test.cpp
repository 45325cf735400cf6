#include "service/alarms/page_text.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "base/text.hpp"

namespace cryobank::alarms {
namespace {

Alarm some_alarm() {
  Alarm alarm;
  alarm.id = AlarmId("freezer-1.level-low");
  alarm.source = "freezer-1";
  alarm.state = AlarmState::active_unacknowledged;
  alarm.priority = Priority::p1;
  alarm.occurrence = 7;
  alarm.since = WallTime{1'795'575'845'678};
  alarm.action = "Fill by hand";
  return alarm;
}

TEST(PageText, SaysWhatWhereAndHowToTakeIt) {
  const Alarm alarm = some_alarm();
  EXPECT_EQ(page_text(alarm, "LN2 level low 71 mm, limit 77", {"4471", 2, 2, "ben 02:50", 3}),
            cat("P1 freezer-1 LN2 level low 71 mm, limit 77 GO ack 4471 Coming: ben 02:50. ",
                "+3 more of this cause. Call 2. Tier 2. Since ",
                format_utc(alarm.since).substr(11, 5), "Z. Fill by hand"));
}

TEST(PageText, HeadStandsAloneHoweverLongTheTextIs) {
  const Alarm alarm = some_alarm();
  const std::string text = page_text(alarm, std::string(500, 'x'), {"4471", 1, 1, {}, 0});
  EXPECT_LE(text.size(), kPageLengthMax);
  const std::string code = "4471";
  EXPECT_EQ(text.find(code) + code.size(), kPageHeadMax);
}

TEST(PageText, IsSevenBitAndBoundedForAnyBytes) {
  Prng prng(4711);
  for (int round = 0; round < 2000; ++round) {
    Alarm alarm = some_alarm();
    std::string text;
    for (std::uint64_t i = prng.below(600); i > 0; --i) {
      text += static_cast<char>(prng.below(256));
    }
    alarm.action = text;
    const std::string page =
        page_text(alarm, text, {"4471", static_cast<int>(prng.below(1000)), 3, {}, 0});
    ASSERT_LE(page.size(), kPageLengthMax);
    for (const char c : page) ASSERT_TRUE(c >= 0x20 && c < 0x7F);
    const std::size_t code = page.find(" ack 4471");
    ASSERT_NE(code, std::string::npos);
    ASSERT_LE(code + 9, kPageHeadMax);
  }
}

TEST(PageText, OneMarkForEachForeignLetter) {
  EXPECT_EQ(seven_bit("K\xC3\xA4lte \xE5\x86\xB7 \n"), "K?lte ? ?");
}

TEST(AlarmId, LongOrStrangeSourcesStayIdsAndStayApart) {
  const std::string first(64, 'a');
  const std::string second = std::string(63, 'a') + "b";
  EXPECT_EQ(alarm_id("job-1", "motion-unknown").str(), "job-1.motion-unknown");
  EXPECT_NE(alarm_id(first, "motion-unknown"), alarm_id(second, "motion-unknown"));
  EXPECT_TRUE(is_id_text(alarm_id("a b/c", "x").str()));
}

}  // namespace
}  // namespace cryobank::alarms
