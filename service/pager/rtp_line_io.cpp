#include "service/pager/rtp_line_io.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace cryobank::pager {
namespace {

constexpr std::size_t kRtpDatagramMax = 4096;
constexpr std::size_t kKeysMax = 16;
constexpr std::size_t kRtpHeader = 12;
constexpr std::uint32_t kSource = 0x43425031;  // any number; one source a call

}  // namespace

Udp::~Udp() {
  if (fd >= 0) ::close(fd);
}

bool RtpLine::open(sockaddr_in own) {
  udp_.fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  own.sin_port = 0;
  if (::bind(udp_.fd, reinterpret_cast<sockaddr*>(&own), sizeof own) != 0) return false;
  socklen_t size = sizeof own;
  ::getsockname(udp_.fd, reinterpret_cast<sockaddr*>(&own), &size);
  port_ = ntohs(own.sin_port);
  return true;
}

bool RtpLine::set_media(const std::string& address, int port, int event_type) {
  event_type_ = event_type;
  media_.sin_family = AF_INET;
  media_.sin_port = htons(static_cast<std::uint16_t>(port));
  return port > 0 && ::inet_pton(AF_INET, address.c_str(), &media_.sin_addr) == 1;
}

void RtpLine::send(const std::string& sound) {
  std::string packet{'\x80', '\0'};
  const auto push = [&packet](std::uint32_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      packet += static_cast<char>(value >> shift & 0xFF);
    }
  };
  push(++sequence_ & 0xFFFF, 2);
  push(time_, 4);
  push(kSource, 4);
  time_ += kPacketBytes;
  packet += sound;
  static_cast<void>(::sendto(udp_.fd, packet.data(), packet.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&media_), sizeof media_));
}

void RtpLine::hear() {
  std::array<unsigned char, kRtpDatagramMax> packet{};
  const ssize_t got = ::recv(udp_.fd, packet.data(), packet.size(), 0);
  if (got < static_cast<ssize_t>(kRtpHeader + 4) || (packet[0] >> 6) != 2) return;
  if ((packet[1] & 0x7F) != event_type_) return;
  const std::uint32_t stamp = static_cast<std::uint32_t>(packet[4]) << 24 |
                              static_cast<std::uint32_t>(packet[5]) << 16 |
                              static_cast<std::uint32_t>(packet[6]) << 8 | packet[7];
  // One key is many packets of one time stamp.
  if (heard_event_ && stamp == event_stamp_) return;
  heard_event_ = true;
  event_stamp_ = stamp;
  press(packet[kRtpHeader]);
}

void RtpLine::press(int event) {
  constexpr std::string_view kKeys = "0123456789*#";
  if (event >= 0 && event < static_cast<int>(kKeys.size()) && keys_.size() < kKeysMax) {
    keys_ += kKeys[static_cast<std::size_t>(event)];
  }
}

bool RtpLine::said_enough(std::string_view code) const {
  if (keys_.empty()) return false;
  if (keys_.find('#') != std::string::npos) return true;
  return keys_[0] == '1' ? keys_.size() > code.size() : keys_[0] == '2' || keys_[0] == '3';
}

}  // namespace cryobank::pager
