// Time from a change at a machine to the MQTT message that tells of it, through the real daemon:
// the simulator's lid is moved, and the retained lid point is awaited by a subscriber. The same
// change is timed with a bare libmodbus read loop of the same period, which is the limit of any
// poller.
#include <modbus.h>
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kPoint = "device/freezer-1/point/lid";
constexpr int kLidRegister = 4;  // input register of config/devices/cryobank-freezer-1.toml, bit 0

Json lid(bool open) {
  return Json::object().set("do", "lid").set("device", "freezer-1").set("open", open);
}

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

struct Figures {
  double p50 = 0;
  double p99 = 0;
};

Figures figures_of(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
  };
  return {at(0.5), at(0.99)};
}

// Somewhere between two polls, so that the changes do not fall into step with them.
void pause(Prng& prng, milliseconds period) {
  eventually(milliseconds(prng.between(1, period.count())), [] { return false; });
}

// Changes the lid `count` times and hears of each on MQTT.
Figures through_the_daemon(Bank& bank, milliseconds period, int count) {
  Prng prng(1);
  const auto session = bank.login("viewer");
  std::vector<double> times;
  bool open = false;
  Clock::time_point changed{};
  const Status heard = session->follow(kPoint, seconds(600), [&](const ctl::Message& message) {
    const auto json = parse_json(message.payload);
    const bool told = json && (*json)["value"].is_integer() && (*json)["value"].integer() == open;
    if (!told) return true;
    if (changed != Clock::time_point{}) times.push_back(ms_since(changed));
    if (static_cast<int>(times.size()) >= count) return false;
    pause(prng, period);
    open = !open;
    changed = Clock::now();
    bank.sim().ask(lid(open));
    return true;
  });
  CHECK(heard.ok() && static_cast<int>(times.size()) == count);
  return figures_of(std::move(times));
}

// The same changes, seen by a loop of bare libmodbus reads with the same period.
Figures through_bare_reads(Bank& bank, int port, milliseconds period, int count) {
  modbus_t* line = modbus_new_tcp("127.0.0.1", port);
  modbus_set_slave(line, 1);
  CHECK(modbus_connect(line) == 0);
  Prng prng(1);
  std::vector<double> times;
  bool open = false;
  bank.sim().ask(lid(open));
  auto next_poll = Clock::now();
  for (int i = 0; i < count; ++i) {
    pause(prng, period);
    open = !open;
    const auto changed = Clock::now();
    bank.sim().ask(lid(open));
    std::uint16_t word = 0;
    do {
      while (next_poll < Clock::now()) next_poll += period;
      eventually(std::chrono::duration_cast<milliseconds>(next_poll - Clock::now()),
                 [] { return false; });
      CHECK(modbus_read_input_registers(line, kLidRegister, 1, &word) == 1);
    } while ((word & 1) != (open ? 1 : 0));
    times.push_back(ms_since(changed));
  }
  modbus_close(line);
  modbus_free(line);
  return figures_of(std::move(times));
}

void measure(milliseconds period, int count) {
  Bank bank(cat("latency-", period.count()));
  bank.set_freezer_poll(cat(period.count(), "ms"));
  bank.start_all();
  CHECK(bank.wait_online(seconds(20)));
  const Figures daemon = through_the_daemon(bank, period, count);
  bank.kill_daemon();
  const Figures bare = through_bare_reads(bank, bank.freezer_port(), period, count);
  std::printf("%8ld ms  %8.1f  %8.1f  %10.1f  %10.1f  %10.1f\n", static_cast<long>(period.count()),
              daemon.p50, daemon.p99, bare.p50, bare.p99, daemon.p50 - bare.p50);
  std::fflush(stdout);
}

}  // namespace
}  // namespace cryobank::test

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 100;
  if (count < 2 || count > 10'000) {
    std::fprintf(stderr, "usage: latency_bench [CHANGES 2-10000]\n");
    return 2;
  }
  std::printf("register change to MQTT message, %d changes; times in ms\n", count);
  std::printf("poll every  daemon p50      p99  bare p50       bare p99    added p50\n");
  cryobank::test::measure(std::chrono::milliseconds(100), count);
  cryobank::test::measure(std::chrono::milliseconds(1000), std::max(2, count / 5));
  return 0;
}
