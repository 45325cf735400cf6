// Which box: the strategies, as the site's own and by command, with the plan and its reason.
#include <gtest/gtest.h>

#include <string>

#include "inventory/ledger/allocation.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

// One freezer that may hold whole courses, so that only its boxes are to be chosen.
config::SiteConfig one_freezer() {
  config::SiteConfig site = small_site();
  std::erase_if(site.devices, [](const config::DeviceConfig& device) {
    return device.kind == config::DeviceKind::freezer && device.id.str() != "freezer-1";
  });
  std::erase_if(site.places, [](const config::PlaceConfig& place) {
    const std::string& id = place.id.str();
    const bool other = id.starts_with("freezer-") || (id[0] == 'f' && id[2] == '-');
    return other && id != "freezer-1" && !id.starts_with("f1-");
  });
  site.allocation.freezers_min = 1;
  site.allocation.share_max = *Fraction::make(1, 1);
  return site;
}

class Strategies : public ::testing::Test {
 protected:
  void begin(config::SiteConfig site) {
    site_ = std::move(site);
    bank_ = std::make_unique<Bank>(site_);
    fill("f1-r1-b1", 5);
    fill("f1-r1-b2", 20);
    fill("f1-r2-b1", 1);
    bank_->done("course/register", R"({"course":"c1","patient":"p1","doses":2})");
  }
  // From the last row upwards, so that the first positions are free.
  void fill(std::string_view box, int vials) {
    std::string csv = "aliquot,code,course,patient,lot,dose,fraction,state,path,position\r\n";
    for (int i = 0; i < vials; ++i) {
      csv += cat(box, "-", i, ",", box, "-", i, ",", box, ",p0,,d", i, ",1/24,released,");
      csv += cat("room/freezer-1/", box.substr(0, 5), "/", box, ",", static_cast<char>('I' - i / 9),
                 i % 9 + 1, "\r\n");
    }
    bank_->witness = "witness";
    const auto done = bank_->tell("bulk/import", Json::object().set("csv", csv));
    ASSERT_TRUE(done.ok() && !done->refused) << done->message;
    bank_->witness.clear();
  }
  // Where the vial of a dose would go, by a dry run.
  std::string planned(std::string_view dose, std::string_view terms) {
    const Json reply = bank_->done("aliquot/store", cat(R"({"course":"c1","aliquots":["c1-)", dose,
                                                        R"(-1"],"dry_run":true)", terms, "}"));
    last_ = reply;
    return reply["placements"].items().front().string_or("place", "");
  }
  std::string why() const { return last_["plan"].items().front().string_or("why", ""); }

  config::SiteConfig site_;
  std::unique_ptr<Bank> bank_;
  Json last_;
};

TEST_F(Strategies, EachChoosesItsBoxAndSaysWhy) {
  begin(one_freezer());
  const auto before = bank_->rows;
  EXPECT_EQ(planned("d01", R"(,"strategy":"same-box")"), "f1-r1-b1");
  EXPECT_NE(why().find("none has vials of the course"), std::string::npos) << why();
  EXPECT_EQ(planned("d01", R"(,"strategy":"least-empty")"), "f1-r1-b2");
  EXPECT_NE(why().find("f1-r1-b2 has 61 free positions"), std::string::npos) << why();
  EXPECT_EQ(planned("d01", R"(,"strategy":"last-used")"), "f1-r2-b1");
  EXPECT_NE(why().find("f1-r2-b1 was filled last, at "), std::string::npos) << why();
  EXPECT_NE(why().find("freezer-1 has 0 of at most 2 doses"), std::string::npos) << why();
  EXPECT_EQ(last_.string_or("strategy", ""), "last-used");
  EXPECT_EQ(bank_->rows, before) << "a dry run";

  bank_->done("aliquot/store", R"({"course":"c1","aliquots":["c1-d01-1"],"strategy":"last-used"})");
  bank_->run_jobs();
  EXPECT_EQ(bank_->aliquot("c1-d01-1").spot.place.str(), "f1-r2-b1");
  EXPECT_EQ(planned("d02", R"(,"strategy":"same-box")"), "f1-r2-b1");
  EXPECT_NE(why().find("1 vials of the course"), std::string::npos) << why();
  EXPECT_EQ(planned("d02", R"(,"strategy":"least-empty")"), "f1-r1-b2");
}

