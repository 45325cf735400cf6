// Time from a change at a machine to the page of it on the broker, through the real daemon, as a
// subscriber of the real mosquitto sees it; beside it the lid's own value, which comes with the
// same poll (the alarm has no delay here). Idle, and while long lists are imported.
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <thread>

#include "base/prng.hpp"
#include "service/mqtt_io.hpp"
#include "tests/bench/bank_bench.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kRoot = "cryobank/v1/demo/";
constexpr std::string_view kAtOnce = R"(
[paging]
proof_at = "never"
verify_after = "4h"

[[alarm]]
condition = "lid-open"
device = "freezer-1"
stages = [{ priority = "p1", limit = 1, after = "0s" }]
clears_after = "0s"
by = "bench"
reason = "no delay"
)";

double ms_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

double at_share(std::vector<double> times, double share) {
  std::sort(times.begin(), times.end());
  return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
}

// What a subscriber saw of the lid's alarm, and when.
class Watcher {
 public:
  explicit Watcher(int port) {
    config::MqttConfig config;
    config.port = static_cast<std::uint16_t>(port);
    config.user = "viewer";
    client_ = std::make_unique<service::BrokerClient>(
        config, service::BrokerAccess{"page-bench", "", {}},
        [this](core::Input input) { hear(std::move(input)); });
    client_->start();
  }
  ~Watcher() { client_->stop(); }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  bool listens() const { return up_; }
  void forget() {
    const std::lock_guard lock(mutex_);
    shown_ = paged_ = {};
  }
  // True: both were seen.
  bool wait_for_page(milliseconds within) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, within, [this] {
      return shown_ != Clock::time_point{} && paged_ != Clock::time_point{};
    });
  }
  bool wait_for(std::string_view state, milliseconds within) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, within, [&] { return state_ == state; });
  }
  Clock::time_point shown() const { return shown_; }
  Clock::time_point paged() const { return paged_; }

 private:
  void hear(core::Input input) {
    const Clock::time_point now = Clock::now();
    if (const auto* link = std::get_if<core::BrokerLink>(&input)) {
      up_ = link->up;
      if (!link->up) return;
      client_->subscribe({{cat(kRoot, "page/pager-1"), cat(kRoot, "device/freezer-1/point/lid"),
                           cat(kRoot, "alarm/freezer-1.lid-open")},
                          {}});
      return;
    }
    const auto* message = std::get_if<core::BrokerMessage>(&input);
    if (message == nullptr) return;
    const std::string_view topic = std::string_view(message->topic).substr(kRoot.size());
    const auto body = parse_json(message->payload);
    const std::lock_guard lock(mutex_);
    if (topic.starts_with("alarm/")) {
      // What is closed is taken off the broker.
      state_ = body ? body->string_or("state", "closed") : std::string("closed");
    } else if (topic.starts_with("device/")) {
      const bool open = body && (*body)["value"] == Json(1);
      if (open && shown_ == Clock::time_point{}) shown_ = now;
    } else if (body && body->string_or("kind", "") == "page" &&
               body->string_or("alarm", "") == "freezer-1.lid-open" &&
               paged_ == Clock::time_point{}) {
      paged_ = now;
    }
    wake_.notify_all();
  }

  std::atomic<bool> up_{false};
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  Clock::time_point shown_{};
  Clock::time_point paged_{};
  std::string state_ = "closed";
  std::unique_ptr<service::BrokerClient> client_;
};

// Lists of 1,992 lines, one after the other, each confirmed by its witness.
class Import {
 public:
  explicit Import(Bank& bank)
      : bank_(bank), thread_([this](const std::stop_token& stop) { run(stop); }) {}
  ~Import() {
    thread_.request_stop();
    thread_.join();
  }
  Import(const Import&) = delete;
  Import& operator=(const Import&) = delete;
  int lines() const { return lines_; }

