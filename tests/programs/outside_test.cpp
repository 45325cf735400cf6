// What the configuration names on this computer: each mistake by its name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "service/site_outside_io.hpp"
#include "tests/contracts/temp_dir.hpp"
#include "tests/programs/process.hpp"

namespace cryobank::service {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class OutsideTest : public ::testing::Test {
 protected:
  OutsideTest() { site_.store.directory = dir_.path(); }
  std::string told(OnFinding findings = OnFinding::refuse) {
    config::Faults faults;
    look_outside("site.toml", site_, findings, faults);
    std::string text;
    for (const config::Fault& fault : faults.items()) text += config::format_fault(fault) + "\n";
    good_ = faults.ok();
    return text;
  }
  std::string file(const std::string& name, fs::perms mode) {
    const std::string path = dir_ / name;
    std::ofstream(path) << "secret\n";
    fs::permissions(path, mode);
    return path;
  }

  // A certificate with its key, as an authority makes them.
  void make_pair(const std::string& name) {
    test::Process openssl({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                           "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=bank",
                           "-keyout", dir_ / (name + ".key"), "-out", dir_ / (name + ".pem")},
                          dir_ / "openssl.log");
    ASSERT_EQ(openssl.wait(std::chrono::seconds(30)), 0);
    fs::permissions(dir_ / (name + ".key"), fs::perms(0600));
  }
  config::LineConfig& line(const std::string& id, config::LineConfig::Kind kind) {
    config::LineConfig& line = site_.lines.emplace_back();
    line.id = LineId(id);
    line.kind = kind;
    line.host.clear();
    line.file = "site.toml";
    return line;
  }
  void tcp(const std::string& id, const std::string& host, std::uint16_t port) {
    config::LineConfig& one = line(id, config::LineConfig::Kind::tcp);
    one.host = host;
    one.port = port;
  }
  void serial(const std::string& id, const std::string& path) {
    line(id, config::LineConfig::Kind::rtu).path = path;
  }

