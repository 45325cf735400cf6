// Warmth on record: what the probes of a freezer measure becomes the exposure of its vials, for the
// place where the probe sat at that time.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "tests/core/world.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kProbe = "freezer-1.temperature-top";

class Warmth : public testing::Test {
 protected:
  void SetUp() override {
    world_.start();
    ASSERT_TRUE(world_.run_until(
        [this] {
          return world_.parts().bank.fleet.state({4}) == DeviceState::online &&
                 world_.retained("service/state").string_or("state", "") == "online";
        },
        seconds(60)));
    for (int dose = 1; dose <= 12; ++dose) {
      const std::string code = cat("c1-d", dose < 10 ? "0" : "", dose, "-1");
      const Status put =
          world_.hardware().put_vial({901, 0, static_cast<std::uint16_t>(dose)}, code);
      ASSERT_TRUE(put.ok()) << put.error().context;
    }
    Json body = Json::object().set("course", "c1").set("patient", "p-1").set("protocol", "ank-12");
    body.set("store", Json::object().set("robot", "robot-1"));
    const Json stored = world_.ask("operator", "course/register", body);
    ASSERT_EQ(stored.string_or("status", ""), "done") << stored.dump();
  }

  // The top probe of freezer-1 shows the vapour a degree a second warmer, or is right again.
  void warm_up(bool on) {
    Json fault = Json::object().set("do", on ? "fault" : "clear").set("device", "freezer-1");
    if (on) fault.set("fault", "sensor-drift").set("at", "temperature-top").set("per_hour", 3600);
    const Result<Json> done = world_.hardware().control(fault);
    ASSERT_TRUE(done.ok()) << done.error().context;
  }
  Json excursions() const {
    Json list = Json::array();
    const inventory::View view(world_.parts().bank.ledger);
    for (const std::string& id : view.documents("excursion")) {
      const Json& document = *view.document("excursion", id);
      if (document.string_or("probe", "") == kProbe) list.push(document);
    }
    return list;
  }
  Json report(std::string_view place) {
    return world_.ask("viewer", "exposure/report", Json::object().set("place", place))["body"];
  }
  std::int64_t above(std::string_view place) {
    const Json told = report(place);
    const Json& first = told["exposures"].items().front();
    return first["above_s"].integer_or("-150", -1);
  }
  Json probe(std::string_view key, const Json& value) const {
    Json body = Json::object().set("device", "freezer-1").set("point", "temperature-top");
    return body.set(key, value);
  }
  World world_;
};

TEST_F(Warmth, IsRecordedWhileItGoesOnAndEndsWithTheCold) {
  EXPECT_EQ(above("freezer-1"), 0);
  const auto left = [this](std::string_view key) {
    const Json told = report("freezer-1");
    return told["exposures"].items().front().integer_or(key, -1);
  };
  const std::int64_t whole = left("warm_left_s");
  EXPECT_GT(whole, 0);
  EXPECT_EQ(left("thaws_left"), 1) << "no stability rule: thawed once, never frozen again";
  warm_up(true);
  ASSERT_TRUE(world_.run_until([this] { return !excursions().items().empty(); }, minutes(10)));
  world_.run(minutes(3));
  EXPECT_LT(left("warm_left_s"), whole);
  ASSERT_EQ(excursions().items().size(), 1u);
  EXPECT_TRUE(excursions().items()[0].bool_or("open", false));
  const std::int64_t during = above("freezer-1");
  EXPECT_GT(during, 60);
  EXPECT_EQ(above("freezer-2"), 0);

  world_.kill();
  world_.start();
  world_.run(minutes(3));
  warm_up(false);
  ASSERT_TRUE(world_.run_until([this] { return !excursions().items()[0].bool_or("open", false); },
                               minutes(15)));
  ASSERT_EQ(excursions().items().size(), 1u) << "a restart goes on with the same one";
  EXPECT_GT(above("freezer-1"), during + 170);
  EXPECT_GT(report("freezer-1").integer_or("over_budget", 0), 0) << "above -135 Cel for too long";
  EXPECT_EQ(left("warm_left_s"), 0);
  EXPECT_FALSE(world_.retained("alarm/freezer-1.exposure-over-budget").is_null());
}

