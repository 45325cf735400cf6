// Stories of real losses (docs/lead-times.md) against the real programs: daemon, broker, simulated
// machines behind real Modbus TCP and the gateway, whose clocks all run thirty times as fast
// (speed_preload.cpp). What counts is when a page is in a person's hands. The table that is printed
// has the lead time that the simulated world reached beside the one of the real programs.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "base/text.hpp"
#include "tests/programs/pager_program.hpp"

namespace cryobank::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kSpeed = 30;
// A story and its start must stay below a minute.
constexpr seconds kStoryMax{45};
// Beside what the story requires: the page's way to a person (10 s after detection at most), and
// what a machine under load adds (three seconds of it are these).
constexpr std::int64_t kOnTheWay_s = 90;

// Every program that is started from here on lives in the faster time.
class FastTime {
 public:
  FastTime() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
    ::setenv("CRYOBANK_SPEED", cat(kSpeed).c_str(), 1);
    ::setenv("CRYOBANK_SPEED_FROM", cat(ns).c_str(), 1);
    ::setenv("LD_PRELOAD", CRYOBANK_SPEED_LIBRARY, 1);
  }
  ~FastTime() {
    for (const char* name : {"CRYOBANK_SPEED", "CRYOBANK_SPEED_FROM", "LD_PRELOAD"}) {
      ::unsetenv(name);
    }
  }
  FastTime(const FastTime&) = delete;
  FastTime& operator=(const FastTime&) = delete;
};

// The words of the page's table: what the simulated world reached for this alarm.
std::string simulated(std::string_view story, std::string_view alarm) {
  const std::string page = read_text(CRYOBANK_SOURCE_DIR "/docs/lead-times.md");
  for (const std::string_view line : split(page, '\n')) {
    const auto cells = split(line, '|');
    if (cells.size() < 7 || trim(cells[1]) != story) continue;
    if (cells[3].find(alarm) != std::string_view::npos) return std::string(trim(cells[5]));
  }
  return "-";
}

class RealStories : public ::testing::Test {
 protected:
  RealStories() : bank_("stories"), pager_(bank_, "60s") {}
  ~RealStories() override { std::filesystem::remove_all(record()); }

  // Its disk is as slow as ever: a second of it would be half a minute here.
  static std::string record() {
    return cat(std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp", "/cryobank-stories-",
               ::getpid());
  }

  void SetUp() override {
    std::filesystem::create_directories(record());
    bank_.set_store(record() + "/store");
    bank_.add_config("\n[paging]\nproof_at = \"never\"\n");
    bank_.start_all();
    pager_.start();
    ASSERT_TRUE(bank_.wait_online(seconds(30)));
    // Everything is well before anything happens.
    ASSERT_TRUE(eventually(seconds(30), [this] {
      return bank_.retained("gateway/pager/state").string_or("state", "") == "online" &&
             bank_.retained("device/freezer-1/point/level").string_or("quality", "") == "good";
    }));
  }

  void begins() { from_ = Clock::now(); }
  void fault(const std::string& device, const std::string& name, const Json& more = {}) {
    Json ask = more.is_object() ? more : Json::object();
    const Json reply =
        bank_.sim().ask(ask.set("do", "fault").set("device", device).set("fault", name));
    ASSERT_TRUE(reply["ok"].boolean()) << reply.dump();
  }

  // Of the faster time, since the story began.
  std::int64_t passed_s(Clock::time_point at) const {
    return std::chrono::duration_cast<milliseconds>(at - from_).count() * kSpeed / 1000;
  }

  std::string pages() const {
    std::string all;
    for (const PrintedPage& page : pager_.printed()) {
      all += cat(passed_s(page.at), " s ", page.channel, ": ", page.text, "\n");
    }
    return all;
  }

  // When a person had a page that says all of these words, after so many seconds of the story.
  std::optional<std::int64_t> told(const std::vector<std::string>& words, std::int64_t from_s = 0,
                                   std::string_view channel = "") {
    std::optional<std::int64_t> when;
    eventually(kStoryMax - std::chrono::duration_cast<seconds>(Clock::now() - from_), [&] {
      for (const PrintedPage& page : pager_.printed()) {
        const bool all = std::ranges::all_of(words, [&page](const std::string& word) {
          return page.text.find(word) != std::string::npos;
        });
        if (!all || passed_s(page.at) < from_s) continue;
        if (!channel.empty() && page.channel != channel) continue;
        when = passed_s(page.at);
        return true;
      }
      return false;
    });
    return when;
  }

