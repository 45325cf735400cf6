// Stories of the plan: proposal, acceptance, holds, and the gate in front of the robot.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "service/schedule/exchange.hpp"
#include "tests/core/plan_story.hpp"

namespace cryobank::core {
namespace {

TEST_F(PlanStory, a_proposal_changes_nothing_until_a_person_accepts_it) {
  begin();
  store_course("c-1");
  Json courses = Json::array();
  courses.push("c-1");
  done("operator", "plan/propose", Json::object().set("courses", std::move(courses)));
  const std::int64_t number = proposal();
  EXPECT_TRUE(dose(1)["planned"]["thaw_at"].is_null());
  const Json shown = world_.retained("plan")["proposal"];
  EXPECT_EQ(shown["changes"].items().size(), 12u) << shown.dump();
  EXPECT_EQ(shown["objective"].integer_or("unscheduled", -1), 0);
  EXPECT_FALSE(shown["bound"].is_null());
  EXPECT_EQ(world_.ask("operator", "plan/accept", Json::object().set("number", number))
                .string_or("code", ""),
            "not-authorised");
  EXPECT_EQ(world_.ask("physician", "plan/accept", Json::object().set("number", number + 1))
                .string_or("code", ""),
            "conflict");
  done("physician", "plan/accept", Json::object().set("number", number));
  world_.run(seconds(2));
  EXPECT_EQ(world_.retained("plan").integer_or("version", 0), number);
  EXPECT_TRUE(world_.retained("plan")["proposal"].is_null());
  for (int k = 1; k <= kDoses; ++k) {
    const auto infusion = parse_utc(dose(k)["planned"].string_or("infusion_at", ""));
    ASSERT_TRUE(infusion.ok()) << dose(k).dump();
    EXPECT_LE(weekday_of(world_.config().zone.local(*infusion).day), 5);
  }
}

TEST_F(PlanStory, a_hold_ends_in_a_proposal_and_the_published_dates_wait_for_a_person) {
  begin();
  store_course("c-1");
  publish();
  const Day today = world_.config().zone.local(world_.now().wall).day;
  const std::string before = dose(1)["planned"].dump();
  Json hold = Json::object().set("course", "c-1").set("kind", "fever");
  hold.set("until", format_day(Day{today.number + 9}));
  done("operator", "course/hold", std::move(hold));
  const std::int64_t number = proposal(minutes(1));
  EXPECT_EQ(dose(1)["planned"].dump(), before);
  EXPECT_EQ(world_.retained("plan")["proposal"].string_or("rung", ""), "own-course");
  done("physician", "plan/accept", Json::object().set("number", number));
  world_.run(seconds(2));
  const auto infusion = parse_utc(dose(1)["planned"].string_or("infusion_at", ""));
  ASSERT_TRUE(infusion.ok());
  EXPECT_GT(world_.config().zone.local(*infusion).day.number, today.number + 9);
}

TEST_F(PlanStory, a_date_on_a_closed_day_is_refused_by_name) {
  begin();
  store_course("c-1");
  Day day = world_.config().zone.local(world_.now().wall + days(10)).day;
  while (weekday_of(day) != 7) ++day.number;
  Json body = Json::object().set("course", "c-1").set("dose", "d01");
  body.set("thaw_at", format_utc(world_.config().zone.at(Day{day.number - 2}, 600)));
  body.set("infusion_at", format_utc(world_.config().zone.at(day, 600)));
  const Json reply = world_.ask("operator", "dose/plan", body);
  EXPECT_EQ(reply.string_or("status", ""), "rejected");
  EXPECT_NE(reply.string_or("message", "").find("weekdays is closed"), std::string::npos)
      << reply.dump();
}

TEST_F(PlanStory, a_wrong_year_thaws_nothing) {
  begin();
  store_course("c-1");
  const WallTime now = world_.now().wall;
  const auto refused = [&](WallTime thaw, WallTime infusion) {
    Json item = Json::object().set("dose", "d01").set("thaw_at", format_utc(thaw));
    item.set("infusion_at", format_utc(infusion));
    Json alone = Json(item).set("course", "c-1");
    Json listed = Json::object().set("course", "c-1").set("doses", Json::array().push(item));
    for (const Json* body : {&alone, &listed}) {
      const Json reply = world_.ask("operator", "dose/plan", *body);
      EXPECT_EQ(reply.string_or("code", ""), "invalid-value") << body->dump() << reply.dump();
    }
  };
  refused(now - days(365), now - days(362));
  refused(now - hours(2), now + days(3));
  refused(now + days(40 * 365), now + days(40 * 365 + 3));
  refused(now + days(10), now + days(375));
  EXPECT_TRUE(dose(1)["planned"]["thaw_at"].is_null());
}

TEST_F(PlanStory, course_plan_finds_open_days_by_itself) {
  begin();
  store_course("c-1");
  Json body = Json::object().set("course", "c-1");
  body.set("first_infusion", format_utc(world_.now().wall + days(4)));
  done("physician", "course/plan", std::move(body));
  world_.run(seconds(2));
  for (int k = 1; k <= kDoses; ++k) {
    const auto infusion = parse_utc(dose(k)["planned"].string_or("infusion_at", ""));
    ASSERT_TRUE(infusion.ok());
    EXPECT_LE(weekday_of(world_.config().zone.local(*infusion).day), 5) << k;
  }
}

TEST_F(PlanStory, a_day_that_no_room_could_make_possible_is_refused_with_what_forbids_it) {
  begin();
  store_course("c-1");
  publish();
  const std::string before = dose(3)["planned"].dump();
  const auto second = parse_utc(dose(2)["planned"].string_or("infusion_at", ""));
  Day sunday{world_.config().zone.local(*second).day.number + 2};  // the least gap, or more
  while (weekday_of(sunday) != 7) ++sunday.number;
  Json body = Json::object().set("course", "c-1").set("dose", "d03");
  const Json closed = world_.ask("operator", "dose/move", body.set("to", format_day(sunday)));
  EXPECT_EQ(closed.string_or("code", ""), "invalid-value") << closed.dump();
  EXPECT_NE(closed.string_or("message", "").find("weekdays closed"), std::string::npos)
      << closed.dump();
  const Json late =
      world_.ask("operator", "dose/move", body.set("to", format_day(Day{sunday.number + 36})));
  EXPECT_EQ(late.string_or("code", ""), "invalid-value") << late.dump();
  const Day last{world_.config().zone.local(*second).day.number + 7};
  EXPECT_NE(late.string_or("message", "")
                .find(cat("expected at most 7 days after dose 2 (course/amend changes it for this "
                          "patient), until ",
                          format_day(last), " for dose d03")),
            std::string::npos)
      << "past its longest gap: " << late.dump();
  const Json soon =
      world_.ask("operator", "dose/move", body.set("to", format_day(Day{last.number - 6})));
  EXPECT_NE(soon.string_or("message", "").find("expected at least 2 days after dose 2"),
            std::string::npos)
      << soon.dump();
  world_.run(seconds(30));
  EXPECT_TRUE(world_.retained("plan")["proposal"].is_null()) << world_.retained("plan").dump();
  EXPECT_EQ(dose(3)["planned"].dump(), before) << "the last good plan stays";
}

TEST_F(PlanStory, a_dose_moved_past_the_next_one_takes_those_after_it_along) {
  begin();
  store_course("c-1");
  publish();
  const auto day_of = [this](int number) {
    const auto at = parse_utc(dose(number)["planned"].string_or("infusion_at", ""));
    return world_.config().zone.local(*at).day;
  };
  const Day wanted{day_of(2).number + 7};
  ASSERT_LT(day_of(4), wanted);
  ASSERT_LE(weekday_of(wanted), 5);
  Json body = Json::object().set("course", "c-1").set("dose", "d03");
  done("operator", "dose/move", body.set("to", format_day(wanted)));
  done("physician", "plan/accept", Json::object().set("number", proposal()));
  world_.run(seconds(2));
  EXPECT_EQ(day_of(3), wanted);
  EXPECT_LT(day_of(3), day_of(4));
  EXPECT_LT(day_of(4), day_of(5));
}

class BedStory : public PlanStory {
 protected:
  BedStory()
      : PlanStory([](config::SiteConfig& config) {
          set_protocols(config);
          config.clinics.front().beds = 2;
          for (config::ProtocolConfig& protocol : config.protocols) protocol.bed_days = 3;
        }) {}
};

TEST_F(BedStory, a_stay_after_the_infusion_takes_a_bed_of_its_clinic_day_by_day) {
  begin();
  store_course("c-1");
  publish();
  const Json exported = done("viewer", "plan/export", Json::object().set("format", "dose-series"));
  const std::string text = exported["body"].string_or("text", "");
  EXPECT_NE(text.find("beds-of-clinic-1 0 2"), std::string::npos) << text.substr(0, 2'000);
  EXPECT_NE(text.find(" infusion+1 1 "), std::string::npos);
  EXPECT_NE(text.find(" infusion+2 1\n"), std::string::npos);
  EXPECT_EQ(text.find(" infusion+3"), std::string::npos);
  const auto read = schedule::read_problem(text);
  EXPECT_TRUE(read) << (read ? "" : read.error().context);
}

class GateStory : public PlanStory {
 protected:
  GateStory()
      : PlanStory([](config::SiteConfig& config) {
          set_protocols(config);
          config.clinics.clear();
          config.plan.fit_to_thaw = hours(24);
        }) {}
  void plan_soon() {
    plan_by_hand(1, world_.now().wall + hours(1), hours(24), hours(48), hours(27));
  }
  bool at_station() {
    return std::ranges::any_of(world_.hardware().vials(),
                               [](const auto& vial) { return vial.first[0] == 902; });
  }
};

TEST_F(GateStory, no_vial_is_fetched_before_the_clinic_says_fit) {
  begin();
  store_course("c-1");
  plan_soon();
  const std::string alarm = "alarm/c-1.d01.thaw-not-started";
  ASSERT_TRUE(world_.run_until([&] { return world_.broker.contains(alarm); }, hours(2)));
  EXPECT_FALSE(at_station());
  EXPECT_NE(world_.retained(alarm).dump().find("fit"), std::string::npos);
  done("operator", "dose/fit",
       Json::object().set("course", "c-1").set("dose", "d01").set("fit", true));
  EXPECT_TRUE(world_.run_until([this] { return at_station(); }, minutes(30)));
}

TEST_F(GateStory, the_word_from_before_a_hold_does_not_count_after_it) {
  begin();
  store_course("c-1");
  plan_soon();
  const Json one = Json::object().set("course", "c-1").set("dose", "d01");
  done("operator", "dose/fit", Json(one).set("fit", true));
  done("operator", "course/hold", *parse_json(R"({"course":"c-1","kind":"fever"})"));
  done("physician", "course/resume", Json::object().set("course", "c-1"));
  const Json thaw = Json(one).set("at_robot", "robot-1");
  const Json refused = world_.ask("operator", "dose/thaw", thaw);
  EXPECT_EQ(refused.string_or("code", ""), "interlock") << refused.dump();
  EXPECT_NE(refused.string_or("message", "").find("the clinic has not said"), std::string::npos);
  done("operator", "dose/fit", Json(one).set("fit", true));
  const Json passed = world_.ask("operator", "dose/thaw", thaw);
  EXPECT_NE(passed.string_or("status", ""), "rejected") << passed.dump();
}

TEST_F(GateStory, two_people_may_thaw_without_the_clinics_word_and_one_may_not) {
  begin();
  store_course("c-1");
  plan_soon();
  Json thaw = *parse_json(R"({"course":"c-1","dose":"d01","at_robot":"robot-1"})");
  EXPECT_EQ(world_.ask("operator", "dose/thaw", thaw).string_or("code", ""), "interlock");
  thaw.set("override", true);
  EXPECT_EQ(world_.ask("operator", "dose/thaw", thaw).string_or("code", ""), "witness-needed");
  EXPECT_FALSE(at_station());
  const std::string id = world_.send("operator", "dose/thaw", thaw, "witness");
  world_.run(seconds(1));
  world_.ask("witness", "witness/confirm", Json::object().set("command", id));
  world_.run(seconds(1));
  EXPECT_EQ(world_.reply(id).string_or("status", ""), "accepted") << world_.reply(id).dump();
  EXPECT_TRUE(world_.run_until([this] { return at_station(); }, minutes(30))) << dose(1).dump();
}

TEST_F(GateStory, a_thaw_that_a_hold_stopped_happens_when_the_hold_goes) {
  begin();
  store_course("c-1");
  plan_soon();
  done("operator", "dose/fit",
       Json::object().set("course", "c-1").set("dose", "d01").set("fit", true));
  const Json robot = Json::object().set("robot", "robot-1");
  done("supervisor", "robot/pause", robot);  // so that the hold comes before the first motion
  ASSERT_TRUE(
      world_.run_until([this] { return dose(1).string_or("state", "") == "thawing"; }, hours(2)));
  const Json held = world_.ask("quality", "hold/place",
                               Json::object().set("course", "c-1").set("kind", "quality"));
  ASSERT_EQ(held.string_or("status", ""), "done");
  done("supervisor", "robot/resume", Json(robot).set("code", "robot-1"));
  world_.run(minutes(2));
  EXPECT_FALSE(at_station());
  EXPECT_EQ(dose(1).string_or("state", ""), "planned") << dose(1).dump();
  EXPECT_TRUE(world_.broker.contains("alarm/c-1.d01.thaw-not-started"));
  const Json release = Json::object().set("hold", held["body"].string_or("hold", ""));
  done("quality", "hold/release", release);
  EXPECT_TRUE(world_.run_until([this] { return at_station(); }, minutes(30))) << dose(1).dump();
}

class CultureStory : public PlanStory {
 protected:
  CultureStory()
      : PlanStory([](config::SiteConfig& config) {
          set_protocols(config);
          config.clinics.clear();
          for (config::ProtocolConfig& protocol : config.protocols) {
            protocol.reculture_min_hours = 1;
            protocol.reculture_max_hours = 2;
            protocol.reculture_limit_hours = 3;
          }
        }) {}
  bool says(std::string_view priority, std::string_view words) {
    const Json shown = world_.retained("alarm/c-1.d01.culture-clock");
    return shown.string_or("priority", "") == priority &&
           shown.string_or("text", "").find(words) != std::string::npos;
  }
};

TEST_F(CultureStory, the_culture_clock_rises_until_the_dose_is_harvested) {
  begin();
  store_course("c-1");
  const WallTime thaw = world_.now().wall + hours(1);
  Json body = Json::object().set("course", "c-1").set("dose", "d01");
  body.set("thaw_at", format_utc(thaw)).set("infusion_at", format_utc(thaw + hours(5)));
  body.set("harvest_from", format_utc(thaw + minutes(90)));
  done("operator", "dose/plan", body.set("harvest_until", format_utc(thaw + hours(3))));
  ASSERT_TRUE(
      world_.run_until([this] { return dose(1).string_or("state", "") == "thawed"; }, hours(2)));
  const WallTime thawed = world_.now().wall;
  Json dose_1 = Json::object().set("course", "c-1").set("dose", "d01");
  done("operator", "dose/reculture", Json(dose_1).set("codes", Json::array().push("c-1-d01-1")));
  world_.run(minutes(55));
  EXPECT_FALSE(world_.broker.contains("alarm/c-1.d01.culture-clock"));
  ASSERT_TRUE(world_.run_until([&] { return says("p3", "may be harvested"); }, minutes(6)));
  world_.kill();
  world_.start();
  world_.link(true);
  ASSERT_TRUE(world_.run_until([&] { return says("p2", "is due to be harvested"); }, hours(2)));
  EXPECT_LE(world_.now().wall - (thaw + minutes(90)), seconds(1));
  ASSERT_TRUE(world_.run_until([&] { return says("p1", "longer than it may be"); }, hours(3)));
  EXPECT_LE(world_.now().wall - thawed, hours(3) + seconds(1));
  done("operator", "dose/harvest", Json(dose_1).set("code", "c-1/d01"));
  world_.run(seconds(2));
  EXPECT_EQ(world_.retained("alarm/c-1.d01.culture-clock").bool_or("active", false), false);
}

}  // namespace
}  // namespace cryobank::core
