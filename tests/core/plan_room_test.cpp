// Published visits for which there is no room any more are told and given another day; and what
// chairs are where one protocol does not tell how long an infusion takes.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/text.hpp"
#include "tests/core/plan_story.hpp"

namespace cryobank::core {
namespace {

class RoomStory : public PlanStory {
 protected:
  explicit RoomStory(const std::function<void(config::SiteConfig&)>& more =
                         [](config::SiteConfig&) {})
      : PlanStory([more](config::SiteConfig& config) {
          set_protocols(config);
          config.plan.fit_to_thaw = {};
          config.clinics.push_back({"clinic-2", "", CalendarId("weekdays"), 1, 0, 0, 0, 0, "", 0});
          more(config);
        }) {}

  // Its vials are still to come: its days are published all the same.
  void plan_course(std::string_view course, std::string_view protocol, Day first) {
    Json body = Json::object().set("course", course).set("patient", cat("p-", course));
    done("operator", "course/register", body.set("protocol", protocol));
    plan_from(course, first);
  }
  void plan_from(std::string_view course, Day first, int minute = 14 * 60) {
    const WallTime at = world_.config().zone.at(first, minute);
    done("physician", "course/plan",
         Json::object().set("course", course).set("first_infusion", format_utc(at)));
    world_.run(seconds(1));
  }
  void store_whole(std::string_view course, std::string_view patient) {
    store_course(course, patient);
    ASSERT_TRUE(world_.run_until(
        [&] {
          const Json doses = world_.retained(cat("course/", course))["doses"];
          return std::ranges::all_of(doses.items(), [](const Json& dose) {
            return dose.string_or("state", "") == "stored";
          });
        },
        hours(2)));
  }
  // A Tuesday in the third week.
  Day tuesday() {
    Day day{world_.config().zone.local(plan_now()).day.number + 15};
    while (weekday_of(day) != 2) ++day.number;
    return day;
  }
  std::map<std::string, Day> days_of(std::string_view course) {
    std::map<std::string, Day> days;
    const Json all = world_.retained(cat("course/", course))["doses"];
    for (const Json& dose : all.items()) {
      const auto at = parse_utc(dose["planned"].string_or("infusion_at", ""));
      if (at) days[dose.string_or("dose", "")] = world_.config().zone.local(*at).day;
    }
    return days;
  }
  Json waiting() { return world_.retained("plan")["proposal"]; }
  bool warns(std::string_view text) {
    const Json all = world_.retained("plan")["warnings"];
    for (const Json& one : all.items()) {
      if (one.string() == text) return true;
    }
    return false;
  }
};

TEST_F(RoomStory, courses_that_move_to_a_clinic_with_one_chair_do_not_stay_on_one_day) {
  begin();
  store_whole("c-1", "p-1");
  store_whole("c-2", "p-2");
  plan_from("c-1", tuesday());
  plan_from("c-2", tuesday());
  const auto before = days_of("c-2");
  ASSERT_EQ(before.size(), static_cast<std::size_t>(kDoses));
  ASSERT_EQ(days_of("c-1"), before) << "clinic-1 has four chairs";
  done("operator", "dose/told", *parse_json(R"({"course":"c-2","dose":"d01"})"));
  for (int number = 2; number <= kDoses; ++number) {
    Json body = Json::object().set("course", "c-2");
    done("operator", "dose/told", body.set("dose", cat(number < 10 ? "d0" : "d", number)));
  }
  EXPECT_TRUE(waiting().is_null());
  for (const char* course : {"c-1", "c-2"}) {
    Json body = Json::object().set("course", course).set("clinic", "clinic-2");
    done("operator", "course/clinic", std::move(body));
  }
  const std::int64_t number = proposal(minutes(1));
  const std::string why = cat("course c-1 dose d01: more is planned on ", format_day(tuesday()),
                              " than chairs of clinic-2 takes: 2 where there is room for 1");
  EXPECT_TRUE(waiting().string_or("cause", "").starts_with(why)) << waiting().dump();
  const Json changes = waiting()["changes"];
  ASSERT_FALSE(changes.items().empty());
  for (const Json& change : changes.items()) {
    EXPECT_EQ(change.string_or("course", ""), "c-1") << "patients who were told stay";
  }
  done("physician", "plan/accept", Json::object().set("number", number));
  world_.run(minutes(1));
  EXPECT_EQ(days_of("c-2"), before);
  std::set<Day> taken;
  for (const auto& [dose, day] : before) taken.insert(day);
  for (const auto& [dose, day] : days_of("c-1")) {
    EXPECT_FALSE(taken.contains(day)) << dose << " on " << format_day(day);
    EXPECT_GE(day, tuesday()) << "no sooner than people know";
  }
  EXPECT_TRUE(waiting().is_null()) << waiting().dump();
  EXPECT_FALSE(stands("alarm/c-1.dose-stopped"));
}

// Clinic-2 is open from 13:00, two chairs, an hour each from 14:00.
class MinuteStory : public RoomStory {
 protected:
  MinuteStory()
      : RoomStory([](config::SiteConfig& config) {
          config.calendars.back().opens_minute = 13 * 60;
          config.calendars.back().closes_minute = 17 * 60;
          config.clinics.front().chairs = 1;
          config.clinics.front().reserve = 0;
          for (config::ProtocolConfig& protocol : config.protocols) {
            protocol.infusion_minutes = protocol.id.str() == "single" ? 0 : 60;
          }
          for (config::PlanResourceConfig& resource : config.plan.resources) {
            resource.per_day = 9;
          }
        }) {}

