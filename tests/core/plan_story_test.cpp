// Stories of the plan: proposal, acceptance, holds, and the gate in front of the robot.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "tests/core/world.hpp"

namespace cryobank::core {
namespace {

constexpr int kDoses = 12;

void set_protocols(config::SiteConfig& config) {
  for (config::ProtocolConfig& protocol : config.protocols) {
    protocol.reculture_min_hours = 24;
    protocol.reculture_max_hours = 48;
    protocol.transport_hours = 2;
    protocol.limit_min_days = 2;
    protocol.limit_max_days = 7;
  }
  config.plan.clock_speed = 1;
  config.plan.freeze_days = 1;
  config.plan.waiting_days_per_point = 1;
  config.plan.resources.push_back(
      {"thaw-station", config::PlanResourceConfig::On::thaw, 3, 1, 1, "", 0});
  config.plan.resources.push_back(
      {"incubator", config::PlanResourceConfig::On::culture, 6, 1, 1, "", 0});
  config::CalendarConfig weekdays;
  weekdays.id = CalendarId("weekdays");
  weekdays.closed_weekdays = {6, 7};
  config.calendars.push_back(weekdays);
  config.clinics.push_back({"clinic-1", "", CalendarId("weekdays"), 4, 1, "", 0});
}

class PlanStory : public testing::Test {
 protected:
  explicit PlanStory(const std::function<void(config::SiteConfig&)>& adapt = set_protocols)
      : world_(adapt) {}

  void begin() {
    world_.start();
    world_.run(seconds(60));
  }
  void store_course(std::string_view course) {
    for (int dose = 1; dose <= kDoses; ++dose) {
      const std::string code = cat(course, "-d", dose < 10 ? "0" : "", dose, "-1");
      ASSERT_TRUE(
          world_.hardware().put_vial({901, 0, static_cast<std::uint16_t>(dose)}, code).ok());
    }
    Json body =
        Json::object().set("course", course).set("patient", "p-1").set("protocol", "ank-12");
    body.set("store", Json::object().set("robot", "robot-1"));
    ASSERT_EQ(world_.ask("operator", "course/register", body).string_or("status", ""), "done");
    const Json release = Json::object().set("course", course);
    ASSERT_EQ(world_.ask("quality", "course/release", release).string_or("status", ""), "done");
  }
  Json done(std::string_view user, std::string_view verb, Json body) {
    const Json reply = world_.ask(user, verb, std::move(body));
    EXPECT_EQ(reply.string_or("status", ""), "done") << verb << " " << reply.dump();
    return reply;
  }
  // Waits for a ready proposal and gives its number.
  std::int64_t proposal(Duration limit = minutes(5)) {
    EXPECT_TRUE(world_.run_until(
        [this] { return world_.retained("plan")["proposal"].string_or("state", "") == "ready"; },
        limit))
        << world_.retained("plan").dump();
    return world_.retained("plan")["proposal"].integer_or("number", 0);
  }
  void publish() {
    Json courses = Json::array();
    courses.push("c-1");
    done("operator", "plan/propose", Json::object().set("courses", std::move(courses)));
    done("physician", "plan/accept", Json::object().set("number", proposal()));
    world_.run(seconds(2));
  }
  Json dose(int number) {
    return world_.retained("course/c-1")["doses"].items()[static_cast<std::size_t>(number - 1)];
  }

  World world_;
};

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

class GateStory : public PlanStory {
 protected:
  GateStory()
      : PlanStory([](config::SiteConfig& config) {
          set_protocols(config);
          config.clinics.clear();
          config.plan.fit_to_thaw = hours(24);
        }) {}
  void plan_soon() {
    Json body = Json::object().set("course", "c-1").set("dose", "d01");
    body.set("thaw_at", format_utc(world_.now().wall + hours(1)));
    body.set("harvest_from", format_utc(world_.now().wall + hours(25)));
    body.set("harvest_until", format_utc(world_.now().wall + hours(49)));
    body.set("infusion_at", format_utc(world_.now().wall + hours(28)));
    done("operator", "dose/plan", std::move(body));
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

TEST_F(GateStory, a_thaw_that_a_hold_stopped_happens_when_the_hold_goes) {
  begin();
  store_course("c-1");
  plan_soon();
  done("operator", "dose/fit",
       Json::object().set("course", "c-1").set("dose", "d01").set("fit", true));
  ASSERT_TRUE(
      world_.run_until([this] { return dose(1).string_or("state", "") == "thawing"; }, hours(2)));
  const Json held = world_.ask("quality", "hold/place",
                               Json::object().set("course", "c-1").set("kind", "quality"));
  ASSERT_EQ(held.string_or("status", ""), "done");
  world_.run(minutes(2));
  if (at_station()) GTEST_SKIP() << "the robot was faster than the hold";
  EXPECT_EQ(dose(1).string_or("state", ""), "planned") << dose(1).dump();
  EXPECT_TRUE(world_.broker.contains("alarm/c-1.d01.thaw-not-started"));
  const Json release = Json::object().set("hold", held["body"].string_or("hold", ""));
  done("quality", "hold/release", release);
  EXPECT_TRUE(world_.run_until([this] { return at_station(); }, minutes(30))) << dose(1).dump();
}

}  // namespace
}  // namespace cryobank::core
