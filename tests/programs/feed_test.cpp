// A calendar's secret address, from the command line to a calendar program: made, read over real
// HTTP, read again after the daemon was killed, revoked; and the secret lies in no file of the
// bank.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/text.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

using namespace std::chrono_literals;

std::string http_get(int port, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in there{};
  there.sin_family = AF_INET;
  there.sin_port = htons(static_cast<std::uint16_t>(port));
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  timeval patience{10, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&there), sizeof there) == 0) {
    const std::string ask = cat("GET ", path, " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    send(fd, ask.data(), ask.size(), MSG_NOSIGNAL);
    char part[4096];
    for (ssize_t n = 0; (n = recv(fd, part, sizeof part, 0)) > 0;) {
      answer.append(part, static_cast<std::size_t>(n));
    }
  }
  close(fd);
  return answer;
}

// Until the answer begins so; gives the last one.
std::string until_answered(int port, const std::string& path, std::string_view begin) {
  std::string answer;
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (std::chrono::steady_clock::now() < end) {
    answer = http_get(port, path);
    if (answer.starts_with(begin)) break;
    std::this_thread::sleep_for(100ms);
  }
  return answer;
}

TEST(FeedTest, ACalendarIsReadAtItsAddressAndItsSecretLiesInNoFile) {
  Bank bank("feed");
  const int port = free_port();
  bank.add_config(cat("[http]\nport = ", port, "\n"));
  bank.start_all();
  ASSERT_TRUE(bank.wait_online(60s));
  const auto made = bank.ctl({"feed", "subscribe", "wall", "--of", "lab", "--reason", "a wall",
                              "--address", "https://bank.example"},
                             "operator");
  ASSERT_EQ(made.code, 0) << made.output;
  constexpr std::string_view kBefore = "https://bank.example/calendar/";
  const std::size_t at = made.output.find(kBefore);
  ASSERT_NE(at, std::string::npos) << made.output;
  const std::string secret = made.output.substr(at + kBefore.size(), 64);
  const std::string path = cat("/calendar/", secret, ".ics");
  EXPECT_NE(until_answered(port, path, "HTTP/1.1 200").find("BEGIN:VCALENDAR"), std::string::npos);
  bank.kill_daemon();
  bank.start_daemon();
  ASSERT_TRUE(bank.wait_online(60s));
  EXPECT_NE(until_answered(port, path, "HTTP/1.1 200").find("BEGIN:VCALENDAR"), std::string::npos);
  std::string other = path;
  other[12] = other[12] == 'a' ? 'b' : 'a';
  EXPECT_TRUE(http_get(port, other).starts_with("HTTP/1.1 404"));
  const auto listed = bank.ctl({"feed", "list"}, "viewer");
  EXPECT_NE(listed.output.find("wall"), std::string::npos) << listed.output;
  const auto gone = bank.ctl({"feed", "revoke", "wall", "--reason", "taken down"}, "operator");
  EXPECT_EQ(gone.code, 0) << gone.output;
  EXPECT_TRUE(until_answered(port, path, "HTTP/1.1 404").starts_with("HTTP/1.1 404"));
  EXPECT_EQ(bank.stop_daemon(), 0);
  // What the command line printed is the one place that has it; the test keeps that as a file.
  std::size_t files = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(bank.directory())) {
    if (!file.is_regular_file() || file.path().filename().string().starts_with("ctl")) continue;
    std::ifstream in(file.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    EXPECT_EQ(text.find(secret), std::string::npos) << file.path();
    ++files;
  }
  EXPECT_GT(files, 5U);
}

}  // namespace
}  // namespace cryobank::test
