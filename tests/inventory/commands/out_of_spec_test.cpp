// The way of a product that is out of its specification: every state with every event, by the
// commands themselves, and what may be done with the product in each.
#include <gtest/gtest.h>

#include "inventory/ledger/out_of_spec.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::string_view kException =
    R"({"course":"c1","criterion":"sterility","investigation":"dev-12","clinician":"clinic-1"})";

// A lot with one dose harvested and one to be thawed, everything passed.
class Path {
 public:
  Path() {
    bank.reason = "because";
    bank.done("course/register",
              R"({"course":"c1","patient":"p1","lot":"l1","doses":2,"store":{}})");
    bank.run_jobs();
    bank.done("quality/plan", R"({"lot":"l1","tests":[{"test":"sterility","passes":"negative"},
                {"test":"mycoplasma","passes":"negative"}]})");
    result("sterility", "negative");
    result("mycoplasma", "negative");
    bank.done("course/release", R"({"course":"c1"})");
    plan("d01");
    bank.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
    bank.run_jobs();
    bank.done("dose/reculture", R"({"course":"c1","dose":"d01","codes":["c1-d01-1"]})");
    bank.done("dose/harvest", R"({"course":"c1","dose":"d01","code":"c1/d01"})");
    plan("d02");
  }

  void plan(std::string_view dose) {
    bank.done("dose/plan", cat(R"({"course":"c1","dose":")", dose, R"(","thaw_at":")",
                               format_utc(bank.now), R"("})"));
  }
  // The holds that a bad result puts on are another matter: they are released at once.
  void result(std::string_view test, std::string_view finding) {
    const Json reply = bank.done("quality/result", cat(R"({"lot":"l1","test":")", test,
                                                       R"(","finding":")", finding, R"("})"));
    const std::string hold = reply.string_or("hold", "");
    if (!hold.empty()) bank.done("hold/release", cat(R"({"hold":")", hold, R"("})"));
  }
  void authorise() {
    bank.user = "quality";
    bank.witness = "second";
    bank.done("quality/exception", kException);
    bank.witness = "";
  }
  Result<Decision> tell(std::string_view verb, std::string_view body) {
    return bank.tell(verb, body);
  }
  Result<Decision> tell_physician() {
    bank.user = "physician";
    return tell("quality/notice", R"({"course":"c1"})");
  }
  SpecState state() const { return spec_of(bank.view(), *bank.view().course(CourseId("c1"))); }

  // To that state from the beginning.
  void go_to(SpecState wanted) {
    if (wanted == SpecState::in_spec) return;
    result("sterility", "positive");
    if (wanted == SpecState::failed) return;
    authorise();
    if (wanted == SpecState::authorised) return;
    ASSERT_TRUE(tell_physician().ok());
  }
  // False: it was refused.
  bool happen(SpecEvent event) {
    switch (event) {
      case SpecEvent::test_failed:
        result("mycoplasma", "positive");
        return true;
      case SpecEvent::corrected:
        result("sterility", "negative");
        return true;
      case SpecEvent::authorised: {
        bank.user = "quality";
        bank.witness = "second";
        const bool done = bank.tell("quality/exception", kException).ok();
        bank.witness = "";
        return done;
      }
      case SpecEvent::physician_told:
        return tell_physician().ok();
    }
    return false;
  }
  // Two people at each step, so that nothing but the state forbids it.
  void expect_use(bool may) {
    constexpr std::string_view kThaw = R"({"course":"c1","dose":"d02"})";
    constexpr std::string_view kLabel = R"({"course":"c1","dose":"d01","code":"c1/d01"})";
    bank.user = "operator";
    bank.witness = "second";
    if (may) {
      EXPECT_TRUE(tell("dose/thaw", kThaw).ok());
      EXPECT_TRUE(tell("dose/issue", kLabel).ok());
      EXPECT_TRUE(tell("dose/infuse", kLabel).ok());
      return;
    }
    bank.refused("dose/thaw", kThaw, ErrorCode::conflict);
    bank.refused("dose/thaw", R"({"course":"c1","dose":"d02","override":true})",
                 ErrorCode::conflict);
    bank.refused("dose/issue", kLabel, ErrorCode::conflict);
    bank.refused("dose/infuse", kLabel, ErrorCode::conflict);
  }

  Bank bank;
};

bool may_use(SpecState state) { return state == SpecState::in_spec || state == SpecState::usable; }

TEST(OutOfSpec, EveryEventInEveryStateLeadsWhereTheTableSaysAndUseFollowsTheState) {
  for (int s = 0; s < kSpecStates; ++s) {
    for (int e = 0; e < kSpecEvents; ++e) {
      const auto from = static_cast<SpecState>(s);
      const auto event = static_cast<SpecEvent>(e);
      SCOPED_TRACE(cat(name_of(from), " with event ", e));
      Path path;
      path.go_to(from);
      ASSERT_EQ(path.state(), from);
      // With every test passed and nothing in quarantine there is nothing to except.
      const bool nothing = from == SpecState::in_spec && event == SpecEvent::authorised;
      const auto to = nothing ? std::nullopt : after(from, event);
      EXPECT_EQ(path.happen(event), to.has_value());
      EXPECT_EQ(path.state(), to.value_or(from));
      path.expect_use(may_use(to.value_or(from)));
      path.bank.expect_rebuilds();
    }
  }
}

TEST(OutOfSpec, ACriterionThatNoTestHasIsAuthorisedAndToldAsWell) {
  Bank bank;
  bank.reason = "because";
  bank.done("course/register", R"({"course":"c1","patient":"p1","doses":1,"store":{}})");
  bank.run_jobs();
  bank.user = "quality";
  bank.witness = "second";
  bank.done("quality/exception", kException);
  bank.witness = "";
  bank.user = "operator";
  bank.done("dose/plan",
            cat(R"({"course":"c1","dose":"d01","thaw_at":")", format_utc(bank.now), R"("})"));
  bank.refused("dose/thaw", R"({"course":"c1","dose":"d01"})", ErrorCode::conflict);
  bank.user = "physician";
  bank.done("quality/notice", R"({"course":"c1"})");
  bank.user = "operator";
  bank.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
}

TEST(OutOfSpec, WhoSignedTheExceptionIsNotThePhysicianWhoConfirms) {
  Path path;
  path.go_to(SpecState::authorised);
  for (const char* signer : {"quality", "second"}) {
    path.bank.user = signer;
    path.bank.refused("quality/notice", R"({"course":"c1"})", ErrorCode::not_authorised);
  }
  EXPECT_EQ(path.state(), SpecState::authorised);
}

TEST(OutOfSpec, NothingIsAuthorisedWhileTheLotIsOnHold) {
  Path path;
  path.bank.done("quality/result", R"({"lot":"l1","test":"sterility","finding":"positive"})");
  path.bank.user = "quality";
  path.bank.witness = "second";
  path.bank.refused("quality/exception", kException, ErrorCode::conflict);
}

}  // namespace
}  // namespace cryobank::inventory
