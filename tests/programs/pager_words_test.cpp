// The words with which the gateway refuses a configuration, and with which it is compared.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using ::testing::HasSubstr;

class PagerWordsTest : public ::testing::Test {
 protected:
  PagerWordsTest() : bank_("pager-words") {}
  std::string log() const { return (bank_.directory() / "pager.log").string(); }

  Bank bank_;
};

TEST_F(PagerWordsTest, WhatIsMissingOnThisComputerIsToldWithItsLine) {
  const std::string file = (bank_.directory() / "wrong.toml").string();
  std::ofstream(file) << "site = \"demo\"\nstate_dir = \"/tmp/x\"\n"
                      << "time_zone = \"Europe/Berlim\"\n[mqtt]\n"
                      << "password_file = \"/nowhere/password\"\nca_file = \"/nowhere/ca.pem\"\n"
                      << "[[channel]]\nid = \"a\"\nkind = \"program\"\nprogram = \"/nowhere/x\"\n"
                      << "[[channel]]\nid = \"b\"\nkind = \"mail\"\nhost = \"h\"\n"
                      << "from = \"a@b.c\"\nto = \"a@b.c\"\nca_file = \"/nowhere/c.pem\"\n";
  const auto check = [&] {
    Process run({CRYOBANK_BIN_DIR "/cryobank-pager", "--config", file, "--check-config"}, log());
    EXPECT_EQ(run.wait(seconds(30)), 1);
    return read_text(log());
  };
  const std::string first = check();
  EXPECT_THAT(first, HasSubstr(":3: expected `time_zone` to be a zone"));
  EXPECT_THAT(first, HasSubstr("came \"Europe/Berlim\""));
  std::string mended = read_text(file);
  mended.replace(mended.find("Berlim"), 6, "Berlin");
  std::ofstream(file) << mended;
  fs::remove(log());
  const std::string told = check();
  EXPECT_THAT(told, HasSubstr(":5: [mqtt] password_file: cannot read /nowhere/password"));
  EXPECT_THAT(told, HasSubstr(":6: [mqtt] ca_file: expected a file that can be read, came "
                              "/nowhere/ca.pem: No such file or directory"));
  EXPECT_THAT(told, HasSubstr(":7: channel \"a\" program: expected a program that can be run, came "
                              "/nowhere/x: No such file or directory"));
  EXPECT_THAT(told, HasSubstr(":11: channel \"b\" ca_file: expected a file that can be read"));
}

TEST_F(PagerWordsTest, AFileOfAnotherSiteLoginOrChannelIsToldByTheComparison) {
  const std::string file = (bank_.directory() / "other.toml").string();
  std::ofstream(file) << "site = \"demo2\"\n[mqtt]\nuser = \"pagr\"\n"
                      << "[[channel]]\nid = \"pager-1\"\nkind = \"print\"\n"
                      << "[[channel]]\nid = \"pager-9\"\nkind = \"print\"\n";
  const Bank::Ran ran = bank_.ctl({"config", "check", bank_.site_file(), "--pager", file});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.output, HasSubstr("other.toml:1: expected site \"demo\", came"));
  EXPECT_THAT(ran.output, HasSubstr("other.toml:3: [mqtt] user: expected a [[gateway]] of the site "
                                    "(pager), came \"pagr\""));
  EXPECT_THAT(ran.output, HasSubstr("other.toml:8: expected channels of"));
  EXPECT_THAT(ran.output, HasSubstr("came \"pager-9\""));
  EXPECT_THAT(ran.output, HasSubstr("channel \"pager-2\": no gateway of those named serves it"));
}

}  // namespace
}  // namespace cryobank::test
