// What a plan may not lose: a rule that allows no day is refused, a dose without a day is told,
// days that closed since are told and not thawed on, and an old proposal is not published.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "base/text.hpp"
#include "service/core/problem/plan_problem.hpp"
#include "service/schedule/explain.hpp"
#include "service/schedule/repair.hpp"
#include "tests/core/plan_story.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kDoseStopped = "alarm/c-1.dose-stopped";

class KeptStory : public PlanStory {
 protected:
  explicit KeptStory(const std::function<void(config::SiteConfig&)>& adapt =
                         [](config::SiteConfig& config) {
                           set_protocols(config);
                           config.plan.fit_to_thaw = {};
                         })
      : PlanStory(adapt) {}

  bool waits() const {
    return world_.retained("plan")["proposal"].string_or("state", "") == "ready";
  }
  bool told(Duration limit = minutes(1)) {
    return world_.run_until([this] { return waits() || stands(kDoseStopped); }, limit);
  }
  Json changes() const { return world_.retained("plan")["proposal"]["changes"]; }
  Day infusion_day(int number) {
    const auto at = parse_utc(dose(number)["planned"].string_or("infusion_at", ""));
    return at ? world_.config().zone.local(*at).day : Day{};
  }
  bool has_day(int number) { return !dose(number)["planned"]["thaw_at"].is_null(); }
  Json hold(std::string_view until, std::string_view kind = "fever") {
    Json body = Json::object().set("course", "c-1").set("kind", kind);
    if (!until.empty()) body.set("until", until);
    return done("operator", "course/hold", std::move(body));
  }
  // The files say from now on that nothing is open on those days.
  void close_calendars(Day from, Day to) {
    auto site = std::make_shared<config::SiteConfig>(world_.parts().bank.config);
    for (config::CalendarConfig& calendar : site->calendars) {
      calendar.closures.push_back({from, to, "flood"});
    }
    site->revision = "another";
    world_.read_site = [site] {
      return SiteRead{site, {{{"calendar weekdays", "", "closed"}}, {}}, {}};
    };
    world_.step(OperatorSignal::reload);
    world_.run(seconds(2));
  }
  PlanProblem problem(const config::SiteConfig& site, WallTime now,
                      const std::vector<CourseId>& also = {}) {
    return make_plan_problem(site, inventory::View(world_.parts().bank.ledger), now, also);
  }
  Json thaw_first() {
    return world_.ask("operator", "dose/thaw",
                      *parse_json(R"({"course":"c-1","dose":"d01","at_robot":"robot-1"})"));
  }
};

TEST_F(KeptStory, an_interval_that_allows_no_gap_is_refused_where_it_is_made) {
  begin();
  store_course("c-1");
  publish();
  const Json refused =
      world_.ask("physician", "course/amend",
                 *parse_json(R"({"course":"c-1","early_doses":1,"early_min_days":30})"));
  EXPECT_EQ(refused.string_or("code", ""), "invalid-value") << refused.dump();
  EXPECT_NE(refused.string_or("message", "")
                .find("expected early_interval_min_days of at most 7, came 30"),
            std::string::npos)
      << refused.dump();
  const Json within = world_.ask("physician", "course/amend",
                                 *parse_json(R"({"course":"c-1","limit_max_days":3})"));
  EXPECT_EQ(within.string_or("code", ""), "invalid-value") << within.dump();
  hold(format_day(Day{infusion_day(1).number + 5}));
  ASSERT_TRUE(told());
}

