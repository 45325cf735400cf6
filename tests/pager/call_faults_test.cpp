// A thousand faults per channel (attack.hpp): telephone calls over UDP, and pagers behind a broker.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include "base/check.hpp"
#include "base/prng.hpp"
#include "service/mqtt_io.hpp"
#include "service/pager/sip_text_io.hpp"
#include "tests/pager/attack.hpp"
#include "tests/programs/broker.hpp"

namespace cryobank::pager {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kCallSeed = 20'261'202;

sockaddr_in loopback_at(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int port_of(int fd) {
  sockaddr_in own{};
  socklen_t size = sizeof own;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size);
  return ntohs(own.sin_port);
}

// ---- a telephone: busy, dead, picked up by a machine, by somebody who presses the wrong keys

class FaultPhone {
 public:
  explicit FaultPhone(std::uint64_t seed)
      : sip_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)), prng_(seed) {
    sockaddr_in address = loopback_at(0);
    CHECK(::bind(sip_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  ~FaultPhone() {
    thread_.request_stop();
    thread_.join();
    ::close(sip_);
  }
  FaultPhone(const FaultPhone&) = delete;
  FaultPhone& operator=(const FaultPhone&) = delete;

  int port() const { return port_of(sip_); }
  void relent() { faults_ = false; }
  // From here on a person: these keys as the call begins, the next ones after a tenth of a second
  // of speech.
  void press_in_turn(std::deque<std::string> keys) {
    const std::lock_guard lock(mutex_);
    in_turn_ = std::move(keys);
    faults_ = false;
  }
  int sounds_after_keys() const { return sounds_; }
  // The calls that come from now on are for this page.
  void expect_page(int page) { page_ = page; }
  int truth_of(int page) {
    const std::lock_guard lock(mutex_);
    const auto found = truth_.find(page);
    return found == truth_.end() ? 0 : found->second;
  }

 private:
  void know(int depth) {
    const std::lock_guard lock(mutex_);
    truth_[called_for_] = std::max(truth_[called_for_], depth);
  }

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd one{sip_, POLLIN, 0};
      if (::poll(&one, 1, 20) <= 0) continue;
      std::array<char, 4096> datagram{};
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t got = ::recvfrom(sip_, datagram.data(), datagram.size(), 0,
                                     reinterpret_cast<sockaddr*>(&from), &size);
      if (got <= 0) continue;
      if (datagram[0] != '\x80') caller_ = from;  // sound comes from another port
      hear(std::string(datagram.data(), static_cast<std::size_t>(got)));
    }
  }

  void say(const std::string& text) const {
    static_cast<void>(::sendto(sip_, text.data(), text.size(), 0,
                               reinterpret_cast<const sockaddr*>(&caller_), sizeof caller_));
  }
  static std::string answer(std::string_view status, const std::string& to, std::string_view body) {
    return cat("SIP/2.0 ", status, "\r\nVia: ", sip_header(to, "Via"),
               "\r\nFrom: ", sip_header(to, "From"), "\r\nTo: ", sip_header(to, "To"),
               ";tag=p\r\nCall-ID: ", sip_header(to, "Call-ID"),
               "\r\nCSeq: ", sip_header(to, "CSeq"), "\r\nContact: <sip:p@127.0.0.1>\r\n",
               body.empty() ? "" : "Content-Type: application/sdp\r\n",
               "Content-Length: ", body.size(), "\r\n\r\n", body);
  }

  void hear(const std::string& message) {
    if (message.starts_with("BYE ") || message.starts_with("CANCEL ")) {
      if (!faults_ || prng_.chance(9, 10)) say(answer("200 OK", message, {}));
    } else if (message.starts_with("INVITE ")) {
      const std::string call = sip_header(message, "Call-ID");
      if (call != call_) {
        call_ = call;
        called_for_ = page_;
        fault_ = faults_ ? static_cast<int>(prng_.below(16)) : 15;
      }
      pick_up(message);
    } else if (!message.empty() && message[0] == '\x80') {
      ++sounds_;
      if (sounds_ == 5) press_next();
    } else if (message.starts_with("ACK ") && sip_header(message, "Call-ID") == call_) {
      press(message);
    }
  }

  void pick_up(const std::string& invite) {
    const std::string sdp = cat("v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio ", port(),
                                " RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n");
    switch (fault_) {
      case 0:
        return;  // nobody is there
      case 1:
        return say(answer("100 Trying", invite, {}));
      case 2:
        return say(answer("486 Busy Here", invite, {}));
      case 3:
        return say(answer("503 Service Unavailable", invite, {}));
      case 4:
        return say("\xFF\xFEno SIP at all");
      case 5: {
        std::string another = invite;
        another.replace(another.find(call_), 4, "abcd");
        return say(answer("200 OK", another, sdp));
      }
      case 6:
        return say(answer("200 OK", invite, {}));  // no place for sound
      default:
        say(answer("180 Ringing", invite, {}));
        know(1);
        return say(answer("200 OK", invite, sdp));
    }
  }

  bool press_next() {
    std::string keys;
    {
      const std::lock_guard lock(mutex_);
      if (in_turn_.empty()) return false;
      keys = in_turn_.front();
      in_turn_.pop_front();
    }
    say_keys(keys);
    sounds_ = 0;
    return true;
  }

  void say_keys(std::string_view keys) {
    for (const char key : keys) {
      say(cat("INFO sip:cryobank@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1\r\nFrom: ",
              sip_header(ack_, "To"), "\r\nTo: ", sip_header(ack_, "From"), "\r\nCall-ID: ", call_,
              "\r\nCSeq: ", ++infos_,
              " INFO\r\nContent-Type: application/dtmf-relay\r\nContent-Length: 10\r\n\r\nSignal=",
              std::string(1, key), "\r\n"));
    }
  }

  void press(const std::string& ack) {
    ack_ = ack;
    if (fault_ < 7) return;  // of a refusal
    if (press_next()) return;
    const auto info = [this](std::string_view keys) { say_keys(keys); };
    const auto bye = [&] {
      say(cat("BYE sip:cryobank@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1\r\nFrom: ",
              sip_header(ack, "To"), "\r\nTo: ", sip_header(ack, "From"), "\r\nCall-ID: ", call_,
              "\r\nCSeq: ", ++infos_, " BYE\r\nContent-Length: 0\r\n\r\n"));
    };
    switch (fault_) {
      case 7:
        return;  // a machine listens and presses nothing
      case 8:
        return bye();
      case 9:
        info("1447");
        return bye();
      case 10:
        info("19999");
        return bye();
      case 11:
        info("4471");
        return bye();
      case 12:
        info("5*8");
        return bye();
      case 13:
        know(2);
        return info("3");
      default:
        know(2);
        return info("14471");
    }
  }

  int sip_;
  Prng prng_;
  sockaddr_in caller_{};
  std::atomic<bool> faults_{true};
  std::string call_;
  std::string ack_;
  std::atomic<int> sounds_{0};
  std::atomic<int> page_{0};
  int called_for_ = 0;
  int infos_ = 100;
  int fault_ = 0;
  std::mutex mutex_;  // guards what follows
  std::map<int, int> truth_;
  std::deque<std::string> in_turn_;
  std::jthread thread_;
};

