// The report of a month against a recount that shares no code with it.
#include "service/alarms/metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "tests/contracts/temp_dir.hpp"

namespace cryobank::alarms {
namespace {

constexpr WallTime kFrom{1'795'478'400'000};
const WallTime kUntil = kFrom + days(30);

struct Entry {
  FactName type;
  std::string alarm;
  std::int64_t occurrence = 0;
  std::string priority;
  WallTime at;
};

Json data_of(const Entry& entry) {
  return Json::object()
      .set("alarm", entry.alarm)
      .set("occurrence", entry.occurrence)
      .set("priority", entry.priority)
      .set("at", format_utc(entry.at));
}

std::vector<Entry> some_month(std::uint64_t seed) {
  Prng prng(seed);
  std::vector<Entry> entries;
  for (std::int64_t i = 1; i <= 400; ++i) {
    Entry raised{fact::kAlarmRaised, cat("freezer-", prng.below(6), ".level-low"), i,
                 cat("p", 1 + prng.below(3)), kFrom + seconds(prng.between(-86'400, 31 * 86'400))};
    if (prng.chance(1, 4)) raised.at = kFrom + days(3) + seconds(prng.between(0, 1'500));
    entries.push_back(raised);
    Entry later = raised;
    later.at = raised.at + seconds(prng.between(1, 7'200));
    later.type = fact::kAlarmAcknowledged;
    if (prng.chance(3, 4)) entries.push_back(later);
    later.at = raised.at + seconds(prng.between(1, 200'000));
    later.type = fact::kAlarmCleared;
    if (prng.chance(3, 4)) entries.push_back(later);
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.at < b.at; });
  return entries;
}

TEST(Metrics, EqualARecount) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<Entry> entries = some_month(seed);
    Metrics metrics(kFrom, kUntil);
    for (const Entry& entry : entries) EXPECT_TRUE(metrics.add({entry.type, data_of(entry)}).ok());
    const Json report = metrics.report();
    std::vector<WallTime> times;
    std::map<std::string, std::int64_t> mix;
    std::int64_t late = 0;
    for (const Entry& entry : entries) {
      if (entry.at < kFrom || entry.at >= kUntil) continue;
      if (entry.type == fact::kAlarmRaised) {
        times.push_back(entry.at);
        ++mix[entry.priority];
      }
    }
    for (const Entry& taken : entries) {
      if (taken.type != fact::kAlarmAcknowledged || taken.at >= kUntil) continue;
      for (const Entry& raised : entries) {
        if (raised.type != fact::kAlarmRaised || raised.occurrence != taken.occurrence) continue;
        if (raised.at >= kFrom && taken.at - raised.at > hours(1)) ++late;
      }
    }
    std::size_t peak = 0;
    for (const WallTime end : times) {
      const auto within = std::count_if(times.begin(), times.end(), [&](WallTime at) {
        return at <= end && end - at < minutes(10);
      });
      peak = std::max(peak, static_cast<std::size_t>(within));
    }
    EXPECT_EQ(report["alarms"], Json(static_cast<std::int64_t>(times.size())));
    EXPECT_EQ(report["peak_10min"], Json(static_cast<std::uint64_t>(peak)));
    EXPECT_EQ(report["priorities"]["p1"]["count"], Json(mix["p1"]));
    EXPECT_EQ(report["acknowledged"]["late"], Json(late));
  }
}

// 0 when scripts/recount-alarms finds the same in these lines of a journal.
int recount(const std::vector<Entry>& entries, const Json& report) {
  const TempDir folder;
  const std::string journal = folder / "journal.jsonl";
  const std::string told = folder / "report.json";
  std::ofstream lines(journal);
  for (const Entry& entry : entries) {
    lines << Json::object()
                 .set("stream", "alarm")
                 .set("type", entry.type.type())
                 .set("data", data_of(entry))
                 .dump()
          << "\n";
  }
  lines.close();
  std::ofstream(told) << report.dump();
  const std::string script = cat(CRYOBANK_SOURCE_DIR, "/scripts/recount-alarms ");
  return std::system(cat("python3 ", script, journal, " ", told, " >/dev/null").c_str());
}

TEST(Metrics, EveryFigureEqualsARecountInAnotherLanguage) {
  for (std::uint64_t seed = 21; seed <= 30; ++seed) {
    const std::vector<Entry> entries = some_month(seed);
    Metrics metrics(kFrom, kUntil);
    for (const Entry& entry : entries) EXPECT_TRUE(metrics.add({entry.type, data_of(entry)}));
    const Json report = metrics.report();
    EXPECT_EQ(recount(entries, report), 0) << "seed " << seed << " " << report.dump();
    if (seed > 21) continue;
    // Each figure is really compared: one that is off by one is found.
    for (const char* const key : {"alarms", "peak_10min", "flood_s"}) {
      Json wrong = report;
      wrong.set(key, report[key].integer() + 1);
      EXPECT_NE(recount(entries, wrong), 0) << key;
    }
    for (const char* const key : {"count", "never", "median_s", "longest_s", "in_time", "late"}) {
      Json taken = report["acknowledged"];
      taken.set(key, taken[key].integer() + 1);
      Json wrong = report;
      wrong.set("acknowledged", std::move(taken));
      EXPECT_NE(recount(entries, wrong), 0) << key;
    }
  }
}

TEST(Metrics, KnowChatterStaleAndFlood) {
  Metrics metrics(kFrom, kUntil);
  std::int64_t number = 0;
  const auto raise = [&](std::string_view alarm, Duration after) {
    const Entry raised{fact::kAlarmRaised, std::string(alarm), ++number, "p2", kFrom + after};
    EXPECT_TRUE(metrics.add({raised.type, data_of(raised)}).ok());
  };
  for (int i = 0; i < 3; ++i) raise("a.level-low", seconds(10 * i));
  for (int i = 0; i < 12; ++i) raise(cat("b", i, ".level-low"), hours(5) + seconds(i));
  raise("c.level-low", days(20));
  const Json report = metrics.report();
  ASSERT_EQ(report["chattering"].items().size(), 1u);
  EXPECT_EQ(report["chattering"].items()[0]["alarm"], Json("a.level-low"));
  EXPECT_EQ(report["peak_10min"], Json(12));
  EXPECT_GT(report["flood_s"].integer(), 500);
  EXPECT_LT(report["flood_s"].integer(), 700);
  EXPECT_EQ(report["stale"].items().size(), 16u);
  EXPECT_EQ(report["acknowledged"]["never"], Json(16));
}

}  // namespace
}  // namespace cryobank::alarms