// The site's files may say something else after a restart than when a patient's own rule was made.
TEST_F(KeptStory, a_rule_of_the_record_that_allows_no_gap_leaves_its_doses_without_a_day) {
  begin();
  store_course("c-1");
  publish();
  done("physician", "course/amend",
       *parse_json(R"({"course":"c-1","early_doses":11,"early_min_days":6})"));
  config::SiteConfig site = world_.config();
  for (config::ProtocolConfig& protocol : site.protocols) protocol.limit_max_days = 5;
  const PlanProblem made = problem(site, plan_now() + days(2), {CourseId("c-1")});
  ASSERT_TRUE(schedule::check(made.problem)) << schedule::check(made.problem).error().context;
  const schedule::DayModel model(made.problem, schedule::Reserve::used);
  const schedule::Route route = model.best(0, &model.capacity(), {}, {schedule::Route{}});
  EXPECT_EQ(route.missing,
            static_cast<int>(made.doses[0].size()) - static_cast<int>(route.visits.size()));
  EXPECT_LE(route.visits.size(), 1u);
  std::string why;
  for (const schedule::LateDose& late : schedule::explain(model, {route})) {
    for (const schedule::Reason& reason : late.reasons) {
      why += schedule::to_text(made.problem, reason);
    }
  }
  EXPECT_NE(why.find("its shortest interval is above its longest"), std::string::npos) << why;
  EXPECT_FALSE(schedule::repair(model, made.standing, 0, 30).moves.empty());
  EXPECT_FALSE(schedule::measure(made.problem, {route}).unscheduled == 0);
}

TEST_F(KeptStory, doses_that_a_hold_without_an_end_took_are_told_when_it_goes) {
  begin();
  store_course("c-1");
  publish();
  hold("");
  done("physician", "plan/accept", Json::object().set("number", proposal(minutes(1))));
  world_.run(minutes(1));
  for (int number = 1; number <= kDoses; ++number) EXPECT_FALSE(has_day(number)) << number;
  done("physician", "course/resume", Json::object().set("course", "c-1"));
  ASSERT_TRUE(told()) << world_.retained("plan").dump();
  const std::int64_t number = proposal(minutes(1));
  EXPECT_EQ(changes().items().size(), static_cast<std::size_t>(kDoses)) << changes().dump();
  done("physician", "plan/discard", Json::object().set("number", number));
  ASSERT_TRUE(world_.run_until([this] { return stands(kDoseStopped); }, minutes(1)));
  const std::string text = world_.retained(std::string(kDoseStopped)).string_or("text", "");
  EXPECT_NE(text.find("it has no day"), std::string::npos) << text;
  world_.kill();
  world_.start();
  world_.link(true);
  world_.run(minutes(2));
  EXPECT_TRUE(stands(kDoseStopped)) << "a restart forgets none";
  EXPECT_FALSE(waits()) << "what was thrown away does not come by itself again";
  done("physician", "plan/propose", Json::object());
  ASSERT_TRUE(world_.run_until([this] { return waits(); }, minutes(1)));
  done("physician", "plan/accept", Json::object().set("number", proposal()));
  world_.run(minutes(1));
  for (int k = 1; k <= kDoses; ++k) EXPECT_TRUE(has_day(k)) << k;
  EXPECT_FALSE(stands(kDoseStopped));
}

TEST_F(KeptStory, a_published_day_that_closes_is_told_within_a_minute) {
  begin();
  store_course("c-1");
  publish();
  const Day closed = infusion_day(3);
  close_calendars(closed, closed);
  ASSERT_TRUE(told()) << world_.retained("plan").dump();
  const std::int64_t number = proposal(minutes(1));
  const std::string cause = world_.retained("plan")["proposal"].string_or("cause", "");
  EXPECT_NE(cause.find("flood"), std::string::npos) << cause;
  done("physician", "plan/accept", Json::object().set("number", number));
  world_.run(minutes(1));
  EXPECT_NE(infusion_day(3), closed);
  EXPECT_TRUE(has_day(3));
  EXPECT_FALSE(waits() || stands(kDoseStopped)) << world_.retained("plan").dump();
}

class TwoClinicsStory : public KeptStory {
 protected:
  TwoClinicsStory()
      : KeptStory([](config::SiteConfig& config) {
          set_protocols(config);
          config::CalendarConfig thursdays;
          thursdays.id = CalendarId("thursdays");
          thursdays.closed_weekdays = {1, 2, 3, 5, 6, 7};
          config.calendars.push_back(thursdays);
          config.clinics.push_back({"clinic-2", "", CalendarId("thursdays"), 4, 1, 0, 0, 0, "", 0});
        }) {}
};

