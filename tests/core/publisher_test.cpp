// What the broker refuses, as seen from the world: nothing is lost, nothing else is held up.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "config/device_profile.hpp"
#include "tests/core/world.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kAlarm = "alarm/freezer-1.lid-open";

class Refusals : public testing::Test {
 protected:
  void begin() {
    world_.start();
    ASSERT_TRUE(world_.run_until([this] { return online(); }, seconds(60)));
    world_.run(seconds(40));
  }
  bool online() const {
    return world_.retained("service/state").string_or("state", "") == "online";
  }
  void open_lid() {
    Json act = Json::object().set("do", "lid").set("device", "freezer-1");
    const Result<Json> done = world_.hardware().control(act.set("open", true).set("seconds", 3600));
    ASSERT_TRUE(done.ok()) << done.error().context;
  }
  std::ptrdiff_t published(std::string_view below) const {
    const std::string topic = cat(world_.parts().bank.topics.root(), below);
    return std::ranges::count_if(world_.published,
                                 [&](const Publish& one) { return one.topic.starts_with(topic); });
  }

  World world_;
};

TEST_F(Refusals, a_refused_alarm_stands_at_the_broker_soon_after_it_takes_it_again) {
  begin();
  world_.refuses = [](const std::string& topic) { return topic.starts_with("alarm/"); };
  open_lid();
  ASSERT_TRUE(world_.run_until([this] { return published(kAlarm) > 0; }, minutes(8)));
  world_.run(seconds(30));
  EXPECT_TRUE(world_.retained(std::string(kAlarm)).is_null());
  world_.refuses = {};
  EXPECT_TRUE(world_.run_until(
      [this] { return world_.retained(std::string(kAlarm)).bool_or("active", false); },
      kAlarmRefusedAgainAfter + seconds(1)));
}

TEST_F(Refusals, a_refused_page_is_sent_until_the_broker_takes_it) {
  begin();
  int refused = 0;
  std::string taken;
  world_.refuses = [&](const std::string& topic) {
    return topic.starts_with("page/") && ++refused <= 3;
  };
  open_lid();
  ASSERT_TRUE(world_.run_until([&] { return refused > 3; }, minutes(12)));
  EXPECT_TRUE(world_.parts().publisher.link_up());
}

TEST_F(Refusals, a_refused_retained_topic_and_point_come_again_and_hold_up_no_other) {
  begin();
  const auto is_refused = [](const std::string& topic) {
    return topic == "container/f1-r1-b1" || topic == "device/freezer-1/point/level";
  };
  world_.refuses = is_refused;
  world_.link(false);
  world_.broker.clear();
  world_.link(true);
  world_.run(seconds(3));
  EXPECT_FALSE(world_.retained("device/freezer-1/point/temperature-top").is_null());
  EXPECT_TRUE(world_.retained("device/freezer-1/point/level").is_null());
  EXPECT_FALSE(world_.parts().publisher.quiet());
  world_.refuses = {};
  world_.run(kRefusedAgainAfter + seconds(1));
  EXPECT_FALSE(world_.retained("device/freezer-1/point/level").is_null());
  EXPECT_TRUE(world_.run_until([this] { return world_.parts().publisher.quiet(); }, seconds(5)));
}

TEST_F(Refusals, each_refused_topic_is_logged_once_a_round_and_an_alarm_says_so) {
  begin();
  world_.refuses = [](const std::string& topic) { return topic.starts_with("device/"); };
  world_.logs.clear();
  world_.run(kRefusedAgainAfter - seconds(5));
  const auto level = std::ranges::count_if(world_.logs, [](const Log& log) {
    return log.text.find("freezer-1/point/level") != std::string::npos;
  });
  EXPECT_LE(level, 1);
  EXPECT_FALSE(world_.retained("alarm/service.publish-refused").is_null());
}

TEST_F(Refusals, a_refused_reply_never_comes_after_a_later_word_on_the_same_command) {
  begin();
  ASSERT_TRUE(world_.hardware().put_vial({901, 0, 1}, "c-1-d01-1").ok());
  Json body = Json::object().set("course", "c-1").set("patient", "p-1").set("protocol", "single");
  body.set("store", Json::object().set("robot", "robot-1"));
  int refused = 0;
  world_.refuses = [&](const std::string& topic) {
    return topic.starts_with("reply/") && ++refused == 1;
  };
  const std::string id = world_.send("operator", "course/register", body);
  ASSERT_TRUE(world_.run_until([&] { return world_.reply(id).string_or("status", "") == "done"; },
                               seconds(29)))
      << world_.reply(id).dump();
  world_.run(kRefusedAgainAfter + seconds(2));
  EXPECT_EQ(world_.reply(id).string_or("status", ""), "done");
}

