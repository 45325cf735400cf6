#include "service/pager/monitor_watch.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/text.hpp"

namespace cryobank::pager {
namespace {

Now at(std::int64_t second) {
  return {Instant{} + seconds(1000 + second), WallTime{1'800'000'000'000 + second * 1000}};
}

class WatchTest : public ::testing::Test {
 protected:
  WatchTest() : watch_(config()) { EXPECT_TRUE(watch_.start(at(0), Json()).ok()); }

  static WatchConfig config() {
    WatchConfig config;
    config.site = "demo";
    config.channels = {{"pager-1", 1}, {"pager-2", 2}};
    return config;
  }
  std::vector<OwnPage> beat(std::int64_t second, std::int64_t epoch = 1, int urgent = 0) {
    std::vector<OwnPage> out;
    const Json paging = Json::object().set("urgent", urgent).set("keep_out", Json());
    const Json heard = Json::object().set("epoch", epoch).set("paging", paging);
    EXPECT_TRUE(watch_.on_beat(at(second), heard, out).ok());
    return out;
  }
  std::vector<OwnPage> wake(std::int64_t second) {
    std::vector<OwnPage> out;
    watch_.on_deadline(at(second), out);
    return out;
  }
  static std::string text(const OwnPage& page) { return page.page.string_or("text", ""); }

  MonitorWatch watch_;
};

TEST_F(WatchTest, PagesMonitorDeadOnTheFirstTierAfterTheSilenceThenOnTheNext) {
  beat(0);
  EXPECT_TRUE(wake(59).empty());
  const auto first = wake(60);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].channel, "pager-1");
  EXPECT_NE(text(first[0]).find("MONITOR DEAD demo"), std::string::npos);
  EXPECT_EQ(wake(60 + 180).size(), 1u);
  EXPECT_EQ(wake(60 + 300).size(), 2u) << "the next tier after five minutes";
}

