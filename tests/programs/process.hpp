// A child process of a test: its output goes to a file, and it never outlives the test.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace cryobank::test {

class Process {
 public:
  Process() = default;
  // Starts `arguments[0]`; standard output and error are appended to `log`.
  Process(std::vector<std::string> arguments, const std::string& log);
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;

  bool running();
  pid_t pid() const { return pid_; }
  void signal(int number);
  // Sends the signal and waits for the end; the exit code, or minus the signal that ended it.
  int stop(int signal);
  // Waits for the end by itself; -1000 when it did not come in time.
  int wait(std::chrono::milliseconds within);

 private:
  pid_t pid_ = 0;
};

// A TCP port on loopback that was free just now.
int free_port();

// Looks again and again until `condition` holds; false when it did not within the time.
template <class Condition>
bool eventually(std::chrono::milliseconds within, Condition condition);

bool wait_for_port(int port, std::chrono::milliseconds within);
std::string read_text(const std::string& path);

}  // namespace cryobank::test

#include <poll.h>

template <class Condition>
bool cryobank::test::eventually(std::chrono::milliseconds within, Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    ::poll(nullptr, 0, 10);
  }
  return true;
}
