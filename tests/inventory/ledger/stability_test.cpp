// Stability: expiry by the protocol, freezing again up to its limit, and doses short of cells.
#include "inventory/ledger/stability.hpp"

#include <gtest/gtest.h>

#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/paper/label.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

config::SiteConfig validated_site() {
  config::SiteConfig site = small_site();
  config::ProtocolConfig protocol;
  protocol.doses = 4;
  protocol.dose_fraction = *Fraction::make(1, 1);
  for (const std::string_view id : {"valid", "donor"}) {
    protocol.id = ProtocolId(std::string(id));
    site.protocols.push_back(protocol);
  }
  return site;
}

const config::SiteConfig& site() {
  static const config::SiteConfig kSite = validated_site();
  return kSite;
}

constexpr std::string_view kRule =
    R"({"protocol":"valid","frozen_days":365,"thawed_hours":4,"harvested_hours":12,
        "freezings_max":2,"million_cells_min":500,"viable_percent_min":70})";

class Stability : public testing::Test {
 protected:
  void SetUp() override {
    bank_.witness = "witness";
    bank_.done("stability/set", kRule);
    begin("valid");
  }
  void TearDown() override {
    expect_sound(bank_.ledger());
    bank_.expect_rebuilds();
  }
  void begin(std::string_view protocol) {
    course_ = cat("c-", protocol);
    bank_.done("course/register",
               cat(R"({"course":")", course_, R"(","patient":"p1","lot":"l-)", protocol,
                   R"(","protocol":")", protocol, R"(","store":{"robot":"robot-1"}})"));
    registered_ = bank_.view().course(CourseId(course_))->registered_at;
    bank_.run_jobs();
    bank_.reason = "because";
    bank_.done("course/release", of(""));
  }
  std::string of(std::string_view rest) const {
    return cat(R"({"course":")", course_, R"(")", rest, "}");
  }
  std::string dose(std::string_view rest = {}) const { return of(cat(R"(,"dose":"d01")", rest)); }
  std::string vial() const { return cat(course_, "-d01-1"); }
  std::string labelled(std::string_view rest = {}) const {
    return dose(cat(R"(,"code":")", course_, R"(/d01")", rest));
  }
  void thaw() {
    bank_.done("dose/plan", dose(cat(R"(,"thaw_at":")", format_utc(bank_.now), R"(")")));
    bank_.done("dose/thaw", dose());
    bank_.run_jobs();
    ASSERT_EQ(bank_.dose_state(course_, "d01"), "thawed");
  }
  std::string refreeze() const {
    return dose(cat(R"(,"codes":[")", vial(), R"("],"place":"f1-r1-b1","positions":["I9"])"));
  }
  std::string codes() const { return dose(cat(R"(,"codes":[")", vial(), R"("])")); }

  Bank bank_{site()};
  std::string course_;
  WallTime registered_;
};

TEST_F(Stability, WithoutAnExpiryTheProtocolsDaysInTheColdCount) {
  EXPECT_EQ(bank_.aliquot(vial()).expires_at, registered_ + days(365));
  bank_.now = registered_ + days(365);
  bank_.done("dose/plan", dose(cat(R"(,"thaw_at":")", format_utc(bank_.now), R"(")")));
  bank_.refused("dose/thaw", dose(), ErrorCode::expired);
}

TEST_F(Stability, AVialIsFrozenAgainUpToItsLimitThenHeldAndRefused) {
  thaw();
  EXPECT_EQ(bank_.aliquot(vial()).thaws, 1);
  bank_.refused("dose/refreeze",
                dose(cat(R"(,"codes":[")", vial(), R"("],"place":"port","positions":["1"])")),
                ErrorCode::invalid_value);
  const Json reply = bank_.done("dose/refreeze", refreeze());
  EXPECT_TRUE(reply.bool_or("last_freezing", false));
  EXPECT_EQ(bank_.aliquot(vial()).state, AliquotState::quarantined);
  EXPECT_EQ(bank_.where(vial()), "f1-r1-b1 I9");
  EXPECT_EQ(bank_.dose_state(course_, "d01"), "stored");
  const std::vector<Hold> holds = holds_on(bank_.view(), bank_.aliquot(vial()));
  ASSERT_EQ(holds.size(), 1u) << "the limit is reached";
  EXPECT_EQ(holds[0].kind, "freeze-thaw");
  bank_.done("hold/release", cat(R"({"hold":")", holds[0].id, R"("})"));
  bank_.done("course/release", of(""));
  thaw();
  EXPECT_EQ(bank_.aliquot(vial()).thaws, 2);
  bank_.refused("dose/refreeze", refreeze(), ErrorCode::conflict);
}

