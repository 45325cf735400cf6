#include "service/mqtt_io.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "base/text.hpp"
#include "service/reach_io.hpp"
#include "tests/programs/broker.hpp"

namespace cryobank::service {
namespace {

using std::chrono::seconds;

// What a BrokerClient posted, to be looked at from the test's thread.
class Heard {
 public:
  void take(core::Input input) {
    const std::lock_guard lock(mutex_);
    if (const auto* message = std::get_if<core::BrokerMessage>(&input))
      messages_.push_back(*message);
    if (const auto* ack = std::get_if<core::BrokerAck>(&input)) acks_.push_back(*ack);
    const auto* link = std::get_if<core::BrokerLink>(&input);
    if (link == nullptr) return;
    told_.push_back(*link);
    if (link->up || (!links_.empty() && links_.back().up)) links_.push_back(*link);
  }
  // The newest word on the link, also of attempts that failed.
  core::BrokerLink newest() {
    const std::lock_guard lock(mutex_);
    return told_.empty() ? core::BrokerLink{} : told_.back();
  }
  std::size_t told() {
    const std::lock_guard lock(mutex_);
    return told_.size();
  }
  std::vector<core::BrokerMessage> messages() {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  std::vector<core::BrokerAck> acks() {
    const std::lock_guard lock(mutex_);
    return acks_;
  }
  // From the first connect on, each change between up and not.
  std::vector<core::BrokerLink> links() {
    const std::lock_guard lock(mutex_);
    return links_;
  }

 private:
  std::mutex mutex_;
  std::vector<core::BrokerMessage> messages_;
  std::vector<core::BrokerAck> acks_;
  std::vector<core::BrokerLink> links_;
  std::vector<core::BrokerLink> told_;
};

class MqttIoTest : public ::testing::Test {
 public:
  MqttIoTest() {
    directory_ = std::filesystem::temp_directory_path() / cat("mqtt-io-", test::free_port());
    std::filesystem::create_directories(directory_);
    broker_ = std::make_unique<test::Broker>(directory_.string());
    broker_->start();
  }
  ~MqttIoTest() override {
    clients_.clear();
    broker_.reset();
    std::filesystem::remove_all(directory_);
  }

 protected:
  BrokerClient& connect(const std::string& id, Heard& heard, Will will = {}) {
    config::MqttConfig config;
    config.port = static_cast<std::uint16_t>(broker_->port());
    clients_.push_back(std::make_unique<BrokerClient>(
        config, BrokerAccess{id, {}, std::move(will)},
        [&heard](core::Input input) { heard.take(std::move(input)); }));
    clients_.back()->start();
    EXPECT_TRUE(test::eventually(seconds(10), [&] { return !heard.links().empty(); }));
    return *clients_.back();
  }

  static core::Publish publish(core::EffectId id, std::string topic, std::string payload) {
    core::Publish publish;
    publish.id = id;
    publish.topic = std::move(topic);
    publish.payload = std::move(payload);
    return publish;
  }

  Heard heard_;  // outlive the clients
  Heard other_;
  std::filesystem::path directory_;
  std::unique_ptr<test::Broker> broker_;
  std::vector<std::unique_ptr<BrokerClient>> clients_;
};

// Of every TCP connection of this process to `port` on 127.0.0.1, whether it sends at once.
std::vector<bool> sends_at_once(int port) {
  std::vector<bool> found;
  for (int descriptor = 0; descriptor < 1024; ++descriptor) {
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &length) != 0) continue;
    if (peer.sin_family != AF_INET || ntohs(peer.sin_port) != port) continue;
    int on = 0;
    length = sizeof on;
    getsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, &length);
    found.push_back(on != 0);
  }
  return found;
}

// A client whose link cannot come up, and what it says about it.
class LinkTroubleTest : public MqttIoTest {
 protected:
  config::MqttConfig to_broker() const {
    config::MqttConfig config;
    config.port = static_cast<std::uint16_t>(broker_->port());
    return config;
  }
  void start(const config::MqttConfig& config) {
    clients_.push_back(std::make_unique<BrokerClient>(
        config, BrokerAccess{"daemon", {}, {}},
        [this](core::Input input) { heard_.take(std::move(input)); }));
    clients_.back()->start();
  }
  std::string told_as(core::LinkTrouble trouble) {
    const bool told = test::eventually(
        seconds(15), [&] { return !heard_.newest().up && heard_.newest().trouble == trouble; });
    return told ? heard_.newest().why : cat("told as: ", heard_.newest().why);
  }
  std::string file(const std::string& name, std::string_view text) const {
    const std::string path = (directory_ / name).string();
    std::ofstream(path) << text;
    std::filesystem::permissions(path, std::filesystem::perms(0600));
    return path;
  }
};

