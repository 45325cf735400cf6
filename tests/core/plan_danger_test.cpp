// A freezer in danger plans anew, and what is stopped by the record is found again by whoever
// starts after a crash.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "tests/core/plan_story.hpp"

namespace cryobank::core {
namespace {

class DangerStory : public PlanStory {
 protected:
  Json told() const { return world_.retained("plan")["proposal"]; }
  bool is_ready() const { return told().string_or("state", "") == "ready"; }
  std::string freezer_of(int number) {
    const Json vial = dose(number)["aliquots"].items().front();
    return vial.string_or("place", "").substr(0, std::string("freezer-1").size());
  }
  void breach(std::string_view freezer) {
    Json fault = Json::object().set("do", "fault").set("device", freezer).set("fault", "breach");
    ASSERT_TRUE(world_.hardware().control(fault).ok());
  }
  // Until an alarm says that it loses its cold.
  WallTime losing(const std::string& freezer) {
    const std::string alarm = cat("alarm/", freezer, ".level-falling-fast");
    EXPECT_TRUE(world_.run_until([&] { return stands(alarm); }, minutes(30)));
    return world_.now().wall;
  }
  std::string day_of(int number) { return dose(number)["planned"].string_or("infusion_at", ""); }
  void kill_and_start() {
    world_.kill();
    world_.start();
    world_.link(true);
  }
  std::set<std::string> texts(const Json& list) {
    std::set<std::string> all;
    for (const Json& one : list.items()) all.insert(one.string());
    return all;
  }
};

TEST_F(DangerStory, a_freezer_that_loses_its_cold_proposes_other_doses_for_the_next_dates) {
  begin();
  store_course("c-1");
  publish();
  const std::string freezer = freezer_of(1);
  std::set<std::string> inside;
  for (int number = 1; number <= kDoses; ++number) {
    if (freezer_of(number) == freezer) inside.insert(dose(number).string_or("dose", ""));
  }
  ASSERT_LT(inside.size(), std::size_t{kDoses}) << "no tank holds a whole course";
  const std::string before = world_.retained("course/c-1")["doses"].dump();
  breach(freezer);
  const WallTime alarmed = losing(freezer);
  ASSERT_TRUE(world_.run_until([this] { return is_ready(); }, minutes(1)));
  EXPECT_LE(world_.now().wall - alarmed, minutes(1));
  EXPECT_EQ(world_.retained("course/c-1")["doses"].dump(), before) << "nothing changes by itself";
  const Json proposal = told();
  EXPECT_NE(proposal.string_or("cause", "").find(cat(freezer, " is in alarm")), std::string::npos)
      << proposal.dump();
  EXPECT_NE(proposal.string_or("cause", "").find("course c-1"), std::string::npos);
  ASSERT_EQ(proposal["inside"].items().size(), 1u) << proposal.dump();
  const Json named = proposal["inside"].items().front();
  EXPECT_EQ(named.string_or("freezer", ""), freezer);
  EXPECT_EQ(named.string_or("course", ""), "c-1");
  EXPECT_EQ(texts(named["doses"]), inside);
  const std::set<std::string> moved = texts(named["moved"]);
  EXPECT_TRUE(moved.contains("d01")) << named.dump();
  EXPECT_TRUE(named["why"].is_null());
  // What lies inside comes later, and what comes in its place lies elsewhere.
  for (const Json& change : proposal["changes"].items()) {
    const std::string from = change.string_or("from", "");
    const std::string to = change.string_or("to", "");
    const std::string name = change.string_or("dose", "");
    EXPECT_TRUE(!moved.contains(name) || from < to) << change.dump();
    EXPECT_TRUE(from <= to || !inside.contains(name)) << change.dump();
  }
  done("physician", "plan/accept", Json::object().set("number", proposal.integer_or("number", 0)));
  world_.run(minutes(1));
  EXPECT_FALSE(is_ready()) << told().dump();
  std::string first = "9";
  int given = 0;
  for (int number = 1; number <= kDoses; ++number) {
    ASSERT_FALSE(day_of(number).empty()) << number;
    if (day_of(number) >= first) continue;
    first = day_of(number);
    given = number;
  }
  EXPECT_NE(freezer_of(given), freezer) << "the first to be thawed is safe";
}

TEST_F(DangerStory, where_no_date_can_move_the_course_is_named_with_the_cause) {
  begin();
  store_course("c-1");
  plan_by_hand(1, plan_now() + days(3), hours(24), hours(48), hours(27));
  const std::string freezer = freezer_of(1);
  breach(freezer);
  losing(freezer);
  ASSERT_TRUE(world_.run_until([this] { return is_ready(); }, minutes(1)));
  world_.run(seconds(2));
  EXPECT_EQ(told()["changes"].items().size(), 0u) << told().dump();
  ASSERT_EQ(told()["inside"].items().size(), 1u);
  const Json named = told()["inside"].items().front();
  EXPECT_EQ(texts(named["doses"]), (std::set<std::string>{"d01"}));
  EXPECT_NE(named.string_or("why", "").find("no date can move"), std::string::npos) << named.dump();
  EXPECT_EQ(world_.retained("alarm/plan.proposal-waiting").string_or("priority", ""), "p2");
  const std::int64_t number = told().integer_or("number", 0);
  done("physician", "plan/discard", Json::object().set("number", number));
  world_.run(minutes(1));
  EXPECT_FALSE(is_ready()) << "what is thrown away is not proposed again";
  kill_and_start();
  world_.run(minutes(2));
  EXPECT_FALSE(is_ready()) << "after a restart neither: " << told().dump();
}

TEST_F(DangerStory, a_vial_on_hold_changes_places_with_a_later_one) {
  begin();
  store_course("c-1");
  publish();
  done("quality", "hold/place", Json::object().set("aliquot", "c-1-d01-1").set("kind", "quality"));
  ASSERT_TRUE(world_.run_until([this] { return is_ready(); }, minutes(1)));
  EXPECT_NE(told().string_or("cause", "").find("dose d01"), std::string::npos) << told().dump();
  EXPECT_FALSE(stands("alarm/c-1.dose-stopped")) << "one alarm for one cause";
  done("physician", "plan/accept", Json::object().set("number", proposal()));
  world_.run(minutes(1));
  EXPECT_FALSE(is_ready()) << told().dump();
  EXPECT_GT(day_of(1), day_of(2));
}

TEST_F(DangerStory, a_crash_between_a_rejection_and_its_proposal_loses_nothing) {
  begin();
  store_course("c-1");
  publish();
  two_people("physician", "dose/reject", Json::object().set("course", "c-1").set("dose", "d03"));
  kill_and_start();
  const std::int64_t number = proposal(minutes(1));
  EXPECT_NE(told().string_or("cause", "").find("dose d03: rejected"), std::string::npos)
      << told().dump();
  // Thrown away it is not proposed again, whoever starts anew.
  done("physician", "plan/discard", Json::object().set("number", number));
  for (int start = 0; start < 2; ++start) {
    world_.run(minutes(1));
    EXPECT_FALSE(is_ready()) << told().dump();
    kill_and_start();
  }
  done("operator", "plan/propose", Json::object());
  done("physician", "plan/accept", Json::object().set("number", proposal()));
  kill_and_start();
  world_.run(minutes(1));
  EXPECT_FALSE(is_ready()) << told().dump();
  two_people("physician", "dose/reject", Json::object().set("course", "c-1").set("dose", "d05"));
  kill_and_start();
  done("physician", "plan/accept", Json::object().set("number", proposal(minutes(1))));
  kill_and_start();
  world_.run(minutes(1));
  EXPECT_FALSE(is_ready()) << told().dump();
}

// Killed in the second in which it became a fact: a hold, a vial on hold, a missed thaw.
TEST_F(DangerStory, a_crash_after_any_cause_ends_in_a_proposal_or_an_alarm_within_a_minute) {
  begin();
  store_course("c-1");
  publish();
  const auto is_told = [this] { return is_ready() || stands("alarm/c-1.dose-stopped"); };
  done("operator", "course/hold",
       Json::object()
           .set("course", "c-1")
           .set("kind", "fever")
           .set("until", format_day(Day{world_.config().zone.local(plan_now()).day.number + 9})));
  kill_and_start();
  EXPECT_TRUE(world_.run_until(is_told, minutes(1))) << "a hold";
  done("physician", "course/resume", Json::object().set("course", "c-1"));
  ASSERT_TRUE(world_.run_until([&] { return !is_told(); }, minutes(1)));
  done("quality", "hold/place", Json::object().set("aliquot", "c-1-d12-1").set("kind", "quality"));
  kill_and_start();
  EXPECT_TRUE(world_.run_until(is_told, minutes(1))) << "a vial on hold";
}

TEST_F(DangerStory, a_patient_who_is_not_fit_is_told_at_once_and_not_when_the_thaw_is_due) {
  begin();
  store_course("c-1");
  publish();
  const std::string before = day_of(2);
  Json body = Json::object().set("course", "c-1").set("dose", "d02").set("fit", false);
  done("operator", "dose/fit", body);
  kill_and_start();
  ASSERT_TRUE(world_.run_until([this] { return is_ready(); }, minutes(1)));
  EXPECT_NE(told().string_or("cause", "").find("not fit"), std::string::npos) << told().dump();
  bool later = false;
  const Json shown = told();
  for (const Json& change : shown["changes"].items()) {
    later = later || (change.string_or("dose", "") == "d02" &&
                      change.string_or("from", "") < change.string_or("to", ""));
  }
  EXPECT_TRUE(later) << shown.dump();
  done("operator", "dose/fit", body.set("fit", true));
  EXPECT_TRUE(world_.run_until([this] { return !is_ready(); }, minutes(1)))
      << "the published day stands";
  EXPECT_EQ(day_of(2), before);
}

// Their protocols tell how long an infusion takes, and the clinic when it is open.
class ChairStory : public PlanStory {
 protected:
  ChairStory()
      : PlanStory([](config::SiteConfig& config) {
          set_protocols(config);
          for (config::ProtocolConfig& protocol : config.protocols) protocol.infusion_minutes = 60;
          config.plan.infusion_minute = 14 * 60;
          config.plan.resources.clear();
          config.calendars.back().opens_minute = 10 * 60;
          config.calendars.back().closes_minute = 18 * 60 + 30;
          config::ClinicConfig& clinic = config.clinics.front();
          clinic.chairs = 1;
          clinic.turnover = 30;
          clinic.reserve = 1;
        }) {}
};

TEST_F(ChairStory, one_chair_serves_as_many_patients_as_its_hours_hold_one_after_the_other) {
  begin();
  Json all = Json::array();
  for (const char* course : {"c-1", "c-2", "c-3"}) {
    store_course(course, cat("p-", course));
    all.push(course);
  }
  done("operator", "plan/propose", Json::object().set("courses", std::move(all)));
  done("physician", "plan/accept", Json::object().set("number", proposal()));
  world_.run(seconds(2));
  // 14:00 to 18:30 hold three of 90 minutes, and one of them is kept for holds.
  std::map<std::string, std::set<std::string>> by_day;
  int visits = 0;
  for (const char* course : {"c-1", "c-2", "c-3"}) {
    const Json shown = world_.retained(cat("course/", course));
    for (const Json& one : shown["doses"].items()) {
      const std::string at = one["planned"].string_or("infusion_at", "");
      ASSERT_FALSE(at.empty()) << one.dump();
      EXPECT_TRUE(by_day[at.substr(0, 10)].insert(at.substr(11, 5)).second)
          << "two patients on one chair: " << at;
      ++visits;
    }
  }
  EXPECT_EQ(visits, 3 * kDoses);
  std::size_t most = 0;
  for (const auto& [day, times] : by_day) {
    most = std::max(most, times.size());
    EXPECT_LE(times.size(), 2u) << day;
    for (const std::string& at : times) EXPECT_TRUE(at == "14:00" || at == "15:30") << at;
  }
  EXPECT_EQ(most, 2u) << "counted by the day, one chair less the reserve held nobody";
}

}  // namespace
}  // namespace cryobank::core
