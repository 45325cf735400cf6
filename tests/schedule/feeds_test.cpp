#include "service/schedule/feeds.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/text.hpp"

namespace cryobank::schedule {
namespace {

FeedVisit a_visit() {
  FeedVisit visit;
  visit.course = "c1";
  visit.patient = "p-07";
  visit.dose = "d03";
  visit.at = *parse_utc("2026-12-02T05:00:00Z");
  visit.minutes = 45;
  visit.place = "診療所の二階、東の部屋、とても長い名前の場所で折り返しが必要になるところ";
  visit.sequence = 7;
  return visit;
}

std::string unfolded(std::string text) {
  for (std::size_t at = text.find("\r\n "); at != std::string::npos; at = text.find("\r\n ", at)) {
    text.erase(at, 3);
  }
  return text;
}

TEST(Feeds, LinesOfACalendarHaveAtMostSeventyFiveOctetsAndWholeCharacters) {
  const std::string text = to_icalendar("demo", "Clinic; one, two", {a_visit()}, a_visit().at);
  std::size_t from = 0;
  for (std::size_t end = text.find("\r\n"); end != std::string::npos;
       end = text.find("\r\n", from)) {
    const std::string line = text.substr(from, end - from);
    EXPECT_LE(line.size(), 75u) << line;
    EXPECT_TRUE(is_utf8(line)) << line;
    EXPECT_EQ(line.find('\n'), std::string::npos);
    from = end + 2;
  }
  EXPECT_EQ(from, text.size());
  EXPECT_NE(unfolded(text).find("LOCATION:" + a_visit().place), std::string::npos);
  EXPECT_NE(text.find("X-WR-CALNAME:Clinic\\; one\\, two"), std::string::npos);
}

TEST(Feeds, VisitKeepsItsUidWhenItMovesAndACancelledOneStays) {
  FeedVisit moved = a_visit();
  moved.at = moved.at + days(3);
  moved.sequence = 8;
  moved.cancelled = true;
  EXPECT_EQ(uid_of("demo", a_visit()), uid_of("demo", moved));
  const std::string text = to_icalendar("demo", "x", {moved}, moved.at);
  EXPECT_NE(text.find("UID:c1.d03.infusion@demo.cryobank\r\n"), std::string::npos);
  EXPECT_NE(text.find("SEQUENCE:8\r\n"), std::string::npos);
  EXPECT_NE(text.find("STATUS:CANCELLED\r\n"), std::string::npos);
  EXPECT_NE(text.find("DTSTART:20261205T050000Z\r\n"), std::string::npos);
  EXPECT_NE(text.find("DTEND:20261205T054500Z\r\n"), std::string::npos);
}

TEST(Feeds, FhirBundleNamesPatientsByPseudonymOnly) {
  FeedVisit thaw = a_visit();
  thaw.step = FeedVisit::Step::thaw;
  const Json bundle = to_fhir("demo", {thaw, a_visit()}, a_visit().at);
  std::vector<std::string> kinds;
  for (const Json& one : bundle["entry"].items()) {
    kinds.push_back(one["resource"].string_or("resourceType", ""));
  }
  EXPECT_EQ(kinds, (std::vector<std::string>{"CarePlan", "Task", "ServiceRequest",
                                             "BiologicallyDerivedProduct", "Appointment"}));
  const Json& appointment = bundle["entry"].items().back()["resource"];
  ASSERT_EQ(appointment["participant"].items().size(), 2u) << appointment.dump();
  EXPECT_EQ(appointment["participant"].items()[1]["actor"].string_or("display", ""),
            a_visit().place);
  EXPECT_NE(bundle.dump().find("Patient/p-07"), std::string::npos);
}

TEST(Feeds, FhirIdsAreOfTheirFormAndKeepAlikeNamesApart) {
  std::vector<std::string> ids;
  for (const char* course :
       {"c_1", "c-1", "a-course-with-a-name-that-is-as-long-as-a-name-may-be-here-1",
        "a-course-with-a-name-that-is-as-long-as-a-name-may-be-here-2"}) {
    FeedVisit visit = a_visit();
    visit.course = course;
    const Json bundle = to_fhir("demo", {visit}, visit.at);
    ids.push_back(bundle["entry"].items().back()["resource"].string_or("id", ""));
    EXPECT_LE(ids.back().size(), 64u);
    EXPECT_EQ(ids.back().find('_'), std::string::npos);
  }
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
}

}  // namespace
}  // namespace cryobank::schedule
