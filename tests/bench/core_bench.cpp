// What one event costs the core (docs/measurements.md): a site of N machines on virtual time,
// polled each second, a broker and a disk that answer at once. Only Core::step and next_deadline
// are counted. core_bench [--devices N] [--minutes N]. Exits 1 above the budget of 1.5 us an event.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <queue>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "devices/simulator/hardware.hpp"
#include "service/core/core.hpp"
#include "tests/simulation/site.hpp"

namespace cryobank::simulation {
namespace {

constexpr double kBudgetUs = 1.5;
constexpr Duration kWarmUp = minutes(2);
constexpr Duration kLineTakes = milliseconds(3);
constexpr Duration kOthersTake = milliseconds(1);

struct Pending {
  Instant at;
  std::uint64_t order;
  core::Input input;
  bool operator<(const Pending& other) const {
    return at != other.at ? at > other.at : order > other.order;
  }
};

class Bench {
 public:
  explicit Bench(const config::SiteConfig& site) : hardware_(site, 1), core_(site, Epoch{1}, 7) {}

  void run(Duration warm_up, Duration counted) {
    step(core::Started{});
    step(core::BrokerLink{true, 100});
    until(now_.mono + warm_up);
    costs_.clear();
    costs_.reserve(4'000'000);
    until(now_.mono + counted);
  }
  const std::vector<std::uint32_t>& costs() const { return costs_; }  // ns, one per event

 private:
  void until(Instant end) {
    while (now_.mono < end) {
      const Instant due = core_.next_deadline();
      const Instant next = pending_.empty() ? due : std::min(due, pending_.top().at);
      hardware_.advance(std::max(next, now_.mono) - now_.mono);
      now_.wall = now_.wall + milliseconds(next.ns / 1'000'000 - now_.mono.ns / 1'000'000);
      now_.mono = std::max(next, now_.mono);
      if (due <= next) {
        step(core::Tick{});
        continue;
      }
      core::Input input = pending_.top().input;
      pending_.pop();
      step(input);
    }
  }

  void step(const core::Input& input) {
    effects_.clear();
    const auto begun = std::chrono::steady_clock::now();
    core_.step(now_, input, effects_);
    const Instant due = core_.next_deadline();
    const auto ended = std::chrono::steady_clock::now();
    static_cast<void>(due);
    costs_.push_back(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(ended - begun).count()));
    for (core::Effect& effect : effects_) carry(effect);
  }

  void carry(core::Effect& effect) {
    if (const auto* send = std::get_if<core::SendLine>(&effect)) {
      devices::LineReply reply;
      reply.id = send->request.id;
      reply.line = send->request.line;
      reply.modbus = hardware_.answer(send->request.line, send->request.modbus);
      reply.took = kLineTakes;
      later(kLineTakes, std::move(reply));
    } else if (const auto* publish = std::get_if<core::Publish>(&effect)) {
      if (publish->id != 0) later(kOthersTake, core::BrokerAck{publish->id, true, 0});
    } else if (const auto* commit = std::get_if<core::Commit>(&effect)) {
      later(kOthersTake, core::Committed{commit->id, {}, kOthersTake});
    } else if (const auto* sign = std::get_if<core::Sign>(&effect)) {
      later(kOthersTake, core::Signed{sign->id, std::string("\xE2\x80\x94 bench AAAAAA==\n")});
    }
  }

  void later(Duration delay, core::Input input) {
    pending_.push({now_.mono + delay, ++order_, std::move(input)});
  }

  simulator::Hardware hardware_;
  core::Core core_;
  Now now_{{1'000'000'000}, {1'795'316'400'000}};
  std::priority_queue<Pending> pending_;
  std::uint64_t order_ = 0;
  core::Effects effects_;
  std::vector<std::uint32_t> costs_;
};

int number(const char* text, int low, int high) {
  const auto value = parse_integer(text);
  if (value && *value >= low && *value <= high) return static_cast<int>(*value);
  std::fprintf(stderr, "expected %d to %d, came %s\n", low, high, text);
  std::exit(2);
}

int run(int argc, char** argv) {
  SiteOptions options;
  options.devices = 24;
  int counted = 30;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--devices") == 0) {
      options.devices = number(argv[i + 1], kDevicesMin, kDevicesMax);
    } else if (std::strcmp(argv[i], "--minutes") == 0) {
      counted = number(argv[i + 1], 1, 600);
    }
  }
  const auto site = make_site(options);
  if (!site) {
    std::fprintf(stderr, "%s\n", site.error().context.c_str());
    return 2;
  }
  Bench bench(*site);
  bench.run(kWarmUp, minutes(counted));
  std::vector<std::uint32_t> costs = bench.costs();
  std::uint64_t sum = 0;
  for (const std::uint32_t cost : costs) sum += cost;
  std::sort(costs.begin(), costs.end());
  const double mean_us = static_cast<double>(sum) / static_cast<double>(costs.size()) / 1'000;
  const auto at = [&costs](std::size_t per_mille) {
    return static_cast<double>(costs[(costs.size() - 1) * per_mille / 1'000]) / 1'000;
  };
  const double events_s = static_cast<double>(costs.size()) / (counted * 60.0);
  std::printf("%d devices at 1 Hz: %.0f events/s of virtual time, CPU %.3f %% of one core\n",
              options.devices, events_s, events_s * mean_us / 10'000);
  std::printf("us per event: mean %.2f, p50 %.2f, p99 %.2f, max %.0f; budget %.1f: %s\n", mean_us,
              at(500), at(990), at(1'000), kBudgetUs, mean_us <= kBudgetUs ? "met" : "MISSED");
  return mean_us <= kBudgetUs ? 0 : 1;
}

}  // namespace
}  // namespace cryobank::simulation

int main(int argc, char** argv) { return cryobank::simulation::run(argc, argv); }
