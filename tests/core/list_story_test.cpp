// A long list seen from the people who wait beside it: pages leave while it is decided and written
// down, and it is there whole or not at all.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "tests/core/world.hpp"

namespace cryobank::core {
namespace {

constexpr int kListVials = 2'500;  // several steps of writing and of absorbing

class ListStory : public testing::Test {
 protected:
  ListStory() {
    world_.start();
    world_.link(true);
    world_.run(seconds(20));
    world_.errand_takes = seconds(25);
  }
  static std::string list(int vials) {
    std::string csv =
        "aliquot,code,course,patient,lot,dose,fraction,state,path,position,expires,thaws\r\n";
    for (int i = 1; i <= vials; ++i) {
      csv += cat("v-", i, ",v-", i, ",c-", i / 2, ",p-", i / 2, ",,d", i % 2 + 1,
                 ",1/2,expected,EXPECTED,,,\r\n");
    }
    return csv;
  }
  std::string offer(const std::string& csv) {
    const std::string id =
        world_.send("supervisor", "bulk/import", Json::object().set("csv", csv), "witness");
    world_.run(seconds(1));
    return id;
  }
  std::string would() {
    const Json list = world_.retained("service/waiting");
    const auto& waiting = list["waiting"].items();
    return waiting.empty() ? std::string() : waiting.front().string_or("would", "");
  }
  // Read whole, and confirmed by its witness; gives the command's id.
  std::string bring(const std::string& csv) {
    const std::string id = offer(csv);
    EXPECT_TRUE(is_out()) << "it is read first";
    EXPECT_TRUE(world_.run_until([&] { return !would().empty(); }, minutes(2)));
    world_.send("witness", "witness/confirm", Json::object().set("command", id));
    world_.run(seconds(1));
    return id;
  }
  static Json another() {
    return Json::object().set("course", "c-other").set("patient", "p-other").set("doses", 2);
  }
  std::string status(const std::string& id) const {
    return world_.reply(id).string_or("status", "");
  }
  bool is_out() const { return world_.parts().recorder.errand_out(); }
  std::string held() {
    return world_.ask("supervisor", "bulk/export", Json::object())["body"].string_or("csv", "");
  }
  bool paged(std::string_view alarm) const {
    return std::ranges::any_of(world_.published, [alarm](const Publish& one) {
      return one.topic.find("/page/") != std::string::npos &&
             one.payload.find(alarm) != std::string::npos;
    });
  }