// 1'800'000'000 is 2027-01-15 08:00 UTC; half a year later the clocks of the zone are an hour on.
TEST_F(WatchTest, SaysTheTimeOfTheSiteInSummerAsInWinter) {
  std::ifstream file("/usr/share/zoneinfo/Europe/Berlin", std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  WatchConfig own = config();
  own.zone = *Zone::parse(bytes);
  for (const auto& [second, shown] : {std::pair{0, "09:00"}, std::pair{181 * 86'400, "10:00"}}) {
    MonitorWatch watch(own);
    ASSERT_TRUE(watch.start(at(second), Json()).ok());
    std::vector<OwnPage> out;
    const Json heard =
        Json::object().set("epoch", 1).set("paging", Json::object().set("urgent", 0));
    ASSERT_TRUE(watch.on_beat(at(second), heard, out).ok());
    watch.on_deadline(at(second + 60), out);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_NE(text(out[0]).find(cat("no word since ", shown)), std::string::npos) << text(out[0]);
  }
}

TEST_F(WatchTest, CanBeTakenWithItsCodeAndPagesAgainHalfAnHourLater) {
  beat(0);
  const auto first = wake(60);
  Heard answer;
  answer.status = "coming";
  answer.user = "anna";
  answer.code = "12345";
  EXPECT_EQ(watch_.answer(at(70), "pager-1", answer), "") << "a wrong code is none of ours";
  answer.code = first[0].page.string_or("ack_code", "");
  EXPECT_NE(watch_.answer(at(70), "pager-1", answer).find("OK anna"), std::string::npos);
  EXPECT_TRUE(wake(60 + 600).empty());
  EXPECT_FALSE(wake(70 + 30 * 60).empty());
}

TEST_F(WatchTest, NotComingCallsTheNextTierAtOnce) {
  beat(0);
  const auto first = wake(60);
  Heard answer;
  answer.status = "not-coming";
  answer.code = first[0].page.string_or("ack_code", "");
  EXPECT_FALSE(watch_.answer(at(70), "pager-1", answer).empty());
  EXPECT_EQ(wake(70).size(), 2u);
}

Heard said(std::string status, std::string code, std::string user = "anna") {
  Heard heard;
  heard.what = Heard::What::answer;
  heard.status = std::move(status);
  heard.code = std::move(code);
  heard.user = std::move(user);
  return heard;
}

TEST_F(WatchTest, NotComingSaidTwiceOrByAnEarlierTierCallsNobodyMore) {
  WatchConfig three = config();
  three.channels = {{"pager-1", 1}, {"pager-2", 2}, {"pager-3", 3}};
  MonitorWatch watch(three);
  ASSERT_TRUE(watch.start(at(0), Json()).ok());
  std::vector<OwnPage> out;
  watch.on_deadline(at(60), out);
  const std::string code = out.at(0).page.string_or("ack_code", "");
  for (int second = 70; second < 74; ++second) {
    EXPECT_NE(watch.answer(at(second), "pager-1", said("not-coming", code)), "");
    watch.on_deadline(at(second), out);
  }
  out.clear();
  watch.on_deadline(at(80 + 180), out);
  EXPECT_EQ(out.size(), 2u) << "tiers 1 and 2";
  EXPECT_NE(watch.answer(at(270), "pager-2", said("not-coming", code)), "");
  out.clear();
  watch.on_deadline(at(270), out);
  EXPECT_EQ(out.size(), 3u);
}

TEST_F(WatchTest, WhoCannotComeAfterAllGivesItBack) {
  beat(0);
  const std::string code = wake(60)[0].page.string_or("ack_code", "");
  EXPECT_NE(watch_.answer(at(61), "pager-1", said("coming", code)).find("is yours"),
            std::string::npos);
  const std::string both = watch_.answer(at(62), "pager-2", said("coming", code, "ben"));
  EXPECT_NE(both.find("anna, ben are coming"), std::string::npos) << both;
  watch_.answer(at(63), "pager-1", said("not-coming", code));
  EXPECT_TRUE(wake(64).empty()) << "ben still comes";
  watch_.answer(at(65), "pager-2", said("not-coming", code, "ben"));
  EXPECT_EQ(wake(66).size(), 2u) << "nobody comes: all are called at once";
}

TEST_F(WatchTest, AKeyWithoutACodeAnswersThePageThatWasHeard) {
  beat(0);
  const auto first = wake(60);
  Heard key = said("not-coming", "");
  EXPECT_EQ(watch_.answer(at(61), "pager-1", key), "") << "to another page";
  key.page = first[0].page.string_or("page", "");
  EXPECT_NE(watch_.answer(at(61), "pager-1", key), "");
  EXPECT_EQ(wake(61).size(), 2u);
}

TEST_F(WatchTest, AnAnswerThatComesTooLateHearsThatItIsOver) {
  beat(0);
  const std::string code = wake(60)[0].page.string_or("ack_code", "");
  beat(90);
  const std::string late = watch_.answer(at(100), "pager-1", said("coming", code));
  EXPECT_NE(late.find("is over"), std::string::npos) << late;
}

TEST_F(WatchTest, AtTheLastTierItGoesOnForEverButSlower) {
  beat(0);
  std::vector<std::int64_t> rounds;
  for (std::int64_t second = 60; second < 4 * 3600; ++second) {
    if (!wake(second).empty()) rounds.push_back(second);
  }
  ASSERT_GT(rounds.size(), 10u);
  EXPECT_LT(rounds.size(), 25u);
  for (std::size_t i = 1; i < rounds.size(); ++i) {
    EXPECT_LE(rounds[i] - rounds[i - 1], 15 * 60) << "it never ends";
  }
  EXPECT_EQ(rounds.back() - rounds[rounds.size() - 2], 15 * 60);
}

TEST_F(WatchTest, AGatewayOfLaterTiersAloneCallsTheFirstThatItHas) {
  WatchConfig later = config();
  later.channels = {{"pager-2", 2}, {"pager-4", 4}};
  MonitorWatch watch(later);
  ASSERT_TRUE(watch.start(at(0), Json()).ok());
  std::vector<OwnPage> out;
  watch.on_deadline(at(60), out);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].channel, "pager-2");
  out.clear();
  watch.on_deadline(at(60 + 300), out);
  EXPECT_EQ(out.size(), 2u);
}

TEST_F(WatchTest, TheCallThatStandsIsKeptOverItsOwnRestart) {
  beat(0);
  const std::string code = wake(60)[0].page.string_or("ack_code", "");
  wake(60 + 300);
  watch_.answer(at(400), "pager-1", said("coming", code));
  wake(401);
  MonitorWatch again(config());
  ASSERT_TRUE(again.start(at(500), watch_.remembered()).ok());
  std::vector<OwnPage> out;
  for (int second = 500; second < 400 + 30 * 60; ++second) again.on_deadline(at(second), out);
  EXPECT_TRUE(out.empty()) << "anna has it: " << text(out[0]);
  EXPECT_NE(again.answer(at(600), "pager-2", said("coming", code, "ben")), "") << "the same code";
  again.on_deadline(at(600 + 30 * 60), out);
  EXPECT_EQ(out.size(), 2u) << "both tiers had been called";
  EXPECT_NE(text(out.at(0)).find(cat("ack ", code)), std::string::npos);
  const Json heard = Json::object().set("epoch", 1).set("paging", Json());
  ASSERT_TRUE(again.on_beat(at(3000), heard, out).ok());
  const auto reports = again.take_reports();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].string_or("from", ""), format_utc(at(0).wall));
}

