// The checker of the rules of custody sees each rule broken: by a fact that no command would leave.
#include "tests/simulation/rule_checker.hpp"

#include <gtest/gtest.h>

#include "inventory/ledger/ledger.hpp"
#include "tests/simulation/site.hpp"

namespace cryobank::simulation {
namespace {

using inventory::move_issued;

const config::SiteConfig& site() {
  static const config::SiteConfig kSite = [] {
    SiteOptions options;
    options.approval = R"("store")";
    auto made = make_site(options);
    EXPECT_TRUE(made.ok());
    return made ? *made : config::SiteConfig();
  }();
  return kSite;
}

class Rules : public testing::Test {
 protected:
  Rules() { EXPECT_TRUE(ledger_.loaded().ok()); }

  // What a command decides, each fact read by the checker.
  void done(std::string_view verb, const Json& body) {
    CommandContext context;
    now_ = now_ + seconds(1);
    context.now.wall = now_;
    context.actor.user = UserId("operator");
    context.actor.witness = UserId("witness");
    context.reason = "because";
    const auto decision = inventory::decide(inventory::Draft(ledger_), verb, body, context);
    ASSERT_TRUE(decision.ok()) << verb << ": " << decision.error().context;
    for (const Fact& fact : decision->facts) read(fact);
    EXPECT_TRUE(stage_.violations.empty()) << stage_.violations.front();
  }
  void read(const Fact& fact) {
    rules_.before(fact, ledger_);
    inventory::Draft draft(ledger_);
    const Status applied = draft.apply(fact);
    ASSERT_TRUE(applied.ok()) << fact.type.str() << ": " << applied.error().context;
    std::move(draft).absorb_into(ledger_);
    rules_.after("17", fact, ledger_);
  }
  void bring(bool store) {
    Json body = Json::object().set("course", "c1").set("patient", "p1").set("protocol", "single");
    if (store) body.set("store", Json::object().set("robot", "robot-1"));
    done("course/register", body);
  }
  void move_to(std::string_view position) {
    Json body = Json::object().set("aliquot", "c1-d01-1").set("code", "c1-d01-1");
    done("aliquot/move", body.set("place", "freezer-1-rack-1-box-1").set("position", position));
  }
  void expect_found(std::string_view words) {
    ASSERT_EQ(stage_.violations.size(), 1u);
    EXPECT_NE(stage_.violations.front().find(words), std::string::npos)
        << stage_.violations.front();
  }

  Stage stage_{site(), 1, 0};
  RuleChecker rules_{stage_};
  inventory::Ledger ledger_{site()};
  WallTime now_{1'800'000'000'000};
};

TEST_F(Rules, AMotionOfAnOrderThatNobodyApprovedIsFound) {
  bring(true);
  read(move_issued(JobId("job-1"), 0, 1, Epoch{1}, now_));
  expect_found("which nobody approved");
}

TEST_F(Rules, WhoApprovesAnOwnOrderIsFoundAndAnotherPersonIsNot) {
  bring(true);
  const Json approval = Json::object().set("job", "job-1");
  read({fact::kJobApproved, Json(approval).set("by", "operator")});
  expect_found("approves an own order");
}

TEST_F(Rules, AnApprovedOrderMayMove) {
  bring(true);
  read({fact::kJobApproved, Json::object().set("job", "job-1").set("by", "supervisor")});
  read(move_issued(JobId("job-1"), 0, 1, Epoch{1}, now_));
  EXPECT_TRUE(stage_.violations.empty()) << stage_.violations.front();
}

TEST_F(Rules, AnUndoThatBringsAVialElsewhereIsFound) {
  bring(false);
  move_to("A1");
  move_to("A2");
  const Json spot = Json::object().set("aliquot", "c1-d01-1").set("place", "transfer-port-1");
  Json data = Json::object().set("undone", "operation-2").set("operation", "operation-3");
  data.set("items", Json::array().push(Json(spot).set("at", 4)));
  read({fact::kOperationUndone, data});
  expect_found("instead of freezer-1-rack-1-box-1 A1");
}

TEST_F(Rules, AnUndoThatBringsItBackIsFine) {
  bring(false);
  move_to("A1");
  move_to("A2");
  done("operation/undo", Json::object().set("operation", "operation-2"));
}

TEST_F(Rules, AVialWhoseLabelIsVoidAndThatIsMovedOnIsFound) {
  bring(false);
  const Json vial = Json::object().set("aliquot", "c1-d01-1");
  done("label/print", vial);
  done("label/void", vial);
  Json item = Json(vial).set("place", "transfer-port-1").set("at", 0);
  Json data = Json::object().set("operation", "operation-1");
  read({fact::kAliquotsPlaced, data.set("items", Json::array().push(item))});
  expect_found("whose label is void");
}

TEST_F(Rules, AThawUnderAHoldIsFound) {
  bring(false);
  move_to("A1");
  done("course/release", Json::object().set("course", "c1"));
  const Json dose = Json::object().set("course", "c1").set("dose", "d01");
  done("dose/thaw",
       Json(dose).set("robot", "robot-1").set("at_robot", "robot-1").set("override", true));
  Json content = Json::object().set("target", "course:c1").set("kind", "consent");
  content.set("reason", "withdrawn").set("by", "quality").set("at", format_utc(now_));
  Json document = Json::object().set("kind", "hold").set("id", "hold-1");
  Json documents = Json::array().push(document.set("content", content));
  read({fact::kHoldPlaced, Json::object().set("documents", documents)});
  EXPECT_TRUE(stage_.violations.empty());
  read(move_issued(JobId("job-1"), 0, 1, Epoch{1}, now_));
  expect_found("(consent) is on it");
}

}  // namespace
}  // namespace cryobank::simulation