  World world_;
};

TEST_F(ListStory, PagesLeaveWhileALongListIsDecided) {
  const std::string before = held();
  const std::string id = bring(list(kListVials));
  ASSERT_TRUE(is_out());
  const Json mains =
      Json::object().set("do", "fault").set("device", "freezer-1").set("fault", "power-failure");
  ASSERT_TRUE(world_.hardware().control(mains));
  const std::string waits = world_.send("operator", "course/register", another());
  world_.run(seconds(20));
  EXPECT_TRUE(paged("freezer-1.mains-lost"));
  EXPECT_NE(status(id), "done");
  EXPECT_EQ(status(waits), "") << "what changes the record waits";
  EXPECT_TRUE(world_.retained("course/c-7").is_null());
  ASSERT_TRUE(world_.run_until([&] { return status(id) == "done"; }, minutes(2)))
      << world_.reply(id).dump();
  EXPECT_EQ(world_.reply(id)["body"].integer_or("new", 0), kListVials);
  ASSERT_TRUE(world_.run_until([&] { return status(waits) == "done"; }, seconds(10)));
  world_.run(minutes(1));
  EXPECT_FALSE(world_.retained("course/c-7").is_null());
  const std::string after = held();
  EXPECT_GT(after.size(), before.size());
  world_.kill();
  world_.start();
  world_.link(true);
  world_.run(seconds(20));
  EXPECT_EQ(held(), after) << "the ledger took in parts what the rows hold";
}

TEST_F(ListStory, WhoConfirmsReadsWhatAListDoes) {
  const std::string id = offer(list(kListVials));
  EXPECT_EQ(would(), "");
  ASSERT_TRUE(world_.run_until([&] { return status(id) == "accepted"; }, minutes(2)));
  const std::string whole = "2500 vials of 1251 courses in 1 places: 2500 new, 0 moved";
  EXPECT_EQ(would().substr(0, whole.size()), whole) << would();
  const std::string few = offer(list(2));
  world_.run(seconds(30));
  EXPECT_EQ(status(few), "accepted") << world_.reply(few).dump();
  const Json refused = world_.ask("supervisor", "bulk/import",
                                  Json::object().set("csv", "aliquot\r\nv-1\r\n"), "witness");
  EXPECT_EQ(refused.string_or("status", ""), "rejected") << refused.dump();
  EXPECT_FALSE(refused["body"].bool_or("witness_asked", true));
  EXPECT_EQ(world_.retained("service/waiting")["waiting"].items().size(), 2u);
}

// What a command about many vials would do was tried out between two pages.
TEST_F(ListStory, NoPageWaitsForACommandAboutManyVialsNorForItsWitness) {
  const std::string listed = bring(list(240));
  ASSERT_TRUE(world_.run_until([&] { return status(listed) == "done"; }, minutes(2)));
  const auto disposal = [&](int first, int last) {
    Json ids = Json::array();
    for (int i = first; i <= last; ++i) ids.push(cat("v-", i));
    Json body = Json::object().set("aliquots", std::move(ids)).set("method", "autoclave");
    const std::string id = world_.send("operator", "disposal/request", std::move(body), "witness");
    world_.run(seconds(1));
    return id;
  };
  const std::string few = disposal(1, 3);
  EXPECT_FALSE(is_out()) << "at once";
  EXPECT_EQ(status(few), "accepted") << world_.reply(few).dump();
  const std::string many = disposal(4, 200);
  EXPECT_TRUE(is_out());
  ASSERT_TRUE(world_.run_until([&] { return status(many) == "accepted"; }, minutes(2)))
      << world_.reply(many).dump();
  const Json waiting = world_.retained("service/waiting")["waiting"];
  ASSERT_EQ(waiting.items().size(), 2u);
  std::set<std::string> would;
  for (const Json& one : waiting.items()) would.insert(one.string_or("would", ""));
  EXPECT_TRUE(would.contains("disposal-1: 197 aliquots wait for a second person"))
      << waiting.dump();
  world_.send("witness", "witness/confirm", Json::object().set("command", many));
  world_.run(seconds(1));
  EXPECT_TRUE(is_out()) << "decided there as well";
  ASSERT_TRUE(world_.run_until([&] { return status(many) == "done"; }, minutes(2)))
      << world_.reply(many).dump();
  EXPECT_EQ(world_.reply(many)["body"].string_or("disposal", ""), "disposal-1");
  // One of them waits already: nobody is called to confirm it.
  const std::string again = disposal(100, 240);
  EXPECT_TRUE(is_out());
  ASSERT_TRUE(world_.run_until([&] { return status(again) == "rejected"; }, minutes(2)));
  EXPECT_NE(world_.reply(again).string_or("message", "").find("is in disposal-1"),
            std::string::npos)
      << world_.reply(again).dump();
  EXPECT_EQ(world_.retained("service/waiting")["waiting"].items().size(), 1u);
}

TEST_F(ListStory, AListWithOneBadLineChangesNothing) {
  const std::string before = held();
  std::string csv = list(kListVials);
  csv += "v-1,v-9999,c-0,p-0,,d1,1/2,expected,EXPECTED,,,\r\n";
  const std::string id = offer(csv);
  ASSERT_TRUE(is_out());
  ASSERT_TRUE(world_.run_until([&] { return status(id) == "rejected"; }, minutes(2)))
      << world_.reply(id).dump();
  EXPECT_EQ(would(), "") << "nobody is called to confirm it";
  EXPECT_EQ(world_.reply(id)["body"].integer_or("bad", 0), 1);
  EXPECT_FALSE(world_.reply(id)["body"].bool_or("witness_asked", true));
  EXPECT_EQ(world_.reply(id)["body"]["bad_lines"].items().size(), 1u);
  EXPECT_EQ(held(), before);
  EXPECT_EQ(world_.ask("operator", "course/register", another()).string_or("status", ""), "done");
}

TEST_F(ListStory, OneWhoseDaemonDiesIsAbsent) {
  const std::string before = held();
  const std::string id = bring(list(kListVials));
  ASSERT_TRUE(is_out());
  world_.kill();
  world_.start();
  world_.link(true);
  world_.run(minutes(2));
  EXPECT_EQ(held(), before);
  EXPECT_NE(status(id), "done");
}

// Its errand reads the site as it was when it began.
TEST_F(ListStory, TheSiteIsReadAnewAfterIt) {
  const std::string id = bring(list(kListVials));
  ASSERT_TRUE(is_out());
  bool read = false;
  world_.read_site = [this, &read] {
    read = true;
    auto site = std::make_shared<config::SiteConfig>(world_.parts().bank.config);
    config::UserConfig ada;
    ada.id = UserId("ada");
    ada.roles = {"viewer"};
    site->users.push_back(ada);
    site->revision = "another";
    return SiteRead{site, {{{"user ada", "", "{ id = \"ada\" }"}}, {}}, {}};
  };
  world_.step(OperatorSignal::reload);
  world_.run(seconds(5));
  ASSERT_TRUE(read && is_out());
  EXPECT_NE(world_.core().site().revision, "another") << "not under its feet";
  ASSERT_TRUE(world_.run_until([&] { return status(id) == "done"; }, minutes(2)));
  world_.run(seconds(2));
  EXPECT_EQ(world_.core().site().revision, "another");
}

}  // namespace
}  // namespace cryobank::core
