// What people hear beside the pages, and what is one cause of several: who answers, who was called
// when somebody comes, and a gateway, broker or channel that is gone.
#include <map>
#include <set>

#include "service/alarms/page/page_text.hpp"
#include "tests/alarms/board_story.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::string_view kNewsStore = "store.commit-failed";

Page page_over(Story& s, std::string_view channel) {
  s.paged();
  for (const Page& page : s.last_pages()) {
    if (page.channel.str() == channel) return page;
  }
  ADD_FAILURE() << "no page over " << channel;
  return {};
}

// Texts of answers since the last call, by channel.
std::multimap<std::string, std::string> told_to(Story& s) {
  std::multimap<std::string, std::string> told;
  for (const Page& page : s.others()) {
    EXPECT_LE(page.text.size(), 140u) << page.text;
    if (page.kind == PageKind::answer) told.emplace(page.channel.str(), page.text);
  }
  return told;
}

std::string answer_to(Story& s, const Page& page, const char* status, const char* user = "anna") {
  s.others();
  EXPECT_TRUE(s.answers(page.channel.str(), user, status, page.id, page.ack_code));
  const auto told = told_to(s);
  const auto found = told.find(page.channel.str());
  return found == told.end() ? std::string() : found->second;
}

TEST(Replies, SendNobodyIntoBadAir) {
  for (const char* const status : {"coming", "later", "not-coming"}) {
    Story s;
    s.reads("oxygen-1", Milli{17'200}, "room-1");
    s.wait(seconds(5));
    const std::string text = answer_to(s, page_over(s, "pager-1"), status);
    EXPECT_TRUE(text.starts_with("DO NOT ENTER: ")) << text;
  }
  Story s;
  const Page before = [&s] {
    s.raise(Priority::p1);
    return page_over(s, "pager-1");
  }();
  EXPECT_NE(before.text.find(" GO "), std::string::npos) << before.text;
  s.reads("oxygen-1", Milli{17'200}, "room-1");
  s.wait(minutes(3));
  s.paged();
  for (const Page& page : s.last_pages()) {
    EXPECT_NE(page.text.find("DO NOT ENTER"), std::string::npos) << page.text;
    EXPECT_EQ(page.text.find(" GO "), std::string::npos) << page.text;
  }
}

TEST(Replies, SayWhetherAnybodyIsNext) {
  Story s;
  s.raise(Priority::p1);
  EXPECT_NE(answer_to(s, page_over(s, "pager-1"), "not-coming").find("The next are called now"),
            std::string::npos);
  config::SiteConfig site = story_site();
  site.channels.resize(1);
  Story alone(site);
  alone.raise(Priority::p1);
  const std::string text = answer_to(alone, page_over(alone, "pager-1"), "not-coming");
  EXPECT_NE(text.find("NOBODY else is left"), std::string::npos) << text;
  EXPECT_EQ(text.find("called"), std::string::npos) << text;
}

TEST(Replies, SayWhoComesToWhomCannotCome) {
  Story s;
  s.raise(Priority::p1);
  s.wait(minutes(5));
  const Page page = page_over(s, "pager-2");
  EXPECT_TRUE(s.answers("pager-2", "ben", "coming", page.id, "wrong"));  // noted, not taken
  s.others();
  EXPECT_TRUE(s.answers("pager-1", "anna", "not-coming", "", page.ack_code));
  const auto told = told_to(s);
  ASSERT_EQ(told.count("pager-1"), 1u);
  EXPECT_NE(told.find("pager-1")->second.find("ben comes"), std::string::npos)
      << told.find("pager-1")->second;
}

// A pager that answers each answer had 20 replies a second.
TEST(Replies, OfADeviceThatAnswersByItselfEnd) {
  Story s;
  s.raise(Priority::p1);
  const Page page = page_over(s, "pager-1");
  s.others();
  EXPECT_TRUE(s.answers("pager-1", "anna", "later", page.id, page.ack_code));
  int replies = 0;
  for (int turn = 0; turn < 500; ++turn) {
    const std::vector<Page> others = s.others();
    for (const Page& other : others) {
      if (other.kind != PageKind::answer) continue;
      ++replies;
      EXPECT_TRUE(s.answers("pager-1", "anna", "later", other.id));
    }
    EXPECT_TRUE(s.answers("pager-1", "anna", "later", page.id, page.ack_code));
    EXPECT_TRUE(s.answers("pager-1", "anna", "later", cat("9-", turn)));
    s.wait(milliseconds(100));
  }
  EXPECT_LE(replies, 20);
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", page.id, page.ack_code));
  EXPECT_EQ(s.seen(kNewsStore), "p1 active-acknowledged") << "a real answer is taken all the same";
}

// A device that two people carry said "is yours" and "you need not come" in one breath.
TEST(Taken, WhoSharesTheDeviceOfWhoeverTookItReadsItThere) {
  config::SiteConfig site = story_site();
  site.users[1].channels = {ChannelId("pager-1")};
  Story s(site);
  s.raise(Priority::p1);
  const Page page = page_over(s, "pager-1");
  s.others();
  const Json body = Json::object()
                        .set("page", page.id)
                        .set("status", "coming")
                        .set("code", page.ack_code)
                        .set("user", "anna");
  EXPECT_TRUE(s.receives("pager-1", "pager", body));
  const std::vector<Page> told = s.others();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].text.find("is yours"), std::string::npos) << told[0].text;
}

TEST(Taken, OthersWhoWereCalledHearItOnceEach) {
  Story s;
  s.raise(Priority::p1);
  s.wait(minutes(10));  // pager-2 and pager-3 are both ben's
  const Page page = page_over(s, "pager-1");
  s.others();
  const Json body = Json::object()
                        .set("page", page.id)
                        .set("status", "coming")
                        .set("code", page.ack_code)
                        .set("eta_min", 25);
  EXPECT_TRUE(s.receives("pager-1", "anna", body));
  const auto told = told_to(s);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told.count("pager-1"), 1u);
  for (const auto& [channel, text] : told) {
    if (channel == "pager-1") continue;
    EXPECT_NE(text.find("TAKEN: store.commit-failed by anna, expected "), std::string::npos)
        << text;
  }
  s.wait(minutes(10));
  EXPECT_TRUE(told_to(s).empty());
}

TEST(Taken, AtTheBoardIsToldToWhoWasPaged) {
  Story s;
  s.raise(Priority::p1);
  s.wait(minutes(5));
  s.others();
  EXPECT_EQ(s.acknowledge(kNewsStore), "done");  // anna's
  const auto told = told_to(s);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told.begin()->first, "pager-2");
}

