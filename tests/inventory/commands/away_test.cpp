// What is in a shipper on its way is not here: it is not scanned, counted, filled or emptied.
#include <gtest/gtest.h>

#include <string>

#include "tests/inventory/bank.hpp"
#include "tests/inventory/more_places.hpp"

namespace cryobank::inventory {
namespace {

// The small site with a shipper in which a box stands, beside another box, on one counter.
config::SiteConfig site_with_counter() {
  config::SiteConfig site = small_site();
  add_type(site, "counter", {"box", "shipper"});
  config::PlaceTypeConfig& tray = add_type(site, "tray-shipper", {"aliquot"});
  tray.layout = config::PlaceTypeConfig::Layout::linear;
  tray.columns = 2;
  add_type(site, "shipper", {"aliquot", "box"});
  add_type(site, "shelf", {"aliquot"});
  may_stand_in_room(site, {"counter", "shelf", "tray-shipper"});
  stand(site, "counter-1", "counter", "room");
  stand(site, "here", "box", "counter-1");
  stand(site, "shipper-1", "shipper", "counter-1");
  stand(site, "inner", "box", "shipper-1");
  stand(site, "shipper-2", "tray-shipper", "room");
  stand(site, "shelf-1", "shelf", "room");
  return site;
}

class Away : public testing::Test {
 protected:
  Away() {
    bank_.done("course/register", R"({"course":"c1","patient":"p","doses":2,"store":{}})");
    bank_.run_jobs();
    bank_.done("course/release", R"({"course":"c1"})");
    bank_.witness = "witness";
    bank_.done("shipment/pack", R"({"shipper":"shipper-1","to":"clinic-2",
        "arrives_by":"2027-04-01T00:00:00Z","codes":["c1-d01-1"]})");
  }
  void TearDown() override {
    expect_sound(bank_.ledger());
    bank_.expect_rebuilds();
  }
  void leave() { bank_.done("shipment/send", R"({"shipment":"shipment-1"})"); }
  void come_back() {
    bank_.user = "receiver";
    bank_.done("shipment/receive",
               R"({"shipment":"shipment-1","codes":["c1-d01-1"],"place":"shelf-1"})");
    bank_.user = "operator";
  }
  // Refused, in words that say where the box is and what to do.
  void expect_away(std::string_view verb, std::string_view body) {
    SCOPED_TRACE(verb);
    const auto before = bank_.rows;
    const auto decision = bank_.tell(verb, body);
    ASSERT_FALSE(decision.ok());
    EXPECT_EQ(decision.error().code, ErrorCode::conflict);
    const std::string& text = decision.error().context;
    for (const char* word : {"shipper-1", "on its way to clinic-2 with shipment-1",
                             "shipment/receive", "shipment/close"}) {
      EXPECT_NE(text.find(word), std::string::npos) << text;
    }
    EXPECT_EQ(bank_.rows, before);
  }

  const config::SiteConfig site_ = site_with_counter();
  Bank bank_{site_};
};

constexpr const char* kEmptyScan =
    R"({"container":"inner","csv":"Position,Code\n","only_tubes":true)";

TEST_F(Away, ABoxInAShipperOnItsWayIsNeitherScannedNorCounted) {
  bank_.done("take/open", R"({"place":"counter-1"})");
  const std::string preview = cat(kEmptyScan, "}");
  bank_.done("scan/preview", preview);
  leave();
  expect_away("scan/preview", preview);
  expect_away("scan/accept", cat(kEmptyScan, R"(,"token":"00000000000000000000000000000000"})"));
  expect_away("scan/order", R"({"container":"inner","robot":"robot-1"})");
  expect_away("take/open", R"({"place":"inner"})");
  expect_away("take/open", R"({"place":"shipper-1"})");
  expect_away("take/count", R"({"take":"take-1","container":"inner","csv":"Position,Code\n"})");
  expect_away("take/count", R"({"take":"take-1","empty":["inner"]})");
  come_back();
  bank_.done("scan/preview", preview);
  bank_.done("take/count", R"({"take":"take-1","empty":["inner"]})");
}

TEST_F(Away, AStockTakeOfAPlaceLeavesOutWhatIsOnItsWayAndSaysSo) {
  leave();
  const Json opened = bank_.done("take/open", R"({"place":"counter-1"})");
  ASSERT_EQ(opened["containers"].items().size(), 1u) << opened.dump();
  EXPECT_EQ(opened["containers"].items()[0].string_or("container", ""), "here");
  ASSERT_EQ(opened["away"].items().size(), 1u) << opened.dump();
  EXPECT_EQ(opened["away"].items()[0].dump(), R"({"container":"inner","shipment":"shipment-1"})");
  bank_.refused("take/open", R"({"place":"counter-1","sample":2})", ErrorCode::invalid_value);
  bank_.done("take/count", R"({"take":"take-1","empty":["here"]})");
  come_back();
  const Json report = bank_.done("take/report", R"({"take":"take-1"})");
  EXPECT_EQ(report["uncounted"].dump(), R"(["inner"])") << "it is here again";
  EXPECT_EQ(report["away"].dump(), "[]");
}

TEST_F(Away, ABoxThatWasCountedAndThenLeftKeepsNobodyFromSigning) {
  bank_.done("take/open", R"({"place":"counter-1"})");
  bank_.done("take/count", R"({"take":"take-1","empty":["here","inner"]})");
  leave();
  const Json report = bank_.done("take/report", R"({"take":"take-1"})");
  EXPECT_EQ(report["uncounted"].dump(), "[]");
  EXPECT_EQ(report["away"].dump(), R"(["inner"])");
  bank_.done("take/sign", R"({"take":"take-1"})");
  for (const auto& [key, value] : bank_.rows) EXPECT_FALSE(key.starts_with("r/count/")) << key;
}

TEST_F(Away, AShipperWithPositionsIsPackedFromItsFirstFreeOne) {
  bank_.reason = "its clip is worn";
  bank_.done("position/block", R"({"place":"shipper-2","position":"1"})");
  bank_.done("shipment/pack", R"({"shipper":"shipper-2","to":"clinic-2",
      "arrives_by":"2027-04-01T00:00:00Z","codes":["c1-d02-1"]})");
  EXPECT_EQ(bank_.where("c1-d02-1"), "shipper-2 2");
}

// Whatever command names it: the vial is where its shipper is.
TEST_F(Away, AVialOnItsWayMovesWithItsShipmentAlone) {
  leave();
  const std::string home = R"({"aliquot":"c1-d01-1","code":"c1-d01-1","place":"shelf-1"})";
  bank_.refused("aliquot/move", home, ErrorCode::conflict);
  EXPECT_EQ(bank_.where("c1-d01-1"), "shipper-1");
  expect_away("aliquot/move",
              R"({"aliquot":"c1-d02-1","code":"c1-d02-1","place":"inner","position":"A1"})");
  come_back();
  EXPECT_EQ(bank_.where("c1-d01-1"), "shelf-1");
}

}  // namespace
}  // namespace cryobank::inventory
