// cryobankctl at a bench: a rack scanner's file is compared with the record and taken over, and
// what the line has wrong is told in words.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <future>

#include "base/text.hpp"
#include "service/ctl/print_io.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

using std::chrono::seconds;

struct Ran {
  int code = 0;
  std::string output;
  bool says(std::string_view text) const { return output.find(text) != std::string::npos; }
};

class ScanCommand : public ::testing::Test {
 protected:
  ScanCommand() : bank_("scan-command") { bank_.start_all(); }
  void SetUp() override { ASSERT_TRUE(bank_.wait_online(seconds(20))); }

  Ran run(const std::vector<std::string>& words, const char* password = "demo") {
    setenv("CRYOBANK_USER", "operator", 1);
    setenv("CRYOBANK_PASSWORD", password, 1);
    setenv("CRYOBANK_SITE", "demo", 1);
    setenv("CRYOBANK_PORT", cat(bank_.broker().port()).c_str(), 1);
    std::vector<std::string> all{CRYOBANK_BIN_DIR "/cryobankctl"};
    all.insert(all.end(), words.begin(), words.end());
    const std::string log = (bank_.directory() / cat("ctl-", ++runs_, ".log")).string();
    Process process(all, log);
    const int code = process.wait(seconds(60));
    return {code, read_text(log)};
  }

  Bank bank_;

 private:
  int runs_ = 0;
};

TEST_F(ScanCommand, ComparesAFileAndTakesItOverWhenAsked) {
  const Json made = bank_.command(
      "operator", "course/register",
      *parse_json(R"({"course":"c-9","patient":"p-9","doses":2,"codes":["X-1\r\n","X-2"]})"));
  ASSERT_EQ(made.string_or("status", ""), "done") << made.dump();
  const std::string file = (bank_.directory() / "rack.csv").string();
  ASSERT_TRUE(ctl::write_file(file, "Position;Code\r\nA01;X-1\r\na2;X-2\r\n", 0644).ok());
  const std::vector<std::string> look = {"scan", file, "--container", "freezer-4-rack-4-box-5",
                                         "--only-tubes"};
  const Ran looked = run(look);
  EXPECT_EQ(looked.code, 0) << looked.output;
  EXPECT_TRUE(looked.says("0 vials as recorded, 2 differences")) << looked.output;
  EXPECT_TRUE(looked.says("nothing was changed")) << looked.output;
  std::vector<std::string> take = look;
  take.emplace_back("--accept");
  const Ran taken = run(take);
  EXPECT_EQ(taken.code, 0) << taken.output;
  EXPECT_TRUE(taken.says("2 vials of freezer-4-rack-4-box-5 have new places")) << taken.output;
  EXPECT_TRUE(run(look).says("2 vials as recorded, 0 differences"));
  const Ran verb = run({"scan", "preview", "--container", "freezer-4-rack-4-box-5", "--csv",
                        "@" + file, "--only-tubes"});
  EXPECT_EQ(verb.code, 0) << verb.output;
  EXPECT_EQ(run({"scan"}).code, 2);
  EXPECT_EQ(run({"scan", file}).code, 2);
}

// Left out says nothing of it: "not fit" and "not final" are words of their own.
TEST_F(ScanCommand, SaysNoByAFlag) {
  const Json made = bank_.command(
      "operator", "course/register",
      *parse_json(R"({"course":"c-8","patient":"p-8","doses":1,"protocol":"ank-12","lot":"l-8"})"));
  ASSERT_EQ(made.string_or("status", ""), "done") << made.dump();
  const Ran fit = run({"dose", "fit", "c-8", "--dose", "d01", "--fit"});
  EXPECT_EQ(fit.code, 0) << fit.output;
  EXPECT_TRUE(fit.says("fit to thaw until")) << fit.output;
  const Ran unfit = run({"dose", "fit", "c-8", "--dose", "d01", "--no-fit"});
  EXPECT_EQ(unfit.code, 0) << unfit.output;
  EXPECT_TRUE(unfit.says("not fit: nothing is thawed")) << unfit.output;
  const Ran neither = run({"dose", "fit", "c-8", "--dose", "d01"});
  EXPECT_EQ(neither.code, 2) << neither.output;
  EXPECT_TRUE(run({"dose", "fit", "--help"}).says("--no-fit"));
}

// As of one that came by a list without the column.
TEST_F(ScanCommand, ACourseWithoutAProtocolIsGivenOneByTwoPeople) {
  const Json made = bank_.command("operator", "course/register",
                                  *parse_json(R"({"course":"c-7","patient":"p-7","doses":1})"));
  ASSERT_EQ(made.string_or("status", ""), "done") << made.dump();
  auto ran = std::async(std::launch::async, [&] {
    return bank_.ctl({"course", "protocol", "c-7", "--protocol", "ank-12", "--witness", "witness",
                      "--reason", "as its file says", "--wait"},
                     "supervisor");
  });
  Json waiting;
  const bool asked = eventually(seconds(30), [&] {
    const Json list = bank_.retained("service/waiting");
    if (list["waiting"].items().empty()) return false;
    waiting = list["waiting"].items().front();
    return true;
  });
  ASSERT_TRUE(asked) << ran.get().output;
  const std::string what =
      "course c-7 is given by protocol ank-12 version 1; it has 1 doses, the protocol 12";
  EXPECT_EQ(waiting.string_or("would", ""), what);
  bank_.command("witness", "witness/confirm",
                Json::object().set("command", waiting.string_or("command", "")));
  const auto end = ran.get();
  EXPECT_EQ(end.code, 0) << end.output;
  EXPECT_NE(end.output.find(what), std::string::npos) << end.output;
  EXPECT_TRUE(eventually(seconds(5), [&] {
    return bank_.retained("course/c-7").string_or("protocol", "") == "ank-12";
  }));
}

