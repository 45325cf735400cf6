// Stories of dates that a person gives: what cannot be is refused to everybody, what two people may
// do they do with a reason, and every change of a published visit is a version of the plan that
// calendars and hospitals hear of.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <vector>

#include "base/text.hpp"
#include "tests/core/plan_story.hpp"

namespace cryobank::core {
namespace {

class HandStory : public PlanStory {
 protected:
  explicit HandStory(const std::function<void(config::SiteConfig&)>& adapt = set_protocols)
      : PlanStory(adapt) {}

  // A Tuesday more than a week ahead.
  Day tuesday() const {
    Day day = world_.config().zone.local(plan_now() + days(8)).day;
    while (weekday_of(day) != 2) ++day.number;
    return day;
  }
  // Thawed the day before at 9:00, harvested after so many hours, given on that day.
  Json dates(std::string_view dose, Day infusion, int harvest = 24, int until = 48,
             int given = 27) const {
    const WallTime thaw = world_.config().zone.at(Day{infusion.number - 1}, 9 * 60);
    Json body = Json::object().set("course", "c-1").set("dose", dose);
    body.set("thaw_at", format_utc(thaw)).set("harvest_from", format_utc(thaw + hours(harvest)));
    body.set("harvest_until", format_utc(thaw + hours(until)));
    return body.set("infusion_at", format_utc(thaw + hours(given)));
  }
  Json plan(const Json& body) { return world_.ask("operator", "dose/plan", body); }
  void refused(const Json& body, std::string_view code, std::string_view words) {
    const Json reply = plan(body);
    EXPECT_EQ(reply.string_or("code", ""), code) << reply.dump();
    EXPECT_NE(reply.string_or("message", "").find(words), std::string::npos) << reply.dump();
  }
  Json without_reason(std::string_view verb, const Json& body) {
    BrokerMessage message = world_.command("physician", verb, body);
    Json payload = *parse_json(message.payload, 1u << 20);
    const std::string id = payload.string_or("id", "");
    message.payload = payload.set("reason", "").dump();
    world_.send_raw(message);
    world_.run(seconds(2));
    return world_.reply(id);
  }
  std::string exported(std::string_view format) {
    return done("viewer", "plan/export", Json::object().set("format", format))["body"].string_or(
        "text", "");
  }
  static std::size_t count(const std::string& text, std::string_view words) {
    std::size_t found = 0;
    for (std::size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1))
      ++found;
    return found;
  }
  Json version() const { return world_.retained("plan"); }
};

TEST_F(HandStory, what_cannot_be_is_refused_to_everybody_with_what_would_do) {
  begin();
  store_course("c-1");
  const Day first = tuesday();
  done("operator", "dose/plan", dates("d01", first));
  const Day third{first.number + 3};
  refused(dates("d02", Day{first.number + 2}, 49, 49, 52), "invalid-value",
          "a harvest at most 48 h after the thaw");
  refused(dates("d02", Day{first.number + 2}, 30 * 24, 30 * 24, 30 * 24 + 3), "invalid-value",
          "came 720 h");
  refused(dates("d02", third, 26), "invalid-value", "at least 2 h after the harvest");
  refused(dates("d02", first), "invalid-value", "two doses are not given to a patient on one day");
  refused(dates("d02", Day{first.number + 9}), "invalid-value",
          cat("expected at most 7 days after dose d01 on ", format_day(first), ", came 9: until ",
              format_day(Day{first.number + 7}), ", course/amend"));
  Json pause = Json::object().set("course", "c-1").set("kind", "travel");
  pause.set("from", format_day(Day{first.number + 2}));
  done("operator", "course/hold", pause.set("until", format_day(Day{first.number + 4})));
  refused(dates("d02", third), "invalid-value", "course/resume ends it");
  EXPECT_TRUE(dose(2)["planned"]["thaw_at"].is_null());
  // Two people and a reason change nothing of it.
  const std::string id =
      world_.send("operator", "dose/plan", dates("d02", first).set("override", true), "witness");
  world_.run(seconds(1));
  world_.ask("witness", "witness/confirm", Json::object().set("command", id));
  world_.run(seconds(1));
  EXPECT_EQ(world_.reply(id).string_or("code", ""), "invalid-value") << world_.reply(id).dump();
}

TEST_F(HandStory, what_the_planner_may_not_do_two_people_may_with_a_reason) {
  begin();
  store_course("c-1");
  const Day first = tuesday();
  done("operator", "dose/plan", dates("d01", first));
  const Json soon = dates("d02", Day{first.number + 1});
  refused(soon, "interlock",
          cat("expected at least 2 days after dose d01 on ", format_day(first), ", came 1: from ",
              format_day(Day{first.number + 2})));
  refused(dates("d02", Day{first.number + 3}, 1, 48, 27), "interlock",
          "a culture of at least 24 h, came 1 h");
  refused(Json(soon).set("override", true), "witness-needed", "second person");
  two_people("operator", "dose/plan", Json(soon).set("override", true));
  EXPECT_EQ(dose(2)["planned"].string_or("infusion_at", ""), soon.string_or("infusion_at", ""));
}

TEST_F(HandStory, every_change_of_a_published_visit_is_a_version_that_feeds_tell) {
  begin();
  store_course("c-1");
  publish();
  const std::int64_t before = version().integer_or("version", 0);
  EXPECT_EQ(count(exported("hl7"), "SIU^S12"), 12u);
  done("operator", "dose/told", Json::object().set("course", "c-1").set("dose", "d12"));
  const Day last =
      world_.config().zone.local(*parse_utc(dose(12)["planned"].string_or("infusion_at", ""))).day;
  Day next{last.number + 1};
  while (weekday_of(next) > 5) ++next.number;
  const Json moved = dates("d12", next);
  EXPECT_EQ(without_reason("dose/plan", moved).string_or("message", ""),
            "expected a reason for changing a published visit");
  const Json reply = done("operator", "dose/plan", moved);
  EXPECT_EQ(reply["body"].integer_or("version", 0), before + 1) << reply.dump();
  world_.run(seconds(2));
  EXPECT_EQ(version().integer_or("version", 0), before + 1);
  EXPECT_EQ(version().string_or("accepted_by", ""), "operator");
  ASSERT_EQ(version()["changes"].items().size(), 1u) << version().dump();
  const Json change = version()["changes"].items().front();
  EXPECT_EQ(change.dump(), cat(R"({"code":"by-hand","course":"c-1","dose":"d12","from":")",
                               format_day(last), R"(","number":12,"to":")", format_day(next),
                               R"(","told":true,"why":"by hand: test"})"));
  const std::string messages = exported("hl7");
  EXPECT_EQ(count(messages, "SIU^S13"), 1u);
  EXPECT_EQ(count(messages, "SIU^S12"), 11u);
  EXPECT_NE(messages.find("moved^by hand: test^L"), std::string::npos) << messages;
  // Taken back: the visit stays in the feeds as one that is off.
  const Json back = Json::object().set("course", "c-1").set("dose", "d12").set("thaw_at", Json());
  EXPECT_EQ(without_reason("dose/plan", back).string_or("status", ""), "rejected");
  done("operator", "dose/plan", back);
  world_.run(seconds(2));
  EXPECT_EQ(version().integer_or("version", 0), before + 2);
  EXPECT_EQ(count(exported("hl7"), "SIU^S15"), 1u);
  EXPECT_EQ(count(exported("ics-clinic"), "STATUS:CANCELLED"), 1u);
  EXPECT_EQ(count(exported("ics-lab"), "STATUS:CANCELLED"), 2u) << "its thaw and its harvest";
  world_.kill();
  world_.start();
  world_.link(true);
  world_.run(seconds(30));
  EXPECT_EQ(count(exported("hl7"), "SIU^S15"), 1u) << "the record holds it";
  // Given a day again it is a new visit for whoever heard that it is off.
  done("operator", "dose/plan", moved);
  EXPECT_EQ(count(exported("hl7"), "SIU^S15"), 0u);
  EXPECT_EQ(count(exported("hl7"), "SIU^S12"), 12u);
}