TEST(Taken, WhoCannotComeAfterAllGivesItBack) {
  Story s;
  s.raise(Priority::p1);
  const Page page = page_over(s, "pager-1");
  answer_to(s, page, "coming");
  EXPECT_EQ(s.seen(kNewsStore), "p1 active-acknowledged");
  const std::string text = answer_to(s, page, "not-coming");
  EXPECT_NE(text.find("open again"), std::string::npos) << text;
  check(s, kNewsStore, "p1 active-unacknowledged", "pager-1");
}

// Who said 25 minutes was asked again after 15, by a page that knew nothing of her.
TEST(Coming, WhoSaysByWhenIsWaitedForAndNamed) {
  for (const bool restarts : {false, true}) {
    Story s;
    s.tells("freezer-1", "level-falling-fast", 1);  // of a room that takes 45 min to reach
    const Page page = page_over(s, "pager-1");
    const Json body = Json::object()
                          .set("page", page.id)
                          .set("status", "coming")
                          .set("code", page.ack_code)
                          .set("eta_min", 25);
    const WallTime due = s.now().wall + minutes(25);
    const std::string said = local_time(due, due, story_site().zone);
    EXPECT_TRUE(s.receives("pager-1", "anna", body));
    s.wait(minutes(20));
    if (restarts) s.restart();
    s.wait(minutes(49));
    check(s, "freezer-1.level-falling-fast", "p1 active-acknowledged", "");
    s.wait(minutes(2));
    EXPECT_EQ(s.seen("freezer-1.level-falling-fast"), "p1 active-unacknowledged");
    const Page again = page_over(s, "pager-1");
    // 25 minutes were said 71 minutes ago.
    EXPECT_EQ(again.text.find("Coming:"), std::string::npos) << again.text;
    EXPECT_NE(again.text.find(cat(" anna said ", said, ", nobody is known to be there.")),
              std::string::npos)
        << again.text;
    EXPECT_NE(again.ack_code, page.ack_code);
    const std::string text = answer_to(s, page, "coming");
    EXPECT_TRUE(text.find("is used up") != std::string::npos &&
                text.find(again.ack_code) != std::string::npos)
        << text;
  }
}

