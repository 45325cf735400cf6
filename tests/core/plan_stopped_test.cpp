// Whatever stops a planned dose ends in a proposal or an alarm within a minute, and nothing that a
// hold stopped is lost when the hold goes.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "tests/core/plan_story.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kStoppedAlarm = "alarm/c-1.dose-stopped";
// Hours of the plan are minutes here, so that a story of days is one of hours.
constexpr int kSpeed = 30;
constexpr std::string_view kWaitingAlarm = "alarm/plan.proposal-waiting";

class StoppedStory : public PlanStory {
 protected:
  explicit StoppedStory(const std::function<void(config::SiteConfig&)>& adapt =
                            [](config::SiteConfig& config) {
                              set_protocols(config);
                              config.clinics.clear();
                              config.plan.fit_to_thaw = {};
                              config.plan.clock_speed = kSpeed;
                            })
      : PlanStory(adapt) {}

  // Of the plan's own hours.
  void plan_dose(int number, Duration to_thaw) {
    plan_by_hand(number, plan_now() + to_thaw, hours(24), hours(48), hours(27));
  }
  std::string text_of_alarm(std::string_view alarm) const {
    return world_.retained(std::string(alarm)).string_or("text", "");
  }
  bool waits() const {
    return world_.retained("plan")["proposal"].string_or("state", "") == "ready";
  }
  bool told(Duration limit = minutes(1)) {
    return world_.run_until([this] { return waits() || stands(kStoppedAlarm); }, limit);
  }
  std::string state(int number) { return dose(number).string_or("state", ""); }
  bool fetched(int number, Duration limit) {
    return world_.run_until([&] { return state(number) == "thawed"; }, limit);
  }
  void break_robot(std::string_view fault, std::string_view at = {}) {
    Json command = Json::object().set("do", "fault").set("device", "robot-1").set("fault", fault);
    if (!at.empty()) command.set("at", at);
    const Result<Json> broken = world_.hardware().control(command);
    ASSERT_TRUE(broken.ok()) << broken.error().context;
  }
  Json hold_course(std::string_view until) {
    Json hold = Json::object().set("course", "c-1").set("kind", "fever");
    if (!until.empty()) hold.set("until", until);
    return done("operator", "course/hold", std::move(hold));
  }
};

TEST_F(StoppedStory, a_hold_that_is_lifted_in_time_leaves_the_dose_where_it_was) {
  begin();
  store_course("c-1");
  plan_dose(1, hours(3));
  const std::string before = dose(1)["planned"].dump();
  hold_course("");
  ASSERT_TRUE(told());
  EXPECT_EQ(dose(1)["planned"].dump(), before);
  done("physician", "course/resume", Json::object().set("course", "c-1"));
  ASSERT_TRUE(world_.run_until([this] { return !waits() && !stands(kStoppedAlarm); }, minutes(1)))
      << world_.retained("plan").dump();
  EXPECT_FALSE(stands(kWaitingAlarm)) << "what was proposed for the hold goes with it";
  EXPECT_EQ(dose(1)["planned"].dump(), before);
  EXPECT_TRUE(fetched(1, minutes(12))) << dose(1).dump();
}

// In real time: a thaw is begun late by the wall clock, and missed two hours after its time.
class MissedStory : public StoppedStory {
 protected:
  MissedStory()
      : StoppedStory([](config::SiteConfig& config) {
          set_protocols(config);
          config.clinics.clear();
          config.plan.fit_to_thaw = {};
        }) {}
};

TEST_F(MissedStory, a_dose_missed_under_a_hold_is_told_when_the_hold_goes) {
  begin();
  store_course("c-1");
  plan_dose(1, minutes(32));
  hold_course("");
  ASSERT_TRUE(told());
  world_.run(minutes(160));
  EXPECT_EQ(state(1), "planned");
  done("physician", "course/resume", Json::object().set("course", "c-1"));
  world_.run(minutes(1));
  ASSERT_TRUE(waits()) << text_of_alarm(kStoppedAlarm);
  const Json change = world_.retained("plan")["proposal"]["changes"].items().front();
  EXPECT_EQ(change.string_or("dose", ""), "d01");
  done("physician", "plan/accept", Json::object().set("number", proposal()));
  world_.run(minutes(1));
  EXPECT_FALSE(stands(kStoppedAlarm));
  EXPECT_GT(*parse_utc(dose(1)["planned"].string_or("thaw_at", "")), plan_now());
}