TEST_F(Stability, WithoutARuleNothingIsFrozenAgain) {
  begin("donor");
  thaw();
  bank_.refused("dose/refreeze", refreeze(), ErrorCode::conflict);
}

TEST_F(Stability, ANewRuleIsShownByTheCoursesWithAWarmDose) {
  bank_.done("stability/set", kRule);
  EXPECT_TRUE(bank_.touched.courses.empty()) << "nothing of it is warm";
  thaw();
  bank_.done("stability/set", R"({"protocol":"valid","thawed_hours":1})");
  ASSERT_EQ(bank_.touched.courses.size(), 1u) << "its topic says by when to use the dose";
  EXPECT_EQ(bank_.touched.courses[0].str(), course_);
}

TEST_F(Stability, AVialIsNotFrozenIntoAPositionThatIsBlockedOrKeptForSomebodyElse) {
  thaw();
  const std::string spot = R"("place":"f1-r1-b1","position":"I9")";
  bank_.done("course/register", R"({"course":"other","patient":"p9","doses":1})");
  bank_.done("position/reserve", cat("{", spot, R"(,"course":"other"})"));
  bank_.refused("dose/refreeze", refreeze(), ErrorCode::slot_taken);
  bank_.done("position/free", cat("{", spot, R"(,"course":"other"})"));
  bank_.done("position/block", cat("{", spot, "}"));
  bank_.refused("dose/refreeze", refreeze(), ErrorCode::slot_taken);
  bank_.done("position/unblock", cat("{", spot, "}"));
  bank_.done("position/reserve", cat("{", spot, R"(,"course":")", course_, R"("})"));
  bank_.done("dose/refreeze", refreeze());
  EXPECT_TRUE(bank_.view().place(PlaceId("f1-r1-b1"))->reserved.empty()) << "its end is its use";
}

TEST_F(Stability, AVialThatARobotIsToFetchIsNeitherFrozenAgainNorTakenIntoCulture) {
  thaw();
  bank_.done("aliquot/transfer", of(cat(R"(,"aliquots":[")", vial(), R"("])")));
  bank_.refused("dose/refreeze", refreeze(), ErrorCode::conflict);
  bank_.refused("dose/reculture", codes(), ErrorCode::conflict);
  bank_.run_jobs();
  EXPECT_EQ(bank_.aliquot(vial()).spot.place.str(), "port");
  bank_.done("dose/reculture", codes());
}

TEST_F(Stability, AWrongCodeIsNotFrozenAgain) {
  thaw();
  bank_.mismatch("dose/refreeze", dose(R"(,"codes":["other"],"place":"f1-r1-b1")"));
  EXPECT_EQ(bank_.aliquot(vial()).state, AliquotState::thawed);
}

TEST_F(Stability, AThawedDoseExpiresAfterItsHours) {
  thaw();
  bank_.now = bank_.now + hours(5);
  bank_.refused("dose/reculture", codes(), ErrorCode::expired);
  bank_.refused("dose/issue", labelled(R"(,"to":"clinic")"), ErrorCode::expired);
  bank_.done("dose/reject", dose());
}

TEST_F(Stability, AHarvestedDoseExpiresAfterItsHours) {
  thaw();
  bank_.done("dose/reculture", codes());
  bank_.now = bank_.now + days(2);
  bank_.done("dose/harvest", labelled());
  bank_.done("dose/issue", labelled());
  bank_.now = bank_.now + hours(13);
  bank_.refused("dose/infuse", labelled(), ErrorCode::expired);
  bank_.done("dose/return", labelled());
}

