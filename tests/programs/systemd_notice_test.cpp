// What systemd is told by the real daemon, over a notification socket of the test
// (sd_notify(3)): ready once it polls, alive while it works, stopping before it ends.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include "base/text.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

using std::chrono::seconds;

class NoticeSocket {
 public:
  explicit NoticeSocket(const std::string& path)
      : path_(path), fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), std::min(path.size(), sizeof address.sun_path - 1));
    const int bound = ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    EXPECT_EQ(bound, 0) << path;
  }
  ~NoticeSocket() { ::close(fd_); }
  NoticeSocket(const NoticeSocket&) = delete;
  NoticeSocket& operator=(const NoticeSocket&) = delete;

  // How often `state` came so far, e.g. "WATCHDOG=1".
  std::ptrdiff_t heard(std::string_view state) {
    std::array<char, 1024> bytes{};
    for (;;) {
      const ssize_t length = ::recv(fd_, bytes.data(), bytes.size(), 0);
      if (length <= 0) break;
      for (const std::string_view line :
           split(std::string_view(bytes.data(), static_cast<std::size_t>(length)), '\n')) {
        lines_.emplace_back(line);
      }
    }
    return std::ranges::count(lines_, state);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int fd_;
  std::vector<std::string> lines_;
};

TEST(SystemdNotice, ItIsReadyThenAliveThenStopping) {
  Bank bank("notice");
  bank.start_world();
  NoticeSocket systemd((bank.directory() / "notify").string());
  ASSERT_EQ(::setenv("NOTIFY_SOCKET", systemd.path().c_str(), 1), 0);
  bank.start_daemon();
  ::unsetenv("NOTIFY_SOCKET");

  ASSERT_TRUE(eventually(seconds(20), [&] { return systemd.heard("READY=1") == 1; }));
  EXPECT_EQ(systemd.heard("STOPPING=1"), 0);
  EXPECT_TRUE(eventually(seconds(40), [&] { return systemd.heard("WATCHDOG=1") >= 3; }));

  ::kill(bank.daemon_pid(), SIGSTOP);
  const auto before = systemd.heard("WATCHDOG=1");
  EXPECT_FALSE(eventually(seconds(7), [&] { return systemd.heard("WATCHDOG=1") > before; }))
      << "it is fed for a daemon that stands still";
  ::kill(bank.daemon_pid(), SIGCONT);
  EXPECT_TRUE(eventually(seconds(20), [&] { return systemd.heard("WATCHDOG=1") > before; }));

  EXPECT_EQ(bank.stop_daemon(), 0);
  EXPECT_EQ(systemd.heard("STOPPING=1"), 1);
  EXPECT_EQ(systemd.heard("READY=1"), 1);
}

}  // namespace
}  // namespace cryobank::test
