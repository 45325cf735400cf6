#include "devices/fleet.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "tests/devices/profile_fixture.hpp"
#include "tests/devices/virtual_bus.hpp"

namespace cryobank::devices {
namespace {

using Kind = config::LineConfig::Kind;

config::LineConfig line_of(std::string id, Kind kind) {
  config::LineConfig line;
  line.id = LineId(std::move(id));
  line.kind = kind;
  line.dead_retry_max_s = 60;
  return line;
}

// `units` devices of the block profile on each line, numbered from 1.
config::SiteConfig site_of(std::vector<config::LineConfig> lines, int units,
                           config::DeviceProfile profile = block_profile()) {
  config::SiteConfig site;
  site.profiles.push_back(std::move(profile));
  for (std::size_t l = 0; l < lines.size(); ++l) {
    for (int u = 1; u <= units; ++u) {
      config::DeviceConfig device;
      device.id = DeviceId(cat("d", l, "-", u));
      device.profile = site.profiles[0].id;
      device.line = lines[l].id;
      device.unit = static_cast<std::uint8_t>(u);
      site.devices.push_back(device);
    }
  }
  site.lines = std::move(lines);
  return site;
}

// Register 0 is the identity; register a of unit u reads 1000 u + a.
UnitAnswer plain_answer(const ModbusRequest& request) {
  UnitAnswer answer;
  answer.delay = milliseconds(5);
  answer.reply.kind = ReplyKind::ok;
  for (int a = request.address; a < request.address + request.count; ++a) {
    answer.reply.values.push_back(
        static_cast<std::uint16_t>(a == 0 ? 0xC0F1 : 1000 * request.unit + a));
  }
  return answer;
}
Unit plain_unit() {
  return [](const ModbusRequest& request, Instant) { return plain_answer(request); };
}
UnitAnswer no_answer() { return {}; }

TEST(Fleet, ReadsEveryPointOfEveryDeviceOverEveryKindOfLine) {
  VirtualSite site(site_of({line_of("tcp", Kind::tcp), line_of("rtu", Kind::rtu)}, 3));
  for (std::uint32_t line = 0; line < 2; ++line) {
    for (std::uint8_t unit = 1; unit <= 3; ++unit) site.bus.unit(line, unit) = plain_unit();
  }
  site.start();
  site.run(seconds(3));
  for (std::uint32_t device = 0; device < 6; ++device) {
    EXPECT_EQ(site.fleet.state(DeviceIndex{device}), DeviceState::online);
    for (std::uint32_t point = 1; point < 9; ++point) {
      EXPECT_EQ(site.reading(device, point).value, whole(1000 * (device % 3 + 1) + point));
    }
  }
}

TEST(Fleet, KeepsOneRequestPerLineInFlightAndNoRequestOlderThanItsBound) {
  VirtualSite site(site_of({line_of("a", Kind::tcp), line_of("b", Kind::rtu)}, 5));
  site.start();
  for (int i = 0; i < 200; ++i) {
    site.run(milliseconds(100));
    EXPECT_LE(site.fleet.oldest_request(site.now()).ns, milliseconds(510).ns);
  }
}

TEST(Fleet, TellsTheStatesOfADeviceThatDiesAndComesBack) {
  VirtualSite site(site_of({line_of("tcp", Kind::tcp)}, 1));
  site.bus.unit(0, 1) = plain_unit();
  site.start();
  site.run(seconds(5));
  site.bus.unit(0, 1) = nullptr;
  site.run(seconds(5));
  EXPECT_EQ(site.quality(0, 3), "comm-lost");
  EXPECT_FALSE(site.reading(0, 3).value.has_value());
  site.run(minutes(10));
  site.bus.unit(0, 1) = plain_unit();
  site.run(seconds(31));
  std::string told;
  for (const DeviceStateChange& change : site.states) told += cat(name_of(change.state), " ");
  EXPECT_EQ(told, "online stale lost online ");
  EXPECT_EQ(site.quality(0, 3), "good");
}

TEST(Fleet, KeepsThePeriodOfTheOthersWhenAQuarterIsDead) {
  for (const Kind kind : {Kind::tcp, Kind::rtu}) {
    config::LineConfig line = line_of("line", kind);
    line.baud = 115200;
    config::SiteConfig config = site_of({line}, 16);
    for (auto& device : config.devices) device.poll_fast = seconds(2);
    VirtualSite site(std::move(config));
    for (std::uint8_t unit = 1; unit <= 16; ++unit) {
      if (unit % 4 != 0) site.bus.unit(0, unit) = plain_unit();
    }
    site.start();
    site.run(minutes(5));  // the dead ones have been found out by then
    std::map<std::uint32_t, int> polls;
    std::map<std::uint32_t, Instant> last;
    Duration longest{};
    site.on_reading = [&](const Reading& reading) {
      if (reading.point.value != 1) return;
      ++polls[reading.device.value];
      Instant& before = last.try_emplace(reading.device.value, reading.at_mono).first->second;
      longest = std::max(longest, reading.at_mono - before);
      before = reading.at_mono;
    };
    site.run(minutes(10));
    EXPECT_EQ(polls.size(), 12u);
    for (const auto& [device, count] : polls) EXPECT_GE(count, 299) << device;
    EXPECT_LE(longest.ms(), 2000 + 1200) << "at most one time-out and its silence in a cycle";
  }
}

TEST(Fleet, StretchesThePeriodsOfALineThatCannotKeepThem) {
  config::LineConfig line = line_of("slow", Kind::rtu);
  line.baud = 1200;
  VirtualSite site(site_of({line}, 20));
  for (std::uint8_t unit = 1; unit <= 20; ++unit) site.bus.unit(0, unit) = plain_unit();
  const Duration cycle = site.fleet.shortest_cycle(LineIndex{0});
  EXPECT_GT(cycle.ns, seconds(5).ns);
  EXPECT_LT(cycle.ns, seconds(10).ns);
  site.start();
  site.run(minutes(1));
  int bad = 0;
  site.on_reading = [&](const Reading& reading) { bad += reading.quality != Quality::good; };
  site.run(minutes(10));
  EXPECT_EQ(bad, 0) << "nothing flaps to stale";
}

TEST(Fleet, PromisesWhatALineCanKeepTo) {
  config::LineConfig slow = line_of("slow", Kind::rtu);
  slow.baud = 1200;
  VirtualSite wire(site_of({slow}, 20));
  const LinePromise on_wire = wire.fleet.promise(LineIndex{0});
  EXPECT_EQ(on_wire.devices, 20u);
  EXPECT_GE(on_wire.reads, 20u);
  EXPECT_GT(on_wire.at_best.ns, seconds(5).ns) << "1200 baud carry no more";
  EXPECT_EQ(on_wire.fast.ns, wire.fleet.shortest_cycle(LineIndex{0}).ns);
  EXPECT_GT(on_wire.at_worst.ns, on_wire.at_best.ns);
  EXPECT_EQ(on_wire.dead_unit.ns, wire.config().profiles[0].quirks.response_timeout.ns * 2);
}

TEST(Fleet, FindsAllUnitsOfAnUnreachableEndpointLostAfterThreeTries) {
  config::SiteConfig config = site_of({line_of("tcp", Kind::tcp)}, 20);
  Fleet fleet(config, Epoch{1}, 1);
  FleetOutputs out;
  Now now;
  fleet.start(now, out);
  int tries = 0;
  while (fleet.state(DeviceIndex{19}) == fleet.state(DeviceIndex{0}) && tries < 100) {
    if (out.requests.empty()) {
      now.mono = fleet.next_deadline();
      fleet.on_deadline(now, out);
      continue;
    }
    ASSERT_EQ(out.requests.size(), 1u);
    LineReply reply;
    reply.id = out.requests[0].id;
    reply.modbus = {ReplyKind::disconnected, 0, {}, false};
    out.requests.clear();
    now.mono = now.mono + seconds(1);  // a black hole: the connect time-out
    fleet.on_reply(now, reply, out);
    ++tries;
    if (now.mono >= Instant{seconds(8).ns}) break;
  }
  int lost = 0;
  for (std::uint32_t device = 0; device < 20; ++device) {
    lost += fleet.reading(DeviceIndex{device}, PointIndex{1}).quality == Quality::comm_lost &&
            fleet.reading(DeviceIndex{device}, PointIndex{1}).seq > 0;
  }
  EXPECT_EQ(lost, 20) << "eight tries were enough for twenty units";
}

TEST(Fleet, IgnoresRepliesToNothing) {
  config::SiteConfig config = site_of({line_of("tcp", Kind::tcp)}, 1);
  Fleet fleet(config, Epoch{1}, 1);
  FleetOutputs out;
  Now now;
  fleet.start(now, out);
  now.mono = fleet.next_deadline();
  fleet.on_deadline(now, out);
  ASSERT_EQ(out.requests.size(), 1u);
  LineReply reply;
  reply.id = out.requests[0].id + 1;
  reply.modbus = plain_answer(out.requests[0].modbus).reply;
  out.clear();
  fleet.on_reply(now, reply, out);
  reply.line = LineIndex{77};
  fleet.on_reply(now, reply, out);
  EXPECT_TRUE(out.readings.empty());
  EXPECT_TRUE(out.requests.empty());
}

TEST(Fleet, DescribesADeviceWithItsPointsUnitsAndLimits) {
  config::SiteConfig config = site_of({line_of("tcp", Kind::tcp)}, 1);
  Fleet fleet(config, Epoch{1}, 1);
  const Json json = fleet.describe(DeviceIndex{0});
  EXPECT_EQ(json["kind"].string(), "freezer");
  EXPECT_EQ(json["profile"].string(), "block");
  ASSERT_EQ(json["points"].items().size(), 9u);
  EXPECT_EQ(json["points"].items()[2]["id"].string(), "p2");
  EXPECT_TRUE(json["limits"].has("temperature_warn"));
}

std::string trace_of(std::uint64_t seed) {
  std::string trace;
  VirtualSite site(site_of({line_of("tcp", Kind::tcp), line_of("rtu", Kind::rtu)}, 4), seed);
  Prng prng(9);
  for (std::uint32_t line = 0; line < 2; ++line) {
    for (std::uint8_t unit = 1; unit <= 4; ++unit) {
      site.bus.unit(line, unit) = [&](const ModbusRequest& request, Instant) {
        return prng.chance(1, 5) ? no_answer() : plain_answer(request);
      };
    }
  }
  site.on_reading = [&](const Reading& reading) {
    trace += cat(reading.device.value, ".", reading.point.value, name_of(reading.quality),
                 reading.at_mono.ns, " ");
  };
  site.start();
  site.run(minutes(2));
  return trace;
}

TEST(Fleet, GivesTheSameRunForTheSameSeed) {
  EXPECT_EQ(trace_of(1), trace_of(1));
  EXPECT_NE(trace_of(1), trace_of(2));
}

}  // namespace
}  // namespace cryobank::devices
