// Stories of the page ledger: who is told, when again, what a missing receipt does, what an answer
// does. The story's gateway delivers at once unless a test says otherwise.
#include <algorithm>
#include <set>

#include "tests/alarms/board_story.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::string_view kPagedStore = "store.commit-failed";

std::string state_of(Story& s, const Page& page) {
  const auto state = s.ledger().state_of(page.id);
  return state ? std::string(name_of(*state)) : "gone";
}

Page first_page(Story& s) {
  s.paged();
  EXPECT_FALSE(s.last_pages().empty());
  return s.last_pages().empty() ? Page{} : s.last_pages()[0];
}

TEST(Paging, P2ReachesTheSecondTierAfterHalfAnHourAndNoThird) {
  Story s;
  s.raise(Priority::p2);
  check(s, kPagedStore, "p2 active-unacknowledged", "pager-1");
  s.wait(minutes(29));
  EXPECT_EQ(s.paged(), "pager-1");
  s.wait(minutes(1));
  EXPECT_EQ(s.paged().substr(0, 15), "pager-1 pager-2");
  s.wait(hours(5));
  EXPECT_EQ(s.paged().find("pager-3"), std::string::npos);
}

TEST(Paging, P2ThatNobodyTakesBecomesALineOfTheListAtShiftTimes) {
  Story s;
  s.raise(Priority::p2);
  s.wait(hours(5));
  s.paged();
  s.others();
  s.wait(hours(24));
  EXPECT_EQ(s.paged(), "") << "no more of the same";
  int lists = 0;
  for (const Page& page : s.others()) {
    if (page.kind != PageKind::standing) continue;
    ++lists;
    EXPECT_NE(page.text.find(kPagedStore), std::string::npos);
  }
  EXPECT_EQ(lists, 4);  // 08:00 and 20:00, two tiers
  s.raise(Priority::p1);
  EXPECT_NE(s.paged(), "") << "a worse one is told at once";
}

TEST(Paging, P1GoesOnForEverAtItsRate) {
  Story s;
  s.raise(Priority::p1);
  s.wait(minutes(30));
  s.paged();
  s.wait(hours(10));
  s.paged();
  EXPECT_EQ(s.last_pages().size(), 3u * 200u);
}

// The last tier was called a second after the one below it, where all had been called once before.
TEST(Paging, WhatIsTakenBackAfterAllWereCalledCallsEachTierInItsTime) {
  Story s;
  s.raise(Priority::p1);
  s.wait(minutes(11));
  EXPECT_NE(s.paged().find("pager-3"), std::string::npos);
  EXPECT_EQ(s.acknowledge(kPagedStore), "done");
  EXPECT_EQ(s.command("alarm/unacknowledge",
                      Json::object().set("alarm", kPagedStore).set("reason", "a mistake")),
            "done");
  EXPECT_EQ(s.paged(), "pager-1");
  s.wait(minutes(5));
  EXPECT_NE(s.paged().find("pager-2"), std::string::npos);
  s.wait(minutes(5) - seconds(1));
  EXPECT_EQ(s.paged().find("pager-3"), std::string::npos) << "not before its time";
  s.wait(seconds(1));
  EXPECT_NE(s.paged().find("pager-3"), std::string::npos);
}

// The telephone spoke English text with a Japanese voice.
TEST(Paging, APageIsThereInJapaneseForVoiceAndMail) {
  Story s;
  s.reads("level", whole(60));
  s.wait(minutes(2));
  s.paged();
  ASSERT_FALSE(s.last_pages().empty());
  const Page& page = s.last_pages().front();
  EXPECT_NE(page.text_ja.find("優先度P1"), std::string::npos) << page.text_ja;
  EXPECT_EQ(page.text_ja.find(page.ack_code), std::string::npos) << "said by each channel itself";
}

