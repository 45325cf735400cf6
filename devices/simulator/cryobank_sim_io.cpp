// cryobank-sim: the simulated hardware of one site over real Modbus. See docs/simulator.md.
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "base/try.hpp"
#include "config/load.hpp"
#include "devices/simulator/wire/sim_io.hpp"

namespace cryobank::simulator {
namespace {

constexpr int kRefused = 1;
constexpr int kWrongUsage = 2;
constexpr int kPortMost = 65535;
constexpr std::int64_t kSpeedMost = 100'000;
constexpr std::int64_t kRobotSpeedMost = 1'000;

Result<std::string> read_text(std::string_view path) {
  std::ifstream file{std::string(path), std::ios::binary};
  if (!file) return make_error(ErrorCode::not_found, cat("cannot open ", path));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// "line=value"
Status split_pairs(const std::vector<std::string>& pairs, std::map<std::string, std::string>& out) {
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == pair.size()) {
      return make_error(ErrorCode::malformed,
                        cat("expected LINE=VALUE, came \"", clip(pair, 80), "\""));
    }
    out[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return {};
}

Status read_ports(const std::vector<std::string>& pairs, SimOptions& options) {
  std::map<std::string, std::string> texts;
  TRY(split_pairs(pairs, texts));
  for (const auto& [line, text] : texts) {
    const Result<std::int64_t> port = parse_integer(text);
    if (!port || *port < 0 || *port > kPortMost) {
      return make_error(ErrorCode::invalid_value,
                        cat("line ", line, ": expected a port, came ", text));
    }
    options.ports[line] = static_cast<std::uint16_t>(*port);
  }
  return {};
}

int complain(const Error& error, int code) {
  std::fprintf(stderr, "cryobank-sim: %s\n", error.context.c_str());
  return code;
}

int simulate(const std::string& config_file, const SimOptions& options) {
  config::SiteConfig site;
  config::Faults faults;
  const bool loaded = config::load_site(config_file, read_text, site, faults);
  for (const config::Fault& fault : faults.items()) {
    if (fault.warning && loaded) continue;
    std::fprintf(stderr, "%s:%d: %s\n", fault.file.c_str(), fault.line, fault.text.c_str());
  }
  if (!loaded) return kRefused;

  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  sigprocmask(SIG_BLOCK, &stop_signals, nullptr);
  const int stop_fd = signalfd(-1, &stop_signals, SFD_CLOEXEC);

  Sim sim(site, options);
  if (Status opened = sim.open(); !opened) return complain(opened.error(), kRefused);
  std::printf("ready %s\n", sim.ports().dump().c_str());
  std::fflush(stdout);
  const Status ended = sim.run(stop_fd);
  close(stop_fd);
  return ended ? 0 : complain(ended.error(), kRefused);
}

int start(int argc, char** argv) {
  CLI::App app{
      "The simulated hardware of one site: freezers, robots, room and supply over Modbus."};
  SimOptions options;
  std::string config_file;
  std::vector<std::string> ports;
  std::vector<std::string> links;
  app.add_option("--config", config_file, "site file, as the daemon's")->required();
  app.add_option("--seed", options.seed, "character of the tanks and their noise");
  app.add_option("--speed", options.speed, "physics run so many times as fast")
      ->check(CLI::Range(std::int64_t{1}, kSpeedMost));
  app.add_option("--robot-speed", options.robot_speed, "robots move so many times as fast")
      ->check(CLI::Range(std::int64_t{1}, kRobotSpeedMost));
  app.add_option("--control-port", options.control_port, "commands on loopback; 0: a free port");
  app.add_option("--line-port", ports, "LINE=PORT instead of the site's; 0: a free port");
  app.add_flag("--any-port", options.any_port, "every TCP line takes a free port");
  app.add_option("--rtu-link", links, "LINE=PATH: link to the serial line's terminal");
  app.add_option("--state", options.state_file, "file that keeps the physical state");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    const int code = app.exit(wrong);
    return code == 0 ? 0 : kWrongUsage;
  }
  if (Status read = read_ports(ports, options); !read) return complain(read.error(), kWrongUsage);
  if (Status split = split_pairs(links, options.links); !split) {
    return complain(split.error(), kWrongUsage);
  }
  return simulate(config_file, options);
}

}  // namespace
}  // namespace cryobank::simulator

int main(int argc, char** argv) { return cryobank::simulator::start(argc, argv); }