TEST_F(TwoClinicsStory, a_clinic_that_is_closed_on_published_days_is_told) {
  begin();
  store_course("c-1");
  publish();
  done("operator", "course/clinic", *parse_json(R"({"course":"c-1","clinic":"clinic-2"})"));
  ASSERT_TRUE(told()) << world_.retained("plan").dump();
  const std::int64_t number = proposal(minutes(1));
  done("physician", "plan/accept", Json::object().set("number", number));
  world_.run(minutes(1));
  for (int k = 1; k <= kDoses; ++k) EXPECT_EQ(weekday_of(infusion_day(k)), 4) << k;
  EXPECT_FALSE(stands(kDoseStopped));
}

TEST_F(KeptStory, nothing_is_thawed_for_an_infusion_on_a_closed_day) {
  begin();
  store_course("c-1");
  plan_by_hand(1, world_.now().wall + hours(1), hours(24), hours(48), hours(27));
  close_calendars(infusion_day(1), infusion_day(1));
  const Json refused = thaw_first();
  EXPECT_EQ(refused.string_or("code", ""), "conflict") << refused.dump();
  EXPECT_NE(refused.string_or("message", "").find("flood"), std::string::npos) << refused.dump();
}

class EarlyStory : public KeptStory {
 protected:
  EarlyStory()
      : KeptStory([](config::SiteConfig& config) {
          set_protocols(config);
          config.clinics.clear();
          config.plan.fit_to_thaw = {};
        }) {}
};

TEST_F(EarlyStory, a_dose_of_another_day_is_not_thawed_by_one_person) {
  begin();
  store_course("c-1");
  plan_by_hand(1, world_.now().wall + days(14), hours(24), hours(48), hours(27));
  const Json refused = thaw_first();
  EXPECT_EQ(refused.string_or("code", ""), "interlock") << refused.dump();
  EXPECT_NE(refused.string_or("message", "").find("is planned to be thawed at"), std::string::npos)
      << refused.dump();
  EXPECT_EQ(dose(1).string_or("state", ""), "planned");
  plan_by_hand(1, world_.now().wall + minutes(100), hours(24), hours(48), hours(27));
  const Json due = thaw_first();
  EXPECT_NE(due.string_or("status", ""), "rejected") << due.dump();
}

TEST_F(KeptStory, a_course_with_nothing_left_to_place_takes_its_places_all_the_same) {
  begin();
  done("operator", "course/register",
       *parse_json(R"({"course":"c-1","patient":"p-1","protocol":"single"})"));
  const WallTime thaw = plan_now() + hours(26);
  plan_by_hand(1, thaw, hours(24), hours(48), hours(27));
  const Day day = world_.config().zone.local(thaw).day;
  config::SiteConfig site = world_.config();
  const auto free_on_that_day = [&] {
    const PlanProblem made = problem(site, plan_now());
    const schedule::DayModel model(made.problem, schedule::Reserve::used);
    EXPECT_TRUE(made.courses.size() == 1 && made.doses[0].empty());
    for (std::size_t r = 0; r < made.problem.resources.size(); ++r) {
      if (made.problem.resources[r].name != "thaw-station") continue;
      const int cell = model.cell(static_cast<int>(r), day.number - made.first.number);
      return model.capacity()[static_cast<std::size_t>(cell)];
    }
    return -1;
  };
  site.plan.freeze_days = 5;  // the dose lies inside of it
  EXPECT_EQ(free_on_that_day(), 2);
  site.protocols.clear();  // nothing of the course can be planned
  EXPECT_EQ(free_on_that_day(), 2);
}

TEST_F(KeptStory, a_proposal_of_another_day_is_not_published_into_the_past) {
  begin();
  store_course("c-1");
  Json courses = Json::array();
  courses.push("c-1");
  done("operator", "plan/propose", Json::object().set("courses", std::move(courses)));
  const std::int64_t number = proposal();
  world_.turn_clock(days(6));
  world_.run(seconds(5));
  const Json refused = world_.ask("physician", "plan/accept", Json::object().set("number", number));
  EXPECT_EQ(refused.string_or("code", ""), "conflict") << refused.dump();
  EXPECT_NE(refused.string_or("message", "").find("would be thawed on"), std::string::npos)
      << refused.dump();
  EXPECT_FALSE(has_day(1));
}

