// ControlPort: the commands of docs/simulator.md as lines of JSON over TCP on loopback. Each line
// is answered by one line: {"ok":true,"reply":...} or {"ok":false,"code":...,"error":...}.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/json.hpp"
#include "devices/simulator/wire/loop_io.hpp"

namespace cryobank::simulator {

inline constexpr std::size_t kControlLineMax = 64 * 1024;
inline constexpr std::size_t kControlClientsMax = 32;

class ControlPort {
 public:
  using Handler = std::function<Result<Json>(const Json& command)>;

  ControlPort(Loop& loop, Handler handler);
  ~ControlPort();
  ControlPort(const ControlPort&) = delete;
  ControlPort& operator=(const ControlPort&) = delete;

  Status open(std::uint16_t port);  // 0 takes a free one
  std::uint16_t port() const { return port_; }

 private:
  struct Client {
    std::string in;
    std::string out;
  };

  void on_connect();
  void on_event(int fd, std::uint32_t events);
  bool read_some(int fd, Client& client);
  void write_some(int fd, Client& client);
  std::string answer(std::string_view line) const;
  void hang_up(int fd);

  Loop& loop_;
  Handler handler_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::map<int, Client> clients_;
};

}  // namespace cryobank::simulator
