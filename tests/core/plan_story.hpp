// A bank with one course, protocols with their times set, a centre and a clinic: where the stories
// of the plan begin.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>

#include "base/text.hpp"
#include "tests/contracts/temp_dir.hpp"
#include "tests/core/world.hpp"

namespace cryobank::core {

inline constexpr int kDoses = 12;

inline void set_protocols(config::SiteConfig& config) {
  for (config::ProtocolConfig& protocol : config.protocols) {
    protocol.reculture_min_hours = 24;
    protocol.reculture_max_hours = 48;
    protocol.transport_hours = 2;
    protocol.limit_min_days = 2;
    protocol.limit_max_days = 7;
  }
  config.plan.clock_speed = 1;
  config.plan.freeze_days = 1;
  config.plan.waiting_days_per_point = 1;
  config.plan.resources.push_back(
      {"thaw-station", config::PlanResourceConfig::On::thaw, 3, 1, 1, "", 0});
  config.plan.resources.push_back(
      {"incubator", config::PlanResourceConfig::On::culture, 6, 1, 1, "", 0});
  config::CalendarConfig weekdays;
  weekdays.id = CalendarId("weekdays");
  weekdays.closed_weekdays = {6, 7};
  config.calendars.push_back(weekdays);
  config.clinics.push_back({"clinic-1", "", CalendarId("weekdays"), 4, 1, 0, 0, 0, "", 0});
}

class PlanStory : public testing::Test {
 protected:
  explicit PlanStory(const std::function<void(config::SiteConfig&)>& adapt = set_protocols)
      : world_(adapt) {}

  void begin() {
    world_.start();
    world_.run(seconds(60));
  }
  void store_course(std::string_view course, std::string_view patient = "p-1",
                    std::string_view lot = {}) {
    for (int dose = 1; dose <= kDoses; ++dose) {
      const std::string code = cat(course, "-d", dose < 10 ? "0" : "", dose, "-1");
      ASSERT_TRUE(
          world_.hardware().put_vial({901, 0, static_cast<std::uint16_t>(dose)}, code).ok());
    }
    Json body =
        Json::object().set("course", course).set("patient", patient).set("protocol", "ank-12");
    if (!lot.empty()) body.set("lot", lot);
    body.set("store", Json::object().set("robot", "robot-1"));
    ASSERT_EQ(world_.ask("operator", "course/register", body).string_or("status", ""), "done");
    const Json release = Json::object().set("course", course);
    ASSERT_EQ(world_.ask("quality", "course/release", release).string_or("status", ""), "done");
  }
  Json done(std::string_view user, std::string_view verb, Json body) {
    const Json reply = world_.ask(user, verb, std::move(body));
    EXPECT_EQ(reply.string_or("status", ""), "done") << verb << " " << reply.dump();
    return reply;
  }
  void two_people(std::string_view user, std::string_view verb, const Json& body) {
    const std::string id = world_.send(user, verb, body, "witness");
    world_.run(seconds(1));
    world_.ask("witness", "witness/confirm", Json::object().set("command", id));
    world_.run(seconds(1));
    EXPECT_EQ(world_.reply(id).string_or("status", ""), "done") << world_.reply(id).dump();
  }
  WallTime plan_now() const { return world_.parts().clock.plan_time(world_.now().wall); }
  // A dose of course c-1 by hand, on the plan's clock; the last three from its thaw on.
  void plan_by_hand(int number, WallTime thaw, Duration harvest, Duration until,
                    Duration infusion) {
    Json body = Json::object().set("course", "c-1").set("dose", cat("d0", number));
    body.set("thaw_at", format_utc(thaw)).set("harvest_from", format_utc(thaw + harvest));
    body.set("harvest_until", format_utc(thaw + until));
    body.set("infusion_at", format_utc(thaw + infusion));
    done("operator", "dose/plan", std::move(body));
  }
  bool stands(std::string_view alarm) const {
    return world_.retained(std::string(alarm)).bool_or("active", false);
  }
  // Waits for a ready proposal and gives its number.
  std::int64_t proposal(Duration limit = minutes(5)) {
    EXPECT_TRUE(world_.run_until(
        [this] { return world_.retained("plan")["proposal"].string_or("state", "") == "ready"; },
        limit))
        << world_.retained("plan").dump();
    return world_.retained("plan")["proposal"].integer_or("number", 0);
  }
  void publish() {
    Json courses = Json::array();
    courses.push("c-1");
    done("operator", "plan/propose", Json::object().set("courses", std::move(courses)));
    done("physician", "plan/accept", Json::object().set("number", proposal()));
    world_.run(seconds(2));
  }
  // 0 when an independent count of the journal finds these figures.
  int recount(const std::string& figures) {
    const TempDir folder;
    const std::string journal = folder / "journal.jsonl";
    const std::string told = folder / "figures.json";
    std::ofstream lines(journal);
    for (auto row = world_.rows.lower_bound("j/"); row != world_.rows.end(); ++row) {
      if (!row->first.starts_with("j/")) break;
      lines << row->second << "\n";
    }
    lines.close();
    std::ofstream(told) << figures;
    const std::string script = cat(CRYOBANK_SOURCE_DIR, "/scripts/recount-figures ");
    return std::system(cat("python3 ", script, journal, " ", told).c_str());
  }
  Json dose(int number) {
    return world_.retained("course/c-1")["doses"].items()[static_cast<std::size_t>(number - 1)];
  }

  World world_;
};

}  // namespace cryobank::core