 private:
  void run(const std::stop_token& stop) {
    const auto supervisor = bank_.login("supervisor");
    const auto witness = bank_.login("witness");
    while (!stop.stop_requested() && lines_ + kLinesPerCommand < kTanks * 40'000) {
      std::string text = "aliquot,code,course,patient,lot,dose,fraction,state,path,position\r\n";
      for (int i = lines_; i < lines_ + kLinesPerCommand; ++i) text += Vial{i}.line();
      Json command = Json::object().set("id", ctl::make_command_id()).set("witness", "witness");
      command.set("body", Json::object().set("csv", std::move(text)));
      const std::string id = command["id"].string();
      const auto done = supervisor->request(
          "bulk/import", std::move(command), seconds(120), true, [&](const Json&) {
            static_cast<void>(witness->request(
                "witness/confirm", Json::object().set("body", Json::object().set("command", id)),
                seconds(60), true, [](const Json&) {}));
          });
      must(done.ok() && done->string_or("status", "") == "done",
           cat("an import: ", done ? done->dump() : done.error().context));
      lines_ += kLinesPerCommand;
    }
  }

  Bank& bank_;
  std::atomic<int> lines_{0};
  std::jthread thread_;
};

Json lid(bool open) {
  return Json::object().set("do", "lid").set("device", "freezer-1").set("open", open);
}

struct PageTimes {
  std::vector<double> page;  // from the change at the machine
  std::vector<double> value;
};

PageTimes measure(Bank& bank, Watcher& watcher, int count) {
  Prng prng(1);
  PageTimes times;
  for (int i = 0; i < count; ++i) {
    eventually(milliseconds(prng.between(1, 100)), [] { return false; });
    watcher.forget();
    const auto changed = Clock::now();
    bank.sim().ask(lid(true));
    must(watcher.wait_for_page(seconds(60)), "waiting for the page");
    times.page.push_back(ms_between(changed, watcher.paged()));
    times.value.push_back(ms_between(changed, watcher.shown()));
    // A P1 that is over wants to be confirmed.
    bank.sim().ask(lid(false));
    must(watcher.wait_for("latched", seconds(60)), "waiting for the end of the alarm");
    const Json taken =
        bank.command("supervisor", "alarm/acknowledge",
                     Json::object().set("alarm", "freezer-1.lid-open").set("reason", "going"));
    must(taken.string_or("status", "") == "done", taken.dump());
    must(watcher.wait_for("closed", seconds(60)), "waiting for it to be closed");
  }
  return times;
}

void print(const char* name, const PageTimes& times) {
  std::printf("%-10s  %10.1f  %10.1f  %10.1f  %10.1f\n", name, at_share(times.page, 0.5),
              at_share(times.page, 0.99), at_share(times.value, 0.5), at_share(times.value, 0.99));
  std::fflush(stdout);
}

void run(int count) {
  Bank bank("page-bench");
  add_vaults(bank);
  bank.set_freezer_poll("100ms");
  bank.add_config(kAtOnce);
  std::string site = read_text(bank.site_file());
  const std::string_view signing = "required = true";
  site.replace(site.find(signing), signing.size(), "required = false");
  std::ofstream(bank.site_file()) << site;
  bank.start_all();
  must(bank.wait_online(seconds(60)), "the daemon's start");
  Watcher watcher(bank.broker_port());
  must(eventually(seconds(20), [&] { return watcher.listens(); }), "the subscriber");
  print("idle", measure(bank, watcher, count));
  const Import import(bank);
  must(eventually(seconds(60), [&] { return import.lines() > 0; }), "the first import");
  const auto begun = Clock::now();
  const int before = import.lines();
  print("importing", measure(bank, watcher, count));
  std::printf("imported meanwhile: %d lines in %.1f s\n", import.lines() - before,
              ms_between(begun, Clock::now()) / 1000);
}

}  // namespace
}  // namespace cryobank::test

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 100;
  if (count < 2 || count > 10'000) {
    std::fprintf(stderr, "usage: page_bench [PAGES 2-10000]\n");
    return 2;
  }
  std::printf("to the page on the broker, polled every 100 ms, %d pages; times in ms\n", count);
  std::printf("               page p50         p99   value p50         p99\n");
  cryobank::test::run(count);
  return 0;
}