TEST_F(KeptStory, visits_after_one_that_was_missed_are_moved_and_not_new) {
  begin();
  store_course("c-1");
  publish();
  done("operator", "dose/told", Json::object().set("course", "c-1").set("dose", "d02"));
  const Day missed = infusion_day(1);
  const WallTime then = world_.config().zone.at(Day{missed.number + 1}, 12 * 60);
  const PlanProblem made = problem(world_.config(), then);
  ASSERT_EQ(made.standing[0].visits.size(), static_cast<std::size_t>(kDoses));
  EXPECT_EQ(made.standing[0].visits[0].period, -1);
  const schedule::DayModel model(made.problem, schedule::Reserve::used);
  const schedule::Repair mended = schedule::repair(model, made.standing, 0, 30);
  ASSERT_FALSE(mended.moves.empty());
  for (const schedule::VisitMove& move : mended.moves) {
    EXPECT_NE(move.from, schedule::kNoDay) << move.number;
    EXPECT_NE(move.to, schedule::kNoDay) << move.number;
  }
  EXPECT_EQ(mended.moves.front().from, -1);
  EXPECT_GT(schedule::measure(made.problem, mended.routes).disturbance, 0);
}

TEST_F(KeptStory, a_journey_known_ahead_leaves_the_doses_before_it_where_they_are) {
  begin();
  store_course("c-1");
  publish();
  std::set<Day> before;
  for (int number = 1; number <= 6; ++number) before.insert(infusion_day(number));
  const Day leaves{infusion_day(6).number + 1};
  Json body = Json::object().set("course", "c-1").set("kind", "travel");
  body.set("from", format_day(leaves)).set("until", format_day(Day{leaves.number + 30}));
  done("operator", "course/hold", std::move(body));
  const std::int64_t number = proposal(minutes(1));
  const Json changed = changes();
  for (const Json& change : changed.items()) {
    EXPECT_GT(change.integer_or("number", 0), 6) << change.dump();
    EXPECT_FALSE(change["to"].is_null()) << change.dump();
  }
  const Json options = world_.retained("plan")["proposal"]["options"];
  ASSERT_EQ(options.items().size(), 2u) << options.dump();
  EXPECT_NE(options.items()[0].string_or("text", "").find("days between doses 6 and 7"),
            std::string::npos)
      << options.dump();
  done("physician", "plan/accept", Json::object().set("number", number));
  world_.run(seconds(2));
  std::set<Day> after;
  for (int k = 1; k <= 6; ++k) after.insert(infusion_day(k));
  EXPECT_EQ(before, after);
  EXPECT_GT(infusion_day(7).number, leaves.number + 30);
}

// Closed from a Monday on for two weeks, where seven days are allowed.
TEST_F(KeptStory, a_closure_longer_than_the_longest_interval_takes_no_dose_off_the_plan) {
  begin();
  store_course("c-1");
  Day monday = world_.config().zone.local(plan_now() + days(10)).day;
  while (weekday_of(monday) != 1) ++monday.number;
  close_calendars(monday, Day{monday.number + 13});
  done("operator", "plan/propose", *parse_json(R"({"courses":["c-1"]})"));
  const std::int64_t number = proposal();
  EXPECT_EQ(changes().items().size(), static_cast<std::size_t>(kDoses));
  const Json late = world_.retained("plan")["proposal"]["late"];
  std::vector<Json> forced;
  for (const Json& dose : late.items()) {
    for (const Json& reason : dose["reasons"].items()) {
      if (reason.string_or("code", "") == "forced-gap") forced.push_back(reason);
    }
  }
  ASSERT_EQ(forced.size(), 1u) << late.dump();
  const Day from = *parse_day(forced[0].string_or("from", ""));
  const Day to = *parse_day(forced[0].string_or("to", ""));
  EXPECT_LT(from, monday);
  EXPECT_GT(to.number, monday.number + 13);
  EXPECT_EQ(forced[0].integer_or("days", 0), to.number - from.number);
  EXPECT_EQ(forced[0].integer_or("allowed", 0), 7);
  EXPECT_FALSE(forced[0]["cures"].items().empty());
  EXPECT_NE(forced[0].string_or("text", "").find("opening cures it: "), std::string::npos);
  done("physician", "plan/accept", Json::object().set("number", number));
  world_.run(seconds(2));
  for (int k = 1; k <= kDoses; ++k) EXPECT_TRUE(has_day(k)) << k;

  // People may cross it as well: the first dose after it a day later, by hand.
  int after = 2;
  while (infusion_day(after).number < to.number) ++after;
  Json body = Json::object().set("course", "c-1").set("dose", dose(after)["dose"]);
  for (const char* key : {"thaw_at", "harvest_from", "harvest_until", "infusion_at"}) {
    const WallTime at = *parse_utc(dose(after)["planned"].string_or(key, ""));
    body.set(key, format_utc(at + days(1)));
  }
  const Day wanted{infusion_day(after).number + 1};
  done("physician", "dose/plan", std::move(body));
  world_.run(seconds(2));
  EXPECT_EQ(infusion_day(after), wanted);
}

