// Safety: a course of twelve doses that a robot has stored, two people and a reason, for tests of
// what real hands and lists did to the record. At the end the record is sound and can be built
// again.
#pragma once

#include <gtest/gtest.h>

#include "inventory/ledger/reach.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {

using Words = std::array<std::uint16_t, 3>;

class Safety : public testing::Test {
 protected:
  void SetUp() override {
    bank_.witness = "witness";
    bank_.reason = "because";
    bank_.done("course/register",
               R"({"course":"c1","patient":"p1","lot":"l1","doses":12,"store":{}})");
    bank_.run_jobs();
    box_ = bank_.aliquot("c1-d01-1").spot.place;
  }
  void TearDown() override {
    expect_sound(bank_.ledger());
    bank_.expect_rebuilds();
  }

  std::optional<Words> found_at(const char* place, const char* position) {
    const auto words = robot_location(bank_.ledger(), PlaceId(place), position);
    return words ? std::optional(*words) : std::nullopt;
  }
  void move_place(std::string_view place, std::string_view parent, std::string_view position) {
    bank_.done("place/move", cat(R"({"place":")", place, R"(","parent":")", parent,
                                 R"(","position":")", position, R"("})"));
  }
  void issue(const JobId& job, std::size_t move) {
    const std::uint32_t sequence = next_sequence(bank_.ledger(), DeviceId("robot-1"));
    ASSERT_TRUE(bank_.commit(move_issued(job, move, sequence, Epoch{1}, bank_.now)).ok());
  }
  void hold_it(const JobId& job, std::size_t move) {
    const std::string code = bank_.ledger().find_job(job)->moves[move].code;
    ASSERT_TRUE(bank_.commit(move_holding(job, move, code, bank_.now)).ok());
  }
  std::string list(std::string_view lines) {
    return Json::object()
        .set("csv", cat("aliquot,code,course,patient,lot,dose,fraction,state,path,position,expires,"
                        "thaws\r\n",
                        lines))
        .dump();
  }

  Result<Decision> told(std::string_view verb, std::string_view body) {
    return bank_.tell(verb, body);
  }

  Bank bank_;
  PlaceId box_;
};

}  // namespace cryobank::inventory
