#include "service/pager/pager_config.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

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