// Who said no time is believed for a quarter of an hour, or for the way in.
TEST(Coming, WhoSaidNoTimeIsNotBelievedForHours) {
  Story s;
  s.raise(Priority::p1);
  const Page page = page_over(s, "pager-1");
  const std::string at = local_time(s.now().wall, s.now().wall, story_site().zone);
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", page.id));  // without the code: not taken
  s.wait(minutes(15));
  EXPECT_NE(page_over(s, "pager-1").text.find("Coming: anna."), std::string::npos);
  s.wait(minutes(2));
  s.paged();
  s.wait(minutes(4));
  const Page late = page_over(s, "pager-1");
  EXPECT_NE(late.text.find(cat("anna said coming at ", at, ", nobody is known to be there.")),
            std::string::npos)
      << late.text;
  const std::string text = answer_to(s, late, "not-coming");
  EXPECT_EQ(text.find("anna comes"), std::string::npos) << text;
}

// The screens showed somebody as coming whose time was long past.
TEST(Coming, AfterThatTimeNobodyIsShownAsComing) {
  const AlarmId breach("freezer-1.level-falling-fast");
  Story s;
  s.tells("freezer-1", "level-falling-fast", 1);
  const Page page = page_over(s, "pager-1");
  EXPECT_TRUE(s.receives("pager-1", "anna",
                         Json::object()
                             .set("page", page.id)
                             .set("status", "coming")
                             .set("code", page.ack_code)
                             .set("eta_min", 25)));
  const auto comers = [&] { return s.ledger().face(breach)["coming"].items(); };
  const WallTime due = s.now().wall + minutes(25);
  ASSERT_EQ(comers().size(), 1u);
  EXPECT_EQ(comers()[0]["by"], Json("anna"));
  EXPECT_EQ(comers()[0]["eta"], Json(local_time(due, due, story_site().zone)));
  EXPECT_EQ(comers()[0]["due"], Json(format_utc(due)));
  s.wait(minutes(20));
  s.restart(minutes(4));
  EXPECT_EQ(comers().size(), 1u);
  s.wait(minutes(1));
  EXPECT_EQ(comers().size(), 1u) << "a minute late is in time";
  EXPECT_TRUE(s.ledger().face(breach)["said"].items().empty());
  s.wait(minutes(2));
  EXPECT_TRUE(comers().empty());
  s.restart(minutes(1));
  EXPECT_TRUE(comers().empty());
  const Json said = s.ledger().face(breach)["said"];
  ASSERT_EQ(said.items().size(), 1u) << "who promised it stays known";
  EXPECT_EQ(said.items().at(0)["by"], Json("anna"));
  EXPECT_EQ(said.items().at(0)["due"], Json(format_utc(due)));
}

// Rows of earlier versions have who comes in the words of the answer, and the time as text.
TEST(Coming, IsReadFromRowsOfEarlierVersions) {
  const AlarmId breach("freezer-1.level-falling-fast");
  Story s;
  s.tells("freezer-1", "level-falling-fast", 1);
  const Page page = page_over(s, "pager-1");
  EXPECT_TRUE(s.receives("pager-1", "anna",
                         Json::object()
                             .set("page", page.id)
                             .set("status", "coming")
                             .set("code", page.ack_code)
                             .set("eta_min", 25)));
  const Json now_shown = s.ledger().face(breach)["coming"];
  const std::string eta = now_shown.items().at(0).string_or("eta", "");
  auto rows = s.rows();
  Json alarm = *parse_json(rows.at(cat("r/alarm/", breach.str())));
  ASSERT_TRUE(alarm.has("coming"));
  alarm.members().erase("coming");
  rows[cat("r/alarm/", breach.str())] = alarm.dump();
  Json call = *parse_json(rows.at(cat("m/call/", breach.str())));
  Json old = call["coming"].items().at(0);
  old.members().erase("due");
  call.set("coming", Json::array().push(old.set("eta", eta)));
  rows[cat("m/call/", breach.str())] = call.dump();
  s.die_untold(rows);
  EXPECT_EQ(s.ledger().face(breach)["coming"].dump(), now_shown.dump());
  s.wait(minutes(80));  // taken back: named from the alarm's own row
  const Page again = page_over(s, "pager-1");
  EXPECT_NE(again.text.find(cat("anna said ", eta, ", nobody is known to be there.")),
            std::string::npos)
      << again.text;
}

