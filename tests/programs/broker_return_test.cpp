// The broker may be killed at any time: within five seconds of its return the whole retained tree
// is there again, and no event is lost.
#include <gtest/gtest.h>

#include <signal.h>

#include <algorithm>

#include "base/text.hpp"
#include "base/time.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

using std::chrono::seconds;
using Tree = std::map<std::string, std::string>;

// The retained tree without what changes with every reading or second.
Tree settled_tree(Bank& bank) {
  const auto session = bank.login("viewer");
  auto found = session->retained("#");
  EXPECT_TRUE(found.ok());
  Tree tree;
  for (const auto& [topic, payload] : *found) {
    auto json = parse_json(payload);
    EXPECT_TRUE(json.ok()) << topic;
    if (topic.find("/point/") != std::string::npos) {
      tree[topic] = (*json)["unit"].dump();
      continue;
    }
    if (topic == "service/info" || topic.starts_with("device/")) {
      tree[topic] = "";
      continue;
    }
    for (const char* ageing : {"at", "oldest_unacknowledged"}) json->members().erase(ageing);
    tree[topic] = json->dump();
  }
  return tree;
}

void put_vials(Bank& bank, const std::string& course, int count) {
  for (int i = 1; i <= count; ++i) {
    const Json put =
        bank.sim().ask(Json::object()
                           .set("do", "put_vial")
                           .set("location", Json::array().push(901).push(0).push(i))
                           .set("code", cat(course, "-d", i < 10 ? "0" : "", i, "-1")));
    ASSERT_TRUE(put["ok"].boolean()) << put.dump();
  }
}

WallTime half_an_hour_on() {
  const auto later = std::chrono::system_clock::now() + std::chrono::minutes(30);
  return WallTime{
      std::chrono::duration_cast<std::chrono::milliseconds>(later.time_since_epoch()).count()};
}

Json course_body(const std::string& course, int doses) {
  Json body = Json::object();
  body.set("course", course).set("patient", "patient-1").set("doses", doses);
  return body.set("store", Json::object().set("robot", "robot-1"));
}

TEST(BrokerReturnTest, TheWholeTreeIsBackWithinFiveSecondsAndNoEventIsLost) {
  Bank bank("broker");
  bank.start_all();
  ASSERT_TRUE(bank.wait_online(seconds(20)));
  put_vials(bank, "course-1", 4);
  const Json stored = bank.command("operator", "course/register", course_body("course-1", 4));
  ASSERT_EQ(stored["status"].string(), "done") << stored.dump();
  const Tree before = settled_tree(bank);
  ASSERT_TRUE(before.contains("course/course-1"));
  ASSERT_TRUE(before.contains("service/state"));

  bank.broker().kill();
  bank.broker().start();
  Tree after;
  EXPECT_TRUE(eventually(seconds(5), [&] {
    after = settled_tree(bank);
    return after.size() >= before.size();
  }));
  for (const auto& [topic, payload] : before) {
    const bool runs_on = topic == "journal/checkpoint" || topic == "service/beat" ||
                         topic == "service/pulse" || topic.starts_with("event/");
    if (runs_on) continue;
    ASSERT_TRUE(after.contains(topic)) << topic << " is gone";
    EXPECT_EQ(after[topic], payload) << topic;
  }

  // Every event of the inventory from the first on, without a gap, as a client gets them again.
  const auto session = bank.login("viewer");
  std::vector<std::int64_t> numbers;
  const auto reply = session->request(
      "event/replay",
      Json::object().set("body", Json::object().set("stream", "inventory").set("from", 1)),
      seconds(20), true, [](const Json&) {});
  ASSERT_TRUE(reply.ok()) << reply.error().context;
  for (const Json& event : (*reply)["body"]["events"].items()) {
    numbers.push_back(event["seq"].integer());
  }
  const Json head = bank.retained("event/inventory/head");
  ASSERT_FALSE(numbers.empty()) << reply->dump();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    EXPECT_EQ(numbers[i], static_cast<std::int64_t>(i + 1));
  }
  EXPECT_EQ(numbers.back(), head["last"].integer());
}