TEST_F(Refusals, replies_beyond_the_queue_are_counted_in_a_line_and_told_when_asked_again) {
  begin();
  const std::size_t lines_before = world_.logs.size();
  std::vector<BrokerMessage> asked;
  for (std::size_t i = 0; i < kRepliesWaitingMax + 500; ++i) {
    asked.push_back(
        world_.command("operator", "device/inspect", Json::object().set("device", "freezer-1")));
    world_.send_raw(asked.back());
  }
  world_.run(seconds(30));
  const auto unanswered = [this](const BrokerMessage& message) {
    return world_.reply(parse_json(message.payload)->string_or("id", "")).is_null();
  };
  const auto lost = std::ranges::count_if(asked, unanswered);
  ASSERT_GT(lost, 0);
  const auto lines = std::ranges::count_if(
      world_.logs.begin() + static_cast<std::ptrdiff_t>(lines_before), world_.logs.end(),
      [](const Log& line) { return line.text.find("thrown away") != std::string::npos; });
  EXPECT_GE(lines, 1);
  EXPECT_LE(lines, 4) << "one line for many";
  const auto told =
      std::ranges::find_if(world_.published.rbegin(), world_.published.rend(),
                           [](const Publish& one) { return one.topic.ends_with("service/beat"); });
  ASSERT_NE(told, world_.published.rend());
  EXPECT_EQ(parse_json(told->payload)->integer_or("replies_dropped", 0), lost);
  const BrokerMessage again = *std::ranges::find_if(asked, unanswered);
  world_.send_raw(again);
  EXPECT_TRUE(world_.run_until([&] { return !unanswered(again); }, seconds(5)));
}

TEST_F(Refusals, a_reply_that_is_refused_for_ever_is_thrown_away_and_told_when_asked_again) {
  begin();
  const BrokerMessage command =
      world_.command("operator", "device/inspect", Json::object().set("device", "freezer-1"));
  const std::string id = parse_json(command.payload)->string_or("id", "");
  world_.refuses = [](const std::string& topic) { return topic.starts_with("reply/"); };
  world_.send_raw(command);
  world_.run(seconds(20));
  EXPECT_TRUE(world_.reply(id).is_null());
  world_.run(kRefusedAgainAfter * 4);
  EXPECT_EQ(published("reply/operator/"), kReplyRefusalsMax);
  world_.refuses = {};
  world_.send_raw(command);
  EXPECT_TRUE(world_.run_until([&] { return !world_.reply(id).is_null(); }, seconds(5)));
}

// A printer tells its temperature every two hours: what the last run heard is not what is.
void let_it_print(config::SiteConfig& site) {
  const std::string path = CRYOBANK_SOURCE_DIR "/config/devices/thermo-cryoplus-2.toml";
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  config::Faults faults;
  config::DeviceProfile printer;
  ASSERT_TRUE(config::parse_profile(path, text.str(), printer, faults));
  site.profiles.push_back(printer);
  site.lines.push_back(site.lines.front());
  site.lines.back().id = LineId("printer");
  site.lines.back().kind = config::LineConfig::Kind::text_tcp;
  site.lines.back().port = 15'999;
  for (config::DeviceConfig& device : site.devices) {
    if (device.id.str() != "freezer-4") continue;
    device.profile = printer.id;
    device.line = LineId("printer");
  }
}

TEST(Printers, what_the_last_run_heard_is_taken_off_the_broker) {
  World world(let_it_print);
  const std::string told =
      R"({"at":"2026-11-30T08:00:00.000Z","quality":"good","schema":"point/1.0","seq":4,"unit":"Cel","value":-180})";
  const std::string printed = "device/freezer-4/point/temperature-top";
  const std::string asked = "device/freezer-3/point/temperature-top";
  world.broker[printed] = told;
  world.broker[asked] = told;
  world.start();
  world.run(seconds(1));  // before its line is told as broken
  EXPECT_FALSE(world.broker.contains(printed)) << world.broker[printed];
  world.run(seconds(20));
  ASSERT_TRUE(world.broker.contains(asked));
  EXPECT_NE(world.broker[asked], told);
}

}  // namespace
}  // namespace cryobank::core
