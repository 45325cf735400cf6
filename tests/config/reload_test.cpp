// What a reload finds between two readings of a site's files.
#include "config/reload.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "config/load.hpp"
#include "tests/config/files_on_disk.hpp"

namespace cryobank::config {
namespace {

constexpr std::string_view kDemo = "config/demo/site.toml";

struct Reading {
  SiteConfig site;
  SiteTexts texts;
};

// The demo site, with `from` replaced by `to` in `file`.
Reading read(std::string_view file = "", std::string_view from = "", std::string_view to = "") {
  Reading reading;
  const ReadText disk = files_under(CRYOBANK_SOURCE_DIR);
  const ReadText changed = [&](std::string_view path) -> Result<std::string> {
    Result<std::string> text = disk(path);
    if (!text) return text;
    if (path == file) {
      const std::size_t at = text->find(from);
      EXPECT_NE(at, std::string::npos) << from;
      text->replace(at, from.size(), to);
    }
    reading.texts[std::string(path)] = *text;
    return text;
  };
  Faults faults;
  EXPECT_TRUE(load_site(kDemo, changed, reading.site, faults)) << all_faults(faults);
  return reading;
}

SiteDifference difference(const Reading& before, const Reading& after) {
  const SiteShape start = shape_of(before.site, before.texts);
  return compare(start, start, shape_of(after.site, after.texts));
}

TEST(Reload, TheSameFilesAreNoDifference) { EXPECT_TRUE(difference(read(), read()).empty()); }

TEST(Reload, ACommentAndAnotherOrderOfLinesAreNoDifference) {
  const Reading after = read("config/demo/users.toml", "[[user]]", "# The people.\n\n[[user]]");
  EXPECT_TRUE(difference(read(), after).empty());
}

TEST(Reload, APersonIsToldWithOldAndNew) {
  const Reading before = read();
  const Reading after = read("config/demo/users.toml", "roles = [\"viewer\", \"operator\"]",
                             "roles = [\"operator\"]");
  const SiteDifference found = difference(before, after);
  ASSERT_EQ(found.changes.size(), 1u);
  EXPECT_EQ(found.changes[0].what, "user operator");
  EXPECT_NE(found.changes[0].before.find("roles = [\"viewer\", \"operator\"]"), std::string::npos);
  EXPECT_NE(found.changes[0].after.find("roles = [\"operator\"]"), std::string::npos);
  EXPECT_TRUE(found.needs_restart.empty());
  SiteConfig running = before.site;
  take_reloadable(running, after.site, true);
  EXPECT_EQ(running.find_user(UserId("operator"))->roles, std::vector<std::string>{"operator"});
  EXPECT_EQ(running.revision, after.site.revision);
}

TEST(Reload, ASecretIsComparedAndNeverShown) {
  const SiteDifference found =
      difference(read(), read("config/demo/users.toml", "scrypt$15$8$3$sx2", "scrypt$15$8$3$aaa"));
  ASSERT_EQ(found.changes.size(), 1u);
  EXPECT_EQ(found.changes[0].what, "user operator");
  EXPECT_EQ(found.changes[0].before, found.changes[0].after);
  EXPECT_EQ(found.changes[0].after.find("scrypt"), std::string::npos);
}

TEST(Reload, SomebodyNewAndSomebodyGone) {
  const Reading with = read("config/demo/users.toml", "[[user]]",
                            "[[user]]\nid = \"ada\"\nroles = [\"viewer\"]\n\n[[user]]");
  const SiteDifference added = difference(read(), with);
  ASSERT_EQ(added.changes.size(), 1u);
  EXPECT_EQ(added.changes[0].what, "user ada");
  EXPECT_EQ(added.changes[0].before, "");
  const SiteDifference gone = difference(with, read());
  ASSERT_EQ(gone.changes.size(), 1u);
  EXPECT_EQ(gone.changes[0].after, "");
}

constexpr std::string_view kReloadedFreezer = "id = \"freezer-1\"\n";

TEST(Reload, LimitsOfADeviceAreToldWithOldAndNewAndTaken) {
  const Reading before =
      read(kDemo, kReloadedFreezer, cat(kReloadedFreezer, "limits = { level_low_warn = 100 }\n"));
  const Reading after =
      read(kDemo, kReloadedFreezer, cat(kReloadedFreezer, "limits = { level_low_warn = 96 }\n"));
  const SiteDifference found = difference(before, after);
  ASSERT_EQ(found.changes.size(), 1u);
  EXPECT_EQ(found.changes[0].what, "limits of freezer-1");
  EXPECT_EQ(found.changes[0].before, "{ level_low_warn = 100 }");
  EXPECT_EQ(found.changes[0].after, "{ level_low_warn = 96 }");
  EXPECT_TRUE(found.needs_restart.empty());
  SiteConfig running = before.site;
  take_reloadable(running, after.site, true);
  EXPECT_EQ(running.find_device(DeviceId("freezer-1"))->limits.level_low_warn, whole(96));
}

TEST(Reload, SettingOfAnAlarmIsToldWithOldAndNewAndTaken) {
  const std::string_view room = "[[device]]\nid = \"room-1\"";
  const std::string setting =
      "[[alarm]]\ncondition = \"level-low\"\nprofile = \"cryobank-freezer-2\"\n"
      "deadband = 8\nby = \"q1\"\nreason = \"it sways\"\n\n";
  const Reading before = read();
  const Reading after = read(kDemo, room, cat(setting, room));
  const SiteDifference found = difference(before, after);
  ASSERT_EQ(found.changes.size(), 1u);
  EXPECT_EQ(found.changes[0].what, "alarm level-low of cryobank-freezer-2");
  EXPECT_EQ(found.changes[0].before, "");
  EXPECT_NE(found.changes[0].after.find("deadband = 8"), std::string::npos);
  EXPECT_TRUE(found.needs_restart.empty());
  SiteConfig running = before.site;
  take_reloadable(running, after.site, true);
  ASSERT_EQ(running.alarms.size(), 1u);
  EXPECT_EQ(running.alarms[0].deadband, whole(8));
}

TEST(Reload, DeviceThatIsNewWaitsForARestartWithItsLimits) {
  const std::string_view room = "[[device]]\nid = \"room-1\"";
  const std::string extra =
      "[[device]]\nid = \"supply-2\"\nkind = \"supply\"\nprofile = \"cryobank-supply-1\"\n"
      "line = \"room\"\nunit = 3\nroom = \"room-1\"\nlimits = { level_warn = 35 }\n\n";
  const Reading before = read();
  const Reading after = read(kDemo, room, cat(extra, room));
  const SiteDifference found = difference(before, after);
  EXPECT_TRUE(found.changes.empty());
  EXPECT_EQ(found.needs_restart, std::vector<std::string>{"config/demo/site.toml: device"});
}

TEST(Reload, WhatTakesARestartIsNamed) {
  const Reading line = read(kDemo, "port = 15020", "port = 15029");
  const SiteDifference found = difference(read(), line);
  EXPECT_TRUE(found.changes.empty());
  EXPECT_EQ(found.needs_restart, std::vector<std::string>{"config/demo/site.toml: line"});
  SiteConfig running = read().site;
  const std::string revision = running.revision;
  take_reloadable(running, line.site, false);
  EXPECT_EQ(running.revision, revision);
  const SiteDifference profile = difference(
      read(), read("config/devices/cryobank-room-1.toml", "title = ", "# other\ntitle = "));
  EXPECT_TRUE(profile.empty());
}

}  // namespace
}  // namespace cryobank::config
