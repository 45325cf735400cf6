#include "service/pager/pager_config.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/text.hpp"

namespace cryobank::pager {
namespace {

TEST(PagerConfig, ReadsTheShippedExample) {
  std::ifstream file(CRYOBANK_SOURCE_DIR "/config/cryobank-pager.toml");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  PagerConfig config;
  config::Faults faults;
  EXPECT_TRUE(parse_pager_config("p.toml", text, config, faults));
  EXPECT_EQ(config.channels.size(), 3u);
  EXPECT_EQ(config.channels[2].tier, 3);
}

TEST(PagerConfig, KnowsEveryKindOfTheDocs) {
  const std::vector<std::string_view> expected{"espa-x",     "espa444", "kannel",  "mail",
                                               "mqtt-pager", "print",   "program", "sms-modem",
                                               "smstools",   "snpp",    "voice",   "webhook"};
  EXPECT_EQ(kind_names(), expected);
}

TEST(PagerConfig, TellsEveryFaultAtOnce) {
  PagerConfig config;
  config::Faults faults;
  EXPECT_FALSE(parse_pager_config(
      "p.toml",
      "silence = \"1s\"\nunknown = 1\n[[channel]]\nid = \"a\"\nkind = \"program\"\n"
      "program = \"relative\"\n[[channel]]\nid = \"a\"\nkind = \"telepathy\"\n"
      "[[channel]]\nid = \"b\"\nkind = \"snpp\"\nhost = \"h\"\npager = \"1 2\"\ncolour = 3\n",
      config, faults));
  EXPECT_GE(faults.items().size(), 6u);
}

// What was expected, what came, and where: for each kind, one mistake of each sort.
TEST(PagerConfig, EachRefusalSaysWhatCameAndWhere) {
  const struct {
    const char* lines;
    const char* told;
  } cases[] = {
      {"kind = \"sms-modem\"\npath = \"ttyUSB0\"\nnumber = \"+49170\"\n",
       "p.toml:5: [[channel]] path: expected an absolute path, came \"ttyUSB0\""},
      {"kind = \"sms-modem\"\npath = \"/dev/x\"\nbaud = 12345\nnumber = \"+49170\"\n",
       "57600 or 115200, came \"12345\""},
      {"kind = \"sms-modem\"\npath = \"/dev/x\"\nnumber = \"anna\"\n",
       "expected a telephone number as +491701234567, came \"anna\""},
      {"kind = \"kannel\"\nuser_name = \"u\"\nnumber = \"anna\"\nlisten_port = 9\n"
       "secret = \"long-enough\"\n",
       "expected a telephone number as +491701234567, came \"anna\""},
      {"kind = \"mail\"\nhost = \"h\"\nfrom = \"bank\"\nto = \"a@b.c\"\n",
       "p.toml:6: [[channel]] from: expected one mail address, came \"bank\""},
      {"kind = \"mail\"\nhost = \"h\"\nfrom = \"a@b.c\"\nto = \"a@b.c\"\nuser = \"an na\"\n",
       "came \"an na\""},
      {"kind = \"voice\"\nhost = \"h\"\nnumber = \"1 2\"\n",
       "[[channel]] number: expected a word without blanks and <>\"@;, came \"1 2\""},
      {"kind = \"mqtt-pager\"\nhost = \"h\"\ntopic = \"p/#\"\nreply_topic = \"r\"\n",
       "[[channel]] topic: expected a topic without # and +, came \"p/#\""},
      {"kind = \"espa444\"\nhost = \"h\"\nport = 1\naddress = \"x\"\n",
       "address: expected the pager's call address, 1 to 16 digits, came \"x\""},
      {"kind = \"snpp\"\nhost = \"h\"\npager = \"1 2\"\n", "came \"1 2\""},
      {"kind = \"espa-x\"\nhost = \"h\"\nuser = \"u\"\n", "one of them, came none"},
      {"kind = \"webhook\"\nurl = \"http://h/\"\nca_file = \"ca.pem\"\n",
       "ca_file: expected an absolute path, came \"ca.pem\""},
      {"kind = \"program\"\nprogram = \"x\"\n", "expected an absolute path, came \"x\""},
      {"kind = \"telepathy\"\n", "came \"telepathy\""},
  };
  for (const auto& one : cases) {
    PagerConfig config;
    config::Faults faults;
    EXPECT_FALSE(parse_pager_config(
        "p.toml", cat("site = \"demo\"\n[[channel]]\nid = \"a\"\n", one.lines), config, faults));
    std::string told;
    for (const config::Fault& fault : faults.items()) told += config::format_fault(fault) + "\n";
    EXPECT_NE(told.find(one.told), std::string::npos) << one.lines << told;
  }
}

TEST(PagerConfig, AnOffsetIsRefusedAndAZoneIsWanted) {
  PagerConfig config;
  config::Faults faults;
  EXPECT_FALSE(parse_pager_config("p.toml",
                                  "site = \"demo\"\nstate_dir = \"/tmp\"\nutc_offset_minutes = 60\n"
                                  "[[channel]]\nid = \"a\"\nkind = \"print\"\n",
                                  config, faults));
  ASSERT_EQ(faults.items().size(), 1u);
  EXPECT_NE(faults.items()[0].text.find("expected `time_zone`"), std::string::npos);
}

}  // namespace
}  // namespace cryobank::pager
