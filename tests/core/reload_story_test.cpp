// A site whose people change while the service runs.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "inventory/record/journal_format.hpp"
#include "tests/core/world.hpp"

namespace cryobank::core {
namespace {

class ReloadStory : public ::testing::Test {
 public:
  ReloadStory() {
    world_.start();
    world_.link(true);
    world_.run(seconds(5));
  }

  // The files say this from now on, and somebody asks for a reload.
  void reload(const std::function<void(config::SiteConfig&)>& edit, config::SiteDifference told) {
    auto site = std::make_shared<config::SiteConfig>(world_.parts().bank.config);
    edit(*site);
    site->revision = "another";
    world_.read_site = [site, told] { return SiteRead{site, told, {}}; };
    world_.step(OperatorSignal::reload);
    world_.run(seconds(2));
  }

  std::vector<Json> entries(const FactName& type) {
    std::vector<Json> found;
    for (const auto& [key, value] : world_.rows) {
      if (!key.starts_with("j/")) continue;
      const auto entry = inventory::parse_entry(value);
      EXPECT_TRUE(entry.ok()) << value;
      if (entry && entry->fact.type == type) found.push_back(entry->fact.data);
    }
    return found;
  }

  Json register_course(const std::string& user) {
    const Json body = Json::object().set("course", "c-1").set("patient", "p-1").set("doses", 2);
    return world_.ask(user, "course/register", body);
  }

  World world_;
};

TEST_F(ReloadStory, ANewPersonMayActAtOnceAndTheJournalHasOldAndNew) {
  EXPECT_EQ(register_course("ada").string_or("code", ""), "not-authorised");
  reload(
      [](config::SiteConfig& site) {
        config::UserConfig ada;
        ada.id = UserId("ada");
        ada.roles = {"viewer", "operator"};
        site.users.push_back(ada);
      },
      {{{"user ada", "", "{ id = \"ada\" }"}}, {}});
  EXPECT_EQ(register_course("ada").string_or("status", ""), "done");
  const auto told = entries(fact::kSiteReloaded);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["changes"].items()[0]["what"].string(), "user ada");
  EXPECT_EQ(told[0]["changes"].items()[0]["new"].string(), "{ id = \"ada\" }");
  EXPECT_EQ(told[0]["revision_new"].string(), "another");
  const Json info = world_.retained("service/info");
  EXPECT_EQ(info["config_revision"].string(), "another");
  EXPECT_TRUE(info["scans"].is_array());
  EXPECT_TRUE(info["lists"].is_array());
  bool listed = false;
  for (const Json& user : info["staff"].items()) listed = listed || user["user"].string() == "ada";
  EXPECT_TRUE(listed);
}

TEST_F(ReloadStory, NobodyIsCalledByTheCodeOfAVial) {
  constexpr const char* kCalled = "alarm/names.record-contradiction";
  EXPECT_EQ(register_course("operator").string_or("status", ""), "done");
  const auto edit = [](config::SiteConfig& site) {
    config::UserConfig ada;
    ada.id = UserId("c-1-d01-1");
    ada.roles = {"viewer"};
    site.users.push_back(ada);
  };
  reload(edit, {{{"user c-1-d01-1", "", "{ id = \"c-1-d01-1\" }"}}, {}});
  EXPECT_TRUE(entries(fact::kSiteReloaded).empty());
  ASSERT_EQ(entries(fact::kSiteReloadRefused).size(), 1u);
  EXPECT_NE(entries(fact::kSiteReloadRefused)[0]["faults"].items()[0].string().find(
                "person c-1-d01-1 is called by the code of aliquot c-1-d01-1"),
            std::string::npos);
  EXPECT_FALSE(world_.broker.contains(kCalled));
  World renamed([&edit](config::SiteConfig& site) { edit(site); });
  renamed.rows = world_.rows;
  renamed.start();
  renamed.link(true);
  renamed.run(seconds(10));
  ASSERT_TRUE(renamed.broker.contains(kCalled)) << "the files were changed while it was stopped";
  EXPECT_NE(renamed.retained(kCalled).string_or("text", "").find("person c-1-d01-1"),
            std::string::npos);
}

TEST_F(ReloadStory, WhoIsGoneMayActNoMore) {
  EXPECT_EQ(register_course("operator").string_or("status", ""), "done");
  reload(
      [](config::SiteConfig& site) {
        std::erase_if(site.users, [](const auto& user) { return user.id.str() == "operator"; });
      },
      {{{"user operator", "{ id = \"operator\" }", ""}}, {}});
  const Json hold = Json::object().set("course", "c-1");
  EXPECT_EQ(world_.ask("operator", "hold/place", hold).string_or("code", ""), "not-authorised");
}

TEST_F(ReloadStory, ASiteWithAFaultChangesNothing) {
  const std::string before = world_.parts().bank.config.revision;
  world_.read_site = [] { return SiteRead{nullptr, {}, {"site.toml:3: expected a role"}}; };
  world_.step(OperatorSignal::reload);
  world_.run(seconds(2));
  const auto told = entries(fact::kSiteReloadRefused);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["faults"].items()[0].string(), "site.toml:3: expected a role");
  EXPECT_EQ(world_.parts().bank.config.revision, before);
  EXPECT_EQ(register_course("operator").string_or("status", ""), "done");
}

TEST_F(ReloadStory, WhatTakesARestartIsToldAndTheRevisionStays) {
  const std::string before = world_.parts().bank.config.revision;
  reload([](config::SiteConfig&) {}, {{}, {"site.toml: line"}});
  EXPECT_EQ(entries(fact::kSiteReloaded)[0]["needs_restart"].items()[0].string(),
            "site.toml: line");
  EXPECT_EQ(world_.parts().bank.config.revision, before);
}

TEST_F(ReloadStory, ALimitHoldsForBoardAndModelsFromThatMomentOn) {
  const auto stands = [this](const std::string& alarm) {
    return world_.retained(cat("alarm/", alarm)).bool_or("active", false);
  };
  ASSERT_FALSE(stands("room-1.oxygen-1-low"));
  const auto limited = [](config::SiteConfig& site) {
    for (config::DeviceConfig& device : site.devices) {
      device.room_limits.oxygen_warn = whole(22);
    }
  };
  reload(limited, {{{"limits of room-1", "", "{ oxygen_warn = 22 }"}}, {}});
  world_.run(seconds(4));
  EXPECT_TRUE(stands("room-1.oxygen-1-low")) << "the air has less oxygen than 22 %";
  const Json fill = Json::object().set("device", "freezer-1");
  EXPECT_EQ(world_.ask("operator", "device/fill", fill).string_or("code", ""), "interlock");
  const Json shown = world_.retained("device/room-1/description");
  EXPECT_EQ(shown["limits"]["oxygen_warn"].dump(), "22");
  const auto told = entries(fact::kAlarmSettingChanged);
  ASSERT_FALSE(told.empty());
  EXPECT_NE(told[0].string_or("new", "").find("22"), std::string::npos);
}

TEST_F(ReloadStory, TwoAsksInARowAreTwoReadings) {
  int readings = 0;
  world_.read_site = [&] {
    ++readings;
    return SiteRead{std::make_shared<config::SiteConfig>(world_.parts().bank.config), {}, {}};
  };
  for (int i = 0; i < 3; ++i) world_.step(OperatorSignal::reload);
  world_.run(seconds(2));
  EXPECT_EQ(readings, 2) << "what changed during the first is read by the second";
  EXPECT_TRUE(entries(fact::kSiteReloaded).empty()) << "nothing changed";
}

}  // namespace
}  // namespace cryobank::core
