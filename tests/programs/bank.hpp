// A whole small bank of real processes: mosquitto, cryobank-sim, cryobankd, each on free ports in a
// folder of its own, made from the demonstration site. Any of them can be killed and started again.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "service/ctl/session_io.hpp"
#include "tests/programs/broker.hpp"

namespace cryobank::test {

// A connection to the simulator's control port: one JSON line out, one back.
class SimControl {
 public:
  explicit SimControl(int port);
  ~SimControl();
  SimControl(const SimControl&) = delete;
  SimControl& operator=(const SimControl&) = delete;

  Json ask(const Json& command);

 private:
  int fd_;
  std::string buffer_;
};

using Location = std::array<std::int64_t, 3>;  // unit, rack, position, as a robot knows a place

// Where the demonstration site's robot finds a place (config/demo/places.toml).
Location location_of(const std::string& place, const std::string& position);

class Bank {
 public:
  explicit Bank(const std::string& name);
  ~Bank();

  // Before start_all(): how often freezer-1 is polled, e.g. "100ms".
  void set_freezer_poll(std::string_view period);
  // Before start_all(): more sections of the site file, and where the store lies.
  void add_config(std::string_view toml);
  void set_store(const std::string& directory);
  int freezer_port() const { return ports_[0]; }
  int broker_port() const { return broker_->port(); }

  void start_all();
  void start_world();  // all but the daemon
  // From the next start of the daemon on, robot-1 is the machine at this port of loopback.
  void use_robot(int port);
  void start_machines();  // broker and simulator alone
  void start_daemon();
  pid_t daemon_pid() const { return daemon_.pid(); }
  void kill_daemon();  // SIGKILL
  int stop_daemon();   // SIGTERM, the exit code
  bool daemon_running();
  // The exit code once it ended by itself; -1000 when it did not in time.
  int wait_daemon_end(std::chrono::milliseconds within);
  // Waits until the daemon says that it is online in this run, and keeps its record.
  bool wait_online(std::chrono::milliseconds within);

  Broker& broker() { return *broker_; }
  SimControl& sim() { return *control_; }
  std::unique_ptr<ctl::Session> login(const std::string& user);
  // Sends a command as that user, signed where it must be, and waits for its last reply.
  Json command(const std::string& user, std::string_view verb, Json body);
  Json retained(const std::string& topic);
  // Runs cryobankctl, at this bank's broker and site, to its end.
  struct Ran {
    int code = 0;
    std::string output;  // and messages
  };
  Ran ctl(const std::vector<std::string>& arguments, const std::string& user = "administrator");

  const std::filesystem::path& directory() const { return directory_; }
  std::string site_file() const;
  std::string daemon_log() const { return (directory_ / "cryobankd.log").string(); }

 private:
  void write_config();

  std::filesystem::path directory_;
  int runs_ = 0;  // of cryobankctl
  std::unique_ptr<Broker> broker_;
  int control_port_;
  std::array<int, 3> ports_{};  // lines freezers, robot, room
  Process sim_;
  Process daemon_;
  std::unique_ptr<SimControl> control_;
};

}  // namespace cryobank::test
