// The real daemon's record, backed up while it works, damaged in every kind of file, refused with
// what to type next, and brought back by typing it: nothing that was acknowledged is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/text.hpp"
#include "inventory/record/backup/backup_io.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

void flip(const fs::path& path, std::uintmax_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 0x10));
}

fs::path largest(const fs::path& folder, std::string_view word) {
  fs::path found;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().filename().string().find(word) == std::string::npos) continue;
    if (found.empty() || file.file_size() > fs::file_size(found)) found = file.path();
  }
  return found;
}

void flip_each_block(const fs::path& path) {
  constexpr std::uintmax_t kStep = 1500;  // a block is some 4 KB
  for (std::uintmax_t at = 100; at < fs::file_size(path); at += kStep) flip(path, at);
}

struct DamageCase {
  std::string_view name;
  void (*spoil)(const fs::path& store);
  std::string_view said;
};

// What a disk, a copy job or a person does to a store.
const DamageCase kDamages[] = {
    {"CURRENT removed", [](const fs::path& store) { fs::remove(store / "CURRENT"); },
     "its file CURRENT is missing"},
    {"a byte of the manifest flipped",
     [](const fs::path& store) { flip(largest(store, "MANIFEST"), 30); }, "is damaged"},
    {"the manifest removed", [](const fs::path& store) { fs::remove(largest(store, "MANIFEST")); },
     ""},
    {"every block of a table flipped",
     [](const fs::path& store) { flip_each_block(largest(store, ".ldb")); }, "is damaged"},
    {"a table cut in half",
     [](const fs::path& store) {
       const fs::path table = largest(store, ".ldb");
       fs::resize_file(table, fs::file_size(table) / 2);
     },
     ""},
    {"a table removed", [](const fs::path& store) { fs::remove(largest(store, ".ldb")); }, ""},
    {"the log cut",
     [](const fs::path& store) {
       const fs::path log = largest(store, ".log");
       fs::resize_file(log, fs::file_size(log) / 3);
     },
     "entries have vanished from the store"},
    {"the log removed", [](const fs::path& store) { fs::remove(largest(store, ".log")); },
     "entries have vanished from the store"},
    {"a byte of the log flipped",
     [](const fs::path& store) {
       const fs::path log = largest(store, ".log");
       flip(log, fs::file_size(log) / 2);
     },
     ""},
    {"the whole folder gone", [](const fs::path& store) { fs::remove_all(store); },
     "there is no store"},
};

class RecoverTest : public ::testing::Test {
 protected:
  RecoverTest() : bank_("recover") {
    bank_.add_config(cat("[backup]\ndirectory = \"", backups().string(), "\"\nkeep = 3\n"));
    bank_.start_all();
  }

  fs::path backups() const { return bank_.directory() / "backups"; }
  fs::path store() const { return bank_.directory() / "store"; }

  // Courses are registered without a robot: each is acknowledged at once.
  void acknowledge(int courses) {
    const auto session = bank_.login("operator");
    for (int i = 0; i < courses; ++i) {
      const std::string course = cat("course-", ++courses_);
      Json body = Json::object();
      body.set("course", course).set("patient", "patient-1").set("doses", 3);
      const auto reply = session->request("course/register", Json::object().set("body", body),
                                          seconds(20), true, [](const Json&) {});
      ASSERT_TRUE(reply.ok()) << reply.error().context;
      ASSERT_EQ(reply->string_or("status", ""), "done") << reply->dump();
      acknowledged_[course] = reply->integer_or("sequence", 0);
    }
  }

  std::string new_log(std::size_t from) const { return read_text(bank_.daemon_log()).substr(from); }
  std::size_t log_size() const { return read_text(bank_.daemon_log()).size(); }

  // The command that the log tells to type, with this bank's program in its place.
  static std::vector<std::string> typed(const std::string& log) {
    const std::size_t at = log.find("  cryobankctl store recover ");
    if (at == std::string::npos) return {};
    const std::string line = log.substr(at + 2, log.find("    (", at) - at - 2);
    std::vector<std::string> words;
    for (const std::string_view word : split(line, ' ')) words.emplace_back(word);
    words.erase(words.begin());
    return words;
  }

  void expect_everything_acknowledged() {
    const auto courses = bank_.login("viewer")->retained("course/+");
    ASSERT_TRUE(courses.ok());
    for (const auto& [course, sequence] : acknowledged_) {
      EXPECT_TRUE(courses->contains("course/" + course)) << course << ", entry " << sequence;
    }
  }