  const TempDir dir_;
  config::SiteConfig site_;
  bool good_ = false;
};

TEST_F(OutsideTest, WhatIsThereIsFine) {
  site_.mqtt.password_file = file("password", fs::perms(0640));
  make_pair("bank");
  site_.mqtt.ca_file = site_.mqtt.cert_file = dir_ / "bank.pem";
  site_.mqtt.key_file = dir_ / "bank.key";
  site_.backup.directory = dir_.path();
  tcp("freezers", "127.0.0.1", 502);
  tcp("robots", "127.0.0.2", 502);
  tcp("rooms", "gateway", 502);
  EXPECT_EQ(told(), "");
  EXPECT_TRUE(good_);
}

TEST_F(OutsideTest, MissingFilesAndFoldersAreNamed) {
  site_.mqtt.password_file = dir_ / "no-password";
  site_.mqtt.ca_file = dir_ / "no-ca.pem";
  site_.backup.directory = dir_ / "no-backups";
  site_.store.directory = dir_ / "no-store";
  site_.telemetry.directory = dir_ / "nothing/telemetry";
  const std::string text = told();
  EXPECT_THAT(text, HasSubstr(cat("[mqtt] ca_file: expected a file that can be read, came ",
                                  site_.mqtt.ca_file)));
  EXPECT_THAT(text, HasSubstr(cat("[mqtt] password_file: cannot read ", site_.mqtt.password_file)));
  EXPECT_THAT(text, HasSubstr("[backup] directory: expected a folder that is there"));
  EXPECT_THAT(text, HasSubstr("warning: [store] directory: there is no store in"));
  EXPECT_THAT(text, HasSubstr("[telemetry] directory: expected a folder that is there, came " +
                              (dir_ / "nothing")));
  EXPECT_FALSE(good_);
  EXPECT_THAT(told(OnFinding::warn), HasSubstr("warning: [mqtt] ca_file"));
  EXPECT_TRUE(good_) << "a daemon that starts goes on";
}

TEST_F(OutsideTest, APasswordThatEverybodyCanReadIsNone) {
  for (const int mode : {0644, 0604, 0666}) {
    site_.mqtt.password_file = file("password", fs::perms(mode));
    EXPECT_THAT(told(), HasSubstr("can be read by everybody")) << mode;
  }
}

TEST_F(OutsideTest, WhatIsNoCertificateOrNoFileIsTold) {
  make_pair("bank");
  make_pair("other");
  site_.mqtt.ca_file = dir_.path();
  EXPECT_THAT(told(), HasSubstr("[mqtt] ca_file: expected a file that can be read, came " +
                                dir_.path() + ", which is a folder"));
  site_.mqtt.ca_file = file("ca.txt", fs::perms(0644));
  EXPECT_THAT(told(), HasSubstr("[mqtt] ca_file: expected a certificate in PEM, came"));
  site_.mqtt.ca_file = site_.mqtt.cert_file = dir_ / "bank.pem";
  site_.mqtt.key_file = dir_ / "bank.pem";
  EXPECT_THAT(told(), HasSubstr("[mqtt] key_file: expected a private key"));
  site_.mqtt.key_file = dir_ / "other.key";
  EXPECT_THAT(told(), HasSubstr("[mqtt] key_file: expected the key of"));
  site_.mqtt.key_file = dir_ / "bank.key";
  EXPECT_EQ(told(), "");
  fs::permissions(dir_ / "bank.key", fs::perms(0644));
  EXPECT_THAT(told(), HasSubstr("expected a private key that only its owner and group can read"));
}

TEST_F(OutsideTest, APasswordFileIsOneLineThatNobodyElseChanges) {
  site_.mqtt.password_file = file("password", fs::perms(0660));
  EXPECT_THAT(told(), HasSubstr("can be changed by others (mode 0660)"));
  fs::permissions(site_.mqtt.password_file, fs::perms(0600));
  EXPECT_EQ(told(), "");
  std::ofstream(site_.mqtt.password_file) << "";
  EXPECT_THAT(told(), HasSubstr("expected a password in the first line of"));
  std::ofstream(site_.mqtt.password_file) << "old\nnew\n";
  EXPECT_THAT(told(), HasSubstr("expected one line in"));
}

TEST_F(OutsideTest, AStoreLiesInAFolderThatKeepsFiles) {
  for (const auto& [path, expected] : std::vector<std::pair<std::string, std::string>>{
           {file("store", fs::perms(0644)), "expected a folder that is there"},
           {"/proc/store", "expected a folder on a disk, came /proc"},
           {dir_ / "a/b/store", "expected a folder that is there, came " + (dir_ / "a/b")}}) {
    site_.store.directory = path;
    EXPECT_THAT(told(), HasSubstr("[store] directory: " + expected)) << path;
    EXPECT_FALSE(good_) << path;
  }
  config::Faults faults;
  look_at_state_folder("pager.toml", {}, "state_dir", "/proc/pager", OnFinding::refuse, faults);
  ASSERT_EQ(faults.items().size(), 1U);
  EXPECT_THAT(faults.items()[0].text, HasSubstr("state_dir: expected a folder on a disk"));
}

TEST_F(OutsideTest, TwoNamesOfOneEndpointAreTold) {
  tcp("a", "127.0.0.1", 15020);
  tcp("b", "LocalHost.", 15020);
  tcp("c", "::ffff:127.0.0.1", 15021);
  tcp("d", "127.1", 15021);
  tcp("e", "Gateway", 15022);
  tcp("f", "gateway.", 15022);
  site_.mqtt.host = "localhost";
  site_.mqtt.port = 1883;
  site_.http.port = 1883;
  const std::string text = told();
  EXPECT_THAT(text, HasSubstr("line \"b\": expected an endpoint of its own, came LocalHost.:15020; "
                              "line \"a\" is 127.0.0.1:15020"));
  EXPECT_THAT(text, HasSubstr("line \"d\": expected an endpoint of its own"));
  EXPECT_THAT(text, HasSubstr("line \"f\": expected an endpoint of its own"));
  EXPECT_THAT(text, HasSubstr("[http] port: expected an endpoint of its own, came 127.0.0.1:1883; "
                              "[mqtt] port is localhost:1883"));
  site_.mqtt.host = "broker.example";
  EXPECT_THAT(told(), ::testing::Not(HasSubstr("[http] port"))) << "another machine's port";
}

TEST_F(OutsideTest, APortUnderTwoNamesAndWhatIsNoPortAreTold) {
  fs::create_symlink("/dev/ptmx", dir_ / "usb-FTDI-port0");
  serial("a", "/dev/ptmx");
  serial("b", dir_ / "usb-FTDI-port0");
  serial("c", "/dev/null");
  serial("d", "/dev/../dev/null");
  serial("e", file("ttyUSB0", fs::perms(0600)));
  const std::string text = told();
  EXPECT_THAT(text, HasSubstr("line \"b\": expected a port of its own, came"));
  EXPECT_THAT(text, HasSubstr("line \"c\": expected a serial port, came /dev/null"));
  EXPECT_THAT(text, HasSubstr("line \"d\": expected a port of its own, came /dev/../dev/null; line "
                              "\"c\" has it as /dev/null"));
  EXPECT_THAT(text, HasSubstr("line \"e\": expected a serial port"));
  EXPECT_FALSE(good_);
  EXPECT_THAT(told(OnFinding::warn), HasSubstr("warning: line \"b\""));
  EXPECT_TRUE(good_) << "adapters change places while the service is down: it starts and says so";
}

}  // namespace
}  // namespace cryobank::service