TEST_F(KeptStory, dates_that_an_amended_interval_breaks_end_in_a_proposal) {
  begin();
  store_course("c-1");
  publish();
  const Json reply =
      done("physician", "course/amend",
           *parse_json(R"({"course":"c-1","interval_min_days":7,)"
                       R"("interval_max_days":8,"limit_min_days":7,"limit_max_days":14})"));
  EXPECT_EQ(reply["body"].integer_or("too_soon", 0), kDoses - 1) << reply.dump();
  const std::int64_t number = proposal(minutes(1));
  EXPECT_NE(world_.retained("plan")["proposal"]
                .string_or("cause", "")
                .find("shorter than the one set for this patient"),
            std::string::npos)
      << world_.retained("plan")["proposal"].dump();
  done("physician", "plan/accept", Json::object().set("number", number));
  world_.run(minutes(1));
  for (int k = 2; k <= kDoses; ++k) {
    EXPECT_GE(infusion_day(k).number - infusion_day(k - 1).number, 7) << k;
  }
  EXPECT_FALSE(stands(kDoseStopped));
  EXPECT_FALSE(waits());
}

// A better rhythm is worth more than waiting there, by its own configuration.
class StrictStory : public KeptStory {
 protected:
  explicit StrictStory(const std::function<void(config::SiteConfig&)>& more =
                           [](config::SiteConfig&) {})
      : KeptStory([more](config::SiteConfig& config) {
          set_protocols(config);
          config.plan.fit_to_thaw = {};
          config.plan.waiting_days_per_point = 0;
          more(config);
        }) {}
  // From a Monday on, some three weeks ahead; gives that day.
  Day close_three_weeks() {
    Day monday{world_.config().zone.local(plan_now()).day.number + 19};
    while (weekday_of(monday) != 1) ++monday.number;
    close_calendars(monday, Day{monday.number + 20});
    return monday;
  }
  Json plan_first(Day day) {
    Json body = Json::object().set("course", "c-1");
    body.set("first_infusion", format_utc(world_.config().zone.at(day, 14 * 60)));
    return world_.ask("physician", "course/plan", std::move(body));
  }
};

TEST_F(StrictStory, a_course_begins_on_the_day_that_a_person_asked_for_or_is_not_planned) {
  begin();
  store_course("c-1");
  Day tuesday = world_.config().zone.local(plan_now() + days(6)).day;
  while (weekday_of(tuesday) != 2) ++tuesday.number;
  const Day monday{tuesday.number + 13};
  close_calendars(monday, Day{monday.number + 20});
  const Json inside = plan_first(Day{monday.number + 1});
  EXPECT_EQ(inside.string_or("code", ""), "conflict") << inside.dump();
  EXPECT_NE(inside.string_or("message", "").find("weekdays closed. Ask for that day"),
            std::string::npos)
      << inside.dump();
  EXPECT_FALSE(has_day(1));
  const Json planned = plan_first(tuesday);
  EXPECT_EQ(planned.string_or("status", ""), "done") << planned.dump();
  EXPECT_NE(planned.string_or("message", "").find("not in the plain rhythm, since"),
            std::string::npos)
      << planned.dump();
  world_.run(seconds(2));
  EXPECT_EQ(infusion_day(1), tuesday);
}

// As it is shipped, no course waits for the end of a closure to have better intervals.
class ShippedStory : public StrictStory {
 protected:
  ShippedStory()
      : StrictStory([](config::SiteConfig& config) {
          config.plan.waiting_days_per_point = config::PlanConfig{}.waiting_days_per_point;
        }) {}
};

