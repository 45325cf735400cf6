// RTP line: the sound of one telephone call, 20 ms of G.711 mu-law a packet (RFC 3550), and the
// keys that the other side presses (RFC 4733). UDP on the address that the SIP side is reached
// from.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace cryobank::pager {

class Udp {
 public:
  Udp() = default;
  ~Udp();
  Udp(const Udp&) = delete;
  Udp& operator=(const Udp&) = delete;
  int fd = -1;
};

class RtpLine {
 public:
  static constexpr std::size_t kPacketBytes = 160;

  // Binds to `own`, any port. False: no socket.
  bool open(sockaddr_in own);
  int fd() const { return udp_.fd; }
  int port() const { return port_; }
  // Where the other side wants its sound, and the payload type of its keys. False: no address.
  bool set_media(const std::string& address, int port, int event_type);
  void send(const std::string& sound);
  void hear();  // one datagram
  void press(int event);
  const std::string& keys() const { return keys_; }
  std::string take_keys() { return std::exchange(keys_, {}); }
  // 1 and as many digits as the code has, 2, 3, or #.
  bool said_enough(std::string_view code) const;

 private:
  Udp udp_;
  int port_ = 0;
  sockaddr_in media_{};
  int event_type_ = 101;
  std::uint32_t sequence_ = 0;
  std::uint32_t time_ = 0;
  bool heard_event_ = false;
  std::uint32_t event_stamp_ = 0;
  std::string keys_;
};

}  // namespace cryobank::pager
