// The telemetry thread on a real LevelDB: years of one freezer, restarts, damage.
#include "service/telemetry_io.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>

#include "service/telemetry/block.hpp"
#include "tests/contracts/temp_dir.hpp"

namespace cryobank::service {
namespace {

namespace fs = std::filesystem;
constexpr std::int64_t kStart = 1'795'316'400'000;

class TelemetryIo : public testing::Test {
 protected:
  void begin(std::size_t series = 1) {
    TelemetrySettings settings;
    settings.directory = folder.path() + "/telemetry";
    for (std::size_t i = 0; i < series; ++i) {
      settings.series.push_back({"freezer-1/point-" + std::to_string(i), seconds(1)});
    }
    thread.emplace(std::move(settings), [this](const std::string& line) {
      const std::lock_guard lock(mutex);
      said += line + "\n";
    });
  }
  void flush() {
    std::promise<void> done;
    thread->flush([&done] { done.set_value(); });
    done.get_future().wait();
  }
  Result<telemetry::Chart> ask(std::int64_t from_s, std::int64_t until_s, std::int64_t now_s) {
    std::promise<Result<telemetry::Chart>> answer;
    thread->ask({"freezer-1/point-0",
                 seconds(1),
                 {kStart + from_s * 1'000},
                 {kStart + until_s * 1'000},
                 1'200},
                {kStart + now_s * 1'000},
                [&](Result<telemetry::Chart> chart) { answer.set_value(std::move(chart)); });
    return answer.get_future().get();
  }
  void say(std::int64_t second, std::int64_t value) {
    thread->keep({{0, {kStart + second * 1'000}, value, true}});
  }
  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const auto& entry : fs::directory_iterator(folder.path() + "/telemetry"))
      sum += entry.file_size();
    return sum;
  }

  TempDir folder;
  std::mutex mutex;
  std::string said;
  std::optional<TelemetryThread> thread;
};

TEST_F(TelemetryIo, AnswersWithWhatIsNotWrittenYet) {
  begin();
  for (int s = 0; s < 30; ++s) say(s, 160'000 + s);
  const auto chart = ask(0, 60, 60);
  ASSERT_TRUE(chart.ok());
  EXPECT_EQ(chart->tier, telemetry::Tier::raw);
  EXPECT_EQ(chart->rows.back().bucket.high, 160'029);
}

TEST_F(TelemetryIo, AnEmptyFolderBecomesTheHistory) {
  fs::create_directories(folder.path() + "/telemetry");
  begin();
  say(0, 160'000);
  flush();
  EXPECT_EQ(said, "");
  EXPECT_TRUE(fs::exists(folder.path() + "/telemetry/CURRENT"));
  EXPECT_FALSE(fs::exists(folder.path() + "/telemetry.damaged-1"));
}

TEST_F(TelemetryIo, AFolderOfSomethingElseIsLeftAlone) {
  fs::create_directories(folder.path() + "/telemetry/store");
  std::ofstream(folder.path() + "/telemetry/signing-key") << "secret";
  begin();
  say(0, 160'000);
  flush();
  EXPECT_NE(said.find("holds other files: it is left as it is"), std::string::npos) << said;
  EXPECT_TRUE(fs::exists(folder.path() + "/telemetry/store"));
  EXPECT_TRUE(fs::exists(folder.path() + "/telemetry/signing-key"));
  EXPECT_FALSE(fs::exists(folder.path() + "/telemetry.damaged-1"));
}

TEST_F(TelemetryIo, ARestartKeepsWhatWasAndShowsTheTimeBetweenAsAGap) {
  begin();
  for (int s = 0; s < 100; ++s) say(s, 160'000);
  thread.reset();
  begin();
  for (int s = 110; s < 130; ++s) say(s, 160'000);
  const auto chart = ask(0, 200, 200);
  ASSERT_TRUE(chart.ok());
  bool gap = false;
  for (const telemetry::Row& row : chart->rows) {
    gap = gap || (row.gap && row.at.ms > kStart + 90'000 && row.at.ms < kStart + 110'000);
  }
  EXPECT_TRUE(gap);
  EXPECT_EQ(chart->rows.back().at.ms, kStart + 120'000);
}

TEST_F(TelemetryIo, TenYearsOfOnePointAreAnsweredInUnderASecond) {
  begin();
  constexpr std::int64_t kYear = 365 * 86'400;
  // One reading an hour for ten years, then a day of one a second.
  for (std::int64_t s = 0; s < 10 * kYear; s += 3'600) say(s, -189'000 + s % 7'000);
  for (std::int64_t s = 10 * kYear; s < 10 * kYear + 86'400; ++s) say(s, -189'000 + s % 4);
  flush();
  const std::int64_t now = 10 * kYear + 86'400;
  for (const std::int64_t span :
       {std::int64_t{86'400}, 30 * std::int64_t{86'400}, kYear, 10 * kYear}) {
    const auto begun = std::chrono::steady_clock::now();
    const auto chart = ask(now - span, now, now);
    const auto took = std::chrono::steady_clock::now() - begun;
    ASSERT_TRUE(chart.ok());
    EXPECT_GT(chart->rows.size(), 100U) << span;
    EXPECT_LE(chart->rows.size(), 2'500U) << span;
    EXPECT_LT(took, std::chrono::seconds(1)) << span;
    RecordProperty(
        "ms_for_" + std::to_string(span),
        static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  }
}

TEST_F(TelemetryIo, AReadingThatChangesEachSecondCostsAFewBytes) {
  begin(10);
  constexpr std::int64_t kReadings = 20'000;
  for (std::int64_t s = 0; s < kReadings; ++s) {
    std::vector<telemetry::HeardReading> all;
    for (std::uint32_t p = 0; p < 10; ++p)
      all.push_back({p, {kStart + s * 1'000 + s % 5}, -189'000 + (s * (p + 3)) % 11 * 100, true});
    thread->keep(std::move(all));
  }
  flush();
  thread.reset();
  const double each = static_cast<double>(bytes()) / (kReadings * 10);
  RecordProperty("bytes_per_reading", std::to_string(each));
  EXPECT_LT(each, 8.0);
}

TEST_F(TelemetryIo, WhatIsTooOldGoes) {
  begin();
  for (int s = 0; s < 3'000; ++s) say(s, 160'000 + s);
  flush();
  say(8 * 86'400, 1);
  flush();
  say(8 * 86'400 + 3'700, 1);
  flush();
  const auto chart = ask(0, 3'000, 3'000);
  ASSERT_TRUE(chart.ok());
  EXPECT_TRUE(chart->rows.empty());
}

TEST_F(TelemetryIo, ADamagedStoreIsPutAsideAndTheDaemonGoesOn) {
  begin();
  for (int s = 0; s < 3'000; ++s) say(s, 160'000 + s);
  thread.reset();
  for (const auto& entry : fs::directory_iterator(folder.path() + "/telemetry")) {
    if (entry.path().filename().string().starts_with("MANIFEST")) fs::resize_file(entry.path(), 3);
  }
  begin();
  say(4'000, 1);
  const auto chart = ask(0, 5'000, 5'000);
  ASSERT_TRUE(chart.ok());
  const std::lock_guard lock(mutex);
  EXPECT_NE(said.find("put aside"), std::string::npos) << said;
  EXPECT_TRUE(fs::exists(folder.path() + "/telemetry.damaged-1"));
}

TEST_F(TelemetryIo, WithoutAFolderNothingIsKeptAndNothingFails) {
  thread.emplace(TelemetrySettings{"", {}, {{"freezer-1/point-0", seconds(1)}}},
                 [](const std::string&) {});
  say(0, 1);
  EXPECT_TRUE(ask(0, 10, 10).ok());
}

}  // namespace
}  // namespace cryobank::service
