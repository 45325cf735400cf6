// TextLink: lines of text over a Port. A request sends its text and CR LF, and is answered by the
// next line that is not its own echo; a second line right behind it that differs makes the answer
// malformed. A request without text only asks whether the line stands. Lines that come unasked go
// to a callback. A line ends with CR or LF; blank ones are skipped, one of more than kTextMax bytes
// is thrown away to its end, and what a pause of 2 s or a broken connection cuts is thrown away.
#pragma once

#include <array>
#include <functional>
#include <string>

#include "devices/line/line.hpp"
#include "devices/line/port_io.hpp"

namespace cryobank::devices {

inline constexpr std::size_t kTextMax = 512;

class TextLink {
 public:
  explicit TextLink(Port& port) : port_(port) {}

  ModbusReply exchange(const LineRequest& request, std::string& answer);
  // Reads what is there, without waiting. False: the line is down.
  bool read_unasked(const std::function<void(std::string)>& on_line);

 private:
  ReplyKind await_answer(const LineRequest& request, Instant until, std::string& answer);
  void close();
  void forget();
  bool drain();
  bool read_some(const std::function<void(std::string)>& on_line);
  void take(char c, const std::function<void(std::string)>& on_line);

  Port& port_;
  std::string partial_;
  bool too_long_ = false;
  Instant last_byte_at_{};
  std::array<std::uint8_t, 1024> buffer_{};
};

}  // namespace cryobank::devices
