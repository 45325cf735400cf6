// A thousand faults per channel (attack.hpp): the kinds behind a spool folder and a program.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "base/check.hpp"
#include "tests/pager/attack.hpp"
#include "tests/pager/fault_peer.hpp"
#include "tests/programs/process.hpp"

namespace cryobank::pager {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kDeviceSeed = 20'261'201;

// What was truly done with each page, by its text or id.
class Truth {
 public:
  void know(const std::string& page, int depth) {
    const std::lock_guard lock(mutex_);
    int& known = pages_[page];
    known = std::max(known, depth);
  }
  int of(const std::string& page) {
    const std::lock_guard lock(mutex_);
    const auto found = pages_.find(page);
    return found == pages_.end() ? 0 : found->second;
  }

 private:
  std::mutex mutex_;  // guards pages_
  std::map<std::string, int> pages_;
};

class DeviceFaults : public ::testing::Test {
 protected:
  DeviceFaults() : folder_(fs::temp_directory_path() / cat("cryobank-faults-", ::getpid())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~DeviceFaults() override { fs::remove_all(folder_); }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }

  fs::path folder_;
  Truth truth_;
  std::atomic<bool> faults_{true};
};

// ---- smsd, as the spool folder shows it

class FaultSmsd {
 public:
  FaultSmsd(fs::path spool, Truth& truth, const std::atomic<bool>& faults)
      : spool_(std::move(spool)), truth_(truth), faults_(faults), prng_(kDeviceSeed + 1) {
    for (const char* name : {"outgoing", "checked", "sent", "failed", "incoming", "report"}) {
      fs::create_directories(spool_ / name);
    }
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) look();
    });
  }
  ~FaultSmsd() {
    thread_.request_stop();
    thread_.join();
  }
  FaultSmsd(const FaultSmsd&) = delete;
  FaultSmsd& operator=(const FaultSmsd&) = delete;

 private:
  void look() {
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator(spool_ / "outgoing", gone)) {
      const std::string name = entry.path().filename();
      if (!seen_.insert(name).second) continue;
      take(name);
    }
    test::eventually(std::chrono::milliseconds(2), [] { return false; });
  }

  void take(const std::string& name) {
    const std::string whole = test::read_text(spool_ / "outgoing" / name);
    const std::size_t body = whole.find("\n\n");
    const std::string text(trim(std::string_view(whole).substr(body + 2)));
    const std::uint64_t fault = faults_ ? prng_.below(10) : 9;
    std::error_code gone;
    if (fault == 0) return;  // smsd does not run
    fs::rename(spool_ / "outgoing" / name, spool_ / "checked" / name, gone);
    if (gone) return;        // it was taken back
    if (fault == 1) return;  // the modem hangs with it
    if (fault == 2) return end(name, "failed", cat("Fail_reason: Modem said ERROR\n", whole));
    if (fault == 3) return end(name, "failed", "");
    truth_.know(text, 1);
    const std::string id = cat(++ids_);
    if (fault == 4) return end(name, "sent", whole);  // no id: no report will ever fit
    end(name, "sent", cat("Message_id: ", id, "\nSent: 26-11-22 03:00:05\n", whole));
    if (fault == 5) return;
    if (fault == 6) return report(cat("Message_id: ", id, "\nStatus: 48,Temporary error\n"));
    if (fault == 7) return report(cat("Message_id: ", id + "000", "\nStatus: 0,Ok\n"));
    if (fault == 8) return report(cat("Message_id: ", id, "\nStatus:\n\xFF\xFE"));
    truth_.know(text, 2);
    report(cat("Message_id: ", id, "\nStatus: 0,Ok,short message received by the SME\n"));
  }

  // The file is whole where it is looked for.
  void end(const std::string& name, const char* folder, const std::string& text) {
    std::ofstream(spool_ / "ends") << text;
    fs::rename(spool_ / "ends", spool_ / folder / name);
    fs::remove(spool_ / "checked" / name);
  }
  void report(const std::string& body) {
    std::ofstream(spool_ / "ends") << "From: 491701234567\n\nSMS STATUS REPORT\n" << body;
    fs::rename(spool_ / "ends", spool_ / "report" / cat("r", ++reports_));
  }

  fs::path spool_;
  Truth& truth_;
  const std::atomic<bool>& faults_;
  Prng prng_;
  std::set<std::string> seen_;
  int ids_ = 0;
  int reports_ = 0;
  std::jthread thread_;
};

TEST_F(DeviceFaults, NoFileIsReportedDeliveredThatSmsdHasNoReportFor) {
  FaultSmsd smsd(folder_ / "spool", truth_, faults_);
  const auto driver = make_driver(
      cat("kind = \"smstools\"\nspool = \"", file("spool"), "\"\nnumber = \"+491701234567\"\n"));
  Attack attack;
  attack.truth = [this](const Outgoing& page) { return truth_.of(page.text); };
  attack.hears = true;
  attack.relent = [this] { faults_ = false; };
  const Score score = carry_out(attack, *driver);
  EXPECT_GT(score.reported, 20);
}

// ---- a program that is killed, hangs, floods, lies in its words and leaves children behind

constexpr std::string_view kProgramThatFails = R"(#!/bin/sh
read -r line
n=${line##*\"page\":\"7-}
n=${n%%\"*}
fault=$((n * 7919 % 11))
test -f "$0.relent" && fault=0
case $fault in
1) exit 3 ;;
2) sleep 20 ;;
3) kill -9 $$ ;;
4) echo "$n" >> "$0.shown"; head -c 60000 /dev/zero; exit 0 ;;
5) sleep 20 & exit 4 ;;
6) exec <&- >&-; exit 1 ;;
7) echo "$n" >> "$0.shown"; printf '{"status":5}\n{"status"\n[]\n\377\n'; exit 0 ;;
8) echo '{"status":"delivered","page":"7-'$n'"}'; exit 1 ;;
9) yes ;;
*) echo "$n" >> "$0.shown"; exit 0 ;;
esac
)";

TEST_F(DeviceFaults, NoPageIsSaidToBeDeliveredByAProgramThatDidNotEndWell) {
  std::ofstream(file("house")) << kProgramThatFails;
  fs::permissions(file("house"), fs::perms::owner_all);
  const auto driver = make_driver(
      cat("kind = \"program\"\nprogram = \"", file("house"), "\"\nexit_means = \"delivered\"\n"));
  Attack attack;
  attack.truth = [this](const Outgoing& page) {
    const std::string shown = "\n" + test::read_text(file("house.shown"));
    return shown.find(cat("\n", page.id.substr(2), "\n")) == std::string::npos ? 0 : 2;
  };
  attack.hears = true;
  attack.relent = [this] { std::ofstream(file("house.relent")) << "1"; };
  const Score score = carry_out(attack, *driver);
  EXPECT_GT(score.delivered, 200);
  EXPECT_EQ(score.reported, 0) << "a program says what became of a page by its end alone";
}

}  // namespace
}  // namespace cryobank::pager