  void expect_told(std::string_view story, std::string_view alarm, std::int64_t required_s,
                   const std::vector<std::string>& words, std::int64_t from_s = 0,
                   std::string_view channel = "") {
    const auto when = told(words, from_s, channel);
    ASSERT_TRUE(when) << story << " " << alarm << " was never told\n"
                      << pages() << read_text(bank_.daemon_log());
    // With its priority where the table has several lines of it: "freezer-1.comm-lost` p1".
    const bool open = alarm.find('`') == std::string_view::npos;
    std::printf("| %s | `%s%s | %ld s | %s | %ld s |\n", std::string(story).c_str(),
                std::string(alarm).c_str(), open ? "`" : "", static_cast<long>(required_s),
                simulated(story, alarm).c_str(), static_cast<long>(*when - from_s));
    EXPECT_LE(*when - from_s, required_s + kOnTheWay_s) << pages();
  }

  // As somebody does who takes all of it for noise.
  void acknowledge_all_of(std::string_view device) {
    const auto alarms = bank_.login("viewer")->retained("alarm/+");
    ASSERT_TRUE(alarms.ok());
    int taken = 0;
    for (const auto& [topic, payload] : *alarms) {
      const auto alarm = parse_json(payload);
      if (!alarm || alarm->string_or("state", "") != "active-unacknowledged") continue;
      const std::string name = alarm->string_or("alarm", "");
      if (!name.starts_with(cat(device, "."))) continue;
      const Bank::Ran ran = bank_.ctl({"alarm", "ack", name, "--code", "false"}, "supervisor");
      EXPECT_EQ(ran.code, 0) << ran.output;
      ++taken;
    }
    ASSERT_GT(taken, 0);
  }

  FastTime time_;
  Bank bank_;
  PagerProgram pager_;
  Clock::time_point from_ = Clock::now();
};

TEST_F(RealStories, S11Breach) {
  begins();
  fault("freezer-1", "breach");
  expect_told("S11", "freezer-1.level-falling-fast", 30, {"P1 freezer-1", "level fell"});
}

TEST_F(RealStories, S12ValveStuckOpen) {
  begins();
  fault("freezer-1", "valve-stuck-open");
  expect_told("S12", "freezer-1.valve-stuck-open", 16 * 60, {"P1 freezer-1", "fill valve"});
}

TEST_F(RealStories, S2DarkController) {
  begins();
  fault("freezer-1", "dead");
  expect_told("S2a", "freezer-1.comm-lost` p2", 60, {"P2 freezer-1", "does not answer"});
  // A quarter of an hour from when it was found dark.
  expect_told("S2a", "freezer-1.comm-lost` p1", 16 * 60, {"P1 freezer-1", "does not answer"});
}

// The interlock shuts the inlet during service work, and somebody says that it was a false alarm.
TEST_F(RealStories, S1InterlockAndAFalseAcknowledgement) {
  begins();
  fault("room-1", "sensor-value", Json::object().set("point", "oxygen-1").set("value", 17));
  // One page of one cause: that nobody may enter comes first in it.
  expect_told("S1", "room-1.oxygen-1-low", 60, {"P1 room-1 DO NOT ENTER"});
  EXPECT_TRUE(eventually(seconds(10), [this] {
    return bank_.retained("alarm/room-1.ln2-inhibited").bool_or("active", false);
  }));
  acknowledge_all_of("room-1");
  if (HasFatalFailure()) return;
  const std::int64_t taken = passed_s(Clock::now());
  expect_told("S1", "room-1.ln2-inhibited", 15 * 60, {"P1 room-1"}, taken + 60);
}

// Nobody of the first tiers answers; the third is called.
TEST_F(RealStories, S17NobodyAnswers) {
  begins();
  fault("freezer-1", "breach");
  expect_told("S17", "tier 1", 30, {"P1 freezer-1"}, 0, "pager-1");
  expect_told("S17", "tier 2", 5 * 60, {"P1 freezer-1"}, 0, "pager-2");
  expect_told("S17", "tier 3", 10 * 60, {"P1 freezer-1"}, 0, "pager-3");
}

}  // namespace
}  // namespace cryobank::test
