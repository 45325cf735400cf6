// Figures of polling (docs/measurements-polling.md):
//   1. devices x registers at 1 Hz over TCP, one connection each, by Fleet and lines
//   2. the same reads by a bare libmodbus loop on one thread
//   3. units on one RS-485 line on virtual time, all alive and a quarter dead, against the bytes on
//      the wire
// poll_bench [--devices N] [--registers N] [--seconds N]. Exits 1 when a cycle was missed.
#include <modbus.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

#include "base/text.hpp"
#include "devices/line/line_timing.hpp"
#include "tests/bench/real_site.hpp"
#include "tests/bench/register_server.hpp"
#include "tests/devices/profile_fixture.hpp"
#include "tests/devices/virtual_bus.hpp"

namespace cryobank::devices {
namespace {

struct Options {
  int devices = 256;
  int registers = 40;
  int seconds = 30;
  int serial = 1;  // 0: leave the serial figures out
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double resident_mb() {
  std::ifstream file("/proc/self/statm");
  long total = 0;
  long resident = 0;
  file >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1048576;
}

config::DeviceProfile profile_of(int registers) {
  config::DeviceProfile profile;
  profile.id = ProfileId("bench");
  profile.points.push_back(number_point("identity", 0));
  for (int i = 1; i < registers; ++i) {
    profile.points.push_back(number_point(cat("p", i), static_cast<std::uint16_t>(i)));
  }
  profile.identity_point = PointId("identity");
  profile.identity_value = "49393";
  return profile;
}

config::SiteConfig tcp_site(const Options& options, std::uint16_t port) {
  config::SiteConfig site;
  site.profiles.push_back(profile_of(options.registers));
  for (int i = 0; i < options.devices; ++i) {
    config::LineConfig line;
    line.id = LineId(cat("line-", i));
    line.port = port;
    config::DeviceConfig device;
    device.id = DeviceId(cat("device-", i));
    device.kind = config::DeviceKind::freezer;
    device.profile = site.profiles[0].id;
    device.line = line.id;
    site.lines.push_back(line);
    site.devices.push_back(device);
  }
  return site;
}

struct Load {
  double cpu_percent = 0;
  double us_per_read = 0;
};

bool bench_fleet(const Options& options, std::uint16_t port, Load& load) {
  const config::SiteConfig config = tcp_site(options, port);
  RealSite site(config);
  std::vector<Instant> last(config.devices.size());
  Duration longest{};
  std::uint64_t good = 0;
  site.start();
  site.run(seconds(3));  // connect, identify, settle
  site.on_reading = [&](const Reading& reading) {
    if (reading.quality == Quality::good) ++good;
    if (reading.point.value != 1) return;
    Instant& before = last[reading.device.value];
    if (before.ns != 0) longest = std::max(longest, reading.at_mono - before);
    before = reading.at_mono;
  };
  const std::uint64_t requests = site.requests;
  const double cpu = cpu_seconds();
  site.run(seconds(options.seconds));
  const double used = cpu_seconds() - cpu;
  const auto reads = static_cast<double>(site.requests - requests);
  load = {100 * used / options.seconds, 1e6 * used / reads};
  const double wanted = static_cast<double>(options.devices) * options.seconds;
  std::printf("fleet      %6.0f reads of %.0f wanted, %llu good readings, longest gap %lld ms\n",
              reads, wanted, static_cast<unsigned long long>(good),
              static_cast<long long>(longest.ms()));
  std::printf("fleet      cpu %.2f %% of a core, %.1f us a read, RSS %.1f MB, %d lines\n",
              load.cpu_percent, load.us_per_read, resident_mb(), options.devices);
  return reads >= wanted - options.devices && longest < milliseconds(1900);
}

void bench_library(const Options& options, std::uint16_t port, Load& load) {
  std::vector<modbus_t*> contexts;
  for (int i = 0; i < options.devices; ++i) {
    modbus_t* context = modbus_new_tcp("127.0.0.1", port);
    if (modbus_connect(context) != 0) std::printf("library: no connection %d\n", i);
    contexts.push_back(context);
  }
  std::uint16_t words[125];
  double reads = 0;
  const double cpu = cpu_seconds();
  Instant due = monotonic_now();
  for (int cycle = 0; cycle < options.seconds; ++cycle) {
    for (std::size_t i = 0; i < contexts.size(); ++i) {
      // Spread over the second, as the fleet does.
      const Instant at = due + seconds(1) * static_cast<std::int64_t>(i) /
                                   static_cast<std::int64_t>(contexts.size());
      const Duration left = at - monotonic_now();
      if (left.ns > 0) {
        const timespec pause{left.seconds(), static_cast<long>(left.ns % 1'000'000'000)};
        nanosleep(&pause, nullptr);
      }
      reads += modbus_read_input_registers(contexts[i], 0, options.registers, words) > 0;
    }
    due = due + seconds(1);
  }
  const double used = cpu_seconds() - cpu;
  load = {100 * used / options.seconds, 1e6 * used / reads};
  std::printf("libmodbus  cpu %.2f %% of a core, %.1f us a read, %.0f reads\n", load.cpu_percent,
              load.us_per_read, reads);
  for (modbus_t* context : contexts) {
    modbus_close(context);
    modbus_free(context);
  }
}

// One serial line on virtual time; returns the mean cycle of the units that live.
void bench_serial(int baud, int units, int dead) {
  config::SiteConfig config;
  config.profiles.push_back(profile_of(40));
  config::LineConfig line;
  line.id = LineId("rs485");
  line.kind = config::LineConfig::Kind::rtu;
  line.baud = baud;
  config.lines.push_back(line);
  for (int unit = 1; unit <= units; ++unit) {
    config::DeviceConfig device;
    device.id = DeviceId(cat("d-", unit));
    device.profile = config.profiles[0].id;
    device.line = line.id;
    device.unit = static_cast<std::uint8_t>(unit);
    config.devices.push_back(device);
  }
  VirtualSite site(config);
  for (int unit = dead + 1; unit <= units; ++unit) {
    site.bus.unit(0, static_cast<std::uint8_t>(unit)) = [](const ModbusRequest& request, Instant) {
      UnitAnswer answer;
      answer.delay = kTurnaround;
      answer.reply.kind = ReplyKind::ok;
      for (int a = request.address; a < request.address + request.count; ++a) {
        answer.reply.values.push_back(static_cast<std::uint16_t>(a == 0 ? 0xC0F1 : a));
      }
      return answer;
    };
  }
  site.start();
  site.run(minutes(20));
  int polls = 0;
  Duration longest{};
  std::vector<Instant> last(config.devices.size());
  site.on_reading = [&](const Reading& reading) {
    if (reading.point.value != 1 || !reading.value) return;
    ++polls;
    Instant& before = last[reading.device.value];
    if (before.ns != 0) longest = std::max(longest, reading.at_mono - before);
    before = reading.at_mono;
  };
  const Duration span = minutes(20);
  site.run(span);
  Span read;
  read.table = RegisterTable::input;
  read.count = 40;
  const auto bytes_only = character_time(line) * (8 + 5 + 2 * read.count);
  const double limit = static_cast<double>((bytes_only * units).ms());
  const double cycle = static_cast<double>(span.ms()) * (units - dead) / std::max(polls, 1);
  std::printf(
      "RS-485 %6d baud, %d units, %2d dead: cycle %.0f ms, bytes on the wire alone %.0f ms "
      "(%.2fx), promised %lld ms, longest gap %lld ms\n",
      baud, units, dead, cycle, limit, cycle / limit,
      static_cast<long long>(site.fleet.shortest_cycle(LineIndex{0}).ms()),
      static_cast<long long>(longest.ms()));
}

int run(const Options& options) {
  Load fleet;
  Load library;
  bool kept = false;
  {
    RegisterServer server;
    bench_library(options, server.port, library);
    kept = bench_fleet(options, server.port, fleet);
  }
  std::printf("fleet / libmodbus: %.2f\n", fleet.us_per_read / library.us_per_read);
  for (const int baud :
       options.serial == 0 ? std::vector<int>{} : std::vector<int>{9600, 19200, 115200}) {
    bench_serial(baud, 64, 0);
    bench_serial(baud, 64, 16);
  }
  std::printf(kept ? "no cycle missed\n" : "A CYCLE WAS MISSED\n");
  return kept ? 0 : 1;
}

}  // namespace
}  // namespace cryobank::devices

int main(int argc, char** argv) {
  cryobank::devices::Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const auto value = cryobank::parse_integer(argv[i + 1]);
    if (!value) return 2;
    const int number = static_cast<int>(*value);
    if (std::strcmp(argv[i], "--devices") == 0) options.devices = number;
    if (std::strcmp(argv[i], "--registers") == 0) options.registers = number;
    if (std::strcmp(argv[i], "--serial") == 0) options.serial = number;
    if (std::strcmp(argv[i], "--seconds") == 0) options.seconds = number;
  }
  return cryobank::devices::run(options);
}
