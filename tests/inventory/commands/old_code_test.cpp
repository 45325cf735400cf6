// Codes from before the rule of what a code can be: whoever has one is scanned, counted, moved,
// labelled and disposed of as ever; nobody new gets one.
#include <gtest/gtest.h>

#include <string>

#include "base/fact_names.hpp"
#include "inventory/commands/ask.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

constexpr const char* kOldCodes[] = {"TRUE", "12/11/2026", "1234567.0", "EMPTY"};
constexpr const char* kOldBox = "f1-r1-b1";

class OldCode : public testing::Test {
 protected:
  OldCode() {
    Json aliquots = Json::array();
    for (int i = 1; i <= 4; ++i) {
      aliquots.push(Json::object().set("aliquot", cat("o-", i)).set("code", kOldCodes[i - 1]));
    }
    Json dose = Json::object().set("dose", "d1").set("fraction", "1");
    dose.set("aliquots", std::move(aliquots));
    Json data = Json::object().set("course", "old").set("patient", "p");
    data.set("doses", Json::array().push(std::move(dose)));
    EXPECT_TRUE(bank_.commit(inventory_fact(fact::kCourseRegistered, std::move(data))).ok());
    bank_.witness = "witness";
    for (int i = 1; i <= 4; ++i) move(i, cat("A", i));
  }
  void TearDown() override {
    expect_sound(bank_.ledger());
    bank_.expect_rebuilds();
  }
  // By its code, with what a scanner puts around it.
  void move(int number, const std::string& position) {
    Json body = Json::object().set("aliquot", cat("o-", number)).set("place", kOldBox);
    body.set("position", position).set("code", cat(kOldCodes[number - 1], "\r\n"));
    const auto moved = bank_.tell("aliquot/move", body);
    ASSERT_TRUE(moved.ok()) << moved.error().context;
    ASSERT_FALSE(moved->refused) << moved->refused->context;
  }
  static Json of_box(std::string_view csv) {
    return Json::object().set("container", kOldBox).set("csv", csv).set("only_tubes", true);
  }
  Json preview(std::string_view csv) {
    const auto shown = bank_.tell("scan/preview", of_box(csv));
    EXPECT_TRUE(shown.ok()) << shown.error().context;
    return shown ? shown->reply : Json();
  }

  Bank bank_;
};

constexpr const char* kAsRecorded =
    "Position,Code\nA1,TRUE\nA2,12/11/2026\nA3,1234567.0\nA4,EMPTY\nA5,EMPTY\n";

// A word that marks an empty position leaves open what stands where the record has it as a code:
// nothing is concluded of that vial.
TEST_F(OldCode, IsReadInABoxAndOneThatIsAlsoAMarkCountsAsUnread) {
  const Json shown = preview(kAsRecorded);
  EXPECT_EQ(shown["same"].integer(), 3) << shown.dump();
  ASSERT_EQ(shown["differences"].items().size(), 1u) << shown.dump();
  EXPECT_EQ(shown["differences"].items()[0].string_or("kind", ""), "unread");
  EXPECT_EQ(shown["differences"].items()[0].string_or("position", ""), "A4");
  const Json moved = preview("Position,Code\nA1,12/11/2026\nA2,TRUE\nA3,1234567.0\nA4,EMPTY\n");
  EXPECT_EQ(moved["same"].integer(), 1) << moved.dump();
}

TEST_F(OldCode, IsCounted) {
  bank_.done("take/open", cat(R"({"place":")", kOldBox, R"("})"));
  ASSERT_TRUE(bank_.tell("take/count", of_box(kAsRecorded).set("take", "take-1")).ok());
  const Json report = bank_.done("take/report", R"({"take":"take-1"})");
  EXPECT_EQ(report["found"].integer(), 3) << report.dump();
  EXPECT_EQ(report["expected"].integer(), 4);
  EXPECT_EQ(report["differences"].integer(), 1);
}

TEST_F(OldCode, IsMovedByAListAndLabelledAndDisposedOf) {
  const auto listed = bank_.tell(
      "bulk/import",
      Json::object().set("csv",
                         cat("aliquot,code,course,patient,lot,dose,fraction,state,path,position\n",
                             "o-1,TRUE,old,p,,d1,1,", name_of(bank_.aliquot("o-1").state), ",",
                             bank_.view().path_of(PlaceId(kOldBox)), ",B1\n")));
  ASSERT_TRUE(listed.ok()) << listed.error().context;
  ASSERT_FALSE(listed->refused) << listed->reply.dump();
  EXPECT_EQ(bank_.where("o-1"), cat(kOldBox, " B1"));
  bank_.done("label/print", R"({"aliquot":"o-2"})");
  bank_.done("label/verify", R"({"aliquot":"o-2","code":"12/11/2026"})");
  bank_.reason = "broken";
  bank_.roles = {"operator"};
  bank_.done("disposal/request", R"({"aliquots":["o-1","o-2"],"method":"autoclave"})");
  bank_.now = bank_.now + hours(25);
  bank_.user = "quality";
  bank_.roles = {"quality"};
  bank_.done("disposal/confirm", R"({"disposal":"disposal-1"})");
  EXPECT_EQ(bank_.aliquot("o-1").state, AliquotState::disposed);
}

TEST_F(OldCode, IsGivenToNobodyNew) {
  bank_.refused("course/register", R"({"course":"n","patient":"p","doses":1,"codes":["FALSE"]})",
                ErrorCode::invalid_value);
  EXPECT_FALSE(bank_.tell("scan/preview", of_box("Position,Code\nA1,FALSE\n")).ok());
  const auto listed = bank_.tell(
      "bulk/import",
      Json::object().set(
          "csv", cat("aliquot,code,course,patient,lot,dose,fraction,state,path,position\n",
                     "n-1,FALSE,n,p,,d1,1,quarantined,", bank_.view().path_of(PlaceId(kOldBox)),
                     ",B1\n")));
  EXPECT_TRUE(!listed.ok() || listed->refused.has_value());
  EXPECT_FALSE(bank_.view().exists(AliquotId("n-1")));
}

}  // namespace
}  // namespace cryobank::inventory
