// The real daemon, whose people change while it runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "base/text.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

using std::chrono::seconds;

class ReloadTest : public ::testing::Test {
 public:
  ReloadTest() : bank_("reload") {
    bank_.start_all();
    people_ = (bank_.directory() / "config/demo/users.toml").string();
  }

  void append(std::string_view text) {
    std::ofstream file(people_, std::ios::app);
    file << text;
  }
  void reload() { ASSERT_EQ(::kill(bank_.daemon_pid(), SIGHUP), 0); }
  std::string code_of(const std::string& user) {
    const Json body = Json::object().set("course", "c-1").set("patient", "p-1").set("doses", 2);
    return bank_.command(user, "course/register", body).string_or("code", "");
  }
  bool logged(std::string_view words) {
    const std::string log = bank_.daemon_log();
    return eventually(seconds(20), [&] { return read_text(log).find(words) != std::string::npos; });
  }

  Bank bank_;
  std::string people_;
};

TEST_F(ReloadTest, ANewPersonActsWithoutARestartAndAFaultChangesNothing) {
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  EXPECT_EQ(code_of("ada"), "not-authorised");
  append("\n[[user]]\nid = \"ada\"\nroles = [\"viewer\", \"operator\"]\n");
  reload();
  ASSERT_TRUE(logged("reloaded user ada: new"));
  EXPECT_EQ(code_of("ada"), "ok");
  EXPECT_TRUE(eventually(seconds(10), [&] {
    return bank_.retained("service/info").dump().find("\"ada\"") != std::string::npos;
  }));

  const std::string revision = bank_.retained("service/info").string_or("config_revision", "");
  append("\n[[user]]\nid = \"ben\"\nroles = [\"pilot\"]\n");
  reload();
  ASSERT_TRUE(logged("the site was not reloaded, and nothing of it changed"));
  ASSERT_TRUE(logged("came \"pilot\""));
  EXPECT_EQ(bank_.retained("service/info").string_or("config_revision", ""), revision);
  EXPECT_TRUE(bank_.daemon_running());
  EXPECT_EQ(bank_.stop_daemon(), 0);
}

TEST_F(ReloadTest, ALimitIsJudgedAtOnceAndJournaledWithOldNewWhoAndWhy) {
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  const auto lid_of = [this] { return bank_.retained("alarm/freezer-1.lid-open"); };
  bank_.sim().ask(Json::object().set("do", "lid").set("device", "freezer-1").set("open", true));
  ASSERT_TRUE(eventually(seconds(20), [&] {
    return bank_.retained("device/freezer-1/point/lid").integer_or("value", 0) == 1;
  }));
  EXPECT_TRUE(lid_of().is_null()) << "the shipped delay is 5 min";
  append(
      "\n[[alarm]]\ncondition = \"lid-open\"\ndevice = \"freezer-1\"\n"
      "stages = [{ priority = \"p2\", limit = 1, after = \"1s\" }]\n"
      "by = \"ada\"\nreason = \"its lid sticks\"\n");
  reload();
  ASSERT_TRUE(logged("reloaded alarm lid-open of freezer-1: new"));
  EXPECT_TRUE(eventually(seconds(20), [&] { return lid_of().bool_or("active", false); }));
  EXPECT_EQ(bank_.stop_daemon(), 0);
  const Bank::Ran ran = bank_.ctl(
      {"journal", "export", "--config", bank_.site_file(), (bank_.directory() / "out").string()});
  ASSERT_EQ(ran.code, 0) << ran.output;
  std::string all;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(bank_.directory() / "out")) {
    if (entry.is_regular_file()) all += read_text(entry.path().string());
  }
  EXPECT_NE(all.find("alarm-setting-changed"), std::string::npos);
  EXPECT_NE(all.find("its lid sticks"), std::string::npos);
}

}  // namespace
}  // namespace cryobank::test
