// Fault peer: the other side of a line protocol on loopback, which keeps to the protocol but for
// one drawn fault in each connection: it closes before or in the middle of a reply, hangs, answers
// late, answers garbage, refuses, sends its reply twice or byte by byte. It remembers what it truly
// took, so that a test can hold the driver's word against it.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/prng.hpp"

namespace cryobank::pager {

enum class PeerFault {
  none,
  close_before,
  close_within,
  hang,
  late,
  garbage,
  refuse,
  twice,
  slow,
};
inline constexpr int kPeerFaults = 9;

// One connection, as the script of a protocol sees it.
class PeerLine {
 public:
  // `every`: one reply in so many is struck; 0: none.
  PeerLine(int fd, int every, std::uint64_t seed) : fd_(fd), every_(every), prng_(seed) { draw(); }

  bool read_until(std::string_view ends, std::string& out);
  bool read_bytes(std::size_t count, std::string& out);
  bool read_some(std::string& out);
  // A reply, or what the fault makes of it. `refusal`: what this protocol says when it will not.
  // False: the connection is over. `said` is false when the good reply did not leave whole.
  bool reply(std::string_view good, std::string_view refusal, bool& said);

 private:
  bool write(std::string_view bytes) const;
  void draw();

  int fd_;
  int every_;
  PeerFault fault_ = PeerFault::none;
  int at_ = -1;  // the reply that the fault strikes
  Prng prng_;
  int replies_ = 0;
  std::string buffer_;
};

class FaultPeer {
 public:
  using Script = std::function<void(PeerLine& line, FaultPeer& peer)>;
  FaultPeer(std::uint64_t seed, int replies_max, Script script);
  ~FaultPeer();
  FaultPeer(const FaultPeer&) = delete;
  FaultPeer& operator=(const FaultPeer&) = delete;

  int port() const { return port_; }
  void set_faults(bool on) { faults_ = on; }
  // What was truly taken: by text, whether it was taken (1) or shown to a person (2).
  void take(const std::string& text, int depth);
  int taken(const std::string& text);
  // What a peer has to find again by a short name.
  std::string note(const std::string& text);
  std::string noted(const std::string& name);
  int connections() const { return connections_; }

 private:
  void run(const std::stop_token& stop);

  int listener_;
  int port_ = 0;
  int replies_max_;
  Script script_;
  Prng prng_;
  std::atomic<bool> faults_{true};
  std::atomic<int> connections_{0};
  std::mutex mutex_;  // guards what follows
  std::map<std::string, int> taken_;
  std::vector<std::string> notes_;
  std::jthread thread_;
};

}  // namespace cryobank::pager
