// Stories before the first dose: slots, a provisional plan with the referral, a collection that
// failed, the 24-hour clock, and what the figures count of it.
#include <gtest/gtest.h>

#include <set>

#include "tests/core/plan_story.hpp"

namespace cryobank::core {
namespace {

class ReferralStory : public PlanStory {
 protected:
  explicit ReferralStory(const std::function<void(config::SiteConfig&)>& adapt = set_protocols)
      : PlanStory(adapt) {}

  void set_slots() {
    for (const char* body :
         {R"({"slot":"apheresis","stage":"collection","places":1,"days":1,"calendar":"weekdays"})",
          R"({"slot":"culture","stage":"processing","places":2,"days":21})",
          R"({"slot":"freezer","stage":"freezing","places":4,"days":1,"after_days":1})"}) {
      done("supervisor", "slot/set", *parse_json(body));
    }
  }
  Json receive(const char* id, Duration ago = {}) {
    Json body = Json::object().set("referral", id).set("patient", cat("p-", id));
    body.set("received_at", format_utc(world_.now().wall - ago));
    return done("operator", "referral/receive", body.set("protocol", "ank-12"))["body"];
  }
  Json stage(const char* id, const char* stage, const char* outcome, const char* cause = nullptr) {
    Json body = Json::object().set("referral", id).set("stage", stage).set("outcome", outcome);
    if (cause != nullptr) body.set("cause", cause);
    return world_.ask("operator", "referral/stage", std::move(body));
  }
  std::string day_of(const char* id, std::size_t slot) {
    const Json list = world_.ask("viewer", "referral/list", Json::object())["body"]["referrals"];
    for (const Json& one : list.items()) {
      if (one.string_or("referral", "") != id) continue;
      return one["provisional"]["slots"].items().at(slot).string_or("day", "");
    }
    return {};
  }
};

class FirstStory : public ReferralStory {
 protected:
  FirstStory()
      : ReferralStory([](config::SiteConfig& config) {
          set_protocols(config);
          config.clinics.front().chairs = 1;
          for (config::CalendarConfig& calendar : config.calendars) {
            calendar.opens_minute = 9 * 60;
            calendar.closes_minute = 18 * 60;
          }
          for (config::ProtocolConfig& protocol : config.protocols) protocol.infusion_minutes = 60;
        }) {}
};

TEST_F(FirstStory, a_clinic_without_a_course_has_its_chairs_free) {
  begin();
  set_slots();
  const Json plan = receive("r1")["provisional"];
  EXPECT_TRUE(parse_day(plan.string_or("first_dose", "")).ok()) << plan.dump();
}

TEST_F(ReferralStory, a_referral_has_a_provisional_plan_at_once_and_a_failure_keeps_its_place) {
  begin();
  set_slots();
  const Json plan = receive("r1")["provisional"];
  ASSERT_EQ(plan["slots"].items().size(), 3u) << plan.dump();
  const auto first = parse_day(plan.string_or("first_dose", ""));
  const auto frozen = parse_day(plan["slots"].items()[2].string_or("day", ""));
  ASSERT_TRUE(first.ok() && frozen.ok()) << plan.dump();
  EXPECT_GT(first->number, frozen->number);
  EXPECT_LE(weekday_of(*first), 5);
  receive("r2");
  EXPECT_LT(day_of("r1", 0), day_of("r2", 0)) << "one collection a day, the first contact first";
  EXPECT_EQ(stage("r1", "processing", "done").string_or("code", ""), "conflict");
  EXPECT_EQ(stage("r1", "collection", "failed").string_or("code", ""), "malformed")
      << "a failure has a cause";
  EXPECT_EQ(stage("r1", "eligibility", "done").string_or("status", ""), "done");
  EXPECT_EQ(stage("r1", "collection", "failed", "low yield").string_or("status", ""), "done");
  EXPECT_LT(day_of("r1", 0), day_of("r2", 0));
  EXPECT_EQ(stage("r2", "collection", "done").string_or("status", ""), "done");
  EXPECT_EQ(stage("r2", "processing", "begun").string_or("status", ""), "done");
  EXPECT_EQ(stage("r2", "processing", "failed", "poor growth").string_or("status", ""), "done");
  EXPECT_FALSE(day_of("r2", 0).empty()) << "its cells are collected anew";
  const Json figures = done("viewer", "plan/export", Json::object().set("format", "figures"));
  const auto told = parse_json(figures["body"].string_or("text", ""));
  ASSERT_TRUE(told.ok());
  EXPECT_EQ((*told)["referrals"].integer_or("received", 0), 2) << told->dump();
  EXPECT_EQ((*told)["referrals"].integer_or("planned_within_24h", 0), 2);
  EXPECT_EQ((*told)["referrals"]["causes"].dump(),
            R"({"collection: low yield":1,"processing: poor growth":1})");
  EXPECT_EQ((*told)["referrals"]["first_collections"].dump(), R"({"done":1,"failed":1})");
  EXPECT_EQ(recount(figures["body"].string_or("text", "")), 0);
}

TEST_F(ReferralStory, cells_collected_anew_for_a_product_that_failed_keep_the_first_contact) {
  begin();
  set_slots();
  receive("r1", hours(48));
  store_course("c-1", "p-r1", "l-1");
  done("operator", "referral/close", Json::object().set("referral", "r1").set("course", "c-1"));
  receive("r2", hours(24));
  receive("r3", hours(1));
  Json again = Json::object().set("referral", "r4").set("patient", "p-r1");
  again.set("protocol", "ank-12").set("instead_of", "c-1");
  EXPECT_EQ(world_.ask("operator", "referral/receive", again).string_or("code", ""), "conflict")
      << "nothing of it failed: it is no way past those who wait";
  done("quality", "quality/plan",
       *parse_json(R"({"lot":"l-1","tests":[{"test":"sterility","passes":"negative"}]})"));
  done("quality", "quality/result",
       *parse_json(R"({"lot":"l-1","test":"sterility","finding":"positive"})"));
  Json strange = again;
  strange.set("patient", "p-r2");
  EXPECT_EQ(world_.ask("operator", "referral/receive", strange).string_or("code", ""), "not-found");
  done("operator", "referral/receive", again);
  EXPECT_LT(day_of("r4", 0), day_of("r2", 0)) << "before whoever came after the first contact";
  EXPECT_LT(day_of("r2", 0), day_of("r3", 0));
  const Json list = world_.ask("viewer", "referral/list", Json::object())["body"]["referrals"];
  EXPECT_EQ(list.items().front().string_or("instead_of", ""), "c-1");
}

// A patient stays the night after each dose, and there is one bed.
class ProvisionalBedStory : public ReferralStory {
 protected:
  ProvisionalBedStory()
      : ReferralStory([](config::SiteConfig& config) {
          set_protocols(config);
          for (config::ProtocolConfig& protocol : config.protocols) protocol.bed_days = 2;
          config.clinics.front().beds = 1;
        }) {}
};

TEST_F(ProvisionalBedStory, provisional_plans_have_the_beds_of_the_observation_after_each_dose) {
  begin();
  for (const char* body : {R"({"slot":"apheresis","stage":"collection","places":2,"days":1})",
                           R"({"slot":"culture","stage":"processing","places":2,"days":21})"}) {
    done("supervisor", "slot/set", *parse_json(body));
  }
  receive("r1");
  receive("r2");
  const Json list = world_.ask("viewer", "referral/list", Json::object())["body"]["referrals"];
  std::set<int> taken;
  for (const Json& one : list.items()) {
    const Json stays = one["provisional"]["stays"];
    ASSERT_EQ(stays.items().size(), std::size_t{kDoses}) << one.dump();
    for (const Json& stay : stays.items()) {
      const auto from = parse_day(stay.string_or("from", ""));
      const auto until = parse_day(stay.string_or("until", ""));
      ASSERT_TRUE(from.ok() && until.ok()) << stay.dump();
      EXPECT_EQ(until->number, from->number + 1);
      for (const int day : {from->number, until->number}) {
        EXPECT_TRUE(taken.insert(day).second) << "two patients in one bed: " << one.dump();
      }
    }
  }
}

// What is registered and published counts as well.
TEST_F(ProvisionalBedStory, provisional_plans_leave_the_beds_to_those_who_have_a_date) {
  begin();
  store_course("c-1");
  publish();
  done("supervisor", "slot/set",
       *parse_json(R"({"slot":"apheresis","stage":"collection","places":2,"days":1})"));
  const Json stays = receive("r1")["provisional"]["stays"];
  ASSERT_EQ(stays.items().size(), std::size_t{kDoses}) << stays.dump();
  std::set<int> taken;
  for (int number = 1; number <= kDoses; ++number) {
    const auto at = parse_utc(dose(number)["planned"].string_or("infusion_at", ""));
    ASSERT_TRUE(at.ok());
    const int day = world_.config().zone.local(*at).day.number;
    taken.insert({day, day + 1});
  }
  for (const Json& stay : stays.items()) {
    EXPECT_FALSE(taken.contains(parse_day(stay.string_or("from", ""))->number)) << stay.dump();
    EXPECT_FALSE(taken.contains(parse_day(stay.string_or("until", ""))->number)) << stay.dump();
  }
}

TEST_F(ReferralStory, without_a_plan_a_referral_is_an_alarm_at_twenty_and_twenty_four_hours) {
  begin();
  EXPECT_EQ(receive("r1", hours(20) - minutes(3))["provisional"].string_or("why", ""),
            "no slots are set (slot/set)");
  receive("r2", hours(24) - minutes(3));
  world_.run(minutes(1));
  EXPECT_FALSE(world_.broker.contains("alarm/r1.no-provisional-plan"));
  EXPECT_EQ(world_.retained("alarm/r2.no-provisional-plan").string_or("priority", ""), "p3");
  world_.run(minutes(3));
  EXPECT_EQ(world_.retained("alarm/r1.no-provisional-plan").string_or("priority", ""), "p3");
  EXPECT_EQ(world_.retained("alarm/r2.no-provisional-plan").string_or("priority", ""), "p2");
  set_slots();
  world_.run(minutes(1));
  EXPECT_FALSE(world_.retained("alarm/r2.no-provisional-plan").bool_or("active", false));
}

TEST_F(ReferralStory, the_volume_to_process_is_computed_and_what_lies_outside_is_told) {
  begin();
  const Json six =
      done("viewer", "collection/calculate",
           *parse_json(R"({"cells":3000000000,"per_microlitre":1000,"efficiency_percent":50})"));
  EXPECT_EQ(six["body"]["litres"].dump(), "6");
  EXPECT_EQ(six["body"]["warnings"].items().size(), 0u);
  const Json much = done(
      "viewer", "collection/calculate",
      *parse_json(
          R"({"cells":3000000000,"per_microlitre":300,"efficiency_percent":50,"low_count":400})"));
  EXPECT_EQ(much["body"]["warnings"].items().size(), 2u) << much.dump();
}

}  // namespace
}  // namespace cryobank::core
