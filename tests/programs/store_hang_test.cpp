// The real daemon on a disk that takes writes and never ends them. People hear of it within
// seconds, polling and pages go on, questions are answered, who wants a change hears that there is
// none, and once the disk answers again everything goes on. It can also be stopped meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/text.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

class StoreHangTest : public ::testing::Test {
 protected:
  StoreHangTest() : bank_("store-hang") {
    ::setenv("CRYOBANK_HANG_FILE", hang_file().c_str(), 1);
    bank_.start_world();
    ::setenv("LD_PRELOAD", CRYOBANK_HANG_LIBRARY, 1);
    bank_.start_daemon();
    ::unsetenv("LD_PRELOAD");
  }
  ~StoreHangTest() override {
    fs::remove(hang_file());
    ::unsetenv("CRYOBANK_HANG_FILE");
  }

  fs::path hang_file() const { return bank_.directory() / "hang"; }
  void hang() { std::ofstream(hang_file()) << "now"; }
  Json register_course(const std::string& course) {
    Json body = Json::object().set("course", course).set("patient", "patient-1").set("doses", 3);
    return bank_.command("operator", "course/register", std::move(body));
  }
  bool stands(const std::string& alarm) {
    return bank_.retained("alarm/" + alarm).bool_or("active", false);
  }

  Bank bank_;
};

TEST_F(StoreHangTest, IsToldWithinSecondsAndEverythingElseGoesOn) {
  ASSERT_TRUE(bank_.wait_online(seconds(30)));
  ASSERT_EQ(register_course("before").string_or("status", ""), "done");
  hang();
  const auto began = Clock::now();
  // The probe of an idle store comes every 10 s; then 5 s without an answer.
  ASSERT_TRUE(eventually(seconds(30), [&] { return stands("service.store-silent"); }));
  EXPECT_LT(Clock::now() - began, seconds(20));
  EXPECT_EQ(bank_.retained("alarm/service.store-silent").string_or("priority", ""), "p1");

  const Json refused = register_course("meanwhile");
  EXPECT_EQ(refused.string_or("status", ""), "failed") << refused.dump();
  EXPECT_EQ(refused.string_or("code", ""), "unavailable");
  EXPECT_THAT(refused.string_or("message", ""), ::testing::HasSubstr("nothing was changed"));
  const Json found = bank_.command("viewer", "hold/list", Json::object());
  EXPECT_EQ(found.string_or("status", ""), "done") << found.dump();

  // A machine that falls silent is still seen and told.
  bank_.sim().ask(
      Json::object().set("do", "fault").set("device", "freezer-2").set("fault", "dead"));
  EXPECT_TRUE(eventually(seconds(40), [&] { return stands("freezer-2.comm-lost"); }));
  EXPECT_TRUE(bank_.daemon_running());

  fs::remove(hang_file());
  EXPECT_TRUE(eventually(seconds(30), [&] { return !stands("service.store-silent"); }));
  EXPECT_EQ(register_course("after").string_or("status", ""), "done");
  EXPECT_TRUE(bank_.retained("course/meanwhile").is_null());
}

TEST_F(StoreHangTest, ItCanBeStoppedMeanwhile) {
  ASSERT_TRUE(bank_.wait_online(seconds(30)));
  hang();
  ASSERT_TRUE(eventually(seconds(30), [&] { return stands("service.store-silent"); }));
  const auto began = Clock::now();
  EXPECT_EQ(bank_.stop_daemon(), 1) << "it says that the disk was not waited for";
  EXPECT_LT(Clock::now() - began, seconds(20));
  EXPECT_THAT(read_text(bank_.daemon_log()), ::testing::HasSubstr("ended without it"));
}

}  // namespace
}  // namespace cryobank::test