  // Machines are watched, what keeps the record away is a P1, and what the broker shows of the
  // record stays as it was.
  void expect_watching_without_a_record(std::size_t log_from) {
    EXPECT_TRUE(eventually(seconds(20), [&] {
      return new_log(log_from).find("WATCHING WITHOUT A RECORD") != std::string::npos;
    })) << new_log(log_from);
    EXPECT_TRUE(eventually(seconds(20), [&] {
      return bank_.retained("alarm/service.store-failed").bool_or("active", false);
    })) << new_log(log_from);
    EXPECT_EQ(bank_.retained("service/state").string_or("record", ""), "none");
    EXPECT_EQ(bank_.retained("service/state").string_or("state", ""), "online");
    EXPECT_TRUE(eventually(seconds(20), [&] {
      return bank_.retained("device/freezer-1/state").string_or("state", "") == "online";
    })) << new_log(log_from);
    expect_everything_acknowledged();
  }

  void damage_and_recover(const DamageCase& damage) {
    SCOPED_TRACE(damage.name);
    acknowledge(4);
    const Json head = bank_.retained("event/inventory/head");
    bank_.kill_daemon();
    damage.spoil(store());
    const std::size_t before = log_size();
    bank_.start_daemon();
    expect_watching_without_a_record(before);
    const std::string log = new_log(before);
    EXPECT_THAT(log, ::testing::HasSubstr(std::string(damage.said)));
    const std::vector<std::string> command = typed(log);
    ASSERT_FALSE(command.empty()) << log;
    const Bank::Ran ran = bank_.ctl(command);
    ASSERT_EQ(ran.code, 0) << ran.output << log;
    EXPECT_THAT(ran.output, ::testing::HasSubstr("nothing that was acknowledged is lost"));
    // It takes the mended record by itself, in the same process.
    ASSERT_TRUE(bank_.wait_online(seconds(40))) << new_log(before);
    expect_everything_acknowledged();
    EXPECT_GE(bank_.retained("event/inventory/head").integer_or("last", 0),
              head.integer_or("last", 1))
        << "a number that was told is not given again";
    EXPECT_EQ(bank_.stop_daemon(), 0);
    const Bank::Ran verified = bank_.ctl({"journal", "verify", "--config", bank_.site_file()});
    EXPECT_EQ(verified.code, 0) << verified.output;
    bank_.start_daemon();
    ASSERT_TRUE(bank_.wait_online(seconds(20))) << new_log(before);
  }

  Bank bank_;
  std::map<std::string, std::int64_t> acknowledged_;
  int courses_ = 0;
};

