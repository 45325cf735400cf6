// The minute plan of a day, fed from the record: who does what when, what has begun, what runs late
// and on whom the day hangs.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "tests/core/plan_story.hpp"

namespace cryobank::core {
namespace {

using config::DayStepConfig;

// Ten minutes of the plan are one here.
constexpr int kDaySpeed = 10;
constexpr std::string_view kLateAlarm = "alarm/c-1.d01.day-late";
constexpr std::string_view kAloneAlarm = "alarm/supervisor.day-hangs-on-one";

void set_day(config::SiteConfig& config) {
  set_protocols(config);
  config.clinics.front().calendar = CalendarId();
  config.plan.fit_to_thaw = {};
  config.plan.clock_speed = kDaySpeed;
  for (config::ProtocolConfig& protocol : config.protocols) {
    protocol.reculture_min_hours = 1;
    protocol.reculture_max_hours = 2;
    protocol.reculture_limit_hours = 4;
  }
  config::DayConfig& day = config.plan.day;
  day.steps = {
      {"retrieve", DayStepConfig::Of::thaw, 30, "robot", "", -1, 0, {}, 1},
      {"thaw", DayStepConfig::Of::thaw, 10, "station", "hands", 0, 0, DayStepConfig::Ends::thawed,
       2},
      {"seed", DayStepConfig::Of::thaw, 30, "cabinet", "hands", 0, 15,
       DayStepConfig::Ends::recultured, 3},
      {"harvest", DayStepConfig::Of::harvest, 20, "cabinet", "hands", -1, 15,
       DayStepConfig::Ends::harvested, 4},
      {"release", DayStepConfig::Of::harvest, 10, "", "release", 60, 0, {}, 5},
      {"pack", DayStepConfig::Of::harvest, 10, "", "hands", 60, 0, DayStepConfig::Ends::issued, 6}};
  day.machines = {{"robot", 1, 1}, {"station", 1, 2}, {"cabinet", 1, 3}};
  day.people = {{UserId("operator"), {"hands"}, CalendarId(), 0, 1'440, {}, 1},
                {UserId("supervisor"), {"hands", "release"}, CalendarId(), 0, 1'440, {}, 2}};
}

class DayStory : public PlanStory {
 protected:
  explicit DayStory(const std::function<void(config::SiteConfig&)>& adapt = set_day)
      : PlanStory(adapt) {}

  void plan_dose(int number, Duration to_thaw) {
    plan_by_hand(number, plan_now() + to_thaw, minutes(90), hours(4), hours(5));
    world_.run(seconds(3));
  }
  Json day() const { return world_.retained("plan/day"); }
  Json told_dose(std::string_view of) const {
    const Json told = day();
    for (const Json& one : told["doses"].items()) {
      if (one.string_or("of", "") == of) return one;
    }
    return {};
  }
  Json step(std::string_view name, std::string_view dose = "d01") const {
    const Json told = day();
    for (const Json& one : told["steps"].items()) {
      if (one.string_or("step", "") == name && one.string_or("dose", "") == dose) return one;
    }
    return {};
  }
};

TEST_F(DayStory, who_is_early_is_told_and_the_rest_is_planned_anew_within_a_second_of_each_fact) {
  begin();
  store_course("c-1");
  plan_dose(1, hours(1));
  ASSERT_EQ(day()["doses"].items().size(), 1u) << day().dump();
  EXPECT_EQ(told_dose("thaw").string_or("state", ""), "waiting");
  const std::string due = told_dose("thaw").string_or("due", "");
  const WallTime thaw_at = *parse_utc(dose(1)["planned"].string_or("thaw_at", ""));
  const Duration rounded = thaw_at + minutes(30) - *parse_utc(due);
  EXPECT_TRUE(seconds(0) <= rounded && rounded < minutes(1)) << "the thaw and the step after it";
  ASSERT_TRUE(
      world_.run_until([this] { return dose(1).string_or("state", "") == "thawed"; }, minutes(15)));
  Json body = Json::object().set("course", "c-1").set("dose", "d01");
  done("operator", "dose/reculture", Json(body).set("codes", Json::array().push("c-1-d01-1")));
  world_.run(seconds(1));
  EXPECT_EQ(told_dose("thaw").string_or("state", ""), "done") << day().dump();
  EXPECT_EQ(told_dose("thaw").string_or("due", ""), due);
  const Duration over = *parse_utc(told_dose("thaw").string_or("ends", "")) - *parse_utc(due);
  EXPECT_EQ(told_dose("thaw").integer_or("minutes", 999), over.seconds() / 60);
  EXPECT_EQ(told_dose("harvest").integer_or("minutes", 999), 0) << day().dump();
  // Its shortest culture is over twenty minutes before the harvest is due.
  const WallTime planned = *parse_utc(dose(1)["planned"].string_or("harvest_from", ""));
  ASSERT_TRUE(world_.run_until([&] { return planned - minutes(20) <= plan_now(); }, minutes(30)));
  done("operator", "dose/harvest", Json(body).set("code", "c-1/d01"));
  world_.run(seconds(1));
  const Json harvest = told_dose("harvest");
  EXPECT_EQ(harvest.string_or("state", ""), "running") << day().dump();
  EXPECT_LE(harvest.integer_or("minutes", 0), -30)
      << "twenty minutes and the step: " << day().dump();
  EXPECT_GE(harvest.integer_or("minutes", 0), -40);
}

TEST_F(DayStory, todays_thaw_is_told_step_by_step_and_what_has_begun_is_shown_so) {
  begin();
  store_course("c-1");
  EXPECT_TRUE(day()["steps"].items().empty()) << day().dump();
  plan_dose(1, hours(2));
  const Json retrieve = step("retrieve");
  EXPECT_EQ(retrieve.string_or("machine", ""), "robot") << day().dump();
  EXPECT_TRUE(retrieve["person"].is_null());
  const Duration early = *parse_utc(dose(1)["planned"].string_or("thaw_at", "")) -
                         world_.config().plan.thaw_lead -
                         *parse_utc(retrieve.string_or("from", ""));
  EXPECT_TRUE(seconds(0) <= early && early < minutes(1)) << "when its job begins";
  EXPECT_EQ(step("thaw").string_or("from", "1"), retrieve.string_or("until", "2"));
  EXPECT_EQ(step("seed").string_or("person", ""), "operator");
  EXPECT_EQ(day().string_or("verdict", ""), "optimal");
  ASSERT_TRUE(world_.run_until([this] { return dose(1).string_or("state", "") == "thawing"; },
                               minutes(15)));
  world_.run(seconds(3));
  EXPECT_TRUE(step("retrieve").bool_or("running", false)) << day().dump();
  ASSERT_TRUE(
      world_.run_until([this] { return dose(1).string_or("state", "") == "thawed"; }, minutes(15)));
  world_.run(seconds(3));
  EXPECT_TRUE(step("retrieve").is_null()) << "done by the record";
  EXPECT_TRUE(step("seed").bool_or("running", false)) << day().dump();
  Json body = Json::object().set("course", "c-1").set("dose", "d01");
  done("operator", "dose/reculture", body.set("codes", Json::array().push("c-1-d01-1")));
  world_.run(seconds(3));
  EXPECT_TRUE(step("seed").is_null());
  EXPECT_FALSE(step("harvest").is_null()) << day().dump();
}

TEST_F(DayStory, a_day_that_hangs_on_one_person_is_told_and_one_with_a_backup_is_not) {
  begin();
  store_course("c-1");
  plan_dose(1, hours(1));
  EXPECT_TRUE(day()["hangs_on"].items().empty()) << "two can thaw: " << day().dump();
  EXPECT_FALSE(stands(kAloneAlarm));
  ASSERT_TRUE(
      world_.run_until([this] { return dose(1).string_or("state", "") == "thawed"; }, minutes(15)));
  Json body = Json::object().set("course", "c-1").set("dose", "d01");
  done("operator", "dose/reculture", body.set("codes", Json::array().push("c-1-d01-1")));
  world_.run(seconds(3));
  ASSERT_EQ(day()["hangs_on"].items().size(), 1u) << "one alone releases: " << day().dump();
  EXPECT_EQ(day()["hangs_on"].items().front().string(), "supervisor");
  EXPECT_TRUE(stands(kAloneAlarm));
  EXPECT_EQ(world_.retained(std::string(kAloneAlarm)).string_or("priority", ""), "p3");
}

class CourierStory : public DayStory {
 protected:
  CourierStory()
      : DayStory([](config::SiteConfig& config) {
          set_day(config);
          config::CourierConfig courier;
          courier.id = "van";
          courier.clinic = "clinic-1";
          for (int minute = 0; minute < 1'440; minute += 10) courier.leaves.push_back(minute);
          courier.minutes = 30;
          config.plan.day.couriers.push_back(courier);
        }) {}
};

TEST_F(CourierStory, a_harvest_that_runs_late_is_planned_anew_and_told_before_the_courier_leaves) {
  begin();
  store_course("c-1");
  plan_dose(1, hours(1));
  ASSERT_TRUE(
      world_.run_until([this] { return dose(1).string_or("state", "") == "thawed"; }, minutes(15)));
  Json body = Json::object().set("course", "c-1").set("dose", "d01");
  done("operator", "dose/reculture", Json(body).set("codes", Json::array().push("c-1-d01-1")));
  world_.run(seconds(3));
  ASSERT_EQ(day()["runs"].items().size(), 1u) << day().dump();
  const Json run = day()["runs"].items().front();
  EXPECT_EQ(run.string_or("courier", ""), "van");
  const WallTime leaves = *parse_utc(run.string_or("leaves", ""));
  EXPECT_LE(leaves + minutes(30), *parse_utc(run.string_or("infusion_at", "")));
  EXPECT_TRUE(day()["late"].items().empty()) << day().dump();
  // Nobody harvests: the rest of the day is planned anew, and once forty minutes are too few the
  // courier is missed.
  const auto late = [this] { return stands(kLateAlarm); };
  ASSERT_TRUE(world_.run_until(late, hours(1))) << day().dump();
  EXPECT_LT(plan_now(), leaves) << "before it is too late";
  EXPECT_GE(plan_now() + minutes(40 + 2 * 60 / 6), leaves);
  EXPECT_EQ(day()["late"].items().size(), 1u);
  EXPECT_NE(world_.retained(std::string(kLateAlarm)).string_or("text", "").find("courier van"),
            std::string::npos);
  done("operator", "dose/harvest", Json(body).set("code", "c-1/d01"));
  const Json issue = Json(body).set("code", "c-1/d01").set("to", "clinic-1");
  two_people("operator", "dose/issue", issue);
  world_.run(seconds(3));
  EXPECT_FALSE(stands(kLateAlarm)) << day().dump();
  EXPECT_TRUE(day()["steps"].items().empty()) << day().dump();
}

TEST_F(DayStory, a_stopped_dose_is_left_out_by_name_and_the_day_can_be_printed) {
  begin();
  store_course("c-1");
  plan_dose(1, hours(3));
  Json hold = Json::object().set("course", "c-1").set("kind", "fever");
  done("operator", "course/hold", std::move(hold));
  world_.run(seconds(3));
  EXPECT_TRUE(step("thaw").is_null());
  ASSERT_EQ(day()["left_out"].items().size(), 1u) << day().dump();
  EXPECT_NE(day()["left_out"].items().front().string().find("dose d01 of course c-1"),
            std::string::npos);
  done("physician", "course/resume", Json::object().set("course", "c-1"));
  world_.run(seconds(3));
  EXPECT_FALSE(step("thaw").is_null());
  const Json printed = done("viewer", "plan/export", Json::object().set("format", "day"));
  EXPECT_NE(printed["body"].string_or("text", "").find("c-1 d01  retrieve  robot"),
            std::string::npos)
      << printed.dump();
}

// On 28 March 2027 the clocks of Berlin go from 2:00 to 3:00: at 8:30 only seven hours and a half
// of the day have passed.
class SummerStory : public DayStory {
 protected:
  SummerStory()
      : DayStory([](config::SiteConfig& config) {
          set_day(config);
          std::ifstream file("/usr/share/zoneinfo/Europe/Berlin", std::ios::binary);
          const std::string bytes(std::istreambuf_iterator<char>(file), {});
          config.zone = *Zone::parse(bytes);
          config.time_zone = "Europe/Berlin";
          for (config::DayPersonConfig& person : config.plan.day.people) {
            person.from_minute = 8 * 60 + 30;
          }
        }) {}
};

TEST_F(SummerStory, people_keep_their_hours_on_the_day_of_a_change_of_the_clock) {
  begin();
  store_course("c-1");
  plan_by_hand(1, *parse_utc("2027-03-28T05:00:00.000Z"), minutes(90), hours(4), hours(5));
  const Json printed =
      done("viewer", "plan/export", Json::object().set("format", "day").set("date", "2027-03-28"));
  const std::string text = printed["body"].string_or("text", "");
  // Planned for 7:00, and not too late at 8:30, when somebody is there.
  EXPECT_NE(text.find("08:30-08:40  c-1 d01  thaw"), std::string::npos) << text;
  EXPECT_EQ(text.find("LATE"), std::string::npos) << text;
}

// The demonstration's own day, at the pace that its plan has for its robot and people.
class DemoDayStory : public DayStory {
 protected:
  DemoDayStory()
      : DayStory([](config::SiteConfig& config) {
          const config::SiteConfig demo = shipped_demo();
          config.plan.day = demo.plan.day;
          config.clinics = demo.clinics;
          config.plan.clock_speed = demo.plan.clock_speed / 10;  // its robot is ten times as fast
        }) {}
};

TEST_F(DemoDayStory, the_demonstration_shows_a_true_minute_plan_from_its_first_dose) {
  begin();
  store_course("c-1");
  plan_by_hand(1, plan_now() + hours(3), hours(24), hours(48), hours(26));
  world_.run(seconds(1));
  EXPECT_EQ(day().string_or("verdict", ""), "optimal") << day().dump();
  EXPECT_EQ(day()["steps"].items().size(), 3u);
  EXPECT_EQ(step("retrieve").string_or("machine", ""), "robot");
  EXPECT_FALSE(step("wash")["person"].is_null());
  const auto state = [this] { return dose(1).string_or("state", ""); };
  ASSERT_TRUE(world_.run_until([&] { return state() == "thawed"; }, minutes(15)));
  world_.run(seconds(40));  // to the station, ten times as slow as in the demonstration
  Json body = Json::object().set("course", "c-1").set("dose", "d01");
  done("operator", "dose/reculture", Json(body).set("codes", Json::array().push("c-1-d01-1")));
  const WallTime planned = *parse_utc(dose(1)["planned"].string_or("harvest_from", ""));
  ASSERT_TRUE(world_.run_until([&] { return planned <= plan_now(); }, hours(1)));
  world_.run(seconds(1));
  EXPECT_FALSE(step("harvest").is_null()) << day().dump();
  ASSERT_EQ(day()["runs"].items().size(), 1u) << day().dump();
  done("operator", "dose/harvest", Json(body).set("code", "c-1/d01"));
  world_.run(seconds(1));
  EXPECT_TRUE(step("harvest").is_null()) << day().dump();
  EXPECT_TRUE(day()["faults"].items().empty()) << day().dump();
  EXPECT_TRUE(day()["hangs_on"].items().empty()) << day().dump();
  for (const auto& [topic, payload] : world_.broker) {
    const bool raised = topic.ends_with(".day-late") && stands(topic);
    EXPECT_FALSE(raised) << payload;
  }
}

TEST_F(PlanStory, a_site_without_steps_has_no_minute_plan) {
  begin();
  EXPECT_FALSE(world_.broker.contains("plan/day"));
  const Json refused = world_.ask("viewer", "plan/export", Json::object().set("format", "day"));
  EXPECT_EQ(refused.string_or("code", ""), "not-found");
  EXPECT_NE(refused.string_or("message", "").find("[[plan.step]]"), std::string::npos);
}

}  // namespace
}  // namespace cryobank::core