// A thaw is the step that nobody takes back: one for no infusion is told, and is a version as well.
TEST_F(HandStory, a_thaw_for_no_infusion_is_a_version_of_the_plan_and_is_warned_of) {
  begin();
  store_course("c-1");
  const std::int64_t before = version().integer_or("version", 0);
  const std::string at = format_utc(world_.config().zone.at(tuesday(), 9 * 60));
  const Json alone = Json::object().set("course", "c-1").set("dose", "d02").set("thaw_at", at);
  const Json reply = done("operator", "dose/plan", alone);
  EXPECT_EQ(reply["body"].integer_or("version", 0), before + 1) << reply.dump();
  EXPECT_EQ(reply["body"]["warnings"].dump(),
            cat(R"(["dose d02 is thawed at )", at, R"( for no infusion: no gap was checked"])"));
  world_.run(seconds(2));
  ASSERT_EQ(version()["changes"].items().size(), 1u) << version().dump();
  EXPECT_EQ(version()["changes"].items().front().dump(),
            cat(R"({"code":"by-hand","course":"c-1","dose":"d02","from":null,"number":2,)",
                R"("to":null,"told":false,"why":"by hand: test; a thaw without an infusion, )",
                "from none to ", at, R"("})"));
  const Json checked = done("operator", "dose/plan", dates("d01", tuesday()));
  EXPECT_FALSE(checked["body"].has("warnings")) << checked.dump();
}