TEST_F(Stability, ADoseShortOfCellsForetellsWhatTheRestWillMake) {
  thaw();
  bank_.done("dose/reculture",
             dose(cat(R"(,"codes":[")", vial(), R"("],"cells":400000000,"viable_percent":80.5)")));
  bank_.done("hold/place", cat(R"({"aliquot":")", course_, R"(-d04-1"})"));
  bank_.refused("dose/harvest", labelled(R"(,"cells":1,"viable_percent":101)"),
                ErrorCode::invalid_value);
  const Json reply =
      bank_.done("dose/harvest", labelled(R"(,"cells":400000000,"viable_percent":90)"));
  const Json& less = reply["short"];
  EXPECT_EQ(less.integer_or("viable_cells", 0), 360'000'000);
  EXPECT_EQ(less.integer_or("wanted_cells", 0), 500'000'000);
  EXPECT_EQ(less.integer_or("doses_left", 0), 3);
  EXPECT_EQ(less.integer_or("usable", 0), 2);
  EXPECT_EQ(less.integer_or("full_doses", 0), 1);
  const Json shown = render_course(bank_.ledger(), CourseId(course_));
  const Json& first = shown["doses"].items().front();
  EXPECT_EQ(first["thawed"]["viable_percent"].milli(), Milli{80'500});
  EXPECT_EQ(first["harvested"]["cells"].milli(), whole(400'000'000));
  EXPECT_TRUE(first["actual"]["use_by"].is_string());
}

TEST_F(Stability, ADoseOfDeadCellsIsShortOfAll) {
  thaw();
  bank_.done("dose/reculture", codes());
  const Json reply =
      bank_.done("dose/harvest", labelled(R"(,"cells":600000000,"viable_percent":0)"));
  EXPECT_EQ(reply["short"].integer_or("viable_cells", -1), 0);
  EXPECT_EQ(reply["short"].integer_or("full_doses", -1), 0);
}

// Where no rule says how many are wanted, as of a course without a protocol.
TEST_F(Stability, NoneIsShortWithoutARule) {
  const Course& course = *bank_.view().course(CourseId(course_));
  Course ruleless = course;
  ruleless.protocol = ProtocolId();
  const Dose& dose = ruleless.doses.front();
  const auto none = shortfall_of(bank_.view(), ruleless, dose, CellCount{}, bank_.now);
  ASSERT_TRUE(none.has_value());
  EXPECT_EQ(none->full_doses, 0U);
  const CellCount some{whole(1'000'000), whole(10)};
  EXPECT_FALSE(shortfall_of(bank_.view(), ruleless, dose, some, bank_.now).has_value());
}

TEST_F(Stability, ADoseWithEnoughCellsIsNotShort) {
  thaw();
  bank_.done("dose/reculture", codes());
  const Json reply =
      bank_.done("dose/harvest", labelled(R"(,"cells":600000000,"viable_percent":90)"));
  EXPECT_FALSE(reply.has("short"));
}

TEST_F(Stability, ARuleOutsideItsBoundsIsRefused) {
  bank_.refused("stability/set", R"({"protocol":"none"})", ErrorCode::not_found);
  bank_.refused("stability/set", R"({"protocol":"valid","freezings_max":0})",
                ErrorCode::invalid_value);
  bank_.refused("stability/set", R"({"protocol":"valid","thawed_hours":721})",
                ErrorCode::invalid_value);
  bank_.witness.clear();
  bank_.refused("stability/set", kRule, ErrorCode::witness_needed);
}

TEST_F(Stability, ALabelHasTheLinesOfItsProductAndThoseOfTheLaw) {
  const auto print = [this] {
    return bank_.done("label/print", cat(R"({"aliquot":")", vial(), R"("})"))["lines"].dump();
  };
  bank_.refused("label/template", R"({"protocol":"valid","lines":["{name}"]})",
                ErrorCode::invalid_value);
  bank_.refused("label/template", R"({"protocol":"valid","lines":["{dose"]})",
                ErrorCode::invalid_value);
  bank_.done("label/template",
             R"({"protocol":"valid","lines":["NK cells {protocol}","dose {dose} of {course}"]})");
  std::string all = print();
  EXPECT_NE(all.find("NK cells valid"), std::string::npos) << all;
  EXPECT_NE(all.find("dose d01 of c-valid"), std::string::npos) << all;
  EXPECT_NE(all.find(kAutologousText), std::string::npos) << all;
  bank_.done("label/template", R"({"protocol":"valid","lines":[],"autologous":false})");
  all = print();
  EXPECT_EQ(all.find(kAutologousText), std::string::npos) << all;
}

}  // namespace
}  // namespace cryobank::inventory
