#include "service/pager/answer_desk.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "service/pager/page_queue.hpp"

namespace cryobank::pager {
namespace {

Now after_s(std::int64_t second) {
  return {Instant{} + seconds(second), WallTime{1'800'000'000'000 + second * 1000}};
}

Heard coming(std::string code) {
  Heard heard;
  heard.what = Heard::What::answer;
  heard.status = "coming";
  heard.code = std::move(code);
  return heard;
}

TEST(AnswerDeskTest, WhoWaitsForTheServiceHearsOnceThatTheAnswerIsKept) {
  AnswerDesk desk;
  desk.waits(after_s(0), 7, "sms-1", coming("4471"));
  desk.waits(after_s(0), 8, "sms-2", coming("4472"));
  desk.waits(after_s(0), 9, "sms-3", coming("4473"));
  EXPECT_TRUE(desk.due(after_s(7)).empty());
  desk.arrived(8);
  desk.answered("sms-3");
  const auto due = desk.due(after_s(8));
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].channel, "sms-1");
  EXPECT_NE(due[0].text.find("KEPT: \"coming 4471\""), std::string::npos);
  EXPECT_LE(due[0].text.size(), kHeadMax);
  EXPECT_TRUE(desk.due(after_s(60)).empty());
}

TEST(AnswerDeskTest, WhatCannotBeReadIsAnsweredButNotAMachineForEver) {
  AnswerDesk desk;
  EXPECT_NE(desk.puzzled(after_s(0), "sms-1").find("NOT UNDERSTOOD"), std::string::npos);
  EXPECT_NE(desk.puzzled(after_s(0), "sms-2"), "");
  for (int second = 1; second < 600; ++second) {
    EXPECT_EQ(desk.puzzled(after_s(second), "sms-1"), "");
  }
  EXPECT_NE(desk.puzzled(after_s(600), "sms-1"), "");
}

// A pager that answers each answer got 1,752 of them in 90 s.
TEST(AnswerDeskTest, NoChannelIsAnsweredWithoutEnd) {
  AnswerDesk desk;
  int said = 0;
  for (int i = 0; i < 1000; ++i) {
    said += desk.may_say(after_s(i / 4), "pager-1", cat("NOTED ", i)) ? 1 : 0;
  }
  EXPECT_EQ(said, 20) << "within ten minutes, whatever it is";
  EXPECT_TRUE(desk.may_say(after_s(0), "sms-1", "OK anna")) << "each channel by itself";
  EXPECT_FALSE(desk.may_say(after_s(1), "sms-1", "OK anna")) << "said already";
  EXPECT_TRUE(desk.may_say(after_s(2), "sms-1", "NOTED anna"));
  EXPECT_TRUE(desk.may_say(after_s(3), "sms-1", "OK anna")) << "another word lay between";
  EXPECT_TRUE(desk.may_say(after_s(900), "pager-1", "OK anna"));
}

// The broker may have nobody to give a receipt to: what is said once is not taken for given.
TEST(AnswerDeskTest, WhatPeopleSaidIsSaidOnceAndMachinesAreAskedAgain) {
  PageQueue queue({"sms-1"});
  std::string why;
  const Json page = Json::object().set("page", "7-1").set("priority", "p1").set("text", "x");
  ASSERT_TRUE(queue.take(after_s(0), "sms-1", page, why));
  ASSERT_EQ(queue.receipts().size(), 1u);
  EXPECT_FALSE(queue.said_once(queue.receipts().back().number)) << "accepted";
  for (const char* const status : {"coming", "later", "not-coming", "read"}) {
    Heard heard = coming("4471");
    heard.status = status;
    EXPECT_TRUE(queue.said_once(queue.answer(after_s(1), "sms-1", heard))) << status;
  }
  queue.tell("gateway/pager/report", Json::object().set("what", "monitor-dead"));
  EXPECT_TRUE(queue.said_once(queue.receipts().back().number));
}

}  // namespace
}  // namespace cryobank::pager