std::string silence_of(int ms) {
  std::string wav = "RIFF....WAVEfmt ";
  const auto push = [&wav](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) wav += static_cast<char>(value >> (8 * i) & 0xFF);
  };
  push(16, 4);
  push(1, 2);
  push(1, 2);
  push(8000, 4);
  push(16'000, 4);
  push(2, 2);
  push(16, 2);
  wav += "data";
  const int bytes = ms * 16;
  push(static_cast<std::uint32_t>(bytes), 4);
  return wav + std::string(static_cast<std::size_t>(bytes), '\0');
}

// A word of 40 ms, so that no call is longer than it must be; thanks take longer where a test wants
// to hear them.
void write_speech(const fs::path& program) {
  std::ofstream(program.string() + ".wav", std::ios::binary) << silence_of(40);
  std::ofstream(program.string() + ".thanks", std::ios::binary) << silence_of(600);
  std::ofstream(program) << "#!/bin/sh\ncase \"$*\" in\n"
                         << "*Thank*) test -e $0.long && exec cat $0.thanks ;;\nesac\ncat $0.wav\n";
  fs::permissions(program, fs::perms::owner_all);
}

TEST(VoiceAnswers, WhoPressesTheRightKeysIsThankedAndWhoPressesWrongOnesMayTryAgain) {
  const fs::path folder = fs::temp_directory_path() / cat("cryobank-thanks-", ::getpid());
  fs::create_directories(folder);
  write_speech(folder / "speak");
  std::ofstream(folder / "speak.long") << "1";
  FaultPhone phone(kCallSeed);
  const auto driver =
      make_driver(cat("kind = \"voice\"\nhost = \"127.0.0.1\"\nport = ", phone.port(),
                      "\nnumber = \"100\"\nuser = \"anna\"\nspeech_program = \"",
                      (folder / "speak").string(), "\"\n"));
  phone.press_in_turn({"14471"});
  EXPECT_EQ(driver->send(test_page(1), soon(20'000)).fate, Fate::delivered);
  EXPECT_GE(phone.sounds_after_keys(), 20) << "600 ms of thanks";
  static_cast<void>(driver->listen(soon(1)));
  phone.press_in_turn({"19999", "18888", "14471"});
  EXPECT_EQ(driver->send(test_page(2), soon(20'000)).fate, Fate::delivered);
  const auto heard = driver->listen(soon(1));
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].code, "4471");
  phone.press_in_turn({"19999", "18888", "17777"});
  EXPECT_EQ(driver->send(test_page(3), soon(20'000)).fate, Fate::sent);
  EXPECT_LT(phone.sounds_after_keys(), 20) << "nobody is thanked for that";
  fs::remove_all(folder);
}

// Many telephones at once, since a call is mostly waiting.
TEST(VoiceFaults, NoCallIsSaidToBeDeliveredThatNobodyAnsweredWithAKey) {
  constexpr int kPhones = 8;
  constexpr int kCalls = 1000 / kPhones;
  const fs::path folder = fs::temp_directory_path() / cat("cryobank-voice-", ::getpid());
  fs::create_directories(folder);
  write_speech(folder / "speak");
  std::atomic<int> delivered{0};
  std::vector<std::jthread> phones;
  for (int phone = 0; phone < kPhones; ++phone) {
    phones.emplace_back([&, phone] {
      FaultPhone peer(kCallSeed + static_cast<std::uint64_t>(phone));
      const auto driver =
          make_driver(cat("kind = \"voice\"\nhost = \"127.0.0.1\"\nport = ", peer.port(),
                          "\nnumber = \"100\"\nuser = \"anna\"\nspeech_program = \"",
                          (folder / "speak").string(), "\"\n"));
      Attack attack;
      attack.faults = 1;
      attack.within_ms = 250;
      attack.truth = [&](const Outgoing& page) {
        return peer.truth_of(static_cast<int>(*parse_integer(page.id.substr(2))));
      };
      attack.relent = [&] { peer.relent(); };
      Score all;
      for (attack.first = 1; attack.first <= kCalls; ++attack.first) {
        peer.expect_page(attack.first);
        const Score score = send_all(attack, *driver);
        all.sent += score.sent;
        all.delivered += score.delivered;
        all.failed += score.failed;
      }
      expect_good(attack, all, kCalls, *driver);
      delivered += all.delivered;
    });
  }
  phones.clear();
  EXPECT_GT(delivered, 50);
  fs::remove_all(folder);
}

// ---- MQTT pagers: a real broker behind a line that is cut, held and garbled, and a device that
// stays silent, speaks of another page, or says what no pager says

class FaultLine {
 public:
  explicit FaultLine(int to)
      : to_(to), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback_at(0);
    CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    CHECK(::listen(listener_, 8) == 0);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  ~FaultLine() {
    thread_.request_stop();
    thread_.join();
    ::close(listener_);
  }
  FaultLine(const FaultLine&) = delete;
  FaultLine& operator=(const FaultLine&) = delete;

  enum class Fault { none, cut, garbage, hold };
  int port() const { return port_of(listener_); }
  // Strikes the next bytes that the broker sends.
  void strike(Fault fault) { fault_ = fault; }

 private:
  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd one{listener_, POLLIN, 0};
      if (::poll(&one, 1, 20) <= 0) continue;
      const int near = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      const int far = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address = loopback_at(to_);
      const int on = 1;
      ::setsockopt(near, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      ::setsockopt(far, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (::connect(far, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
        while (!stop.stop_requested() && carry(near, far)) {
        }
      }
      ::close(near);
      ::close(far);
    }
  }

  bool carry(int near, int far) {
    std::array<pollfd, 2> both{{{near, POLLIN, 0}, {far, POLLIN, 0}}};
    if (::poll(both.data(), both.size(), 20) <= 0) return true;
    std::array<char, 4096> chunk{};
    if (both[0].revents != 0) {
      const ssize_t got = ::read(near, chunk.data(), chunk.size());
      if (got <= 0) return false;
      if (::write(far, chunk.data(), static_cast<std::size_t>(got)) != got) return false;
    }
    if (both[1].revents == 0) return true;
    const ssize_t got = ::read(far, chunk.data(), chunk.size());
    if (got <= 0) return false;
    const Fault fault = fault_.exchange(Fault::none);
    if (fault == Fault::cut) return false;
    if (fault == Fault::hold) ::usleep(120'000);
    if (fault == Fault::garbage) chunk.fill('\xA5');
    return ::write(near, chunk.data(), static_cast<std::size_t>(got)) == got &&
           fault != Fault::garbage;
  }

  int to_;
  int listener_;
  std::atomic<Fault> fault_{Fault::none};
  std::jthread thread_;
};

class FaultPager {
 public:
  explicit FaultPager(int broker) : prng_(kCallSeed) {
    config::MqttConfig config;
    config.port = static_cast<std::uint16_t>(broker);
    config.user = "";
    client_ = std::make_unique<service::BrokerClient>(
        config, service::BrokerAccess{"device", "", {}},
        [this](core::Input input) { hear(std::move(input)); });
    client_->start();
  }
  ~FaultPager() { client_->stop(); }
  FaultPager(const FaultPager&) = delete;
  FaultPager& operator=(const FaultPager&) = delete;

  bool listens() const { return up_; }
  void relent() { faults_ = false; }
  int truth_of(const std::string& page) {
    const std::lock_guard lock(mutex_);
    const auto found = truth_.find(page);
    return found == truth_.end() ? 0 : found->second;
  }

 private:
  void hear(core::Input input) {
    if (const auto* link = std::get_if<core::BrokerLink>(&input)) {
      if (link->up) client_->subscribe({{"p/u/17/r/8"}, {}});
      return;
    }
    const auto* message = std::get_if<core::BrokerMessage>(&input);
    if (message == nullptr) return;
    const Result<Json> body = parse_json(message->payload);
    if (!body) return;
    const std::string page = body->string_or("id", "");
    up_ = true;
    const std::uint64_t fault = faults_ ? prng_.below(12) : 11;
    {
      const std::lock_guard lock(mutex_);
      truth_[page] = std::max(truth_[page], fault >= 9 ? 2 : 1);
    }
    const auto reply = [page](std::string_view digits) {
      return Json::object().set("id", page).set("reply", digits);
    };
    switch (fault) {
      case 0:
        return;  // an empty battery
      case 1:
        return say(Json::object().set("id", page + "0").set("reply", "02").dump());
      case 2:
        return say(Json::object().set("id", 5).set("reply", "02").dump());
      case 3:
        return say(reply("99").dump());
      case 4:
        return say(Json::object().set("id", page).set("reply", 2).dump());
      case 5:
        return say("{\"id\":\"" + page + "\",\"reply\":\"02");
      case 6:
        return say("\xFF\xFE");
      case 7:
        return say(reply("02").dump(), "p/u/18/reply");
      case 8:
        return say(Json::array().push(reply("02")).dump());
      case 9:
        return say(reply("80").set("code", "4471").dump());
      case 10:
        say(reply("02").dump());
        return say(reply("02").dump());
      default:
        return say(reply("02").dump());
    }
  }
  void say(const std::string& text, const std::string& topic = "p/u/17/reply") {
    core::Publish publish;
    publish.id = ++said_;
    publish.topic = topic;
    publish.payload = text;
    client_->publish(publish);
  }

  Prng prng_;
  std::atomic<bool> up_{false};
  std::atomic<bool> faults_{true};
  core::EffectId said_ = 0;
  std::mutex mutex_;  // guards truth_
  std::map<std::string, int> truth_;
  std::unique_ptr<service::BrokerClient> client_;
};

TEST(MqttPagerFaults, NoPageIsReportedDeliveredThatTheDeviceDidNotSayItHas) {
  const fs::path folder = fs::temp_directory_path() / cat("cryobank-pagers-", ::getpid());
  fs::create_directories(folder);
  {
    test::Broker broker(folder.string());
    broker.start();
    FaultLine line(broker.port());
    FaultPager device(broker.port());
    const auto driver =
        make_driver(cat("kind = \"mqtt-pager\"\nhost = \"127.0.0.1\"\nport = ", line.port(),
                        "\ntopic = \"p/u/17/r/8\"\nreply_topic = \"p/u/17/reply\"\n"));
    ASSERT_TRUE(test::eventually(std::chrono::seconds(30), [&] {
      static_cast<void>(driver->send(test_page(0), soon(1000)));
      return device.listens();
    }));
    Attack attack;
    attack.within_ms = 100;
    attack.truth = [&](const Outgoing& page) { return device.truth_of(page.id); };
    attack.hears = true;
    attack.relent = [&] { device.relent(); };
    Score all;
    // The line is struck before every twentieth page, mostly held; a link that was cut takes its
    // time to come back, and pages fail meanwhile.
    attack.faults = 20;
    for (int i = 0; i < 50; ++i) {
      line.strike(i % 8 != 7     ? FaultLine::Fault::hold
                  : i % 16 == 15 ? FaultLine::Fault::garbage
                                 : FaultLine::Fault::cut);
      attack.first = 1 + 20 * i;
      const Score score = send_all(attack, *driver);
      all.sent += score.sent;
      all.failed += score.failed;
      all.reported += score.reported;
    }
    attack.first = 1;
    expect_good(attack, all, 1000, *driver);
    EXPECT_GT(all.reported, 50);
  }
  fs::remove_all(folder);
}

}  // namespace
}  // namespace cryobank::pager
