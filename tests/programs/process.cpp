#include "tests/programs/process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/check.hpp"

namespace cryobank::test {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status); }

}  // namespace

Process::Process(std::vector<std::string> arguments, const std::string& log) {
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const pid_t child = ::fork();
  CHECK(child >= 0);
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(fd, STDOUT_FILENO);
    ::dup2(fd, STDERR_FILENO);
    ::execvp(pointers[0], pointers.data());
    ::_exit(127);
  }
  pid_ = child;
}

Process::~Process() {
  if (pid_ != 0) stop(SIGKILL);
}

Process::Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this == &other) return *this;
  if (pid_ != 0) stop(SIGKILL);
  pid_ = std::exchange(other.pid_, 0);
  return *this;
}

bool Process::running() {
  if (pid_ == 0) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == 0) return true;
  pid_ = 0;
  return false;
}

void Process::signal(int number) {
  if (pid_ != 0) ::kill(pid_, number);
}

int Process::stop(int signal) {
  if (pid_ == 0) return 0;
  ::kill(pid_, signal);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = 0;
  return code_of(status);
}

int Process::wait(std::chrono::milliseconds within) {
  int status = 0;
  const bool ended = eventually(within, [&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; });
  if (!ended) return -1000;
  pid_ = 0;
  return code_of(status);
}

// Below the ports that the kernel gives to outgoing connections, each at most once a process, and
// tests that run side by side begin far from one another.
int free_port() {
  constexpr int kFirst = 20'000;
  constexpr int kPorts = 12'000;
  static int offset = ::getpid() * 37;
  for (int i = 0; i < kPorts; ++i) {
    const int port = kFirst + offset++ % kPorts;
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = loopback(port);
    const bool free = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    if (free) return port;
  }
  CHECK(false);
}

bool wait_for_port(int port, std::chrono::milliseconds within) {
  return eventually(within, [port] {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = loopback(port);
    const bool open = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return open;
  });
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace cryobank::test
