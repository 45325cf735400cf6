// What the configuration names on this computer: each mistake by its name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "service/site_outside_io.hpp"
#include "tests/contracts/temp_dir.hpp"

namespace cryobank::service {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class OutsideTest : public ::testing::Test {
 protected:
  OutsideTest() { site_.store.directory = dir_.path(); }
  std::string told(Findings findings = Findings::refuse) {
    config::Faults faults;
    look_outside("site.toml", site_, findings, faults);
    std::string text;
    for (const config::Fault& fault : faults.items()) text += config::format_fault(fault) + "\n";
    good_ = faults.ok();
    return text;
  }
  std::string file(const std::string& name, fs::perms mode) {
    const std::string path = dir_ / name;
    std::ofstream(path) << "secret\n";
    fs::permissions(path, mode);
    return path;
  }

  const TempDir dir_;
  config::SiteConfig site_;
  bool good_ = false;
};

TEST_F(OutsideTest, WhatIsThereIsFine) {
  site_.mqtt.password_file = file("password", fs::perms(0640));
  site_.mqtt.ca_file = file("ca.pem", fs::perms(0644));
  site_.backup.directory = dir_.path();
  EXPECT_EQ(told(), "");
  EXPECT_TRUE(good_);
}

TEST_F(OutsideTest, MissingFilesAndFoldersAreNamed) {
  site_.mqtt.password_file = dir_ / "no-password";
  site_.mqtt.ca_file = dir_ / "no-ca.pem";
  site_.backup.directory = dir_ / "no-backups";
  site_.store.directory = dir_ / "no-store";
  const std::string text = told();
  EXPECT_THAT(text, HasSubstr(cat("[mqtt] ca_file: expected a file that can be read, came ",
                                  site_.mqtt.ca_file)));
  EXPECT_THAT(text, HasSubstr(cat("[mqtt] password_file: cannot read ", site_.mqtt.password_file)));
  EXPECT_THAT(text, HasSubstr("[backup] directory: expected a folder that is there"));
  EXPECT_THAT(text, HasSubstr("warning: [store] directory: there is no store in"));
  EXPECT_FALSE(good_);
  EXPECT_THAT(told(Findings::warn), HasSubstr("warning: [mqtt] ca_file"));
  EXPECT_TRUE(good_) << "a daemon that starts goes on";
}

TEST_F(OutsideTest, APasswordThatEverybodyCanReadIsNone) {
  for (const int mode : {0644, 0604, 0666}) {
    site_.mqtt.password_file = file("password", fs::perms(mode));
    EXPECT_THAT(told(), HasSubstr("can be read by everybody")) << mode;
  }
}

}  // namespace
}  // namespace cryobank::service
