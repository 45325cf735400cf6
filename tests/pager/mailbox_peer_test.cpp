// The mailbox against a real IMAP server (Debian's dovecot): a bounce in the shape of a real mail
// system, a word that it is late, a machine's answer and a person's, each read once.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/pager/driver_bench.hpp"
#include "tests/programs/process.hpp"

namespace cryobank::pager {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using test::eventually;
using test::Process;
using test::read_text;

constexpr uid_t kMailUser = 65'534;  // dovecot serves nobody as root
constexpr const char* kDovecot = "/usr/sbin/dovecot";

// As postfix writes them; WHAT, STATUS and ID are the case's.
constexpr std::string_view kNotice =
    "Return-Path: <>\r\nFrom: MAILER-DAEMON@example.org (Mail Delivery System)\r\n"
    "Subject: Undelivered Mail Returned to Sender\r\nTo: bank@example.org\r\n"
    "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"4Xa/b\"\r\n\r\n"
    "This is a MIME-encapsulated message.\r\n\r\n--4Xa/b\r\nContent-Description: Notification\r\n"
    "Content-Type: text/plain; charset=us-ascii\r\n\r\nThis is the mail system at host "
    "mail.example.org.\r\n\r\nI'm sorry to have to inform you that your message could not\r\nbe "
    "delivered to one or more recipients.\r\n\r\n--4Xa/b\r\nContent-Description: Delivery "
    "report\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; "
    "mail.example.org\r\n"
    "X-Postfix-Queue-ID: 4Xa\r\nX-Postfix-Sender: rfc822; bank@example.org\r\nArrival-Date: Mon, "
    "30 "
    "Nov 2026 03:00:05 +0000 (UTC)\r\n\r\nFinal-Recipient: rfc822; anna@example.org\r\n"
    "Original-Recipient: rfc822;anna@example.org\r\nAction: WHAT\r\nStatus: STATUS\r\n"
    "Diagnostic-Code: smtp; 550 5.1.1 no such user here\r\n\r\n--4Xa/b\r\nContent-Description: "
    "Undelivered Message Headers\r\nContent-Type: text/rfc822-headers\r\n\r\nReturn-Path: "
    "<bank@example.org>\r\nFrom: <bank@example.org>\r\nTo: <anna@example.org>\r\nMessage-ID: "
    "<ID@c-1.cryobank>\r\n\r\n--4Xa/b--\r\n";

std::string notice(std::string_view what, std::string_view status, std::string_view page) {
  std::string text(kNotice);
  const auto put = [&text](std::string_view word, std::string_view value) {
    text.replace(text.find(word), word.size(), value);
  };
  put("WHAT", what);
  put("STATUS", status);
  put("ID@", cat(page, "@"));
  return text;
}

class MailboxTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kDovecot) || ::geteuid() != 0) GTEST_SKIP() << "needs dovecot, as root";
    // Dovecot's sockets have short names only.
    folder_ = fs::temp_directory_path() / cat("cb-mail-", ::getpid());
    for (const char* name : {"mail/new", "mail/cur", "mail/tmp"}) {
      fs::create_directories(folder_ / name);
    }
    own("mail");
    port_ = test::free_port();
    write_config();
    server_ = Process({kDovecot, "-F", "-c", (folder_ / "dovecot.conf").string()},
                      (folder_ / "out").string());
    ASSERT_TRUE(test::wait_for_port(port_, seconds(20))) << log();
    driver_ = make_driver(
        cat("kind = \"mail\"\nhost = \"127.0.0.1\"\nfrom = \"bank@example.org\"\n",
            "to = \"anna@example.org\"\nuser = \"anna\"\nimap_host = \"127.0.0.1\"\nimap_port = ",
            port_, "\nimap_user = \"bank\"\nimap_password = \"x\"\nlook_every = \"1s\"\n"));
  }
  void TearDown() override {
    server_.stop(SIGTERM);
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  void own(const std::string& name) const {
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / name)) {
      ASSERT_EQ(::chown(entry.path().c_str(), kMailUser, kMailUser), 0);
    }
    ASSERT_EQ(::chown((folder_ / name).c_str(), kMailUser, kMailUser), 0);
  }
  void write_config() const {
    const std::string base = folder_.string();
    std::ofstream(folder_ / "dovecot.conf")
        << "base_dir = " << base << "/run\nstate_dir = " << base << "/state\nlog_path = " << base
        << "/dovecot.log\nprotocols = imap\nlisten = 127.0.0.1\nssl = no\n"
        << "disable_plaintext_auth = no\nmail_location = maildir:" << base << "/mail\n"
        << "passdb {\n  driver = static\n  args = password=x\n}\nuserdb {\n  driver = static\n"
        << "  args = uid=" << kMailUser << " gid=" << kMailUser << " home=" << base << "/mail\n}\n"
        << "service imap-login {\n  inet_listener imap {\n    port = " << port_
        << "\n  }\n  chroot =\n}\nservice anvil {\n  chroot =\n}\nservice stats {\n  chroot =\n}\n";
  }
  std::string log() const {
    return read_text((folder_ / "dovecot.log").string()) + read_text((folder_ / "out").string());
  }
  void comes(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / "mail/tmp" / name) << text;
    own("mail");
    fs::rename(folder_ / "mail/tmp" / name, folder_ / "mail/new" / name);
  }
  // What was heard, until a word of this page with this fate or answer, and everything up to it.
  std::vector<Heard> heard_until(const std::function<bool(const Heard&)>& last) {
    std::vector<Heard> all;
    EXPECT_TRUE(eventually(seconds(30), [&] {
      for (Heard& one : driver_->listen(soon(200))) all.push_back(std::move(one));
      return !all.empty() && last(all.back());
    })) << log();
    return all;
  }

  fs::path folder_;
  int port_ = 0;
  Process server_;
  std::shared_ptr<Driver> driver_;
};

