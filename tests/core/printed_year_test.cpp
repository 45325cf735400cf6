// The printed year of a real CryoPlus 2, line by line through its profile, the reader, the
// detectors and the board: no P1 and no P2 in a healthy year, and what is true in it is told. The
// lines have the form of the machine's own (config/devices/thermo-cryoplus-2.toml names them); the
// year is made anew (tests/devices/detect/printed_tank.hpp).
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "base/text.hpp"
#include "devices/fleet.hpp"
#include "service/alarms/board.hpp"
#include "tests/devices/detect/printed_tank.hpp"

namespace cryobank::core {
namespace {

using detect::kInch;

config::SiteConfig printed_site() {
  config::SiteConfig site;
  site.site = SiteId("printed");
  config::LineConfig line;
  line.id = LineId("printer");
  line.kind = config::LineConfig::Kind::text_serial;
  line.parity = 'N';
  site.lines.push_back(line);
  std::ifstream file(CRYOBANK_SOURCE_DIR "/config/devices/thermo-cryoplus-2.toml");
  std::ostringstream text;
  text << file.rdbuf();
  config::DeviceProfile profile;
  config::Faults faults;
  EXPECT_TRUE(config::parse_profile("thermo-cryoplus-2.toml", text.str(), profile, faults));
  site.profiles.push_back(std::move(profile));
  config::DeviceConfig device;
  device.id = DeviceId("cryoplus-1");
  device.kind = config::DeviceKind::freezer;
  device.profile = ProfileId("thermo-cryoplus-2");
  device.line = line.id;
  device.unit = 1;
  device.room = "store-room";
  device.poll_fast = minutes(10);  // only the line is asked
  device.poll_slow = minutes(10);
  device.limits.temperature_warn = whole(-115);  // as this tank is
  device.limits.temperature_critical = whole(-105);
  device.limits.fill_start = Milli{2 * kInch};
  device.limits.fill_stop = Milli{19 * kInch / 4};
  device.limits.level_low_warn = Milli{3 * kInch / 2};
  device.limits.level_low_critical = Milli{kInch};
  device.limits.level_high_warn = Milli{6 * kInch};
  device.limits.level_high_critical = Milli{13 * kInch / 2};
  site.devices.push_back(device);
  return site;
}

struct PrintedYear : detect::PrintedTank {
  config::SiteConfig site = printed_site();
  devices::Fleet fleet{site, Epoch{1}, 1};
  alarms::Board board{site};
  devices::FleetOutputs out;
  alarms::BoardOutputs told;
  std::map<std::string, int> urgent;  // P1 and P2, by condition
  std::string texts;
  int lines = 0;

