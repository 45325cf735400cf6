// What holds for one course alone is on its topic: where it is given, its intervals, what a
// physician changed of them, and who holds it.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/core/plan_story.hpp"

namespace cryobank::core {
namespace {

class OwnStory : public PlanStory {
 protected:
  explicit OwnStory(const std::function<void(config::SiteConfig&)>& more =
                        [](config::SiteConfig&) {})
      : PlanStory([more](config::SiteConfig& config) {
          set_protocols(config);
          config.clinics.push_back({"clinic-2", "", CalendarId("weekdays"), 4, 1, 0, 0, 0, "", 0});
          more(config);
        }) {}

  Json course() { return world_.retained("course/c-1"); }
  void act(std::string_view user, std::string_view verb, const char* body) {
    done(user, verb, *parse_json(body));
    world_.run(seconds(1));
  }
};

TEST_F(OwnStory, a_course_tells_where_it_is_given_and_who_moved_it_there) {
  begin();
  store_course("c-1");
  EXPECT_EQ(course().string_or("clinic", ""), "clinic-1") << "the site's first";
  EXPECT_TRUE(course()["clinic_set"].is_null()) << "nobody named one";
  act("physician", "course/clinic", R"({"course":"c-1","clinic":"clinic-2"})");
  EXPECT_EQ(course().string_or("clinic", ""), "clinic-2");
  EXPECT_EQ(course()["clinic_set"].string_or("by", ""), "physician") << course().dump();
  EXPECT_EQ(course()["clinic_set"].string_or("reason", ""), "test");
  EXPECT_TRUE(parse_utc(course()["clinic_set"].string_or("at", "")).ok());
}

TEST_F(OwnStory, a_course_tells_its_interval_and_what_was_changed_of_it_by_whom_and_why) {
  begin();
  store_course("c-1");
  EXPECT_EQ(course()["interval"].dump(),
            R"({"early_doses":0,"early_min_days":0,"limit_max_days":7,"limit_min_days":2,)"
            R"("max_days":4,"min_days":3,"urgency":1})");
  EXPECT_TRUE(course()["amended"].is_null());
  act("physician", "course/amend",
      R"({"course":"c-1","interval_min_days":5,"interval_max_days":6})");
  act("physician", "course/amend", R"({"course":"c-1","limit_max_days":9})");
  const Json amended = course()["amended"];
  EXPECT_EQ(amended.integer_or("interval_min_days", 0), 5) << "the first change still holds";
  EXPECT_EQ(amended.integer_or("interval_max_days", 0), 6);
  EXPECT_EQ(amended.integer_or("limit_max_days", 0), 9);
  EXPECT_EQ(amended.string_or("by", ""), "physician");
  EXPECT_EQ(amended.string_or("reason", ""), "test");
  EXPECT_TRUE(amended["breaks"].is_null()) << "that is for the plan alone";
  EXPECT_EQ(course()["interval"].integer_or("min_days", 0), 5);
  EXPECT_EQ(course()["interval"].integer_or("limit_max_days", 0), 9);
  EXPECT_EQ(course()["interval"].integer_or("limit_min_days", 0), 2) << "as the protocol says";
}

TEST_F(OwnStory, a_hold_is_on_the_topic_of_its_course_until_it_ends) {
  begin();
  store_course("c-1");
  act("operator", "course/hold", R"({"course":"c-1","kind":"imaging","until":"2027-01-05"})");
  const Json paused = course()["paused"];
  ASSERT_EQ(paused.items().size(), 1u) << course().dump();
  EXPECT_EQ(paused.items()[0].string_or("kind", ""), "imaging");
  EXPECT_EQ(paused.items()[0].string_or("until", ""), "2027-01-05");
  EXPECT_EQ(paused.items()[0].string_or("by", ""), "operator");
  EXPECT_EQ(paused.items()[0].string_or("reason", ""), "test");
  act("physician", "course/resume", R"({"course":"c-1"})");
  EXPECT_TRUE(course()["paused"].is_null());
}

// Both are closed over New Year; the protocol allows 12 days and one patient 7.
class NewYearStory : public OwnStory {
 protected:
  NewYearStory()
      : OwnStory([](config::SiteConfig& config) {
          config.plan.centre_calendar = CalendarId("weekdays");
          for (config::CalendarConfig& calendar : config.calendars) {
            calendar.closures.push_back(
                {*parse_day("2026-12-29"), *parse_day("2027-01-03"), "New Year"});
          }
          for (config::ProtocolConfig& protocol : config.protocols) {
            protocol.limit_max_days = 12;
            protocol.reculture_min_hours = 24;
            protocol.reculture_max_hours = 24;
          }
        }) {}