TEST_F(MailboxTest, DovecotOfDebianHoldsNoticesAndAnswersAndEachIsReadOnce) {
  comes("1.a.mail", notice("delayed", "4.4.1", "7-1"));
  comes("2.b.mail", notice("failed", "5.1.1", "7-2"));
  comes("3.c.mail",
        "From: Anna <anna@example.org>\r\nAuto-Submitted: auto-replied\r\nSubject: away\r\n\r\n"
        "coming 9999\r\n");
  int automatic = 0;
  for (const char* const head :
       {"AUTO-SUBMITTED: auto-generated; owner-email=\"x\"", "Precedence: bulk",
        "Precedence: AUTO_REPLY", "X-Autoreply: yes", "Return-Path: <>",
        "Subject: Automatic reply: away until 2027", "List-Id: <staff.example.org>"}) {
    comes(cat("3.", ++automatic, ".auto.mail"),
          cat("From: Anna <anna@example.org>\r\n", head, "\r\n\r\ncoming 9999\r\n"));
  }
  comes("4.d.mail", "From: Ben <ben@example.org>\r\nSubject: Re\r\n\r\ncoming 8888\r\n");
  comes("5.e.mail",
        "From: Anna <anna@example.org>\r\nAuto-Submitted: no\r\nSubject: Re: [7-3]\r\nIn-Reply-To: "
        "<7-3@c-1.cryobank>\r\n\r\ncoming 4471 25\r\n\r\n> P1 freezer-1\r\n");
  const auto heard = heard_until([](const Heard& one) { return one.code == "4471"; });
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_EQ(heard[0].page, "7-2");
  EXPECT_EQ(heard[0].fate, Fate::failed);
  EXPECT_NE(heard[0].why.find("550 5.1.1 no such user here"), std::string::npos) << heard[0].why;
  EXPECT_EQ(heard[1].user, "anna");
  EXPECT_EQ(heard[1].eta_min, 25);
  comes("6.f.mail", notice("delivered", "2.1.5", "7-4"));
  const auto later = heard_until([](const Heard& one) { return one.fate == Fate::delivered; });
  ASSERT_EQ(later.size(), 1u) << "nothing is read twice";
  EXPECT_EQ(later[0].page, "7-4");
}

}  // namespace
}  // namespace cryobank::pager