TEST_F(StoppedStory, what_is_thrown_away_leaves_the_alarm_until_the_cause_is_gone) {
  begin();
  store_course("c-1");
  plan_dose(1, hours(30));
  const Day today = world_.config().zone.local(plan_now()).day;
  hold_course(format_day(Day{today.number + 9}));
  const std::int64_t number = proposal(minutes(1));
  ASSERT_TRUE(world_.run_until([this] { return stands(kWaitingAlarm); }, seconds(30)));
  EXPECT_EQ(world_.retained(std::string(kWaitingAlarm)).string_or("priority", ""), "p2");
  EXPECT_FALSE(stands(kStoppedAlarm)) << "one alarm for one cause";
  done("physician", "plan/discard", Json::object().set("number", number));
  ASSERT_TRUE(world_.run_until([this] { return stands(kStoppedAlarm); }, minutes(1)));
  EXPECT_FALSE(stands(kWaitingAlarm));
  EXPECT_NE(text_of_alarm(kStoppedAlarm).find("fever"), std::string::npos);
  world_.kill();
  world_.start();
  world_.link(true);
  world_.run(minutes(1));
  EXPECT_TRUE(stands(kStoppedAlarm)) << "a restart forgets nothing";
  EXPECT_FALSE(waits()) << "and proposes nothing that was thrown away";
  done("physician", "course/resume", Json::object().set("course", "c-1"));
  world_.kill();
  world_.start();
  world_.link(true);
  EXPECT_TRUE(world_.run_until([this] { return !stands(kStoppedAlarm) && !waits(); }, minutes(1)));
}

TEST_F(StoppedStory, what_was_thrown_away_is_proposed_with_another_cause_and_with_another_hold) {
  begin();
  store_course("c-1");
  plan_dose(1, hours(30));
  plan_dose(2, days(5));
  const auto restart = [this] {
    world_.kill();
    world_.start();
    world_.link(true);
    world_.run(minutes(1));
  };
  const Day today = world_.config().zone.local(plan_now()).day;
  const std::string until = format_day(Day{today.number + 3});
  hold_course(until);
  done("physician", "plan/discard", Json::object().set("number", proposal(minutes(1))));
  restart();
  EXPECT_FALSE(waits());
  done("operator", "dose/fit", *parse_json(R"({"course":"c-1","dose":"d02","fit":false})"));
  EXPECT_NE(proposal(minutes(1)), 0) << "another dose is stopped as well";
  done("operator", "dose/fit", *parse_json(R"({"course":"c-1","dose":"d02","fit":true})"));
  ASSERT_TRUE(world_.run_until([this] { return !waits(); }, minutes(1)));
  restart();
  EXPECT_FALSE(waits()) << "what is left was thrown away";
  done("physician", "course/resume", Json::object().set("course", "c-1"));
  world_.run(minutes(1));
  hold_course(until);
  restart();
  EXPECT_NE(proposal(minutes(1)), 0) << "another hold in the same words";
}

TEST_F(StoppedStory, a_vial_on_hold_is_told_long_before_its_thaw) {
  begin();
  store_course("c-1");
  plan_dose(2, days(6));
  world_.run(minutes(1));
  EXPECT_FALSE(stands(kStoppedAlarm));
  const Json held = done("quality", "hold/place",
                         Json::object().set("aliquot", "c-1-d02-1").set("kind", "quality"));
  ASSERT_TRUE(world_.run_until([this] { return stands(kStoppedAlarm); }, minutes(1)));
  EXPECT_NE(text_of_alarm(kStoppedAlarm).find("c-1-d02-1"), std::string::npos)
      << text_of_alarm(kStoppedAlarm);
  done("quality", "hold/release", Json::object().set("hold", held["body"].string_or("hold", "")));
  EXPECT_TRUE(world_.run_until([this] { return !stands(kStoppedAlarm); }, minutes(1)));
  EXPECT_EQ(state(2), "planned");
}

TEST_F(StoppedStory, a_thaw_that_the_robot_fails_is_told_within_a_minute) {
  begin();
  store_course("c-1");
  plan_dose(1, hours(1));
  break_robot("jam", "to-source");
  ASSERT_TRUE(world_.run_until(
      [this] { return dose(1).string_or("blocked", "").starts_with("its thaw"); }, minutes(10)))
      << dose(1).dump();
  ASSERT_TRUE(told());
}