TEST(Paging, EveryPageHasAnIdThatNoOtherRunOrOccurrenceHas) {
  Story s;
  std::set<std::string> ids;
  const auto collect = [&] {
    s.paged();
    for (const Page& page : s.last_pages()) EXPECT_TRUE(ids.insert(page.id).second) << page.id;
  };
  s.raise(Priority::p1);
  s.wait(minutes(20));
  collect();
  EXPECT_EQ(s.acknowledge(kPagedStore), "done");
  s.wait(minutes(15));  // no better: pages again
  collect();
  s.restart(seconds(1));
  s.wait(minutes(20));
  collect();
  EXPECT_GT(ids.size(), 20u);
}

TEST(Paging, WorseAfterAnAcknowledgementIsTold) {
  Story s;
  s.raise(Priority::p2);
  EXPECT_EQ(s.acknowledge(kPagedStore), "done");
  s.paged();
  s.raise(Priority::p1);
  check(s, kPagedStore, "p1 active-unacknowledged", "pager-1");
}

TEST(Paging, ChatterKeepsTheCodeThatPeopleWereSent) {
  Story s;
  s.raise(Priority::p1);
  const Page page = first_page(s);
  s.clear();
  s.raise(Priority::p1);
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", page.id, page.ack_code));
  check(s, kPagedStore, "p1 active-acknowledged", "");
}

// Its call's row must be one that the next start takes.
TEST(Paging, AnAnswerOverAChannelThatWasNeverCalledOutlivesARestart) {
  Story s;
  s.raise(Priority::p1);
  const Page page = first_page(s);
  EXPECT_TRUE(s.answers("pager-2", "ben", "later", "", page.ack_code));
  s.restart();  // every row must load
  s.paged();
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", "", page.ack_code));
  EXPECT_EQ(s.seen(kPagedStore), "p1 active-acknowledged");
}

TEST(Receipts, PageIsDoneWhenItIsDeliveredAndNotBefore) {
  Story s;
  s.delivers = false;
  s.raise(Priority::p1);
  const Page page = first_page(s);
  const auto says = [&](std::string_view status) {
    return s.receives("pager-1", "pager",
                      Json::object().set("page", page.id).set("status", status));
  };
  EXPECT_EQ(state_of(s, page), "queued");
  EXPECT_TRUE(says("accepted"));
  EXPECT_TRUE(says("sent"));
  EXPECT_EQ(s.ledger().face(AlarmId(std::string(kPagedStore)))["nobody_reached"], Json(true));
  EXPECT_TRUE(says("delivered"));
  EXPECT_EQ(s.ledger().face(AlarmId(std::string(kPagedStore)))["nobody_reached"], Json(false));
  EXPECT_TRUE(says("failed"));  // too late to be true
  EXPECT_EQ(state_of(s, page), "delivered");
  s.wait(minutes(2));
  EXPECT_EQ(s.paged(), "") << "nobody else is called before the time";
  EXPECT_FALSE(s.in_trouble("pager-1.page-unreceived"));
}

TEST(Receipts, PageThatNoGatewayTakesCallsTheNextTierWithinSecondsAndIsAnAlarm) {
  Story s;
  s.delivers = false;
  s.raise(Priority::p1);
  s.wait(seconds(34));
  EXPECT_NE(s.paged().find("pager-2"), std::string::npos);
  EXPECT_TRUE(s.in_trouble("pager-1.page-unreceived"));
  s.delivers = true;
  s.wait(minutes(5));
  EXPECT_FALSE(s.in_trouble("pager-1.page-unreceived")) << "a page arrived since";
}

TEST(Receipts, ChannelThatCanOnlySayWhatItsCarrierTookIsJudgedByThat) {
  Story s;
  s.evidence = "sent";
  s.wait(seconds(5));
  s.raise(Priority::p1);
  s.wait(minutes(2));
  EXPECT_EQ(s.paged(), "pager-1");
  EXPECT_FALSE(s.in_trouble("pager-1.page-unreceived"));
}

