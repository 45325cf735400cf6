// The real daemon killed (SIGKILL) while a planned thaw fails, has lost its robot or passes unseen:
// a minute after the restart a proposal or an alarm says so. A day of the plan passes in two
// minutes.
#include <gtest/gtest.h>

#include <chrono>

#include "base/text.hpp"
#include "base/time.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kPlanVials = 12;
constexpr std::string_view kStopped = "alarm/course-1.dose-stopped";

class PlanKill : public ::testing::Test {
 protected:
  PlanKill() : bank_("plan-kill") { bank_.start_all(); }

  // A course in the cold that may be thawed, its first dose to be thawed so much plan time from
  // now, with the clinic's word.
  void plan_first_dose(Duration from_now) {
    ASSERT_TRUE(bank_.wait_online(seconds(30)));
    for (int i = 1; i <= kPlanVials; ++i) {
      bank_.sim().ask(Json::object()
                          .set("do", "put_vial")
                          .set("location", Json::array().push(901).push(0).push(i))
                          .set("code", cat("course-1-d", i < 10 ? "0" : "", i, "-1")));
    }
    Json body = Json::object().set("course", "course-1").set("patient", "patient-1");
    body.set("protocol", "ank-12").set("store", Json::object().set("robot", "robot-1"));
    done("operator", "course/register", std::move(body));
    ASSERT_TRUE(eventually(seconds(180), [this] {
      return bank_.retained("job/job-1").string_or("state", "") == "done";
    })) << bank_.retained("job/job-1").dump();
    done("quality", "course/release", Json::object().set("course", "course-1"));
    done("operator", "dose/fit", first_dose().set("fit", true));
    const WallTime thaw = plan_now() + from_now;
    Json times = first_dose().set("thaw_at", format_utc(thaw));
    times.set("harvest_from", format_utc(thaw + hours(24)));
    times.set("harvest_until", format_utc(thaw + hours(40)));
    done("operator", "dose/plan", times.set("infusion_at", format_utc(thaw + hours(27))));
  }

  static Json first_dose() { return Json::object().set("course", "course-1").set("dose", "d01"); }
  void done(const std::string& user, std::string_view verb, Json body) {
    const Json reply = bank_.command(user, verb, std::move(body));
    ASSERT_EQ(reply.string_or("status", ""), "done") << verb << " " << reply.dump();
  }
  WallTime plan_now() {
    const Json plan = bank_.retained("plan");
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::int64_t ms = std::chrono::duration_cast<milliseconds>(now).count();
    const std::int64_t passed = ms - parse_utc(plan.string_or("at", ""))->ms;
    const std::int64_t speed = plan.integer_or("clock_speed", 1);
    return {parse_utc(plan.string_or("plan_time", ""))->ms + passed * speed};
  }
  void break_robot(std::string_view fault, std::string_view at = {}) {
    Json ask = Json::object().set("do", "fault").set("device", "robot-1").set("fault", fault);
    if (!at.empty()) ask.set("at", at);
    ASSERT_TRUE(bank_.sim().ask(ask)["ok"].boolean());
  }
  // A motion that is over between two looks of ours would be a thaw that nobody saw under way.
  void slow_robot() {
    Json ask = Json::object().set("do", "fault").set("device", "robot-1").set("fault", "slow");
    ASSERT_TRUE(bank_.sim().ask(ask.set("factor", 20))["ok"].boolean());
  }
  void die_for(milliseconds dead) {
    bank_.kill_daemon();
    eventually(dead, [] { return false; });
    bank_.start_daemon();
    ASSERT_TRUE(bank_.wait_online(seconds(30)));
  }
  Json dose() { return bank_.retained("course/course-1")["doses"].items().front(); }
  // What waits for a person, or what the alarm says; empty: nobody is told.
  std::string told() {
    const Json proposal = bank_.retained("plan")["proposal"];
    if (proposal.is_object() && proposal.string_or("state", "") == "ready") return proposal.dump();
    const Json alarm = bank_.retained(std::string(kStopped));
    return alarm.bool_or("active", false) ? alarm.string_or("text", "") : std::string();
  }
  void expect_told(std::string_view word) {
    std::string text;
    EXPECT_TRUE(eventually(seconds(60),
                           [&] {
                             text = told();
                             return text.find("d01") != std::string::npos &&
                                    text.find(word) != std::string::npos;
                           }))
        << "expected \"" << word << "\", came: " << text << "\n"
        << dose().dump();
  }

  Bank bank_;
};

TEST_F(PlanKill, AThawThatFailedIsToldAfterTheRestart) {
  plan_first_dose(hours(3));
  break_robot("jam", "to-source");
  ASSERT_TRUE(eventually(seconds(60), [this] {
    return dose().string_or("blocked", "").starts_with("its thaw");
  })) << dose().dump();
  die_for(milliseconds(500));
  expect_told("its thaw");
}

TEST_F(PlanKill, AThawUnderWayWhoseRobotFailsMeanwhileIsToldAfterTheRestart) {
  plan_first_dose(hours(3));
  slow_robot();
  break_robot("jam", "to-source");
  ASSERT_TRUE(eventually(seconds(60), [this] {
    return dose().string_or("state", "") == "thawing";
  })) << dose().dump();
  die_for(milliseconds(500));
  expect_told("thaw");
}

TEST_F(PlanKill, AThawWhoseRobotIsLostIsToldWithItsNameAfterTheRestart) {
  plan_first_dose(hours(3));
  break_robot("dead");
  ASSERT_TRUE(eventually(seconds(60), [this] {
    return dose().string_or("state", "") == "thawing";
  })) << dose().dump();
  die_for(milliseconds(500));
  expect_told("robot-1");
}

// Its thaw time passes while nobody is there. The plan's clock goes on where it stood, not where it
// stood at the last start, so the dose is due and is thawed.
TEST_F(PlanKill, AThawThatFellDueMeanwhileBeginsAfterTheRestart) {
  plan_first_dose(hours(3));
  die_for(seconds(16));
  EXPECT_TRUE(eventually(seconds(90), [this] { return !dose()["actual"]["thawed_at"].is_null(); }))
      << dose().dump();
}

}  // namespace
}  // namespace cryobank::test
