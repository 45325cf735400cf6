// Retention: the time each record must be kept, what stops it, and that a review needs it to be
// due.
#include "inventory/ledger/retention.hpp"

#include <gtest/gtest.h>

#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

using After = config::RetentionConfig::After;

config::RetentionConfig rule(const char* id, int years, After after, const char* protocol = "") {
  config::RetentionConfig made;
  made.id = id;
  made.years = years;
  made.after = after;
  made.source = cat("source of ", id);
  if (*protocol != '\0') made.protocols = {ProtocolId(protocol)};
  return made;
}

WallTime utc(const char* text) { return *parse_utc(text); }

class Retain : public testing::Test {
 protected:
  explicit Retain(std::vector<config::RetentionConfig> rules = {}) : site_(small_site()) {
    site_.retention = std::move(rules);
    bank_ = std::make_unique<Bank>(site_);
  }

  void register_course(const char* expires = "") {
    Json body = Json::object().set("course", "c1").set("patient", "p1").set("doses", 1);
    body.set("protocol", "nk-12").set("lot", "l1");
    if (*expires != '\0') body.set("expires_at", expires);
    ASSERT_TRUE(bank_->tell("course/register", body).ok());
  }

  // Disposes of the only aliquot.
  void end() {
    bank_->reason = "no longer wanted";
    const Json asked =
        bank_->done("disposal/request", R"({"aliquots":["c1-d01-1"],"method":"autoclave"})");
    bank_->now = bank_->now + hours(30);
    bank_->user = "quality";
    bank_->roles = {"quality"};
    bank_->done("disposal/confirm",
                cat(R"({"disposal":")", asked.string_or("disposal", ""), R"("})"));
  }

  Retention now() const {
    return retention_of(bank_->view(), *bank_->view().course(CourseId("c1")), bank_->now);
  }

  config::SiteConfig site_;
  std::unique_ptr<Bank> bank_;
};

class RetainBySite : public Retain {
 protected:
  RetainBySite()
      : Retain({rule("short", 10, After::end), rule("long", 30, After::end, "nk-12"),
                rule("other", 90, After::end, "nk-99"), rule("birth", 31, After::registered)}) {}
};

TEST_F(Retain, RunsForThirtyYearsFromTheEndWhereTheSiteSaysNothing) {
  register_course();
  EXPECT_EQ(now().state, RetentionState::in_use);
  end();
  const Retention kept = now();
  EXPECT_EQ(kept.state, RetentionState::kept);
  EXPECT_EQ(kept.from, bank_->now);
  EXPECT_EQ(kept.until, years_after(bank_->now, 30));
  EXPECT_EQ(kept.source, "Directive 2004/23/EC, article 8(4)");
}

TEST_F(Retain, AnExpiryThatLiesLaterThanTheEndCounts) {
  register_course("2031-06-30T12:00:00Z");
  end();
  EXPECT_EQ(now().until, utc("2061-06-30T12:00:00Z"));
}

TEST_F(RetainBySite, TheLongestRuleThatFitsCounts) {
  register_course();
  const WallTime born = bank_->now;
  end();
  EXPECT_EQ(now().rule, "birth");
  EXPECT_EQ(now().until, years_after(born, 31));
}

TEST_F(Retain, AHoldStopsItAndAReviewNeedsItDue) {
  register_course();
  end();
  bank_->witness = "witness";
  bank_->reason = "thirty years on";
  const char* keep = R"({"course":"c1","decision":"keep","years":5})";
  bank_->refused("retention/review", keep, ErrorCode::conflict);
  bank_->now = now().until;
  EXPECT_EQ(now().state, RetentionState::due);
  const Json hold = bank_->done("hold/place", R"({"patient":"p1","kind":"legal"})");
  EXPECT_EQ(now().state, RetentionState::held);
  bank_->refused("retention/review", keep, ErrorCode::conflict);
  bank_->done("hold/release", cat(R"({"hold":")", hold.string_or("hold", ""), R"("})"));
  bank_->refused("retention/review", R"({"course":"c1","decision":"burn"})",
                 ErrorCode::invalid_value);
  bank_->refused("retention/review", R"({"course":"c1","decision":"keep","years":99})",
                 ErrorCode::invalid_value);
  bank_->done("retention/review", keep);
  EXPECT_EQ(now().state, RetentionState::kept);
  EXPECT_EQ(now().until, years_after(bank_->now, 5));
  bank_->now = now().until;
  bank_->done("retention/review", R"({"course":"c1","decision":"may-end"})");
  EXPECT_EQ(now().reviewed, "may-end");
  EXPECT_NE(bank_->view().course(CourseId("c1")), nullptr) << "nothing is deleted by a review";
  bank_->expect_rebuilds();
}

TEST_F(Retain, TheReportTellsWhatIsDueByATime) {
  register_course();
  end();
  const Json all = bank_->done("retention/report", "{}");
  EXPECT_EQ(all["counts"].integer_or("kept", 0), 1);
  EXPECT_EQ(all["rows"].items().size(), 1u);
  const std::string until = format_utc(now().until);
  EXPECT_EQ(
      bank_->done("retention/report", cat(R"({"by":")", until, R"("})")).integer_or("courses", -1),
      1);
  EXPECT_EQ(
      bank_->done("retention/report", R"({"by":"2030-01-01T00:00:00Z"})").integer_or("courses", -1),
      0);
  EXPECT_EQ(bank_->done("retention/report", R"({"course":"c1"})").string_or("until", ""), until);
  bank_->refused("retention/report", R"({"course":"c9"})", ErrorCode::not_found);
}

TEST(YearsAfter, KeepsTheDayAndStaysWithinTheCalendar) {
  EXPECT_EQ(format_utc(years_after(utc("2026-11-22T03:04:05.678Z"), 30)),
            "2056-11-22T03:04:05.678Z");
  EXPECT_EQ(format_utc(years_after(utc("2024-02-29T01:02:03Z"), 30)), "2054-03-01T01:02:03.000Z");
  EXPECT_EQ(format_utc(years_after(utc("2024-02-29T01:02:03Z"), 4)), "2028-02-29T01:02:03.000Z");
  EXPECT_EQ(format_utc(years_after(utc("9999-12-31T00:00:00Z"), 30)), "9999-12-31T00:00:00.000Z");
  EXPECT_EQ(format_utc(years_after(utc("0001-01-01T00:00:00Z"), 1)), "0002-01-01T00:00:00.000Z");
}

}  // namespace
}  // namespace cryobank::inventory