TEST(Coming, NobodyIsWaitedForPastTheTimeToLeave) {
  Story s;
  s.lasts("freezer-1", minutes(65));
  s.tells("freezer-1", "level-falling-fast", 1);
  const Page page = page_over(s, "pager-1");
  const Json body = Json::object()
                        .set("page", page.id)
                        .set("status", "coming")
                        .set("code", page.ack_code)
                        .set("eta_min", 25);
  EXPECT_TRUE(s.receives("pager-1", "anna", body));
  s.wait(minutes(21));
  EXPECT_EQ(s.seen("freezer-1.level-falling-fast"), "p1 active-unacknowledged");
}

// The vials of a breach that somebody took were lost 58 minutes later without one further page: its
// time was thought to be eleven hours when it was taken, and was one.
TEST(Coming, ATimeThatShrinksIsLookedAtBeforeSomebodyElseHasToLeave) {
  const char* const breach = "freezer-1.level-falling-fast";
  Story s;
  s.lasts("freezer-1", minutes(240));
  s.tells("freezer-1", "level-falling-fast", 1);
  const Page page = page_over(s, "pager-1");
  const Json body = Json::object().set("page", page.id).set("status", "coming");
  EXPECT_TRUE(
      s.receives("pager-1", "anna", Json(body).set("code", page.ack_code).set("eta_min", 60)));
  s.wait(minutes(20));
  s.lasts("freezer-1", minutes(130));
  EXPECT_EQ(s.seen(breach), "p1 active-acknowledged");
  s.lasts("freezer-1", minutes(120));  // less 45 of the way: somebody must leave in 75
  s.wait(minutes(74));
  EXPECT_EQ(s.seen(breach), "p1 active-acknowledged");
  s.wait(minutes(2));
  EXPECT_EQ(s.seen(breach), "p1 active-unacknowledged");
}

TEST(Coming, ATimeOfWhichHalfIsGoneTakesTheAcknowledgementBack) {
  const char* const breach = "freezer-1.level-falling-fast";
  Story s;
  s.lasts("freezer-1", hours(11));
  s.tells("freezer-1", "level-falling-fast", 1);
  const Page page = page_over(s, "pager-1");
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", page.id, page.ack_code));
  s.wait(minutes(5));
  s.lasts("freezer-1", hours(10));
  EXPECT_EQ(s.seen(breach), "p1 active-acknowledged") << "as time goes by";
  s.lasts("freezer-1", minutes(58));
  EXPECT_EQ(s.seen(breach), "p1 active-unacknowledged");
  const Page again = page_over(s, "pager-1");
  EXPECT_NE(again.text.find("-130C in 58min"), std::string::npos) << again.text;
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", again.id, again.ack_code));
  s.lasts("freezer-1", minutes(50));
  EXPECT_EQ(s.seen(breach), "p1 active-acknowledged") << "she knows it now";
}

// 49 pages of ten codes were seen, and each again to be confirmed.
TEST(OneCause, AGatewayThatWasGoneForHalfAMinuteIsThePageThatStands) {
  Story s;
  s.wait(minutes(1));
  s.gateway = false;
  s.raise(Priority::p1);
  s.wait(seconds(28));
  s.paged();
  s.gateway = true;
  s.beat();
  std::set<std::string> codes;
  for (int minute = 0; minute < 10; ++minute) {
    s.wait(minutes(1));
    s.paged();
    for (const Page& page : s.last_pages()) {
      codes.insert(page.ack_code);
      EXPECT_EQ(page.alarm.str(), kNewsStore) << page.text;
      EXPECT_EQ(page.text.find("back to normal"), std::string::npos) << page.text;
    }
  }
  EXPECT_EQ(codes.size(), 1u);
  EXPECT_EQ(s.seen("pager.gateway-silent"), "closed") << "nobody was called, nobody confirms";
  EXPECT_EQ(s.board().open_alarms().size(), 1u);
}

