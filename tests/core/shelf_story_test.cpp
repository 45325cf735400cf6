// The shelf seen from the broker: topics that follow a container, lists in pieces, what is still
// answered while nothing can be written.
#include <gtest/gtest.h>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "tests/core/world.hpp"

namespace cryobank::core {
namespace {

class ShelfStory : public testing::Test {
 protected:
  void begin() {
    world_ = std::make_unique<World>([](config::SiteConfig& config) {
      config.signing.required = false;
      for (config::PlaceTypeConfig& type : config.place_types) {
        if (type.id == "rack") type.columns = 8;  // room for a box that moves
      }
    });
    world_->start();
    world_->link(true);
    world_->run(seconds(20));
  }
  Json two_people(const char* user, const char* verb, const Json& body) {
    const std::string id = world_->send(user, verb, body, "witness");
    world_->run(seconds(1));
    world_->ask("witness", "witness/confirm", Json::object().set("command", id));
    world_->run(seconds(1));
    return world_->reply(id);
  }
  // What the broker holds of the record is what would be told anew.
  void expect_tree() {
    for (const auto& [topic, payload] : world_->parts().retained.settled(world_->now())) {
      Json due = *parse_json(payload);
      due.members().erase("at");
      Json held = world_->retained(topic.substr(world_->parts().bank.topics.root().size()));
      ASSERT_TRUE(held.is_object()) << topic;
      held.members().erase("at");
      EXPECT_EQ(held.dump(), due.dump()) << topic;
    }
  }
  static std::string lines(int first, int last) {
    std::string csv;
    for (int i = first; i <= last; ++i) {
      csv += cat("v-", i, ",v-", i, ",c-", i, ",p-1,,d1,1,expected,EXPECTED,,,\r\n");
    }
    return csv;
  }
  static constexpr std::string_view kHead =
      "aliquot,code,course,patient,lot,dose,fraction,state,path,position,expires,thaws\r\n";

