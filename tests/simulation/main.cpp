// simulation: runs seeds of the simulated world from the command line. docs/simulation.md.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/simulation/run.hpp"

namespace cryobank::simulation {
namespace {

constexpr const char* kUsage =
    "usage: simulation [--seed N | --seeds A-B] [--hours H | --days D] [--devices N]\n"
    "                  [--poll-ms MS] [--no-faults] [--once] [--trace] [--lines N]\n";

struct Options {
  WorldOptions world;
  std::uint64_t first = 1;
  std::uint64_t last = 1;
  bool once = false;
};

// Told when the core aborts in the middle of a seed.
std::uint64_t running_seed = 0;
extern "C" void on_abort(int) {
  char text[128];
  const int size = std::snprintf(text, sizeof text, "FAILED: aborted\nSEED %llu\n",
                                 static_cast<unsigned long long>(running_seed));
  std::fwrite(text, 1, static_cast<std::size_t>(size), stderr);
}

std::uint64_t number(const char* text) {
  const auto value = parse_integer(text);
  if (value && *value >= 0) return static_cast<std::uint64_t>(*value);
  std::fprintf(stderr, "expected a number, came %s\n%s", text, kUsage);
  std::exit(2);
}

void take_value(Options& options, std::string_view name, const char* value) {
  if (name == "--seed") {
    options.first = options.last = number(value);
  } else if (name == "--seeds") {
    const std::string text = value;
    const std::size_t dash = text.find('-');
    options.first = number(text.substr(0, dash).c_str());
    options.last =
        dash == std::string::npos ? options.first : number(text.substr(dash + 1).c_str());
  } else if (name == "--hours") {
    options.world.safety = hours(static_cast<std::int64_t>(number(value)));
  } else if (name == "--days") {
    options.world.safety = days(static_cast<std::int64_t>(number(value)));
  } else if (name == "--devices") {
    options.world.devices = static_cast<int>(number(value));
  } else if (name == "--lines") {
    options.world.lines = static_cast<std::size_t>(number(value));
  } else if (name == "--poll-ms") {
    options.world.poll_fast = milliseconds(static_cast<std::int64_t>(number(value)));
  } else {
    std::fprintf(stderr, "%s", kUsage);
    std::exit(2);
  }
}

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--trace") {
      options.world.lines = kLinesUsual;
    } else if (name == "--once") {
      options.once = true;
    } else if (name == "--no-faults") {
      options.world.faults = false;
    } else if (i + 1 < argc) {
      take_value(options, name, argv[++i]);
    } else {
      std::fprintf(stderr, "%s", kUsage);
      std::exit(2);
    }
  }
  if (options.world.devices >= kDevicesMin && options.world.devices <= kDevicesMax) return options;
  std::fprintf(stderr, "--devices: expected %d to %d\n", kDevicesMin, kDevicesMax);
  std::exit(2);
}

std::string replay(const Options& options) {
  const WorldOptions& world = options.world;
  return cat("--seed ", world.seed, " --hours ", world.safety.seconds() / 3600, " --devices ",
             world.devices, " --poll-ms ", world.poll_fast.ms(), world.faults ? "" : " --no-faults",
             " --trace");
}

Outcome run_seed(const Options& options) {
  if (!options.once) return run_twice(options.world);
  const auto site = draw_site(options.world);
  if (site) return run_once(*site, options.world);
  Outcome out;
  out.violations.push_back(site.error().context);
  return out;
}

// Once more with the trace as text, since keeping text costs most of a run's time.
void tell_failure(Options options, const Outcome& outcome) {
  std::string lines = outcome.last_lines;
  if (options.world.lines == 0) {
    options.world.lines = kLinesUsual;
    const auto site = draw_site(options.world);
    if (site) lines = run_once(*site, options.world).last_lines;
  }
  std::fwrite(lines.data(), 1, lines.size(), stdout);  // keys hold any byte
  std::printf("faults: %s\n", outcome.plan.c_str());
  for (const std::string& violation : outcome.violations) {
    std::printf("FAILED: %s\n", violation.c_str());
  }
  std::printf("SEED %llu\nreplay: simulation %s\n",
              static_cast<unsigned long long>(options.world.seed), replay(options).c_str());
}

int run_all(Options options) {
  const auto begun = std::chrono::steady_clock::now();
  Duration simulated{};
  int failed = 0;
  for (std::uint64_t seed = options.first; seed <= options.last; ++seed) {
    options.world.seed = running_seed = seed;
    const Outcome outcome = run_seed(options);
    simulated = simulated + outcome.simulated;
    std::printf(
        "seed %llu: %s, %llu steps, %llu commits, %llu moves, %llu ends of the process, "
        "trace %s; %s\n",
        static_cast<unsigned long long>(seed), outcome.violations.empty() ? "ok" : "FAILED",
        static_cast<unsigned long long>(outcome.steps),
        static_cast<unsigned long long>(outcome.commits),
        static_cast<unsigned long long>(outcome.moves),
        static_cast<unsigned long long>(outcome.kills), hex16(outcome.hash).c_str(),
        outcome.plan.c_str());
    std::fflush(stdout);
    if (outcome.violations.empty()) continue;
    ++failed;
    tell_failure(options, outcome);
  }
  const double real_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  std::printf("%d failed; %.0f simulated s in %.1f s: %.0f simulated s per minute\n", failed,
              static_cast<double>(simulated.seconds()), real_s,
              static_cast<double>(simulated.seconds()) / real_s * 60);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace cryobank::simulation

int main(int argc, char** argv) {
  std::signal(SIGABRT, cryobank::simulation::on_abort);
  return cryobank::simulation::run_all(cryobank::simulation::read_options(argc, argv));
}