TEST_F(StoppedStory, a_robot_that_does_not_answer_stops_the_dose_by_name) {
  begin();
  store_course("c-1");
  plan_dose(1, hours(1));
  break_robot("dead");
  ASSERT_TRUE(world_.run_until(
      [this] { return world_.retained("device/robot-1/state").string_or("state", "") == "lost"; },
      minutes(5)));
  const WallTime due = *parse_utc(dose(1)["planned"].string_or("thaw_at", ""));
  ASSERT_TRUE(world_.run_until([this] { return waits() || stands(kStoppedAlarm); }, minutes(20)))
      << dose(1).dump();
  EXPECT_LE(world_.now().wall - world_.parts().clock.wall_time(due), minutes(1));
  EXPECT_NE(cat(text_of_alarm(kStoppedAlarm), world_.retained("plan").dump()).find("robot-1"),
            std::string::npos);
}

// A second robot that goes where the first one goes, with places of its own.
class TwoRobotsStory : public StoppedStory {
 protected:
  TwoRobotsStory()
      : StoppedStory([](config::SiteConfig& config) {
          set_protocols(config);
          config.clinics.clear();
          config.plan.fit_to_thaw = {};
          config.plan.clock_speed = kSpeed;
          config::DeviceConfig second =
              *std::ranges::find(config.devices, DeviceId("robot-1"), &config::DeviceConfig::id);
          second.id = DeviceId("robot-2");
          second.unit = 2;
          second.robot_address = 2;
          second.transfer_port = PlaceId("transfer-port-2");
          second.thaw_station = PlaceId("thaw-station-2");
          second.gripper = PlaceId("gripper-2");
          config.devices.push_back(second);
          for (const char* kind : {"transfer-port", "thaw-station", "gripper"}) {
            config::PlaceConfig made = *std::ranges::find(config.places, PlaceId(cat(kind, "-1")),
                                                          &config::PlaceConfig::id);
            made.id = PlaceId(cat(kind, "-2"));
            if (!made.device.empty()) made.device = second.id;
            if (!made.robot_location.empty()) made.robot_location[0] += 10;
            config.places.push_back(made);
          }
        }) {}
  std::string robot_of_thaw() {
    for (const auto& [id, job] : world_.parts().bank.ledger.tables().jobs) {
      if (job.kind == inventory::JobKind::thaw) return job.robot.str();
    }
    return {};
  }
};

TEST_F(TwoRobotsStory, the_one_that_is_alive_fetches_what_both_reach) {
  begin();
  store_course("c-1");
  plan_dose(1, hours(1));
  break_robot("dead");
  ASSERT_TRUE(world_.run_until([this] { return !robot_of_thaw().empty(); }, minutes(10)));
  EXPECT_EQ(robot_of_thaw(), "robot-2");
}

TEST_F(TwoRobotsStory, one_that_a_person_paused_is_left_alone) {
  begin();
  store_course("c-1");
  plan_dose(1, hours(1));
  done("operator", "robot/pause", Json::object().set("robot", "robot-1"));
  ASSERT_TRUE(world_.run_until([this] { return !robot_of_thaw().empty(); }, minutes(10)));
  EXPECT_EQ(robot_of_thaw(), "robot-2");
}

TEST_F(TwoRobotsStory, the_first_is_asked_where_both_are_well) {
  begin();
  store_course("c-1");
  plan_dose(1, hours(1));
  ASSERT_TRUE(world_.run_until([this] { return !robot_of_thaw().empty(); }, minutes(10)));
  EXPECT_EQ(robot_of_thaw(), "robot-1");
}

// Killed so many milliseconds after the cause became a fact, and dead for a second; what the broker
// had kept is gone as well, so that only what is told anew counts.
class CrashStory : public StoppedStory, public testing::WithParamInterface<int> {
 protected:
  void crash(Duration dead = seconds(1)) {
    world_.run(milliseconds(GetParam()));
    world_.kill();
    world_.broker.clear();
    world_.rest(dead);
    world_.start();
    world_.link(true);
  }
  std::string all_told() const {
    return cat(text_of_alarm(kStoppedAlarm), world_.retained("plan").dump());
  }
};

TEST_P(CrashStory, a_crash_after_a_thaw_failed_is_told_within_a_minute) {
  begin();
  store_course("c-1");
  plan_dose(1, hours(1));
  break_robot("jam", "to-source");
  const auto failed = [this] { return dose(1).string_or("blocked", "").starts_with("its thaw"); };
  ASSERT_TRUE(world_.run_until(failed, minutes(10))) << dose(1).dump();
  crash();
  ASSERT_TRUE(told()) << dose(1).dump();
  EXPECT_NE(all_told().find("d01"), std::string::npos) << all_told();
}