// A logger's file shows what nobody measured here: on record with its own time, told once, and no
// alarm of now.
TEST_F(Warmth, OfThePastThatAPersonPutsOnRecordIsToldAndWarmsNobodyNow) {
  const WallTime until = world_.now().wall - hours(1);
  Json body = Json::object().set("place", "freezer-1").set("peak_cel", -120);
  body.set("from", format_utc(until - minutes(10))).set("until", format_utc(until));
  body.set("above_s", Json::object().set("-150", 600).set("-135", 300));
  const Json done = world_.ask("quality", "excursion/record", body);
  ASSERT_EQ(done.string_or("status", ""), "done") << done.dump();
  world_.run(seconds(30));
  const std::string id = done["body"].string_or("excursion", "");
  const Json alarm = world_.retained(cat("alarm/", id, ".excursion-found-late"));
  EXPECT_EQ(alarm.string_or("priority", ""), "p2") << alarm.dump();
  EXPECT_FALSE(alarm.bool_or("active", true));
  EXPECT_NE(alarm.string_or("text", "").find("at most -120 Cel"), std::string::npos);
  EXPECT_TRUE(world_.retained("alarm/freezer-1.temperature-top-high").is_null());
  for (const auto& [topic, payload] : world_.broker) {
    const bool measured = topic.find("excursion-found-late") != std::string::npos &&
                          topic.find(id) == std::string::npos;
    EXPECT_FALSE(measured) << topic;
  }
}

// The service goes down while the tank settles: nothing of that time was warm.
TEST_F(Warmth, ThatWasOverBeforeARestartDoesNotGoOnAfterIt) {
  warm_up(true);
  ASSERT_TRUE(world_.run_until([this] { return !excursions().items().empty(); }, minutes(10)));
  world_.run(seconds(20));
  warm_up(false);
  ASSERT_TRUE(world_.run_until([this] { return excursions().items()[0].bool_or("cold", false); },
                               seconds(30)));
  const std::int64_t during = above("freezer-1");
  EXPECT_GT(during, 10);
  for (int restart = 0; restart < 2; ++restart) {
    world_.run(minutes(1));
    world_.kill();
    world_.start();
  }
  ASSERT_TRUE(world_.run_until([this] { return !excursions().items()[0].bool_or("open", false); },
                               minutes(15)));
  EXPECT_EQ(excursions().items().size(), 1u);
  EXPECT_EQ(above("freezer-1"), during);
  EXPECT_FALSE(excursions().items()[0].has("cold"));
}

TEST_F(Warmth, OfAWrongMappingIsFoundByTheChallengeAndComputedAnew) {
  const std::string unmapped = std::string("alarm/freezer-1.probe-unmapped");
  EXPECT_TRUE(world_.run_until([&] { return world_.broker.contains(unmapped); }, minutes(2)));
  const auto confirmed = [this](const std::string& id) {
    world_.run(seconds(1));
    world_.ask("witness", "witness/confirm", Json::object().set("command", id));
    world_.run(seconds(1));
    return world_.reply(id);
  };
  const WallTime wrong_since = world_.now().wall;
  Json reply =
      confirmed(world_.send("supervisor", "probe/map", probe("place", "freezer-2"), "witness"));
  ASSERT_EQ(reply.string_or("status", ""), "done") << reply.dump();
  const std::string due = cat("alarm/", kProbe, ".probe-challenge-due");
  EXPECT_TRUE(world_.run_until([&] { return world_.broker.contains(due); }, minutes(2)));
  warm_up(true);
  ASSERT_TRUE(world_.run_until([this] { return !excursions().items().empty(); }, minutes(10)));
  world_.run(minutes(3));
  EXPECT_GT(above("freezer-2"), 60) << "the record believes the mapping";
  EXPECT_EQ(above("freezer-1"), 0);

  Json test = probe("passed", false).set("responded", "freezer-2.temperature-top");
  reply = confirmed(world_.send("operator", "probe/challenge", test, "witness"));
  ASSERT_EQ(reply.string_or("status", ""), "done") << reply.dump();
  const std::string failed = cat("alarm/", kProbe, ".probe-challenge-failed");
  EXPECT_TRUE(world_.run_until([&] { return world_.broker.contains(failed); }, minutes(2)));
  reply =
      confirmed(world_.send("operator", "probe/challenge", test.set("passed", true), "witness"));
  EXPECT_EQ(reply.string_or("code", ""), "conflict") << "another probe responded";

  Json right = probe("place", "freezer-1").set("from", format_utc(wrong_since));
  reply = confirmed(world_.send("supervisor", "probe/map", right, "witness"));
  ASSERT_EQ(reply.string_or("status", ""), "done") << reply.dump();
  EXPECT_GT(above("freezer-1"), 60) << "recomputed with what was true then";
  EXPECT_EQ(above("freezer-2"), 0);
}

}  // namespace
}  // namespace cryobank::core
