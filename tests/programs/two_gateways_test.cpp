// Two gateways of one configuration, as a copied disk or an old machine that is switched on again
// makes them, against a real broker and daemon: both say so to people, the daemon raises an alarm
// and journals it, and what is wrong meanwhile still reaches people.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "tests/programs/pager_program.hpp"

namespace cryobank::test {
namespace {

using std::chrono::seconds;

constexpr std::string_view kNoProof = "[paging]\nproof_at = \"never\"\n\n";

bool printed(const PagerProgram& pager, std::string_view part) {
  const auto pages = pager.printed();
  return std::ranges::any_of(
      pages, [part](const PrintedPage& page) { return page.text.find(part) != std::string::npos; });
}

TEST(TwoGatewaysTest, BothAreToldPeopleAreToldAndNoPageIsLost) {
  Bank bank("two-gateways");
  bank.add_config(cat(kNoProof, lids_at_once()));
  bank.start_all();
  PagerProgram one(bank, "30s", "gateway-one");
  PagerProgram two(bank, "30s", "gateway-two");
  one.start();
  ASSERT_TRUE(bank.wait_online(seconds(30)));
  ASSERT_TRUE(eventually(seconds(30), [&] {
    return bank.retained("gateway/pager/state").string_or("state", "") == "online";
  }));
  EXPECT_FALSE(printed(one, "TWO PAGERS"));
  two.start();
  // Each says it in its own log and to people, over its own channels.
  for (const PagerProgram* pager : {&one, &two}) {
    EXPECT_TRUE(eventually(seconds(60), [&] { return printed(*pager, "P1 TWO PAGERS demo"); }))
        << read_text(pager->log());
    EXPECT_THAT(read_text(pager->log()), ::testing::HasSubstr("two of the same identity run"));
  }
  Json alarm;
  EXPECT_TRUE(eventually(seconds(60), [&] {
    alarm = bank.retained("alarm/pager.gateway-second");
    return alarm.string_or("state", "") == "active-unacknowledged";
  })) << alarm.dump();
  EXPECT_EQ(alarm.string_or("priority", ""), "p1");
  // What goes wrong while they throw each other out reaches people over one of them.
  bank.sim().ask(Json::object().set("do", "lid").set("device", "freezer-1").set("open", true));
  EXPECT_TRUE(eventually(
      seconds(60), [&] { return printed(one, "freezer-1 lid") || printed(two, "freezer-1 lid"); }))
      << read_text(one.log()) << read_text(two.log());
  // The page has its receipt, whoever carried it.
  EXPECT_TRUE(eventually(seconds(60), [&] {
    const Json open = bank.retained("alarm/freezer-1.lid-open");
    const Json& pages = open["paging"]["pages"];
    if (!pages.is_array()) return false;
    return std::ranges::any_of(
        pages.items(), [](const Json& page) { return page.string_or("state", "") == "sent"; });
  })) << bank.retained("alarm/freezer-1.lid-open").dump();

  // One is stopped: the other carries alone, and the record has what happened.
  two.kill();
  EXPECT_TRUE(eventually(seconds(60), [&] {
    return bank.retained("gateway/pager/state").string_or("state", "") == "online";
  }));
  EXPECT_EQ(bank.stop_daemon(), 0);
  const std::string folder = (bank.directory() / "journal").string();
  const Bank::Ran out = bank.ctl({"journal", "export", "--config", bank.site_file(), folder});
  ASSERT_EQ(out.code, 0) << out.output;
  EXPECT_THAT(read_text(folder + "/journal.jsonl"), ::testing::HasSubstr("second-gateway"));
}

}  // namespace
}  // namespace cryobank::test
