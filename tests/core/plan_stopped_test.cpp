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
  EXPECT_TRUE(stands(kStoppedAlarm) || waits()) << "a restart forgets nothing";
  done("physician", "course/resume", Json::object().set("course", "c-1"));
  world_.kill();
  world_.start();
  world_.link(true);
  EXPECT_TRUE(world_.run_until([this] { return !stands(kStoppedAlarm) && !waits(); }, minutes(1)));
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
        }) {}
};

TEST_F(FullStory, a_full_incubator_stops_the_dose_and_says_so) {
  begin();
  store_course("c-1");
  plan_dose(1, hours(1));
  ASSERT_TRUE(fetched(1, minutes(10)));
  plan_dose(2, hours(1));
  const auto refused = [this] { return !dose(2).string_or("blocked", "").empty(); };
  ASSERT_TRUE(world_.run_until(refused, minutes(10)));
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
