// The channels against the real other side, as Debian ships it: smsd on an AT responder, kannel
// with its fake centre, sipp, Net::SNPP's server, aiosmtpd, mosquitto.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "service/pager/speech_io.hpp"
#include "tests/pager/driver_bench.hpp"
#include "tests/programs/process.hpp"

namespace cryobank::pager {
namespace {

using std::chrono::seconds;
using test::eventually;
using test::free_port;
using test::Process;
using test::read_text;
using test::wait_for_port;

const std::string kHere = CRYOBANK_SOURCE_DIR "/tests/pager/";

class Peers : public ::testing::Test {
 protected:
  Peers() : folder_(std::filesystem::temp_directory_path() / cat("cryobank-peers-", ::getpid())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~Peers() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  // Listens until a report or answer fits; what came meanwhile is thrown away.
  static bool hears(Driver& driver, const std::function<bool(const Heard&)>& fits, seconds within) {
    return eventually(within, [&] {
      for (const Heard& heard : driver.listen(soon(200))) {
        if (fits(heard)) return true;
      }
      return false;
    });
  }
  static bool is_delivered(const Heard& heard, const Outgoing& page) {
    return heard.what == Heard::What::report && heard.fate == Fate::delivered &&
           (heard.page == page.id);
  }

  // name.crt and name.key, of localhost.
  void make_certificate(const std::string& name) const {
    Process openssl({"/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
                     "2", "-subj", "/CN=peer", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                     file(name + ".key"), "-out", file(name + ".crt")},
                    file("openssl.log"));
    ASSERT_EQ(openssl.wait(seconds(30)), 0) << read_text(file("openssl.log"));
  }

  std::filesystem::path folder_;
};

TEST_F(Peers, SnppServerOfDebianTakesAPageTellsOfItAndBringsTheReply) {
  const int port = free_port();
  Process server({"/usr/bin/perl", kHere + "snpp_peer.pl", cat(port), file("pages")},
                 file("snpp.log"));
  ASSERT_TRUE(wait_for_port(port, seconds(10)));
  const auto driver = make_driver(
      cat("kind = \"snpp\"\nhost = \"127.0.0.1\"\nport = ", port, "\npager = \"5551234\"\n"));
  const Outgoing page = test_page(71);
  const Attempt attempt = driver->send(page, soon(5000));
  ASSERT_EQ(attempt.fate, Fate::sent) << attempt.why;
  EXPECT_NE(read_text(file("pages")).find(page.text), std::string::npos);
  EXPECT_TRUE(hears(
      *driver, [&](const Heard& heard) { return is_delivered(heard, page); }, seconds(10)));
  EXPECT_TRUE(hears(
      *driver,
      [](const Heard& heard) {
        return heard.what == Heard::What::answer && heard.status == "coming" &&
               heard.code == "4471";
      },
      seconds(10)));
  const auto wrong = make_driver(
      cat("kind = \"snpp\"\nhost = \"127.0.0.1\"\nport = ", port, "\npager = \"12\"\n"));
  EXPECT_EQ(wrong->send(page, soon(5000)).fate, Fate::failed);
}

TEST_F(Peers, ModemOnAPtySendsReportsAndAnswers) {
  Process modem({"/usr/bin/python3", kHere + "at_modem.py", file("modem"), file("sent")},
                file("modem.log"));
  ASSERT_TRUE(eventually(seconds(10), [&] { return std::filesystem::exists(file("modem")); }));
  const auto driver = make_driver(cat("kind = \"sms-modem\"\npath = \"", file("modem"),
                                      "\"\nnumber = \"+491701234567\"\nuser = \"anna\"\n"));
  EXPECT_EQ(driver->probe(soon(5000)), "");
  const Outgoing page = test_page(72);
  const Attempt attempt = driver->send(page, soon(5000));
  ASSERT_EQ(attempt.fate, Fate::sent) << attempt.why;
  EXPECT_NE(read_text(file("sent")).find(page.text), std::string::npos);
  EXPECT_TRUE(hears(
      *driver, [&](const Heard& heard) { return is_delivered(heard, page); }, seconds(10)));
  EXPECT_TRUE(hears(
      *driver,
      [](const Heard& heard) {
        return heard.status == "coming" && heard.code == "4471" && heard.user == "anna";
      },
      seconds(10)));
}

TEST_F(Peers, SmsdOfDebianTakesAFileAndBringsTheNetworksReport) {
  for (const char* name : {"outgoing", "checked", "sent", "failed", "incoming", "report"}) {
    std::filesystem::create_directories(folder_ / "spool" / name);
  }
  Process modem({"/usr/bin/python3", kHere + "at_modem.py", file("modem"), file("taken"), "pdu"},
                file("modem.log"));
  ASSERT_TRUE(eventually(seconds(10), [&] { return std::filesystem::exists(file("modem")); }));
  const std::string spool = file("spool");
  write("smsd.conf",
        cat("devices = GSM1\nlogfile = ", file("smsd.log"),
            "\nloglevel = 5\npidfile = ", file("smsd.pid"), "\ninfofile = ", file("smsd.run"),
            "\noutgoing = ", spool, "/outgoing\nchecked = ", spool, "/checked\nfailed = ", spool,
            "/failed\nincoming = ", spool, "/incoming\nreport = ", spool, "/report\nsent = ", spool,
            "/sent\ndelaytime = 1\nuser = root\ngroup = root\n[GSM1]\ndevice = ", file("modem"),
            "\nincoming = yes\nreport = yes\nrtscts = no\nbaudrate = 115200\nmemory_start = 1\n"));
  Process smsd({"/usr/sbin/smsd", "-t", "-c", file("smsd.conf")}, file("smsd.out"));
  const auto driver = make_driver(cat("kind = \"smstools\"\nspool = \"", spool,
                                      "\"\nnumber = \"+491701234567\"\nuser = \"anna\"\n"));
  const Outgoing page = test_page(73);
  const Attempt attempt = driver->send(page, soon(40'000));
  ASSERT_EQ(attempt.fate, Fate::sent) << attempt.why << read_text(file("smsd.log"));
  EXPECT_FALSE(attempt.handle.empty()) << "smsd gave no Message_id";
  EXPECT_TRUE(hears(
      *driver, [&](const Heard& heard) { return is_delivered(heard, page); }, seconds(60)))
      << read_text(file("smsd.log"));
}

// As somebody else for a while; needs root before and after.
class AnotherUser {
 public:
  AnotherUser(uid_t user, gid_t group) : mask_(::umask(0077)) {
    EXPECT_EQ(::setegid(group), 0);
    EXPECT_EQ(::seteuid(user), 0);
  }
  ~AnotherUser() {
    EXPECT_EQ(::seteuid(0), 0);
    EXPECT_EQ(::setegid(0), 0);
    ::umask(mask_);
  }
  AnotherUser(const AnotherUser&) = delete;
  AnotherUser& operator=(const AnotherUser&) = delete;

 private:
  mode_t mask_;
};

constexpr uid_t kSmsd = 1;  // any user but the gateway's, and its group
constexpr gid_t kSmsdGroup = 1;
constexpr uid_t kGateway = 65'534;

// Folders as Debian's smstools makes them: smsd's and its group's, sticky. The gateway is another
// user of that group, with the unit's umask.
class SharedSpool : public Peers {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "becoming another user needs root";
    for (const char* name : {"", "outgoing", "sent", "failed", "incoming"}) {
      const std::filesystem::path path = folder_ / "spool" / name;
      std::filesystem::create_directories(path);
      ASSERT_EQ(::chown(path.c_str(), kSmsd, kSmsdGroup), 0);
      ASSERT_EQ(::chmod(path.c_str(), 03775), 0);
    }
    driver_ = make();
  }
  std::shared_ptr<Driver> make() const {
    return make_driver(cat("kind = \"smstools\"\nspool = \"", file("spool"),
                           "\"\nnumber = \"+491701234567\"\nuser = \"anna\"\n"));
  }
  void answer_lies(const std::string& name, mode_t mode, std::chrono::seconds age) const {
    write("spool/incoming/" + name, "From: 491701234567\n\ncoming 4471\n");
    const std::string path = file("spool/incoming/" + name);
    ASSERT_EQ(::chown(path.c_str(), kSmsd, kSmsdGroup), 0);
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() - age);
  }

  std::shared_ptr<Driver> driver_;
};

TEST_F(SharedSpool, SmsdMayReadWhatIsHandedOverAndNeverSeesHalfOfIt) {
  std::set<std::string> seen;
  struct stat given {};
  std::jthread smsd([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      for (const auto& entry : std::filesystem::directory_iterator(file("spool/outgoing"))) {
        if (!seen.insert(entry.path().filename()).second) continue;
        ::stat(entry.path().c_str(), &given);
      }
    }
  });
  const AnotherUser gateway(kGateway, kSmsdGroup);
  EXPECT_EQ(driver_->probe(soon(100)), "");
  const Attempt attempt = driver_->send(test_page(73), soon(300));
  smsd.request_stop();
  smsd.join();
  EXPECT_EQ(attempt.why, "smsd did not take it in time");
  ASSERT_EQ(seen.size(), 1u) << "one file, under its last name";
  EXPECT_EQ(given.st_gid, kSmsdGroup);
  EXPECT_EQ(given.st_mode & 0777, 0660u);
  EXPECT_GT(given.st_size, 40);
}

TEST_F(SharedSpool, AnswersThatCannotBeRemovedAreReadOnce) {
  answer_lies("new", 0660, seconds(1));
  answer_lies("old", 0660, seconds(3600));
  {
    const AnotherUser gateway(kGateway, kSmsdGroup);
    const auto heard = driver_->listen(soon(100));
    ASSERT_EQ(heard.size(), 1u);
    EXPECT_EQ(heard[0].code, "4471");
    EXPECT_TRUE(driver_->listen(soon(100)).empty());
  }
  answer_lies("next", 0600, seconds(1));
  const AnotherUser gateway(kGateway, kSmsdGroup);
  EXPECT_NE(driver_->probe(soon(100)).find("cannot read the answer"), std::string::npos);
}

TEST_F(SharedSpool, AUserWhoIsNotInTheGroupIsToldSo) {
  const AnotherUser gateway(kGateway, static_cast<gid_t>(kGateway));
  EXPECT_NE(driver_->probe(soon(100)).find("must be in the group of smsd"), std::string::npos);
  EXPECT_EQ(driver_->send(test_page(74), soon(100)).fate, Fate::failed);
}

// An id is a message reference: it comes again after 256 messages, and an earlier run had one.
TEST_F(Peers, LateReportOfAnOlderMessageOfTheSameIdConfirmsNothing) {
  for (const char* name : {"outgoing", "sent", "failed", "incoming", "report"}) {
    std::filesystem::create_directories(folder_ / "spool" / name);
  }
  write("spool/sent/old", "To: 491701234567\nMessage_id: 117\n\nof the run before\n");
  const auto driver = make_driver(
      cat("kind = \"smstools\"\nspool = \"", file("spool"), "\"\nnumber = \"+491701234567\"\n"));
  std::jthread smsd([&](const std::stop_token& stop) {
    int id = 117;
    while (!stop.stop_requested()) {
      for (const auto& entry : std::filesystem::directory_iterator(file("spool/outgoing"))) {
        write("spool/made", cat("Message_id: ", id++, "\n", read_text(entry.path().string())));
        std::filesystem::rename(file("spool/made"),
                                folder_ / "spool/sent" / entry.path().filename());
        std::filesystem::remove(entry.path());
        break;
      }
    }
  });
  const auto report = [&](int id) {
    write(cat("made-", id), cat("From: 491701234567\n\nSMS STATUS REPORT\nMessage_id: ", id,
                                "\nStatus: 0,Ok,short message received by the SME\n"));
    std::filesystem::rename(file(cat("made-", id)), file(cat("spool/report/r", id)));
    return driver->listen(soon(200));
  };
  EXPECT_EQ(driver->send(test_page(76), soon(5000)).handle, "117");
  EXPECT_TRUE(report(117).empty()) << "it may be the older one's";
  EXPECT_EQ(driver->send(test_page(77), soon(5000)).handle, "118");
  EXPECT_EQ(report(118).size(), 1u);
}

TEST_F(Peers, APushServiceOverTlsIsBelievedByItsCertificateOnly) {
  make_certificate("push");
  make_certificate("other");
  const int port = free_port();
  Process push({"/usr/bin/python3", kHere + "https_peer.py", cat(port), file("push.crt"),
                file("push.key"), file("taken")},
               file("push.log"));
  ASSERT_TRUE(wait_for_port(port, seconds(10))) << read_text(file("push.log"));
  const auto service = [&](std::string_view host, std::string_view ca) {
    return make_driver(
        cat("kind = \"webhook\"\nshape = \"pagerduty\"\ntopic = \"key\"\nurl = "
            "\"https://",
            host, ":", port, "/v2/enqueue\"\nca_file = \"", file(std::string(ca)), "\"\n"));
  };
  const Outgoing page = test_page(75);
  const auto good = service("localhost", "push.crt");
  EXPECT_EQ(good->probe(soon(5000)), "");
  const Attempt attempt = good->send(page, soon(5000));
  EXPECT_EQ(attempt.fate, Fate::sent) << attempt.why;
  EXPECT_NE(read_text(file("taken")).find(page.text), std::string::npos);
  std::filesystem::remove(file("taken"));
  // Another authority's certificate, another host's, and none that can be read.
  for (const auto& bad : {service("localhost", "other.crt"), service("127.0.0.1", "push.crt"),
                          service("localhost", "absent.crt")}) {
    const Attempt refused = bad->send(page, soon(5000));
    EXPECT_EQ(refused.fate, Fate::failed);
    EXPECT_NE(lower_ascii(refused.why).find("certificate"), std::string::npos) << refused.why;
    EXPECT_NE(bad->probe(soon(5000)), "");
  }
  EXPECT_FALSE(std::filesystem::exists(file("taken"))) << "nothing was told to a stranger";
}

TEST_F(Peers, KannelOfDebianAcceptsAndItsCentreSaysDelivered) {
  const int admin = free_port();
  const int box = free_port();
  const int sendsms = free_port();
  const int centre = free_port();
  const int door = free_port();
  write(
      "kannel.conf",
      cat("group = core\nadmin-port = ", admin, "\nadmin-password = x\nsmsbox-port = ", box,
          "\nlog-file = ", file("bearerbox.log"),
          "\nbox-allow-ip = 127.0.0.1\ndlr-storage = internal\n\n",
          "group = smsc\nsmsc = fake\nsmsc-id = FAKE\nport = ", centre,
          "\nconnect-allow-ip = 127.0.0.1\n\n",
          "group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = ", sendsms, "\nlog-file = ",
          file("smsbox.log"), "\n\n", "group = sendsms-user\nusername = u\npassword = p\n\n",
          "group = sms-service\nkeyword = default\nmax-messages = 0\nget-url = \"http://127.0.0.1:",
          door, "/message?secret=long-enough&from=%p&text=%a\"\n"));
  Process bearer({"/usr/sbin/bearerbox", file("kannel.conf")}, file("bearer.out"));
  ASSERT_TRUE(wait_for_port(box, seconds(15))) << read_text(file("bearer.out"));
  Process smsbox({"/usr/sbin/smsbox", file("kannel.conf")}, file("smsbox.out"));
  ASSERT_TRUE(wait_for_port(sendsms, seconds(15))) << read_text(file("smsbox.out"));
  ASSERT_TRUE(wait_for_port(centre, seconds(15)));
  // The fake centre's phone: it answers once, when it starts.
  Process phone({"/usr/lib/kannel/test/fakesmsc", "-H", "127.0.0.1", "-r", cat(centre), "-m", "1",
                 "+491701234567 100 text coming 4471"},
                file("phone.out"));
  const auto driver =
      make_driver(cat("kind = \"kannel\"\nurl = \"http://127.0.0.1:", sendsms,
                      "/cgi-bin/sendsms\"\nuser_name = \"u\"\npassword = "
                      "\"p\"\nfrom = \"1234\"\nnumber = \"+491701234567\"\nuser = \"anna\"\n",
                      "listen_port = ", door, "\nsecret = \"long-enough\"\n"));
  const Outgoing page = test_page(74);
  Attempt attempt;
  ASSERT_TRUE(eventually(seconds(20),
                         [&] {
                           attempt = driver->send(page, soon(5000));
                           return attempt.fate == Fate::sent;
                         }))
      << attempt.why << read_text(file("smsbox.out"));
  bool answered = false;
  bool delivered = false;
  eventually(seconds(20), [&] {
    for (const Heard& heard : driver->listen(soon(200))) {
      answered =
          answered || (heard.status == "coming" && heard.code == "4471" && heard.user == "anna");
      delivered = delivered || is_delivered(heard, page);
    }
    return answered && delivered;
  });
  EXPECT_TRUE(delivered) << read_text(file("bearerbox.log"));
  EXPECT_TRUE(answered) << read_text(file("phone.out"));
}

TEST_F(Peers, SippAnswersRefusesAndPressesKeys) {
  const struct {
    const char* scenario;
    Fate fate;
    const char* status;
  } cases[] = {{"sipp_keys.xml", Fate::delivered, "coming"},
               {"sipp_machine.xml", Fate::sent, ""},
               {"sipp_busy.xml", Fate::failed, ""}};
  for (const auto& one : cases) {
    const int port = free_port();
    Process sipp({"/usr/bin/sipp", "-sf", kHere + one.scenario, "-i", "127.0.0.1", "-p", cat(port),
                  "-m", "1", "-nostdin", "-timeout", "60s"},
                 file(cat(one.scenario, ".log")));
    const auto driver = make_driver(
        cat("kind = \"voice\"\nhost = \"127.0.0.1\"\nport = ", port,
            "\nnumber = \"100\"\nuser = \"anna\"\nlanguage = \"ja\"\nring = \"10s\"\n"));
    const Outgoing page = test_page(75);
    eventually(seconds(1), [] { return false; });
    const Attempt attempt = driver->send(page, soon(20'000));
    EXPECT_EQ(attempt.fate, one.fate) << one.scenario << ": " << attempt.why;
    const auto heard = driver->listen(soon(10));
    EXPECT_EQ(heard.empty() ? "" : heard[0].status, one.status) << one.scenario;
    if (!heard.empty()) {
      EXPECT_TRUE(heard[0].code == "4471" && heard[0].user == "anna");
    }
  }
}

TEST_F(Peers, MailServerTakesAMailAndANoticeInTheMailboxTellsOfIt) {
  const int smtp = free_port();
  const int imap = free_port();
  Process server({"/usr/bin/python3", kHere + "mail_peer.py", cat(smtp), cat(imap), file("mails")},
                 file("mail.log"));
  ASSERT_TRUE(wait_for_port(smtp, seconds(15)) && wait_for_port(imap, seconds(15)))
      << read_text(file("mail.log"));
  const auto driver =
      make_driver(cat("kind = \"mail\"\nhost = \"127.0.0.1\"\nport = ", smtp,
                      "\nfrom = \"bank@example.org\"\nto = \"anna@example.org\"\nuser = "
                      "\"anna\"\nimap_host = \"127.0.0.1\"\n",
                      "imap_port = ", imap,
                      "\nimap_user = \"bank\"\nimap_password = \"x\"\nlook_every = \"1s\"\n"));
  Outgoing page = test_page(76);
  page.page.set("text_ja", "液面が低下しています");
  EXPECT_NE(spoken_text(page, Language::japanese).find("液面が低下しています"), std::string::npos);
  const Attempt attempt = driver->send(page, soon(5000));
  ASSERT_EQ(attempt.fate, Fate::sent) << attempt.why;
  EXPECT_NE(read_text(file("mails")).find(page.text.substr(0, 60)), std::string::npos);
  EXPECT_NE(read_text(file("mails")).find("液面が低下しています"), std::string::npos);
  bool answered = false;
  bool bounced = false;
  eventually(seconds(20), [&] {
    for (const Heard& heard : driver->listen(soon(200))) {
      answered =
          answered || (heard.status == "coming" && heard.code == "4471" && heard.user == "anna");
      bounced = bounced || (heard.page == page.id && heard.fate == Fate::failed);
    }
    return answered && bounced;
  });
  EXPECT_TRUE(bounced) << read_text(file("mail.log"));
  EXPECT_TRUE(answered);
}

TEST_F(Peers, MailAndMailboxAreReachedOverTlsOrNotAtAll) {
  make_certificate("mail");
  make_certificate("other");
  const int smtp = free_port();
  const int imap = free_port();
  Process server({"/usr/bin/python3", kHere + "mail_peer.py", cat(smtp), cat(imap), file("mails"),
                  file("mail.crt"), file("mail.key")},
                 file("mail.log"));
  ASSERT_TRUE(wait_for_port(smtp, seconds(15)) && wait_for_port(imap, seconds(15)))
      << read_text(file("mail.log"));
  const auto channel = [&](std::string_view tls, std::string_view ca) {
    return make_driver(cat("kind = \"mail\"\nhost = \"localhost\"\nport = ", smtp, "\ntls = \"",
                           tls, "\"\nca_file = \"", file(std::string(ca)),
                           "\"\nfrom = \"bank@example.org\"\nto = \"anna@example.org\"\nuser = "
                           "\"anna\"\nimap_host = \"localhost\"\nimap_tls = \"tls\"\nimap_port = ",
                           imap, "\nimap_user = \"bank\"\nimap_password = \"x\"\n",
                           "look_every = \"1s\"\n"));
  };
  const Outgoing page = test_page(78);
  for (const auto& bad : {channel("starttls", "other.crt"), channel("none", "mail.crt"),
                          channel("tls", "mail.crt")}) {
    EXPECT_EQ(bad->send(page, soon(5000)).fate, Fate::failed);
  }
  EXPECT_EQ(read_text(file("mails")), "");
  const auto good = channel("starttls", "mail.crt");
  const Attempt attempt = good->send(page, soon(5000));
  ASSERT_EQ(attempt.fate, Fate::sent) << attempt.why << read_text(file("mail.log"));
  EXPECT_TRUE(hears(
      *good, [](const Heard& heard) { return heard.code == "4471"; }, seconds(20)))
      << read_text(file("mail.log"));
}

TEST_F(Peers, MqttPagerIsDeliveredOnlyByItsOwnWord) {
  const int port = free_port();
  write("mosquitto.conf",
        cat("listener ", port, " 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n"));
  Process broker({"mosquitto", "-c", file("mosquitto.conf")}, file("mosquitto.log"));
  ASSERT_TRUE(wait_for_port(port, seconds(10)));
  const auto driver = make_driver(
      cat("kind = \"mqtt-pager\"\nhost = \"127.0.0.1\"\nport = ", port,
          "\ntopic = \"p/u/17/r/8\"\nreply_topic = \"p/u/17/reply\"\nuser = \"anna\"\n"));
  const Outgoing page = test_page(77);
  Process device({"/usr/bin/mosquitto_sub", "-V", "5", "-p", cat(port), "-t", "p/u/17/r/8"},
                 file("device"));
  Attempt attempt;
  ASSERT_TRUE(eventually(seconds(10), [&] {
    attempt = driver->send(page, soon(2000));
    return attempt.fate == Fate::sent &&
           read_text(file("device")).find(page.text) != std::string::npos;
  })) << attempt.why;
  const auto reply = [&](const std::string& text) {
    Process pub(
        {"/usr/bin/mosquitto_pub", "-V", "5", "-p", cat(port), "-t", "p/u/17/reply", "-m", text},
        file("pub"));
    EXPECT_EQ(pub.wait(seconds(10)), 0);
  };
  reply("no json");
  reply("{\"id\":\"7-9999\",\"reply\":\"99\"}");
  reply(cat("{\"id\":\"", page.id, "\",\"reply\":\"02\"}"));
  EXPECT_TRUE(hears(
      *driver, [&](const Heard& heard) { return is_delivered(heard, page); }, seconds(5)));
  reply(cat("{\"id\":\"", page.id, "\",\"reply\":\"80\",\"code\":\"4471\",\"eta_min\":25}"));
  EXPECT_TRUE(hears(
      *driver,
      [](const Heard& heard) {
        return heard.status == "coming" && heard.code == "4471" && heard.eta_min == 25;
      },
      seconds(5)));
}

TEST_F(Peers, ProgramIsKilledAtItsTimeAndItsAnswersAreRead) {
  const auto make = [&](const std::string& name, const std::string& script) {
    write(name, "#!/bin/sh\n" + script);
    std::filesystem::permissions(file(name), std::filesystem::perms::owner_all);
    return make_driver(cat("kind = \"program\"\nprogram = \"", file(name), "\"\n"));
  };
  const Outgoing page = test_page(78);
  const auto good = make(
      "good", "cat > " + file("page") + "\necho '{\"status\":\"coming\",\"code\":\"4471\"}'\n");
  EXPECT_EQ(good->send(page, soon(5000)).fate, Fate::sent);
  EXPECT_NE(read_text(file("page")).find(page.text), std::string::npos);
  const auto heard = good->listen(soon(10));
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].code, "4471");
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(make("hangs", "sleep 60\n")->send(page, soon(500)).fate, Fate::failed);
  EXPECT_EQ(make("floods", "yes\n")->send(page, soon(500)).fate, Fate::failed);
  EXPECT_EQ(make("refuses", "exit 3\n")->send(page, soon(5000)).fate, Fate::failed);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(10));
}

}  // namespace
}  // namespace cryobank::pager
