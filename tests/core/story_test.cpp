// Stories of the whole core: real fleet, ledger, board and physics, virtual time.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "tests/core/world.hpp"

namespace cryobank::core {
namespace {

constexpr int kStoryDoses = 12;

Json registration(std::string_view course) {
  Json body = Json::object();
  body.set("course", course);
  body.set("patient", "p-1");
  body.set("protocol", "ank-12");
  body.set("store", Json::object().set("robot", "robot-1"));
  return body;
}

void put_vials(World& world, std::string_view course) {
  for (int dose = 1; dose <= kStoryDoses; ++dose) {
    const std::string code = cat(course, "-d", dose < 10 ? "0" : "", dose, "-1");
    const Status put = world.hardware().put_vial({901, 0, static_cast<std::uint16_t>(dose)}, code);
    ASSERT_TRUE(put.ok()) << put.error().context;
  }
}

bool online(const World& world) {
  return world.retained("service/state").string_or("state", "") == "online" &&
         world.parts().bank.fleet.state({4}) == DeviceState::online;
}

class Story : public testing::Test {
 protected:
  explicit Story(const std::function<void(config::SiteConfig&)>& adapt = {}) : world_(adapt) {}
  void begin() {
    world_.start();
    ASSERT_TRUE(world_.run_until([this] { return online(world_); }, seconds(60)));
  }
  Json store_course(std::string_view course) {
    put_vials(world_, course);
    return world_.ask("operator", "course/register", registration(course));
  }
  std::size_t vials_in_freezers() {
    return static_cast<std::size_t>(std::ranges::count_if(
        world_.hardware().vials(), [](const auto& vial) { return vial.first[0] < 900; }));
  }