  explicit PrintedYear(std::uint64_t seed) : PrintedTank(seed) {
    board.start(now, Epoch{1}, told);
    fleet.start(now, out);
    on_level = [this](Milli shown, Milli top) {
      print(cat("CURRENT LEVEL=", padded(shown.v * 100 / kInch), ", TEMP=-00", -top.v / 1000,
                "., (1) @ =00408. . . .12:15PM SEP 14, 2023"));
    };
    on_lid = [this] {
      print("COVER OPENED, (8) @ =00410. . . . . . . . . . . . . . .02:43PM SEP 14, 2023");
      print("TANK LID WAS OPENED");
    };
    on_fill = [this] {
      print("AUTO FILL, (0) @ =00421. . . . . . . . . . . . . . . . 01:48AM SEP 15, 2023");
      print("A LIQUID FILL CYCLE WAS JUST AUTOMATICALLY INITIATED");
    };
  }
  // 275 hundredths of an inch: "002.75".
  static std::string padded(std::int64_t hundredths) {
    const std::int64_t part = hundredths % 100;
    return cat("00", hundredths / 100, part < 10 ? ".0" : ".", part);
  }
  void print(std::string_view text) {
    ++lines;
    fleet.on_text(now, {devices::LineIndex{0}, std::string(text)}, out);
    drain();
  }
  void drain() {
    while (!out.requests.empty() || !out.readings.empty() || !out.states.empty() ||
           !out.conditions.empty()) {
      devices::FleetOutputs taken;
      std::swap(taken, out);
      for (const devices::Reading& reading : taken.readings) {
        const config::Point& point = fleet.profile({0}).points[reading.point.value];
        board.observe(now, {site.devices[0].id, point.meaning(), reading.quality, reading.value},
                      told);
      }
      for (const devices::DeviceStateChange& change : taken.states) {
        board.device_state(now, site.devices[0].id, change.state, told);
      }
      for (const devices::DeviceCondition& seen : taken.conditions) condition(seen);
      for (const devices::LineRequest& request : taken.requests) {
        devices::LineReply stands;  // the line is there
        stands.id = request.id;
        stands.line = request.line;
        stands.modbus.kind = devices::ReplyKind::ok;
        fleet.on_reply(now, stands, out);
      }
    }
    for (const Fact& fact : told.facts) {
      if (fact.type != fact::kAlarmRaised && fact.type != fact::kAlarmRisen) continue;
      if (fact.data.string_or("priority", "") == "p3") continue;
      const std::string alarm = fact.data.string_or("alarm", "");
      ++urgent[alarm.substr(alarm.find('.') + 1)];
      texts += cat(format_utc(now.wall), " ", fact.data.dump(), "\n");
    }
    told.clear();
  }
  void condition(const devices::DeviceCondition& seen) {
    alarms::Condition raised;
    raised.source = site.devices[0].id.str();
    raised.condition = seen.condition;
    raised.text = seen.text;
    raised.device = site.devices[0].id;
    raised.stage = seen.stage;
    if (seen.active) {
      board.raise(now, raised, told);
    } else {
      board.clear(now, raised.source, raised.condition, told);
    }
  }
  void days_pass(int count) {
    for (int i = 0; i < count; ++i) {
      day([this] {
        if (fleet.next_deadline() <= now.mono) fleet.on_deadline(now, out);
        if (board.next_deadline() <= now.mono) board.on_deadline(now, told);
        drain();
      });
    }
  }
};

TEST(PrintedYear, OfAHealthyTankGivesNoP1AndNoP2) {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    PrintedYear year(seed);
    year.days_pass(381);
    EXPECT_GT(year.lines, 5'000);
    EXPECT_TRUE(year.urgent.empty()) << "seed " << seed << "\n" << year.texts;
  }
}

// What cannot be judged is said, and why.
TEST(PrintedYear, CoverageSaysThatNobodyTellsHowLongTheLidIsOpenOrAFillTakes) {
  PrintedYear year(1);
  int untimed = 0;
  const Json list = year.board.coverage(year.site.devices[0].id);
  for (const Json& item : list.items()) {
    const std::string condition = item.string_or("condition", "");
    if (condition == "lid-open" || condition == "fill-too-long") {
      ++untimed;
      EXPECT_FALSE(item.bool_or("watched", true));
      EXPECT_NE(item.string_or("why_not", "").find("never when it ends"), std::string::npos);
    }
    if (condition == "level-low") {
      EXPECT_TRUE(item.bool_or("watched", false));
    }
  }
  EXPECT_EQ(untimed, 2);
}

// As on 27 September 2024: the unit was dark, and came back with its hours at 1.
TEST(PrintedYear, AnOutageOfTheUnitIsTold) {
  PrintedYear year(3);
  year.days_pass(30);
  year.powered = false;
  year.days_pass(1);
  EXPECT_GT(year.urgent["comm-lost"], 0) << "three missed prints of two hours";
  year.powered = true;
  year.print("POWERED UP, HOURS=1, (17) . . . . . . . . . . . . . . .08:59AM SEP 27, 2024");
  year.print("UNIT HAS BEEN POWERED UP FOR AN ELAPSED 2047 HOURS");
  EXPECT_EQ(year.urgent["controller-restarted"], 1) << "two lines are one event\n" << year.texts;
}

TEST(PrintedYear, ASupplyThatIsGoneIsToldWhileLiquidIsLeft) {
  PrintedYear year(4);
  year.days_pass(30);
  year.supply = false;
  int days_gone = 0;
  while (days_gone < 6 && year.urgent.empty()) {
    year.days_pass(1);
    ++days_gone;
  }
  EXPECT_FALSE(year.urgent.empty());
  EXPECT_GT(year.level, kInch / 2) << year.texts;
}

}  // namespace
}  // namespace cryobank::core
