// As-of: the history rows say the same as replaying the journal up to that time.
#include "inventory/ledger/history.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

using Spots = std::map<AliquotId, Spot>;

Spots spots_of(const Ledger& ledger) {
  Spots spots;
  for (const auto& [id, course] : ledger.tables().courses) {
    for (const Dose& dose : course.doses) {
      for (const AliquotId& aliquot : dose.aliquots) {
        spots[aliquot] = View(ledger).aliquot(aliquot)->spot;
      }
    }
  }
  return spots;
}

Spots stood_in(const Bank& bank, const PlaceId& place, WallTime at) {
  std::map<AliquotId, PastStay> found;
  for (const PlaceId& inside : places_during(bank.view(), place, at, at)) {
    const KeyRange range = past_of(inside, at);
    for (auto row = bank.rows.lower_bound(range.first);
         row != bank.rows.end() && row->first < range.last; ++row) {
      const auto past = read_past(row->first, row->second);
      if (past && past->covers(at)) found.try_emplace(past->aliquot, *past);
    }
  }
  for (const PlaceId& inside : places_during(bank.view(), place, at, at)) {
    for (const AliquotId& id : bank.view().aliquots_in(inside)) {
      const PastStay stay = present_stay(bank.view(), *bank.view().aliquot(id));
      if (stay.covers(at)) found.try_emplace(id, stay);
    }
  }
  Spots spots;
  for (const auto& [id, stay] : found) spots[id] = stay.spot;
  return spots;
}

struct Moment {
  WallTime at;
  Spots spots;
  Spots in_freezer_1;
};

// Vials and racks carried about at random; after each act, what is true then is noted.
TEST(History, SaysWhatTheRecordSaidAtEachTime) {
  Bank bank;
  bank.witness = "witness";
  bank.done("course/register", R"({"course":"c1","patient":"p1","doses":6})");
  Prng prng(7);
  std::vector<Moment> moments;
  const char* places[] = {"f1-r1-b1", "f1-r2-b1", "f2-r1-b1", "port"};
  for (int step = 0; step < 300; ++step) {
    bank.now = bank.now + seconds(prng.between(1, 90));
    if (prng.chance(1, 8)) {
      static_cast<void>(
          bank.tell("place/move", Json::object()
                                      .set("place", prng.chance(1, 2) ? "f1-r1" : "f2-r1")
                                      .set("parent", cat("freezer-", prng.between(1, 2)))
                                      .set("position", cat(prng.between(1, 4)))));
    } else {
      const std::string vial = cat("c1-d0", prng.between(1, 6), "-1");
      const std::string place = places[prng.below(std::size(places))];
      const std::string position =
          place == "port" ? cat(prng.between(1, 9)) : cat("A", prng.between(1, 9));
      static_cast<void>(bank.tell("aliquot/move", Json::object()
                                                      .set("aliquot", vial)
                                                      .set("code", vial)
                                                      .set("place", place)
                                                      .set("position", position)));
    }
    Moment moment{bank.now, spots_of(bank.ledger()), {}};
    for (const auto& [id, spot] : moment.spots) {
      if (bank.view().lies_in(spot.place, PlaceId("freezer-1"))) moment.in_freezer_1[id] = spot;
    }
    moments.push_back(std::move(moment));
  }
  for (const Moment& moment : moments) {
    for (const auto& [id, spot] : moment.spots) {
      const auto then = bank.was(id, moment.at);
      ASSERT_TRUE(then.has_value()) << id.str() << " at " << format_utc(moment.at);
      ASSERT_EQ(*then, spot) << id.str() << " at " << format_utc(moment.at);
    }
    ASSERT_EQ(stood_in(bank, PlaceId("freezer-1"), moment.at), moment.in_freezer_1)
        << format_utc(moment.at);
  }
  EXPECT_FALSE(bank.was(AliquotId("c1-d01-1"), WallTime{1}).has_value());
  bank.expect_rebuilds();
}

TEST(History, APathIsThatOfTheTime) {
  Bank bank;
  const WallTime before = bank.now;
  bank.now = bank.now + hours(1);
  bank.witness = "witness";
  bank.done("place/move", R"({"place":"f1-r1","parent":"freezer-2","position":"3"})");
  EXPECT_EQ(path_at(bank.view(), PlaceId("f1-r1-b1"), before), "room/freezer-1/f1-r1/f1-r1-b1");
  EXPECT_EQ(path_at(bank.view(), PlaceId("f1-r1-b1"), bank.now), "room/freezer-2/f1-r1/f1-r1-b1");
  EXPECT_EQ(parent_at(bank.view(), PlaceId("nowhere"), before), PlaceId());
}

// Moved three times with its rack and once by itself, it had four stays in three tanks.
TEST(History, AStayEndsWhereItsContainerIsMoved) {
  Bank bank;
  bank.witness = "witness";
  bank.done("course/register", R"({"course":"c1","patient":"p1","doses":1})");
  const auto place_vial = [&](const char* place) {
    bank.done("aliquot/move", cat(R"({"aliquot":"c1-d01-1","code":"c1-d01-1","place":")", place,
                                  R"(","position":"A1"})"));
  };
  place_vial("f1-r1-b1");
  std::vector<WallTime> cuts{bank.now};
  for (const char* tank : {"freezer-2", "freezer-3", "freezer-2"}) {
    bank.now = bank.now + hours(1);
    bank.done("place/move", cat(R"({"place":"f1-r1","parent":")", tank, R"(","position":"3"})"));
    cuts.push_back(bank.now);
  }
  const PastStay whole = present_stay(bank.view(), bank.aliquot("c1-d01-1"));
  const std::vector<PastStay> stays = pieces_of(bank.view(), whole);
  ASSERT_EQ(stays.size(), 4u);
  const char* tanks[] = {"freezer-1", "freezer-2", "freezer-3", "freezer-2"};
  for (std::size_t i = 0; i < stays.size(); ++i) {
    EXPECT_EQ(stays[i].from, cuts[i]);
    EXPECT_EQ(path_at(bank.view(), stays[i].spot.place, stays[i].from),
              cat("room/", tanks[i], "/f1-r1/f1-r1-b1"));
    if (i > 0) {
      EXPECT_EQ(stays[i - 1].until, stays[i].from);
    }
  }
  // What was moved later does not cut an earlier stay of another container.
  bank.now = bank.now + hours(1);
  place_vial("f1-r2-b1");
  const PastStay next = present_stay(bank.view(), bank.aliquot("c1-d01-1"));
  EXPECT_EQ(pieces_of(bank.view(), next).size(), 1u);
}

TEST(History, ADamagedRowIsNamed) {
  for (const char* value : {"", "{}", "7", R"({"aliquot":"a","place":"p","state":"odd"})",
                            R"({"aliquot":"a","place":"p","state":"released"})"}) {
    const auto read = read_past("h/a/a/0", value);
    ASSERT_FALSE(read.ok()) << value;
    EXPECT_EQ(read.error().code, ErrorCode::corrupt);
    EXPECT_NE(read.error().context.find("h/a/a/0"), std::string::npos);
  }
}

}  // namespace
}  // namespace cryobank::inventory
