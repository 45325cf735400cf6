#include "service/wire/command_memory.hpp"

#include <gtest/gtest.h>

namespace cryobank::core {
namespace {

const WallTime kNow = *parse_utc("2026-11-22T03:00:00Z");

Command command(std::string id) {
  Command out;
  out.id = std::move(id);
  out.user = UserId("ann");
  out.fingerprint = "abc";
  out.reply_topic = "cryobank/v1/demo/reply/ann/tab";
  out.correlation = std::string("\x00\x01", 2);
  return out;
}

TEST(CommandMemory, keeps_an_open_command_over_a_restart_with_its_way_back) {
  CommandMemory memory;
  memory.begin(command("id-1"), kNow);
  const RowChange row = memory.row(command("id-1"), "accepted text", true, kNow);
  CommandMemory again;
  ASSERT_TRUE(again.load_row(row.key, *row.value).ok());
  const CommandEntry* entry = again.find("id-1");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->state, CommandState::open);
  EXPECT_EQ(entry->reply, "accepted text");
  EXPECT_EQ(entry->correlation, command("x").correlation);
  EXPECT_EQ(again.open(), std::vector<std::string>{"id-1"});
  EXPECT_EQ(CommandMemory::reply_in(*row.value), "accepted text");
}

TEST(CommandMemory, forgets_after_a_day_and_not_before) {
  CommandMemory memory;
  memory.begin(command("id-1"), kNow);
  memory.settle("id-1", "done", false);
  std::vector<RowChange> rows;
  memory.trim(kNow + hours(23), rows);
  EXPECT_TRUE(rows.empty());
  memory.trim(kNow + hours(24), rows);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].key, "c/id-1");
  EXPECT_FALSE(rows[0].value.has_value());
  EXPECT_EQ(memory.find("id-1"), nullptr);
}

TEST(CommandMemory, keeps_the_open_command_of_a_job_that_takes_longer_than_a_day) {
  CommandMemory memory;
  memory.begin(command("id-1"), kNow);
  memory.settle("id-1", "accepted", true);
  std::vector<RowChange> rows;
  memory.trim(kNow + hours(30), rows);
  EXPECT_TRUE(rows.empty());
  EXPECT_NE(memory.find("id-1"), nullptr);
}

TEST(CommandMemory, takes_a_command_whose_batch_failed_as_never_seen) {
  CommandMemory memory;
  memory.begin(command("id-1"), kNow);
  memory.forget("id-1");
  EXPECT_EQ(memory.find("id-1"), nullptr);
  memory.begin(command("id-1"), kNow);
  EXPECT_EQ(memory.find("id-1")->state, CommandState::waiting);
}

TEST(CommandMemory, knows_a_recovered_command_by_its_id_and_user) {
  Reply reply;
  reply.id = "id-1";
  reply.sequence = 17;
  const RowChange row = CommandMemory::recovered_row(reply, command("id-1").user, false, kNow);
  CommandMemory memory;
  ASSERT_TRUE(memory.load_row(row.key, *row.value).ok());
  const CommandEntry* entry = memory.find("id-1");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->state, CommandState::closed);
  EXPECT_TRUE(entry->is_of(command("id-1")));
  Command other = command("id-1");
  other.user = UserId("another");
  EXPECT_FALSE(entry->is_of(other));
  EXPECT_NE(CommandMemory::reply_in(*row.value).find("\"sequence\":17"), std::string::npos);
}

TEST(CommandMemory, tells_a_damaged_row) {
  CommandMemory memory;
  EXPECT_EQ(memory.load_row("c/x", "{").error().code, ErrorCode::corrupt);
  EXPECT_EQ(memory.load_row("c/x", "{}").error().code, ErrorCode::corrupt);
}

TEST(CommandId, is_a_uuid_and_a_function_of_the_text) {
  EXPECT_EQ(command_id("a"), command_id("a"));
  EXPECT_NE(command_id("a"), command_id("b"));
  EXPECT_EQ(command_id("a").size(), 36U);
  EXPECT_EQ(command_id("a")[14], '8');
}

}  // namespace
}  // namespace cryobank::core