TEST(Receipts, OneFailedChannelWakesNobodyWhileAnotherOfTheTierGotIt) {
  config::SiteConfig site = story_site();
  config::ChannelConfig more;
  more.id = ChannelId("sms-1");
  more.tier = 1;
  site.channels.push_back(more);
  site.users[0].channels.emplace_back("sms-1");
  Story s(site);
  s.delivers = false;
  s.raise(Priority::p1);
  s.paged();
  ASSERT_EQ(s.last_pages().size(), 2u);
  const Page one = s.last_pages()[0];
  const Page two = s.last_pages()[1];
  const auto says = [&](const Page& page, std::string_view status) {
    return s.receives(page.channel.str(), "pager",
                      Json::object().set("page", page.id).set("status", status));
  };
  EXPECT_TRUE(says(one, "failed"));
  EXPECT_TRUE(says(two, "delivered"));
  s.wait(minutes(2));
  s.paged();
  for (const Page& page : s.last_pages()) {
    EXPECT_TRUE(page.alarm.str() != kPagedStore || page.channel.str() != "pager-2");
  }
  const std::string trouble = one.channel.str() + ".page-unreceived";
  EXPECT_TRUE(s.in_trouble(trouble));
  const Json shown = s.board().render(AlarmId(trouble));
  EXPECT_NE(shown.string_or("text", "").find("others have it"), std::string::npos) << shown.dump();
  EXPECT_EQ(shown.string_or("action", ""), "Look after this channel");
}

// "Others are called" was said of a page that nobody else could be sent.
TEST(Receipts, WhatDidNotArriveSaysWhoElseHasIt) {
  Story s;
  s.delivers = false;
  s.raise(Priority::p1);
  s.paged();
  const Page first = s.last_pages().at(0);
  const auto fails = [&s](const Page& page) {
    EXPECT_TRUE(s.receives(page.channel.str(), "pager",
                           Json::object().set("page", page.id).set("status", "failed")));
  };
  fails(first);
  s.wait(seconds(3));
  const auto told = [&s](const char* channel) {
    const Json shown = s.board().render(AlarmId(cat(channel, ".page-unreceived")));
    return cat(shown.string_or("text", ""), " > ", shown.string_or("action", ""));
  };
  EXPECT_NE(told("pager-1").find("others are called"), std::string::npos) << told("pager-1");
  // Every tier in turn, until nobody is left.
  for (int round = 0; round < 3; ++round) {
    s.paged();
    for (const Page& page : s.last_pages()) {
      if (page.alarm.str() == kPagedStore) fails(page);
    }
  }
  s.wait(seconds(3));
  EXPECT_NE(told("pager-3").find("NOBODY else has it"), std::string::npos) << told("pager-3");
  EXPECT_NE(told("pager-3").find("Tell people by other means"), std::string::npos);
}

TEST(Receipts, CountOnlyFromWhoServesOrCarriesTheChannel) {
  Story s;
  s.delivers = false;
  s.raise(Priority::p1);
  const Page page = first_page(s);
  const auto says = [&](std::string_view user, std::string_view status) {
    return s.receives("pager-1", user, Json::object().set("page", page.id).set("status", status))
        .ok();
  };
  EXPECT_FALSE(says("ben", "failed"));     // not his channel
  EXPECT_FALSE(says("nobody", "failed"));  // no user of the site
  EXPECT_FALSE(says("anna", "failed"));    // hers, and only its gateway can know
  EXPECT_FALSE(says("anna", "accepted"));
  EXPECT_FALSE(says("anna", "gone"));
  EXPECT_EQ(s.paged(), "") << "no tier moved";
  EXPECT_TRUE(says("anna", "delivered"));
  EXPECT_EQ(state_of(s, page), "delivered");
  EXPECT_TRUE(says("pager", "accepted"));
}

TEST(Receipts, OfACallThatIsOverOrOfTheGatewaysOwnPageAreNoMistake) {
  Story s;
  for (const std::string_view id : {"7-12", "monitor-2026-11-22T03:04:05.678Z"}) {
    EXPECT_TRUE(
        s.receives("pager-1", "pager", Json::object().set("page", id).set("status", "delivered")))
        << id;
  }
  EXPECT_FALSE(s.receives("pager-1", "pager",
                          Json::object().set("page", "what").set("status", "delivered")));
}