  World world_;
};

TEST_F(Story, who_works_on_a_machine_is_shown_and_its_alarms_page_on_with_a_mark) {
  world_.start();
  ASSERT_TRUE(world_.run_until([this] { return online(world_); }, seconds(60)));
  Json body = Json::object().set("device", "freezer-1").set("for", "9h").set("reason", "valve");
  EXPECT_EQ(world_.ask("supervisor", "alarm/maintain", body).string_or("code", ""), "invalid-value")
      << "eight hours at most";
  body.set("for", "1h");
  ASSERT_EQ(world_.ask("supervisor", "alarm/maintain", body).string_or("status", ""), "done");
  world_.run(minutes(2) + seconds(30));
  const Json shown = world_.retained("device/freezer-1/state");
  EXPECT_EQ(shown.string_or("state", ""), "maintenance") << shown.dump();
  EXPECT_EQ(shown["maintenance"].string_or("by", ""), "supervisor");
  // It ends by itself, and nothing proved that the freezer fills again.
  world_.run(hours(1));
  EXPECT_EQ(world_.retained("alarm/freezer-1.maintenance-unproven").string_or("priority", ""),
            "p1");
  EXPECT_EQ(
      world_.ask("supervisor", "alarm/maintain-end", Json::object().set("device", "freezer-1"))
          .string_or("code", ""),
      "conflict");
}

TEST_F(Story, every_device_is_read_and_its_points_are_retained) {
  begin();
  world_.run(seconds(40));
  for (const config::DeviceConfig& device : world_.config().devices) {
    const std::string root = cat("device/", device.id.str());
    EXPECT_EQ(world_.retained(root + "/state").string_or("state", ""), "online") << root;
    EXPECT_FALSE(world_.retained(root + "/description").is_null()) << root;
  }
  const Json level = world_.retained("device/freezer-1/point/level");
  EXPECT_EQ(level.string_or("quality", ""), "good");
  EXPECT_TRUE(level["value"].is_number());
}

TEST_F(Story, the_time_of_the_last_good_answer_is_never_more_than_a_minute_behind) {
  begin();
  for (int minute = 0; minute < 3; ++minute) {
    world_.run(seconds(70));
    const Json state = world_.retained("device/freezer-1/state");
    const auto last_ok = parse_utc(state.string_or("last_ok", ""));
    ASSERT_TRUE(last_ok.ok()) << state.dump();
    EXPECT_GT(last_ok->ms, world_.now().wall.ms - 66'000) << state.dump();
  }
}

TEST_F(Story, a_dead_device_is_lost_within_three_polls_and_shows_no_number) {
  begin();
  world_.run(seconds(5));
  Json fault = Json::object();
  fault.set("do", "fault").set("device", "freezer-2").set("fault", "dead");
  const Result<Json> done = world_.hardware().control(fault);
  ASSERT_TRUE(done.ok()) << done.error().context;
  EXPECT_TRUE(world_.run_until(
      [this] {
        const Json point = world_.retained("device/freezer-2/point/level");
        return point.string_or("quality", "") == "comm-lost" && point["value"].is_null();
      },
      seconds(15)));
  EXPECT_EQ(world_.retained("device/freezer-2/state").string_or("state", ""), "lost");
}

TEST_F(Story, a_course_is_registered_and_each_vial_is_moved_once_to_its_place) {
  begin();
  const Json reply = store_course("c-1");
  EXPECT_EQ(reply.string_or("status", ""), "done") << reply.dump();
  EXPECT_GT(reply.integer_or("sequence", 0), 0);
  EXPECT_EQ(vials_in_freezers(), 12U);
  EXPECT_EQ(world_.hardware().moves(), 12U);
  EXPECT_FALSE(world_.retained("course/c-1").is_null());
}

TEST_F(Story, the_same_command_again_gets_the_same_reply_and_moves_nothing) {
  begin();
  put_vials(world_, "c-1");
  const BrokerMessage command = world_.command("operator", "course/register", registration("c-1"));
  const std::string id = parse_json(command.payload)->string_or("id", "");
  world_.send_raw(command);
  ASSERT_TRUE(world_.run_until([&] { return world_.reply(id).string_or("status", "") == "done"; },
                               minutes(30)));
  const Json first = world_.reply(id);
  const std::size_t before = world_.published.size();
  world_.send_raw(command);
  world_.run(seconds(2));
  EXPECT_EQ(world_.reply(id), first);
  EXPECT_GT(world_.published.size(), before);
  EXPECT_EQ(world_.hardware().moves(), 12U);

  world_.kill();
  world_.start();
  world_.published.clear();
  world_.send_raw(command);
  world_.run(seconds(20));
  EXPECT_EQ(world_.reply(id), first);
  EXPECT_EQ(world_.hardware().moves(), 12U);

  BrokerMessage other = command;
  other.payload.replace(other.payload.find("p-1"), 3, "p-2");
  world_.send_raw(other);
  world_.run(seconds(2));
  EXPECT_EQ(world_.reply(id).string_or("status", ""), "duplicate");
}

TEST_F(Story, a_motion_leaves_only_after_its_intent_is_durable) {
  begin();
  put_vials(world_, "c-1");
  world_.send("operator", "course/register", registration("c-1"));
  ASSERT_TRUE(world_.run_until([this] { return !world_.hardware().motions().empty(); }));
  const auto issued = std::ranges::find_if(world_.rows, [](const auto& row) {
    return row.first.starts_with("j/") && row.second.find("move-issued") != std::string::npos;
  });
  EXPECT_NE(issued, world_.rows.end());
}

TEST_F(Story, a_kill_in_the_middle_of_a_motion_repeats_no_motion_and_the_job_ends) {
  begin();
  put_vials(world_, "c-1");
  const std::string id = world_.send("operator", "course/register", registration("c-1"));
  for (std::size_t kills = 1; kills <= 6; ++kills) {
    ASSERT_TRUE(world_.run_until([&] { return world_.hardware().motions().size() >= 2 * kills; },
                                 minutes(10)));
    world_.run(milliseconds(static_cast<std::int64_t>(kills) * 700));
    world_.kill();
    world_.hardware().advance(seconds(static_cast<std::int64_t>(kills)));
    world_.start();
  }
  ASSERT_TRUE(world_.run_until([&] { return world_.reply(id).string_or("status", "") == "done"; },
                               minutes(30)))
      << world_.reply(id).dump();
  EXPECT_EQ(world_.hardware().moves(), 12U);
  EXPECT_EQ(vials_in_freezers(), 12U);
}

TEST_F(Story, sixty_kills_at_any_moment_repeat_no_motion_and_lose_no_vial) {
  begin();
  put_vials(world_, "c-1");
  const std::string id = world_.send("operator", "course/register", registration("c-1"));
  ASSERT_TRUE(world_.run_until([this] { return !world_.hardware().motions().empty(); }));
  Prng prng(11);
  for (int kills = 0; kills < 60; ++kills) {
    world_.run(milliseconds(prng.between(1, 4000)));
    world_.kill();
    world_.hardware().advance(milliseconds(prng.between(0, 3000)));
    world_.start();
  }
  world_.run_until([&] { return world_.reply(id).string_or("status", "") != "accepted"; },
                   minutes(30));
  EXPECT_EQ(world_.reply(id).string_or("status", ""), "done") << world_.reply(id).dump();
  std::set<std::uint32_t> sequences;
  for (const auto& motion : world_.hardware().motions()) {
    EXPECT_TRUE(sequences.insert(motion.sequence).second) << motion.sequence << " twice";
  }
  EXPECT_EQ(world_.hardware().moves(), 12U);
  EXPECT_EQ(vials_in_freezers(), 12U);
}

TEST_F(Story, a_failed_commit_changes_nothing_is_told_and_recovers_by_itself) {
  begin();
  world_.store_fails = true;
  const Json failed = world_.ask("operator", "course/register", registration("c-1"));
  EXPECT_EQ(failed.string_or("status", ""), "failed") << failed.dump();
  EXPECT_EQ(failed.string_or("code", ""), "unavailable");
  EXPECT_TRUE(world_.retained("course/c-1").is_null());
  EXPECT_FALSE(world_.retained("alarm/service.store-failed").is_null());
  world_.store_fails = false;
  world_.run(seconds(20));
  EXPECT_EQ(world_.retained("alarm/service.store-failed")["active"], Json(false))
      << world_.retained("alarm/service.store-failed").dump();
  const Json done = store_course("c-1");
  EXPECT_EQ(done.string_or("status", ""), "done") << done.dump();
}

TEST_F(Story, who_may_not_is_refused_and_it_is_on_record) {
  begin();
  const Json reply = world_.ask("viewer", "course/register", registration("c-1"));
  EXPECT_EQ(reply.string_or("status", ""), "rejected");
  EXPECT_EQ(reply.string_or("code", ""), "not-authorised");
  world_.run(seconds(1));
  EXPECT_FALSE(world_.retained("event/security/head").is_null());
  const Json stranger = world_.ask("mallory", "course/register", registration("c-1"));
  EXPECT_EQ(stranger.string_or("code", ""), "not-authorised");
}

TEST_F(Story, a_command_of_two_people_waits_for_the_second) {
  begin();
  ASSERT_EQ(store_course("c-1").string_or("status", ""), "done");
  Json body = Json::object();
  body.set("aliquot", "c-1-d01-1").set("code", "c-1-d01-1");
  body.set("place", "transfer-port-1").set("position", "1");
  EXPECT_EQ(world_.ask("operator", "aliquot/move", body).string_or("code", ""), "witness-needed");
  EXPECT_EQ(world_.ask("operator", "aliquot/move", body, "operator").string_or("code", ""),
            "not-authorised");
  const std::string id = world_.send("operator", "aliquot/move", body, "witness");
  world_.run(seconds(2));
  EXPECT_EQ(world_.reply(id).string_or("status", ""), "accepted") << world_.reply(id).dump();
  EXPECT_EQ(world_.ask("supervisor", "witness/confirm", Json::object().set("command", id))
                .string_or("code", ""),
            "not-found");
  EXPECT_EQ(world_.ask("witness", "witness/confirm", Json::object().set("command", id))
                .string_or("status", ""),
            "done");
  world_.run(seconds(2));
  EXPECT_NE(world_.reply(id).string_or("status", ""), "accepted") << world_.reply(id).dump();
}

TEST_F(Story, nobody_is_called_to_confirm_what_would_be_refused_and_who_is_reads_what_it_does) {
  begin();
  ASSERT_EQ(store_course("c-1").string_or("status", ""), "done");
  Json body = Json::object();
  body.set("aliquot", "c-1-d01-1").set("code", "c-1-d01-1");
  body.set("place", "transfer-port-1").set("position", "77");
  const Json refused = world_.ask("operator", "aliquot/move", body, "witness");
  EXPECT_EQ(refused.string_or("status", ""), "rejected") << refused.dump();
  EXPECT_FALSE(refused["body"].bool_or("witness_asked", true)) << refused.dump();
  EXPECT_TRUE(world_.retained("service/waiting")["waiting"].items().empty());
  body.set("position", "1");
  world_.send("operator", "aliquot/move", body, "witness");
  world_.run(seconds(2));
  const Json list = world_.retained("service/waiting");
  ASSERT_FALSE(list["waiting"].items().empty());
  const Json& waiting = list["waiting"].items().front();
  EXPECT_NE(waiting.string_or("would", "").find("c-1-d01-1"), std::string::npos) << waiting.dump();
  const Json tried =
      world_.ask("operator", "bulk/import",
                 Json::object().set("csv", "no,list\n").set("dry_run", true), "witness");
  EXPECT_EQ(tried.string_or("status", ""), "rejected")
      << "a dry run waits for nobody" << tried.dump();
}

TEST_F(Story, the_tree_and_every_event_come_again_after_the_broker_lost_them) {
  begin();
  ASSERT_EQ(store_course("c-1").string_or("status", ""), "done");
  const std::map<std::string, std::string> before = world_.broker;
  world_.link(false);
  world_.broker.clear();
  world_.broker["alarm/ghost.gone"] = "{}";
  world_.ask("operator", "course/register", registration("c-2"));
  world_.run(seconds(3));
  world_.link(true);
  world_.run(seconds(5));
  for (const auto& [topic, payload] : before) {
    EXPECT_TRUE(world_.broker.contains(topic)) << topic;
  }
  EXPECT_FALSE(world_.broker.contains("alarm/ghost.gone"));
  std::map<std::string, std::set<std::int64_t>> seen;
  for (const Publish& publish : world_.published) {
    Result<Json> json = parse_json(publish.payload);
    if (!json || json->string_or("specversion", "").empty()) continue;
    seen[publish.topic].insert(json->integer_or("seq", 0));
  }
  for (const auto& [topic, numbers] : seen) {
    EXPECT_EQ(*numbers.begin(), 1) << topic;
    EXPECT_EQ(*numbers.rbegin(), static_cast<std::int64_t>(numbers.size())) << topic;
  }
  EXPECT_TRUE(seen.contains("cryobank/v1/demo/event/job"));
  EXPECT_LE(world_.open_publishes_most, 19U);  // below the broker's Receive Maximum of 20
  EXPECT_GE(world_.open_publishes_most, 10U);
}

TEST_F(Story, a_reader_asks_for_the_events_it_missed) {
  begin();
  ASSERT_EQ(store_course("c-1").string_or("status", ""), "done");
  Json body = Json::object();
  body.set("stream", "job").set("from", 3);
  const Json reply = world_.ask("viewer", "event/replay", body);
  ASSERT_EQ(reply.string_or("status", ""), "done") << reply.dump();
  const Json::Array& events = reply["body"]["events"].items();
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.front().integer_or("seq", 0), 3);
  EXPECT_EQ(reply["body"].integer_or("next", 0), 3 + static_cast<std::int64_t>(events.size()));
}

class ThawStory : public Story {
 protected:
  ThawStory()
      : Story([](config::SiteConfig& config) {
          for (config::ProtocolConfig& protocol : config.protocols) {
            protocol.reculture_min_hours = 1;
            protocol.reculture_max_hours = 2;
            protocol.transport_hours = 0;
          }
        }) {}
  void plan() {
    const Json release = Json::object().set("course", "c-1");
    ASSERT_EQ(world_.ask("quality", "course/release", release).string_or("status", ""), "done");
    Json body = Json::object().set("course", "c-1");
    body.set("first_infusion", format_utc(world_.now().wall + hours(3)));
    const Json planned = world_.ask("physician", "course/plan", body);
    ASSERT_EQ(planned.string_or("status", ""), "done") << planned.dump();
    world_.run(seconds(1));
    EXPECT_FALSE(world_.retained("plan")["next_thaw"].is_null());
  }
  bool at_thaw_station() {
    return std::ranges::any_of(world_.hardware().vials(),
                               [](const auto& vial) { return vial.first[0] == 902; });
  }
};

TEST_F(ThawStory, a_dose_is_thawed_when_its_time_comes) {
  begin();
  ASSERT_EQ(store_course("c-1").string_or("status", ""), "done");
  plan();
  ASSERT_TRUE(world_.run_until([this] { return at_thaw_station(); }, hours(3)))
      << world_.retained("plan").dump();
  world_.run(seconds(10));
  EXPECT_EQ(world_.retained("course/c-1")["doses"].items().front().string_or("state", ""),
            "thawed");
  EXPECT_EQ(world_.hardware().moves(), 13U);
}

TEST_F(ThawStory, the_worklist_follows_a_vial_that_moves_after_it_was_planned) {
  begin();
  put_vials(world_, "c-1");
  world_.send("operator", "course/register", registration("c-1"));
  plan();
  const auto shown_in_port = [this] {
    return std::ranges::count_if(world_.broker, [](const auto& topic) {
      return topic.first.starts_with("worklist/") &&
             topic.second.find("transfer-port-1") != std::string::npos;
    });
  };
  EXPECT_GT(shown_in_port(), 0);
  ASSERT_TRUE(world_.run_until([this] { return vials_in_freezers() == 12; }, minutes(30)));
  world_.run(seconds(20));
  EXPECT_EQ(shown_in_port(), 0);
}

TEST_F(ThawStory, a_worklist_is_published_again_only_when_a_line_of_it_changed) {
  begin();
  ASSERT_EQ(store_course("c-1").string_or("status", ""), "done");
  const Json plan = Json::object()
                        .set("course", "c-1")
                        .set("first_infusion", format_utc(world_.now().wall + hours(3)));
  ASSERT_EQ(world_.ask("physician", "course/plan", plan).string_or("status", ""), "done");
  world_.run(seconds(5));
  world_.published.clear();
  const auto published = [this](std::string_view topic) {
    return std::ranges::count_if(world_.published, [topic](const Publish& one) {
      return one.topic.find(topic) != std::string::npos;
    });
  };
  const std::string day = world_.broker.lower_bound("worklist/")->first;
  ASSERT_TRUE(day.starts_with("worklist/"));
  ASSERT_EQ(world_.ask("physician", "course/plan", plan).string_or("status", ""), "done");
  world_.run(seconds(5));
  EXPECT_EQ(published("/course/c-1"), 1);
  EXPECT_EQ(published("/worklist/"), 0);
  // A broker that forgot everything is told all of it again.
  const std::string before = world_.broker.at(day);
  world_.link(false);
  world_.broker.clear();
  world_.link(true);
  world_.run(seconds(10));
  ASSERT_TRUE(world_.broker.contains(day));
  EXPECT_EQ(parse_json(world_.broker.at(day))->members().at("items"),
            parse_json(before)->members().at("items"));
}

TEST_F(ThawStory, a_dose_that_may_not_be_thawed_is_an_alarm_and_is_not_asked_again_and_again) {
  begin();
  ASSERT_EQ(store_course("c-1").string_or("status", ""), "done");
  plan();
  const Json hold = Json::object().set("course", "c-1").set("kind", "quality");
  const Json held = world_.ask("quality", "hold/place", hold);
  ASSERT_EQ(held.string_or("status", ""), "done") << held.dump();
  const std::string alarm = "alarm/c-1.d01.thaw-not-started";
  ASSERT_TRUE(world_.run_until([&] { return world_.broker.contains(alarm); }, hours(3)));
  const std::size_t entries = world_.rows.size();
  world_.run(minutes(5));
  EXPECT_LT(world_.rows.size(), entries + 40);
  EXPECT_FALSE(at_thaw_station());
}

TEST_F(Story, stopping_ends_with_offline_and_the_last_effect) {
  begin();
  world_.step(OperatorSignal::stop);
  EXPECT_TRUE(world_.run_until(
      [this] { return !world_.notices.empty() && world_.notices.back() == SystemdState::stopping; },
      seconds(5)));
  EXPECT_EQ(world_.retained("service/state").string_or("state", ""), "offline");
}

TEST_F(Story, a_low_level_pages_before_the_disk_hears_of_it_and_ends_when_acknowledged) {
  begin();
  world_.run(seconds(40));
  world_.order.clear();
  Json fault = Json::object();
  fault.set("do", "fault").set("device", "freezer-3").set("fault", "sensor-value");
  fault.set("at", "level").set("value", 40);
  const Result<Json> done = world_.hardware().control(fault);
  ASSERT_TRUE(done.ok()) << done.error().context;
  const std::string alarm = "alarm/freezer-3.level-low";
  ASSERT_TRUE(world_.run_until([&] { return world_.broker.contains(alarm); }, minutes(30)));
  const auto page = std::ranges::find_if(
      world_.order, [](const std::string& what) { return what.starts_with("publish page/"); });
  ASSERT_NE(page, world_.order.end());
  const auto told = std::ranges::find(world_.order, "publish " + alarm);
  const auto next_commit = std::find(page, world_.order.end(), "commit");
  EXPECT_LT(told - world_.order.begin(), next_commit - world_.order.begin());
  const Json acknowledge =
      Json::object().set("alarm", "freezer-3.level-low").set("reason", "going");
  const Json reply = world_.ask("operator", "alarm/acknowledge", acknowledge);
  EXPECT_EQ(reply.string_or("status", ""), "done") << reply.dump();
  world_.run(seconds(1));
  EXPECT_EQ(world_.retained(alarm)["acknowledged"], Json(true));
  world_.kill();
  world_.start();
  world_.run(seconds(1));
  EXPECT_EQ(world_.retained(alarm)["acknowledged"], Json(true));
}

TEST_F(Story, an_alarm_that_was_told_and_died_with_the_daemon_does_not_vanish_from_the_broker) {
  begin();
  world_.run(seconds(40));
  world_.store_silent = true;
  Json fault = Json::object().set("do", "fault").set("device", "freezer-3");
  fault.set("fault", "sensor-value").set("at", "level").set("value", 40);
  ASSERT_TRUE(world_.hardware().control(fault).ok());
  const std::string alarm = "alarm/freezer-3.level-low";
  ASSERT_TRUE(world_.run_until([&] { return world_.broker.contains(alarm); }, minutes(30)));
  const Json told = world_.retained(alarm);
  world_.kill();
  world_.store_silent = false;
  ASSERT_FALSE(std::ranges::any_of(
      world_.rows, [](const auto& row) { return row.first == "r/alarm/freezer-3.level-low"; }));
  world_.start();
  EXPECT_FALSE(world_.run_until([&] { return !world_.broker.contains(alarm); }, seconds(30)));
  EXPECT_EQ(world_.retained(alarm)["occurrence"], told["occurrence"]);
  EXPECT_EQ(world_.retained(alarm)["active"], Json(true));
}

TEST_F(Story, a_pulse_leaves_every_second_and_a_beat_every_five) {
  begin();
  world_.published.clear();
  world_.run(seconds(60));
  const auto left = [this](std::string_view topic) {
    return static_cast<int>(std::ranges::count_if(
        world_.published, [&](const Publish& one) { return one.topic.ends_with(topic); }));
  };
  EXPECT_NEAR(left("/service/pulse"), 60, 1);
  EXPECT_NEAR(left("/service/beat"), 12, 1);
  const auto pulse = std::ranges::find_if(
      world_.published, [](const Publish& one) { return one.topic.ends_with("/service/pulse"); });
  ASSERT_NE(pulse, world_.published.end());
  EXPECT_EQ(pulse->qos, 0);
  EXPECT_FALSE(pulse->retain);
  EXPECT_EQ(parse_json(pulse->payload)->integer_or("every_ms", 0), 1'000);
}

// A process that waits for a dead disk cannot be killed, and this one still pages.
TEST_F(Story, the_watchdog_is_fed_while_the_store_hangs) {
  begin();
  world_.run(seconds(20));
  const auto fed = [this] { return std::ranges::count(world_.notices, SystemdState::watchdog); };
  EXPECT_GT(fed(), 2);
  world_.store_silent = true;
  world_.run(seconds(60));
  const auto before = fed();
  world_.run(seconds(60));
  EXPECT_GE(fed(), before + 10);
}

}  // namespace
}  // namespace cryobank::core