// Its faults are told before anybody is asked to confirm it.
TEST_F(ScanCommand, AnImportWithAFaultCallsNobody) {
  const std::string file = (bank_.directory() / "bad.csv").string();
  ASSERT_TRUE(
      ctl::write_file(file,
                      "aliquot,code,course,patient,lot,dose,fraction,state,path,position\r\n"
                      "v-1,V-1,c-1,p-1,,d01,2,expected,EXPECTED,\r\n",
                      0644)
          .ok());
  const auto end =
      bank_.ctl({"import", file, "--witness", "witness", "--reason", "moved in"}, "supervisor");
  EXPECT_EQ(end.code, 1) << end.output;
  EXPECT_NE(end.output.find("1 bad lines, nothing changed; line 2: "), std::string::npos)
      << end.output;
  EXPECT_EQ(end.output.find("waits until"), std::string::npos) << end.output;
  EXPECT_TRUE(bank_.retained("service/waiting")["waiting"].items().empty());
}

// The list of one vial, asked for by the very same line each time; its witness says no.
TEST_F(ScanCommand, AnImportThatCameToNothingIsAskedForAnewByTheSameLine) {
  const std::string file = (bank_.directory() / "list.csv").string();
  const std::string secret = (bank_.directory() / "secret").string();
  ASSERT_TRUE(ctl::write_file(secret, "demo-sign\n", 0600).ok());
  ASSERT_TRUE(ctl::write_file(file,
                              "aliquot,code,course,patient,lot,dose,fraction,state,path,position,"
                              "expires,thaws\r\n"
                              "v-1,V-1,c-1,p-1,,d01,1/1,expected,EXPECTED,,,\r\n",
                              0644)
                  .ok());
  const std::vector<std::string> line = {"--sign",  "--signing-secret-file",
                                         secret,    "import",
                                         file,      "--witness",
                                         "witness", "--reason",
                                         "moved in"};
  const auto import = [&] { return bank_.ctl(line, "supervisor"); };
  std::string last;
  for (int attempt = 1; attempt <= 3; ++attempt) {
    auto ran = std::async(std::launch::async, import);
    const auto waits = [&] {
      const Json waiting = bank_.retained("service/waiting");
      const auto& list = waiting["waiting"].items();
      return list.empty() ? std::string() : list.front().string_or("command", "");
    };
    const bool asked = eventually(seconds(30), [&] {
      const std::string id = waits();
      return !id.empty() && id != last;
    });
    ASSERT_TRUE(asked) << "attempt " << attempt << ": " << ran.get().output;
    last = waits();
    const Json refused =
        bank_.command("witness", "witness/refuse", Json::object().set("command", last));
    ASSERT_EQ(refused.string_or("status", ""), "done") << refused.dump();
    const auto end = ran.get();
    EXPECT_EQ(end.code, 1) << end.output;
    EXPECT_NE(end.output.find("accepted: waits until"), std::string::npos) << end.output;
    EXPECT_NE(end.output.find("witness refused to confirm"), std::string::npos) << end.output;
  }
}

TEST_F(ScanCommand, TellsInWordsWhyThereIsNoConnection) {
  const std::string passwords = (bank_.directory() / "passwords").string();
  ASSERT_TRUE(ctl::write_file(passwords, "operator:right\n", 0600).ok());
  ASSERT_EQ(std::system(cat("mosquitto_passwd -U ", passwords).c_str()), 0);
  const std::string folder = (bank_.directory() / "closed").string();
  std::filesystem::create_directories(folder);
  const std::string as_root = ::geteuid() == 0 ? "user root\n" : "";
  Broker closed(folder, cat("password_file ", passwords, "\n", as_root));
  closed.start();
  const Ran refused = run({"--port", cat(closed.port()), "status"}, "wrong");
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(refused.says("refuses the login \"operator\"")) << refused.output;
  const Ran nobody = run({"--port", "1", "status"});
  EXPECT_EQ(nobody.code, 1);
  EXPECT_TRUE(nobody.says("nobody listens there")) << nobody.output;
  const Ran strange = run({"--user", "operator", "nonsense"});
  EXPECT_EQ(strange.code, 2);
  EXPECT_TRUE(strange.says("there is no command \"nonsense\" of cryobankctl")) << strange.output;
}

}  // namespace
}  // namespace cryobank::test
