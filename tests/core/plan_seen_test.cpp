// Stories after an infusion: what is observed, and what the figures count of it.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/core/plan_story.hpp"

namespace cryobank::core {
namespace {

class SeenStory : public PlanStory {
 protected:
  explicit SeenStory(const std::function<void(config::SiteConfig&)>& more =
                         [](config::SiteConfig&) {})
      : PlanStory([more](config::SiteConfig& config) {
          set_protocols(config);
          config.clinics.clear();
          for (config::ProtocolConfig& protocol : config.protocols) {
            protocol.reculture_min_hours = 1;
            protocol.reculture_max_hours = 72;
            protocol.limit_min_days = 1;
            protocol.limit_max_days = 14;
            protocol.cells_per_dose = 1'000'000;
          }
          more(config);
        }) {}

  static Json dose_body(const char* dose) {
    return Json::object().set("course", "c-1").set("dose", dose);
  }
  // Thawed soon, infused so many days later; `reserved`: in the place that is kept for holds.
  void thaw(const char* dose, int number, int later = 0, bool reserved = false) {
    const WallTime at = world_.now().wall + minutes(35);
    const WallTime harvest = at + hours(1) + days(later);
    Json body = dose_body(dose).set("thaw_at", format_utc(at));
    body.set("harvest_from", format_utc(harvest));
    body.set("harvest_until", format_utc(harvest + hours(2)));
    body.set("infusion_at", format_utc(harvest + hours(3)));
    if (reserved) {
      two_people("operator", "dose/plan", body.set("override", true));
    } else {
      done("operator", "dose/plan", body);
    }
    ASSERT_TRUE(world_.run_until(
        [&] { return this->dose(number).string_or("state", "") == "thawed"; }, hours(2)))
        << this->dose(number).dump();
    Json culture = dose_body(dose).set("codes", Json::array().push(cat("c-1-", dose, "-1")));
    done("operator", "dose/reculture",
         culture.set("cells", 900'000).set("viable_percent", Milli{81'500}));
    const auto vials = world_.hardware().vials();
    for (const auto& [location, code] : vials) {
      if (location[0] != 902) continue;
      EXPECT_TRUE(world_.hardware().take_vial(location).ok());
    }
    world_.run(minutes(1));
  }
  void give(const char* dose, int cells) {
    world_.run(hours(1));  // the shortest culture
    const Json label = dose_body(dose).set("code", cat("c-1/", dose));
    done("operator", "dose/harvest", Json(label).set("cells", cells).set("viable_percent", 90));
    two_people("operator", "dose/infuse", label);
  }
  Json set_rule(std::string_view user, Json body) {
    return world_.ask(user, "observation/rule", std::move(body));
  }
  Json observe(const char* dose, const char* measure, double value, const char* unit) {
    Json body = dose_body(dose).set("measure", measure).set("unit", unit);
    return world_.ask("operator", "observation/record",
                      body.set("value", Milli{static_cast<std::int64_t>(value * 1000)}));
  }
};

TEST_F(SeenStory, a_crossed_rule_is_a_message_and_holds_the_course_where_the_physician_said_so) {
  begin();
  store_course("c-1");
  const Json fever = *parse_json(
      R"({"rule":"fever","measure":"temperature","unit":"Cel","above":39.5,"hold":true})");
  EXPECT_EQ(set_rule("operator", fever).string_or("code", ""), "not-authorised");
  EXPECT_EQ(set_rule("physician", fever).string_or("status", ""), "done");
  const Json falls = *parse_json(
      R"({"rule":"ip-falls","measure":"ip","unit":"mg/dL","falls_percent":30,"within_hours":48})");
  EXPECT_EQ(set_rule("physician", falls).string_or("status", ""), "done");
  EXPECT_EQ(observe("d01", "temperature", 39.6, "Cel").string_or("code", ""), "conflict")
      << "it was not given yet";
  thaw("d01", 1);
  give("d01", 1'000'000);
  EXPECT_EQ(observe("d01", "temperature", 102.0, "[degF]").string_or("code", ""), "invalid-value");
  EXPECT_EQ(observe("d01", "temperature", 39.5, "Cel")["body"]["crossed"].items().size(), 0u);
  EXPECT_EQ(observe("d01", "ip", 4.0, "mg/dL")["body"]["crossed"].items().size(), 0u);
  EXPECT_FALSE(world_.broker.contains("alarm/c-1.d01.ip.after-infusion"));
  EXPECT_EQ(observe("d01", "ip", 2.8, "mg/dL")["body"]["crossed"].dump(), R"(["ip-falls"])");
  world_.run(seconds(1));
  EXPECT_TRUE(world_.broker.contains("alarm/c-1.d01.ip.after-infusion"));
  EXPECT_TRUE(world_.retained("course/c-1")["paused"].is_null()) << "that rule holds nothing";
  const Json told = observe("d01", "temperature", 39.6, "Cel");
  EXPECT_EQ(told["body"].string_or("hold", ""), "pause-1") << told.dump();
  world_.run(seconds(1));
  const Json alarm = world_.retained("alarm/c-1.d01.temperature.after-infusion");
  EXPECT_EQ(alarm.string_or("priority", ""), "p2") << alarm.dump();
  EXPECT_EQ(alarm.string_or("text", "").find("39"), std::string::npos) << "no value on a page";
  EXPECT_EQ(world_.retained("course/c-1")["paused"].items().size(), 1u);
  const Json seen = world_.ask("viewer", "observation/list", Json::object().set("course", "c-1"));
  EXPECT_EQ(seen["body"]["observations"]["d01"].items().size(), 4u) << seen.dump();
}

TEST_F(SeenStory, a_rule_that_every_value_crosses_is_refused) {
  begin();
  const auto rule = [](const char* above, const char* below) {
    return *parse_json(cat(R"({"rule":"fever","measure":"temperature","unit":"Cel","above":)",
                           above, R"(,"below":)", below, "}"));
  };
  EXPECT_EQ(set_rule("physician", rule("39", "40")).string_or("code", ""), "invalid-value");
  EXPECT_EQ(set_rule("physician", rule("39", "39")).string_or("code", ""), "invalid-value");
  const Json good = set_rule("physician", rule("39.5", "35"));
  EXPECT_EQ(good.string_or("status", ""), "done") << good.dump();
}

TEST_F(SeenStory, a_fever_holds_the_course_beside_a_journey_that_is_known_ahead) {
  begin();
  store_course("c-1");
  done("physician", "observation/rule",
       *parse_json(
           R"({"rule":"fever","measure":"temperature","unit":"Cel","above":39.5,"hold":true})"));
  const Day today = world_.config().zone.local(plan_now()).day;
  Json travel = Json::object().set("course", "c-1").set("kind", "travel");
  travel.set("from", format_day(Day{today.number + 30}));
  done("operator", "course/hold", travel.set("until", format_day(Day{today.number + 40})));
  thaw("d01", 1);
  give("d01", 1'000'000);
  const Json told = observe("d01", "temperature", 40.2, "Cel");
  EXPECT_EQ(told["body"].string_or("hold", ""), "pause-2") << told.dump();
  world_.run(seconds(1));
  EXPECT_EQ(world_.retained("course/c-1")["paused"].items().size(), 2u);
  const Json again = observe("d01", "temperature", 40.3, "Cel");
  EXPECT_EQ(again["body"].string_or("hold", ""), "pause-2") << "it is held already, with no end";
}

TEST_F(SeenStory, markers_and_assessments_are_kept_with_their_dose_and_change_nothing) {
  begin();
  store_course("c-1");
  const std::string plan = world_.retained("plan")["version"].dump();
  Json marker = *parse_json(
      R"({"course":"c-1","dose":"d02","marker":"nk-activity","value":61.5,"unit":"%"})");
  done("physician", "marker/record", marker);
  EXPECT_EQ(world_.ask("physician", "marker/record", Json(marker).set("unit", "a,b"))
                .string_or("code", ""),
            "invalid-value");
  EXPECT_EQ(world_.ask("physician", "marker/record", Json(marker).set("dose", "d77"))
                .string_or("code", ""),
            "not-found");
  done("physician", "assessment/record",
       *parse_json(R"({"course":"c-1","what":"ct","date":"2026-12-20","after_dose":"d04"})"));
  const Json seen = world_.ask("viewer", "observation/list", Json::object().set("course", "c-1"));
  EXPECT_EQ(seen["body"]["assessments"].items()[0].string_or("after_dose", ""), "d04");
  const Json csv = done("viewer", "plan/export", Json::object().set("format", "markers"));
  EXPECT_NE(csv["body"].string_or("text", "").find("p-1,c-1,d02,nk-activity,61.5,%,,"),
            std::string::npos)
      << csv.dump();
  EXPECT_EQ(world_.retained("plan")["version"].dump(), plan);
  EXPECT_TRUE(world_.retained("course/c-1")["paused"].is_null());
}

TEST_F(SeenStory, an_independent_recount_of_the_journal_finds_the_same_figures) {
  begin();
  store_course("c-1", "p-1", "l-1");
  publish();
  thaw("d01", 1);
  give("d01", 1'000'000);
  thaw("d02", 2, 1);
  give("d02", 700'000);
  thaw("d03", 3, 2, true);
  EXPECT_EQ(world_.ask("physician", "dose/reject", dose_body("d03").set("lost_to", "bad luck"))
                .string_or("code", ""),
            "invalid-value");
  two_people("physician", "dose/reject", dose_body("d03").set("lost_to", "fever"));
  const Json reply = done("viewer", "plan/export", Json::object().set("format", "figures"));
  const std::string text = reply["body"].string_or("text", "");
  const auto figures = parse_json(text);
  ASSERT_TRUE(figures.ok()) << text;
  EXPECT_EQ(figures->integer_or("doses_thawed", 0), 3) << text;
  EXPECT_EQ(figures->integer_or("doses_infused", 0), 2);
  EXPECT_EQ(figures->integer_or("doses_wasted", 0), 1);
  EXPECT_EQ(figures->integer_or("harvests_counted", 0), 2);
  EXPECT_EQ(figures->integer_or("harvests_near_ordered", 0), 1);
  EXPECT_EQ(figures->integer_or("gaps", 0), 1);
  EXPECT_EQ((*figures)["viability_permille"].integer_or("median", 0), 815);
  EXPECT_EQ((*figures)["viability_by_lot"]["of"]["l-1"].dump(),
            (*figures)["viability_permille"].dump());
  EXPECT_EQ((*figures)["viability_by_operator"]["of"]["operator"].integer_or("n", 0), 3) << text;
  EXPECT_EQ((*figures)["wasted_by_reason"].dump(), R"({"fever":1})");
  EXPECT_EQ(figures->integer_or("visits_published", 0), 12 + 3) << "three by hand as well";
  EXPECT_EQ(figures->integer_or("visits_moved", 0), 3);
  EXPECT_EQ(recount(text), 0);
  EXPECT_NE(recount(Json(*figures).set("doses_wasted", 0).dump()), 0) << "what is off is found";
  EXPECT_EQ((*figures)["notice_days"].integer_or("n", 9), 3);
  done("physician", "plan/accept", Json::object().set("number", proposal(minutes(1))));
  const Json again = done("viewer", "plan/export", Json::object().set("format", "figures"));
  const std::string later = again["body"].string_or("text", "");
  const auto moved = parse_json(later);
  ASSERT_TRUE(moved.ok()) << later;
  EXPECT_GT(moved->integer_or("visits_moved", 0), 3) << later;
  EXPECT_EQ((*moved)["notice_days"].integer_or("n", 0), moved->integer_or("visits_moved", 0));
  // Two were thawed by hand on one day, of three that the station does, one of which is kept in
  // reserve; the others have a day each.
  const Json station = (*moved)["capacity"]["thaw-station"];
  EXPECT_EQ(station.integer_or("days", 0), kDoses - 2) << later;
  EXPECT_EQ(station.integer_or("peak_permille", 0), 666);
  EXPECT_EQ(station.integer_or("reserve_days", 9), 0);
  EXPECT_EQ(recount(later), 0);
}

class FigureStory : public SeenStory {
 protected:
  FigureStory()
      : SeenStory([](config::SiteConfig& config) {
          for (config::ProtocolConfig& protocol : config.protocols) {
            protocol.cells_after_thaw = 1'000'000;
            if (protocol.id.str() == "ank-6") protocol.aliquots_per_dose = 2;
          }
        }) {}

  // By hand: lifted by two people, laid down at the station, washed, counted and seeded.
  void thaw_by_hand(const char* dose) {
    const WallTime at = world_.now().wall + minutes(50);
    Json body = dose_body(dose).set("thaw_at", format_utc(at));
    done("operator", "dose/plan", body.set("infusion_at", format_utc(at + hours(30))));
    const Json scanned = dose_body(dose).set("codes", Json::array().push(cat("c-1-", dose, "-1")));
    two_people("operator", "dose/lift", scanned);
    world_.run(minutes(1));
    done("operator", "dose/set-down", scanned);
    done("operator", "dose/reculture",
         Json(scanned).set("cells", 900'000).set("viable_percent", Milli{81'500}));
  }
  std::string told() {
    const Json reply = done("viewer", "plan/export", Json::object().set("format", "figures"));
    return reply["body"].string_or("text", "");
  }
};

TEST_F(FigureStory, lots_recovery_halves_and_thaws_by_hand_are_counted_alike_by_the_recount) {
  begin();
  store_course("c-1", "p-1", "l-1");
  ASSERT_TRUE(
      world_.run_until([this] { return dose(1).string_or("state", "") == "stored"; }, hours(2)));
  done("quality", "quality/plan", *parse_json(R"({"lot":"l-1","tests":[{"test":"sterility",
       "passes":"negative","late":true},{"test":"viability","low":70}]})"));
  done("operator", "course/register",
       *parse_json(R"({"course":"c-2","patient":"p-2","protocol":"ank-6","lot":"l-2"})"));
  done("physician", "course/split", *parse_json(R"({"course":"c-2"})"));
  done("operator", "plan/propose", *parse_json(R"({"courses":["c-2"]})"));
  done("physician", "plan/accept", Json::object().set("number", proposal()));
  two_people("supervisor", "bulk/import",
             Json::object().set("csv",
                                "aliquot,code,course,patient,lot,dose,fraction,state,path,position"
                                "\r\nl-1,L-1,c-3,p-3,,d01,1/12,released,"
                                "freezer-2-rack-1-box-1,I9\r\n"));
  EXPECT_EQ(recount(told()), 0) << "halves with dates, a course without a protocol";
  two_people("physician", "course/protocol",
             Json::object().set("course", "c-3").set("protocol", "ank-12"));
  thaw_by_hand("d01");
  done("quality", "quality/result",
       *parse_json(R"({"lot":"l-1","test":"sterility","finding":"positive"})"));
  done("quality", "quality/result", *parse_json(R"({"lot":"l-1","test":"viability","value":81})"));
  const std::string text = told();
  const auto figures = parse_json(text);
  ASSERT_TRUE(figures.ok()) << text;
  EXPECT_EQ(figures->integer_or("doses_thawed", 0), 1) << text;
  EXPECT_EQ((*figures)["recovery_permille"].dump(), R"({"median":733,"n":1,"p90":733})");
  EXPECT_EQ((*figures)["recovery_by_lot"]["of"]["l-1"].integer_or("median", 0), 733);
  EXPECT_EQ((*figures)["lots"].dump(),
            R"({"doses_given_of_failed_late":0,"failed":1,"failed_by_test":{"sterility":1},)"
            R"("failed_late":1,"registered":2})");
  EXPECT_EQ(recount(text), 0);
  EXPECT_NE(recount(Json(*figures).set("recovery_by_lot", Json::object()).dump()), 0);
  EXPECT_NE(recount(Json(*figures).set("lots", Json::object()).dump()), 0);
}

}  // namespace
}  // namespace cryobank::core