TEST_P(CrashStory, a_crash_while_a_thaw_fails_is_told_within_a_minute_of_its_failure) {
  begin();
  store_course("c-1");
  plan_dose(1, hours(1));
  break_robot("jam", "to-source");
  ASSERT_TRUE(world_.run_until([this] { return state(1) == "thawing"; }, minutes(10)));
  crash();
  const auto failed = [this] {
    return !world_.retained("course/c-1").is_null() &&
           dose(1).string_or("blocked", "").starts_with("its thaw");
  };
  const auto unknown = [this] {
    return std::ranges::any_of(world_.broker, [](const auto& topic) {
      return topic.first.ends_with(".vial-unknown") || topic.first.ends_with(".job-failed");
    });
  };
  ASSERT_TRUE(world_.run_until([&] { return failed() || unknown(); }, minutes(10)));
  EXPECT_TRUE(told()) << dose(1).dump();
}

TEST_P(CrashStory, a_crash_after_a_robot_was_lost_is_told_with_its_name_within_a_minute) {
  begin();
  store_course("c-1");
  plan_dose(1, hours(1));
  break_robot("dead");
  const auto lost = [this] {
    return world_.retained("device/robot-1/state").string_or("state", "") == "lost";
  };
  ASSERT_TRUE(world_.run_until(lost, minutes(5)));
  ASSERT_TRUE(world_.run_until([this] { return state(1) == "thawing"; }, minutes(10)));
  crash();
  ASSERT_TRUE(told()) << dose(1).dump();
  EXPECT_NE(all_told().find("robot-1"), std::string::npos) << all_told();
}

INSTANTIATE_TEST_SUITE_P(After, CrashStory, testing::Values(0, 50, 1'000, 10'000),
                         [](const auto& one) { return cat("ms_", one.param); });

TEST_F(MissedStory, a_thaw_that_was_missed_while_the_daemon_was_dead_is_told_within_a_minute) {
  begin();
  store_course("c-1");
  plan_dose(1, minutes(40));
  plan_dose(2, days(4));
  ASSERT_FALSE(told(seconds(1)));
  world_.kill();
  world_.broker.clear();
  for (int hour = 0; hour < 4; ++hour) world_.rest(hours(1));  // the machines go an hour at most
  world_.start();
  world_.link(true);
  ASSERT_TRUE(told());
  EXPECT_NE(cat(text_of_alarm(kStoppedAlarm), world_.retained("plan").dump())
                .find("its thaw time has passed"),
            std::string::npos)
      << world_.retained("plan").dump();
}

class LotStory : public StoppedStory {
 protected:
  void enter(std::string_view finding) {
    done("quality", "quality/result",
         Json::object().set("lot", "l-1").set("test", "sterility").set("finding", finding));
  }
  // One dose ordered from the robot, which does not begin it, the others with their dates.
  void begin_lot() {
    begin();
    store_course("c-1", "p-1", "l-1");
    done("quality", "quality/plan", *parse_json(R"({"lot":"l-1","tests":[{"test":"sterility",
         "passes":"negative","late":true}]})"));
    publish();
    ASSERT_FALSE(dose(3)["planned"].is_null());
  }
  int dates() {
    int count = 0;
    for (int number = 1; number <= kDoses; ++number) count += state(number) == "planned" ? 1 : 0;
    return count;
  }
};

TEST_F(LotStory, a_late_positive_takes_the_dates_of_its_doses_off_the_plan_once_a_person_says_so) {
  begin_lot();
  const int before = dates();
  ASSERT_GT(before, 8);
  enter("positive");
  ASSERT_TRUE(world_.run_until([this] { return stands("alarm/hold-1.lot-failed"); }, seconds(5)));
  const std::string text = text_of_alarm("alarm/hold-1.lot-failed");
  EXPECT_EQ(text.find("p-1"), std::string::npos) << text;
  EXPECT_NE(text.find("12 aliquots are on hold"), std::string::npos) << text;
  const std::int64_t number = proposal(minutes(1));
  const Json shown = world_.retained("plan")["proposal"];
  EXPECT_NE(shown.string_or("cause", "").find("its lot l-1 failed sterility"), std::string::npos)
      << shown.dump();
  EXPECT_EQ(shown["changes"].items().size(), static_cast<std::size_t>(before)) << shown.dump();
  for (const Json& change : shown["changes"].items()) {
    EXPECT_TRUE(change["to"].is_null()) << change.dump();
    EXPECT_EQ(change.string_or("why", ""), "its lot l-1 failed sterility");
  }
  EXPECT_EQ(dates(), before) << "nothing published changes without a person";
  done("physician", "plan/accept", Json::object().set("number", number));
  world_.run(minutes(1));
  EXPECT_EQ(dates(), 0);
  EXPECT_FALSE(waits());
  EXPECT_FALSE(stands(kStoppedAlarm));
  const Json asked = world_.ask("operator", "plan/propose", *parse_json(R"({"courses":["c-1"]})"));
  ASSERT_EQ(asked.string_or("status", ""), "done") << asked.dump();
  proposal();
  EXPECT_NE(world_.retained("plan")["proposal"]["left_out"].dump().find("failed sterility"),
            std::string::npos);
}

