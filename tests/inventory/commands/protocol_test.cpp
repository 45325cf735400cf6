// A course is given by one protocol of the site, whoever names it: its registration, the list that
// brings it or one that comes later, or two people for a course that came without.
#include <gtest/gtest.h>

#include "inventory/commands/list/bulk.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

// nk-12 in two versions, and half doses of six.
const config::SiteConfig& two_versions() {
  static const config::SiteConfig kSite = [] {
    config::SiteConfig site = small_site();
    config::ProtocolConfig second = site.protocols.front();
    second.version = 2;
    config::ProtocolConfig half = second;
    half.id = ProtocolId("halves");
    half.version = 1;
    half.doses = 24;
    half.dose_fraction = *Fraction::make(1, 2);
    site.protocols.push_back(second);
    site.protocols.push_back(half);
    return site;
  }();
  return kSite;
}

class PinnedProtocol : public testing::Test {
 protected:
  void SetUp() override {
    bank_.user = "supervisor";
    bank_.roles = {"supervisor"};
    bank_.witness = "witness";
    bank_.reason = "moved in by list";
  }
  void TearDown() override {
    expect_sound(bank_.ledger());
    bank_.expect_rebuilds();
  }
  static std::string line(std::string_view course, int dose, std::string_view tail) {
    const std::string id = cat(course, "-", dose);
    return cat(id, ",", id, ",", course, ",p-", course, ",,d0", dose,
               ",1/12,quarantined,room/freezer-1/f1-r1/f1-r1-b1,", course == "a" ? "A" : "B", dose,
               tail, "\r\n");
  }
  static constexpr std::string_view kPlain =
      "aliquot,code,course,patient,lot,dose,fraction,state,path,position\r\n";
  static constexpr std::string_view kNamed =
      "aliquot,code,course,patient,lot,dose,fraction,state,path,position,protocol,"
      "protocol_version\r\n";
  Decision import(const std::string& csv) {
    const auto decision = bank_.tell("bulk/import", Json::object().set("csv", csv));
    EXPECT_TRUE(decision.ok()) << decision.error().context;
    return decision.ok() ? *decision : Decision{};
  }
  std::string why(const std::string& csv) {
    const Decision decision = import(csv);
    return decision.refused ? decision.refused->context : "taken";
  }
  const Course& course(std::string_view id) {
    return *View(bank_.ledger()).course(CourseId(std::string(id)));
  }

  Bank bank_{two_versions()};
};

TEST_F(PinnedProtocol, AListNamesTheProtocolOfEachNewCourse) {
  const Decision told = import(
      cat(kNamed, line("a", 1, ",nk-12,1"), line("a", 2, ",nk-12,1"), line("b", 1, ",nk-12,")));
  ASSERT_FALSE(told.refused) << told.message;
  EXPECT_FALSE(told.reply.has("without_protocol")) << told.reply.dump();
  EXPECT_EQ(course("a").protocol, ProtocolId("nk-12"));
  EXPECT_EQ(course("a").protocol_version, 1);
  EXPECT_EQ(course("b").protocol_version, 2) << "the newest, where the list names none";
}

TEST_F(PinnedProtocol, AnExportBringsItIntoAnotherBank) {
  ASSERT_FALSE(import(cat(kNamed, line("a", 1, ",nk-12,1"), line("b", 1, ",,"))).refused);
  const std::string csv = export_csv(bank_.view(), PlaceId()).csv;
  EXPECT_NE(csv.find(",A1,,0,nk-12,1\r\n"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",B1,,0,,\r\n"), std::string::npos) << csv;
  Bank other(two_versions());
  other.witness = "witness";
  ASSERT_TRUE(other.tell("bulk/import", Json::object().set("csv", csv)).ok());
  EXPECT_EQ(export_csv(other.view(), PlaceId()).csv, csv);
}

