#include "tests/programs/broker.hpp"

#include <csignal>
#include <fstream>

#include "base/check.hpp"
#include "base/text.hpp"

namespace cryobank::test {

Broker::Broker(std::string directory, const std::string& lines)
    : directory_(std::move(directory)), port_(free_port()) {
  std::ofstream conf(directory_ + "/mosquitto.conf");
  conf << "listener " << port_ << " 127.0.0.1\nset_tcp_nodelay true\n"
       << "log_type error\nlog_type warning\n"
       << lines;
  if (lines.find("acl_file") != std::string::npos) return;
  conf << "acl_file " << directory_ << "/open-acl\n";
  std::ofstream(directory_ + "/open-acl") << "pattern readwrite #\npattern deny access-check/#\n";
}

void Broker::start() {
  process_ =
      Process({"mosquitto", "-c", directory_ + "/mosquitto.conf"}, directory_ + "/mosquitto.log");
  CHECK(wait_for_port(port_, std::chrono::seconds(10)));
}

void Broker::kill() { process_.stop(SIGKILL); }
void Broker::pause() { process_.signal(SIGSTOP); }
void Broker::go_on() { process_.signal(SIGCONT); }

}  // namespace cryobank::test
