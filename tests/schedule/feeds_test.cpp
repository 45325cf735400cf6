#include "service/schedule/feeds.hpp"

#include <gtest/gtest.h>

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

TEST(Feeds, SiuMessageIsReadBackAsTheSameVisit) {
  const std::string message = to_siu("demo", a_visit(), "S15", 4711, a_visit().at);
  EXPECT_TRUE(message.starts_with(
      "MSH|^~\\&|CRYOBANK|demo|||20261202T050000+0000||SIU^S15^SIU_S12|4711|P|2.5"));
  const Result<SiuNotice> notice = read_siu(message);
  ASSERT_TRUE(notice) << notice.error().context;
  EXPECT_EQ(notice->event, "S15");
  EXPECT_EQ(notice->course, "c1");
  EXPECT_EQ(notice->dose, "d03");
}

TEST(Feeds, ForeignAndBrokenMessagesAreRefusedInWords) {
  for (const char* message :
       {"", "MSH", "PID|1", "MSH|^~\\&|A|B|||2026||ADT^A01|1|P|2.5\rSCH|x|x\r",
        "MSH|^~\\&|A|B|||2026||SIU^S12|1|P|2.5\rSCH|c1.d03.infusion@demo|\r",
        "MSH|^~\\&|A|B|||2026||SIU^S26|1|P|2.5\rSCH|nobody|\r",
        "MSH|^~\\&|A|B|||2026||SIU^S26|1|P|2.5\r"}) {
    EXPECT_FALSE(read_siu(message)) << message;
  }
  EXPECT_FALSE(read_siu(std::string(kSiuBytesMax + 1, 'x')));
  const auto fine = read_siu(
      "MSH|^~\\&|A|B|||2026||SIU^S26|1|P|2.5\r\nSCH|9^X|c-1.d03.infusion@demo.cryobank^CRYOBANK|"
      "\r\n");
  ASSERT_TRUE(fine) << fine.error().context;
  EXPECT_EQ(fine->course, "c-1");
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
  EXPECT_NE(bundle.dump().find("Patient/p-07"), std::string::npos);
}

}  // namespace
}  // namespace cryobank::schedule