// A course that came by a list: what no rule checks is said, and its protocol can be given.
TEST_F(HandStory, a_course_without_a_protocol_is_planned_with_a_warning_until_it_has_one) {
  begin();
  two_people("supervisor", "bulk/import",
             Json::object().set("csv",
                                "aliquot,code,course,patient,lot,dose,fraction,state,path,position"
                                "\r\nl-1,L-1,c-1,p-1,,d01,1/12,released,"
                                "freezer-1-rack-1-box-1,A1\r\n"));
  const Json reply = done("operator", "dose/plan", dates("d01", tuesday()));
  EXPECT_EQ(reply["body"]["warnings"].dump(),
            R"(["course c-1 has no protocol: course/protocol gives it one; no gap and no culture )"
            R"(time was checked"])");
  Json propose = Json::object();
  propose.set("courses", Json::array().push("c-1"));
  EXPECT_EQ(world_.ask("operator", "plan/propose", propose).string_or("message", ""),
            "course c-1 has no protocol: course/protocol gives it one");
  two_people("physician", "course/protocol",
             Json::object().set("course", "c-1").set("protocol", "ank-12"));
  EXPECT_EQ(world_.retained("course/c-1").string_or("protocol", ""), "ank-12");
  done("operator", "plan/propose", propose);
}

TEST_F(HandStory, a_visit_that_an_accepted_plan_leaves_out_is_told_as_cancelled) {
  begin();
  store_course("c-1");
  publish();
  done("operator", "course/hold", Json::object().set("course", "c-1").set("kind", "fever"));
  done("physician", "plan/accept", Json::object().set("number", proposal(minutes(1))));
  world_.run(seconds(2));
  ASSERT_TRUE(dose(1)["planned"]["infusion_at"].is_null()) << dose(1).dump();
  EXPECT_EQ(count(exported("hl7"), "SIU^S15"), 12u);
  EXPECT_EQ(count(exported("ics-clinic"), "STATUS:CANCELLED"), 12u);
}

