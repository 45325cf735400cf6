// When the core asks for a backup, and what it makes of the outcome.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "inventory/record/journal_format.hpp"
#include "tests/core/world.hpp"

namespace cryobank::core {
namespace {

class BackupStory : public ::testing::Test {
 protected:
  BackupStory()
      : world_([](config::SiteConfig& config) {
          config.backup.directory = "backups";
          config.backup.every = hours(2);
          config.backup.alarm_after = hours(3);
        }) {
    world_.start();
  }

  bool alarm_stands(const std::string& condition) const {
    return world_.retained("alarm/service." + condition).bool_or("active", false);
  }
  int facts(const FactName& name) const {
    int count = 0;
    for (const auto& [key, value] : world_.rows) {
      if (key.starts_with("j/"))
        count += value.find(cat("\"", name.type(), "\"")) != std::string::npos;
    }
    return count;
  }

  World world_;
};

TEST_F(BackupStory, the_first_is_made_soon_after_the_start_and_then_one_in_each_period) {
  world_.run(seconds(50));
  EXPECT_TRUE(world_.backups.empty()) << "a start has other work first";
  world_.run(seconds(20));
  ASSERT_EQ(world_.backups.size(), 1u);
  EXPECT_EQ(world_.backups[0], cat("demo-", world_.backups[0].substr(5)));
  EXPECT_TRUE(world_.backups[0].ends_with("Z.backup")) << world_.backups[0];
  world_.run(hours(6));
  EXPECT_EQ(world_.backups.size(), 4u);
  EXPECT_EQ(facts(fact::kBackupMade), 4);
  EXPECT_FALSE(alarm_stands("backup-old"));
}

TEST_F(BackupStory, a_restart_makes_none_before_the_next_is_due_and_a_missed_one_soon) {
  world_.run(minutes(2));
  ASSERT_EQ(world_.backups.size(), 1u);
  world_.kill();
  world_.start();
  world_.run(minutes(5));
  EXPECT_EQ(world_.backups.size(), 1u);
  world_.run(hours(2));
  ASSERT_EQ(world_.backups.size(), 2u);
}

TEST_F(BackupStory, a_person_asks_and_is_answered_when_it_is_written_and_checked) {
  const Json reply = world_.ask("administrator", "store/backup", Json::object());
  EXPECT_EQ(reply.string_or("status", ""), "done") << reply.dump();
  EXPECT_EQ(reply["body"].string_or("file", ""), "backups/" + world_.backups.back());
  EXPECT_GT(reply["body"].integer_or("sequence", 0), 0);
  EXPECT_EQ(facts(fact::kBackupAsked), 1);
  const Json denied = world_.ask("viewer", "store/backup", Json::object());
  EXPECT_EQ(denied.string_or("code", ""), "not-authorised");
}

TEST_F(BackupStory, a_wish_during_a_backup_is_met_by_the_next_one) {
  const std::string first = world_.send("supervisor", "store/backup", Json::object());
  world_.run(seconds(1));
  const std::string second = world_.send("supervisor", "store/backup", Json::object());
  const std::string third = world_.send("administrator", "store/backup", Json::object());
  world_.run(seconds(10));
  for (const std::string& id : {first, second, third}) {
    EXPECT_EQ(world_.reply(id).string_or("status", ""), "done") << world_.reply(id).dump();
  }
  EXPECT_EQ(world_.backups.size(), 2u);
}

TEST_F(BackupStory, a_failure_is_an_event_and_an_alarm_until_one_succeeds) {
  world_.backup_fails = true;
  const Json reply = world_.ask("administrator", "store/backup", Json::object());
  EXPECT_EQ(reply.string_or("status", ""), "failed") << reply.dump();
  EXPECT_TRUE(alarm_stands("backup-failed"));
  EXPECT_EQ(facts(fact::kBackupFailed), 1);
  world_.backup_fails = false;
  world_.run(minutes(40));
  EXPECT_FALSE(alarm_stands("backup-failed")) << "it was tried again by itself";
}

TEST_F(BackupStory, no_good_one_for_too_long_is_an_alarm_also_over_restarts) {
  world_.backup_fails = true;
  for (int hour = 0; hour < 2; ++hour) {
    world_.run(minutes(75));
    EXPECT_FALSE(alarm_stands("backup-old")) << hour;
    world_.kill();
    world_.start();
  }
  world_.run(minutes(40));
  EXPECT_TRUE(alarm_stands("backup-old"));
  world_.backup_fails = false;
  world_.run(minutes(40));
  EXPECT_FALSE(alarm_stands("backup-old"));
}

TEST_F(BackupStory, the_copy_of_the_journal_that_cannot_be_written_is_an_alarm) {
  world_.step(RecordNotice{"journal-copy-behind", true, "cannot write x"});
  world_.run(seconds(1));
  EXPECT_TRUE(alarm_stands("journal-copy-behind"));
  world_.step(RecordNotice{"journal-copy-behind", false, ""});
  world_.run(seconds(1));
  EXPECT_FALSE(alarm_stands("journal-copy-behind"));
}

TEST(BackupsAbsent, without_a_folder_none_is_made_and_a_wish_is_refused) {
  World world;
  world.start();
  world.run(hours(3));
  EXPECT_TRUE(world.backups.empty());
  const Json reply = world.ask("administrator", "store/backup", Json::object());
  EXPECT_EQ(reply.string_or("status", ""), "rejected");
  EXPECT_NE(reply.string_or("message", "").find("[backup]"), std::string::npos);
}

TEST(OwedFacts, what_a_tool_did_to_the_stopped_record_is_told_once_in_the_journal) {
  World world;
  world.start();
  world.run(seconds(5));
  world.kill();
  world.rows["m/owed/recover"] =
      R"({"data":{"backup":"b","by":"supervisor","entries":0,"epoch":2,"journal":"j","lost":0,)"
      R"("reason":"r"},"stream":"service","type":"store-recovered"})";
  world.start();
  world.run(seconds(5));
  world.kill();
  world.start();
  world.run(seconds(5));
  int told = 0;
  for (const auto& [key, value] : world.rows) {
    if (!key.starts_with("j/")) continue;
    const auto entry = inventory::parse_entry(value);
    ASSERT_TRUE(entry.ok()) << value;
    told += entry->fact.type == fact::kStoreRecovered ? 1 : 0;
  }
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(world.rows.contains("m/owed/recover"));
}

}  // namespace
}  // namespace cryobank::core
