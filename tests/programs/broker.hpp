// A real mosquitto of a test, on a free port with its own folder; it can be killed and come back.
#pragma once

#include <string>

#include "tests/programs/process.hpp"

namespace cryobank::test {

class Broker {
 public:
  // `lines` are added to mosquitto.conf; without an acl everybody may do everything but what shows
  // a daemon that nobody keeps rules.
  explicit Broker(std::string directory, const std::string& lines = "allow_anonymous true\n");

  void start();
  void kill();   // SIGKILL, as a power cut would
  void pause();  // SIGSTOP: half-open connections
  void go_on();
  int port() const { return port_; }

 private:
  std::string directory_;
  int port_;
  Process process_;
};

}  // namespace cryobank::test
