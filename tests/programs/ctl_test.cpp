#include <gtest/gtest.h>

#include "service/base/text.hpp"
#include "service/config_files_io.hpp"
#include "service/ctl/broker_config.hpp"
#include "service/ctl/story.hpp"

namespace cryobank::ctl {
namespace {

config::SiteConfig demo_site() {
  config::SiteConfig site;
  config::Faults faults;
  EXPECT_TRUE(service::load_site(CRYOBANK_SOURCE_DIR "/config/demo/site.toml", site, faults));
  return site;
}

TEST(BrokerConfigTest, EveryUserOfTheSiteMayReadButOnlyTheDaemonMayWriteTheTree) {
  const config::SiteConfig site = demo_site();
  const std::string acl = render_acl(site);
  for (const config::UserConfig& user : site.users) {
    EXPECT_NE(acl.find(cat("\nuser ", user.id.str(), "\n")), std::string::npos) << user.id.str();
  }
  EXPECT_NE(acl.find("user cryobankd\ntopic readwrite cryobank/v1/demo/#\n"), std::string::npos);
  EXPECT_EQ(acl.find("topic write cryobank/v1/demo/#"), std::string::npos);
  EXPECT_NE(acl.find("pattern write cryobank/v1/+/command/%u/#\n"), std::string::npos);
}

TEST(BrokerConfigTest, NobodyReadsTheRepliesOfAnother) {
  const std::string acl = render_acl(demo_site());
  EXPECT_EQ(acl.find("topic read cryobank/v1/demo/reply"), std::string::npos);
  EXPECT_NE(acl.find("pattern read cryobank/v1/+/reply/%u/#\n"), std::string::npos);
}

TEST(BrokerConfigTest, ListensOnLoopbackOnlyAndSendsWithoutDelay) {
  const std::string conf = render_broker_config(demo_site(), {"/x", 1999, 2999, "passwords"});
  EXPECT_NE(conf.find("listener 1999 127.0.0.1\n"), std::string::npos);
  EXPECT_NE(conf.find("listener 2999 127.0.0.1\nprotocol websockets\n"), std::string::npos);
  EXPECT_NE(conf.find("set_tcp_nodelay true\n"), std::string::npos);
  EXPECT_NE(conf.find("allow_anonymous false\n"), std::string::npos);
  EXPECT_EQ(render_broker_config(demo_site(), {"/x", 1999, 0, "passwords"}).find("websockets"),
            std::string::npos);
}

Json event(const char* type, Json data) {
  return Json::object().set("type", type).set("data", std::move(data));
}

TEST(StoryTest, TellsAnEventInOneSentenceWithItsFields) {
  EXPECT_EQ(tell_story(event("cryobank.inventory.dose-infused",
                             Json::object().set("dose", "d01").set("course", "course-1"))),
            "dose d01 of course-1 is given to the patient");
}

TEST(StoryTest, ReachesIntoAnInnerObject) {
  Json job = Json::object().set("job", "job-1").set("kind", "thaw").set("robot", "robot-1");
  job.set("course", "course-1");
  EXPECT_EQ(tell_story(event("cryobank.job.job-created",
                             Json::object().set("job", job).set("by", "schedule"))),
            "robot-1 gets job-1: thaw of course-1, asked by schedule");
}

TEST(StoryTest, TellsAnEventItHasNoSentenceForByItsPlainFields) {
  EXPECT_EQ(tell_story(event("cryobank.inventory.something-new",
                             Json::object().set("a", 1).set("b", "two").set("c", Json::array()))),
            "inventory.something-new: a 1 b two");
}

TEST(StoryTest, AMissingFieldIsLeftOut) {
  EXPECT_EQ(tell_story(event("cryobank.inventory.dose-planned", Json::object())),
            "the doses of  are planned");
}

}  // namespace
}  // namespace cryobank::ctl