TEST_F(ShippedStory,
       a_course_begins_before_a_closure_although_its_intervals_would_be_better_after) {
  begin();
  store_course("c-1");
  const Day closed = close_three_weeks();
  publish();
  EXPECT_LE(infusion_day(1).number - world_.config().zone.local(plan_now()).day.number, 7);
  EXPECT_LT(infusion_day(3), closed) << "three before it at least";
  EXPECT_GT(infusion_day(kDoses).number, closed.number + 20);
}

TEST_F(StrictStory, where_intervals_go_first_a_course_waits_for_the_end_of_a_closure) {
  begin();
  store_course("c-1");
  const Day closed = close_three_weeks();
  publish();
  EXPECT_GT(infusion_day(1).number, closed.number + 20);
}

TEST_F(KeptStory, a_dose_whose_vial_expires_is_told_with_the_vial_and_the_day) {
  begin();
  Json body = Json::object().set("course", "c-1").set("patient", "p-1").set("protocol", "ank-12");
  const WallTime expires = plan_now() + days(20);
  done("operator", "course/register", std::move(body.set("expires_at", format_utc(expires))));
  done("operator", "plan/propose", *parse_json(R"({"courses":["c-1"]})"));
  proposal();
  const Json late = world_.retained("plan")["proposal"]["late"];
  const std::string day = format_day(world_.config().zone.local(expires).day);
  const std::string words =
      cat("expires on ", day, ": thawed before that, its dose can be given until ");
  EXPECT_NE(late.dump().find("\"code\":\"vial-expires\""), std::string::npos) << late.dump();
  EXPECT_NE(late.dump().find(words), std::string::npos) << late.dump();
  EXPECT_EQ(late.dump().find("after its last day"), std::string::npos) << late.dump();
}

