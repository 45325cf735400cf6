// Counts after thaw and culture return to the course: how many full doses are left, and a course
// that will be short is told early.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "tests/core/plan_story.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kShortAlarm = "alarm/c-1.course-short";
constexpr std::int64_t kFullDose = 1'000'000'000;

class ForecastStory : public PlanStory {
 protected:
  ForecastStory()
      : PlanStory([](config::SiteConfig& config) {
          set_protocols(config);
          config.clinics.clear();
          config.plan.fit_to_thaw = {};
          config.plan.clock_speed = 30;
          for (config::ProtocolConfig& protocol : config.protocols) {
            protocol.cells_per_dose = kFullDose;
            protocol.limit_min_days = 1;
            if (protocol.id.str() == "ank-12") protocol.cells_after_thaw = kFullDose / 2;
          }
        }) {}

  void thaw(int number) {
    plan_by_hand(number, plan_now() + hours(1), hours(24), hours(48), hours(27));
    ASSERT_TRUE(world_.run_until([&] { return dose(number).string_or("state", "") == "thawed"; },
                                 minutes(15)))
        << dose(number).dump();
  }
  void reculture(int number, std::int64_t cells, std::int64_t viable) {
    Json body = Json::object().set("course", "c-1").set("dose", cat("d0", number));
    body.set("codes", Json::array().push(cat("c-1-d0", number, "-1")));
    done("operator", "dose/reculture", body.set("cells", cells).set("viable_percent", viable));
    const auto vials = world_.hardware().vials();
    for (const auto& [location, code] : vials) {
      if (location[0] == 902) {
        EXPECT_TRUE(world_.hardware().take_vial(location).ok());
      }
    }
    world_.run(seconds(2));
  }
  void harvest(int number, std::int64_t cells) {
    world_.run(minutes(49));  // the shortest culture, on the plan's clock
    Json body = Json::object().set("course", "c-1").set("dose", cat("d0", number));
    body.set("code", cat("c-1/d0", number)).set("cells", cells).set("viable_percent", 100);
    done("operator", "dose/harvest", std::move(body));
    world_.run(seconds(2));
  }
  Json forecast() const { return world_.retained("course/c-1")["forecast"]; }
  bool is_short() const {
    return world_.retained(std::string(kShortAlarm)).bool_or("active", false);
  }
};

TEST_F(ForecastStory, a_poor_thaw_tells_at_once_that_the_course_will_be_short) {
  begin();
  store_course("c-1");
  EXPECT_TRUE(forecast().is_null()) << "nothing was counted yet";
  thaw(1);
  EXPECT_TRUE(forecast().is_null());
  // 500 million wanted after the thaw, 400 million viable: four fifths of a dose.
  reculture(1, 500'000'000, 80);
  const Json early = forecast();
  EXPECT_EQ(early.integer_or("full_cells", 0), kFullDose);
  EXPECT_EQ(early["counted"].items().front().integer_or("permille", 0), 800);
  EXPECT_EQ(early["counted"].items().front().string_or("after", ""), "thaw");
  EXPECT_EQ(early.integer_or("doses_left", 0), 11);
  EXPECT_EQ(early.integer_or("full_doses", 0), 8) << "11 x 0.8";
  EXPECT_EQ(early.integer_or("short_at", 0), 10);
  ASSERT_TRUE(is_short());
  EXPECT_EQ(world_.retained(std::string(kShortAlarm)).string_or("text", ""),
            "Course c-1 will be short at dose 10: the 11 doses left make 8 full ones (8 to 8), "
            "going by 1 counted");
  // The culture makes up for it.
  harvest(1, kFullDose + 1);
  EXPECT_EQ(forecast()["counted"].items().front().string_or("after", ""), "culture");
  EXPECT_EQ(forecast().integer_or("full_doses", 0), 11);
  EXPECT_TRUE(forecast()["short_at"].is_null());
  EXPECT_FALSE(is_short());
}

TEST_F(ForecastStory, each_count_narrows_or_widens_what_is_foreseen) {
  begin();
  store_course("c-1");
  thaw(1);
  reculture(1, 500'000'000, 100);
  EXPECT_FALSE(is_short());
  harvest(1, 900'000'000);
  thaw(2);
  reculture(2, 250'000'000, 100);
  const Json now = forecast();
  ASSERT_EQ(now["counted"].items().size(), 2u) << now.dump();
  EXPECT_EQ(now["counted"].items()[0].integer_or("permille", 0), 900);
  EXPECT_EQ(now["counted"].items()[1].integer_or("permille", 0), 500);
  EXPECT_EQ(now.integer_or("doses_left", 0), 10);
  EXPECT_EQ(now.integer_or("full_low", 0), 5);
  EXPECT_EQ(now.integer_or("full_doses", 0), 7);
  EXPECT_EQ(now.integer_or("full_high", 0), 9);
  EXPECT_TRUE(is_short());
  world_.kill();
  world_.start();
  world_.link(true);
  world_.run(seconds(30));
  EXPECT_EQ(forecast().dump(), now.dump()) << "the record holds all of it";
  EXPECT_TRUE(is_short());
}

}  // namespace
}  // namespace cryobank::core
