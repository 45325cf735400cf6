// An hour of virtual time with units that send garbage, wrong lengths, wrong units, endless
// trickles, answers out of time and exceptions, in any mixture. What must hold: nothing crashes, a
// value that is shown is what the right register read within the time-out, every open request ends,
// and the lines beside them never miss a poll.
#include <gtest/gtest.h>

#include <map>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "tests/devices/profile_fixture.hpp"
#include "tests/devices/virtual_bus.hpp"

namespace cryobank::devices {
namespace {

using Kind = config::LineConfig::Kind;

constexpr std::uint8_t kUnits = 4;

std::uint16_t right_word(int address, Instant sampled) {
  if (address == 0) return 0xC0F1;
  return static_cast<std::uint16_t>(address << 12 | sampled.ns / milliseconds(100).ns % 4096);
}

UnitAnswer right_answer(const ModbusRequest& request, Instant now) {
  UnitAnswer answer;
  answer.delay = milliseconds(3);
  answer.reply.kind = ReplyKind::ok;
  for (int a = request.address; a < request.address + request.count; ++a) {
    answer.reply.values.push_back(right_word(a, now));
  }
  return answer;
}

class Hostile {
 public:
  explicit Hostile(std::uint64_t seed) : prng_(seed) {}

  UnitAnswer operator()(const ModbusRequest& request, Instant now) {
    if (prng_.chance(1, 500)) mood_ = prng_.below(9);
    UnitAnswer answer = right_answer(request, now);
    switch (prng_.chance(1, 3) ? prng_.below(9) : mood_) {
      case 0:
        return answer;
      case 1:
        return {};
      case 2:  // garbage
        answer.reply = {ReplyKind::malformed, 0, {}, true};
        break;
      case 3:  // too short or too long
        answer.reply.values.resize(prng_.below(126));
        break;
      case 4:
        answer.wrong_unit = true;
        break;
      case 5:  // a trickle that is cut off by the time-out
        answer.delay = milliseconds(prng_.between(490, 520));
        answer.reply = {ReplyKind::malformed, 0, {}, true};
        break;
      case 6:
        answer.delay = milliseconds(prng_.between(0, 2500));
        break;
      case 7:
        answer.copies = static_cast<int>(prng_.between(2, 4));
        break;
      default:
        answer.reply = {
            ReplyKind::exception, static_cast<std::uint8_t>(prng_.between(1, 255)), {}, true};
        break;
    }
    return answer;
  }

 private:
  Prng prng_;
  std::uint64_t mood_ = 0;
};

config::SiteConfig site_with_two_hostile_lines() {
  config::SiteConfig site;
  site.profiles.push_back(block_profile());
  for (const Kind kind : {Kind::tcp, Kind::rtu, Kind::tcp, Kind::rtu}) {
    config::LineConfig line;
    line.id = LineId(cat("line-", site.lines.size()));
    line.kind = kind;
    line.baud = 115200;
    line.dead_retry_max_s = 10;
    for (std::uint8_t unit = 1; unit <= kUnits; ++unit) {
      config::DeviceConfig device;
      device.id = DeviceId(cat("d-", site.devices.size()));
      device.profile = site.profiles[0].id;
      device.line = line.id;
      device.unit = unit;
      site.devices.push_back(device);
    }
    site.lines.push_back(line);
  }
  return site;
}

TEST(HostileSlave, HarmsNobodyInAnHour) {
  int shown = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    VirtualSite site(site_with_two_hostile_lines(), seed);
    for (std::uint8_t unit = 1; unit <= kUnits; ++unit) {
      site.bus.unit(0, unit) = Hostile(seed * 100 + unit);
      site.bus.unit(1, unit) = Hostile(seed * 200 + unit);
      site.bus.unit(2, unit) = right_answer;
      site.bus.unit(3, unit) = right_answer;
    }
    std::map<std::uint32_t, int> polls;
    int wrong = 0;
    int not_good = 0;
    site.on_reading = [&](const Reading& reading) {
      const bool healthy = reading.device.value >= 2 * kUnits;
      if (healthy && reading.point.value == 1) ++polls[reading.device.value];
      if (healthy && reading.quality != Quality::good) ++not_good;
      if (!reading.value || reading.point.value == 0) return;
      ++shown;
      const std::int64_t word = reading.value->v / 1000;
      const std::int64_t now = reading.at_mono.ns / milliseconds(100).ns;
      const std::int64_t age = ((now - word) % 4096 + 4096) % 4096;
      if (word >> 12 != reading.point.value || age > 6) ++wrong;
    };
    site.start();
    for (int minute = 0; minute < 60; ++minute) {
      site.run(minutes(1));
      EXPECT_LE(site.fleet.oldest_request(site.now()).ns, seconds(1).ns);
    }
    EXPECT_EQ(wrong, 0) << "seed " << seed;
    EXPECT_EQ(not_good, 0) << "seed " << seed;
    for (const auto& [device, count] : polls) EXPECT_GE(count, 3599) << device;
    EXPECT_EQ(polls.size(), 2u * kUnits);
  }
  EXPECT_GT(shown, 100'000);
}

}  // namespace
}  // namespace cryobank::devices
