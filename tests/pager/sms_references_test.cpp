// References of short messages come again after 256: a report counts for the message it is about.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "service/pager/sms_references.hpp"

namespace cryobank::pager {
namespace {

constexpr WallTime kNight{1'795'500'000'000};

TEST(SmsReferences, LateReportOfAnOlderMessageDoesNotConfirmANewOne) {
  SmsReferences references;
  references.give("117", "12-1", kNight, hours(1));
  const WallTime later = kNight + minutes(20);  // 256 messages later
  references.give("117", "12-257", later, hours(1));
  const WallTime now = later + minutes(1);
  EXPECT_EQ(references.page_of("117", now, kNight + seconds(2)), "") << "the old one";
  EXPECT_EQ(references.page_of("117", now, later + seconds(2)), "12-257");
  EXPECT_EQ(references.page_of("117", now, std::nullopt), "") << "nobody can say which";
  EXPECT_EQ(references.page_of("117", kNight + minutes(61), std::nullopt), "12-257")
      << "the centre gave the old one up";
}

TEST(SmsReferences, OneWhoseLastReportCameIsFree) {
  SmsReferences references;
  references.give("5", "12-1", kNight, hours(1));
  EXPECT_EQ(references.page_of("5", kNight + seconds(4), std::nullopt), "12-1");
  references.end("5", kNight + seconds(4));
  EXPECT_EQ(references.page_of("5", kNight + seconds(5), std::nullopt), "") << "said once";
  references.give("5", "12-257", kNight + minutes(9), hours(1));
  EXPECT_EQ(references.page_of("5", kNight + minutes(10), std::nullopt), "12-257");
}

TEST(SmsReferences, MessagesOfAnEarlierRunAreNobodysAndHideNone) {
  SmsReferences references(kNight + hours(24));
  references.give("117", "13-1", kNight + minutes(1), hours(1));
  const WallTime now = kNight + minutes(2);
  EXPECT_EQ(references.page_of("117", now, kNight - hours(3)), "");
  EXPECT_EQ(references.page_of("117", now, kNight + minutes(1)), "13-1");
  EXPECT_EQ(references.page_of("117", now, std::nullopt), "") << "it may be the other's";
  EXPECT_EQ(references.page_of("118", now, kNight + minutes(1)), "") << "of no page of ours";
  SmsReferences spool;
  spool.foreign("117", kNight + hours(2));
  spool.give("117", "13-2", kNight, hours(1));
  EXPECT_EQ(spool.page_of("117", now, std::nullopt), "");
  EXPECT_EQ(spool.page_of("117", kNight + hours(2), std::nullopt), "13-2");
}

TEST(SmsReferences, TimesOfTheCentreAreReadWithTheirZone) {
  EXPECT_EQ(sms_time("26/11/22,03:00:05+04"), parse_utc("2026-11-22T02:00:05Z").value());
  EXPECT_EQ(sms_time("26/11/22,03:00:05-20"), parse_utc("2026-11-22T08:00:05Z").value());
  EXPECT_EQ(sms_time("26/11/22,12:00:05+36"), parse_utc("2026-11-22T03:00:05Z").value());
  for (const char* const bad : {"", "26/11/22", "26/13/22,03:00:05+04", "26/11/22,03:00:05 04",
                                "26/11/22,03:00:05+xx", "2026/11/22,03:00:05+04"}) {
    EXPECT_FALSE(sms_time(bad)) << bad;
  }
}

TEST(SmsReferences, CentreTriesAsLongAsThePageIsOfUse) {
  EXPECT_EQ(sms_validity(kNight, kNight + minutes(3)), 11) << "an hour at least";
  EXPECT_EQ(sms_validity(kNight, kNight + minutes(62)), 12) << "65 min";
  EXPECT_EQ(sms_validity(kNight, kNight + hours(30)), 143) << "twelve hours at most";
  EXPECT_EQ(sms_tried(11), hours(1));
  EXPECT_EQ(sms_tried(143), hours(12));
}

}  // namespace
}  // namespace cryobank::pager
