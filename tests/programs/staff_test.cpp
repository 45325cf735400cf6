// The staff list as a text, the broker's passwords and files: what `user` and `broker` write.
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "service/ctl/broker_config.hpp"
#include "service/ctl/broker_password_io.hpp"
#include "service/ctl/login_io.hpp"
#include "service/ctl/staff_file.hpp"
#include "tests/contracts/temp_dir.hpp"

namespace cryobank::ctl {
namespace {

constexpr std::string_view kStaff =
    "# People.\n\n[[channel]]\nid = \"pager-1\"\n\n# The night shift.\n[[user]]\nid = \"ada\"\n"
    "roles = [\"viewer\"] # since May\nchannels = [\"pager-1\"]\n\n[[user]]\nid = \"ben\"\n"
    "name = \"Ben B\"\nroles = [\"viewer\",\n  \"operator\"]\n";

UserId user(const char* id) { return *UserId::parse(id); }

std::string read_all(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(StaffFileTest, AnAddedUserStandsAtTheEndAndNothingElseChanges) {
  const auto text =
      add_user(kStaff, {user("cleo"), "Cleo C", {"viewer", "qc"}, {"pager-1"}, {"freezer-1"}});
  ASSERT_TRUE(text) << text.error().context;
  EXPECT_EQ(*text, cat(kStaff, "\n[[user]]\nid = \"cleo\"\nname = \"Cleo C\"\n",
                       "roles = [\"viewer\", \"qc\"]\nchannels = [\"pager-1\"]\n",
                       "places = [\"freezer-1\"]\n"));
}

TEST(StaffFileTest, ANameThatWouldBreakTheFileIsRefused) {
  for (const char* name : {"a\"b", "a\\b", "a\nb", "a\tb", "\xff"}) {
    const auto text = add_user(kStaff, {user("cleo"), name, {"viewer"}, {}, {}});
    ASSERT_FALSE(text) << name;
    EXPECT_EQ(text.error().code, ErrorCode::invalid_value) << name;
  }
}

TEST(StaffFileTest, RolesAreWrittenInTheirLineAndItsCommentStays) {
  const auto text = set_roles(kStaff, 7, user("ada"), {"viewer", "witness"});
  ASSERT_TRUE(text) << text.error().context;
  EXPECT_NE(text->find("id = \"ada\"\nroles = [\"viewer\", \"witness\"] # since May\nchannels"),
            std::string::npos)
      << *text;
}

TEST(StaffFileTest, RolesOverSeveralLinesAreLeftToAPerson) {
  const auto text = set_roles(kStaff, 12, user("ben"), {"viewer"});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::unsupported);
  EXPECT_NE(text.error().context.find("line 15"), std::string::npos) << text.error().context;
}

TEST(StaffFileTest, ATableThatIsNoLongerThereIsAConflictAndNeverAnothersTable) {
  for (const int line : {0, 1, 3, 12, 99}) {
    const auto text = set_roles(kStaff, line, user("ada"), {"viewer"});
    ASSERT_FALSE(text) << line;
    EXPECT_EQ(text.error().code, ErrorCode::conflict) << line;
  }
}

TEST(StaffFileTest, ARemovedUserTakesItsOwnCommentAlongAndNoOther) {
  const auto text = remove_user(kStaff, 7, user("ada"));
  ASSERT_TRUE(text) << text.error().context;
  EXPECT_EQ(*text,
            "# People.\n\n[[channel]]\nid = \"pager-1\"\n\n[[user]]\nid = \"ben\"\n"
            "name = \"Ben B\"\nroles = [\"viewer\",\n  \"operator\"]\n");
}

TEST(StaffFileTest, ASigningSecretIsReplacedOrAdded) {
  const auto once = set_signing_secret(kStaff, 7, user("ada"), "scrypt$1");
  ASSERT_TRUE(once);
  const auto twice = set_signing_secret(*once, 7, user("ada"), "scrypt$2");
  ASSERT_TRUE(twice);
  EXPECT_EQ(twice->find("scrypt$1"), std::string::npos);
  EXPECT_NE(twice->find("channels = [\"pager-1\"]\nsigning_secret = \"scrypt$2\"\n"),
            std::string::npos);
}

TEST(BrokerPasswordTest, EachLoginHasOneLineAndTheOthersStay) {
  const TempDir folder;
  const std::string path = folder.path() + "/passwords";
  ASSERT_TRUE(put_password(path, "ada", "first"));
  ASSERT_TRUE(put_password(path, "ben", "other"));
  const std::string before = read_all(path);
  ASSERT_TRUE(put_password(path, "ada", "second"));
  const std::string after = read_all(path);
  EXPECT_NE(before, after);
  EXPECT_EQ(after.substr(after.find("ben:")), before.substr(before.find("ben:")));
  EXPECT_EQ(*logins_of(path), (std::vector<std::string>{"ada", "ben"}));
  EXPECT_TRUE(*drop_password(path, "ada"));
  EXPECT_FALSE(*drop_password(path, "ada"));
  EXPECT_EQ(*logins_of(path), (std::vector<std::string>{"ben"}));
  struct stat found {};
  ASSERT_EQ(stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0640U);
  EXPECT_EQ(after.find("second"), std::string::npos);
}

uid_t owner_of(const std::string& path) {
  struct stat found {};
  EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
  return found.st_uid;
}

// Debian's broker ends at once when it cannot read its passwords.
TEST(BrokerPasswordTest, AFirstFileOfRootIsTheBrokersToRead) {
  const TempDir folder;
  const bool root = ::geteuid() == 0;
  const passwd* broker = ::getpwnam("mosquitto");
  const std::string here = cat(folder.path(), "/passwords");
  ASSERT_TRUE(put_password(here, "ada", "first"));
  EXPECT_EQ(owner_of(here), root && broker != nullptr ? broker->pw_uid : ::geteuid());
  // In a folder of the broker's own user, whatever its name.
  constexpr uid_t kAnother = 54'321;
  const std::string own = cat(folder.path(), "/own");
  ASSERT_EQ(::mkdir(own.c_str(), 0755), 0);
  if (root) {
    ASSERT_EQ(::chown(own.c_str(), kAnother, kAnother), 0);
  }
  const std::string there = cat(own, "/passwords");
  ASSERT_TRUE(put_password(there, "ada", "first"));
  EXPECT_EQ(owner_of(there), root ? kAnother : ::geteuid());
  // What a person gave away stays as it was.
  ASSERT_EQ(::chmod(there.c_str(), 0400), 0);
  ASSERT_TRUE(put_password(there, "ben", "other"));
  EXPECT_EQ(owner_of(there), root ? kAnother : ::geteuid());
  const std::string hint = broker == nullptr ? "" : cat("chown mosquitto: ", there);
  EXPECT_NE(hint_unreadable(there).find(hint), std::string::npos) << hint_unreadable(there);
}

TEST(BrokerPasswordTest, AShortAnEndlessOrABrokenPasswordIsRefused) {
  for (const std::string& password : {std::string("abc"), std::string(300, 'x'),
                                      std::string("with\nline"), std::string("tab\there")}) {
    const auto line = password_line("ada", password);
    ASSERT_FALSE(line) << password;
    EXPECT_EQ(line.error().code, ErrorCode::invalid_value);
  }
}

TEST(BrokerFilesTest, APersonsChangeIsSeenAndOurOwnTextIsNot) {
  const std::string made = with_digest("listener 1883\n");
  EXPECT_TRUE(is_untouched(made));
  EXPECT_FALSE(is_untouched(made + "user root\n"));
  EXPECT_FALSE(is_untouched("listener 1883\n"));
  EXPECT_FALSE(is_untouched(""));
}

struct FilesCase {
  const char* name;
  BrokerFiles files;
  const char* expected;  // empty: good
};

TEST(BrokerFilesTest, WhatWouldNotStartOrWouldShowPasswordsIsRefused) {
  BrokerFiles good;
  good.directory = "/etc/mosquitto/cryobank";
  BrokerFiles relative = good;
  relative.directory = "broker";
  BrokerFiles open = good;
  open.address = "0.0.0.0";
  BrokerFiles half = good;
  half.tls_on = true;
  half.tls.cert_file = "/c.pem";
  BrokerFiles twice = good;
  twice.ws_port = 1883;
  BrokerFiles unsigned_clients = good;
  unsigned_clients.tls_on = true;
  unsigned_clients.tls = {"", "/c.pem", "/k.pem", true};
  BrokerFiles remote = good;
  remote.address = "192.0.2.7";
  remote.tls_on = true;
  remote.tls = {"/ca.pem", "/c.pem", "/k.pem", true};
  remote.ws_port = 9443;
  remote.loopback_port = 1884;
  const FilesCase cases[] = {{"good", good, ""},
                             {"a relative folder", relative, "absolute path"},
                             {"plain off loopback", open, "expected --tls"},
                             {"a certificate without its key", half, "--cert and --key"},
                             {"one port twice", twice, "each used once"},
                             {"clients' certificates without a CA", unsigned_clients, "--ca"},
                             {"all of it", remote, ""}};
  for (const FilesCase& row : cases) {
    const Status status = check_broker_files(row.files);
    if (*row.expected == '\0') {
      EXPECT_TRUE(status) << row.name;
      continue;
    }
    ASSERT_FALSE(status) << row.name;
    EXPECT_NE(status.error().context.find(row.expected), std::string::npos)
        << row.name << ": " << status.error().context;
  }
}

TEST(BrokerFilesTest, ADropInLeavesToTheDistributionWhatItsOwnFileSets) {
  BrokerFiles files;
  files.directory = "/x";
  files.drop_in = true;
  config::SiteConfig site;
  site.site = *SiteId::parse("s");
  const std::string text = render_broker_config(site, files);
  for (const char* once : {"persistence", "log_dest", "pid_file", "per_listener_settings"}) {
    EXPECT_EQ(text.find(once), std::string::npos) << once;
  }
  EXPECT_NE(text.find("listener 1883 127.0.0.1\n"), std::string::npos);
}

TEST(KeptLoginTest, IsReadBackWholeAndOnlyFromAFileOfOnesOwn) {
  const TempDir folder;
  ASSERT_EQ(setenv("XDG_CONFIG_HOME", folder.path().c_str(), 1), 0);
  const KeptLogin login{"broker.example", 8883, "s", "ada", "pass word", "/ca.pem"};
  ASSERT_TRUE(save_login("night", login));
  const auto kept = load_login("night");
  ASSERT_TRUE(kept) << kept.error().context;
  ASSERT_TRUE(kept->has_value());
  EXPECT_EQ((*kept)->host, login.host);
  EXPECT_EQ((*kept)->port, login.port);
  EXPECT_EQ((*kept)->password, login.password);
  EXPECT_EQ((*kept)->ca_file, login.ca_file);
  EXPECT_EQ(login_names(), (std::vector<std::string>{"night"}));
  const std::string path = *login_path("night");
  struct stat found {};
  ASSERT_EQ(stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600U);
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  const auto shown = load_login("night");
  ASSERT_FALSE(shown);
  EXPECT_NE(shown.error().context.find("chmod 600"), std::string::npos);
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  std::ofstream(path) << R"({"host":"h","port":0,"site":"s","user":"u","password":"p","ca":""})";
  EXPECT_FALSE(load_login("night"));
  EXPECT_TRUE(*forget_login("night"));
  EXPECT_FALSE((*load_login("night")).has_value());
  EXPECT_FALSE(load_login("../x"));
}

}  // namespace
}  // namespace cryobank::ctl
