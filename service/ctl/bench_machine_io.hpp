// A machine on the bench: asks one unit directly, without the daemon. For commissioning; never
// while the daemon polls the same line.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "base/result.hpp"
#include "config/site_config.hpp"
#include "devices/line/modbus_io.hpp"

namespace cryobank::ctl {

struct MachineAddress {
  config::LineConfig line;
  std::uint8_t unit = 1;
};

class BenchMachine {
 public:
  BenchMachine(const MachineAddress& address, const config::Quirks& quirks);
  ~BenchMachine();
  BenchMachine(const BenchMachine&) = delete;
  BenchMachine& operator=(const BenchMachine&) = delete;

  std::uint8_t unit() const { return unit_; }
  // Waits for the answer, at most the time-outs of line and profile.
  devices::ModbusReply ask(devices::ModbusRequest request);
  // The same for a text device: what it answers to a question.
  Result<std::string> ask_text(std::string question);
  // The lines that came unasked until now.
  std::vector<std::string> heard();
  static void pause(Duration time);

 private:
  const std::uint8_t unit_;
  const config::Quirks quirks_;
  config::SiteConfig site_;  // one line
  devices::LineReply send(devices::LineRequest request);

  std::mutex mutex_;  // guards reply_ and heard_
  std::condition_variable wake_;
  std::optional<devices::LineReply> reply_;
  std::vector<std::string> heard_;
  std::uint64_t last_id_ = 0;
  std::unique_ptr<devices::Lines> lines_;
};

}  // namespace cryobank::ctl