TEST_F(WatchTest, TwoGatewaysUnderOneLoginAreToldOnceInAWhile) {
  std::vector<OwnPage> out;
  watch_.on_second(at(0), "pager", out);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_NE(text(out[0]).find("P1 TWO PAGERS demo"), std::string::npos);
  for (int second = 1; second < 1500; second += 3) watch_.on_second(at(second), "pager", out);
  EXPECT_EQ(out.size(), 1u);
  watch_.on_second(at(1900), "pager", out);
  EXPECT_EQ(out.size(), 2u);
  EXPECT_EQ(watch_.take_reports().size(), 2u);
}

TEST_F(WatchTest, SaysThatTheMonitorIsBackAndReportsForTheJournal) {
  beat(0);
  wake(60);
  const auto back = beat(90);
  ASSERT_EQ(back.size(), 1u);
  EXPECT_NE(text(back[0]).find("MONITOR BACK"), std::string::npos);
  const auto reports = watch_.take_reports();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0]["what"], Json("monitor-dead"));
  EXPECT_TRUE(beat(95).empty());
  EXPECT_TRUE(watch_.take_reports().empty());
}

// What the broker took was heard only by a daemon that was there the whole time.
TEST_F(WatchTest, BeatsInARowProveThatTheDaemonWasThere) {
  const auto steady = [this](std::int64_t second, std::int64_t epoch, std::int64_t number) {
    std::vector<OwnPage> out;
    EXPECT_TRUE(
        watch_.on_beat(at(second), Json::object().set("epoch", epoch).set("seq", number), out));
    return watch_.steady();
  };
  EXPECT_FALSE(steady(0, 1, 7)) << "the first that is heard";
  EXPECT_TRUE(steady(5, 1, 8));
  EXPECT_FALSE(steady(15, 1, 10)) << "one is missing";
  EXPECT_TRUE(steady(20, 1, 11));
  EXPECT_FALSE(steady(25, 2, 1)) << "another run";
  EXPECT_FALSE(steady(30, 3, 2));
  EXPECT_TRUE(steady(35, 3, 3));
  std::vector<OwnPage> out;
  EXPECT_FALSE(watch_.on_beat(at(40), Json::object().set("seq", 4), out));
  EXPECT_FALSE(watch_.steady()) << "one that cannot be read";
}

TEST_F(WatchTest, KeepsTheSilenceOverItsOwnRestart) {
  beat(0);
  const Json remembered = watch_.remembered();
  MonitorWatch again(config());
  ASSERT_TRUE(again.start(at(70), remembered).ok());
  std::vector<OwnPage> out;
  again.on_deadline(at(84), out);
  EXPECT_TRUE(out.empty()) << "the broker gets a moment";
  again.on_deadline(at(85), out);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_NE(text(out[0]).find("(1 min)"), std::string::npos) << text(out[0]);
}

TEST_F(WatchTest, DaemonThatDoesNotStayUpIsAnAlarmOfItsOwn) {
  EXPECT_TRUE(beat(0, 1).empty());
  EXPECT_TRUE(beat(40, 2).empty());
  EXPECT_TRUE(beat(80, 3).empty());
  const auto told = beat(120, 4);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(text(told[0]).find("MONITOR RESTARTS"), std::string::npos);
  EXPECT_TRUE(beat(160, 5).empty()) << "told once in ten minutes";
  EXPECT_TRUE(beat(4000, 6).empty()) << "one restart in an hour is none";
}

TEST_F(WatchTest, RestartsAreCountedOverItsOwnRestart) {
  beat(0, 1);
  beat(40, 2);
  beat(80, 3);
  MonitorWatch again(config());
  ASSERT_TRUE(again.start(at(90), watch_.remembered()).ok());
  std::vector<OwnPage> out;
  ASSERT_TRUE(again.on_beat(at(120), Json::object().set("epoch", 4), out).ok());
  ASSERT_EQ(out.size(), 1u);
}

TEST_F(WatchTest, SeesThatNoPageCameOfAP1InTheBeat) {
  for (int second = 0; second < 300; second += 5) EXPECT_TRUE(beat(second, 1, 1).empty());
  const auto told = beat(300, 1, 1);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(text(told[0]).find("P1 UNPAGED"), std::string::npos);
}

TEST_F(WatchTest, P1PageThatCameKeepsItQuiet) {
  for (int second = 0; second <= 200; second += 5) beat(second, 1, 1);
  watch_.on_p1(at(200));
  for (int second = 205; second <= 495; second += 5) EXPECT_TRUE(beat(second, 1, 1).empty());
}

