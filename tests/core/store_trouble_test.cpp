// What people see while the record cannot be written, or belongs to somebody else: told at once,
// refused at once, and nothing of it done later.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "tests/core/world.hpp"

namespace cryobank::core {
namespace {

class StoreTrouble : public testing::Test {
 protected:
  StoreTrouble() {
    world_.start();
    EXPECT_TRUE(world_.run_until([this] { return state() == "online"; }, seconds(60)));
  }
  std::string state() const { return world_.retained("service/state").string_or("state", ""); }
  Json alarm(const std::string& condition) const {
    return world_.retained("alarm/service." + condition);
  }
  static Json course(std::string_view id) {
    return Json::object().set("course", id).set("patient", "p-1").set("doses", 2);
  }
  std::ptrdiff_t pages_of(std::string_view alarm) const {
    return std::ranges::count_if(world_.published, [&](const Publish& one) {
      return one.topic.find("/page/") != std::string::npos &&
             one.payload.find(alarm) != std::string::npos;
    });
  }

  World world_;
};

TEST_F(StoreTrouble, a_hanging_store_is_paged_after_five_seconds_and_refuses_commands) {
  world_.store_silent = true;
  const std::string waiting = world_.send("operator", "course/register", course("c-1"));
  EXPECT_TRUE(world_.run_until([&] { return !alarm("store-silent").is_null(); }, seconds(6)));
  EXPECT_EQ(alarm("store-silent").string_or("priority", ""), "p1");
  world_.run(seconds(1));
  EXPECT_GT(pages_of("service.store-silent"), 0);
  const std::string later = world_.send("operator", "course/register", course("c-2"));
  world_.run(seconds(1));
  EXPECT_EQ(world_.reply(later).string_or("status", ""), "failed");
  EXPECT_EQ(world_.reply(later).string_or("code", ""), "unavailable");
  EXPECT_EQ(world_.ask("viewer", "hold/list", Json::object()).string_or("status", ""), "done");
  EXPECT_TRUE(world_.reply(waiting).is_null()) << "it may yet become durable: nothing is said";
  // It answers at last.
  world_.store_silent = false;
  world_.step(Committed{world_.last_commit, {}, seconds(8)});
  world_.run(seconds(2));
  EXPECT_EQ(world_.reply(waiting).string_or("status", ""), "done");
  EXPECT_FALSE(alarm("store-silent").bool_or("active", false));
  EXPECT_EQ(world_.ask("operator", "course/register", course("c-2")).string_or("status", ""),
            "done");
}

TEST_F(StoreTrouble, commands_behind_a_hanging_commit_hear_that_nothing_was_changed) {
  world_.store_silent = true;
  world_.send("operator", "course/register", course("c-1"));
  const std::string behind = world_.send("operator", "course/register", course("c-2"));
  world_.run(seconds(7));
  EXPECT_EQ(world_.reply(behind).string_or("status", ""), "failed");
  EXPECT_THAT(world_.reply(behind).string_or("message", ""),
              testing::HasSubstr("nothing was changed"));
}

TEST_F(StoreTrouble, a_failing_store_answers_questions_and_refuses_changes_at_once) {
  world_.store_fails = true;
  world_.send("operator", "course/register", course("c-1"));
  world_.run(seconds(1));
  for (int i = 0; i < 3; ++i) {
    const std::string question = world_.send("viewer", "hold/list", Json::object());
    const std::string change = world_.send("operator", "course/register", course("c-2"));
    world_.run(milliseconds(100));
    EXPECT_EQ(world_.reply(question).string_or("status", ""), "done");
    EXPECT_EQ(world_.reply(change).string_or("status", ""), "failed");
    world_.run(seconds(4));
  }
  world_.store_fails = false;
  EXPECT_TRUE(world_.run_until([&] { return !alarm("store-failed").bool_or("active", false); },
                               seconds(30)));
  EXPECT_TRUE(world_.retained("course/c-2").is_null());
}

TEST_F(StoreTrouble, an_alarm_is_taken_while_nothing_can_be_written_and_is_journaled_later) {
  world_.store_fails = true;
  world_.send("operator", "course/register", course("c-1"));
  ASSERT_TRUE(
      world_.run_until([&] { return alarm("store-failed").bool_or("active", false); }, seconds(5)));
  const Json body = Json::object()
                        .set("alarm", "service.store-failed")
                        .set("reason", "going")
                        .set("comment", "to the server room");
  const std::string taken = world_.send("operator", "alarm/acknowledge", body);
  world_.run(seconds(1));
  const Json reply = world_.reply(taken);
  EXPECT_EQ(reply.string_or("status", ""), "accepted") << reply.dump();
  EXPECT_EQ(reply.string_or("code", ""), "unavailable") << "done is what is on disk";
  EXPECT_THAT(reply.string_or("message", ""), testing::HasSubstr("not on record"));
  EXPECT_EQ(alarm("store-failed")["acknowledgement"].string_or("by", ""), "operator");
  const auto pages = pages_of("service.store-failed");
  world_.run(minutes(10));
  EXPECT_EQ(pages_of("service.store-failed"), pages) << "taken: nobody is paged";
  world_.store_fails = false;
  world_.run(seconds(30));
  int journaled = 0;
  for (const auto& [key, value] : world_.rows) {
    if (key.starts_with("j/")) journaled += value.find("to the server room") != std::string::npos;
  }
  EXPECT_EQ(journaled, 1);
}

// A run whose record cannot be opened: what a broken disk leaves is worth more than none.
TEST(NoRecord, AFreezerIsPagedAndTheBrokersTreeOfTheRecordStays) {
  World world;
  world.start();
  world.run(seconds(20));
  const Json body = Json::object().set("course", "c-1").set("patient", "p-1").set("doses", 2);
  world.ask("operator", "course/register", body);
  ASSERT_FALSE(world.retained("course/c-1").is_null());
  world.kill();
  world.rows.clear();
  world.no_record = "the store in /x is damaged";
  world.store_fails = true;
  world.start();
  world.run(seconds(20));
  EXPECT_EQ(world.retained("service/state").string_or("record", ""), "none");
  EXPECT_EQ(world.retained("service/state").string_or("state", ""), "online") << "it is at work";
  EXPECT_FALSE(world.retained("course/c-1").is_null()) << "not known is not gone";
  const Json alarm = world.retained("alarm/service.store-failed");
  EXPECT_EQ(alarm.string_or("priority", ""), "p1");
  EXPECT_THAT(alarm.string_or("text", ""), testing::HasSubstr("no record: the store in /x"));
  EXPECT_NE(std::find(world.notices.begin(), world.notices.end(), SystemdState::ready),
            world.notices.end());
  const Json reply = world.ask("operator", "course/register", body);
  EXPECT_EQ(reply.string_or("status", ""), "failed") << reply.dump();
  // "No holds" of a record that is not there would let a held vial go.
  const std::pair<const char*, Json> questions[] = {
      {"hold/list", Json::object()},
      {"report/affected", Json::object().set("place", "freezer-1")},
      {"bulk/export", Json::object()},
      {"aliquot/find", Json::object().set("code", "c-1-d01-1")}};
  for (const auto& [verb, question] : questions) {
    const Json answer = world.ask("operator", verb, question);
    EXPECT_EQ(answer.string_or("status", ""), "failed") << verb << answer.dump();
    EXPECT_THAT(answer.string_or("message", ""), testing::HasSubstr("no record")) << verb;
  }
}

TEST(NoRecord, WhatWasRaisedAndTakenMeanwhileStandsAndIsWrittenDownOnceTheRecordIsBack) {
  World world;
  world.no_record = "the store in /x is damaged";
  world.seal = "of this run";
  world.store_fails = true;
  world.start();
  world.run(seconds(20));
  const Json body = Json::object()
                        .set("alarm", "service.store-failed")
                        .set("reason", "going")
                        .set("comment", "with the other disk");
  world.ask("operator", "alarm/acknowledge", body);
  const auto pages = [&world] {
    return std::ranges::count_if(world.published, [](const Publish& publish) {
      return publish.topic.find("/page/") != std::string::npos;
    });
  };
  world.left = world.core().leave();
  EXPECT_EQ(world.left.seal, "of this run");
  world.kill();
  world.no_record.clear();
  world.seal = "of the record";
  world.store_fails = false;
  const auto before = pages();
  world.start();
  world.run(seconds(3));
  EXPECT_FALSE(std::ranges::any_of(world.logs, [](const Log& line) {
    return line.text.find("is not believed") != std::string::npos;
  })) << "its own alarms, of a moment ago";
  world.run(seconds(30));
  EXPECT_EQ(pages(), before) << "somebody has it";
  EXPECT_EQ(std::ranges::count_if(world.rows,
                                  [](const auto& row) {
                                    return row.first.starts_with("j/") &&
                                           row.second.find("with the other disk") !=
                                               std::string::npos;
                                  }),
            1);
}

TEST_F(StoreTrouble, whoever_lost_the_record_to_another_daemon_says_so_and_ends) {
  world_.store_silent = true;
  const std::string id = world_.send("operator", "course/register", course("c-1"));
  world_.step(Committed{
      world_.last_commit, make_error(ErrorCode::conflict, "the mark tells the epoch 9"), {}});
  world_.store_fails = true;
  world_.store_silent = false;
  EXPECT_TRUE(world_.run_until(
      [&] { return !world_.notices.empty() && world_.notices.back() == SystemdState::stopping; },
      seconds(5)));
  EXPECT_EQ(world_.reply(id).string_or("status", ""), "failed");
  EXPECT_THAT(alarm("second-daemon").string_or("text", ""), testing::HasSubstr("epoch 9"));
  EXPECT_GT(pages_of("service.second-daemon"), 0);
}

TEST_F(StoreTrouble, a_taken_identity_is_a_p1_once_the_broker_is_back) {
  world_.step(BrokerLink{false, 0, LinkTrouble::taken_over, "another client connected"});
  world_.link(false);
  world_.run(seconds(3));
  world_.link(true);
  world_.run(seconds(2));
  EXPECT_EQ(alarm("second-daemon").string_or("priority", ""), "p1");
  const Json refused = world_.ask("operator", "course/register", course("c-1"));
  EXPECT_EQ(refused.string_or("status", ""), "failed") << "two records would tell two truths";
  EXPECT_THAT(refused.string_or("message", ""), testing::HasSubstr("a second daemon"));
  EXPECT_EQ(world_.ask("operator", "hold/list", Json::object()).string_or("status", ""), "done");
  world_.run(minutes(1));
  EXPECT_EQ(world_.ask("operator", "course/register", course("c-1")).string_or("status", ""),
            "done");
  world_.run(minutes(6));
  EXPECT_FALSE(alarm("second-daemon").bool_or("active", false)) << "no sign of it for five minutes";
}

TEST_F(StoreTrouble, a_command_that_waits_for_a_witness_outlives_a_restart) {
  ASSERT_EQ(world_.ask("operator", "course/register", course("c-1")).string_or("status", ""),
            "done");
  const std::string id = world_.send("operator", "course/register", course("c-2"), "witness");
  world_.run(seconds(1));
  ASSERT_EQ(world_.reply(id).string_or("code", ""), "witness-needed") << world_.reply(id).dump();
  world_.kill();
  world_.start();
  world_.run(seconds(5));
  EXPECT_EQ(world_.reply(id).string_or("status", ""), "accepted") << "it waits as before";
  EXPECT_EQ(world_.ask("witness", "witness/confirm", Json::object().set("command", id))
                .string_or("status", ""),
            "done");
  world_.run(seconds(1));
  EXPECT_EQ(world_.reply(id).string_or("status", ""), "done") << world_.reply(id).dump();
  EXPECT_FALSE(world_.retained("course/c-2").is_null());
  EXPECT_FALSE(std::ranges::any_of(
      world_.rows, [](const auto& row) { return row.first.starts_with("m/witness/"); }));
}

TEST_F(StoreTrouble, a_witness_who_never_comes_ends_it_in_time_across_a_restart) {
  const std::string id = world_.send("operator", "course/register", course("c-2"), "witness");
  world_.run(minutes(6));
  world_.kill();
  world_.start();
  world_.run(minutes(3));
  EXPECT_EQ(world_.reply(id).string_or("status", ""), "accepted");
  world_.run(minutes(2));
  EXPECT_EQ(world_.reply(id).string_or("status", ""), "expired");
  EXPECT_TRUE(world_.retained("course/c-2").is_null());
}

}  // namespace
}  // namespace cryobank::core
