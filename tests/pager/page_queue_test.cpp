#include "service/pager/page_queue.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "base/checksum.hpp"
#include "base/prng.hpp"
#include "base/text.hpp"
#include "service/pager/gateway_io.hpp"
#include "service/pager/page_reader.hpp"
#include "service/pager/queue_file_io.hpp"
#include "tests/contracts/temp_dir.hpp"

namespace cryobank::pager {
namespace {

Now at_second(std::int64_t second) {
  return {Instant{} + seconds(second), WallTime{1'800'000'000'000 + second * 1000}};
}

Json queued_page(std::string_view id, std::string_view priority = "p1", std::int64_t second = 0) {
  return Json::object()
      .set("page", id)
      .set("priority", priority)
      .set("text", cat("text of ", id))
      .set("created", format_utc(at_second(second).wall))
      .set("expires_at", format_utc(at_second(second + 180).wall));
}

class QueueTest : public ::testing::Test {
 protected:
  bool take(const Json& page, std::int64_t second = 0) {
    std::string why;
    return queue_.take(at_second(second), "c-1", page, why);
  }
  std::string next(std::int64_t second = 0) {
    const auto page = queue_.next(at_second(second), "c-1");
    return page ? page->id : "-";
  }
  // Statuses told since the last call: "a accepted, a sent".
  std::string told() {
    std::string out;
    for (const Receipt& receipt : queue_.receipts()) {
      if (receipt.number <= told_) continue;
      told_ = receipt.number;
      const auto body = parse_json(receipt.body);
      out += cat(out.empty() ? "" : ", ", body->string_or("page", "?"), " ",
                 body->string_or("status", "?"));
    }
    return out;
  }
  PageQueue queue_{{"c-1", "c-2"}};
  std::uint64_t told_ = 0;
};

TEST_F(QueueTest, GivesP1FirstThenTheOldest) {
  take(queued_page("a", "p2", 1));
  take(queued_page("b", "p3", 2));
  take(queued_page("c", "p1", 3));
  take(queued_page("d", "p1", 4));
  std::string order;
  for (int i = 0; i < 5; ++i) order += next(5);
  EXPECT_EQ(order, "cdab-");
}

TEST_F(QueueTest, SameIdIsTheSamePageAndItsStateIsToldAgain) {
  EXPECT_TRUE(take(queued_page("a")));
  EXPECT_EQ(told(), "a accepted");
  EXPECT_FALSE(take(queued_page("a")));
  EXPECT_EQ(told(), "a accepted");
  EXPECT_EQ(next(), "a");
  queue_.tried(at_second(1), "c-1", "a", {Fate::delivered, {}, "h", false});
  EXPECT_EQ(told(), "a delivered");
  EXPECT_FALSE(take(queued_page("a"), 2));
  EXPECT_EQ(told(), "a delivered");
  EXPECT_EQ(next(2), "-");
}

TEST_F(QueueTest, ReplacedWithdrawnAndStalePagesAreDroppedAndTold) {
  take(queued_page("a", "p2"));
  take(queued_page("b", "p2").set("withdraw", Json::array().push("a")));
  EXPECT_EQ(told(), "a accepted, a dropped, b accepted");
  take(Json::object()
           .set("page", "w")
           .set("kind", "withdraw")
           .set("withdraw", Json::array().push("b")));
  EXPECT_EQ(told(), "b dropped");
  take(queued_page("c", "p2"));
  queue_.drop_stale(at_second(200));
  EXPECT_EQ(told(), "c accepted, c dropped");
  EXPECT_EQ(next(200), "-");
}

TEST_F(QueueTest, FailureIsToldAtOnceAndTriedAgainLater) {
  take(queued_page("a"));
  next();
  queue_.tried(at_second(1), "c-1", "a", {Fate::failed, "no line", {}, false});
  EXPECT_EQ(told(), "a accepted, a failed");
  EXPECT_EQ(next(1), "-");
  EXPECT_EQ(next(3), "a");
  queue_.tried(at_second(4), "c-1", "a", {Fate::sent, {}, "77", false});
  EXPECT_EQ(told(), "a sent");
  Heard report;
  report.handle = "77";
  report.fate = Fate::delivered;
  queue_.report(at_second(9), "c-1", report);
  queue_.report(at_second(9), "c-1", report);
  EXPECT_EQ(told(), "a delivered");
  report.fate = Fate::failed;
  queue_.report(at_second(10), "c-1", report);
  EXPECT_EQ(told(), "") << "what was delivered did not fail afterwards";
}

TEST_F(QueueTest, ReportsOfOtherChannelsAndUnknownMessagesChangeNothing) {
  take(queued_page("a"));
  next();
  queue_.tried(at_second(1), "c-1", "a", {Fate::sent, {}, "77", false});
  told();
  Heard report;
  report.handle = "77";
  report.fate = Fate::delivered;
  queue_.report(at_second(2), "c-2", report);
  report.handle = "78";
  queue_.report(at_second(2), "c-1", report);
  report.handle.clear();
  queue_.report(at_second(2), "c-1", report);
  EXPECT_EQ(told(), "");
  EXPECT_EQ(queue_.fate_of("a"), Fate::sent);
}

TEST_F(QueueTest, TextsAreCutTo240AndMadeSevenBit) {
  take(queued_page("a").set("text", std::string(300, 'x') + "\xE5\x86\xB7"));
  const auto page = queue_.next(at_second(0), "c-1");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->text.size(), kTextMax);
  take(queued_page("b").set("text", "K\xC3\xA4lte\n"));
  EXPECT_EQ(queue_.next(at_second(0), "c-1")->text, "K?lte?");
}

TEST_F(QueueTest, RefusesWhatIsNoPageOrNotServedHere) {
  std::string why;
  EXPECT_FALSE(queue_.take(at_second(0), "c-9", queued_page("a"), why));
  EXPECT_EQ(told(), "");
}

// A page that cannot be read still calls people: as a P1 that says so.
TEST_F(QueueTest, APageThatCannotBeReadIsToldAsOne) {
  struct Case {
    Json page;
    std::string_view id;  // empty: one of the gateway's own
    std::string_view told;
  };
  const Case cases[] = {
      {queued_page("a").set("priority", "p9"), "a", "p1, p2 or p3 at \"priority\""},
      {queued_page("b").set("priority", 1), "b", "a text at \"priority\", came 1"},
      {queued_page("c").set("text", 5), "c", "a text at \"text\", came 5"},
      {queued_page("d").set("kind", true), "d", "a text at \"kind\", came true"},
      {queued_page("e").set("expires_at", "soon"), "e", "a time at \"expires_at\""},
      {queued_page("f").set("withdraw", "a"), "f", "a list at \"withdraw\""},
      {queued_page("g").set("ack_code", 4711), "g", "a text at \"ack_code\", came 4711"},
      {Json::object().set("text", "LN2 low").set("priority", "p3"), "", "a text at \"page\""},
      {queued_page(std::string(200, 'i')), "", "an id of at most 120 bytes"},
      {Json::object().set("unreadable", "\x01\x02"), "", "a text at \"priority\""},
  };
  for (const Case& c : cases) {
    std::string why;
    ASSERT_TRUE(queue_.take(at_second(0), "c-1", c.page, why)) << c.told;
    EXPECT_NE(why.find(c.told), std::string::npos) << why;
    const auto page = queue_.next(at_second(0), "c-1");
    ASSERT_TRUE(page) << c.told;
    EXPECT_EQ(page->priority, 1);
    EXPECT_EQ(page->text.substr(0, 18), "P1 UNREADABLE PAGE");
    EXPECT_NE(page->text.find("alarm list"), std::string::npos) << page->text;
    EXPECT_LE(page->text.size(), kTextMax);
    EXPECT_TRUE(c.id.empty() ? page->id.starts_with(kOwnPrefix) : page->id == c.id) << page->id;
    EXPECT_FALSE(queue_.take(at_second(1), "c-1", c.page, why)) << "the same bytes, the same page";
    EXPECT_EQ(why, kSeenBefore);
  }
}

TEST_F(QueueTest, WhatCouldBeReadOfAPageStandsInIt) {
  take(queued_page("a").set("text", "freezer-3 LN2 LOW").set("created", 5));
  EXPECT_NE(queue_.next(at_second(0), "c-1")->text.find("freezer-3 LN2 LOW"), std::string::npos);
}

TEST_F(QueueTest, AWithdrawalThatCannotBeReadTakesNothingBack) {
  take(queued_page("a"));
  std::string why;
  const Json word =
      Json::object().set("page", "w").set("kind", "withdraw").set("withdraw", Json::object());
  EXPECT_FALSE(queue_.take(at_second(0), "c-1", word, why));
  EXPECT_NE(why.find("a list at \"withdraw\""), std::string::npos) << why;
  EXPECT_EQ(next(), "a");
}

// Something of another kind than the value.
Json of_another_kind(const Json& value) { return value.is_string() ? Json(7) : Json("text"); }

TEST_F(QueueTest, ALineOfAnotherFormIsNoneOfItsFile) {
  take(queued_page("a"));
  next();
  queue_.tried(at_second(1), "c-1", "a", {Fate::sent, {}, "h", false});
  queue_.receipt_done(queue_.receipts().front().number);
  for (const std::string& line : queue_.take_lines()) {
    const Json whole = *parse_json(line);
    PageQueue good({"c-1"});
    EXPECT_TRUE(good.replay(line)) << line;
    for (const auto& [member, value] : whole.members()) {
      PageQueue queue({"c-1"});
      Json damaged = whole;
      EXPECT_FALSE(queue.replay(damaged.set(member, of_another_kind(value)).dump())) << member;
      damaged.members().erase(member);
      EXPECT_FALSE(queue.replay(damaged.dump())) << member << " is missing";
    }
    EXPECT_FALSE(PageQueue({"c-1"}).replay(Json(whole).set("other", 1).dump()));
    EXPECT_FALSE(PageQueue({"c-1"}).replay(line.substr(0, line.size() / 2)));
  }
}

std::string sum_line(std::string_view text) {
  return cat(hex16(fnv1a32(text)).substr(8), " ", text, "\n");
}

TEST(QueueFiles, AFileWithALineThatCannotBeReadIsKeptAsideAndTold) {
  TempDir folder;
  PageQueue first({"c-1"});
  std::string why;
  ASSERT_TRUE(first.take(at_second(0), "c-1", queued_page("a"), why));
  std::string text;
  for (const std::string& line : first.take_lines()) text += sum_line(line);
  text += sum_line(R"({"do":"page","channel":"c-1","id":"b"})") + "00000000 broken\n";
  ASSERT_TRUE(replace_file(folder / "queue.lines", text));
  PageQueue queue({"c-1"});
  QueueFile file;
  ASSERT_TRUE(file.open(folder / "", [&](std::string_view line) { return queue.replay(line); }));
  EXPECT_EQ(file.unreadable(), 2u);
  EXPECT_NE(file.trouble().find("2 lines cannot be read"), std::string::npos) << file.trouble();
  EXPECT_EQ(read_small_file(folder / "queue.lines.damaged"), text);
  EXPECT_EQ(queue.fate_of("a"), Fate::waiting) << "what can be read is sent";
}

PagerConfig gateway_config(const std::string& folder) {
  PagerConfig config;
  config.site = "demo";
  config.state_dir = folder;
  config.mqtt.user = "pager";
  config.channels.push_back({"c-1", "print", 1, seconds(20), nullptr});
  config.channels.push_back({"c-2", "print", 2, seconds(20), nullptr});
  return config;
}

// Nothing is connected here: what the gateway will do stands in its file.
TEST(Gateways, CallTheFirstTierWhenTheirQueueCannotBeRead) {
  TempDir folder;
  ASSERT_TRUE(replace_file(folder / "queue.lines", sum_line(R"({"do":"page","id":"b"})")));
  ASSERT_TRUE(replace_file(folder / "heard.json", "{\"epoch\":\"7\""));
  const PagerConfig config = gateway_config(folder / "");
  Gateway gateway(config);
  ASSERT_TRUE(gateway.open().ok());
  const std::string kept = read_small_file(folder / "queue.lines");
  EXPECT_NE(kept.find("P1 PAGES MAY BE LOST demo 1 lines"), std::string::npos) << kept;
  EXPECT_NE(kept.find("queue-unreadable"), std::string::npos) << "the daemon journals it: " << kept;
  EXPECT_EQ(kept.find("\"channel\":\"c-2\""), std::string::npos) << "the second tier waits";
  EXPECT_NE(read_small_file(folder / "queue.lines.damaged"), "");
  EXPECT_EQ(read_small_file(folder / "heard.json.damaged"), "{\"epoch\":\"7\"");
}

TEST(Gateways, BeginWithAnEmptyFolderInSilence) {
  TempDir folder;
  const PagerConfig config = gateway_config(folder / "");
  Gateway gateway(config);
  ASSERT_TRUE(gateway.open().ok());
  EXPECT_EQ(read_small_file(folder / "queue.lines"), "");
  EXPECT_EQ(read_small_file(folder / "heard.json.damaged"), "");
}

TEST(QueueFiles, ALineThatACrashToreIsNoLostPage) {
  TempDir folder;
  const std::string whole = sum_line(R"({"do":"receipt-done","number":1})");
  ASSERT_TRUE(replace_file(folder / "queue.lines", whole + whole.substr(0, 12)));
  PageQueue queue({"c-1"});
  QueueFile file;
  ASSERT_TRUE(file.open(folder / "", [&](std::string_view line) { return queue.replay(line); }));
  EXPECT_EQ(file.unreadable(), 0u) << "nobody was told that it is taken";
  EXPECT_NE(file.trouble().find("torn"), std::string::npos) << file.trouble();
}

TEST_F(QueueTest, FloodOnAHangingChannelHoldsUpNoP1NorAnotherChannel) {
  // One P2 hangs in the channel; ten thousand more come, and then one P1.
  take(queued_page("hangs", "p2"));
  ASSERT_EQ(next(), "hangs");
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 10'000; ++i) take(queued_page(cat("flood-", i), "p2", i / 1000), i / 1000);
  EXPECT_LE(queue_.waiting("c-1"), kWaitingMax);
  take(queued_page("urgent", "p1", 11), 11);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
  std::string why;
  EXPECT_TRUE(queue_.take(at_second(11), "c-2", queued_page("other", "p3", 11), why));
  EXPECT_EQ(queue_.next(at_second(12), "c-2")->id, "other") << "another channel goes on";
  queue_.tried(at_second(12), "c-1", "hangs", {Fate::failed, "hung", {}, false});
  EXPECT_EQ(next(12), "urgent") << "the P1 is the next that leaves";
  // Every page that was dropped was told, or made room for receipts that say more.
  std::size_t dropped = 0;
  for (const Receipt& receipt : queue_.receipts()) {
    dropped += receipt.body.find("\"dropped\"") != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(dropped, 1'000u);
  EXPECT_LE(queue_.receipts().size(), kReceiptsMax);
  EXPECT_LE(queue_.snapshot().size(), kSeenMax + kReceiptsMax + kWaitingMax);
}

TEST_F(QueueTest, OverflowDropsTheLeastUrgentOneAndTellsIt) {
  for (std::size_t i = 0; i < kWaitingMax; ++i)
    take(queued_page(cat("p", i), i == 3 ? "p3" : "p2"));
  told();
  take(queued_page("new", "p1"));
  EXPECT_EQ(told(), "p3 dropped, new accepted");
}

// Whatever instant the power goes, the lines written so far make a queue that loses no page.
TEST(QueueReplay, LinesMakeTheSameQueueAfterEveryPrefix) {
  Prng prng(4711);
  for (int round = 0; round < 200; ++round) {
    PageQueue first({"c-1"});
    std::vector<std::string> lines;
    std::set<std::string> accepted;
    std::set<std::string> over;
    for (int step = 0; step < 30; ++step) {
      const Now now = at_second(step);
      std::string why;
      if (prng.chance(1, 2)) {
        const std::string id = cat("p", step);
        if (first.take(now, "c-1", queued_page(id, "p1", step), why)) accepted.insert(id);
      } else if (const auto page = first.next(now, "c-1")) {
        const Fate fate = prng.chance(1, 2) ? Fate::sent : Fate::failed;
        first.tried(now, "c-1", page->id,
                    {fate, "x", "h", fate == Fate::failed && prng.chance(1, 2)});
        if (first.fate_of(page->id) != Fate::waiting) over.insert(page->id);
      }
      for (std::string& line : first.take_lines()) lines.push_back(std::move(line));
      if (prng.chance(1, 10) && !first.receipts().empty()) {
        first.receipt_done(first.receipts().front().number);
      }
    }
    PageQueue second({"c-1"});
    for (const std::string& line : lines) ASSERT_TRUE(second.replay(line)) << line;
    second.replayed();
    for (const std::string& id : accepted) {
      const auto fate = second.fate_of(id);
      ASSERT_TRUE(fate) << id << " was accepted and is lost";
      EXPECT_TRUE(over.contains(id) || *fate == Fate::waiting) << id;
    }
    PageQueue third({"c-1"});
    for (const std::string& line : second.snapshot()) ASSERT_TRUE(third.replay(line));
    EXPECT_EQ(third.receipts().size(), second.receipts().size());
  }
}

TEST(Answers, AreReadAsPeopleTypeThem) {
  const struct {
    const char* text;
    const char* status;
    const char* code;
    int eta;
    const char* user;
  } cases[] = {
      {"coming 4471", "coming", "4471", -1, ""},
      {"4471 ok", "coming", "4471", -1, ""},
      {"4471", "coming", "4471", -1, ""},
      {"1 4471 25", "coming", "4471", 25, ""},
      {"Not coming 4471", "not-coming", "4471", -1, ""},
      {"no", "not-coming", "", -1, ""},
      {"later, 4471", "later", "4471", -1, ""},
      {"coming 4471 anna", "coming", "4471", -1, "anna"},
      {"\xE3\x81\xAF\xE3\x81\x84 4471", "coming", "4471", -1, ""},
      {"3", "not-coming", "", -1, ""},
      {"4471 1", "coming", "4471", -1, ""},
      {"coming 25 4471", "coming", "4471", 25, ""},
      {"coming 4471 anna 25 min", "coming", "4471", 25, "anna"},
      {"coming 4471 25min.", "coming", "4471", 25, ""},
      {"Yes, coming 4471!", "coming", "4471", -1, ""},
      {"read 4471", "read", "4471", -1, ""},
      {"2 4471", "later", "4471", -1, ""},
      {"行きます4471", "coming", "4471", -1, ""},
      {"はい、４４７１　２５分後", "coming", "4471", 25, ""},
      {"後で 4471", "later", "4471", -1, ""},
  };
  for (const auto& one : cases) {
    Heard heard;
    read_answer(one.text, heard);
    EXPECT_EQ(heard.status, one.status) << one.text;
    EXPECT_EQ(heard.code, one.code) << one.text;
    EXPECT_EQ(heard.eta_min, one.eta) << one.text;
    EXPECT_EQ(heard.user, one.user) << one.text;
  }
  Heard none;
  read_answer("what is this?", none);
  EXPECT_EQ(none.status, "") << "whoever wrote it must hear that it was not understood";
  EXPECT_EQ(none.what, Heard::What::answer);
}

// "won't come 1852" once took a P1.
TEST(Answers, ANoInAnyWordsNeverComes) {
  for (const char* const text : {"won't come 1852",
                                 "wont come 1852",
                                 "I won\xE2\x80\x99t come 1852",
                                 "can't come 1852",
                                 "cannot come 1852",
                                 "I can not come 1852",
                                 "1852 not coming",
                                 "not coming 1852 anna",
                                 "1852 no",
                                 "no 1852",
                                 "I will not be coming 1852",
                                 "unable to come 1852",
                                 "don't come 1852",
                                 "never 1852",
                                 "iie 1852",
                                 "3 1852",
                                 "行けません 1852",
                                 "行きません1852",
                                 "1852 行けない",
                                 "いいえ、1852",
                                 "無理です 1852",
                                 "はい、行けません 1852",
                                 "問題ない、行きます 1852"}) {
    Heard heard;
    read_answer(text, heard);
    EXPECT_EQ(heard.status, "not-coming") << text;
    EXPECT_EQ(heard.code, "1852") << text;
  }
}

// Only an exact form takes an alarm: all else is refused with what was expected.
TEST(Answers, WhatIsNotExactlyAnAnswerIsNone) {
  for (const char* const text : {"1852 wrong number",
                                 "who is coming 1852",
                                 "coming 1852?",
                                 "is anna coming 1852",
                                 "no problem, coming 1852",
                                 "coming if I can 1852",
                                 "coming 1852 maybe",
                                 "coming 1852 4471",
                                 "coming 18521",
                                 "anna coming 1852",
                                 "ok I saw 1852",
                                 "coming later 1852",
                                 "ok later 1852",
                                 "not later 1852",
                                 "no 1852 25",
                                 "25 1852",
                                 "coming 1852 25 30",
                                 "min 1852",
                                 "away until 2027",
                                 "later, I am driving",
                                 "Out of office until 2027, ok",
                                 "go away 1852",
                                 "stop 1852",
                                 "",
                                 "...",
                                 "行きますか？ 1852",
                                 "会議中 1852"}) {
    Heard heard;
    heard.user = "anna";
    read_answer(text, heard);
    EXPECT_EQ(heard.status, "") << text;
    EXPECT_EQ(heard.code, "") << text;
    EXPECT_EQ(heard.eta_min, -1) << text;
    EXPECT_EQ(heard.user, "anna") << text;
  }
}

TEST(Answers, ATelephoneThatAnswersByItselfIsKnown) {
  for (const char* const text :
       {"I'm driving right now", "later, I am driving", "Automatic reply: on leave until 2027",
        "Out of office until 2027", "AUTO-REPLY ok", "運転中のため出られません 4471"}) {
    Heard heard;
    read_answer(text, heard);
    const bool quiet = heard.automatic || heard.status == "not-coming";
    EXPECT_TRUE(quiet) << text;
    EXPECT_NE(heard.status, "coming") << text;
  }
  Heard person;
  read_answer("coming 4471", person);
  EXPECT_FALSE(person.automatic);
}

TEST_F(QueueTest, KnowsWhatItSaidToSomebodyWhoAnswered) {
  std::string why;
  const Json answer = Json::object()
                          .set("page", "1-1")
                          .set("kind", "answer")
                          .set("priority", "p1")
                          .set("text", "OK anna");
  ASSERT_TRUE(queue_.take(at_second(0), "c-1", answer, why)) << why;
  EXPECT_TRUE(queue_.is_reply("1-1"));
  EXPECT_FALSE(queue_.is_reply("1-2"));
}

}  // namespace
}  // namespace cryobank::pager