  Json gaps() {
    return done("viewer", "plan/check", Json::object().set("months", 2))["body"]["gaps"];
  }
  std::vector<std::string> warnings() {
    std::vector<std::string> told;
    const Json all = world_.retained("plan")["warnings"];
    for (const Json& one : all.items()) {
      told.push_back(one.string());
    }
    return told;
  }
};

TEST_F(NewYearStory, a_patients_own_shorter_interval_is_looked_ahead_for_by_itself) {
  begin();
  store_course("c-1");
  EXPECT_EQ(gaps().dump(), "[]") << "twelve days are allowed";
  act("physician", "course/amend", R"({"course":"c-1","limit_max_days":7})");
  // Thawed the day before: Monday the 28th is closed to it by its Sunday, Monday the 4th likewise.
  const Json told = gaps();
  ASSERT_EQ(told.items().size(), 1u) << told.dump();
  EXPECT_EQ(told.items()[0].string_or("course", ""), "c-1");
  EXPECT_EQ(told.items()[0].string_or("clinic", ""), "clinic-1");
  EXPECT_EQ(told.items()[0].string_or("from", ""), "2026-12-25");
  EXPECT_EQ(told.items()[0].string_or("to", ""), "2027-01-05");
  EXPECT_EQ(told.items()[0].integer_or("days", 0), 11);
  EXPECT_EQ(told.items()[0].integer_or("allowed", 0), 7);
  EXPECT_FALSE(told.items()[0]["cures"].items().empty()) << "what would cure it";
  const std::vector<std::string> said = warnings();
  ASSERT_EQ(
      std::ranges::count_if(
          said,
          [](const std::string& one) {
            return one.starts_with(
                "course c-1 with its own interval at clinic-1: no infusion is possible between "
                "2026-12-25 and 2027-01-05, 11 days where 7 are allowed");
          }),
      1)
      << world_.retained("plan").dump();
  act("physician", "course/amend", R"({"course":"c-1","limit_max_days":12})");
  EXPECT_EQ(gaps().dump(), "[]");
}

TEST_F(NewYearStory, a_pause_after_the_last_dose_of_that_patient_is_none_of_its_own) {
  begin();
  store_course("c-1");
  act("physician", "course/amend", R"({"course":"c-1","limit_max_days":7})");
  EXPECT_EQ(gaps().items().size(), 1u);
  Json doses = Json::object().set("course", "c-1");
  for (int number = 2; number <= kDoses; ++number) {
    two_people("physician", "dose/reject",
               Json(doses).set("dose", cat(number < 10 ? "d0" : "d", number)));
  }
  publish();
  EXPECT_LT(dose(1)["planned"].string_or("infusion_at", ""), "2026-12-25") << dose(1).dump();
  EXPECT_EQ(gaps().dump(), "[]");
}

// Three days apart, at a clinic that is open on Mondays, Thursdays and Fridays.
class NarrowStory : public OwnStory {
 protected:
  NarrowStory()
      : OwnStory([](config::SiteConfig& config) {
          config.calendars.back().closed_weekdays = {2, 3, 6, 7};
          for (config::ProtocolConfig& protocol : config.protocols) {
            protocol.interval_min_days = protocol.interval_max_days = 3;
            protocol.limit_min_days = protocol.limit_max_days = 3;
          }
        }) {}
};

TEST_F(NarrowStory, a_protocol_whose_window_is_impossible_is_told_with_what_would_cure_it) {
  begin();
  const Json all = world_.retained("plan")["warnings"];
  const bool told = std::ranges::any_of(all.items(), [](const Json& one) {
    const std::string text = one.string();
    return text.starts_with("protocol ank-12 at clinic-1: from ") &&
           text.ends_with(
               "on only 3 of 12 doses find days 3 apart on which centre and clinic are "
               "open as its re-culture needs, wherever the course begins; intervals of "
               "up to 4 days would do");
  });
  EXPECT_TRUE(told) << all.dump();
  const Json gaps = done("viewer", "plan/check", Json::object().set("months", 12))["body"]["gaps"];
  ASSERT_FALSE(gaps.items().empty());
  EXPECT_TRUE(gaps.items()[0]["to"].is_null());
  EXPECT_EQ(gaps.items()[0].integer_or("placed", 0), 3) << gaps.items()[0].dump();
  EXPECT_EQ(gaps.items()[0].integer_or("doses", 0), 12);
  EXPECT_EQ(gaps.items()[0].integer_or("interval_cure", 0), 4);
  EXPECT_TRUE(gaps.items()[0]["lead_cure"].is_null());
}

}  // namespace
}  // namespace cryobank::core
