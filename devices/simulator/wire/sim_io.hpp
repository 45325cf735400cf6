// Sim: the running simulator: every line of a site served for real, the physics kept at the
// present, the control port, and the state file. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/site_config.hpp"
#include "devices/simulator/hardware.hpp"
#include "devices/simulator/wire/control_io.hpp"
#include "devices/simulator/wire/loop_io.hpp"
#include "devices/simulator/wire/serial_line_io.hpp"
#include "devices/simulator/wire/tcp_line_io.hpp"
#include "devices/simulator/wire/text_line_io.hpp"

namespace cryobank::simulator {

struct SimOptions {
  std::uint64_t seed = 1;
  std::int64_t speed = 1;        // simulated seconds of physics per second; 1 to 100,000
  std::int64_t robot_speed = 1;  // robots move so many times as fast as real ones; 1 to 1,000
  std::uint16_t control_port = 0;
  bool any_port = false;                       // every line takes a free port
  std::map<std::string, std::uint16_t> ports;  // by line, instead of the site's; 0: a free one
  std::map<std::string, std::string> links;    // by serial line: where to link the terminal
  std::string state_file;                      // empty: none
};

class Sim {
 public:
  // `site` must outlive it.
  Sim(const config::SiteConfig& site, const SimOptions& options);

  // Reads the state file, if there is one, and opens every port. The Error says which and why.
  Status open();
  // {"control":port,"lines":{line: port or terminal}}
  Json ports() const;
  // Until `stop_fd` becomes readable. Leaves the state file behind.
  Status run(int stop_fd);

 private:
  Status open_lines();
  Result<Json> open_line(devices::LineIndex index, const config::LineConfig& line);
  std::uint16_t port_of(const config::LineConfig& line) const;
  Status load_state();
  Status save_state();
  void catch_up();
  void save_when_moved();

  const config::SiteConfig& site_;
  SimOptions options_;
  Hardware hardware_;
  Loop loop_;
  ControlPort control_;
  std::vector<std::unique_ptr<TcpLine>> tcp_;
  std::vector<std::unique_ptr<SerialLine>> serial_;
  std::vector<std::unique_ptr<TextLine>> text_;
  Json ports_;
  std::int64_t present_us_ = 0;
  std::int64_t saved_ms_ = 0;
  std::uint64_t saved_moves_ = 0;
  std::size_t saved_motions_ = 0;
};

}  // namespace cryobank::simulator
