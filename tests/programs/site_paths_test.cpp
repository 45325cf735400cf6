// What the daemon writes is nobody else's file, whatever it is called.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "service/same_path_io.hpp"
#include "service/site_paths_io.hpp"
#include "tests/contracts/temp_dir.hpp"

namespace cryobank::service {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class SitePathsTest : public ::testing::Test {
 protected:
  SitePathsTest() {
    fs::create_directories(dir_ / "store");
    fs::create_directories(dir_ / "backups");
    std::ofstream(dir_ / "signing-key") << "key\n";
    std::ofstream(dir_ / "places.toml") << "# places\n";
    site_.store.directory = dir_ / "store";
    texts_[dir_ / "site.toml"] = "";
    texts_[dir_ / "places.toml"] = "";
  }
  std::string told() {
    config::Faults faults;
    expect_site_apart(dir_ / "site.toml", site_, texts_, faults);
    std::string text;
    for (const config::Fault& fault : faults.items()) text += config::format_fault(fault) + "\n";
    EXPECT_EQ(text.empty(), faults.ok()) << "never a warning only";
    return text;
  }

  const TempDir dir_;
  config::SiteConfig site_;
  config::SiteTexts texts_;
};

TEST_F(SitePathsTest, OneFileIsOneUnderAllItsNames) {
  std::ofstream(dir_ / "file") << "x";
  fs::create_directories(dir_ / "folder/inner");
  fs::create_symlink("file", dir_ / "link");
  fs::create_symlink("not-there", dir_ / "dangling");
  fs::create_hard_link(dir_ / "file", dir_ / "hard");
  fs::create_symlink(dir_ / "folder", dir_ / "to-folder");
  struct Case {
    std::string first, second;
    PathRelation expected;
  };
  const std::vector<Case> cases{
      {dir_ / "file", dir_ / "folder/../file", PathRelation::same},
      {dir_ / "file", dir_ / "link", PathRelation::same},
      {dir_ / "file", dir_ / "hard", PathRelation::same},
      {dir_ / "dangling", dir_ / "not-there", PathRelation::same},
      {dir_ / "to-folder", dir_ / "folder/", PathRelation::same},
      {dir_ / "to-folder/new", dir_ / "folder/new", PathRelation::same},
      {dir_ / "to-folder/inner/new", dir_ / "folder", PathRelation::first_inside},
      {dir_ / "folder", dir_ / "to-folder/inner", PathRelation::second_inside},
      {dir_ / "folder-2", dir_ / "folder", PathRelation::apart},
      {dir_ / "nothing/a", dir_ / "nothing", PathRelation::first_inside},
      {"/dev/null", "/dev/../dev/null", PathRelation::same},
      {"/dev/null", "/dev/zero", PathRelation::apart}};
  for (const Case& each : cases) {
    EXPECT_EQ(relation_of(each.first, each.second), each.expected)
        << each.first << " and " << each.second;
  }
}

TEST_F(SitePathsTest, AnOrdinarySiteIsFine) {
  site_.backup.directory = dir_ / "backups";
  site_.store.journal_copy_file = dir_ / "backups/journal-copy.jsonl";
  site_.telemetry.directory = dir_ / "telemetry";
  site_.mqtt.password_file = dir_ / "password";
  EXPECT_EQ(told(), "");
}

TEST_F(SitePathsTest, TheSigningKeyIsNeverWrittenOver) {
  site_.store.signing_key_file = dir_ / "signing-key";
  for (const char* name : {"signing-key", "store/../signing-key", "hard", "link"}) {
    std::error_code ignored;
    fs::create_hard_link(dir_ / "signing-key", dir_ / "hard", ignored);
    fs::create_symlink("signing-key", dir_ / "link", ignored);
    site_.store.high_water_file = dir_ / name;
    site_.store.journal_copy_file.clear();
    EXPECT_THAT(told(), HasSubstr("[store] high_water_file: expected a place of its own")) << name;
    site_.store.high_water_file.clear();
    site_.store.journal_copy_file = dir_ / name;
    EXPECT_THAT(told(), HasSubstr("expected a place of its own")) << name;
  }
  // The default beside the store counts like a configured one.
  site_.store.journal_copy_file.clear();
  site_.store.high_water_file = dir_ / "journal-copy.jsonl";
  EXPECT_THAT(told(), HasSubstr("[store] journal_copy_file is " + (dir_ / "journal-copy.jsonl") +
                                ", which is the same"));
}

TEST_F(SitePathsTest, FilesOfTheSiteAndWhatMqttNeedsAreNeverWrittenOver) {
  site_.store.high_water_file = dir_ / "places.toml";
  EXPECT_THAT(told(), HasSubstr("a file of this site is " + (dir_ / "places.toml")));
  site_.store.high_water_file = dir_ / "site.toml";
  EXPECT_THAT(told(), HasSubstr("this file is"));
  site_.store.high_water_file.clear();
  site_.mqtt.password_file = site_.store.journal_copy_file = dir_ / "password";
  EXPECT_THAT(told(), HasSubstr("[mqtt] password_file is"));
  site_.store.journal_copy_file.clear();
  config::LineConfig& line = site_.lines.emplace_back();
  line.id = LineId("serial");
  line.path = site_.store.high_water_file = "/dev/ttyUSB0";
  EXPECT_THAT(told(), HasSubstr("line \"serial\" is /dev/ttyUSB0"));
}

TEST_F(SitePathsTest, FoldersOfTheirOwnHoldNothingElse) {
  fs::create_symlink(dir_ / "store", dir_ / "x");
  site_.store.high_water_file = dir_ / "x/hw";
  EXPECT_THAT(told(), HasSubstr("[store] directory is " + (dir_ / "store") + ", in which it lies"));
  site_.store.high_water_file.clear();
  site_.telemetry.directory = site_.backup.directory = dir_ / "backups";
  EXPECT_THAT(told(), HasSubstr("[telemetry] directory is"));
  site_.telemetry.directory = dir_.path();
  EXPECT_THAT(told(), HasSubstr("[store] directory: expected a place of its own"));
  site_.telemetry.directory.clear();
  site_.backup.directory = dir_ / "store/backups";
  EXPECT_THAT(told(), HasSubstr("[backup] directory: expected a place of its own"));
}

}  // namespace
}  // namespace cryobank::service
