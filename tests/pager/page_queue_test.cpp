#include "service/pager/page_queue.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "base/text.hpp"

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
  EXPECT_FALSE(take(Json::object().set("text", "no id")));
  EXPECT_FALSE(take(queued_page(std::string(200, 'i'))));
  EXPECT_EQ(told(), "");
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
  };
  for (const auto& one : cases) {
    Heard heard;
    EXPECT_TRUE(read_answer(one.text, heard)) << one.text;
    EXPECT_EQ(heard.status, one.status) << one.text;
    EXPECT_EQ(heard.code, one.code) << one.text;
    EXPECT_EQ(heard.eta_min, one.eta) << one.text;
    EXPECT_EQ(heard.user, one.user) << one.text;
  }
  Heard none;
  EXPECT_FALSE(read_answer("what is this?", none));
}

}  // namespace
}  // namespace cryobank::pager