  void close_at(int minute) {
    auto site = std::make_shared<config::SiteConfig>(world_.parts().bank.config);
    site->calendars.back().closes_minute = minute;
    site->revision = cat("until ", minute);
    world_.read_site = [site] {
      return SiteRead{site, {{{"calendar weekdays", "", "shorter hours"}}, {}}, {}};
    };
    world_.step(OperatorSignal::reload);
    world_.run(seconds(2));
  }
  int minute_of(std::string_view course, std::string_view name) {
    const Json all = world_.retained(cat("course/", course))["doses"];
    for (const Json& dose : all.items()) {
      const auto at = parse_utc(dose["planned"].string_or("infusion_at", ""));
      if (dose.string_or("dose", "") == name && at) return world_.config().zone.local(*at).minute;
    }
    return -1;
  }
};

TEST_F(MinuteStory, a_protocol_that_tells_no_minutes_is_named_and_days_over_its_chairs_are_mended) {
  begin();
  for (const char* course : {"c-1", "c-2", "c-3"}) plan_course(course, "ank-6", tuesday());
  for (const char* course : {"c-1", "c-2", "c-3"}) {
    ASSERT_EQ(days_of(course)["d01"], tuesday()) << "one chair serves three, one after the other";
  }
  world_.run(minutes(1));
  EXPECT_TRUE(waiting().is_null()) << waiting().dump();
  plan_course("c-4", "single", Day{tuesday().number + 1});
  const std::string told =
      "clinic clinic-1: its 1 chairs are 1 infusions a day and not counted by the minute, since "
      "protocol single of course c-4 tells no infusion_minutes";
  proposal(minutes(1));
  EXPECT_TRUE(warns(told)) << world_.retained("plan").dump();
  EXPECT_NE(waiting()
                .string_or("cause", "")
                .find(cat("more is planned on ", format_day(tuesday()),
                          " than chairs of clinic-1 takes: 3 where there is room for 1")),
            std::string::npos)
      << waiting().dump();
  EXPECT_TRUE(stands("alarm/plan.proposal-waiting"));
}

// Two patients one after the other on the one chair, the second until 17:00.
TEST_F(MinuteStory, a_clinic_that_closes_sooner_gives_another_hour_or_else_another_day) {
  begin();
  for (const char* course : {"c-1", "c-2"}) {
    Json body = Json::object().set("course", course).set("patient", cat("p-", course));
    done("operator", "course/register", body.set("protocol", "ank-6"));
  }
  plan_from("c-1", tuesday(), 14 * 60 + 30);
  plan_from("c-2", tuesday(), 16 * 60);
  const std::map<std::string, Day> days = days_of("c-2");
  ASSERT_EQ(days.at("d01"), tuesday());
  ASSERT_EQ(minute_of("c-2", "d01"), 16 * 60);
  ASSERT_EQ(minute_of("c-1", "d01"), 14 * 60 + 30);
  close_at(16 * 60 + 30);
  const std::int64_t number = proposal(minutes(1));
  const std::string cause = waiting().string_or("cause", "");
  EXPECT_NE(cause.find("takes 60 min from 16:00, outside 14:00 to 16:30"), std::string::npos)
      << cause;
  const Json moved = waiting()["changes"];
  ASSERT_EQ(moved.items().size(), 6u) << moved.dump();
  for (const Json& change : moved.items()) {
    EXPECT_EQ(change.string_or("course", ""), "c-2");
    EXPECT_EQ(change.string_or("from", ""), change.string_or("to", "-")) << change.dump();
  }
  EXPECT_FALSE(stands("alarm/c-2.dose-stopped"));
  done("physician", "plan/accept", Json::object().set("number", number));
  world_.run(minutes(1));
  EXPECT_EQ(days_of("c-2"), days);
  EXPECT_EQ(minute_of("c-2", "d01"), 15 * 60 + 30) << "after the other";
  EXPECT_EQ(minute_of("c-1", "d01"), 14 * 60 + 30) << "who is not concerned stays";
  EXPECT_TRUE(waiting().is_null()) << waiting().dump();
  close_at(16 * 60);
  done("physician", "plan/accept", Json::object().set("number", proposal(minutes(1))));
  world_.run(minutes(1));
  const std::map<std::string, Day> others = days_of("c-1");
  for (const auto& [dose, day] : days_of("c-2")) {
    for (const auto& [other, taken] : others) EXPECT_NE(day, taken) << dose << " and " << other;
  }
  EXPECT_EQ(minute_of("c-1", "d01"), 14 * 60 + 30);
  EXPECT_FALSE(stands("alarm/c-2.dose-stopped"));
}

}  // namespace
}  // namespace cryobank::core
