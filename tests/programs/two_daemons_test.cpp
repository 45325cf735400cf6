// Two daemons of one site, as a clean-up script, a restore, a copied folder or a copied machine
// make them: whatever was removed or copied, one record has one writer, nothing that was
// acknowledged is lost, and where both reach the broker both tell that there is a second one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <leveldb/db.h>

#include <csignal>
#include <fstream>
#include <set>

#include "base/text.hpp"
#include "inventory/record/high_water_io.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

class TwoDaemonsTest : public ::testing::Test {
 protected:
  TwoDaemonsTest() : bank_("two-daemons") { bank_.start_all(); }

  fs::path store() const { return bank_.directory() / "store"; }
  std::string log() const { return read_text(bank_.daemon_log()); }
  std::string second_log() const { return read_text((bank_.directory() / "second.log").string()); }

  // A second daemon, of the same site file or of a copy with another store.
  Process second(const std::string& site_file) {
    return Process({std::string(CRYOBANK_BIN_DIR) + "/cryobankd", "--config", site_file},
                   (bank_.directory() / "second.log").string());
  }
  // Everything that lies beside the store is copied with it, as a copied disk is.
  std::string copied_site() {
    const fs::path other = bank_.directory() / "copied";
    fs::create_directories(other);
    for (const char* name : {"store", "high-water", "signing-key", "journal-copy.jsonl"}) {
      if (fs::exists(bank_.directory() / name)) {
        fs::copy(bank_.directory() / name, other / name, fs::copy_options::recursive);
      }
    }
    std::string site = read_text(bank_.site_file());
    const std::string from = cat("directory = \"", store().string(), "\"");
    site.replace(site.find(from), from.size(),
                 cat("directory = \"", (other / "store").string(), "\""));
    const std::string file = bank_.site_file() + ".copied.toml";
    std::ofstream(file) << site;
    return file;
  }

  bool acknowledge(int courses) {
    const auto session = bank_.login("operator");
    for (int i = 0; i < courses; ++i) {
      const std::string course = cat("course-", ++courses_);
      Json body = Json::object().set("course", course).set("patient", "patient-1");
      const auto reply =
          session->request("course/register", Json::object().set("body", body.set("doses", 3)),
                           seconds(10), true, [](const Json&) {});
      if (!reply || reply->string_or("status", "") != "done") return false;
      acknowledged_.insert(course);
    }
    return true;
  }
  void expect_everything_acknowledged() {
    for (const std::string& course : acknowledged_) {
      EXPECT_FALSE(bank_.retained("course/" + course).is_null()) << course;
    }
  }

  Bank bank_;
  int courses_ = 0;
  std::set<std::string> acknowledged_;
};

TEST_F(TwoDaemonsTest, AMissingLockFileLetsNoSecondOneIn) {
  ASSERT_TRUE(bank_.wait_online(seconds(30)));
  ASSERT_TRUE(acknowledge(3));
  fs::remove(store() / "LOCK");
  Process other = second(bank_.site_file());
  EXPECT_EQ(other.wait(seconds(20)), 1);
  EXPECT_THAT(second_log(), ::testing::HasSubstr("another process has the store in"));
  EXPECT_TRUE(acknowledge(3)) << "the first one goes on";
  bank_.kill_daemon();
  bank_.start_daemon();
  ASSERT_TRUE(bank_.wait_online(seconds(30)));
  expect_everything_acknowledged();
}

TEST_F(TwoDaemonsTest, AFolderThatWasReplacedUnderItEndsTheFirstOne) {
  ASSERT_TRUE(bank_.wait_online(seconds(30)));
  ASSERT_TRUE(acknowledge(2));
  // A restore: the folder is moved away, a copy takes its place, and what is beside it is gone.
  fs::rename(store(), bank_.directory() / "moved");
  fs::copy(bank_.directory() / "moved", store(), fs::copy_options::recursive);
  fs::remove(bank_.directory() / "high-water");
  EXPECT_FALSE(acknowledge(1)) << "nothing is acknowledged that the next start does not know";
  EXPECT_EQ(bank_.wait_daemon_end(seconds(20)), 1);
  EXPECT_THAT(log(), ::testing::HasSubstr("was moved or replaced while this process worked on it"));
  bank_.start_daemon();
  ASSERT_TRUE(bank_.wait_online(seconds(30)));
  expect_everything_acknowledged();
}

TEST_F(TwoDaemonsTest, WhoeverOpensTheStoreWithoutAskingEndsTheDaemon) {
  ASSERT_TRUE(bank_.wait_online(seconds(30)));
  ASSERT_TRUE(acknowledge(2));
  fs::remove(store() / "LOCK");
  leveldb::DB* foreign = nullptr;
  ASSERT_TRUE(leveldb::DB::Open({}, store().string(), &foreign).ok());
  delete foreign;
  EXPECT_FALSE(acknowledge(1));
  EXPECT_EQ(bank_.wait_daemon_end(seconds(20)), 1);
  EXPECT_THAT(log(), ::testing::HasSubstr("another process opened the store in"));
}

TEST_F(TwoDaemonsTest, AHigherEpochEndsTheDaemonBeforeItsNextCommit) {
  ASSERT_TRUE(bank_.wait_online(seconds(30)));
  ASSERT_TRUE(acknowledge(1));
  {
    // As the start of another daemon writes it, where no lock reaches: on another computer.
    const auto mark = inventory::HighWater::open((bank_.directory() / "mark").string());
    ASSERT_TRUE(mark.ok());
    ASSERT_TRUE((*mark)->write({1, Sha256{}, Epoch{99}}).ok());
  }
  fs::rename(bank_.directory() / "mark", bank_.directory() / "high-water");
  EXPECT_FALSE(acknowledge(1));
  EXPECT_EQ(bank_.wait_daemon_end(seconds(20)), 1);
  EXPECT_THAT(log(), ::testing::HasSubstr("tells the epoch 99, this daemon's is 1"));
  const Json alarm = bank_.retained("alarm/service.second-daemon");
  EXPECT_EQ(alarm.string_or("priority", ""), "p1") << alarm.dump();
}

TEST_F(TwoDaemonsTest, TwoOfACopiedStoreTellOfEachOther) {
  ASSERT_TRUE(bank_.wait_online(seconds(30)));
  ASSERT_TRUE(acknowledge(1));
  EXPECT_EQ(bank_.stop_daemon(), 0);
  const std::string site = copied_site();
  bank_.start_daemon();
  ASSERT_TRUE(bank_.wait_online(seconds(30)));
  Process other = second(site);
  const auto told = [](const std::string& text) {
    return text.find("two of the same identity run") != std::string::npos;
  };
  EXPECT_TRUE(eventually(seconds(30), [&] { return told(log()) && told(second_log()); }))
      << log() << second_log();
  EXPECT_TRUE(eventually(seconds(30), [&] {
    return bank_.retained("alarm/service.second-daemon").bool_or("active", false);
  }));
  EXPECT_EQ(bank_.ctl({"alarm", "ls"}, "viewer").code, 0);
  EXPECT_FALSE(acknowledge(1)) << "two records would tell two truths";
  other.stop(SIGTERM);
  EXPECT_TRUE(eventually(seconds(100), [&] { return acknowledge(1); })) << log();
}

}  // namespace
}  // namespace cryobank::test
