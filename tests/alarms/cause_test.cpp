// What is one cause, one page and one code: lines that go dark together, a lid and what it warms.
#include <set>

#include "tests/alarms/board_story.hpp"

namespace cryobank::alarms {
namespace {

config::SiteConfig each_on_its_line(int freezers) {
  config::SiteConfig site = story_site();
  const config::DeviceConfig one = site.devices.front();
  for (int i = 2; i <= freezers; ++i) {
    site.devices.push_back(one);
    site.devices.back().id = DeviceId(cat("freezer-", i));
  }
  int number = 0;
  for (config::DeviceConfig& device : site.devices) device.line = LineId(cat("line-", ++number));
  return site;
}

// A switch was dead: 30 to 46 pages in ten minutes, nine codes.
TEST(Cause, AllLinesThatGoDarkTogetherAreOneCodeThatHidesNoBreach) {
  const config::SiteConfig site = each_on_its_line(8);
  Story s(site);
  s.tells("freezer-2", "level-falling-fast", 1, "level fell 31 mm within 30 s");
  s.paged();
  const std::string breach = s.last_pages().at(0).ack_code;
  s.wait(minutes(1));
  s.paged();
  for (const config::DeviceConfig& device : site.devices) {
    s.device_is(DeviceState::lost, device.id.str());
    s.wait(seconds(5));  // each line is found dark in its own time
  }
  std::set<std::string> codes;
  std::string last;
  int pages = 0;
  bool breached = false;
  const auto listen = [&] {
    s.paged();
    for (const Page& page : s.last_pages()) {
      if (page.ack_code == breach) breached = true;
      if (page.ack_code == breach) continue;
      codes.insert(page.ack_code);
      last = page.text;
      ++pages;
    }
  };
  s.wait(minutes(3));
  listen();
  EXPECT_EQ(codes.size(), 1u) << last;
  EXPECT_LE(pages, 4);
  EXPECT_NE(last.find("story 11 lines dark, 11 devices do not answer"), std::string::npos) << last;
  EXPECT_NE(last.find("Look at the network switch"), std::string::npos) << last;
  EXPECT_TRUE(breached) << "goes on by itself";
  s.wait(minutes(17));
  listen();
  EXPECT_EQ(codes.size(), 1u) << "as a P1 as well: " << last;
  EXPECT_TRUE(last.starts_with("P1 story 11 lines dark")) << last;
  for (const config::DeviceConfig& device : site.devices) {
    s.device_is(DeviceState::online, device.id.str());
  }
  s.wait(minutes(5));
  listen();
  EXPECT_TRUE(last.starts_with("P2 story back to normal, was: 11 lines dark")) << last;
  EXPECT_EQ(codes.size(), 1u) << "and is over as one";
  const int before = pages;
  s.wait(hours(2));
  listen();
  EXPECT_EQ(pages, before) << "what is over pages nobody any more";
}

// Whoever took the first line knows nothing of one that goes dark after that.
TEST(Cause, LineThatGoesDarkAfterAnotherWasTakenIsTold) {
  Story s(each_on_its_line(2));
  s.device_is(DeviceState::lost, "freezer-1");
  EXPECT_EQ(s.acknowledge("freezer-1.comm-lost"), "done");
  s.paged();
  s.wait(minutes(1));
  s.device_is(DeviceState::lost, "freezer-2");
  check(s, "freezer-2.comm-lost", "p2 active-unacknowledged", "pager-1");
  EXPECT_EQ(s.last_pages().front().text.find("lines dark"), std::string::npos);
}

// One open lid had two codes: its own, and that of the vapour that it warmed.
TEST(Cause, LidThatStandsOpenAndTheVapourItWarmsAreOneCode) {
  Story s;
  s.reads("lid", whole(1));
  s.wait(minutes(12));
  s.reads("temperature-top", whole(-155));
  s.wait(minutes(9));
  s.reads("temperature-top", whole(-154));
  s.wait(minutes(2));
  EXPECT_EQ(s.seen("freezer-1.temperature-top-high"), "p2 active-unacknowledged");
  std::set<std::string> codes;
  const auto listen = [&] {
    s.paged();
    for (const Page& page : s.last_pages()) codes.insert(page.ack_code);
  };
  s.wait(minutes(20));
  listen();
  EXPECT_EQ(codes.size(), 1u);
  s.reads("lid", Milli{});
  s.wait(minutes(16));
  listen();
  EXPECT_EQ(codes.size(), 1u);
  EXPECT_TRUE(s.last_pages().back().text.starts_with("P2 freezer-1 top temperature -154 Cel"))
      << "what is left of it: " << s.last_pages().back().text;
  s.reads("temperature-top", whole(-145));
  s.wait(minutes(3));
  listen();
  EXPECT_EQ(s.seen("freezer-1.temperature-top-high"), "p1 active-unacknowledged");
  EXPECT_EQ(codes.size(), 2u) << "a P1 is told by itself";
}

}  // namespace
}  // namespace cryobank::alarms