TEST(BrokerReturnTest, TheSameCommandIdGivesTheSameReplyAndMovesNothing) {
  Bank bank("repeat");
  bank.start_all();
  ASSERT_TRUE(bank.wait_online(seconds(20)));
  put_vials(bank, "course-1", 2);
  Json command = Json::object();
  command.set("id", ctl::make_command_id()).set("body", course_body("course-1", 2));
  command.set("expires_at", format_utc(half_an_hour_on()));
  const auto ask = [&] {
    auto reply = bank.login("operator")
                     ->request("course/register", command, seconds(60), true, [](const Json&) {});
    return reply ? *reply : Json(reply.error().context);
  };
  const Json first = ask();
  ASSERT_EQ(first.string_or("status", ""), "done") << first.dump();
  ASSERT_GT(first["sequence"].integer(), 0);
  const Json moved = bank.sim().ask(Json::object().set("do", "moves"));
  bank.kill_daemon();
  bank.start_daemon();
  ASSERT_TRUE(bank.wait_online(seconds(20)));
  EXPECT_EQ(ask(), first);
  EXPECT_EQ(bank.sim().ask(Json::object().set("do", "moves")), moved);
  command.set("body", course_body("course-2", 2));
  const Json other = ask();
  EXPECT_EQ(other.string_or("status", ""), "duplicate") << other.dump();
  EXPECT_EQ(other.string_or("code", ""), "duplicate") << other.dump();
}

TEST(BrokerReturnTest, ADeadMachineIsCommLostWithinThreePollsAndNeverShowsAStaleNumber) {
  Bank bank("dead");
  bank.start_all();
  ASSERT_TRUE(bank.wait_online(seconds(20)));
  ASSERT_TRUE(eventually(seconds(15), [&] {
    return bank.retained("device/freezer-1/point/level").string_or("quality", "") == "good";
  }));
  const Json reply = bank.sim().ask(
      Json::object().set("do", "fault").set("device", "freezer-1").set("fault", "dead"));
  ASSERT_TRUE(reply["ok"].boolean()) << reply.dump();
  Json point;
  EXPECT_TRUE(eventually(seconds(8), [&] {
    point = bank.retained("device/freezer-1/point/level");
    return point.string_or("quality", "") == "comm-lost";
  })) << point.dump();
  EXPECT_TRUE(point["value"].is_null()) << point.dump();
  EXPECT_EQ(bank.retained("device/freezer-2/point/level").string_or("quality", ""), "good");
  EXPECT_TRUE(eventually(seconds(20), [&] {
    const auto alarms = bank.login("viewer")->retained("alarm/+");
    return alarms.ok() && std::ranges::any_of(*alarms, [](const auto& alarm) {
             return alarm.first.starts_with("alarm/freezer-1");
           });
  }));
}

TEST(BrokerReturnTest, AMachineThatIsDeadFromTheStartIsToldLikeOneThatDies) {
  Bank bank("silent");
  bank.start_world();
  const Json reply = bank.sim().ask(
      Json::object().set("do", "fault").set("device", "freezer-3").set("fault", "dead"));
  ASSERT_TRUE(reply["ok"].boolean()) << reply.dump();
  bank.start_daemon();
  ASSERT_TRUE(bank.wait_online(seconds(20)));
  EXPECT_TRUE(eventually(seconds(20), [&] {
    return bank.retained("alarm/freezer-3.comm-lost").string_or("state", "") ==
           "active-unacknowledged";
  }));
  EXPECT_TRUE(bank.retained("alarm/freezer-1.comm-lost").is_null());
  // Asked ever more seldom, it still says so beyond the expiry of a point.
  EXPECT_FALSE(eventually(seconds(40),
                          [&] { return bank.retained("device/freezer-3/point/level").is_null(); }));
}

// A broker keeps "online" of a daemon that hangs, or that may not log in any more.
TEST(BrokerReturnTest, TheTerminalCallsAServiceSilentThatNobodyHears) {
  Bank bank("silent_service");
  bank.start_all();
  ASSERT_TRUE(bank.wait_online(seconds(60)));
  const Bank::Ran well = bank.ctl({"status"});
  EXPECT_EQ(well.code, 0) << well.output;
  EXPECT_NE(well.output.find("service  online, epoch "), std::string::npos) << well.output;
  EXPECT_EQ(well.output.find("may be old"), std::string::npos) << well.output;
  ASSERT_EQ(::kill(bank.daemon_pid(), SIGSTOP), 0);
  const Bank::Ran silent = bank.ctl({"status"});
  EXPECT_NE(silent.code, 0);
  EXPECT_EQ(silent.output.find("service  online"), std::string::npos) << silent.output;
  EXPECT_NE(silent.output.find("what follows may be old"), std::string::npos) << silent.output;
  const Bank::Ran alarms = bank.ctl({"alarm", "ls"});
  EXPECT_NE(alarms.output.find("what follows may be old"), std::string::npos) << alarms.output;
  ASSERT_EQ(::kill(bank.daemon_pid(), SIGCONT), 0);
}

}  // namespace
}  // namespace cryobank::test
