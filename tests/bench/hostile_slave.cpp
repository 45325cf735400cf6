// Hostile slaves in real time: a TCP endpoint and a serial line that lie, drip, break and swallow,
// beside honest ones, under a real Fleet. hostile_slave [--minutes N | --seconds N]. Exits 1 when a
// wrong value was shown or an honest device lost a poll.
#include <cstdio>
#include <cstring>
#include <map>

#include "base/checksum.hpp"
#include "base/prng.hpp"
#include "base/text.hpp"
#include "devices/line/modbus_frame.hpp"
#include "tests/bench/real_site.hpp"
#include "tests/contracts/line_servers.hpp"
#include "tests/devices/profile_fixture.hpp"

namespace cryobank::devices {
namespace {

using Kind = config::LineConfig::Kind;

// Register 0 is the identity, register a reads 4096 a.
Bytes right_pdu(const Bytes& request, std::size_t unit_at) {
  const int address = request[unit_at + 2] << 8 | request[unit_at + 3];
  const int count = request[unit_at + 5];
  Bytes pdu{request[unit_at + 1], static_cast<std::uint8_t>(2 * count)};
  for (int a = address; a < address + count; ++a) {
    const int word = a == 0 ? 0xC0F1 : a << 12;
    pdu.push_back(static_cast<std::uint8_t>(word >> 8 & 0xFF));
    pdu.push_back(static_cast<std::uint8_t>(word & 0xFF));
  }
  return pdu;
}

Bytes right_frame(const Bytes& request, bool tcp) {
  if (tcp) {
    return tcp_frame(static_cast<std::uint16_t>(request[0] << 8 | request[1]), request[6],
                     right_pdu(request, 6));
  }
  Bytes frame{request[0]};
  const Bytes pdu = right_pdu(request, 0);
  frame.insert(frame.end(), pdu.begin(), pdu.end());
  const std::uint16_t crc = crc16_modbus(frame);
  frame.push_back(static_cast<std::uint8_t>(crc & 0xFF));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8));
  return frame;
}

class Hostile {
 public:
  Hostile(bool tcp, std::uint64_t seed) : tcp_(tcp), prng_(seed) {}

  std::vector<Step> operator()(const Bytes& request, int /*n*/) {
    if (request.size() < (tcp_ ? 12u : 8u)) return {};
    Bytes frame = right_frame(request, tcp_);
    switch (prng_.below(12)) {
      case 0:
        return {};
      case 1:  // noise
        frame.assign(1 + prng_.below(300), 0);
        for (std::uint8_t& byte : frame) byte = static_cast<std::uint8_t>(prng_.next());
        return {Step{.bytes = frame}};
      case 2:  // too short
        frame.resize(prng_.below(frame.size()));
        return {Step{.bytes = frame}};
      case 3:  // one bit wrong anywhere before the data
        frame[prng_.below(tcp_ ? 9 : 3)] ^= static_cast<std::uint8_t>(1u << prng_.below(8));
        return {Step{.bytes = frame}};
      case 4:  // one byte a tenth of a second, for long
        return std::vector<Step>(20, Step{.wait = milliseconds(100), .bytes = {1}});
      case 5:  // late
        return {Step{.wait = milliseconds(prng_.between(450, 900)), .bytes = frame}};
      case 6: {
        Bytes twice = frame;
        twice.insert(twice.end(), frame.begin(), frame.end());
        return {Step{.bytes = twice}};
      }
      case 7:
        return {Step{.end = tcp_ ? Step::End::reset : Step::End::none}};
      case 8:
        return {Step{.bytes = frame, .end = tcp_ ? Step::End::close : Step::End::none}};
      default:
        return {Step{.bytes = frame}};
    }
  }

 private:
  bool tcp_;
  Prng prng_;
};

void add_line(config::SiteConfig& site, config::LineConfig line) {
  line.id = LineId(cat("line-", site.lines.size()));
  line.dead_retry_max_s = 5;
  for (std::uint8_t unit = 1; unit <= 2; ++unit) {
    config::DeviceConfig device;
    device.id = DeviceId(cat("device-", site.devices.size()));
    device.profile = site.profiles[0].id;
    device.line = line.id;
    device.unit = unit;
    site.devices.push_back(device);
  }
  site.lines.push_back(line);
}

config::LineConfig serial(const std::string& path) {
  config::LineConfig line;
  line.kind = Kind::rtu;
  line.path = path;
  line.baud = 115200;
  line.parity = 'N';
  return line;
}
config::LineConfig tcp(std::uint16_t port) {
  config::LineConfig line;
  line.port = port;
  return line;
}

struct Honest {
  int polls = 0;
  Instant last{};
  Duration longest{};
};

int run(Duration span) {
  TcpServer hostile_tcp(Hostile(true, 1));
  PtyServer hostile_pty(Hostile(false, 2));
  TcpServer honest_tcp([](const Bytes& request, int) {
    return std::vector<Step>{{.bytes = right_frame(request, true)}};
  });
  PtyServer honest_pty([](const Bytes& request, int) {
    return std::vector<Step>{{.bytes = right_frame(request, false)}};
  });
  config::SiteConfig config;
  config.profiles.push_back(block_profile());
  add_line(config, tcp(hostile_tcp.port));
  add_line(config, serial(hostile_pty.path));
  add_line(config, tcp(honest_tcp.port));
  add_line(config, serial(honest_pty.path));
  RealSite site(config);
  int wrong = 0;
  int shown = 0;
  int not_good = 0;
  std::map<std::uint32_t, Honest> honest;
  site.on_reading = [&](const Reading& reading) {
    const bool is_honest = reading.device.value >= 4;
    if (is_honest && reading.quality != Quality::good) ++not_good;
    if (is_honest && reading.point.value == 1) {
      Honest& device = honest[reading.device.value];
      if (device.polls++ > 0) {
        device.longest = std::max(device.longest, reading.at_mono - device.last);
      }
      device.last = reading.at_mono;
    }
    if (!reading.value || reading.point.value == 0) return;
    ++shown;
    if (reading.value->v / 1000 != static_cast<std::int64_t>(reading.point.value) << 12) ++wrong;
  };
  site.start();
  site.run(span);
  Duration longest{};
  int fewest = honest.size() == 4 ? 1'000'000 : 0;
  for (const auto& [index, device] : honest) {
    longest = std::max(longest, device.longest);
    fewest = std::min(fewest, device.polls);
  }
  std::printf(
      "%d values shown, %d wrong; honest devices: %d readings not good, fewest polls %d of "
      "%lld, longest gap %lld ms; %d hostile requests\n",
      shown, wrong, not_good, fewest, static_cast<long long>(span.seconds()),
      static_cast<long long>(longest.ms()), hostile_tcp.requests() + hostile_pty.requests());
  const bool kept = fewest >= span.seconds() * 9 / 10 && longest < seconds(4);
  return wrong == 0 && not_good == 0 && kept && shown > 0 ? 0 : 1;
}

}  // namespace
}  // namespace cryobank::devices

int main(int argc, char** argv) {
  cryobank::Duration span = cryobank::seconds(10);
  if (argc == 3) {
    const auto value = cryobank::parse_integer(argv[2]);
    if (!value) return 2;
    span = std::strcmp(argv[1], "--minutes") == 0 ? cryobank::minutes(*value)
                                                  : cryobank::seconds(*value);
  }
  return cryobank::devices::run(span);
}
