// What detectors and alarms cost (docs/measurements.md), on virtual time and one core: a tank-year
// of every detector, a reading of 256 freezers through detectors and board, and 500 alarms at once
// to their pages. alarm_bench [--days N] [--minutes N]. Exits 1 when a page costs above its 20 ms.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>

#include "base/text.hpp"
#include "service/alarms/page/page_ledger.hpp"
#include "tests/devices/detect/story_tank.hpp"

namespace cryobank::bench {
namespace {

using Clock = std::chrono::steady_clock;
using detect::Feeder;
using detect::StoryTank;
using detect::TankShape;
using detect::TankWatch;

constexpr int kFreezers = 256;
constexpr int kFlood = 500;
constexpr int kReadingsEach = 6;  // level, weight, top, bottom, lid, valve

double ms_since(Clock::time_point begun) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
}

// Milliseconds of detectors alone for a year: with them, less the simulated tank by itself.
void tank_years(int days_of) {
  std::printf("detectors of one tank, a year (from %d days), ms\n", days_of);
  for (const Duration every : {seconds(10), minutes(1), minutes(5), hours(2)}) {
    TankShape shape;
    shape.every = every;
    shape.has_weight = true;
    StoryTank alone(shape, 1);
    auto begun = Clock::now();
    for (std::int64_t s = 0; s < days(days_of).seconds(); s += 10) alone.step();
    const double bare = ms_since(begun);
    StoryTank tank(shape, 1);
    TankWatch watch(setup_of(shape));
    Feeder feeder(tank, watch, shape);
    int told = 0;
    begun = Clock::now();
    feeder.run(days(days_of), [&](const Now&, const detect::Finding&) { ++told; });
    const double with = ms_since(begun);
    std::printf("  a value every %5ld s  %8.0f  (%d findings told)\n",
                static_cast<long>(every.seconds()), std::max(0.0, with - bare) * 365 / days_of,
                told);
  }
}

config::SiteConfig site_of() {
  config::SiteConfig site;
  site.site = SiteId("bench");
  for (int i = 1; i <= kFreezers; ++i) {
    config::DeviceConfig device;
    device.id = DeviceId(cat("freezer-", i));
    device.room = cat("room-", (i - 1) / 16 + 1);
    device.line = LineId(cat("line-", (i - 1) / 16 + 1));
    device.limits.level_low_warn = whole(102);
    device.limits.level_low_critical = whole(77);
    device.limits.level_high_warn = whole(228);
    device.limits.level_high_critical = whole(253);
    site.devices.push_back(device);
  }
  for (int tier = 1; tier <= 3; ++tier) {
    config::ChannelConfig channel;
    channel.id = ChannelId(cat("pager-", tier));
    channel.tier = tier;
    site.channels.push_back(channel);
    config::UserConfig user;
    user.id = UserId(cat("person-", tier));
    user.roles = {"operator"};
    user.channels = {channel.id};
    site.users.push_back(user);
  }
  config::GatewayConfig gateway;
  gateway.user = UserId("pager");
  site.gateways.push_back(gateway);
  return site;
}

// 256 freezers, each read once a second, with values that move.
class Readings {
 public:
  Readings() : site_(site_of()), board_(site_) {
    TankShape shape;
    shape.every = seconds(10);
    shape.has_weight = true;
    for (int i = 1; i <= kFreezers; ++i) {
      tanks_.push_back({StoryTank(shape, static_cast<std::uint64_t>(i)), TankWatch(setup_of(shape)),
                        DeviceId(cat("freezer-", i)), false, false});
    }
    board_.start(now_, Epoch{1}, out_);
    for (Tank& tank : tanks_) {
      for (const char* const point : kPoints) tank.points.push_back(board_.watched(tank.id, point));
    }
  }

