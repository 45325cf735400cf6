// Time out of the cold: what custody knows of it counts, whatever way a vial goes.
#include <gtest/gtest.h>

#include <algorithm>

#include "inventory/ledger/exposure.hpp"
#include "inventory/ledger/history.hpp"
#include "inventory/ledger/job.hpp"
#include "tests/inventory/bank.hpp"
#include "tests/inventory/more_places.hpp"

namespace cryobank::inventory {
namespace {

// The small site with a bench, a cold bench, and a counter-top shipper on the bench.
config::SiteConfig site_with_warm_bench() {
  config::SiteConfig site = small_site();
  add_type(site, "bench", {"aliquot", "box", "shipper"});
  config::PlaceTypeConfig& cold = add_type(site, "cold-bench", {"aliquot"});
  cold.work_area = true;
  cold.cold = true;
  add_type(site, "shipper", {"aliquot"});
  may_stand_in_room(site, {"bench", "cold-bench"});
  stand(site, "bench-1", "bench", "room");
  stand(site, "cold-1", "cold-bench", "room");
  stand(site, "shipper-1", "shipper", "bench-1");
  return site;
}

constexpr std::string_view kOutVial = "c1-d01-1";

class OutOfTheCold : public testing::Test {
 protected:
  OutOfTheCold() : site_(site_with_warm_bench()), bank_(site_) {
    bank_.done("course/register", R"({"course":"c1","patient":"p1","doses":2,"store":{}})");
    bank_.run_jobs();
    bank_.witness = "witness";
    bank_.reason = "because";
    bank_.done("course/release", R"({"course":"c1"})");
    home_ = bank_.aliquot(kOutVial).spot;
    stored_s_ = bank_.aliquot(kOutVial).handling.seconds;
    EXPECT_EQ(stored_s_, 8u) << "the gripper's seconds";
  }
  void TearDown() override {
    expect_sound(bank_.ledger());
    bank_.expect_rebuilds();
  }
  Json move(std::string_view place, std::string_view position, std::string_view more = "") {
    return bank_.done("aliquot/move", cat(R"({"code":")", kOutVial, R"(","place":")", place,
                                          R"(","position":")", position, R"(")", more, "}"));
  }
  Json back(std::string_view more = "") {
    return move(home_.place.str(), bank_.view().label_of(home_), more);
  }
  // Commands take a second each: this one comes so long after the last.
  void wait(std::int64_t s) { bank_.now = bank_.now + seconds(s - 1); }
  Json report() {
    const Json told = bank_.done("exposure/report", cat(R"({"aliquot":")", kOutVial, R"("})"));
    return told["exposures"].items().front();
  }
  // A robot that is to bring the vial to the port ends in doubt; `held`: 30 s after it had it.
  JobId doubt(bool held) {
    const Json sent =
        bank_.done("aliquot/transfer", cat(R"({"course":"c1","aliquots":[")", kOutVial, R"("]})"));
    const JobId job(sent.string_or("job", ""));
    EXPECT_TRUE(bank_.commit(move_issued(job, 0, 1'000, Epoch{1}, bank_.now)).ok());
    if (held) {
      EXPECT_TRUE(bank_.commit(move_holding(job, 0, kOutVial, bank_.now)).ok());
      bank_.now = bank_.now + seconds(30);
    }
    EXPECT_TRUE(bank_.commit(move_unknown(job, 0, "", "power lost", bank_.now)).ok());
    return job;
  }
  std::string found_at_home(const JobId& job, std::string_view more = "") {
    return cat(R"({"job":")", job.str(), R"(","code":")", kOutVial, R"(","place":")",
               home_.place.str(), R"(","position":")", bank_.view().label_of(home_),
               R"(","at_robot":"robot-1")", more, "}");
  }
  Result<Decision> resolve(std::string_view body) { return bank_.tell("job/resolve", body); }
  void expect_held() {
    bank_.done("dose/plan",
               cat(R"({"course":"c1","dose":"d01","thaw_at":")", format_utc(bank_.now), R"("})"));
    bank_.refused("dose/thaw", R"({"course":"c1","dose":"d01"})", ErrorCode::conflict);
  }

  config::SiteConfig site_;
  Bank bank_;
  Spot home_;
  std::uint32_t stored_s_ = 0;
};

TEST_F(OutOfTheCold, ABenchCountsWhileItLastsAndWhenTheVialIsBack) {
  move("bench-1", "");
  wait(508);
  Json told = report();
  EXPECT_EQ(told.integer_or("out_s", 0), 508);
  EXPECT_EQ(told.integer_or("handled_longest_s", 0), 508);
  EXPECT_TRUE(told.bool_or("over_budget", false)) << "it is held while it stands there";
  EXPECT_TRUE(told.has("out_since"));
  wait(2);
  const auto moved =
      bank_.tell("aliquot/move",
                 std::string_view(cat(R"({"code":")", kOutVial, R"(","place":")", home_.place.str(),
                                      R"(","position":")", bank_.view().label_of(home_), R"("})")));
  ASSERT_TRUE(moved.ok()) << moved.error().context;
  EXPECT_NE(moved->message.find("out of the cold for 510 s"), std::string::npos) << moved->message;
  told = report();
  EXPECT_EQ(told.integer_or("out_s", -1), 0);
  EXPECT_FALSE(told.has("out_since"));
  EXPECT_EQ(told.integer_or("handled_longest_s", 0), 510);
  EXPECT_EQ(told.integer_or("handled_s", 0), 518);
  expect_held();
  bank_.done("exposure/waive", cat(R"({"aliquot":")", kOutVial, R"("})"));
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
}

TEST_F(OutOfTheCold, AMinuteOnTheBenchIsNoHold) {
  move("bench-1", "");
  wait(70);
  back();
  EXPECT_EQ(bank_.aliquot(kOutVial).handling.longest_s, 70u);
  EXPECT_FALSE(report().bool_or("over_budget", true));
}

TEST_F(OutOfTheCold, WhatAPersonSaysCountsWhereItIsMore) {
  move("bench-1", "", R"(,"out_seconds":40)");
  wait(50);
  back(R"(,"out_seconds":20)");
  EXPECT_EQ(bank_.aliquot(kOutVial).handling.longest_s, 90u) << "40 before the bench, 50 on it";
  move("bench-1", "");
  wait(5);
  back(R"(,"out_seconds":130)");
  EXPECT_EQ(bank_.aliquot(kOutVial).handling.longest_s, 130u);
  expect_held();
}

TEST_F(OutOfTheCold, APortIsOneHandlingWithTheGripperThatBringsAndTakes) {
  bank_.done("aliquot/transfer", cat(R"({"course":"c1","aliquots":[")", kOutVial, R"("]})"));
  bank_.run_jobs();
  ASSERT_EQ(bank_.aliquot(kOutVial).spot.place, PlaceId("port"));
  const WallTime gripped = bank_.aliquot(kOutVial).since - seconds(8);
  EXPECT_EQ(bank_.aliquot(kOutVial).out_since, gripped);
  wait(500);
  back();
  EXPECT_EQ(bank_.now - gripped, seconds(500));
  EXPECT_EQ(bank_.aliquot(kOutVial).handling.longest_s, 500u);
  expect_held();
}

TEST_F(OutOfTheCold, APortBeforeTheFirstStoreIsNone) {
  bank_.done("course/register", R"({"course":"c2","patient":"p2","doses":1})");
  bank_.done("aliquot/move", R"({"code":"c2-d01-1","place":"port","position":"1"})");
  wait(900);
  const std::string other = home_.place.str();
  bank_.done("aliquot/move",
             cat(R"({"code":"c2-d01-1","place":")", other, R"(","position":"I9"})"));
  EXPECT_EQ(bank_.aliquot("c2-d01-1").handling, Handling());
}

TEST_F(OutOfTheCold, ShippersAndKindsThatSayColdKeepIt) {
  for (const char* place : {"shipper-1", "cold-1"}) {
    move(place, "");
    wait(3'000);
    back();
    EXPECT_EQ(bank_.aliquot(kOutVial).handling.seconds, stored_s_) << place;
  }
}

TEST_F(OutOfTheCold, ABoxOnTheBenchWarmsWhatLiesInIt) {
  const Place box = *bank_.view().place(home_.place);
  const std::string label = bank_.view().label_of(box.within);
  bank_.done("place/move", cat(R"({"place":")", box.id.str(), R"(","parent":"bench-1"})"));
  wait(200);
  EXPECT_TRUE(report().bool_or("over_budget", false));
  wait(101);
  bank_.done("place/move", cat(R"({"place":")", box.id.str(), R"(","parent":")",
                               box.within.place.str(), R"(","position":")", label, R"("})"));
  EXPECT_EQ(bank_.aliquot(kOutVial).handling.longest_s, 301u);
  EXPECT_EQ(bank_.aliquot(kOutVial).spot, home_);
}

TEST_F(OutOfTheCold, AnUndoGoesOnWithTheClock) {
  move("bench-1", "");
  wait(100);
  const Json moved = back();
  EXPECT_EQ(bank_.aliquot(kOutVial).handling.longest_s, 100u);
  wait(50);
  bank_.done("operation/undo", cat(R"({"operation":")", moved.string_or("operation", ""), R"("})"));
  wait(10);
  EXPECT_EQ(report().integer_or("out_s", 0), 160) << "it never was back";
  expect_held();
}

TEST_F(OutOfTheCold, WhereNobodyKnewTwoPeopleSayHowLongItWasOutAndTheRestCounts) {
  const JobId job = doubt(true);
  EXPECT_EQ(bank_.aliquot(kOutVial).out_since, bank_.aliquot(kOutVial).since - seconds(30));
  wait(3'600);
  bank_.refused("job/resolve", found_at_home(job, R"(,"out_seconds":29)"),
                ErrorCode::invalid_value);
  bank_.reason.clear();
  bank_.refused("job/resolve", found_at_home(job, R"(,"out_seconds":45)"),
                ErrorCode::invalid_value);
  bank_.reason = "seen by both: it went back at once";
  const auto told = resolve(found_at_home(job, R"(,"out_seconds":45)"));
  ASSERT_TRUE(told.ok()) << told.error().context;
  EXPECT_NE(told->message.find("for 45 s, where the record's clock says 36"), std::string::npos)
      << told->message;
  EXPECT_EQ(bank_.aliquot(kOutVial).handling.longest_s, 45u);
  EXPECT_EQ(bank_.aliquot(kOutVial).out_since, WallTime());
  EXPECT_FALSE(report().bool_or("over_budget", true));
  const Json counts = bank_.done("report/overrides", "{}");
  EXPECT_EQ(counts.integer_or("overrides-out-of-cold", 0), 1);
  EXPECT_EQ(counts.integer_or("overrides", 0), 1);
  const Fact* resolved = nullptr;
  for (const Fact& fact : bank_.facts) {
    if (fact.type == fact::kMoveResolved) resolved = &fact;
  }
  ASSERT_NE(resolved, nullptr);
  EXPECT_EQ(resolved->data["found"].integer_or("out_s", -1), 45);
  EXPECT_EQ(resolved->data.string_or("reason", ""), bank_.reason);
}

TEST_F(OutOfTheCold, WhereNobodySaysSoTheClockOfADoubtCountsAndTellsWhy) {
  const JobId job = doubt(false);
  wait(3'600);
  const auto told = resolve(found_at_home(job));
  ASSERT_TRUE(told.ok()) << told.error().context;
  EXPECT_NE(told->message.find("out_seconds"), std::string::npos) << told->message;
  EXPECT_NE(told->message.find("on hold until quality waives it"), std::string::npos);
  EXPECT_TRUE(report().bool_or("over_budget", false));
  expect_held();
}

TEST_F(OutOfTheCold, AVialThatNeverLeftIsSaidToHaveBeenOutForNoTime) {
  const JobId job = doubt(false);
  wait(3'600);
  ASSERT_TRUE(resolve(found_at_home(job, R"(,"out_seconds":0)")).ok());
  EXPECT_EQ(bank_.aliquot(kOutVial).handling.seconds, stored_s_);
}

TEST_F(OutOfTheCold, AVialFoundOnTheBenchGoesOnFromWhatTwoPeopleSay) {
  const JobId job = doubt(false);
  wait(3'600);
  const std::string found = cat(R"({"job":")", job.str(), R"(","code":")", kOutVial,
                                R"(","place":"bench-1","at_robot":"robot-1","out_seconds":20})");
  ASSERT_TRUE(resolve(found).ok());
  wait(15);
  back();
  EXPECT_EQ(bank_.aliquot(kOutVial).handling.longest_s, 35u);
}

// Rows of a version that kept no clock and no stays say nothing of them: the vial counts as in the
// cold until it moves, and `store rebuild` finds what the journal says of it.
TEST_F(OutOfTheCold, ARecordFromBeforeTheClockOpensAndSaysNothingItDoesNotKnow) {
  move("bench-1", "");
  wait(500);
  Ledger older(site_);
  for (const auto& [key, value] : bank_.rows) {
    if (key.starts_with("h/")) continue;
    Json row = *parse_json(value);
    for (const char* later : {"out_since", "handled", "handled_longest_s", "handled_s", "stays"}) {
      if (key.starts_with("r/aliquot/"))
        std::erase_if(row.members(), [&](const auto& member) { return member.first == later; });
    }
    const auto loaded = older.load_row(key, row.dump());
    ASSERT_TRUE(loaded.ok()) << loaded.error().context;
  }
  ASSERT_TRUE(older.loaded().ok());
  const auto vial = View(older).aliquot(AliquotId(std::string(kOutVial)));
  EXPECT_EQ(vial->out_since, WallTime());
  EXPECT_EQ(vial->handling, Handling());
  EXPECT_EQ(vial->spot.place, PlaceId("bench-1"));
  EXPECT_EQ(bank_.aliquot(kOutVial).handling.seconds, stored_s_) << "the journal knows";
}

TEST_F(OutOfTheCold, AThawIsNoHandling) {
  bank_.done("dose/plan",
             cat(R"({"course":"c1","dose":"d01","thaw_at":")", format_utc(bank_.now), R"("})"));
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
  bank_.run_jobs();
  EXPECT_EQ(bank_.aliquot(kOutVial).out_since, WallTime());
  EXPECT_EQ(bank_.aliquot(kOutVial).handling.longest_s, 8u) << "the gripper's, not the station's";
}

TEST_F(OutOfTheCold, AnExcursionCountsWhoLayThereThen) {
  const WallTime begun = bank_.now;
  wait(1'200);
  move("cold-1", "");
  wait(10);
  const Json reply = bank_.done(
      "excursion/record",
      cat(R"({"place":")", home_.place.str(), R"(","from":")", format_utc(begun), R"(","until":")",
          format_utc(begun + seconds(600)), R"(","above_s":{"-150":600,"-135":600}})"));
  const auto there = aliquots_during(bank_.view(), home_.place, begun, begun + seconds(600));
  EXPECT_EQ(reply.integer_or("aliquots", 0), static_cast<std::int64_t>(there.size()));
  EXPECT_TRUE(std::ranges::find(there, AliquotId(std::string(kOutVial))) != there.end());
  EXPECT_EQ(reply.integer_or("over_budget", 0), reply.integer_or("aliquots", -1));
  EXPECT_TRUE(report().bool_or("over_budget", false));
  const WallTime later = bank_.now;
  wait(100);
  const Json after = bank_.done(
      "excursion/record",
      cat(R"({"place":")", home_.place.str(), R"(","from":")", format_utc(later), R"(","until":")",
          format_utc(later + seconds(60)), R"(","above_s":{"-150":60}})"));
  EXPECT_EQ(after.integer_or("aliquots", -1), reply.integer_or("aliquots", 0) - 1);
}

TEST_F(OutOfTheCold, AStayShowsTheStateThatWasTrueInIt) {
  const auto state_at = [this](WallTime at) {
    const KeyRange range = past_of(AliquotId(std::string(kOutVial)), at);
    const auto row = bank_.rows.lower_bound(range.first);
    if (row == bank_.rows.end() || range.last <= row->first) return bank_.aliquot(kOutVial).state;
    return read_past(row->first, row->second)->state;
  };
  const WallTime released = bank_.now;
  wait(60);
  bank_.done("shipment/pack", R"({"shipper":"shipper-1","to":"clinic-2",
      "arrives_by":"2027-04-01T00:00:00Z","codes":["c1-d01-1"]})");
  EXPECT_EQ(state_at(released - seconds(1)), AliquotState::quarantined);
  EXPECT_EQ(state_at(bank_.now - seconds(1)), AliquotState::released) << "not yet packed";
  EXPECT_EQ(state_at(bank_.now), AliquotState::in_transit);
}

TEST_F(OutOfTheCold, WhatIsToBeDestroyedIsNotPackedNorWhatIsPackedDestroyed) {
  const std::string_view pack = R"({"shipper":"shipper-1","to":"clinic-2",
      "arrives_by":"2027-04-01T00:00:00Z","codes":["c1-d01-1"]})";
  const std::string_view burn = R"({"aliquots":["c1-d01-1"],"method":"autoclave"})";
  bank_.done("disposal/request", burn);
  bank_.refused("shipment/pack", pack, ErrorCode::conflict);
  bank_.done("disposal/withdraw", R"({"disposal":"disposal-1"})");
  bank_.done("shipment/pack", pack);
  bank_.refused("disposal/request", burn, ErrorCode::conflict);
  bank_.done("shipment/send", R"({"shipment":"shipment-1"})");
}

}  // namespace
}  // namespace cryobank::inventory
