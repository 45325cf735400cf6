// Whole courses through commands, from registration to the last drip: twelve doses, six, one, half
// doses, and a dose over two drips. And what a course is safe from when a freezer is lost.
#include <gtest/gtest.h>

#include "inventory/ledger/allocation.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

struct Shape {
  const char* name;
  int doses;
  int aliquots_per_dose;
  int interval_days;
  int drips;  // of each dose
};

class WholeCourse : public testing::TestWithParam<Shape> {
 protected:
  void TearDown() override {
    expect_sound(bank_.ledger());
    bank_.expect_rebuilds();
  }
  std::string of_dose(int dose, std::string_view more = "") {
    return cat(R"({"course":"c1","dose":")", id(dose), R"(")", more, "}");
  }
  static std::string id(int dose) { return cat(dose < 10 ? "d0" : "d", dose); }

  void plan_all(WallTime first) {
    std::string doses;
    for (int d = 1; d <= GetParam().doses; ++d) {
      const WallTime thaw = first + hours(24 * GetParam().interval_days * (d - 1));
      doses += cat(d == 1 ? "" : ",", R"({"dose":")", id(d), R"(","thaw_at":")", format_utc(thaw),
                   R"(","harvest_from":")", format_utc(thaw + hours(20)), R"(","infusion_at":")",
                   format_utc(thaw + hours(24)), R"("})");
    }
    bank_.done("dose/plan", cat(R"({"course":"c1","doses":[)", doses, "]}"));
  }

  void give(int dose) {
    bank_.now = std::max(bank_.now, next_due(bank_.ledger()));
    bank_.user = "schedule";
    ASSERT_EQ(due_doses(bank_.ledger(), bank_.now).size(), 1u);
    bank_.done("dose/thaw", of_dose(dose));
    bank_.run_jobs();
    bank_.user = "operator";
    Json codes = Json::array();
    for (int a = 1; a <= GetParam().aliquots_per_dose; ++a) {
      codes.push(cat("c1-", id(dose), "-", a));
    }
    bank_.done("dose/reculture", of_dose(dose, cat(R"(,"codes":)", codes.dump())));
    bank_.now = bank_.now + hours(20);
    const std::string label = cat(R"(,"code":"c1/)", id(dose), R"(")");
    bank_.done("dose/harvest", of_dose(dose, label));
    bank_.done("dose/issue", of_dose(dose, label));
    for (int drip = 1; drip <= GetParam().drips; ++drip) {
      EXPECT_EQ(bank_.dose_state("c1", id(dose)), "issued");
      bank_.done("dose/infuse",
                 of_dose(dose, cat(label, R"(,"part":"1/)", GetParam().drips, R"(")")));
    }
    EXPECT_EQ(bank_.dose_state("c1", id(dose)), "infused");
  }

  Bank bank_;
};