TEST(Answers, ComingWithTheCodeTakesTheAlarmAndEveryoneIsAnswered) {
  Story s;
  s.raise(Priority::p1);
  const Page page = first_page(s);
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", page.id, "0000x"));
  EXPECT_EQ(s.seen(kPagedStore), "p1 active-unacknowledged");  // heard, not taken
  ASSERT_EQ(s.others().size(), 1u);
  Json body = Json::object().set("page", page.id).set("status", "coming").set("eta_min", 25);
  EXPECT_TRUE(s.receives("pager-1", "anna", body.set("code", page.ack_code)));
  check(s, kPagedStore, "p1 active-acknowledged", "");
  const std::vector<Page> told = s.others();
  ASSERT_FALSE(told.empty());
  EXPECT_NE(told[0].text.find("OK anna"), std::string::npos) << told[0].text;
  const auto taken = std::ranges::find_if(
      s.facts(), [](const Fact& fact) { return fact.type == fact::kAlarmAcknowledged; });
  ASSERT_NE(taken, s.facts().end());
  EXPECT_EQ(taken->data["by"], Json("anna"));
}

TEST(Answers, TextMessageThatHoldsTheCodeAloneIsEnough) {
  Story s;
  s.raise(Priority::p1);
  const Page page = first_page(s);
  EXPECT_TRUE(s.receives("pager-1", "pager",
                         Json::object().set("status", "coming").set("code", page.ack_code)));
  check(s, kPagedStore, "p1 active-acknowledged", "");
}

TEST(Answers, ADeviceOfSeveralPeopleThatShowsAPageAsReadNeedNotSayWhoReadIt) {
  config::SiteConfig site = story_site();
  site.users[1].channels.emplace_back("pager-1");
  Story s(site);
  s.raise(Priority::p1);
  const Page page = first_page(s);
  EXPECT_TRUE(
      s.receives("pager-1", "pager", Json::object().set("page", page.id).set("status", "read")));
  EXPECT_EQ(s.ledger().state_of(page.id), PageState::read);
  EXPECT_TRUE(s.others().empty()) << "nobody said anything that asks for an answer";
  EXPECT_FALSE(s.receives("pager-1", "pager",
                          Json::object().set("status", "coming").set("code", page.ack_code)));
  ASSERT_EQ(s.others().size(), 1u) << "who takes it must say who it is";
}

// "no open page has code """ came to who had only read MONITOR DEAD, or kept a button's answer.
TEST(Answers, ToAPageOfWhichNothingIsKnownAreNotAskedForACode) {
  Story s;
  s.wait(seconds(10));
  s.others();
  for (const char* const page : {"monitor-7", "1-99999"}) {
    EXPECT_TRUE(
        s.receives("pager-1", "pager", Json::object().set("page", page).set("status", "read")));
    EXPECT_TRUE(s.others().empty()) << page;
  }
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", "1-99999"));
  const std::vector<Page> told = s.others();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told.front().text,
            "NOT TAKEN: that page is over, or a newer one took its place. Answer with the code of "
            "the newest page");
}

TEST(Answers, LateOrWrongCodesAreToldSoAndChangeNothing) {
  Story s;
  s.raise(Priority::p1);
  const Page page = first_page(s);
  EXPECT_EQ(s.acknowledge(kPagedStore), "done");
  s.others();
  const auto answer = [&](std::string_view code) {
    EXPECT_TRUE(
        s.receives("pager-1", "anna", Json::object().set("status", "coming").set("code", code)));
    const std::vector<Page> told = s.others();
    return told.empty() ? std::string() : told.back().text;
  };
  EXPECT_NE(answer(page.ack_code).find("is over"), std::string::npos);
  EXPECT_NE(answer("12").find("NOT TAKEN"), std::string::npos);
}

TEST(Answers, RoleThatMayNotAcknowledgeIsNotedAndTakesNothing) {
  config::SiteConfig site = story_site();
  site.users[0].roles = {"viewer"};
  Story s(site);
  s.raise(Priority::p1);
  const Page page = first_page(s);
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", page.id, page.ack_code));
  EXPECT_EQ(s.seen(kPagedStore), "p1 active-unacknowledged");
  EXPECT_NE(s.others().back().text.find("role"), std::string::npos);
  const Json face = s.ledger().face(AlarmId(std::string(kPagedStore)));
  EXPECT_EQ(face["coming"].items().size(), 1u) << "who comes is on the alarm";
}