TEST_F(RecoverTest, ADamagedStoreIsRefusedWithWhatToTypeAndTypingItBringsEverythingBack) {
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  acknowledge(20);
  const Bank::Ran asked = bank_.ctl({"store", "backup", "--config", bank_.site_file()});
  ASSERT_EQ(asked.code, 0) << asked.output;
  EXPECT_THAT(asked.output, ::testing::HasSubstr("done: wrote and checked "));
  // A restart writes what the log holds into a table, so that there is one to damage.
  EXPECT_EQ(bank_.stop_daemon(), 0);
  bank_.start_daemon();
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  for (const DamageCase& damage : kDamages) {
    damage_and_recover(damage);
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(bank_.stop_daemon(), 0);
  const std::string journal = read_text((bank_.directory() / "journal-copy.jsonl").string());
  std::size_t told = 0;
  for (std::size_t at = 0; (at = journal.find("store-recovered", at)) != std::string::npos; ++at) {
    ++told;
  }
  EXPECT_EQ(told, std::size(kDamages)) << "the journal tells of each recovery";
}

TEST_F(RecoverTest, WithNothingButTheJournalsTextTheRecordComesBackToo) {
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  acknowledge(10);
  bank_.kill_daemon();
  fs::remove_all(store());
  const Bank::Ran ran = bank_.ctl({"store", "recover", "--config", bank_.site_file()});
  ASSERT_EQ(ran.code, 0) << ran.output;
  bank_.start_daemon();
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  expect_everything_acknowledged();
}

TEST_F(RecoverTest, ACommandSinceTheBackupThatIsSentAgainIsAnsweredAndNotDoneTwice) {
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  ASSERT_EQ(bank_.ctl({"store", "backup", "--config", bank_.site_file()}).code, 0);
  const auto send = [this](const std::string& user, std::string_view reason) {
    Json command = Json::object().set("id", "3f0d5b7e-8a51-4c1f-9d1e-0b6a2f7c9e11");
    command.set("reason", reason);
    Json body = Json::object().set("course", "course-again").set("patient", "patient-1");
    command.set("body", body.set("doses", 3));
    auto reply = bank_.login(user)->request("course/register", command, seconds(20), true,
                                            [](const Json&) {});
    EXPECT_TRUE(reply.ok()) << reply.error().context;
    return reply ? *reply : Json();
  };
  const Json first = send("operator", "first");
  ASSERT_EQ(first.string_or("status", ""), "done") << first.dump();
  bank_.kill_daemon();
  fs::remove(store() / "CURRENT");
  ASSERT_EQ(bank_.ctl({"store", "recover", "--config", bank_.site_file()}).code, 0);
  bank_.start_daemon();
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  const Json again = send("operator", "first");
  EXPECT_EQ(again.string_or("status", ""), "done") << again.dump();
  EXPECT_EQ(again.integer_or("sequence", 0), first.integer_or("sequence", -1));
  EXPECT_EQ(again["body"].bool_or("recovered", false), true);
  EXPECT_EQ(send("supervisor", "first").string_or("status", ""), "duplicate");
}

TEST_F(RecoverTest, ARefusalSinceTheBackupIsAnsweredWithItsOwnCode) {
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  acknowledge(1);
  ASSERT_EQ(bank_.ctl({"store", "backup", "--config", bank_.site_file()}).code, 0);
  // Its vial belongs to course-1 for ever.
  const auto send = [this] {
    Json command = Json::object().set("id", "5c2e8a17-0d3b-4f6a-8b9c-1a2b3c4d5e6f");
    Json body = Json::object().set("course", "course-thief").set("patient", "patient-2");
    Json codes = Json::array();
    body.set("doses", 1).set("codes", codes.push("course-1-d01-1"));
    auto reply = bank_.login("operator")
                     ->request("course/register", command.set("body", body), seconds(20), true,
                               [](const Json&) {});
    EXPECT_TRUE(reply.ok()) << reply.error().context;
    return reply ? *reply : Json();
  };
  const Json first = send();
  ASSERT_EQ(first.string_or("code", ""), "mismatch") << first.dump();
  bank_.kill_daemon();
  fs::remove(store() / "CURRENT");
  ASSERT_EQ(bank_.ctl({"store", "recover", "--config", bank_.site_file()}).code, 0);
  bank_.start_daemon();
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  const Json again = send();
  EXPECT_EQ(again.string_or("status", ""), "rejected") << again.dump();
  EXPECT_EQ(again.string_or("code", ""), "mismatch") << again.dump();
  EXPECT_TRUE(again["body"].bool_or("recovered", false)) << again.dump();
}

TEST_F(RecoverTest, EntriesThatAreInNoSourceAreCountedAndTakeAPersonsWord) {
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  ASSERT_EQ(bank_.ctl({"store", "backup", "--config", bank_.site_file()}).code, 0);
  acknowledge(5);
  bank_.kill_daemon();
  fs::remove(bank_.directory() / "journal-copy.jsonl");
  fs::remove(store() / "CURRENT");
  const std::vector<std::string> recover{"store", "recover", "--config", bank_.site_file()};
  const Bank::Ran refused = bank_.ctl(recover);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.output, ::testing::HasSubstr("entries are in none of them"));
  EXPECT_FALSE(fs::exists(store() / "CURRENT")) << "nothing was changed";
  std::vector<std::string> accepting = recover;
  accepting.insert(accepting.end(), {"--accept-loss", "--reason", "the disk is gone"});
  const Bank::Ran accepted = bank_.ctl(accepting);
  ASSERT_EQ(accepted.code, 0) << accepted.output;
  EXPECT_THAT(accepted.output, ::testing::HasSubstr("entries that were durable are lost"));
  bank_.start_daemon();
  EXPECT_TRUE(bank_.wait_online(seconds(20)));
}