TEST_P(WholeCourse, IsRegisteredStoredPlannedThawedIssuedAndGiven) {
  const Shape& shape = GetParam();
  bank_.done("course/register",
             cat(R"({"course":"c1","patient":"p1","lot":"l1","doses":)", shape.doses,
                 R"(,"aliquots_per_dose":)", shape.aliquots_per_dose, R"(,"store":{}})"));
  bank_.run_jobs();
  bank_.reason = "because";
  bank_.witness = "witness";
  bank_.done("course/release", R"({"course":"c1"})");
  plan_all(bank_.now + hours(24));
  Fraction total;
  for (int dose = 1; dose <= shape.doses; ++dose) {
    give(dose);
    if (testing::Test::HasFailure()) return;
    total = *add(total, bank_.view().course(CourseId("c1"))->dose(dose).fraction);
  }
  EXPECT_EQ(total, *Fraction::make(1, 1)) << "the doses are the whole course, exactly";
  EXPECT_EQ(next_due(bank_.ledger()).ms, INT64_MAX) << "nothing is left to be thawed";
  for (const Dose& dose : bank_.view().course(CourseId("c1"))->doses) {
    for (const AliquotId& aliquot : dose.aliquots) {
      EXPECT_EQ(bank_.aliquot(aliquot.str()).state, AliquotState::used);
      EXPECT_EQ(bank_.where(aliquot.str()), "OUTSIDE");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, WholeCourse,
                         testing::Values(Shape{"twelve_doses_twice_a_week", 12, 1, 4, 1},
                                         Shape{"twelve_doses_of_two_vials", 12, 2, 3, 1},
                                         Shape{"six_doses_every_two_to_three_weeks", 6, 1, 18, 1},
                                         Shape{"a_single_dose", 1, 2, 1, 1},
                                         Shape{"twenty_four_half_doses", 24, 1, 3, 1},
                                         Shape{"each_dose_over_two_drips", 6, 1, 4, 2},
                                         Shape{"each_dose_over_three_drips", 2, 1, 4, 3}),
                         [](const auto& one) { return std::string(one.param.name); });

// A protocol may say how many cells one infusion gives at most. 1.2e9 viable cells are counted.
class CellCap : public testing::Test {
 protected:
  static config::SiteConfig capped(std::int64_t cells) {
    config::SiteConfig site = small_site();
    site.protocols.front().cells_per_infusion = cells;
    return site;
  }
  void harvest(std::string_view count) { harvest(bank_, count); }
  static void harvest(Bank& bank, std::string_view count) {
    bank.done("course/register",
              R"({"course":"c1","patient":"p1","lot":"l1","protocol":"nk-12","doses":12,)"
              R"("aliquots_per_dose":1,"store":{}})");
    bank.run_jobs();
    bank.reason = "because";
    bank.witness = "witness";
    bank.done("course/release", R"({"course":"c1"})");
    bank.done("dose/plan",
              cat(R"({"course":"c1","dose":"d01","thaw_at":")", format_utc(bank.now), R"("})"));
    bank.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
    bank.run_jobs();
    bank.done("dose/reculture", R"({"course":"c1","dose":"d01","codes":["c1-d01-1"]})");
    bank.done("dose/harvest", cat(R"({"course":"c1","dose":"d01","code":"c1/d01")", count, "}"));
    bank.reason = "";
  }

  const config::SiteConfig site_ = capped(1'000'000'000);
  Bank bank_{site_};
};
constexpr std::string_view kWholeDose = R"({"course":"c1","dose":"d01","code":"c1/d01"})";

TEST_F(CellCap, IsNotPassedByOneInfusionAndAPartIsGiven) {
  harvest(R"(,"cells":1500000000,"viable_percent":80)");
  const auto told = bank_.tell("dose/infuse", kWholeDose);
  ASSERT_FALSE(told);
  EXPECT_NE(told.error().context.find("1200000000"), std::string::npos) << told.error().context;
  EXPECT_EQ(bank_.dose_state("c1", "d01"), "harvested");
  bank_.done("dose/infuse", R"({"course":"c1","dose":"d01","code":"c1/d01","part":"5/6"})");
  bank_.done("dose/infuse", kWholeDose);
  EXPECT_EQ(bank_.dose_state("c1", "d01"), "infused");
}

TEST_F(CellCap, IsPassedByTwoPeopleWithAReasonAndThatIsCounted) {
  harvest(R"(,"cells":1500000000,"viable_percent":80)");
  constexpr std::string_view kOver =
      R"({"course":"c1","dose":"d01","code":"c1/d01","override":true})";
  EXPECT_FALSE(bank_.tell("dose/infuse", kOver)) << "a reason is missing";
  bank_.reason = "the physician wants all of it";
  bank_.done("dose/infuse", kOver);
  EXPECT_EQ(bank_.dose_state("c1", "d01"), "infused");
  const auto overrides = bank_.done("report/overrides", "{}");
  EXPECT_NE(overrides.dump().find("dose-infuse"), std::string::npos) << overrides.dump();
}

TEST_F(CellCap, CountsAllCellsWhereViabilityWasNotToldAndNothingWithoutACount) {
  harvest(R"(,"cells":1000000001)");
  bank_.refused("dose/infuse", kWholeDose, ErrorCode::conflict);
  const config::SiteConfig none = capped(0);
  Bank uncapped(none);
  harvest(uncapped, R"(,"cells":1000000001)");
  uncapped.done("dose/infuse", kWholeDose);
  Bank uncounted(site_);
  harvest(uncounted, "");
  uncounted.done("dose/infuse", kWholeDose);
}

// The small site has four freezers and keeps a half of a course in each at the most.
TEST(SplitRisk, LosingAnyOneFreezerLeavesHalfOfEveryCourse) {
  Bank bank;
  int course = 0;
  for (const int doses : {12, 6, 24, 2, 12, 7, 12, 12}) {
    const std::string id = cat("c", ++course);
    bank.done("course/register",
              cat(R"({"course":")", id, R"(","patient":"p1","doses":)", doses, R"(,"store":{}})"));
    bank.run_jobs();
    const auto freezers = doses_by_freezer(bank.view(), *bank.view().course(CourseId(id)));
    for (const auto& [freezer, lost] : freezers) {
      EXPECT_GE(static_cast<std::size_t>(doses) - lost.size(), static_cast<std::size_t>(doses) / 2)
          << id << " without " << freezer.str();
    }
  }
}

TEST(DryRun, ShowsThePlacesAndChangesNothing) {
  Bank bank;
  bank.done("course/register", R"({"course":"c1","patient":"p1","doses":12})");
  const auto before = bank.rows;
  const Json plan = bank.done("aliquot/store", R"({"course":"c1","dry_run":true})");
  EXPECT_EQ(plan["placements"].items().size(), 12u);
  EXPECT_EQ(bank.rows, before);
  const Json done = bank.done("aliquot/store", R"({"course":"c1"})");
  EXPECT_EQ(done["placements"], plan["placements"]) << "what was shown is what is done";
}

config::SiteConfig with_approval() {
  config::SiteConfig site = small_site();
  site.orders.approval = {"thaw", "retrieve"};
  return site;
}

// Where the site says so, whoever orders a robot stands at it; trying what it would do is free.
TEST(Orders, CarryTheRobotsOwnCodeWhereTheSiteWantsIt) {
  config::SiteConfig site = small_site();
  site.orders.at_robot = {"store", "scan"};
  Bank bank(site);
  const std::string at_desk = R"({"course":"c1","patient":"p1","doses":2,"store":{}})";
  bank.refused("course/register", at_desk, ErrorCode::mismatch);
  EXPECT_FALSE(bank.view().course(CourseId("c1"))) << "a refusal registers nothing";
  bank.done("course/register",
            R"({"course":"c1","patient":"p1","doses":2,"store":{"at_robot":"robot-1"}})");
  bank.run_jobs();
  bank.done("course/register", R"({"course":"c2","patient":"p2","doses":2})");
  bank.done("aliquot/store", R"({"course":"c2","dry_run":true})");
  bank.refused("aliquot/store", R"({"course":"c2"})", ErrorCode::mismatch);
  bank.refused("aliquot/store", R"({"course":"c2","at_robot":"robot-2"})", ErrorCode::mismatch);
  bank.done("aliquot/store", R"({"course":"c2","at_robot":"robot-1\r\n"})");
  bank.run_jobs();
  bank.refused("scan/order", R"({"container":"f1-r1-b1"})", ErrorCode::mismatch);
  bank.done("scan/order", R"({"container":"f1-r1-b1","at_robot":"robot-1"})");
  bank.refused("aliquot/transfer",
               R"({"course":"c1","aliquots":["c1-d01-1"],"at_robot":"robot-2"})",
               ErrorCode::mismatch);
  bank.done("aliquot/transfer", R"({"course":"c1","aliquots":["c1-d01-1"]})");
}

// The last fact of that name, as the journal has it.
Json last_fact(const Bank& bank, const FactName& name) {
  for (auto fact = bank.facts.rbegin(); fact != bank.facts.rend(); ++fact) {
    if (fact->type == name) return fact->data;
  }
  return {};
}

// Who showed which code, and when: a journal that says only that it was accepted proves nothing.
TEST(Orders, TheJournalHoldsTheCodeThatWasShownAtTheRobotByWhomAndWhen) {
  config::SiteConfig site = small_site();
  site.orders.at_robot = {"store"};
  site.orders.approval = {"retrieve"};
  Bank bank(site);
  const auto shown = [&bank](const FactName& name) {
    const Json fact = last_fact(bank, name);
    EXPECT_EQ(fact.string_or("by", ""), bank.user) << fact.dump();
    EXPECT_TRUE(fact.has("at")) << fact.dump();
    return fact.string_or("at_robot", "none");
  };
  bank.done("course/register",
            R"({"course":"c1","patient":"p1","doses":2,"store":{"at_robot":"robot-1\r\n"}})");
  EXPECT_EQ(shown(fact::kJobCreated), "robot-1")
      << "as it was read, without the scanner's line end";
  bank.done("job/pause", R"({"job":"job-1"})");
  EXPECT_EQ(shown(fact::kJobPaused), "none");
  bank.done("job/resume", R"({"job":"job-1","at_robot":"robot-1"})");
  EXPECT_EQ(shown(fact::kJobResumed), "robot-1");
  bank.run_jobs();
  bank.done("scan/order", R"({"container":"f1-r1-b1","at_robot":"robot-1"})");
  EXPECT_EQ(shown(fact::kJobCreated), "robot-1") << "also where the site does not ask for it";
  bank.user = "supervisor";
  bank.done("aliquot/transfer", R"({"course":"c1","aliquots":["c1-d01-1"]})");
  EXPECT_EQ(shown(fact::kJobCreated), "none") << "ordered from a desk";
  bank.user = "other-supervisor";
  const std::string job = last_fact(bank, fact::kJobCreated)["job"].string_or("job", "");
  bank.done("job/approve", cat(R"({"job":")", job, R"(","at_robot":"robot-1"})"));
  EXPECT_EQ(shown(fact::kJobApproved), "robot-1");
  bank.expect_rebuilds();
}

// An order is created, approved, queued, picked, verified and done, or cancelled before that.
TEST(Orders, WaitForAnotherPersonWhereTheSiteWantsIt) {
  const config::SiteConfig site = with_approval();
  Bank bank(site);
  bank.done("course/register", R"({"course":"c1","patient":"p1","doses":2,"store":{}})");
  bank.run_jobs();
  const std::string order = R"({"course":"c1","aliquots":["c1-d01-1"]})";
  bank.user = "supervisor";
  bank.done("aliquot/transfer", order);
  const JobId job("job-2");
  EXPECT_EQ(bank.ledger().find_job(job)->state, JobState::created);
  EXPECT_FALSE(may_issue(bank.ledger(), job, 0).ok()) << "no line of it is picked before";
  bank.refused("job/pause", R"({"job":"job-2"})", ErrorCode::conflict);
  bank.refused("job/resume", R"({"job":"job-2","at_robot":"robot-1"})", ErrorCode::conflict);
  bank.refused("job/approve", R"({"job":"job-2","at_robot":"robot-1"})", ErrorCode::witness_needed);
  bank.user = "other-supervisor";
  bank.refused("job/approve", R"({"job":"job-2","at_robot":"robot-2"})", ErrorCode::mismatch);
  bank.done("job/approve", R"({"job":"job-2","at_robot":"robot-1"})");
  EXPECT_EQ(bank.ledger().find_job(job)->state, JobState::queued);
  EXPECT_EQ(bank.ledger().find_job(job)->approved_by, UserId("other-supervisor"));
  bank.refused("job/approve", R"({"job":"job-2","at_robot":"robot-1"})", ErrorCode::conflict);
  bank.run_jobs();
  EXPECT_EQ(bank.where("c1-d01-1"), "port 1");
  bank.user = "supervisor";
  bank.done("aliquot/transfer",
            R"({"course":"c1","aliquots":["c1-d01-1"],"place":"f3-r1-b1","positions":["C3"]})");
  EXPECT_EQ(bank.ledger().find_job(JobId("job-3"))->state, JobState::queued) << "relocate: no";
  bank.run_jobs();
  EXPECT_EQ(bank.where("c1-d01-1"), "f3-r1-b1 C3");
  bank.done("aliquot/transfer", order);
  bank.done("job/cancel", R"({"job":"job-4"})");
  EXPECT_TRUE(bank.view().place(PlaceId("port"))->reserved.empty());
  EXPECT_EQ(bank.aliquot("c1-d01-1").state, AliquotState::quarantined);
  expect_sound(bank.ledger());
}

TEST(Orders, ATransferReachesNoThawStationNoGripperAndNoOtherCourse) {
  Bank bank;
  bank.done("course/register", R"({"course":"c1","patient":"p1","doses":1,"store":{}})");
  bank.done("course/register", R"({"course":"c2","patient":"p2","doses":1})");
  bank.run_jobs();
  const std::string order = R"({"course":"c1","aliquots":["c1-d01-1"],"place":")";
  bank.refused("aliquot/transfer", order + R"(station"})", ErrorCode::unsupported);
  bank.refused("aliquot/transfer", order + R"(gripper"})", ErrorCode::unsupported);
  bank.refused("aliquot/transfer", order + R"(f1-r1"})", ErrorCode::unsupported);
  bank.refused("aliquot/transfer", R"({"course":"c2","aliquots":["c1-d01-1"]})",
               ErrorCode::mismatch);
  bank.refused("aliquot/transfer", R"({"course":"c2","aliquots":["c2-d01-1"]})",
               ErrorCode::conflict);
  bank.refused("aliquot/transfer", R"({"course":"c1","aliquots":[]})", ErrorCode::malformed);
}

}  // namespace
}  // namespace cryobank::inventory