TEST_F(LinkTroubleTest, AWrongPasswordIsToldAsThatAndAMendedFileNeedsNoRestart) {
  const std::string passwords = file("passwords", "cryobankd:right\n");
  ASSERT_EQ(std::system(cat("mosquitto_passwd -U ", passwords).c_str()), 0);
  const std::string folder = (directory_ / "closed").string();
  std::filesystem::create_directories(folder);
  const std::string as_root = ::geteuid() == 0 ? "user root\n" : "";
  test::Broker closed(folder, cat("password_file ", passwords, "\n", as_root));
  closed.start();
  config::MqttConfig config = to_broker();
  config.port = static_cast<std::uint16_t>(closed.port());
  config.password_file = file("password", "wrong\n");
  start(config);
  EXPECT_EQ(told_as(core::LinkTrouble::wrong_login),
            cat("the broker 127.0.0.1:", closed.port(),
                " refuses the login \"cryobankd\": wrong user or password, or this user may not "
                "connect (reason 135)"));
  const std::size_t told = heard_.told();
  ::poll(nullptr, 0, 1500);
  EXPECT_EQ(heard_.told(), told) << "once per change, not at every attempt";
  file("password", "right\n");
  EXPECT_TRUE(test::eventually(seconds(10), [&] { return heard_.newest().up; }));
}

TEST_F(LinkTroubleTest, AMissingPasswordFileAndACaFileThatIsGoneAreNamed) {
  config::MqttConfig config = to_broker();
  config.password_file = (directory_ / "none").string();
  start(config);
  EXPECT_EQ(told_as(core::LinkTrouble::wrong_login),
            cat("cannot read ", config.password_file, ": No such file or directory"));
  config.password_file = {};
  config.ca_file = (directory_ / "ca.pem").string();
  start(config);
  EXPECT_EQ(told_as(core::LinkTrouble::certificate),
            cat("the file ", config.ca_file,
                " ([mqtt] ca_file) cannot be read: No such file or directory"));
}

TEST_F(LinkTroubleTest, ABrokerWithoutTlsAPortWithoutListenerAndAnUnknownNameAreToldApart) {
  config::MqttConfig config = to_broker();
  const int nobody = test::free_port();
  config.port = static_cast<std::uint16_t>(nobody);
  start(config);
  EXPECT_EQ(told_as(core::LinkTrouble::refused),
            cat("the broker 127.0.0.1:", nobody, " refuses connections: nobody listens there"));
  config.host = "no-such-broker.invalid";
  start(config);
  EXPECT_THAT(told_as(core::LinkTrouble::name_unknown),
              ::testing::StartsWith("the broker's name \"no-such-broker.invalid\" is not known"));
  config = to_broker();
  config.ca_file = file("ca.pem", "no certificate\n");
  start(config);
  EXPECT_THAT(told_as(core::LinkTrouble::certificate),
              ::testing::StartsWith(cat("no TLS with the broker 127.0.0.1:", broker_->port())));
}

// A broker without an access list lets every login speak as another, and only this shows it.
TEST_F(LinkTroubleTest, ABrokerThatKeepsNoRulesIsToldAtEachConnect) {
  const std::string folder = (directory_ / "open").string();
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/all") << "pattern readwrite #\n";
  test::Broker open(folder, cat("allow_anonymous true\nacl_file ", folder, "/all\n"));
  open.start();
  const auto unguarded = [&](int port, bool asks) {
    config::MqttConfig config = to_broker();
    config.port = static_cast<std::uint16_t>(port);
    Heard heard;
    BrokerClient client(config, {"guard", {}, {}, asks},
                        [&](core::Input input) { heard.take(std::move(input)); });
    client.start();
    EXPECT_TRUE(test::eventually(seconds(10), [&] { return heard.newest().up; }));
    return heard.newest().unguarded;
  };
  EXPECT_TRUE(unguarded(open.port(), true));
  EXPECT_FALSE(unguarded(open.port(), false)) << "a gateway does not ask";
  EXPECT_FALSE(unguarded(broker_->port(), true));
}

