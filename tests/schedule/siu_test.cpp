// HL7 v2.5 SIU by the numbers of the standard: chapter 2.14.9 (MSH), 10.6.1 (SCH), 4.5.4 (TQ1),
// 3.4.2 (PID), 10.6.4 to 10.6.6 (RGS, AIS, AIL). The message is taken apart here by a reader of its
// own, so that a bar too many is seen.
#include <gtest/gtest.h>

#include <map>

#include "base/text.hpp"
#include "service/schedule/feeds.hpp"

namespace cryobank::schedule {
namespace {

FeedVisit an_infusion() {
  FeedVisit visit;
  visit.course = "c1";
  visit.patient = "p-07";
  visit.dose = "d03";
  visit.at = *parse_utc("2026-12-02T05:00:00Z");
  visit.minutes = 45;
  visit.place = "clinic-1";
  visit.why = "by hand: fever | travel";
  visit.by = "physician";
  return visit;
}

const WallTime kSent = *parse_utc("2026-11-30T08:09:10Z");

// "SCH-9" to its text; MSH-1 is the bar.
std::map<std::string, std::string> fields_of(const std::string& message) {
  std::map<std::string, std::string> fields;
  for (const std::string_view segment : split(message, '\r')) {
    if (segment.empty()) continue;
    const std::vector<std::string_view> parts = split(segment, '|');
    const std::string name(parts[0]);
    for (std::size_t k = 1; k < parts.size(); ++k) {
      if (parts[k].empty()) continue;
      fields[cat(name, "-", name == "MSH" ? k + 1 : k)] = std::string(parts[k]);
    }
  }
  return fields;
}

using FieldMap = std::map<std::string, std::string>;

TEST(Siu, EachFieldOfAMovedVisitStandsAtItsNumberInTheStandard) {
  const FieldMap golden{
      {"MSH-2", "^~\\&"},                                           // encoding characters
      {"MSH-3", "CRYOBANK"},                                        // sending application
      {"MSH-4", "demo"},                                            // sending facility
      {"MSH-7", "20261130080910+0000"},                             // date and time of the message
      {"MSH-9", "SIU^S13^SIU_S12"},                                 // message type
      {"MSH-10", "4711"},                                           // message control id
      {"MSH-11", "P"},                                              // processing id
      {"MSH-12", "2.5"},                                            // version id
      {"MSH-18", "UNICODE UTF-8"},                                  // character set
      {"SCH-1", "c1.d03.infusion@demo.cryobank^CRYOBANK"},          // placer appointment id
      {"SCH-2", "c1.d03.infusion@demo.cryobank^CRYOBANK"},          // filler appointment id
      {"SCH-6", "moved^by hand: fever \\F\\ travel^L"},             // event reason
      {"SCH-7", "infusion^infusion d03 of course c1^L"},            // appointment reason
      {"SCH-8", "Normal^Normal^HL70277"},                           // appointment type
      {"SCH-9", "45"},                                              // appointment duration
      {"SCH-10", "min^minutes^UCUM"},                               // appointment duration units
      {"SCH-11", "^^M45^20261202050000+0000^20261202054500+0000"},  // timing quantity (TQ)
      {"SCH-16", "physician"},                                      // filler contact person
      {"SCH-20", "physician"},                                      // entered by person
      {"SCH-25", "Booked^Booked^HL70278"},                          // filler status code
      {"TQ1-1", "1"},                                               // set id
      {"TQ1-6", "45^min&minutes&UCUM"},                             // service duration
      {"TQ1-7", "20261202050000+0000"},                             // start
      {"TQ1-8", "20261202054500+0000"},                             // end
      {"PID-1", "1"},                                               // set id
      {"PID-3", "p-07^^^demo^PI"},                                  // patient identifier list
      {"PID-5", "p-07^^^^^^S"},                                     // patient name: a pseudonym
      {"RGS-1", "1"},                                               // set id
      {"RGS-2", "U"},                                               // segment action code
      {"AIS-1", "1"},                                               // set id
      {"AIS-2", "U"},                                               // segment action code
      {"AIS-3", "infusion^infusion^L"},                             // universal service identifier
      {"AIS-4", "20261202050000+0000"},                             // start
      {"AIS-7", "45"},                                              // duration
      {"AIS-8", "min^minutes^UCUM"},                                // duration units
      {"AIS-10", "Booked^Booked^HL70278"},                          // filler status code
      {"AIL-1", "1"},                                               // set id
      {"AIL-2", "U"},                                               // segment action code
      {"AIL-3", "clinic-1"},                                        // location resource id
      {"AIL-6", "20261202050000+0000"},                             // start
      {"AIL-9", "45"},                                              // duration
      {"AIL-10", "min^minutes^UCUM"},                               // duration units
      {"AIL-12", "Booked^Booked^HL70278"},                          // filler status code
  };
  EXPECT_EQ(fields_of(to_siu("demo", an_infusion(), "S13", 4711, kSent)), golden);
}

TEST(Siu, EventStatusAndActionSayTheSame) {
  FeedVisit visit = an_infusion();
  visit.why.clear();
  visit.by.clear();
  FieldMap booked = fields_of(to_siu("demo", visit, "S12", 1, kSent));
  EXPECT_EQ(booked["SCH-6"], "booked^booked^L");
  EXPECT_EQ(booked["AIS-2"], "A");
  EXPECT_EQ(booked["SCH-16"], "CRYOBANK") << "the standard asks for somebody";
  visit.cancelled = true;
  FieldMap off = fields_of(to_siu("demo", visit, "S15", 1, kSent));
  EXPECT_EQ(off["MSH-9"], "SIU^S15^SIU_S12");
  EXPECT_EQ(off["SCH-6"], "cancelled^cancelled^L");
  EXPECT_EQ(off["SCH-25"], "Cancelled^Cancelled^HL70278");
  EXPECT_EQ(off["RGS-2"], "D");
}

TEST(Siu, MessageIsReadBackAsTheSameVisit) {
  const auto notice = read_siu("demo", to_siu("demo", an_infusion(), "S15", 4711, kSent));
  ASSERT_TRUE(notice) << notice.error().context;
  EXPECT_EQ(notice->event, "S15");
  EXPECT_EQ(notice->course, "c1");
  EXPECT_EQ(notice->dose, "d03");
  EXPECT_EQ(notice->control, "4711");
  EXPECT_EQ(notice->sender, "CRYOBANK|demo");
}

std::string real_notice(std::string_view sch, std::string_view end = "\r") {
  return cat("MSH|^~\\&|HIS|H|CRYOBANK|demo|20261202||SIU^S26|17|P|2.5", end, sch, end,
             "PID|1||p-07", end);
}

TEST(Siu, RealFormsOfAMessageAreRead) {
  const std::string ours = "c-1.d03.infusion@demo.cryobank^CRYOBANK";
  const std::string plain = real_notice(cat("SCH|9^HIS|", ours, "|"));
  for (const std::string& message :
       {plain, real_notice(cat("SCH|", ours, "|4711^HIS|")), real_notice(cat("SCH|", ours, "|")),
        real_notice(cat("SCH||", ours), "\n"), real_notice(cat("SCH||", ours), "\r\n"),
        cat("\x0B", plain, "\x1C\r"), cat("\x0B", plain, "\x1C")}) {
    const auto notice = read_siu("demo", message);
    ASSERT_TRUE(notice) << notice.error().context << "\n" << message;
    EXPECT_EQ(notice->event, "S26");
    EXPECT_EQ(notice->course, "c-1");
    EXPECT_EQ(notice->dose, "d03");
    EXPECT_EQ(notice->control, "17");
  }
}

TEST(Siu, ForeignAndBrokenMessagesAreRefusedInWords) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "begins with MSH"},
      {"PID|1", "begins with MSH"},
      {"MSH|^~\\&|A|B|||2026||ADT^A01|1|P|2.5\rSCH|x|x\r", "expected SIU"},
      {"MSH|^~\\&|A|B|||2026||SIU^S12|1|P|2.5\rSCH|c1.d03.infusion@demo.cryobank|\r",
       "expected S15 or S26"},
      {"MSH|^~\\&|A|B|||2026||SIU^S26|1|P|2.5\r", "expected a segment SCH"},
      {"MSH|^~\\&|A|B|||2026||SIU^S26||P|2.5\rSCH||c1.d03.infusion@demo.cryobank\r", "MSH-10"},
      {real_notice("SCH|nobody|"), "a visit of ours at SCH-1 or SCH-2"},
      {real_notice("SCH||c1.d03.infusion@other.cryobank"), "ends with @demo.cryobank"},
      {real_notice("SCH||c1.d03.thaw@demo.cryobank"), "the infusion of a dose"},
      {real_notice("SCH||.d03.infusion@demo.cryobank"), "the infusion of a dose"},
      {real_notice("SCH||infusion@demo.cryobank"), "the infusion of a dose"},
      {cat(real_notice("SCH||c1.d03.infusion@demo.cryobank"),
           real_notice("SCH||c1.d04.infusion@demo.cryobank")),
       "more than one"},
  };
  for (const auto& [message, told] : cases) {
    const auto notice = read_siu("demo", message);
    ASSERT_FALSE(notice) << message;
    EXPECT_NE(notice.error().context.find(told), std::string::npos) << notice.error().context;
  }
  EXPECT_FALSE(read_siu("demo", std::string(kSiuBytesMax + 1, 'x')));
}

}  // namespace
}  // namespace cryobank::schedule
