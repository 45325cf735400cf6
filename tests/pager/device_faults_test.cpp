// A thousand faults per channel (attack.hpp): the kinds behind a serial line, a spool folder and a
// program.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "base/check.hpp"
#include "service/clock_io.hpp"
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

// ---- a GSM modem on a serial line that is pulled out, hangs, lies and comes back

// As a centre one hour east of Greenwich writes it.
std::string centre_time(WallTime at) {
  std::string text = format_utc(at + hours(1)).substr(2, 17);
  std::ranges::replace(text, '-', '/');
  text[8] = ',';
  return text + "+04";
}

class FaultModem {
 public:
  FaultModem(std::string link, Truth& truth, const std::atomic<bool>& faults)
      : link_(std::move(link)), truth_(truth), faults_(faults), prng_(kDeviceSeed) {
    plug_in();
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  ~FaultModem() {
    thread_.request_stop();
    thread_.join();
    unplug();
  }
  FaultModem(const FaultModem&) = delete;
  FaultModem& operator=(const FaultModem&) = delete;

 private:
  void plug_in() {
    master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(master_ >= 0 && ::grantpt(master_) == 0 && ::unlockpt(master_) == 0);
    const std::string name = ::ptsname(master_);
    // Held open, so that the line does not hang up whenever the driver closes it.
    slave_ = ::open(name.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    termios raw{};
    ::tcgetattr(slave_, &raw);
    ::cfmakeraw(&raw);
    ::tcsetattr(slave_, TCSANOW, &raw);
    fs::remove(link_ + ".new");
    fs::create_symlink(name, link_ + ".new");
    fs::rename(link_ + ".new", link_);
  }
  void unplug() const {
    ::close(slave_);
    ::close(master_);
  }

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      PeerLine line(master_, faults_ ? 12 : 0, prng_.next());
      while (serve(line)) {
        if (stop.stop_requested()) return;
      }
      // The next one is there before the line breaks: a thousand pages must not be spent on
      // nothing.
      const int master = master_;
      const int slave = slave_;
      plug_in();
      ::close(slave);
      ::close(master);
    }
  }

  bool serve(PeerLine& line) {
    bool said = false;
    std::string command;
    if (!line.read_until("\r", command)) return true;  // nothing was asked
    if (!command.starts_with("AT+CMGS=")) {
      return line.reply("\r\nOK\r\n", "\r\nERROR\r\n", said);
    }
    if (!line.reply("\r\n> ", "\r\n+CMS ERROR: 500\r\n", said)) return false;
    std::string text;
    if (!line.read_until("\x1a\x1b", text)) return false;
    if (text.back() == '\x1b') return true;
    text.pop_back();
    truth_.know(text, 1);
    const int reference = 1 + ++references_ % 200;
    if (!line.reply(cat("\r\n+CMGS: ", reference, "\r\n\r\nOK\r\n"), "\r\n+CMS ERROR: 38\r\n",
                    said)) {
      return false;
    }
    return report(line, text, reference);
  }

  bool report(PeerLine& line, const std::string& text, int reference) {
    const auto cds = [](std::string_view number, std::string_view status,
                        Duration ago = Duration{}) {
      const std::string taken = centre_time(service::wall_clock() - ago);
      return cat("\r\n+CDS: 6,", number, ",\"+491701234567\",145,\"", taken, "\",\"", taken, "\",",
                 status, "\r\n");
    };
    bool said = false;
    switch (prng_.below(8)) {
      case 7:  // of the message that had this reference before
        return line.reply(cds(cat(reference), "0", minutes(20)), "", said);
      case 0:
        return true;  // never a word
      case 1:
        return line.reply(cds(cat(210 + reference % 40), "0"), "", said);  // another's
      case 2:
        return line.reply(cds(cat(reference), "48"), "", said);  // the centre still tries
      case 3:
        return line.reply(cds(cat(reference), "70"), "", said);  // given up
      case 4:
        return line.reply(cds(cat(reference), "x"), "", said);
      default:
        truth_.know(text, 2);
        return line.reply(cds(cat(reference), "0"), "\r\nERROR\r\n", said);
    }
  }

  std::string link_;
  Truth& truth_;
  const std::atomic<bool>& faults_;
  Prng prng_;
  int references_ = 0;
  int master_ = -1;
  int slave_ = -1;
  std::jthread thread_;
};

TEST_F(DeviceFaults, NoMessageIsReportedDeliveredThatTheNetworkDidNotReport) {
  FaultModem modem(file("modem"), truth_, faults_);
  const auto driver = make_driver(
      cat("kind = \"sms-modem\"\npath = \"", file("modem"), "\"\nnumber = \"+491701234567\"\n"));
  Attack attack;
  attack.truth = [this](const Outgoing& page) { return truth_.of(page.text); };
  attack.hears = true;
  attack.relent = [this] { faults_ = false; };
  const Score score = carry_out(attack, *driver);
  EXPECT_GT(score.reported, 20);
}

// ---- smsd, as the spool folder shows it

class FaultSmsd {
 public:
  FaultSmsd(fs::path spool, Truth& truth, const std::atomic<bool>& faults, std::uint64_t seed)
      : spool_(std::move(spool)), truth_(truth), faults_(faults), prng_(seed) {
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

// Several at once, since a file is mostly waited for.
TEST_F(DeviceFaults, NoFileIsReportedDeliveredThatSmsdHasNoReportFor) {
  constexpr int kSpools = 5;
  std::atomic<int> reported{0};
  std::vector<std::jthread> spools;
  for (int i = 0; i < kSpools; ++i) {
    spools.emplace_back([&, i] {
      Truth truth;
      std::atomic<bool> faults{true};
      const std::string spool = cat("spool-", i);
      FaultSmsd smsd(folder_ / spool, truth, faults, kDeviceSeed + static_cast<std::uint64_t>(i));
      const auto driver = make_driver(
          cat("kind = \"smstools\"\nspool = \"", file(spool), "\"\nnumber = \"+491701234567\"\n"));
      Attack attack;
      attack.faults = 1000 / kSpools;
      attack.truth = [&truth](const Outgoing& page) { return truth.of(page.text); };
      attack.hears = true;
      attack.relent = [&faults] { faults = false; };
      reported += carry_out(attack, *driver).reported;
    });
  }
  spools.clear();
  EXPECT_GT(reported, 20);
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