TEST_F(HandStory, a_course_planned_anew_moves_its_published_visits_as_a_version) {
  begin();
  store_course("c-1");
  publish();
  const std::int64_t before = version().integer_or("version", 0);
  const std::string day = dose(1)["planned"].string_or("infusion_at", "");
  Json body = Json::object().set("course", "c-1");
  body.set("first_infusion", format_utc(*parse_utc(day) + days(7)));
  EXPECT_EQ(without_reason("course/plan", body).string_or("status", ""), "rejected");
  EXPECT_EQ(dose(1)["planned"].string_or("infusion_at", ""), day);
  done("physician", "course/plan", body);
  world_.run(seconds(2));
  EXPECT_EQ(version().integer_or("version", 0), before + 1);
  EXPECT_EQ(version()["changes"].items().size(), 12u);
  EXPECT_EQ(count(exported("hl7"), "SIU^S13"), 12u);
  EXPECT_EQ(count(exported("hl7"), "SIU^S12"), 0u);
}

TEST_F(HandStory, an_accepted_plan_and_the_course_say_which_doses_people_thaw_by_hand) {
  begin();
  store_course("c-1");
  ASSERT_TRUE(world_.run_until([this] { return dose(12).string_or("state", "") == "stored"; },
                               minutes(60)));
  done("supervisor", "place/make",
       *parse_json(R"({"place":"tank-d","type":"freezer","parent":"room-1"})"));
  const inventory::View view(world_.parts().bank.ledger);
  const PlaceId box = view.aliquot(AliquotId("c-1-d12-1"))->spot.place;
  Json rack = Json::object().set("place", view.place(box)->within.place.str());
  two_people("operator", "place/move", rack.set("parent", "tank-d").set("position", "1"));
  done("operator", "plan/propose", *parse_json(R"({"courses":["c-1"]})"));
  const Json accepted = done("physician", "plan/accept", Json::object().set("number", proposal()));
  EXPECT_NE(accepted["body"]["by_hand"].dump().find("c-1/d12"), std::string::npos)
      << accepted.dump();
  EXPECT_NE(accepted.string_or("message", "").find("dose/lift"), std::string::npos);
  world_.run(seconds(2));
  EXPECT_EQ(dose(12)["by_hand"].dump(), "true");
}

TEST_F(HandStory, a_course_planned_anew_keeps_the_interval_that_its_patient_has) {
  begin();
  store_course("c-1");
  done("physician", "course/amend",
       *parse_json(R"({"course":"c-1","interval_min_days":7,"interval_max_days":7})"));
  Json body = Json::object().set("course", "c-1");
  body.set("first_infusion", format_utc(world_.config().zone.at(tuesday(), 14 * 60)));
  const Json reply = done("physician", "course/plan", body);
  EXPECT_EQ(reply.string_or("message", "").find("since"), std::string::npos) << reply.dump();
  for (int number = 1; number <= kDoses; ++number) {
    const WallTime at = *parse_utc(dose(number)["planned"].string_or("infusion_at", ""));
    EXPECT_EQ(world_.config().zone.local(at).day.number, tuesday().number + 7 * (number - 1));
  }
}

// One thaw a day, and three days between two series of one patient.
class TightStory : public HandStory {
 protected:
  TightStory()
      : HandStory([](config::SiteConfig& config) {
          set_protocols(config);
          config.plan.resources.front().per_day = 1;
          config.plan.resources.front().reserve = 0;
          config.plan.apart_days = 3;
          config.plan.around.push_back({"chemotherapy", 2, 4});
        }) {}
  std::vector<int> days_of(std::string_view course, std::string_view step = "infusion_at") const {
    std::vector<int> all;
    const Json shown = world_.retained(cat("course/", course));
    for (const Json& dose : shown["doses"].items()) {
      const auto at = parse_utc(dose["planned"].string_or(std::string(step), ""));
      if (at) all.push_back(world_.config().zone.local(*at).day.number);
    }
    return all;
  }
};

