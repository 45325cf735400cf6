// The example clients do against a real bank what they say: a stranger's program starts from them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/text.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

struct Ran {
  int code = 0;
  std::string output;
};

// One example client: the words before its own, e.g. "node cryobank.mjs".
class ExamplesTest : public ::testing::TestWithParam<std::string> {
 protected:
  ExamplesTest() : bank_("examples-" + GetParam()) {
    bank_.start_all();
    if (GetParam() == "python") {
      client_ = {"/usr/bin/python3", CRYOBANK_SOURCE_DIR "/examples/python/cryobank.py"};
      return;
    }
    // ./run-tests installs them.
    const fs::path packages = CRYOBANK_SOURCE_DIR "/examples/node/node_modules";
    const fs::path folder = bank_.directory() / "node";
    fs::create_directories(folder);
    fs::copy_file(CRYOBANK_SOURCE_DIR "/examples/node/cryobank.mjs", folder / "cryobank.mjs");
    fs::create_directory_symlink(packages, folder / "node_modules");
    EXPECT_TRUE(fs::exists(packages / "mqtt")) << "npm ci in examples/node has not been run";
    client_ = {"/usr/bin/env", "node", (folder / "cryobank.mjs").string()};
  }

  Ran run(const std::string& user, const std::vector<std::string>& words) {
    const std::string log = (bank_.directory() / cat("example-", ++runs_, ".log")).string();
    setenv("CRYOBANK_USER", user.c_str(), 1);
    setenv("CRYOBANK_PASSWORD", "demo", 1);
    setenv("CRYOBANK_SITE", "demo", 1);
    setenv("CRYOBANK_PORT", cat(bank_.broker().port()).c_str(), 1);
    std::vector<std::string> all = client_;
    all.insert(all.end(), words.begin(), words.end());
    Process process(all, log);
    const int code = process.wait(seconds(60));
    return {code, read_text(log)};
  }

  // An alarm of that source that stands now, or nothing.
  std::string active_alarm(std::string_view source) {
    const auto session = bank_.login("viewer");
    const auto found = session->retained("alarm/+");
    if (!found) return {};
    for (const auto& [topic, payload] : *found) {
      const auto json = parse_json(payload);
      if (!json || (*json)["active"] != Json(true)) continue;
      const std::string id = (*json)["alarm"].string();
      if (id.starts_with(source)) return id;
    }
    return {};
  }

  Bank bank_;

 private:
  std::vector<std::string> client_;
  int runs_ = 0;
};

TEST_P(ExamplesTest, ShowFreezersTakeAnAlarmRegisterACourseAndMissNoEvent) {
  Ran shown;
  const bool told = eventually(seconds(30), [&] {
    shown = run("viewer", {"freezers"});
    return shown.output.find("temperature-top: -") != std::string::npos;
  });
  EXPECT_TRUE(told) << shown.output;
  EXPECT_NE(shown.output.find("freezer-4"), std::string::npos) << shown.output;

  for (const char* course : {"course-1", "course-2", "course-3"}) {
    const Ran made = run("operator", {"register", course, "patient-7f3a"});
    EXPECT_EQ(made.code, 0) << made.output;
    EXPECT_NE(made.output.find("done: "), std::string::npos) << made.output;
  }
  const Ran again = run("operator", {"register", "course-1", "patient-7f3a"});
  EXPECT_EQ(again.code, 1) << again.output;
  EXPECT_NE(again.output.find("rejected: "), std::string::npos) << again.output;

  // Somebody who has number 1 and comes later is told all that follow in order, none twice.
  const Json head = bank_.retained("event/inventory/head");
  ASSERT_TRUE(head.is_object());
  const std::int64_t last = head["last"].integer();
  ASSERT_GE(last, 3);
  const std::string first_seen = "1";
  const Ran followed =
      GetParam() == "python"
          ? run("viewer", {"follow", "inventory", "--after", first_seen, "--until", cat(last)})
          : run("viewer", {"follow", "inventory", first_seen, cat(last)});
  EXPECT_EQ(followed.code, 0) << followed.output;
  std::int64_t expected = 2;
  for (const std::string_view line : split(followed.output, '\n')) {
    if (line.empty()) continue;
    EXPECT_TRUE(line.starts_with(cat(expected, " 20"))) << line;
    ++expected;
  }
  EXPECT_EQ(expected, last + 1) << followed.output;

  // An alarm that somebody takes.
  bank_.sim().ask(
      Json::object().set("do", "fault").set("device", "freezer-2").set("fault", "dead"));
  std::string alarm;
  const bool raised = eventually(seconds(90), [&] {
    alarm = active_alarm("freezer-2.");
    return !alarm.empty();
  });
  ASSERT_TRUE(raised);
  const Ran taken = run("operator", {"acknowledge", alarm});
  EXPECT_EQ(taken.code, 0) << taken.output;
  const Ran unknown = run("operator", {"acknowledge", "freezer-9.lid-open"});
  EXPECT_EQ(unknown.code, 1) << unknown.output;
  const Ran denied = run("viewer", {"register", "course-9", "patient-7f3a"});
  EXPECT_NE(denied.code, 0) << denied.output;
}

INSTANTIATE_TEST_SUITE_P(EachLanguage, ExamplesTest, ::testing::Values("python", "node"));

}  // namespace
}  // namespace cryobank::test
