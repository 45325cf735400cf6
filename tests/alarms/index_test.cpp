// What the board looks up instead of walking over all of its alarms, against a walk: after each of
// thousands of things that happen to a site, what is open, counted, first of its cause and told
// together is what a recount of every alarm says.
#include <map>
#include <set>

#include "base/prng.hpp"
#include "tests/alarms/board_story.hpp"

namespace cryobank::alarms {
namespace {

constexpr int kFreezers = 12;
constexpr const char* kTold[] = {"level-falling-fast", "fill-missed", "evaporation-doubled",
                                 "top-frozen", "fill-too-long"};

config::SiteConfig crowded_site() {
  config::SiteConfig site = story_site();
  const config::DeviceConfig one = site.devices.front();
  for (int i = 2; i <= kFreezers; ++i) {
    config::DeviceConfig another = one;
    another.id = DeviceId(cat("freezer-", i));
    another.line = LineId(cat("line-", i / 4));
    site.devices.push_back(another);
  }
  return site;
}

struct Recount {
  std::map<std::string, int> states;                // "p1 active-unacknowledged"
  std::map<std::string, std::int64_t> first;        // by cause: the oldest occurrence
  std::map<std::string, std::set<std::string>> by;  // by cause: who says that it is the first
  std::set<std::string> open;
};

// Every alarm that this site can have, one by one.
Recount recount(Story& s, const std::set<std::string>& ever) {
  Recount out;
  for (const std::string& id : ever) {
    const Json shown = s.board().render(AlarmId(id));
    if (shown.is_null()) continue;
    out.open.insert(id);
    const std::string state = shown.string_or("state", "");
    if (state == "closed") continue;
    ++out.states[cat(shown.string_or("priority", ""), " ", state)];
    const std::string cause = shown.string_or("cause", "");
    const std::int64_t occurrence = shown.integer_or("occurrence", 0);
    const auto known = out.first.try_emplace(cause, occurrence).first;
    known->second = std::min(known->second, occurrence);
    if (shown.bool_or("first_out", false)) out.by[cause].insert(id);
  }
  return out;
}

void expect_same(Story& s, const std::set<std::string>& ever) {
  const Recount truth = recount(s, ever);
  std::set<std::string> open;
  for (const AlarmId& id : s.board().open_alarms()) open.insert(id.str());
  EXPECT_EQ(open, truth.open);
  const Json counts = s.board().summary(s.now())["counts"];
  for (const char* const priority : {"p1", "p2", "p3"}) {
    for (const auto& [state, count] : counts[priority].members()) {
      const auto known = truth.states.find(cat(priority, " ", state));
      EXPECT_EQ(count.integer(), known == truth.states.end() ? 0 : known->second)
          << priority << " " << state;
    }
  }
  for (const auto& [cause, occurrence] : truth.first) {
    const auto who = truth.by.find(cause);
    ASSERT_TRUE(who != truth.by.end() && who->second.size() == 1) << cause;
    const Json shown = s.board().render(AlarmId(*who->second.begin()));
    EXPECT_EQ(shown.integer_or("occurrence", 0), occurrence) << cause;
  }
}

void something_happens(Story& s, Prng& prng, std::set<std::string>& ever) {
  const std::string freezer = cat("freezer-", prng.between(1, kFreezers));
  const std::string told = kTold[prng.below(std::size(kTold))];
  const std::vector<AlarmId> open = s.board().open_alarms();
  const std::string some = open.empty() ? "" : open[prng.below(open.size())].str();
  switch (prng.below(10)) {
    case 0:
    case 1:
      s.reads("level", Milli{prng.between(40, 260) * 1000}, freezer);
      break;
    case 2:
    case 3:
      s.tells(freezer, told, 1);
      break;
    case 4:
      s.tells(freezer, told, 0);
      break;
    case 5:
      s.device_is(prng.chance(1, 2) ? DeviceState::lost : DeviceState::online, freezer);
      break;
    case 6:
      if (!some.empty()) s.acknowledge(some);
      break;
    case 7:
      if (!some.empty()) s.shelve(some, "30min");
      break;
    case 8:
      if (prng.chance(1, 2)) {
        s.raise(prng.chance(1, 2) ? Priority::p1 : Priority::p2, cat("c-", prng.below(5)));
      } else {
        s.clear(cat("c-", prng.below(5)));
      }
      break;
    default:
      s.reads("outlet-valve", whole(prng.chance(1, 2) ? 0 : 1), "supply-1");
  }
  s.wait(seconds(prng.between(0, 240)));
  if (prng.chance(1, 60)) s.restart(seconds(prng.between(1, 300)));
  for (const AlarmId& id : s.board().open_alarms()) ever.insert(id.str());
}

TEST(AlarmIndex, SaysWhatAWalkOverAllAlarmsSays) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Prng prng(seed);
    Story s(crowded_site());
    std::set<std::string> ever;
    for (int step = 0; step < 400; ++step) {
      something_happens(s, prng, ever);
      expect_same(s, ever);
      ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed << ", step " << step;
    }
    EXPECT_GT(ever.size(), 20u);
  }
}

// One that is of a cause with many others: the board says so without asking them all.
TEST(AlarmIndex, FirstOfACauseMovesOnWhenItCloses) {
  Story s(crowded_site());
  for (int i = 1; i <= 6; ++i) s.device_is(DeviceState::lost, cat("freezer-", 4 + i % 4));
  const auto first = [&](const char* alarm) {
    return s.board().render(AlarmId(alarm)).bool_or("first_out", false);
  };
  EXPECT_TRUE(first("freezer-5.comm-lost"));
  EXPECT_FALSE(first("freezer-6.comm-lost"));
  EXPECT_EQ(s.acknowledge("freezer-5.comm-lost"), "done");
  s.device_is(DeviceState::online, "freezer-5");
  s.wait(seconds(11));
  EXPECT_EQ(s.seen("freezer-5.comm-lost"), "closed");
  EXPECT_TRUE(first("freezer-6.comm-lost")) << "who came next";
}

}  // namespace
}  // namespace cryobank::alarms