TEST_F(TightStory, neither_the_planner_nor_a_person_books_a_full_station_or_another_series_day) {
  begin();
  store_course("c-1", "p-1");
  store_course("c-2", "p-2");
  const WallTime first = world_.config().zone.at(tuesday(), 14 * 60);
  for (const char* course : {"c-1", "c-2"}) {
    Json body = Json::object().set("course", course).set("first_infusion", format_utc(first));
    done("physician", "course/plan", std::move(body));
  }
  world_.run(seconds(2));
  const std::vector<int> thaws = days_of("c-1", "thaw_at");
  std::vector<int> all = thaws;
  for (const int day : days_of("c-2", "thaw_at")) all.push_back(day);
  ASSERT_EQ(all.size(), 24u);
  const std::set<int> different(all.begin(), all.end());
  EXPECT_EQ(different.size(), 24u) << "one thaw a day";
  const auto taken = std::ranges::find_if(
      thaws, [](int day) { return weekday_of(Day{day + 1}) <= 5; });  // its clinic is open
  ASSERT_NE(taken, thaws.end());
  Json body = dates("d12", Day{*taken + 1}).set("course", "c-2");
  refused(body, "invalid-value", "expected room at thaw-station");
}

TEST_F(TightStory, series_of_one_patient_and_chemotherapy_keep_their_days) {
  begin();
  store_course("c-1", "p-1");
  const Day first = tuesday();
  Json chemo = Json::object().set("course", "c-1").set("kind", "chemotherapy");
  chemo.set("from", format_day(first));
  done("operator", "course/hold", chemo.set("until", format_day(first)));
  refused(dates("d01", Day{first.number - 1}), "invalid-value", "expected a day outside hold");
  publish();
  for (const int day : days_of("c-1")) {
    EXPECT_FALSE(first.number - 2 <= day && day <= first.number + 4) << day - first.number;
  }
  store_course("c-2", "p-1");
  Json courses = Json::array();
  courses.push("c-2");
  done("operator", "plan/propose", Json::object().set("courses", std::move(courses)));
  done("physician", "plan/accept", Json::object().set("number", proposal()));
  world_.run(seconds(2));
  const std::vector<int> others = days_of("c-2");
  ASSERT_FALSE(others.empty());
  for (const int day : days_of("c-1")) {
    for (const int other : others) EXPECT_GE(std::abs(day - other), 3);
  }
}

class NoticeStory : public HandStory {
 protected:
  Json notice(std::string_view uid, std::string_view number) {
    const std::string message =
        cat("MSH|^~\\&|HIS|H|||20261202||SIU^S26|", number, "|P|2.5\nSCH|", uid, "|4711^HIS|\n");
    return world_.ask("operator", "visit/notice", Json::object().set("hl7", message));
  }
};

TEST_F(NoticeStory, a_hospitals_message_holds_once_and_only_for_a_visit_of_ours) {
  begin();
  store_course("c-1");
  publish();
  const std::string site = world_.config().site.str();
  EXPECT_EQ(notice("c-1.d03.infusion@other.cryobank", "1").string_or("code", ""), "not-found");
  EXPECT_EQ(notice(cat("c-1.d99.infusion@", site, ".cryobank"), "1").string_or("code", ""),
            "not-found");
  const std::string ours = cat("c-1.d03.infusion@", site, ".cryobank");
  const Json first = notice(ours, "17");
  EXPECT_EQ(first["body"].string_or("hold", ""), "pause-1") << first.dump();
  EXPECT_EQ(notice(ours, "17")["body"].string_or("hold", ""), "pause-1") << "the same message";
  world_.run(seconds(1));
  EXPECT_EQ(world_.retained("course/c-1")["paused"].items().size(), 1u);
  done("physician", "course/resume", Json::object().set("course", "c-1"));
  EXPECT_EQ(notice(ours, "17").string_or("status", ""), "done");
  world_.run(seconds(1));
  EXPECT_TRUE(world_.retained("course/c-1")["paused"].is_null()) << "it was heard already";
  EXPECT_EQ(notice(ours, "18")["body"].string_or("hold", ""), "pause-2");
}

