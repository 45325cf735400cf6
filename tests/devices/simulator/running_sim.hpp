// A simulator that runs in a thread of its own until the end of the test, and its control port.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <thread>

#include "devices/simulator/wire/sim_io.hpp"
#include "tests/devices/simulator/bank.hpp"

namespace cryobank::simulator {

inline int connect_to(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return fd;
}

class RunningSim {
 public:
  explicit RunningSim(config::SiteConfig site = demo_site(), std::string state = "")
      : site_(std::move(site)), stop_(eventfd(0, EFD_CLOEXEC)) {
    SimOptions options;
    options.any_port = true;
    options.robot_speed = 100;
    options.state_file = std::move(state);
    sim_ = std::make_unique<Sim>(site_, options);
    const Status opened = sim_->open();
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().context);
    ports_ = sim_->ports();
    thread_ = std::thread([this] { EXPECT_TRUE(sim_->run(stop_).ok()); });
    control_ = connect_to(static_cast<int>(ports_["control"].integer()));
  }
  ~RunningSim() {
    const std::uint64_t one = 1;
    EXPECT_EQ(write(stop_, &one, sizeof one), static_cast<ssize_t>(sizeof one));
    thread_.join();
    close(stop_);
    close(control_);
  }

  int port(const char* line) const { return static_cast<int>(ports_["lines"][line].integer()); }
  std::string path(const char* line) const { return ports_["lines"][line].string(); }

  Json control(const std::string& command) const {
    const std::string text = command + "\n";
    EXPECT_EQ(send(control_, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
    std::string line;
    char letter = 0;
    while (recv(control_, &letter, 1, 0) == 1 && letter != '\n') line += letter;
    const Result<Json> reply = parse_json(line);
    EXPECT_TRUE(reply.ok()) << line;
    return reply.ok() ? *reply : Json();
  }

 private:
  config::SiteConfig site_;
  int stop_;
  std::unique_ptr<Sim> sim_;
  Json ports_;
  std::thread thread_;
  int control_ = -1;
};

}  // namespace cryobank::simulator