TEST(Answers, NotComingCallsTheNextTierOnce) {
  Story s;
  s.raise(Priority::p1);
  const Page page = first_page(s);
  EXPECT_TRUE(s.answers("pager-1", "anna", "not-coming", page.id));
  check(s, kPagedStore, "p1 active-unacknowledged", "pager-1 pager-2");
  EXPECT_TRUE(s.answers("pager-1", "anna", "not-coming", page.id));
  EXPECT_EQ(s.paged(), "") << "said twice is said once";
  s.wait(minutes(4));
  EXPECT_EQ(s.paged().find("pager-3"), std::string::npos);
}

TEST(Gateways, SilentOneIsAnAlarmAndCallsOnlyWhoCanBeReached) {
  Story s;
  s.wait(minutes(1));
  EXPECT_FALSE(s.in_trouble("pager.gateway-silent"));
  EXPECT_EQ(s.ledger().status(s.now())["state"], Json("ok"));
  s.gateway = false;
  s.wait(seconds(26));
  EXPECT_TRUE(s.in_trouble("pager.gateway-silent"));
  EXPECT_EQ(s.ledger().status(s.now())["state"], Json("dead"));
  s.wait(seconds(60));
  EXPECT_FALSE(s.in_trouble("pager.nobody-reached")) << "one cause, told once";
  s.gateway = true;
  s.wait(minutes(3));
  EXPECT_FALSE(s.in_trouble("pager.gateway-silent"));
  EXPECT_FALSE(s.in_trouble("pager.nobody-reached"));
}

TEST(Gateways, ChannelThatTheyDoNotServeIsAnAlarm) {
  Story s;
  Json state = Json::object().set("state", "online").set("site", "story");
  Json channels = Json::array();
  channels.push(Json::object().set("channel", "pager-1").set("failing", "connection refused"));
  LedgerOutputs out;
  EXPECT_TRUE(s.ledger().gateway(s.now(), UserId("pager"), GatewayWord::state,
                                 state.set("channels", std::move(channels)), false, out));
  std::set<std::string> told;
  for (const Trouble& trouble : out.troubles) {
    if (trouble.stands)
      told.insert(cat(trouble.condition.source, ".", trouble.condition.condition));
  }
  EXPECT_EQ(told, (std::set<std::string>{"pager-1.channel-failing", "pager-2.channel-unserved",
                                         "pager-3.channel-unserved"}));
  EXPECT_FALSE(s.ledger().gateway(s.now(), UserId("pager"), GatewayWord::state,
                                  state.set("site", "elsewhere"), false, out));
  EXPECT_FALSE(s.ledger().gateway(s.now(), UserId("anna"), GatewayWord::state, state, false, out));
}

TEST(Gateways, TwoUnderOneLoginAreAnAlarmAndARestartIsNone) {
  Story s;
  const auto speaks = [&s](GatewayWord word, const char* run, const char* state = "online") {
    LedgerOutputs out;
    Json body = Json::object().set("state", state).set("site", "story").set("run", run);
    EXPECT_TRUE(s.ledger().gateway(s.now(), UserId("pager"), word, body, false, out));
    const bool told = std::ranges::any_of(out.troubles, [](const Trouble& trouble) {
      return trouble.stands && trouble.condition.condition == "gateway-second";
    });
    return told;
  };
  EXPECT_FALSE(speaks(GatewayWord::state, "a"));
  EXPECT_FALSE(speaks(GatewayWord::beat, "a"));
  EXPECT_FALSE(speaks(GatewayWord::state, "a", "offline"));
  EXPECT_FALSE(speaks(GatewayWord::state, "b")) << "a restart";
  EXPECT_FALSE(speaks(GatewayWord::state, "c")) << "and another";
  EXPECT_FALSE(speaks(GatewayWord::state, "b", "offline")) << "the will of one that is gone";
  EXPECT_TRUE(speaks(GatewayWord::beat, "b")) << "it was replaced and speaks";
  EXPECT_FALSE(speaks(GatewayWord::beat, "c")) << "told once";
}