TEST_F(PinnedProtocol, LinesThatDisagreeOrNameWhatTheSiteHasNotAreToldAndChangeNothing) {
  EXPECT_EQ(why(cat(kNamed, line("a", 1, ",nk-12,1"), line("a", 2, ",nk-12,2"))),
            "1 bad lines, nothing changed; line 3: course a has protocol nk-12 version 1 in line "
            "2, came protocol nk-12 version 2");
  EXPECT_EQ(why(cat(kNamed, line("a", 1, ",nk-12,1"), line("a", 2, ",,"))),
            "1 bad lines, nothing changed; line 3: course a has protocol nk-12 version 1 in line "
            "2, came no protocol");
  EXPECT_EQ(why(cat(kNamed, line("a", 1, ",nk-12,3"))),
            "1 bad lines, nothing changed; line 2: no protocol nk-12 version 3: this site has "
            "([files] protocols) nk-12 version 1, nk-12 version 2, halves version 1");
  for (const char* bad : {",nk-12,0", ",nk-12,two", ",,1"}) {
    EXPECT_NE(why(cat(kNamed, line("a", 1, bad))).find("protocol_version: expected the version"),
              std::string::npos)
        << bad;
  }
  EXPECT_NE(why(cat(kNamed, line("a", 1, ",halves,")))
                .find("expected at most 1/24 of the course in dose d01"),
            std::string::npos)
      << "whole doses of a protocol of halves";
  EXPECT_EQ(bank_.view().course(CourseId("a")), nullptr);
}

TEST_F(PinnedProtocol, ACourseThatCameWithoutIsGivenOneByTwoPeopleOnce) {
  const Decision told = import(cat(kPlain, line("a", 1, ""), line("b", 1, "")));
  EXPECT_EQ(told.reply.integer_or("without_protocol", 0), 2);
  EXPECT_NE(told.message.find("2 new courses have no protocol and cannot be planned until a list "
                              "or course/protocol names one"),
            std::string::npos)
      << told.message;
  constexpr std::string_view kAgain =
      R"({"course":"a","patient":"p","doses":1,"protocol":"nk-12"})";
  const auto again = bank_.tell("course/register", kAgain);
  EXPECT_EQ(again.error().context,
            "course a exists already: course/protocol gives it its protocol");
  bank_.refused("course/protocol", R"({"course":"a","protocol":"nothing"})", ErrorCode::not_found);
  bank_.refused("course/protocol", R"({"course":"a","protocol":"halves"})",
                ErrorCode::invalid_value);
  bank_.witness.clear();
  bank_.refused("course/protocol", R"({"course":"a","protocol":"nk-12"})",
                ErrorCode::witness_needed);
  bank_.witness = "witness";
  bank_.reason.clear();
  bank_.refused("course/protocol", R"({"course":"a","protocol":"nk-12"})",
                ErrorCode::invalid_value);
  bank_.reason = "as its file says";
  const std::int64_t before = course("a").revision;
  const Json reply =
      bank_.done("course/protocol", R"({"course":"a","protocol":"nk-12","version":1})");
  EXPECT_EQ(reply.dump(), cat(R"({"course":"a","doses":1,"protocol":"nk-12","protocol_doses":12,)",
                              R"("protocol_version":1,"revision":)", before + 1, "}"));
  EXPECT_EQ(course("a").protocol_version, 1);
  const auto twice =
      bank_.tell("course/protocol", std::string_view(R"({"course":"a","protocol":"nk-12"})"));
  EXPECT_EQ(twice.error().code, ErrorCode::conflict);
  EXPECT_EQ(twice.error().context,
            "course a is given by protocol nk-12 version 1: what differs for its patient is an "
            "amendment (course/amend)");
}

TEST_F(PinnedProtocol, ALaterListNamesItForCoursesThatStandWithout) {
  ASSERT_FALSE(import(cat(kPlain, line("a", 1, ""), line("a", 2, ""), line("b", 1, ""))).refused);
  const std::string later =
      cat(kNamed, line("a", 1, ",nk-12,"), line("a", 2, ",nk-12,"), line("b", 1, ",nk-12,1"));
  const Decision told = import(later);
  ASSERT_FALSE(told.refused) << told.message;
  EXPECT_EQ(told.reply.integer_or("protocols", 0), 2);
  EXPECT_EQ(course("a").protocol_version, 2);
  EXPECT_EQ(course("b").protocol_version, 1);
  EXPECT_TRUE(import(later).facts.empty()) << "nothing is new";
  EXPECT_TRUE(import(cat(kPlain, line("a", 1, ""))).facts.empty()) << "a list that says nothing";
  EXPECT_NE(why(cat(kNamed, line("a", 1, ",nk-12,1")))
                .find("course a is given by protocol nk-12 version 2"),
            std::string::npos);
}

}  // namespace
}  // namespace cryobank::inventory
