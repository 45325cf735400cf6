// Configuration of the pager gateway: config/cryobank-pager.toml is the commented example.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "config/fault.hpp"
#include "config/site_config.hpp"

namespace cryobank::pager {

enum class DriverKind : std::uint8_t {
  print,    // one line on standard output: demonstrations, and a console somebody watches
  program,  // runs a program with the page as JSON on its standard input; exit code 0 is delivered
};

struct ChannelDriver {
  std::string channel;
  DriverKind kind = DriverKind::print;
  std::string program;            // absolute path
  Duration within = seconds(20);  // 1 s to 2 min, then the program is killed: not delivered
};

struct PagerConfig {
  std::string site;
  config::MqttConfig mqtt;
  Duration silence = seconds(60);  // 10 s to 1 h without a beat: MONITOR DEAD
  Duration repeat = minutes(3);    // 10 s to 1 h
  std::vector<ChannelDriver> channels;
};

// Every fault at once, with file and line.
bool parse_pager_config(std::string_view file, std::string_view text, PagerConfig& config,
                        config::Faults& faults);

}  // namespace cryobank::pager