  std::unique_ptr<World> world_;
};

TEST_F(ShelfStory, TopicsFollowARackAndItsUndo) {
  begin();
  const Json made = two_people(
      "supervisor", "bulk/import",
      Json::object().set("csv", cat(kHead,
                                    "v-1,v-1,c-1,p-1,,d1,1,quarantined,freezer-1-rack-1-box-1,A1,"
                                    ",\r\n")));
  ASSERT_EQ(made.string_or("status", ""), "done") << made.dump();
  const auto freezer_of_vial = [&] {
    return world_->retained("course/c-1")["doses"].items()[0]["aliquots"].items()[0].string_or(
        "freezer", "");
  };
  const auto path = [&] {
    return world_->retained("container/freezer-1-rack-1-box-1").string_or("path", "");
  };
  EXPECT_EQ(freezer_of_vial(), "freezer-1");
  // A place of tank 2 is made free for it.
  const auto move = [&](const char* rack, const char* tank, const char* position) {
    const Json reply =
        two_people("operator", "place/move",
                   Json::object().set("place", rack).set("parent", tank).set("position", position));
    EXPECT_EQ(reply.string_or("status", ""), "done") << reply.dump();
    return reply["body"].string_or("operation", "");
  };
  move("freezer-2-rack-1-box-1", "freezer-1-rack-1", "8");
  const std::string operation = move("freezer-1-rack-1-box-1", "freezer-2-rack-1", "1");
  EXPECT_EQ(freezer_of_vial(), "freezer-2");
  EXPECT_NE(path().find("freezer-2"), std::string::npos) << path();
  expect_tree();
  world_->ask("operator", "operation/list", Json::object());
  const std::string undo = world_->send("operator", "operation/undo",
                                        Json::object().set("operation", operation), "witness");
  world_->run(seconds(1));
  world_->ask("witness", "witness/confirm", Json::object().set("command", undo));
  world_->run(seconds(1));
  expect_tree();
}

TEST_F(ShelfStory, AListInPiecesIsDecidedAsOne) {
  begin();
  const auto piece = [&](int number, const std::string& csv) {
    return world_->ask("supervisor", "bulk/piece",
                       Json::object().set("list", "move-in").set("piece", number).set("csv", csv));
  };
  const std::string first = cat(kHead, lines(1, 3));
  const std::string second = lines(4, 6);
  EXPECT_EQ(piece(2, second).string_or("code", ""), "not-found");
  EXPECT_EQ(piece(1, first).string_or("status", ""), "done");
  EXPECT_EQ(piece(3, second).string_or("code", ""), "conflict");
  EXPECT_EQ(piece(2, second).string_or("status", ""), "done");
  const Json again = piece(2, second);
  EXPECT_EQ(again["body"].integer_or("lines", 0), 7) << "the same piece once more counts once";
  // A piece that ends within a line is the last one, or wrong.
  const auto half = [&](int number, const char* csv) {
    return world_->ask("supervisor", "bulk/piece",
                       Json::object().set("list", "half").set("piece", number).set("csv", csv));
  };
  EXPECT_EQ(half(1, "aliquot,code").string_or("status", ""), "done");
  EXPECT_EQ(half(2, ",course\n").string_or("code", ""), "malformed");
  const std::string hash = to_hex(sha256(first + second));
  EXPECT_EQ(again["body"].string_or("sha256", ""), hash);
  Json body = Json::object().set("list", "move-in");
  const Json other =
      two_people("supervisor", "bulk/import", Json(body).set("sha256", std::string(64, '0')));
  EXPECT_EQ(other.string_or("code", ""), "mismatch");
  const Json done = two_people("supervisor", "bulk/import", Json(body).set("sha256", hash));
  ASSERT_EQ(done.string_or("status", ""), "done") << done.dump();
  EXPECT_EQ(done["body"].integer_or("lines", 0), 6);
  EXPECT_FALSE(world_->retained("course/c-6").is_null());
  // Nobody else's, and not after a restart.
  EXPECT_EQ(two_people("supervisor", "bulk/import", Json(body).set("csv", "x").set("sha256", hash))
                .string_or("code", ""),
            "invalid-value");
  world_->kill();
  world_->start();
  world_->link(true);
  world_->run(seconds(5));
  EXPECT_EQ(
      two_people("supervisor", "bulk/import", Json(body).set("sha256", hash)).string_or("code", ""),
      "not-found");
}

TEST_F(ShelfStory, ReadingGoesOnWhileNothingCanBeWritten) {
  begin();
  const Json made =
      world_->ask("operator", "course/register",
                  Json::object().set("course", "c-1").set("patient", "p-1").set("doses", 2));
  ASSERT_EQ(made.string_or("status", ""), "done") << made.dump();
  world_->store_fails = true;
  world_->ask("operator", "hold/place", Json::object().set("course", "c-1"));
  world_->run(seconds(2));
  const std::pair<const char*, Json> questions[] = {
      {"aliquot/find", Json::object().set("code", "c-1-d01-1")},
      {"report/risk", Json::object().set("course", "c-1")},
      {"report/affected", Json::object().set("place", "freezer-1")},
      {"hold/list", Json::object()},
      {"shipment/list", Json::object()},
      {"bulk/export", Json::object()}};
  for (const auto& [verb, body] : questions) {
    const std::string id = world_->send("operator", verb, body);
    world_->run(milliseconds(500));
    EXPECT_EQ(world_->reply(id).string_or("status", ""), "done")
        << verb << " " << world_->reply(id).dump();
  }
  const std::string wrong =
      world_->send("operator", "aliquot/find", Json::object().set("code", "?"));
  world_->run(milliseconds(500));
  EXPECT_EQ(world_->reply(wrong).string_or("code", ""), "not-found");
}

TEST_F(ShelfStory, ACommandGoesOnWaitingForItsWitnessOverARestart) {
  begin();
  const std::string id = world_->send(
      "supervisor", "bulk/import", Json::object().set("csv", cat(kHead, lines(1, 1))), "witness");
  world_->run(seconds(1));
  EXPECT_EQ(world_->reply(id).string_or("status", ""), "accepted");
  world_->kill();
  world_->start();
  world_->link(true);
  world_->run(seconds(5));
  EXPECT_EQ(world_->reply(id).string_or("code", ""), "witness-needed");
  EXPECT_TRUE(world_->retained("course/c-1").is_null());
  world_->ask("witness", "witness/confirm", Json::object().set("command", id));
  world_->run(seconds(5));
  const Json end = world_->reply(id);
  EXPECT_EQ(end.string_or("status", ""), "done") << end.dump();
  EXPECT_FALSE(world_->retained("course/c-1").is_null());
}

}  // namespace
}  // namespace cryobank::core
