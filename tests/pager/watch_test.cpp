#include "service/pager/watch.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "service/pager/pager_config.hpp"

namespace cryobank::pager {
namespace {

Now at(std::int64_t second) {
  return {Instant{} + seconds(1000 + second), WallTime{1'800'000'000'000 + second * 1000}};
}

std::string page(std::string_view id, int attempt) {
  return Json::object()
      .set("page", id)
      .set("attempt", attempt)
      .set("text", "P1 freezer-1 LN2 LOW")
      .dump();
}

class WatchTest : public ::testing::Test {
 protected:
  std::vector<Delivery> hear(std::int64_t second, std::string_view topic,
                             std::string_view payload) {
    std::vector<Delivery> out;
    watch_.on_message(at(second), topic, payload, out);
    return out;
  }
  std::vector<Delivery> wake(std::int64_t second) {
    std::vector<Delivery> out;
    watch_.on_deadline(at(second), out);
    return out;
  }

  Watch watch_{WatchConfig{"demo", {"pager-1", "pager-2"}, seconds(60), minutes(3)}};
};

TEST_F(WatchTest, DeliversAPageToItsOwnChannelOnly) {
  const auto out = hear(0, "page/pager-1", page("a", 1));
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].channel, "pager-1");
  EXPECT_EQ(out[0].text, "P1 freezer-1 LN2 LOW");
  EXPECT_EQ(out[0].page.string_or("page", ""), "a");
}

TEST_F(WatchTest, DropsThePageThatTheBrokerRepeatsAndKeepsTheNextAttempt) {
  EXPECT_EQ(hear(0, "page/pager-1", page("a", 1)).size(), 1u);
  EXPECT_TRUE(hear(1, "page/pager-1", page("a", 1)).empty());
  EXPECT_EQ(hear(2, "page/pager-1", page("a", 2)).size(), 1u);
  EXPECT_EQ(hear(3, "page/pager-2", page("a", 1)).size(), 1u);
}

TEST_F(WatchTest, IgnoresChannelsItDoesNotServeAndPayloadsThatAreNoPage) {
  EXPECT_TRUE(hear(0, "page/other", page("a", 1)).empty());
  EXPECT_TRUE(hear(0, "page/pager-1", "not json").empty());
  EXPECT_TRUE(hear(0, "page/pager-1", "[]").empty());
  EXPECT_TRUE(hear(0, "page/pager-1/receipt/x", page("a", 1)).empty());
}

TEST_F(WatchTest, PagesMonitorDeadOnEveryChannelAfterTheSilenceAndRepeatsIt) {
  EXPECT_TRUE(hear(0, "service/beat", "{}").empty());
  EXPECT_TRUE(wake(59).empty());
  const auto first = wake(60);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_NE(first[0].text.find("MONITOR DEAD demo"), std::string::npos);
  EXPECT_EQ(first[1].channel, "pager-2");
  EXPECT_TRUE(watch_.monitor_dead());
  EXPECT_TRUE(wake(60 + 179).empty());
  EXPECT_EQ(wake(60 + 180).size(), 2u);
}

TEST_F(WatchTest, PagesMonitorDeadWhenItNeverHeardTheServiceAtAll) {
  EXPECT_TRUE(wake(0).empty());
  EXPECT_TRUE(wake(59).empty());
  EXPECT_EQ(wake(60).size(), 2u);
}

TEST_F(WatchTest, SaysThatTheMonitorIsBackOnceItIsHeardAgain) {
  hear(0, "service/beat", "{}");
  wake(60);
  const auto back = hear(70, "service/beat", "{}");
  ASSERT_EQ(back.size(), 2u);
  EXPECT_NE(back[0].text.find("MONITOR BACK"), std::string::npos);
  EXPECT_FALSE(watch_.monitor_dead());
  EXPECT_TRUE(hear(75, "service/beat", "{}").empty());
}

TEST_F(WatchTest, EveryPageOfItsOwnIsSevenBitAndShort) {
  hear(0, "service/beat", "{}");
  for (const Delivery& delivery : wake(60)) {
    EXPECT_LE(delivery.text.size(), 140u);
    for (const char c : delivery.text) EXPECT_TRUE(c >= 0x20 && c < 0x7F);
  }
}

TEST_F(WatchTest, ReceiptTellsWhetherTheDriverTookThePage) {
  const Delivery delivery{"pager-1", "a", "text", Json()};
  EXPECT_EQ(Watch::receipt(delivery, true, at(0)).body.string_or("status", ""), "delivered");
  EXPECT_EQ(Watch::receipt(delivery, false, at(0)).body.string_or("status", ""), "failed");
  EXPECT_EQ(Watch::receipt(delivery, true, at(0)).body.string_or("page", ""), "a");
}

TEST(PagerConfigTest, ReadsTheShippedExample) {
  PagerConfig config;
  config::Faults faults;
  ASSERT_TRUE(parse_pager_config("p.toml",
                                 "site = \"demo\"\nsilence = \"30s\"\n[mqtt]\nport = 1999\n"
                                 "[[channel]]\nid = \"a\"\ndriver = \"program\"\n"
                                 "program = \"/usr/bin/true\"\nwithin = \"5s\"\n",
                                 config, faults));
  EXPECT_EQ(config.mqtt.port, 1999);
  EXPECT_EQ(config.silence, seconds(30));
  ASSERT_EQ(config.channels.size(), 1u);
  EXPECT_EQ(config.channels[0].within, seconds(5));
}

TEST(PagerConfigTest, TellsEveryFaultAtOnce) {
  PagerConfig config;
  config::Faults faults;
  EXPECT_FALSE(parse_pager_config("p.toml",
                                  "silence = \"1s\"\nunknown = 1\n[[channel]]\nid = \"a\"\n"
                                  "driver = \"program\"\nprogram = \"relative\"\n",
                                  config, faults));
  EXPECT_GE(faults.items().size(), 4u);
}

}  // namespace
}  // namespace cryobank::pager
