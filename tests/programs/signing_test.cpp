// Signatures in the real programs: cryobankctl shows and signs, the daemon checks the secret, and
// the signatures of the record are checked with the daemon stopped.
#include <gtest/gtest.h>

#include <fstream>

#include "base/text.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

using std::chrono::seconds;

class SigningTest : public ::testing::Test {
 protected:
  SigningTest() : bank_("signing") {
    bank_.start_all();
    std::ofstream(secret_file()) << "demo-sign\n";
  }

  std::string secret_file() const { return (bank_.directory() / "secret").string(); }
  std::string log() const { return (bank_.directory() / "ctl.log").string(); }

  int ctl(std::vector<std::string> words) {
    std::vector<std::string> line = {std::string(CRYOBANK_BIN_DIR) + "/cryobankctl", "--port",
                                     cat(bank_.broker().port())};
    line.insert(line.end(), words.begin(), words.end());
    return Process(line, log()).wait(seconds(60));
  }

  Bank bank_;
};

TEST_F(SigningTest, AReleaseIsSignedAndTheSignatureIsFoundGoodLater) {
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  Json course = Json::object().set("course", "c-1").set("patient", "p-1").set("lot", "l-1");
  ASSERT_EQ(bank_.command("operator", "course/register", course.set("protocol", "ank-12"))
                .string_or("status", ""),
            "done");
  const std::string moved =
      R"({"aliquot":"c-1-d01-1","code":"c-1-d01-1","place":"freezer-1-rack-1-box-1",)"
      R"("position":"A1"})";
  const auto session = bank_.login("operator");
  Json move = Json::object().set("body", *parse_json(moved)).set("witness", "witness");
  const std::string id = ctl::make_command_id();
  move.set("id", id);
  const auto asked =
      session->request("aliquot/move", std::move(move), seconds(10), false, [](const Json&) {});
  ASSERT_TRUE(asked.ok());
  bank_.command("witness", "witness/confirm", Json::object().set("command", id));

  const std::string release = R"({"course":"c-1"})";
  EXPECT_EQ(ctl({"--user", "quality", "send", "course/release", release}), 1);
  EXPECT_EQ(ctl({"--user", "quality", "--sign", "--signing-secret-file", secret_file(), "send",
                 "course/release", release, "--reason", "QC passed"}),
            0)
      << read_text(log());
  const auto lift = [this](int number, const std::string& how) {
    EXPECT_EQ(ctl({"--user", "quality", "send", "hold/place", R"({"course":"c-1"})", "--reason",
                   "recount"}),
              0);
    return ctl({"--user", "quality", "--terminal", "bench-1", how, "--signing-secret-file",
                secret_file(), "send", "hold/release", cat(R"({"hold":"hold-)", number, R"("})"),
                "--reason", "counted"});
  };
  EXPECT_EQ(lift(1, "--sign-again"), 1) << "no session";
  EXPECT_EQ(ctl({"--user", "quality", "--terminal", "bench-1", "--sign", "--signing-secret-file",
                 secret_file(), "send", "hold/release", R"({"hold":"hold-1"})", "--reason", "ok"}),
            0)
      << read_text(log());
  EXPECT_EQ(lift(2, "--sign-again"), 0) << read_text(log());
  EXPECT_EQ(ctl({"--user", "quality", "signature", "end"}), 0) << read_text(log());
  EXPECT_EQ(lift(3, "--sign-again"), 1) << "the session was ended";
  EXPECT_EQ(ctl({"--user", "viewer", "inventory", "was", "--code", "c-1-d01-1"}), 0);
  EXPECT_EQ(
      ctl({"--user", "viewer", "inventory", "stood", "freezer-1", "--at", "2026-01-01T00:00:00Z"}),
      0);
  EXPECT_EQ(ctl({"signature", "check", "--config", bank_.site_file()}), 1)
      << "the daemon has the store";
  EXPECT_EQ(bank_.stop_daemon(), 0);
  EXPECT_EQ(ctl({"signature", "check", "--config", bank_.site_file()}), 0) << read_text(log());
  const std::string told = read_text(log());
  EXPECT_NE(told.find("signature-needed"), std::string::npos);
  EXPECT_NE(told.find("signing as \"released after review of its tests\""), std::string::npos);
  EXPECT_NE(told.find("signature-1: Quentin Quality (quality), \"released after review of its "
                      "tests\", course/release: holds"),
            std::string::npos)
      << told;
  EXPECT_NE(told.find("hold/release (by secret, in the session of signature-2): holds"),
            std::string::npos)
      << told;
  EXPECT_NE(told.find("3 signatures, 0 do not hold"), std::string::npos) << told;
  EXPECT_EQ(told.find("demo-sign"), std::string::npos) << "the secret is shown";
  EXPECT_EQ(read_text(bank_.daemon_log()).find("demo-sign"), std::string::npos);
}

}  // namespace
}  // namespace cryobank::test