TEST_F(WatchTest, WhatStoodWhileTheBrokerWasAwayHasFiveMinutesAfterItForItsPage) {
  for (int second = 0; second <= 100; second += 5) beat(second, 1, 1);
  for (int second = 400; second < 700; second += 5) {
    for (const OwnPage& page : beat(second, 1, 1)) {
      EXPECT_EQ(text(page).find("UNPAGED"), std::string::npos) << second << ": " << text(page);
    }
  }
  EXPECT_EQ(beat(700, 1, 1).size(), 1u);
}

TEST_F(WatchTest, SendsNobodyIntoAirThatWasBadWhenItWasHeardLast) {
  const auto heard = [](const char* keep_out) {
    return Json::object()
        .set("epoch", 1)
        .set("paging", Json::object().set("urgent", 6).set("keep_out", keep_out));
  };
  std::vector<OwnPage> out;
  ASSERT_TRUE(watch_.on_beat(at(0), heard("Store room 1, oxygen 15.48 %"), out).ok());
  MonitorWatch again(config());
  ASSERT_TRUE(again.start(at(30), watch_.remembered()).ok());
  for (MonitorWatch* const watch : {&watch_, &again}) {
    out.clear();
    watch->on_deadline(at(60), out);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(text(out[0]).find("GO "), std::string::npos) << text(out[0]);
    EXPECT_LT(text(out[0]).find("DO NOT ENTER: Store room 1, oxygen 15.48 %"), 30u);
    const std::string code = out[0].page.string_or("ack_code", "");
    EXPECT_LT(text(out[0]).find(cat("ack ", code)), kHeadMax - 8) << text(out[0]);
    EXPECT_NE(text(out[0]).find("6 P1 stood"), std::string::npos);
    EXPECT_NE(watch->answer(at(61), "pager-1", said("coming", code)).find("DO NOT ENTER"),
              std::string::npos);
  }
  out.clear();
  ASSERT_TRUE(
      watch_
          .on_beat(at(100),
                   Json::object().set("epoch", 1).set("paging", Json::object().set("urgent", 0)),
                   out)
          .ok());
  out.clear();
  watch_.on_deadline(at(160), out);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_NE(text(out[0]).find("GO with O2 meter"), std::string::npos);
}

TEST_F(WatchTest, ABeatThatCannotBeReadIsNotHeard) {
  beat(0);
  std::vector<OwnPage> out;
  const Json wrong[] = {
      Json::object(), Json::object().set("epoch", "1"), Json::object().set("epoch", -1),
      Json::object().set("epoch", 1).set("paging", "none"),
      Json::object().set("epoch", 1).set("paging", Json::object().set("urgent", "0"))};
  for (const Json& one : wrong) {
    const Status heard = watch_.on_beat(at(50), one, out);
    ASSERT_FALSE(heard.ok()) << one.dump();
    EXPECT_NE(heard.error().context.find("expected "), std::string::npos);
  }
  EXPECT_TRUE(out.empty());
  EXPECT_FALSE(wake(61).empty()) << "a daemon that nobody understands is told as silent";
}

TEST_F(WatchTest, AMemoryThatCannotBeReadIsToldAndBegunAnew) {
  const Json whole = watch_.remembered();
  for (const auto& [member, value] : whole.members()) {
    MonitorWatch again(config());
    Json damaged = whole;
    const Status started = again.start(at(0), damaged.set(member, true));
    ASSERT_FALSE(started.ok()) << member;
    EXPECT_NE(started.error().context.find(member), std::string::npos) << started.error().context;
    std::vector<OwnPage> out;
    again.on_deadline(at(60), out);
    EXPECT_EQ(out.size(), 1u) << "the silence is watched from its own start";
  }
}

TEST_F(WatchTest, LinesThatCannotBeReadCallTheFirstTier) {
  std::vector<OwnPage> out;
  watch_.on_unreadable(at(0), 3, out);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].channel, "pager-1");
  EXPECT_NE(text(out[0]).find("P1 PAGES MAY BE LOST demo 3 lines"), std::string::npos);
  ASSERT_EQ(watch_.take_reports().size(), 1u);
}

TEST_F(WatchTest, EveryPageOfItsOwnIsSevenBitShortAndSaysWhy) {
  for (const Link link : {Link::never, Link::down, Link::refused, Link::untrusted, Link::up}) {
    MonitorWatch watch(config());
    ASSERT_TRUE(watch.start(at(0), Json()).ok());
    watch.on_link(link);
    std::vector<OwnPage> out;
    watch.on_deadline(at(60), out);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_LE(text(out[0]).size(), kTextMax);
    EXPECT_LE(text(out[0]).find("ack "), kHeadMax + 20);
    for (const char c : text(out[0])) EXPECT_TRUE(c >= 0x20 && c < 0x7F);
  }
}

}  // namespace
}  // namespace cryobank::pager
