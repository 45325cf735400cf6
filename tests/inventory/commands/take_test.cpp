// Stock-takes: every seeded error is found, the report repeats, and nothing changes before two
// people sign.
#include <gtest/gtest.h>

#include <map>

#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

constexpr int kBoxes = 4;
constexpr int kPerBox = 81;

std::string box_of(int number) { return cat("f2-r", number / 2 + 1, "-b", number % 2 + 1); }

class Take : public testing::Test {
 protected:
  void SetUp() override {
    bank_.reason = "yearly";
    bank_.witness = "witness";
    std::string csv = "aliquot,code,course,patient,lot,dose,fraction,state,path,position\r\n";
    int number = 0;
    for (int box = 0; box < kBoxes; ++box) {
      const PlaceId id(box_of(box));
      const PlaceType& type = bank_.view().type_of(*bank_.view().place(id));
      for (const int position : type.fill_order()) {
        const std::string code = cat("V", number);
        csv += cat("v", number, ",", code, ",t", number / 12, ",p1,,d", number % 12, ",1/12,",
                   "released,", bank_.view().path_of(id), ",", type.label(position), "\r\n");
        seen_[box][type.label(position)] = code;
        ++number;
      }
    }
    const auto imported = bank_.tell("bulk/import", Json::object().set("csv", csv));
    ASSERT_TRUE(imported.ok()) << imported.error().context;
    ASSERT_FALSE(imported->refused) << imported->reply.dump();
  }
  void TearDown() override {
    expect_sound(bank_.ledger());
    bank_.expect_rebuilds();
  }
  void count(int box) {
    std::string csv = "Position,Code\n";
    for (const auto& [position, code] : seen_[box]) csv += cat(position, ",", code, "\n");
    Json body = Json::object().set("take", "take-1").set("container", box_of(box));
    const auto told = bank_.tell("take/count", body.set("csv", csv));
    ASSERT_TRUE(told.ok()) << told.error().context;
  }
  Json report() { return bank_.done("take/report", R"({"take":"take-1"})"); }

  Bank bank_;
  std::map<int, std::map<std::string, std::string>> seen_;
};

TEST_F(Take, SeededErrorsAreAllFoundAndTheReportRepeatsExactly) {
  bank_.done("take/open", R"({"place":"freezer-2"})");
  seen_[0]["A1"].clear();                     // V0 is missing
  std::swap(seen_[1]["A1"], seen_[2]["B2"]);  // two are misplaced, in other boxes
  seen_[3]["E5"] = "STRANGE";                 // one is extra, and what was there is missing
  for (int box = 0; box < kBoxes; ++box) count(box);
  const auto before = bank_.rows;
  const Json first = report();
  std::map<std::string, int> kinds;
  for (const Json& finding : first["findings"].items()) {
    ++kinds[finding.string_or("kind", "")];
    EXPECT_FALSE(finding.string_or("path", "").empty());
  }
  EXPECT_EQ(kinds, (std::map<std::string, int>{{"extra", 1}, {"misplaced", 2}, {"missing", 2}}));
  EXPECT_EQ(first.integer_or("expected", 0), kBoxes * kPerBox);
  EXPECT_EQ(first.integer_or("found", 0), kBoxes * kPerBox - 4);
  ASSERT_EQ(first["freezers"].items().size(), 1u);
  EXPECT_EQ(first["freezers"].items()[0].string_or("freezer", ""), "freezer-2");
  bank_.now = bank_.now + hours(1);
  EXPECT_EQ(report().dump(), first.dump());
  EXPECT_EQ(bank_.rows, before) << "nothing changes before the signature";
  bank_.done("take/sign", R"({"take":"take-1"})");
  EXPECT_EQ(bank_.where("v0"), "UNKNOWN");
  EXPECT_EQ(bank_.where("v81"), "f2-r2-b1 B2");
  for (const auto& [key, value] : bank_.rows) EXPECT_FALSE(key.starts_with("r/count/")) << key;
}

TEST_F(Take, ACodeSeenTwiceIsCountedAgainBeforeAnybodySigns) {
  bank_.done("take/open", R"({"place":"freezer-2"})");
  const std::string right = seen_[1]["A1"];
  seen_[1]["A1"] = "V0";
  for (int box = 0; box < kBoxes; ++box) count(box);
  bank_.refused("take/sign", R"({"take":"take-1"})", ErrorCode::conflict);
  seen_[1]["A1"] = right;
  count(1);
  EXPECT_EQ(report()["findings"].items().size(), 0u);
  bank_.done("take/sign", R"({"take":"take-1"})");
}

