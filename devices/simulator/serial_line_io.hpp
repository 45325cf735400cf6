// SerialLine: serves one serial line of the site (RTU or Modbus ASCII) on a pseudo-terminal. The
// master opens path() as its serial port. libmodbus has no server for several units on one serial
// line and none for ASCII, so the framing is frame.hpp's.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "devices/simulator/frame.hpp"
#include "devices/simulator/hardware.hpp"
#include "devices/simulator/loop_io.hpp"
#include "devices/simulator/terminal_io.hpp"

namespace cryobank::simulator {

class SerialLine {
 public:
  SerialLine(devices::LineIndex line, Framing framing, Hardware& hardware, Loop& loop,
             std::function<void()> catch_up);
  ~SerialLine();
  SerialLine(const SerialLine&) = delete;
  SerialLine& operator=(const SerialLine&) = delete;

  // `link`: a symbolic link to make to the terminal, replaced if it is one; empty: none.
  Status open(const std::string& link);
  const std::string& path() const { return terminal_.path(); }

 private:
  void on_bytes();
  void answer(const SerialRequest& request);
  void send_bytes(const Bytes& bytes);

  devices::LineIndex line_;
  Framing framing_;
  Hardware& hardware_;
  Loop& loop_;
  std::function<void()> catch_up_;
  Terminal terminal_;
  Bytes came_;
  std::int64_t last_byte_ms_ = 0;
  std::uint64_t requests_ = 0;
};

}  // namespace cryobank::simulator