TEST_F(LinkTroubleTest, ACaFileThatHoldsNoneAndAnIssuerThatIsNotOursAndAnotherNameAreToldApart) {
  const std::string folder = (directory_ / "tls").string();
  std::filesystem::create_directories(folder);
  const auto run = [](const std::string& command) {
    ASSERT_EQ(std::system(cat(command, " >/dev/null 2>&1").c_str()), 0) << command;
  };
  for (const char* ca : {"ours", "theirs"}) {
    run(cat("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=", ca, " -keyout ", folder,
            "/", ca, ".key -out ", folder, "/", ca, ".pem"));
  }
  run(cat("openssl req -newkey rsa:2048 -nodes -subj /CN=broker.invalid -keyout ", folder,
          "/broker.key -out ", folder, "/broker.csr"));
  run(cat("openssl x509 -req -days 2 -in ", folder, "/broker.csr -CA ", folder, "/ours.pem -CAkey ",
          folder, "/ours.key -CAcreateserial -out ", folder, "/broker.pem"));
  const std::string as_root = ::geteuid() == 0 ? "user root\n" : "";
  test::Broker tls(folder, cat("allow_anonymous true\ncertfile ", folder, "/broker.pem\nkeyfile ",
                               folder, "/broker.key\n", as_root));
  tls.start();
  const auto said = [&](const std::string& ca) {
    return look_why_no_tls("127.0.0.1", static_cast<std::uint16_t>(tls.port()), ca).why;
  };
  const std::string where = cat("no TLS with the broker 127.0.0.1:", tls.port(), ": ");
  EXPECT_EQ(said(folder + "/none.pem"), cat(where, "the CA file ", folder,
                                            "/none.pem cannot be read: No such file or directory"));
  EXPECT_EQ(
      said(file("empty.pem", "no certificate\n")),
      cat(where, "the CA file ", directory_.string(), "/empty.pem holds no certificate (PEM)"));
  EXPECT_THAT(said(folder + "/theirs.pem"),
              ::testing::StartsWith(cat(where, "its certificate is not signed by the CA in ",
                                        folder, "/theirs.pem")));
  EXPECT_EQ(said(folder + "/ours.pem"),
            cat(where, "its certificate is for another name than \"127.0.0.1\""));
  EXPECT_EQ(look_why_no_tls("127.0.0.1", static_cast<std::uint16_t>(broker_->port()),
                            folder + "/ours.pem")
                .why,
            cat("no TLS with the broker 127.0.0.1:", broker_->port(),
                ": it answers without TLS, or with none that this computer knows"));
}

TEST_F(LinkTroubleTest, TwoOfOneIdentityAreBothToldThatThereIsASecondOne) {
  const auto taken = [](Heard& heard) {
    return std::ranges::count_if(heard.links(), [](const core::BrokerLink& link) {
      return link.trouble == core::LinkTrouble::taken_over;
    });
  };
  connect("daemon", heard_);
  connect("daemon", other_);
  EXPECT_TRUE(
      test::eventually(seconds(45), [&] { return taken(heard_) > 0 && taken(other_) > 0; }));
  EXPECT_LT(heard_.links().size(), 12u) << "each leaves the other time to say what it must";
}

TEST_F(MqttIoTest, ItsMessagesDoNotWaitForTheBrokersDelayedAck) {
  connect("prompt", heard_);
  EXPECT_EQ(sends_at_once(broker_->port()), std::vector<bool>{true});
  broker_->kill();
  ASSERT_TRUE(test::eventually(seconds(10), [&] { return heard_.links().size() == 2; }));
  broker_->start();
  ASSERT_TRUE(test::eventually(seconds(10), [&] { return heard_.links().size() == 3; }));
  EXPECT_EQ(sends_at_once(broker_->port()), std::vector<bool>{true});
}