TEST(Proof, GoesToEveryTierEachDayAndAMissedOneIsAnAlarm) {
  Story s;
  s.wait(hours(24));
  std::set<int> tiers;
  for (const Page& page : s.others()) {
    if (page.kind == PageKind::test) tiers.insert(page.tier);
  }
  EXPECT_EQ(tiers, (std::set<int>{1, 2, 3}));
  EXPECT_FALSE(s.in_trouble("pager-3.proof-of-page-failed"));
  s.delivers = false;
  s.wait(hours(24));
  EXPECT_TRUE(s.in_trouble("pager-3.proof-of-page-failed"));
}

TEST(Proof, OncePerWeekAPersonMustAnswer) {
  config::SiteConfig site = story_site();
  Story s(site);
  bool asked = false;
  for (int day = 0; day < 8; ++day) {
    s.wait(hours(24));
    for (const Page& page : s.others()) {
      if (page.text.find("weekly") == std::string::npos || page.tier != 1) continue;
      asked = true;
      EXPECT_TRUE(s.receives("pager-1", "anna",
                             Json::object().set("status", "coming").set("code", page.ack_code)));
    }
  }
  EXPECT_TRUE(asked);
  EXPECT_TRUE(s.in_trouble("tier-2.proof-unanswered"));
}

// The page of a test to Anna, and what became of it so far.
struct Tested {
  explicit Tested(Story& s) : story(s) {
    LedgerOutputs out;
    const auto ids = s.ledger().test(s.now(), UserId("anna"), UserId("ben"), out);
    EXPECT_TRUE(ids.ok());
    if (ids.ok()) page = ids->front();
  }
  PageReach reach() const { return story.ledger().reach_of(story.now(), page); }
  void says(std::string_view status, std::string_view why = "") const {
    const Json body = Json::object().set("page", page).set("status", status).set("why", why);
    EXPECT_TRUE(story.receives("pager-1", "pager", body).ok());
  }
  Story& story;
  std::string page;
};

TEST(PageTest, OfADeadGatewaySaysWithinSecondsWhoDidNotAnswerAndWhatToDo) {
  Story s;
  s.gateway = false;
  s.wait(seconds(65));
  const Tested test(s);
  EXPECT_FALSE(test.reach().over);
  s.wait(seconds(10));
  const PageReach reach = test.reach();
  EXPECT_TRUE(reach.over);
  EXPECT_FALSE(reach.received);
  EXPECT_EQ(reach.missing,
            "gateway pager does not answer (silent for 75 s). Start it on its machine: "
            "systemctl restart cryobank-pager");
}

TEST(PageTest, SaysHowFarThePageCame) {
  Story s;
  s.delivers = false;
  const Tested test(s);
  test.says("accepted");
  EXPECT_NE(test.reach().missing.find("the carrier has not taken it"), std::string::npos);
  test.says("sent");
  EXPECT_NE(test.reach().missing.find("the person's device has not said so"), std::string::npos);
  EXPECT_FALSE(test.reach().over) << "it may come yet";
  test.says("delivered");
  EXPECT_TRUE(test.reach().received);
  EXPECT_EQ(test.reach().missing, "");
  const Tested failed(s);
  failed.says("accepted");
  failed.says("failed", "modem: no signal");
  EXPECT_TRUE(failed.reach().over);
  EXPECT_NE(failed.reach().missing.find("modem: no signal"), std::string::npos);
}

TEST(Paging, SiteWithoutChannelsShowsTheAlarmAllTheSame) {
  config::SiteConfig site = story_site();
  site.channels.clear();
  Story s(site);
  s.raise(Priority::p1);
  s.wait(hours(1));
  check(s, kPagedStore, "p1 active-unacknowledged", "");
}

}  // namespace
}  // namespace cryobank::alarms