TEST(OneCause, ABrokerThatWasGoneLeavesNoOldPageBehind) {
  Story s;
  s.wait(minutes(1));
  s.gateway = false;
  s.link(false);
  s.wait(seconds(15));
  s.raise(Priority::p1);
  s.wait(seconds(15));
  EXPECT_TRUE(s.in_trouble("pager.gateway-silent")) << "shown";
  EXPECT_EQ(s.paged(), "") << "nothing is written that cannot leave";
  s.gateway = true;
  s.link(true);
  s.beat();
  EXPECT_EQ(s.paged(), "pager-1") << "the alarm that stands, at once";
  EXPECT_EQ(s.last_pages().front().alarm.str(), kNewsStore);
  s.wait(minutes(4));
  s.paged();
  for (const Page& page : s.last_pages()) EXPECT_EQ(page.alarm.str(), kNewsStore) << page.text;
  EXPECT_EQ(s.seen("pager.gateway-silent"), "closed");
  s.others();
  s.wait(hours(24));
  bool listed = false;
  for (const Page& page : s.others()) {
    listed = listed || (page.kind == PageKind::standing &&
                        page.text.find("pager.gateway-silent") != std::string::npos);
  }
  EXPECT_TRUE(listed) << "told in the list";
}

// It stood when the daemon died, and was paged for ever by the very way that it called dead.
TEST(OneCause, ASilentGatewayOfAnEarlierRunIsJudgedAnew) {
  for (const bool broker : {false, true}) {
    Story s;
    s.wait(minutes(1));
    s.gateway = false;
    if (!broker) s.link(false);
    s.wait(seconds(30));
    EXPECT_TRUE(s.in_trouble("pager.gateway-silent"));
    s.gateway = true;
    s.paged();
    s.restart(seconds(10));
    s.wait(minutes(10));
    EXPECT_EQ(s.paged(), "") << "of nothing that is over";
    EXPECT_EQ(s.seen("pager.gateway-silent"), "closed");
    EXPECT_EQ(s.ledger().status(s.now())["state"], Json("ok"));
    s.gateway = false;
    s.restart();
    s.wait(seconds(30));
    EXPECT_TRUE(s.in_trouble("pager.gateway-silent")) << "it is silent again";
  }
}

TEST(OneCause, WhatKeptPagesFromPeopleEndsInTheNextRun) {
  Story s;
  s.wait(minutes(1));
  s.delivers = false;
  s.failing = "pager-3";
  s.raise(Priority::p1);
  s.wait(seconds(40));
  EXPECT_TRUE(s.in_trouble("pager-1.page-unreceived"));
  EXPECT_TRUE(s.in_trouble("pager-3.channel-failing"));
  config::SiteConfig site = story_site();
  site.channels.pop_back();
  site.users.back().channels.pop_back();
  s.delivers = true;
  s.failing.clear();
  s.set_site(std::move(site));
  s.restart(seconds(10));
  EXPECT_FALSE(s.in_trouble("pager-3.channel-failing")) << "the site has no such channel any more";
  s.wait(minutes(4));
  EXPECT_FALSE(s.in_trouble("pager-1.page-unreceived"));
}

TEST(OneCause, ATroubleEndsWhenPagesArriveAgain) {
  Story s;
  s.delivers = false;
  s.raise(Priority::p1);
  s.wait(seconds(40));
  EXPECT_TRUE(s.in_trouble("pager-1.page-unreceived"));
  s.delivers = true;
  s.wait(minutes(20));
  EXPECT_NE(s.seen("pager-1.page-unreceived"), "p2 active-unacknowledged");
}

TEST(OneCause, AChannelThatFailsIsOneAlarm) {
  Story s;
  s.wait(minutes(1));
  s.delivers = false;
  s.raise(Priority::p1);
  const Page page = page_over(s, "pager-1");
  EXPECT_TRUE(
      s.receives("pager-1", "pager", Json::object().set("page", page.id).set("status", "failed")));
  s.delivers = true;
  s.failing = "pager-1";
  s.beat();
  s.wait(seconds(20));
  EXPECT_TRUE(s.in_trouble("pager-1.channel-failing"));
  EXPECT_FALSE(s.in_trouble("pager-1.page-unreceived"));
}

}  // namespace
}  // namespace cryobank::alarms