TEST_F(RecoverTest, WithoutAHighWaterMarkItIsNotKnownWhatIsLostAndTheRecordSaysSo) {
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  acknowledge(2);
  ASSERT_EQ(bank_.ctl({"store", "backup", "--config", bank_.site_file()}).code, 0);
  acknowledge(5);
  bank_.kill_daemon();
  fs::remove(bank_.directory() / "journal-copy.jsonl");
  fs::remove(bank_.directory() / "high-water");
  fs::remove(store() / "CURRENT");
  const std::vector<std::string> recover{"store", "recover", "--config", bank_.site_file()};
  const Bank::Ran refused = bank_.ctl(recover);
  EXPECT_EQ(refused.code, 1) << refused.output;
  EXPECT_THAT(refused.output, ::testing::HasSubstr("it is NOT KNOWN how many entries are missing"));
  EXPECT_THAT(refused.output, ::testing::HasSubstr("The sources end at entry "));
  EXPECT_FALSE(fs::exists(bank_.directory() / "high-water")) << "a refused command leaves nothing";
  std::vector<std::string> accepting{"--json"};
  accepting.insert(accepting.end(), recover.begin(), recover.end());
  accepting.insert(accepting.end(), {"--accept-loss", "--reason", "the mark burnt, too"});
  EXPECT_THAT(bank_.ctl(accepting, "nobody-here").output,
              ::testing::HasSubstr("expected a person of the staff"));
  const Bank::Ran accepted = bank_.ctl(accepting);
  ASSERT_EQ(accepted.code, 0) << accepted.output;
  EXPECT_THAT(accepted.output, ::testing::HasSubstr("\"lost\":null"));
  const Bank::Ran again = bank_.ctl(accepting);
  ASSERT_EQ(again.code, 0) << again.output;
  EXPECT_THAT(again.output, ::testing::HasSubstr("\"lost\":null"))
      << "the mark that the first run made knows nothing of what was lost before";
  bank_.start_daemon();
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  EXPECT_GT(bank_.retained("service/state").integer_or("epoch", 0), 1'000'000);
  const Json alarm = bank_.retained("alarm/service.record-incomplete");
  EXPECT_THAT(alarm.string_or("text", ""), ::testing::HasSubstr("not known how many"))
      << alarm.dump();
  EXPECT_EQ(bank_.stop_daemon(), 0);
  const std::string exported = (bank_.directory() / "export").string();
  ASSERT_EQ(bank_.ctl({"journal", "export", "--config", bank_.site_file(), exported}).code, 0);
  EXPECT_THAT(read_text(exported + "/journal.jsonl"),
              ::testing::ContainsRegex("\"lost\":null,.*\"type\":\"store-recovered\""));
}

TEST_F(RecoverTest, EachRestoreOfOneBackupBeginsAboveTheEpochsOfTheOneBefore) {
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  const std::string backup = (bank_.directory() / "once.backup").string();
  ASSERT_EQ(bank_.ctl({"store", "backup", "--config", bank_.site_file(), backup}).code, 0);
  EXPECT_EQ(bank_.stop_daemon(), 0);
  std::int64_t highest = 1;
  for (int round = 0; round < 2; ++round) {
    fs::remove_all(store());
    fs::remove(bank_.directory() / "high-water");
    fs::remove(bank_.directory() / "journal-copy.jsonl");
    ASSERT_EQ(bank_.ctl({"store", "restore", backup, store().string()}).code, 0);
    for (int start = 0; start < 2; ++start) {
      bank_.start_daemon();
      std::int64_t epoch = 0;
      ASSERT_TRUE(eventually(seconds(20), [&] {
        const Json state = bank_.retained("service/state");
        epoch = state.integer_or("epoch", 0);
        return state.string_or("state", "") == "online" && epoch != highest;
      }));
      EXPECT_GT(epoch, highest) << round << " " << start;
      highest = epoch;
      EXPECT_EQ(bank_.stop_daemon(), 0);
    }
  }
}

