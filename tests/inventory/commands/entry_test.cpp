// What may come into the record at all: codes that are codes, times of this age, labels that exist.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "inventory/commands/list/bulk.hpp"
#include "tests/inventory/commands/safety.hpp"

namespace cryobank::inventory {
namespace {

class Entry : public Safety {
 protected:
  bool is_refused(std::string_view verb, std::string_view body) {
    const auto result = told(verb, body);
    return !result || result->refused.has_value();
  }
  static std::string upper(std::string text) {
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
  }
  std::string coded(std::string_view code) {
    return list(cat("x-1,", code, ",x,p9,,d01,1,quarantined,f4-r2-b2,I9,,\r\n"));
  }
};

TEST_F(Entry, WhatAProgramWroteForACodeIsNone) {
  for (const char* code : {"#N/A", "#REF!", "NULL", "-", "0", "TRUE", "nan", "12/11/2026",
                           "'0001234", "=HYPERLINK(1)", "00123.0", "1.2E+05"}) {
    SCOPED_TRACE(code);
    EXPECT_TRUE(is_refused("bulk/import", coded(code)));
    bank_.refused("course/register",
                  cat(R"({"course":"x","patient":"p9","doses":1,"codes":[")", code, R"("]})"),
                  ErrorCode::invalid_value);
  }
  bank_.done("bulk/import", coded("0001234"));
  EXPECT_EQ(bank_.aliquot("x-1").code, "0001234");
}

// As a table writes a code that shall keep its noughts: the quotes of the CSV come off, these stay.
TEST_F(Entry, AFormulaThatOnlyQuotesIsNoCode) {
  EXPECT_TRUE(is_refused("bulk/import", coded(R"("=""00123""")")));
  const Json body = Json::object()
                        .set("course", "x")
                        .set("patient", "p9")
                        .set("doses", 1)
                        .set("codes", Json::array().push(R"(="00123")"));
  bank_.refused("course/register", body.dump(), ErrorCode::invalid_value);
}

TEST_F(Entry, ACodeThatIsScannedForSomethingElseIsNoVials) {
  for (const char* code : {"c9/d01", "c1/d01", "robot-1", "freezer-1", "f4-r2-b2", "BADGE:x"}) {
    SCOPED_TRACE(code);
    bank_.refused("course/register",
                  cat(R"({"course":"x","patient":"p9","doses":1,"codes":[")", code, R"("]})"),
                  ErrorCode::already_exists);
    EXPECT_TRUE(is_refused("bulk/import", coded(code)));
  }
  bank_.done("course/register",
             R"({"course":"x","patient":"p9","doses":1,"codes":["x2/first","2024/0153"]})");
  bank_.refused("course/register",
                R"({"course":"x2","patient":"p9","doses":[{"dose":"first","aliquots":)"
                R"([{"code":"X-2"}]}]})",
                ErrorCode::already_exists);
  EXPECT_TRUE(is_refused("bulk/import", list("y-1,y2/one,y,p9,,d01,1,expected,EXPECTED,,,\r\n"
                                             "y-2,Y-2,y2,p9,,one,1,expected,EXPECTED,,,\r\n")));
}

TEST_F(Entry, CoursesThatDifferOnlyByCaseAreOneTooMany) {
  bank_.done("course/register", R"({"course":"kk-10","patient":"p9","doses":1})");
  bank_.refused("course/register", R"({"course":"KK-10","patient":"p9","doses":1})",
                ErrorCode::already_exists);
  EXPECT_TRUE(is_refused("bulk/import", list("y-1,Y-1,Kk-10,p9,,d01,1,expected,EXPECTED,,,\r\n")));
  const Json like = bank_.done("course/register",
                               R"({"course":"kk-1o","patient":"p9","doses":1,"codes":["Q-1"]})");
  ASSERT_EQ(like["look_alikes"].items().size(), 1U);
  EXPECT_EQ(like["look_alikes"].items().front().string_or("like", ""), "kk-10");
}

TEST_F(Entry, AListOfNothingIsRefused) { EXPECT_TRUE(is_refused("bulk/import", list(""))); }

TEST_F(Entry, AStateThatNoNewVialHasIsRefusedWithWhatToSayInstead) {
  constexpr std::pair<const char*, const char*> kInstead[] = {
      {"reserved", "say released"},      {"in-transit", "say expected, in EXPECTED"},
      {"returned", "say quarantined"},   {"lost", "say quarantined, in UNKNOWN"},
      {"thawed", "leave its line out"},  {"in-culture", "leave its line out"},
      {"issued", "leave its line out"},  {"used", "leave its line out"},
      {"disposed", "leave its line out"}};
  for (const auto& [state, instead] : kInstead) {
    const auto result =
        told("bulk/import", list(cat("x-1,X-1,x,p9,,d01,1,", state, ",f4-r2-b2,I9,,\r\n")));
    ASSERT_TRUE(result.ok() && result->refused) << state;
    EXPECT_NE(result->refused->context.find(instead), std::string::npos)
        << result->refused->context;
  }
}

TEST_F(Entry, AColumnWithTheClinicIsRefusedWithWhereItIsSaid) {
  const auto result = told(
      "bulk/import", R"({"csv":"code,path,position,Clinic\r\nc1-d01-1,f4-r2-b2,I9,clinic-1\r\n"})");
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().context.find("course/clinic"), std::string::npos)
      << result.error().context;
}

// A bank that moves in brings them until they are disposed of.
TEST_F(Entry, ExpiredVialsComeByAListAreToldAndNobodyUsesThem) {
  const std::string past = format_utc(bank_.now - days(1));
  const std::string soon = format_utc(bank_.now + days(1));
  bank_.user = "supervisor";
  bank_.roles = {"supervisor"};
  bank_.witness = "witness";
  bank_.reason = "moves in";
  const Json reply = bank_.done(
      "bulk/import", list(cat("y-1,Y-1,y,p9,,d01,1/2,released,f4-r2-b2,I1,", past, ",\r\n",
                              "y-2,Y-2,y,p9,,d02,1/2,released,f4-r2-b2,I2,", soon, ",\r\n")));
  EXPECT_EQ(reply.integer_or("expired", 0), 1);
  EXPECT_EQ(bank_.aliquot("y-1").state, AliquotState::released);
  const std::string csv = export_csv(bank_.view(), PlaceId("f4-r2-b2")).csv;
  Bank other;
  other.witness = "witness";
  const auto moved = other.tell("bulk/import", Json::object().set("csv", csv));
  ASSERT_TRUE(moved.ok() && !moved->refused);
  EXPECT_NE(moved->message.find("CAUTION: 1 vials have expired, the first in line 2"),
            std::string::npos)
      << moved->message;
  EXPECT_EQ(export_csv(other.view(), PlaceId("f4-r2-b2")).csv, csv);
  const std::string at = format_utc(bank_.now);
  bank_.done("dose/plan", cat(R"({"course":"y","dose":"d01","thaw_at":")", at, R"("})"));
  bank_.refused("dose/thaw", R"({"course":"y","dose":"d01"})", ErrorCode::expired);
}

TEST_F(Entry, AnOpenQuoteIsToldWhereItOpens) {
  const auto result = told("bulk/import", list("y-1,\"Y-1,y,p9,,d01,1,expected,EXPECTED,,,\r\n"
                                               "y-2,Y-2,y,p9,,d02,1,expected,EXPECTED,,,\r\n"));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().context, "line 2: a quote that opens here is never closed");
}

TEST_F(Entry, TimesOfOtherAgesAreRefused) {
  for (const char* time :
       {"0001-01-01T00:00:00Z", "1999-12-31T00:00:00Z", "9999-12-31T00:00:00Z"}) {
    SCOPED_TRACE(time);
    const std::string quoted = cat("\"", time, "\"");
    bank_.refused("probe/map",
                  cat(R"({"device":"freezer-1","point":"temperature-top","place":"freezer-1",)",
                      R"("from":)", quoted, "}"),
                  ErrorCode::invalid_value);
    bank_.refused("position/reserve",
                  cat(R"({"place":"f4-r2-b2","position":"A1","course":"c1","until":)", quoted, "}"),
                  ErrorCode::invalid_value);
    bank_.refused("course/register",
                  cat(R"({"course":"x","patient":"p9","doses":1,"expires_at":)", quoted, "}"),
                  ErrorCode::invalid_value);
    bank_.refused("excursion/record",
                  cat(R"({"place":"freezer-1","from":)", quoted, R"(,"until":")",
                      format_utc(bank_.now), R"(","peak_cel":-100,"above_s":{"-150":60}})"),
                  ErrorCode::invalid_value);
    EXPECT_TRUE(is_refused(
        "bulk/import", list(cat("x-1,X-1,x,p9,,d01,1,quarantined,f4-r2-b2,I9,", time, ",\r\n"))));
  }
  // Two years of warmth are no excursion.
  bank_.refused(
      "excursion/record",
      cat(R"({"place":"freezer-1","from":")", format_utc(bank_.now - days(730)), R"(","until":")",
          format_utc(bank_.now), R"(","peak_cel":-100,"above_s":{"-150":60,"-135":60,"-120":60}})"),
      ErrorCode::invalid_value);
  bank_.done("position/reserve",
             cat(R"({"place":"f4-r2-b2","position":"A1","course":"c1","until":")",
                 format_utc(bank_.now + days(90)), R"("})"));
}

TEST_F(Entry, ALabelInAnotherSpellingIsAQuestion) {
  for (const char* label : {"a1", "i9"}) {
    const auto result =
        told("position/reserve",
             cat(R"({"place":"f4-r2-b2","course":"c1","position":")", label, R"("})"));
    ASSERT_FALSE(result.ok()) << label;
    EXPECT_EQ(result.error().code, ErrorCode::did_you_mean) << label;
    EXPECT_NE(result.error().context.find(cat("did you mean \"", upper(label), "\"?")),
              std::string::npos)
        << result.error().context;
  }
  bank_.refused("position/reserve", R"({"place":"f4-r2-b2","course":"c1","position":"Z99"})",
                ErrorCode::malformed);
}

}  // namespace
}  // namespace cryobank::inventory