TEST_F(Strategies, TheSitesOwnHoldsWhereACommandSaysNone) {
  config::SiteConfig site = one_freezer();
  site.allocation.strategy = Strategy::least_empty;
  begin(std::move(site));
  EXPECT_EQ(planned("d01", ""), "f1-r1-b2");
  EXPECT_EQ(last_.string_or("strategy", ""), "least-empty");
  EXPECT_EQ(planned("d01", R"(,"strategy":"last-used")"), "f1-r2-b1");
}

TEST_F(Strategies, AnUnknownOneIsRefusedWithThoseThereAre) {
  begin(one_freezer());
  for (const std::string_view body : {std::string_view(R"({"course":"c1","strategy":"fullest"})"),
                                      std::string_view(R"({"course":"c1","strategy":7})")}) {
    for (const std::string_view verb : {"aliquot/store", "position/reserve"}) {
      const auto decision = bank_->tell(verb, body);
      ASSERT_FALSE(decision.ok()) << verb << body;
      if (decision.error().code != ErrorCode::invalid_value) continue;
      EXPECT_NE(decision.error().context.find("same-box, least-empty or last-used"),
                std::string::npos)
          << decision.error().context;
    }
  }
  bank_->refused("course/register",
                 R"({"course":"c2","patient":"p","doses":1,"store":{"strategy":"best"}})",
                 ErrorCode::invalid_value);
}

TEST_F(Strategies, ARegistrationMayBeTriedDry) {
  begin(one_freezer());
  const auto before = bank_->rows;
  const Json reply = bank_->done(
      "course/register",
      R"({"course":"c2","patient":"p","doses":3,"store":{"strategy":"last-used","dry_run":true}})");
  EXPECT_EQ(reply["plan"].items().size(), 3u);
  EXPECT_EQ(bank_->rows, before);
}

TEST_F(Strategies, ADryRunThatIsNeitherTrueNorFalseIsRefusedAndNothingIsRegistered) {
  begin(one_freezer());
  const auto before = bank_->rows;
  const auto decision = bank_->tell(
      "course/register",
      *parse_json(R"({"course":"c2","patient":"p","doses":3,"store":{"dry_run":"yes"}})"));
  ASSERT_FALSE(decision.ok());
  EXPECT_NE(decision.error().context.find("dry_run"), std::string::npos);
  EXPECT_EQ(bank_->rows, before);
}

TEST_F(Strategies, WhatWasReservedForACourseIsTakenByItAndByNobodyElse) {
  begin(one_freezer());
  const Json dry =
      bank_->done("position/reserve", R"({"course":"c1","strategy":"least-empty","dry_run":true})");
  EXPECT_EQ(dry["plan"].items().size(), 2u);
  EXPECT_TRUE(bank_->view().place(PlaceId("f1-r1-b2"))->reserved.empty());
  const Json kept = bank_->done("position/reserve", R"({"course":"c1","strategy":"least-empty"})");
  EXPECT_EQ(kept["plan"], dry["plan"]);
  EXPECT_EQ(bank_->view().place(PlaceId("f1-r1-b2"))->reserved.size(), 2u);
  bank_->done("course/register",
              R"({"course":"c2","patient":"p","doses":1,"store":{"strategy":"least-empty"}})");
  bank_->run_jobs();
  EXPECT_EQ(bank_->where("c2-d01-1"), "f1-r1-b2 A3");
  bank_->done("aliquot/store", R"({"course":"c1","strategy":"last-used"})");
  bank_->run_jobs();
  EXPECT_EQ(bank_->where("c1-d01-1"), "f1-r1-b2 A1");
  EXPECT_EQ(bank_->where("c1-d02-1"), "f1-r1-b2 A2");
  EXPECT_TRUE(bank_->view().place(PlaceId("f1-r1-b2"))->reserved.empty());
  bank_->refused("position/reserve", R"({"course":"c1"})", ErrorCode::conflict);
  bank_->expect_rebuilds();
}

TEST(Allocation, SplitRiskComesFirstWhateverTheStrategy) {
  for (const auto& name : {"same-box", "least-empty", "last-used"}) {
    Bank bank;
    bank.done(
        "course/register",
        cat(R"({"course":"c1","patient":"p","doses":12,"store":{"strategy":")", name, R"("}})"));
    bank.run_jobs();
    const auto doses = doses_by_freezer(bank.view(), *bank.view().course(CourseId("c1")));
    EXPECT_GE(doses.size(), 2u) << name;
    for (const auto& [freezer, held] : doses) EXPECT_LE(held.size(), 6u) << name;
  }
}

}  // namespace
}  // namespace cryobank::inventory
