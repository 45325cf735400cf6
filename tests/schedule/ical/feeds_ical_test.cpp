// The feed as a calendar program reads it: parsed by libical, which shares no code with the writer.
#include <gtest/gtest.h>
#include <libical/ical.h>

#include <memory>

#include "service/schedule/feeds.hpp"

namespace cryobank::schedule {
namespace {

FeedVisit visit_at(std::string_view utc, std::string_view dose) {
  FeedVisit visit;
  visit.course = "c1";
  visit.patient = "p-07";
  visit.dose = std::string(dose);
  visit.at = *parse_utc(utc);
  visit.minutes = 45;
  visit.place = "診療所の二階; 東の部屋, とても長い名前の場所で\n折り返しが必要になるところ";
  visit.sequence = 7;
  return visit;
}

using Component = std::unique_ptr<icalcomponent, decltype(&icalcomponent_free)>;

Component parsed(const std::string& text) {
  return {icalparser_parse_string(text.c_str()), icalcomponent_free};
}

TEST(FeedsIcal, LibicalReadsEveryVisitWithItsTimesPlaceAndState) {
  FeedVisit cancelled = visit_at("2026-03-29T00:30:00Z", "d02");  // Europe's summer time begins
  cancelled.cancelled = true;
  const std::vector<FeedVisit> visits{visit_at("2026-12-02T05:00:00Z", "d01"), cancelled};
  const Component calendar = parsed(to_icalendar("demo", "Clinic; one, two", visits, {}));
  ASSERT_NE(calendar, nullptr);
  ASSERT_EQ(icalcomponent_count_errors(calendar.get()), 0);
  EXPECT_EQ(icalcomponent_count_components(calendar.get(), ICAL_VEVENT_COMPONENT), 2);
  icalcomponent* event = icalcomponent_get_first_component(calendar.get(), ICAL_VEVENT_COMPONENT);
  for (const FeedVisit& visit : visits) {
    ASSERT_NE(event, nullptr);
    EXPECT_STREQ(icalcomponent_get_uid(event), uid_of("demo", visit).c_str());
    EXPECT_EQ(icalcomponent_get_sequence(event), 7);
    EXPECT_STREQ(icalcomponent_get_location(event), visit.place.c_str()) << "unfolded, unescaped";
    const icaltimetype start = icalcomponent_get_dtstart(event);
    EXPECT_TRUE(icaltime_is_utc(start));
    EXPECT_EQ(static_cast<std::int64_t>(icaltime_as_timet(start)) * 1'000, visit.at.ms);
    EXPECT_EQ(icaltime_as_timet(icalcomponent_get_dtend(event)) - icaltime_as_timet(start),
              visit.minutes * 60);
    EXPECT_EQ(icalcomponent_get_status(event) == ICAL_STATUS_CANCELLED, visit.cancelled);
    EXPECT_FALSE(icaltime_is_null_time(icalcomponent_get_dtstamp(event)));
    event = icalcomponent_get_next_component(calendar.get(), ICAL_VEVENT_COMPONENT);
  }
}

TEST(FeedsIcal, WhatLibicalIsToFindFaultyIsFoundFaulty) {
  const Component broken = parsed(
      "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSEQUENCE:seven\r\nDTSTART:noon\r\nEND:VEVENT\r\nEND:"
      "VCALENDAR\r\n");
  ASSERT_NE(broken, nullptr);
  EXPECT_GT(icalcomponent_count_errors(broken.get()), 0);
}

}  // namespace
}  // namespace cryobank::schedule