// Hundreds of visits without a robot: courses that are registered and not stored yet.
class ManyStory : public HandStory {
 protected:
  ManyStory()
      : HandStory([](config::SiteConfig& config) {
          set_protocols(config);
          config.clinics.clear();
          for (config::PlanResourceConfig& resource : config.plan.resources) {
            resource.per_day = 1'000;
          }
        }) {}
  Json piece(Json body) { return done("viewer", "plan/export", body.set("format", "hl7"))["body"]; }
  static std::set<std::string> uids(const Json& reply) {
    std::set<std::string> found;
    for (const std::string_view segment : split(reply["text"].string(), '\r')) {
      if (segment.starts_with("SCH|")) found.insert(std::string(split(segment, '|')[1]));
    }
    return found;
  }
};

TEST_F(ManyStory, an_export_of_many_visits_comes_in_pieces_that_lose_none) {
  begin();
  constexpr int kCourses = 30;
  const Day first = tuesday();
  for (int number = 1; number <= kCourses; ++number) {
    const std::string course = cat("m-", number);
    done("operator", "course/register",
         Json::object()
             .set("course", course)
             .set("patient", cat("p-", number))
             .set("protocol", "ank-12"));
    const WallTime at = world_.config().zone.at(Day{first.number + number}, 14 * 60);
    done("physician", "course/plan",
         Json::object().set("course", course).set("first_infusion", format_utc(at)));
  }
  const Json one = piece(Json::object());
  const Json two = piece(Json::object().set("piece", 2));
  EXPECT_EQ(one.integer_or("total", 0), 12 * kCourses);
  EXPECT_EQ(one.integer_or("pieces", 0), 2);
  EXPECT_EQ(one.integer_or("withheld", 0), 10);
  std::set<std::string> all = uids(one);
  EXPECT_EQ(all.size(), 350u);
  EXPECT_TRUE(
      all.contains(cat("m-1.d01.infusion@", world_.config().site.str(), ".cryobank^CRYOBANK")))
      << "those to come first";
  all.merge(uids(two));
  EXPECT_EQ(all.size(), 12u * kCourses) << "none is lost";
  Json past = Json::object().set("format", "hl7").set("piece", 3);
  EXPECT_EQ(world_.ask("viewer", "plan/export", past).string_or("code", ""), "invalid-value");
  Json window = Json::object().set("from", format_day(Day{first.number + 1}));
  const Json day = piece(window.set("until", format_day(Day{first.number + 1})));
  EXPECT_EQ(day.integer_or("total", 0), 1) << "the first course's first dose alone";
}

class EarlyStory : public HandStory {
 protected:
  EarlyStory()
      : HandStory([](config::SiteConfig& config) {
          set_protocols(config);
          config.clinics.clear();
          config.plan.fit_to_thaw = {};
          for (config::ProtocolConfig& protocol : config.protocols) {
            protocol.reculture_min_hours = 2;
            protocol.reculture_max_hours = 24;
          }
        }) {}
};

TEST_F(EarlyStory, a_harvest_before_the_shortest_culture_needs_two_people_and_a_reason) {
  begin();
  store_course("c-1");
  plan_by_hand(1, plan_now() + minutes(40), hours(2), hours(4), hours(5));
  ASSERT_TRUE(
      world_.run_until([this] { return dose(1).string_or("state", "") == "thawed"; }, hours(2)));
  const Json body = Json::object().set("course", "c-1").set("dose", "d01");
  done("operator", "dose/reculture", Json(body).set("codes", Json::array().push("c-1-d01-1")));
  const Json label = Json(body).set("code", "c-1/d01");
  const Json early = world_.ask("operator", "dose/harvest", label);
  EXPECT_EQ(early.string_or("code", ""), "interlock") << early.dump();
  EXPECT_NE(early.string_or("message", "").find("a culture of at least 2 h"), std::string::npos);
  EXPECT_EQ(world_.ask("operator", "dose/harvest", Json(label).set("override", true))
                .string_or("code", ""),
            "witness-needed");
  two_people("operator", "dose/harvest", Json(label).set("override", true));
  EXPECT_EQ(dose(1).string_or("state", ""), "harvested");
}

}  // namespace
}  // namespace cryobank::core