TEST_F(MqttIoTest, CarriesACommandWithItsReplyAddressAndAcknowledgesWhatItPublishes) {
  BrokerClient& one = connect("daemon", heard_);
  EXPECT_EQ(heard_.links()[0].receive_max, 20);
  one.subscribe({{"command/#"}, {}});
  BrokerClient& two = connect("person", other_);
  auto command = publish(7, "command/anna/course/register", "{}");
  command.correlation = "abc";
  ASSERT_TRUE(test::eventually(seconds(5), [&] {
    two.publish(command);
    return !heard_.messages().empty();
  }));
  EXPECT_EQ(heard_.messages()[0].correlation, "abc");
  EXPECT_FALSE(heard_.messages()[0].retained);
  ASSERT_TRUE(test::eventually(seconds(5), [&] { return !other_.acks().empty(); }));
  EXPECT_EQ(other_.acks()[0].publish, 7u);
  EXPECT_TRUE(other_.acks()[0].ok);
}

TEST_F(MqttIoTest, ShowsThatACommandWasSentRetained) {
  connect("daemon", heard_).subscribe({{"command/#"}, {}});
  BrokerClient& two = connect("person", other_);
  auto command = publish(1, "command/anna/a/b", "{}");
  command.retain = true;
  ASSERT_TRUE(test::eventually(seconds(5), [&] {
    two.publish(command);
    return !heard_.messages().empty();
  }));
  EXPECT_TRUE(heard_.messages()[0].retained);
}

TEST_F(MqttIoTest, CutsAMessageOverTheBoundToOneByteAboveIt) {
  connect("daemon", heard_).subscribe({{"command/#"}, {}});
  BrokerClient& two = connect("person", other_);
  const std::string big(kMessageMax + 1000, 'x');
  ASSERT_TRUE(test::eventually(seconds(5), [&] {
    two.publish(publish(1, "command/x", big));
    return !heard_.messages().empty();
  }));
  EXPECT_EQ(heard_.messages()[0].payload.size(), kMessageMax + 1);
}

TEST_F(MqttIoTest, TellsWhenTheBrokerIsKilledAndConnectsAgainWithinFiveSecondsOfItsReturn) {
  BrokerClient& client = connect("daemon", heard_);
  broker_->kill();
  ASSERT_TRUE(test::eventually(seconds(5), [&] { return heard_.links().size() == 2; }));
  EXPECT_FALSE(heard_.links()[1].up);
  client.publish(publish(1, "lost", "{}"));  // nobody hears it, and it does not throw
  broker_->start();
  ASSERT_TRUE(test::eventually(seconds(5), [&] { return heard_.links().size() == 3; }));
  EXPECT_TRUE(heard_.links()[2].up);
}

TEST_F(MqttIoTest, ReadsBackItsOwnRetainedTopicsButNotWhatItPublishesAfterwards) {
  auto retained = publish(1, "tree/a", "1");
  retained.retain = true;
  connect("first", other_).publish(retained);
  ASSERT_TRUE(test::eventually(seconds(5), [&] { return !other_.acks().empty(); }));
  BrokerClient& client = connect("second", heard_);
  client.subscribe({{}, {"tree/#"}});
  ASSERT_TRUE(test::eventually(seconds(5), [&] { return heard_.messages().size() == 1; }));
  EXPECT_TRUE(heard_.messages()[0].retained);
  retained.payload = "2";
  client.publish(retained);
  ASSERT_TRUE(test::eventually(seconds(5), [&] { return !heard_.acks().empty(); }));
  EXPECT_EQ(heard_.messages().size(), 1u);
}

TEST_F(MqttIoTest, LeavesItsWillWhenItIsStopped) {
  connect("watcher", other_).subscribe({{"state"}, {}});
  BrokerClient& client = connect("daemon", heard_, {"state", "offline"});
  client.stop();
  ASSERT_TRUE(test::eventually(seconds(5), [&] { return !other_.messages().empty(); }));
  EXPECT_EQ(other_.messages()[0].payload, "offline");
}

TEST_F(MqttIoTest, StopsWithinTwoSecondsWhileTheBrokerDoesNotAnswer) {
  BrokerClient& client = connect("daemon", heard_);
  broker_->pause();
  client.publish(publish(1, "x", "{}"));
  const auto before = std::chrono::steady_clock::now();
  client.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(3000));
  broker_->go_on();
}

}  // namespace
}  // namespace cryobank::service
