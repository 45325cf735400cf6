// Commands as the daemon takes them: every verb of the table reaches what decides it, and what a
// body says wrongly is refused before anybody confirms, signs or decides it.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "inventory/record/journal_format.hpp"
#include "service/wire/command_table.hpp"
#include "tests/core/world.hpp"

namespace cryobank::core {
namespace {

// A login of the demo site that may give it, none where only the daemon may.
std::string user_of(const World& world, const CommandSchema& schema) {
  for (const config::UserConfig& user : world.config().users) {
    for (const std::string& role : user.roles) {
      for (const std::string_view wanted : schema.roles) {
        if (role == wanted) return user.id.str();
      }
    }
  }
  return {};
}

std::string code_of(const Json& reply) {
  return reply["code"].is_string() ? reply["code"].string() : "";
}

TEST(Commands, EveryVerbOfTheTableReachesItsDecider) {
  World world;
  world.start();
  world.link(true);
  world.run(seconds(5));
  int asked = 0;
  for (const CommandSchema& schema : command_table()) {
    const std::string user = user_of(world, schema);
    if (user.empty() || schema.witness) continue;
    const std::string id = world.send(user, schema.verb, *parse_json(schema.example));
    world.run_until([&] { return !world.reply(id).is_null(); });
    const Json reply = world.reply(id);
    EXPECT_NE(code_of(reply), "unknown-key") << schema.verb << ": " << reply.dump();
    EXPECT_NE(code_of(reply), "") << schema.verb;
    ++asked;
  }
  EXPECT_GT(asked, 50);
}

TEST(Commands, AWrongBodyIsRefusedBeforeTheWitnessIsAsked) {
  World world;
  world.start();
  world.link(true);
  const auto body =
      parse_json(R"({"aliquot":"a","code":"c","place":"p","position":"A1","out_second":5})");
  const Json reply = world.ask("operator", "aliquot/move", *body, "witness");
  EXPECT_EQ(reply["status"].string(), "rejected");
  EXPECT_EQ(code_of(reply), "unknown-key");
  EXPECT_NE(reply["message"].string().find("out_seconds"), std::string::npos);
}

// Who tries to silence what may not be silenced is on record, and so is what nobody knows.
TEST(Commands, ARefusedSilenceAndAnUnknownAlarmAreToldAndJournaled) {
  World world;
  world.start();
  world.link(true);
  const Json outlet =
      Json::object().set("do", "fault").set("device", "supply-1").set("fault", "outlet-closed");
  ASSERT_TRUE(world.hardware().control(outlet));
  world.run(minutes(1));
  const auto ask = [&](std::string_view user, std::string_view verb, std::string_view alarm) {
    Json body = Json::object().set("alarm", alarm).set("reason", "going");
    if (verb == "alarm/shelve") body.set("for", "80h");
    return code_of(world.ask(user, verb, body));
  };
  EXPECT_EQ(ask("supervisor", "alarm/shelve", "supply-1.ln2-inhibited"), "conflict");
  EXPECT_EQ(ask("supervisor", "alarm/shelve", "freezer-1.lid-open"), "invalid-value");
  EXPECT_EQ(ask("operator", "alarm/acknowledge", "freezer-9.lid-open"), "not-found");
  EXPECT_EQ(ask("viewer", "alarm/acknowledge", "supply-1.ln2-inhibited"), "not-authorised");
  EXPECT_EQ(ask("operator", "alarm/acknowledge", "freezer-1.lid-open"), "conflict");
  world.run(minutes(1));
  std::vector<std::string> denied;
  for (const auto& [key, row] : world.rows) {
    if (!key.starts_with("j/") || row.find("command-denied") == std::string::npos) continue;
    const auto entry = inventory::parse_entry(row);
    ASSERT_TRUE(entry.ok());
    denied.push_back(entry->fact.data.string_or("code", ""));
  }
  const std::vector<std::string> wanted{"conflict", "invalid-value", "not-found", "not-authorised"};
  EXPECT_EQ(denied, wanted) << "that nothing stands to be taken is no denial";
}

TEST(Commands, AVerbOfEachRoomRefusesAnUnknownKeyAndAWrongType) {
  World world;
  world.start();
  world.link(true);
  constexpr std::pair<const char*, const char*> kBodies[] = {
      {"alarm/acknowledge", R"({"alarm":"a","reason":"going","comments":"x"})"},
      {"device/fill", R"({"device":"freezer-1","now":true})"},
      {"robot/pause", R"({"robot":"robot-1","why":"x"})"},
      {"history/aliquot", R"({"aliquot":"a","when":"x"})"},
      {"event/replay", R"({"stream":"inventory","from":1,"to":2})"},
      {"store/backup", R"({"file":"x"})"}};
  for (const auto& [verb, body] : kBodies) {
    EXPECT_EQ(code_of(world.ask("supervisor", verb, *parse_json(body))), "unknown-key") << verb;
  }
  constexpr std::pair<const char*, const char*> kTypes[] = {
      {"alarm/shelve", R"({"alarm":"a","for":2,"reason":"x"})"},
      {"device/fill", R"({"device":7})"},
      {"event/replay", R"({"stream":"inventory","from":"1"})"}};
  for (const auto& [verb, body] : kTypes) {
    EXPECT_EQ(code_of(world.ask("supervisor", verb, *parse_json(body))), "invalid-value") << verb;
  }
}

TEST(Commands, TheSameIdWithAnotherExpiryIsTheSameCommand) {
  World world;
  world.start();
  world.link(true);
  const Json body = Json::object().set("robot", "robot-1");
  BrokerMessage first = world.command("supervisor", "robot/pause", body);
  Json envelope = *parse_json(first.payload);
  const std::string id = envelope["id"].string();
  world.send_raw(first);
  world.run_until([&] { return !world.reply(id).is_null(); });
  const Json answer = world.reply(id);
  ASSERT_EQ(answer["status"].string(), "done");
  envelope.set("expires_at", format_utc(world.now().wall + minutes(50)));
  BrokerMessage again = first;
  again.payload = envelope.dump();
  world.send_raw(again);
  world.run(seconds(5));
  EXPECT_EQ(world.reply(id), answer);
  envelope.set("body", Json::object().set("robot", "robot-2"));
  again.payload = envelope.dump();
  world.send_raw(again);
  world.run(seconds(5));
  EXPECT_EQ(world.reply(id)["status"].string(), "duplicate");
}

}  // namespace
}  // namespace cryobank::core