  void run(int minutes_of) {
    second_for(minutes(10));  // until the detectors know the pace of the values
    costs_.clear();
    second_for(minutes(minutes_of));
    std::sort(costs_.begin(), costs_.end());
    double sum = 0;
    for (const double cost : costs_) sum += cost;
    const auto count = static_cast<double>(costs_.size());
    std::printf(
        "%d freezers, every detector and rule, %d values a second: %.2f us a reading "
        "(p50 %.2f, p99 %.2f), %.2f %% of one core\n",
        kFreezers, kFreezers * kReadingsEach, sum / count / kReadingsEach,
        costs_[costs_.size() / 2] / kReadingsEach, costs_[costs_.size() * 99 / 100] / kReadingsEach,
        sum / count * kFreezers / 10'000);
  }

 private:
  static constexpr const char* kPoints[] = {
      "level", "weight", "temperature-top", "temperature-bottom", "lid", "fill-valve"};
  struct Tank {
    StoryTank tank;
    TankWatch watch;
    DeviceId id;
    bool lid = false;
    bool valve = false;
    std::vector<std::optional<alarms::Board::Watched>> points{};
  };

  void second_for(Duration span) {
    for (std::int64_t s = 0; s < span.seconds(); ++s) {
      now_ = {now_.mono + seconds(1), now_.wall + seconds(1)};
      for (Tank& tank : tanks_) {
        if (s % 10 == 0) tank.tank.step();
        const auto begun = Clock::now();
        read(tank);
        costs_.push_back(ms_since(begun) * 1'000);
      }
      if (board_.next_deadline() <= now_.mono) board_.on_deadline(now_, out_);
      out_.clear();
    }
  }

  void read(Tank& tank) {
    const StoryTank& shown = tank.tank;
    const Milli values[] = {shown.level(),
                            shown.weight(),
                            shown.top(),
                            shown.bottom(),
                            whole(shown.lid_open() ? 1 : 0),
                            whole(shown.valve_open() ? 1 : 0)};
    tank.watch.level(now_, values[0], found_);
    tank.watch.weight(now_, values[1], found_);
    tank.watch.top(now_, values[2], found_);
    tank.watch.bottom(now_, values[3], found_);
    tank.watch.lid(now_, shown.lid_open());
    tank.watch.valve(now_, shown.valve_open(), found_);
    for (const detect::Finding& finding : found_) {
      alarms::Condition told;
      told.source = tank.id.str();
      told.condition = finding.condition;
      told.text = finding.text;
      told.device = tank.id;
      told.stage = std::max(1, finding.stage);
      if (finding.stage > 0) {
        board_.raise(now_, told, out_);
      } else {
        board_.clear(now_, told.source, told.condition, out_);
      }
    }
    found_.clear();
    for (int i = 0; i < kReadingsEach; ++i) {
      const auto place = static_cast<std::size_t>(i);
      if (tank.points[place]) {
        board_.observe(now_, *tank.points[place], Quality::good, values[place], out_);
      }
    }
  }

  config::SiteConfig site_;
  alarms::Board board_;
  alarms::BoardOutputs out_;
  detect::Findings found_;
  std::deque<Tank> tanks_;
  Now now_{Instant{1'000'000'000}, WallTime{1'795'500'000'000}};
  std::vector<double> costs_;  // us, of the readings of one freezer
};

constexpr double kPageBudgetMs = 20;

// A board and its ledger as the core drives them: what changed is told, its rows and its retained
// text are made, the summary once for all of it.
struct Desk {
  config::SiteConfig site = site_of();
  alarms::Board board{site};
  alarms::PageLedger ledger{site, board, Epoch{1}};
  alarms::BoardOutputs out;
  alarms::LedgerOutputs told;
  const Now now{Instant{1'000'000'000}, WallTime{1'795'500'000'000}};
  std::vector<double> costs;
  std::size_t pages = 0;

  Desk() {
    board.start(now, Epoch{1}, out);
    ledger.start(now, told);
    out.clear();
    told.clear();
  }
  template <class Act>
  void time(const Act& act) {
    const auto begun = Clock::now();
    act();
    for (const AlarmId& alarm : out.changed) ledger.on_alarm(now, alarm, told);
    static_cast<void>(board.rows_of(out.changed));
    static_cast<void>(ledger.rows_of(told.changed));
    for (const AlarmId& alarm : out.changed) {
      Json shown = board.render(alarm);
      shown.set("paging", ledger.face(alarm));
      static_cast<void>(shown.dump());
    }
    static_cast<void>(board.summary(now).dump());
    costs.push_back(ms_since(begun));
    pages += told.pages.size();
    out.clear();
    told.clear();
  }
  // False: above the budget of a page.
  bool report(const char* what) {
    std::sort(costs.begin(), costs.end());
    double sum = 0;
    for (const double cost : costs) sum += cost;
    const double p99 = costs[costs.size() * 99 / 100];
    std::printf(
        "%zu alarms in a row, %s: %zu pages, %.3f ms an alarm (p50 %.3f, p99 %.3f, "
        "budget %.0f: %s)\n",
        costs.size(), what, pages, sum / static_cast<double>(costs.size()), costs[costs.size() / 2],
        p99, kPageBudgetMs, p99 <= kPageBudgetMs ? "met" : "MISSED");
    return p99 <= kPageBudgetMs;
  }
};

// 500 alarms in one second, two kinds on every freezer: from the word to the pages that it makes.
bool flood() {
  Desk desk;
  for (int i = 0; i < kFlood; ++i) {
    alarms::Condition seen;
    seen.device = DeviceId(cat("freezer-", i % (kFlood / 2) + 1));
    seen.source = seen.device.str();
    seen.condition = i < kFlood / 2 ? "level-falling-fast" : "fill-missed";
    seen.text = "seen";
    desk.time([&] { desk.board.raise(desk.now, seen, desk.out); });
  }
  return desk.report("two kinds of 250 freezers");
}

// As many of one cause, each of which looks whether it was the first.
bool flood_of_one_cause() {
  Desk desk;
  for (int i = 0; i < kFlood; ++i) {
    alarms::Condition seen;
    seen.source = cat("job-", i);
    seen.condition = "vial-unknown";
    seen.priority = alarms::Priority::p1;
    seen.text = "seen";
    desk.time([&] { desk.board.raise(desk.now, seen, desk.out); });
  }
  return desk.report("one cause");
}

int number(const char* text, int low, int high) {
  const auto value = parse_integer(text);
  if (value && *value >= low && *value <= high) return static_cast<int>(*value);
  std::fprintf(stderr, "expected %d to %d, came %s\n", low, high, text);
  std::exit(2);
}

}  // namespace
}  // namespace cryobank::bench

int main(int argc, char** argv) {
  using namespace cryobank::bench;
  int days_of = 365;
  int minutes_of = 5;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--days") == 0) days_of = number(argv[i + 1], 1, 3650);
    if (std::strcmp(argv[i], "--minutes") == 0) minutes_of = number(argv[i + 1], 1, 600);
  }
  tank_years(days_of);
  Readings().run(minutes_of);
  const bool met = flood();
  return flood_of_one_cause() && met ? 0 : 1;
}
