// A channel's threads: a page leaves in its time whatever the side hangs that only brings word
// back, and word comes in while a page hangs.
#include "service/pager/channel_io.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>

#include "base/check.hpp"
#include "tests/pager/driver_bench.hpp"
#include "tests/pager/fault_peer.hpp"
#include "tests/programs/process.hpp"

namespace cryobank::pager {
namespace {

using test::eventually;
using test::free_port;

// Far below what a mailbox (10 s), a question at the door (2 s) or a page (12 s) may take, and far
// above what a machine under load needs.
constexpr std::chrono::milliseconds kPrompt{1500};

sockaddr_in on_loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A server that is connected to and never says a word.
class DeafServer {
 public:
  DeafServer() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = on_loopback(0);
    CHECK(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    CHECK(::listen(fd_, 8) == 0);
    socklen_t size = sizeof address;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~DeafServer() { ::close(fd_); }
  DeafServer(const DeafServer&) = delete;
  DeafServer& operator=(const DeafServer&) = delete;

  int port() const { return port_; }
  bool is_called(std::chrono::milliseconds within) const {
    pollfd one{fd_, POLLIN, 0};
    return ::poll(&one, 1, static_cast<int>(within.count())) > 0;
  }

 private:
  int fd_;
  int port_ = 0;
};

// A connection of somebody who has nothing to say.
class Caller {
 public:
  explicit Caller(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = on_loopback(port);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Caller() { ::close(fd_); }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  bool connected() const { return connected_; }
  bool try_to_say(std::string_view text) const {
    return ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }
  void say(std::string_view text) const { EXPECT_TRUE(try_to_say(text)); }

 private:
  int fd_;
  bool connected_ = false;
};

// A channel as the gateway runs it, and what it calls back.
class Running {
 public:
  explicit Running(const std::string& channel_toml) {
    ChannelSetup setup;
    setup.id = "c-1";
    setup.within = seconds(12);
    setup.driver = make_driver(channel_toml);
    Channel::Callbacks callbacks;
    callbacks.tried = [this](const std::string&, const std::string&, const Attempt& attempt) {
      const std::lock_guard lock(mutex_);
      tried_.push_back(attempt);
    };
    callbacks.heard = [this](const std::string&, const Heard& heard) {
      const std::lock_guard lock(mutex_);
      heard_.push_back(heard);
    };
    callbacks.probed = [](const std::string&, const std::string&) {};
    channel_ = std::make_unique<Channel>(std::move(setup), callbacks);
  }
  ~Running() {
    channel_->ask_to_stop();
    EXPECT_TRUE(eventually(std::chrono::seconds(90), [this] { return channel_->ended(); }));
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void hand(const Outgoing& page) { channel_->hand(page); }
  bool sends_promptly() {
    return eventually(kPrompt, [this] {
      const std::lock_guard lock(mutex_);
      return !tried_.empty() && tried_.back().fate == Fate::sent;
    });
  }
  bool hears_code(const std::string& code, std::chrono::milliseconds within) {
    return eventually(within, [&] {
      const std::lock_guard lock(mutex_);
      return std::ranges::any_of(heard_, [&](const Heard& one) { return one.code == code; });
    });
  }
  int last_eta() {
    const std::lock_guard lock(mutex_);
    return heard_.empty() ? -1 : heard_.back().eta_min;
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::vector<Attempt> tried_;
  std::vector<Heard> heard_;
  std::unique_ptr<Channel> channel_;
};

void take_mails(PeerLine& line, FaultPeer&) {
  bool said = false;
  std::string command;
  if (!line.reply("220 mail.example ESMTP\r\n", "", said)) return;
  while (line.read_until("\n", command)) {
    const bool data = command.starts_with("DATA");
    if (!line.reply(data ? "354 go on\r\n" : "250 ok\r\n", "", said)) return;
    if (command.starts_with("QUIT")) return;
    if (!data) continue;
    std::string text;
    while (line.read_until("\n", text) && text != ".\r\n") {
    }
    if (!line.reply("250 taken\r\n", "", said)) return;
  }
}

std::string webhook_at(int service, int door) {
  return cat("kind = \"webhook\"\nurl = \"http://127.0.0.1:", service, "/\"\nlisten_port = ", door,
             "\nsecret = \"long-enough\"\n");
}

TEST(ChannelTest, AMailLeavesInItsTimeThoughTheMailboxNeverAnswers) {
  FaultPeer smtp(1, 1, take_mails);
  smtp.set_faults(false);
  const DeafServer mailbox;
  Running channel(
      cat("kind = \"mail\"\nhost = \"127.0.0.1\"\nport = ", smtp.port(),
          "\nfrom = \"bank@example.org\"\nto = \"anna@example.org\"\nimap_host = \"127.0.0.1\"\n",
          "imap_port = ", mailbox.port(),
          "\nimap_user = \"bank\"\nimap_password = \"x\"\nlook_every = \"1s\"\n"));
  ASSERT_TRUE(mailbox.is_called(std::chrono::seconds(20)));
  channel.hand(test_page(1));
  EXPECT_TRUE(channel.sends_promptly());
}

TEST(ChannelTest, APageLeavesInItsTimeThoughAStrangerHoldsTheDoor) {
  FaultPeer service(1, 1, [](PeerLine& line, FaultPeer&) {
    std::string head;
    bool said = false;
    while (line.read_until("\n", head) && head != "\r\n") {
    }
    line.reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", said);
  });
  service.set_faults(false);
  const int door = free_port();
  Running channel(webhook_at(service.port(), door));
  std::vector<std::unique_ptr<Caller>> strangers;
  ASSERT_TRUE(eventually(std::chrono::seconds(20), [&] {
    strangers.push_back(std::make_unique<Caller>(door));
    return strangers.back()->connected();
  }));
  for (int i = 0; i < 4; ++i) strangers.push_back(std::make_unique<Caller>(door));
  channel.hand(test_page(1));
  EXPECT_TRUE(channel.sends_promptly());
}

TEST(ChannelTest, AnAnswerComesInWhileAPageHangs) {
  const DeafServer service;
  const int door = free_port();
  std::unique_ptr<Caller> person;
  {
    Running channel(webhook_at(service.port(), door));
    channel.hand(test_page(1));
    ASSERT_TRUE(service.is_called(std::chrono::seconds(20)));
    ASSERT_TRUE(eventually(std::chrono::seconds(20), [&] {
      person = std::make_unique<Caller>(door);
      return person->connected();
    }));
    person->say(
        "GET /answer?secret=long-enough&page=7-1&status=coming&code=4471&eta_min=25 "
        "HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(channel.hears_code("4471", std::chrono::seconds(10))) << "the page hangs for 12 s";
    EXPECT_EQ(channel.last_eta(), 25);
  }
}

TEST(ChannelTest, WhoSendsAByteNowAndThenDoesNotHoldTheDoor) {
  const DeafServer service;
  const int door = free_port();
  Running channel(webhook_at(service.port(), door));
  std::unique_ptr<Caller> dribbler;
  ASSERT_TRUE(eventually(std::chrono::seconds(20), [&] {
    dribbler = std::make_unique<Caller>(door);
    return dribbler->connected();
  }));
  std::jthread dribbles([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      dribbler->try_to_say("x");
      eventually(std::chrono::milliseconds(100), [] { return false; });
    }
  });
  const Caller person(door);
  person.say("GET /answer?secret=long-enough&page=7-1&status=coming&code=4471 HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(channel.hears_code("4471", std::chrono::seconds(20)));
}

}  // namespace
}  // namespace cryobank::pager