TEST_F(RecoverTest, ALostSigningKeyIsNamedAndANewOneGoesOnWithWhatTheOldOneSigned) {
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  acknowledge(2);
  EXPECT_EQ(bank_.stop_daemon(), 0);
  const fs::path key = bank_.directory() / "signing-key";
  fs::rename(key, bank_.directory() / "kept");
  const std::size_t before = log_size();
  bank_.start_daemon();
  expect_watching_without_a_record(before);
  EXPECT_EQ(bank_.stop_daemon(), 0);
  EXPECT_THAT(new_log(before), ::testing::HasSubstr("cryobankctl store new-key --config"));
  const std::vector<std::string> anew{"store", "new-key", "--config", bank_.site_file()};
  EXPECT_EQ(bank_.ctl(anew).code, 1) << "without a reason";
  std::vector<std::string> reasoned = anew;
  reasoned.insert(reasoned.end(), {"--reason", "the disk with the key is gone"});
  const Bank::Ran made = bank_.ctl(reasoned);
  ASSERT_EQ(made.code, 0) << made.output;
  EXPECT_EQ(bank_.ctl(reasoned).code, 1) << "the key is there now";
  const Bank::Ran verified = bank_.ctl({"journal", "verify", "--config", bank_.site_file()});
  EXPECT_EQ(verified.code, 0) << verified.output;
  bank_.start_daemon();
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  acknowledge(1);
  EXPECT_EQ(bank_.stop_daemon(), 0);
  EXPECT_EQ(bank_.ctl({"journal", "verify", "--config", bank_.site_file()}).code, 0);
  // The old one, found again, is not taken for the new one.
  fs::remove(key);
  fs::copy(bank_.directory() / "kept", key);
  const std::size_t later = log_size();
  bank_.start_daemon();
  expect_watching_without_a_record(later);
  EXPECT_THAT(new_log(later), ::testing::HasSubstr("is not the one of this record"));
}

TEST_F(RecoverTest, AVanishedTailCanBeAcceptedAndTheJournalSaysWhoDidIt) {
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  acknowledge(3);
  EXPECT_EQ(bank_.stop_daemon(), 0);
  fs::copy(store(), bank_.directory() / "older");
  bank_.start_daemon();
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  acknowledge(3);
  EXPECT_EQ(bank_.stop_daemon(), 0);
  fs::remove_all(store());
  fs::copy(bank_.directory() / "older", store());  // somebody put an older copy back
  const std::size_t before = log_size();
  bank_.start_daemon();
  expect_watching_without_a_record(before);
  EXPECT_EQ(bank_.stop_daemon(), 0);
  EXPECT_THAT(new_log(before), ::testing::HasSubstr("cryobankctl store accept --config"));
  const std::vector<std::string> accept{"store", "accept", "--config", bank_.site_file()};
  EXPECT_EQ(bank_.ctl(accept).code, 1) << "without a reason";
  std::vector<std::string> reasoned = accept;
  reasoned.insert(reasoned.end(), {"--reason", "restored by mistake, the rest is on paper"});
  const Bank::Ran done = bank_.ctl(reasoned, "supervisor");
  ASSERT_EQ(done.code, 0) << done.output;
  bank_.start_daemon();
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  EXPECT_EQ(bank_.stop_daemon(), 0);
  ASSERT_EQ(bank_
                .ctl({"journal", "export", "--config", bank_.site_file(),
                      (bank_.directory() / "export").string()})
                .code,
            0);
  EXPECT_THAT(read_text((bank_.directory() / "export/journal.jsonl").string()),
              ::testing::HasSubstr("\"type\":\"loss-accepted\""));
}

TEST_F(RecoverTest, TheDaemonsBackupIsRestoredByteForByteWhileItGoesOnWorking) {
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  acknowledge(10);
  const std::string copy = (bank_.directory() / "copy.backup").string();
  const Bank::Ran asked = bank_.ctl({"store", "backup", "--config", bank_.site_file(), copy});
  ASSERT_EQ(asked.code, 0) << asked.output;
  acknowledge(2);
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(bank_.ctl({"store", "backup"}).code, 0);
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(backups()), fs::directory_iterator()), 3)
      << "as many as are kept";
  EXPECT_EQ(bank_.ctl({"store", "backup"}, "viewer").code, 1) << "a viewer may not";
  const Bank::Ran checked = bank_.ctl({"store", "check-backup", copy});
  EXPECT_EQ(checked.code, 0) << checked.output;
  const std::string restored = (bank_.directory() / "restored").string();
  EXPECT_EQ(bank_.ctl({"store", "restore", copy, restored}).code, 0);
  EXPECT_EQ(bank_.ctl({"store", "recover", "--config", bank_.site_file()}).code, 1)
      << "not while the daemon runs";
  EXPECT_TRUE(bank_.daemon_running());
}

}  // namespace
}  // namespace cryobank::test