TEST_F(Take, AVialUnderAMisreadCodeOfItsOwnIsReadAgainBeforeAnybodySigns) {
  bank_.done("take/open", R"({"place":"freezer-2"})");
  seen_[0]["A2"] = "VI";  // on record is V1
  for (int box = 0; box < kBoxes; ++box) count(box);
  bank_.refused("take/sign", R"({"take":"take-1"})", ErrorCode::did_you_mean);
  EXPECT_EQ(bank_.where("v1"), "f2-r1-b1 A2");
  seen_[0]["A2"] = "????";  // not read at all: it is taken for the one on record
  count(0);
  bank_.done("take/sign", R"({"take":"take-1"})");
  EXPECT_EQ(bank_.where("v1"), "f2-r1-b1 A2");
}

TEST_F(Take, ASignedOneIsNotUndoneButCorrectedByANewOne) {
  const auto undo = [this](const char* take) {
    const auto told = bank_.tell("operation/undo", Json::object().set("operation", take));
    return told ? Error{ErrorCode::io, "it was undone"} : told.error();
  };
  bank_.done("take/open", R"({"place":"freezer-2"})");
  EXPECT_EQ(undo("take-1").code, ErrorCode::conflict);
  std::swap(seen_[0]["A1"], seen_[1]["A1"]);
  for (int box = 0; box < kBoxes; ++box) count(box);
  bank_.done("take/sign", R"({"take":"take-1"})");
  const auto facts = bank_.facts.size();
  EXPECT_EQ(undo("take-1").code, ErrorCode::unsupported);
  EXPECT_EQ(undo("take-1").context,
            "take-1 is a stock-take that two people signed, which is never undone: what it has "
            "wrong is corrected by a new stock-take of the same place (take/open)");
  EXPECT_EQ(undo("take-2").code, ErrorCode::not_found);
  EXPECT_EQ(undo("take-x").code, ErrorCode::not_found);
  EXPECT_EQ(bank_.facts.size(), facts);
}

TEST_F(Take, WhatWasMovedOnRecordAfterTheCountIsCountedAgain) {
  bank_.done("take/open", R"({"place":"freezer-2"})");
  for (int box = 0; box < kBoxes; ++box) count(box);
  // It leaves a counted box, on record: the count saw it where it is no more.
  const std::string moved = R"({"aliquot":"v0","code":"V0","place":"f1-r1-b1","position":"A1"})";
  bank_.done("aliquot/move", moved);
  const Json outdated = report()["outdated"];
  ASSERT_EQ(outdated.items().size(), 1u);
  EXPECT_EQ(outdated.items()[0].string(), box_of(0));
  bank_.refused("take/sign", R"({"take":"take-1"})", ErrorCode::conflict);
  EXPECT_EQ(bank_.where("v0"), "f1-r1-b1 A1");
  seen_[0]["A1"].clear();
  count(0);
  // And one that came into a counted box, on record.
  bank_.done("aliquot/move", R"({"aliquot":"v0","code":"V0","place":"f2-r1-b1","position":"A1"})");
  bank_.refused("take/sign", R"({"take":"take-1"})", ErrorCode::conflict);
  seen_[0]["A1"] = "V0";
  count(0);
  bank_.done("take/sign", R"({"take":"take-1"})");
  EXPECT_EQ(bank_.where("v0"), "f2-r1-b1 A1");
}

TEST_F(Take, ARandomSampleNamesItsBoxesAndOnlyTheyAreCounted) {
  bank_.refused("take/open", R"({"place":"freezer-2","sample":5})", ErrorCode::invalid_value);
  const Json opened = bank_.done("take/open", R"({"place":"freezer-2","sample":2})");
  ASSERT_EQ(opened["containers"].items().size(), 2u);
  std::set<std::string> drawn;
  for (const Json& box : opened["containers"].items()) drawn.insert(box.string_or("container", ""));
  int refused = 0;
  for (int box = 0; box < kBoxes; ++box) {
    if (drawn.contains(box_of(box))) {
      count(box);
      continue;
    }
    Json body = Json::object().set("take", "take-1").set("container", box_of(box));
    refused += bank_.tell("take/count", body.set("csv", "Position,Code\nA1,V0\n")).ok() ? 0 : 1;
  }
  EXPECT_EQ(refused, 2);
  EXPECT_EQ(report().integer_or("expected", 0), 2 * kPerBox);
  bank_.done("take/sign", R"({"take":"take-1"})");
}

TEST_F(Take, EachCountIsASmallFactOfItsOwn) {
  bank_.done("take/open", R"({"place":"freezer-2"})");
  std::size_t largest = 0;
  for (int box = 0; box < kBoxes; ++box) {
    count(box);
    const std::size_t size = bank_.facts.back().data.dump().size();
    if (box == 0) largest = size;
    EXPECT_LT(size, largest + largest / 4) << "not with every box before it";
  }
}

}  // namespace
}  // namespace cryobank::inventory
