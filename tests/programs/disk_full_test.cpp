// The real daemon on a disk that is really full, a file system in memory of its own: commands are
// refused and told so, alarms and pages go on, a restart comes up all the same, and with space
// again it goes on by itself without losing anything. Mounting needs root.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "base/text.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

class SmallDisk {
 public:
  explicit SmallDisk(fs::path where) : path_(std::move(where)) {
    fs::create_directories(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=300m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  const fs::path& path() const { return path_; }
  // Leaves `free` bytes.
  void fill(std::uintmax_t free) {
    const int file = ::open((path_ / "filler").c_str(), O_WRONLY | O_CREAT, 0600);
    const std::uintmax_t space = fs::space(path_).available;
    EXPECT_GT(space, free);
    EXPECT_EQ(::posix_fallocate(file, 0, static_cast<off_t>(space - free)), 0);
    ::close(file);
  }
  void clear() { fs::remove(path_ / "filler"); }

 private:
  const fs::path path_;
  bool mounted_ = false;
};

Json register_course(Bank& bank, const std::string& course) {
  Json body = Json::object();
  body.set("course", course).set("patient", "patient-1").set("doses", 3);
  return bank.command("operator", "course/register", std::move(body));
}

bool alarm_stands(Bank& bank, const std::string& alarm) {
  return bank.retained("alarm/" + alarm).bool_or("active", false);
}

// Any page about the alarm, from now on.
bool paged(Bank& bank, const std::string& alarm, const std::function<void()>& cause) {
  const auto session = bank.login("viewer");
  bool caused = false;
  bool found = false;
  // The first message is a retained one or a beat: the subscription stands, so the cause may come.
  EXPECT_TRUE(session
                  ->follow("#", seconds(40),
                           [&](const ctl::Message& message) {
                             if (!std::exchange(caused, true)) cause();
                             found = message.topic.starts_with("page/") &&
                                     message.payload.find(alarm) != std::string::npos;
                             return !found;
                           })
                  .ok());
  return found;
}

constexpr std::uintmax_t kWithinTheReserve = 90u << 20;

TEST(DiskFull, CommandsAreRefusedAlarmsAndPagesGoOnAndItRecoversByItself) {
  Bank bank("disk-full");
  SmallDisk disk(bank.directory() / "disk");
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small file system needs root";
  bank.set_store((disk.path() / "store").string());
  bank.start_all();
  ASSERT_TRUE(bank.wait_online(seconds(20)));
  EXPECT_EQ(register_course(bank, "before").string_or("status", ""), "done");

  disk.fill(kWithinTheReserve);
  const Json refused = register_course(bank, "refused");
  EXPECT_EQ(refused.string_or("status", ""), "failed") << refused.dump();
  EXPECT_EQ(refused.string_or("code", ""), "unavailable");
  EXPECT_THAT(refused.string_or("message", ""), ::testing::HasSubstr("is full"));
  EXPECT_TRUE(bank.retained("course/refused").is_null());
  // What only reads is answered, at once, and its id is free again.
  for (const auto& [verb, body] :
       {std::pair("aliquot/find", Json::object().set("code", "before-d01-1")),
        std::pair("report/risk", Json::object().set("course", "before")),
        std::pair("hold/list", Json::object())}) {
    const auto asked = std::chrono::steady_clock::now();
    const Json answer = bank.command("supervisor", verb, body);
    EXPECT_EQ(answer.string_or("status", ""), "done") << verb << " " << answer.dump();
    EXPECT_LT(std::chrono::steady_clock::now() - asked, seconds(2)) << verb;
  }
  EXPECT_TRUE(eventually(seconds(10), [&] { return alarm_stands(bank, "service.store-failed"); }));
  EXPECT_TRUE(paged(bank, "freezer-2", [&] {
    bank.sim().ask(
        Json::object().set("do", "fault").set("device", "freezer-2").set("fault", "dead"));
  })) << "a machine that falls silent is paged although nothing can be written";

  // A restart in the middle of it: nobody may be without alarms because a disk is full.
  bank.kill_daemon();
  bank.start_daemon();
  EXPECT_TRUE(eventually(seconds(20), [&] {
    const Json state = bank.retained("service/state");
    return state.integer_or("epoch", 0) == 2 && state.string_or("state", "") == "online" &&
           state.string_or("record", "") == "failing";
  })) << "what it says of machines is no older than usual";
  EXPECT_TRUE(paged(bank, "freezer-3", [&] {
    bank.sim().ask(
        Json::object().set("do", "fault").set("device", "freezer-3").set("fault", "dead"));
  })) << read_text(bank.daemon_log());
  EXPECT_EQ(register_course(bank, "refused-too").string_or("status", ""), "failed");
  // Whoever comes into the house meanwhile is known, also when the record is back.
  std::ofstream(bank.directory() / "config/demo/users.toml", std::ios::app)
      << "\n[[user]]\nid = \"ada\"\nroles = [\"viewer\", \"supervisor\"]\n";
  ASSERT_EQ(::kill(bank.daemon_pid(), SIGHUP), 0);
  EXPECT_TRUE(eventually(seconds(20), [&] {
    return bank.command("ada", "hold/list", Json::object()).string_or("status", "") == "done";
  }));

  disk.clear();
  ASSERT_TRUE(bank.wait_online(seconds(40)));
  EXPECT_TRUE(eventually(seconds(40), [&] { return !alarm_stands(bank, "service.store-failed"); }));
  EXPECT_EQ(register_course(bank, "after").string_or("status", ""), "done");
  EXPECT_EQ(bank.command("ada", "hold/list", Json::object()).string_or("status", ""), "done");
  EXPECT_EQ(bank.stop_daemon(), 0);
  const Bank::Ran verified = bank.ctl({"journal", "verify", "--config", bank.site_file()});
  EXPECT_EQ(verified.code, 0) << verified.output;
  bank.start_daemon();
  ASSERT_TRUE(bank.wait_online(seconds(20)));
  EXPECT_FALSE(bank.retained("course/before").is_null());
  EXPECT_FALSE(bank.retained("course/after").is_null());
  EXPECT_TRUE(bank.retained("course/refused").is_null()) << "what was refused does not come back";
}

}  // namespace
}  // namespace cryobank::test