Zone zone_of(std::string_view name) {
  std::ifstream file(cat("/usr/share/zoneinfo/", name), std::ios::binary);
  return *Zone::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

// On 28 March 2027 a day of Berlin has 23 hours, and on 31 October 25.
TEST(PlannedDose, culture_and_transport_take_their_hours_where_the_clock_changes) {
  config::SiteConfig site = shipped_demo();
  site.zone = zone_of("Europe/Berlin");
  config::ProtocolConfig protocol = site.protocols.front();
  protocol.transport_hours = 20;  // by night
  const auto check = [&](std::string_view day, int lead, int shortest, int longest) {
    protocol.reculture_min_hours = shortest;
    protocol.reculture_max_hours = longest;
    protocol.reculture_limit_hours = 0;
    const Json dose = planned_dose(site, protocol, DoseId("d01"), *parse_day(day), lead,
                                   site.plan.infusion_minute);
    const auto time = [&dose](std::string_view key) { return *parse_utc(dose.string_or(key, "")); };
    const auto hours_of = [](Duration lasts) { return lasts.seconds() / 3'600; };
    EXPECT_GE(hours_of(time("harvest_from") - time("thaw_at")), shortest) << day << dose.dump();
    EXPECT_LE(hours_of(time("harvest_from") - time("thaw_at")), longest) << day << dose.dump();
    EXPECT_GE(hours_of(time("infusion_at") - time("harvest_from")), 20) << day << dose.dump();
  };
  for (const std::string_view change : {"2027-03-28", "2027-10-31"}) {
    const Day day = *parse_day(change);
    for (int after = -1; after <= 4; ++after) {
      const std::string infusion = format_day(Day{day.number + after});
      check(infusion, 1, 24, 48);
      check(infusion, 2, 48, 48);
      check(infusion, 3, 48, 72);
    }
  }
}

// Two days of culture, no hour more or less: thawed in the first or in the last hour of a day,
// which a change of the clock would make the day before or after. New York changes on 14 March 2027
// and on 7 November.
TEST(PlannedDose, a_change_of_the_clock_moves_no_thaw_or_harvest_to_another_day) {
  struct Case {
    std::string_view what;
    std::string_view zone;
    int transport;
    std::string_view infusion;
    std::string_view thaw_at, harvest_from, infusion_at;
  };
  const Case cases[] = {
      {"no change", "Europe/Berlin", 14, "2027-06-10", "2027-06-07T22:00:00.000Z",
       "2027-06-09T22:00:00.000Z", "2027-06-10T12:00:00.000Z"},
      {"an hour less in culture", "Europe/Berlin", 14, "2027-03-29", "2027-03-26T23:00:00.000Z",
       "2027-03-28T23:00:00.000Z", "2027-03-29T13:00:00.000Z"},
      {"an hour less on the way", "Europe/Berlin", 14, "2027-03-28", "2027-03-25T23:00:00.000Z",
       "2027-03-27T23:00:00.000Z", "2027-03-28T13:00:00.000Z"},
      {"an hour more in culture", "Europe/Berlin", 15, "2027-11-01", "2027-10-29T21:59:00.000Z",
       "2027-10-31T21:59:00.000Z", "2027-11-01T13:00:00.000Z"},
      {"an hour less in culture", "America/New_York", 14, "2027-03-15", "2027-03-13T05:00:00.000Z",
       "2027-03-15T05:00:00.000Z", "2027-03-15T19:00:00.000Z"},
      {"an hour less on the way", "America/New_York", 14, "2027-03-14", "2027-03-12T05:00:00.000Z",
       "2027-03-14T05:00:00.000Z", "2027-03-14T19:00:00.000Z"},
      {"an hour more in culture", "America/New_York", 15, "2027-11-08", "2027-11-06T03:59:00.000Z",
       "2027-11-08T03:59:00.000Z", "2027-11-08T19:00:00.000Z"},
  };
  config::SiteConfig site = shipped_demo();
  site.plan.infusion_minute = 14 * 60;
  config::ProtocolConfig protocol = site.protocols.front();
  protocol.reculture_min_hours = protocol.reculture_max_hours = 48;
  protocol.reculture_limit_hours = 0;
  for (const Case& each : cases) {
    site.zone = zone_of(each.zone);
    protocol.transport_hours = each.transport;
    const Day infusion = *parse_day(each.infusion);
    const Json dose = planned_dose(site, protocol, DoseId("d01"), infusion, 2,
                                   earliest_begin(site, protocol, infusion, 2));
    EXPECT_EQ(dose["thaw_at"].string(), each.thaw_at) << each.zone << ": " << each.what;
    EXPECT_EQ(dose["harvest_from"].string(), each.harvest_from) << each.zone << ": " << each.what;
    EXPECT_EQ(dose["infusion_at"].string(), each.infusion_at) << each.zone << ": " << each.what;
  }
}

TEST_F(KeptStory, a_hold_on_doses_whose_vials_are_not_stored_yet_ends_in_a_proposal) {
  begin();
  done("operator", "course/register",
       *parse_json(R"({"course":"c-1","patient":"p-1","protocol":"ank-12"})"));
  publish();
  ASSERT_TRUE(has_day(1));
  ASSERT_EQ(dose(1).string_or("state", ""), "expected");
  hold(format_day(Day{infusion_day(1).number + 9}));
  proposal(minutes(1));
  ASSERT_FALSE(changes().items().empty());
  EXPECT_FALSE(changes().items().front()["from"].is_null()) << changes().dump();
}

TEST_F(KeptStory, a_plan_says_how_good_it_is_for_what_it_places) {
  begin();
  store_course("c-1");
  done("operator", "course/register",
       *parse_json(R"({"course":"c-2","patient":"p-2","protocol":"ank-12"})"));
  done("operator", "course/hold", *parse_json(R"({"course":"c-2","kind":"request"})"));
  done("operator", "plan/propose", *parse_json(R"({"courses":["c-1","c-2"]})"));
  proposal();
  const Json bound = world_.retained("plan")["proposal"]["bound"];
  EXPECT_EQ(bound.integer_or("not_placed", 0), kDoses) << bound.dump();
  EXPECT_LT(bound.integer_or("plan_cost", 1'000'000), 1'000) << bound.dump();
  EXPECT_LE(bound.integer_or("cost", 1'000'000), bound.integer_or("plan_cost", 0)) << bound.dump();
  EXPECT_EQ(bound.string_or("at_most_percent", ""), "0.0") << bound.dump();
}

}  // namespace
}  // namespace cryobank::core