TEST_F(LotStory, a_result_that_is_corrected_leaves_the_dates_where_they_were) {
  begin_lot();
  const int before = dates();
  const std::string day = dose(3)["planned"].dump();
  enter("positive");
  proposal(minutes(1));
  world_.ask("quality", "quality/result",
             *parse_json(R"({"lot":"l-1","test":"sterility","finding":"negative"})"));
  done("quality", "hold/release", Json::object().set("hold", "hold-1"));
  ASSERT_TRUE(world_.run_until([this] { return !waits() && !stands(kStoppedAlarm); }, minutes(1)))
      << world_.retained("plan").dump();
  EXPECT_FALSE(stands("alarm/hold-1.lot-failed"));
  EXPECT_EQ(dates(), before);
  EXPECT_EQ(dose(3)["planned"].dump(), day);
}

class ExcursionStory : public StoppedStory {
 protected:
  void warm_up(std::string_view freezer) {
    Json fault = Json::object().set("do", "fault").set("device", freezer);
    fault.set("fault", "sensor-drift").set("at", "temperature-top").set("per_hour", 3'600);
    ASSERT_TRUE(world_.hardware().control(fault).ok());
  }
};

TEST_F(ExcursionStory, doses_that_became_too_warm_are_told_by_the_plan_within_a_minute) {
  begin();
  store_course("c-1");
  for (int number = 1; number <= 9; ++number) plan_dose(number, days(5 + 4 * number));
  const auto over = [this] {
    return std::ranges::any_of(world_.broker, [](const auto& topic) {
      return topic.first.ends_with(".exposure-over-budget");
    });
  };
  warm_up("freezer-1");
  warm_up("freezer-2");
  ASSERT_TRUE(world_.run_until(over, hours(2)));
  ASSERT_TRUE(world_.run_until([this] { return stands(kStoppedAlarm); }, minutes(1)));
  EXPECT_NE(text_of_alarm(kStoppedAlarm).find("warm too long"), std::string::npos)
      << text_of_alarm(kStoppedAlarm);
}

class FullStory : public StoppedStory {
 protected:
  FullStory()
      : StoppedStory([](config::SiteConfig& config) {
          set_protocols(config);
          config.clinics.clear();
          config.plan.fit_to_thaw = {};
          config.plan.clock_speed = kSpeed;
          config.plan.resources.back().per_day = 1;
          config.plan.resources.back().reserve = 0;
          for (config::ProtocolConfig& protocol : config.protocols) protocol.limit_min_days = 1;
        }) {}
};

TEST_F(FullStory, a_full_incubator_stops_the_dose_and_says_so) {
  begin();
  store_course("c-1");
  plan_dose(1, hours(1));
  ASSERT_TRUE(fetched(1, minutes(10)));
  // A day later, when the first is still in culture: nobody harvested it.
  plan_dose(2, hours(25));
  const auto refused = [this] { return !dose(2).string_or("blocked", "").empty(); };
  ASSERT_TRUE(world_.run_until(refused, hours(1)));
  ASSERT_TRUE(told());
  EXPECT_NE(dose(2).string_or("blocked", "").find("incubator is full"), std::string::npos)
      << dose(2).dump();
}

TEST_F(StoppedStory, a_rejected_dose_ends_in_a_proposal_for_those_after_it) {
  begin();
  store_course("c-1");
  publish();
  ASSERT_EQ(state(3), "planned");
  Json body = Json::object().set("course", "c-1").set("dose", "d03");
  two_people("physician", "dose/reject", body);
  const std::int64_t number = proposal(minutes(1));
  const Json shown = world_.retained("plan")["proposal"];
  EXPECT_NE(shown.string_or("cause", "").find("dose d03: rejected"), std::string::npos)
      << shown.dump();
  for (const Json& change : shown["changes"].items()) {
    EXPECT_GT(change.integer_or("number", 0), 3) << change.dump();
  }
  done("physician", "plan/accept", Json::object().set("number", number));
}

}  // namespace
}  // namespace cryobank::core
