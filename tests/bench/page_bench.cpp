// How late a page leaves (docs/measurements.md): from a register that changed, past the delay of
// its alarm, to the page published, on virtual time to which each step of the core adds the
// processor time that it took, so that what arrives meanwhile waits as it does behind one thread.
// Idle, while a list of 100,000 vials is imported, and while 500 alarms come within a second.
// page_bench [--lines N] [--devices N] [--alarms N]. Exits 1 when a p99 is above 20 ms.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "devices/simulator/hardware.hpp"
#include "service/core/parts.hpp"
#include "tests/simulation/site.hpp"

namespace cryobank::simulation {
namespace {

constexpr double kBudgetMs = 20;
constexpr Duration kWarmUp = minutes(2);
constexpr Duration kLineTakes = milliseconds(3);
constexpr Duration kBrokerTakes = milliseconds(1);
constexpr Duration kDiskTakes = milliseconds(5);
constexpr Duration kPageTakes = milliseconds(200);
constexpr Duration kPoll = seconds(1);
constexpr Duration kMainsDelay = seconds(10);  // of mains-lost, config/alarms/catalogue.toml
constexpr Duration kUnusableDelay = minutes(1);
constexpr std::size_t kPieceBytes = 200'000;
constexpr int kFaultsEach = 4;  // alarms of one freezer of the flood

// Freezers in rooms of their own: alarms of one kind in one room would be one page.
config::SiteConfig site_of(int devices) {
  SiteOptions options;
  options.devices = devices;
  options.poll_fast = kPoll;
  Result<config::SiteConfig> site = make_site(options);
  if (!site) {
    std::fprintf(stderr, "%s\n", site.error().context.c_str());
    std::exit(2);
  }
  for (config::DeviceConfig& device : site->devices) {
    if (device.kind == config::DeviceKind::freezer) device.room = cat("room-of-", device.id.str());
  }
  return std::move(*site);
}

std::int64_t processor_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

std::string vial_line(int number, int freezers) {
  const int index = number / freezers;
  const int box = index / 81;
  const int at = index % 81;
  const char row = static_cast<char>('A' + at / 9);
  return cat("v", number, ",NK", 10'000'000 + number, ",c", number / 12, ",p", number / 24, ",,d",
             number % 12 + 1, ",1/12,quarantined,freezer-", number % freezers + 1, "-rack-",
             box / 5 + 1, "-box-", box % 5 + 1, ",", row, at % 9 + 1, "\r\n");
}

struct Pending {
  Instant at;
  std::uint64_t order;
  core::Input input;
  bool operator<(const Pending& other) const {
    return at != other.at ? at > other.at : order > other.order;
  }
};

std::string name_of(const core::Input& input) {
  if (std::holds_alternative<core::BrokerMessage>(input)) return "a message";
  if (std::holds_alternative<core::Committed>(input)) return "a commit's end";
  if (std::holds_alternative<core::Tick>(input)) return "a deadline";
  return "another";
}

struct Figures {
  std::vector<double> ms;  // one per page
  double longest_step_ms = 0;
  std::vector<std::pair<std::string, double>> long_steps;  // above the budget: by what, ms
  Duration import_took{};
  std::size_t pages = 0;
};

class Bench {
 public:
  explicit Bench(int devices)
      : site_(site_of(devices)),
        freezers_(devices - kDevicesMin + 2),
        hardware_(site_, 1),
        core_(site_, Epoch{1}, 7) {
    hardware_.set_clock(now_.wall);
    step(core::Started{});
    step(core::BrokerLink{true, 100});
    beat();
    until(now_.mono + kWarmUp);
    figures_ = {};
  }

  int freezers() const { return freezers_; }
  Now now() const { return now_; }

  // The mains of these freezers fail so that their pages are due evenly within the span.
  Figures measure(int first, int last, Duration span) {
    const Instant begin = now_.mono;
    const int count = last - first + 1;
    for (int i = 0; i < count; ++i) {
      const Duration after = seconds(0) + span * i / count;
      events_.emplace(begin + after, first + i);
    }
    until(begin + kMainsDelay + kPoll * 2 + span);
    return figures_;
  }
  // Alarms of so many freezers, all due within the second in which measure() begins to count.
  void flood(int freezers) {
    for (int i = 1; i <= freezers; ++i) {
      for (const char* const point : {"level", "temperature-top", "temperature-bottom"}) {
        fault(i, cat(R"("sensor-open","point":")", point, "\""));
      }
    }
    until(now_.mono + kUnusableDelay - kMainsDelay - kPoll);
    for (int i = 1; i <= freezers; ++i) fault(i, R"("power-failure")");
    until(now_.mono + kPoll);
  }
  // A list in pieces, and the command that imports it, up to its witness.
  void bring(int lines) {
    std::string text = "aliquot,code,course,patient,lot,dose,fraction,state,path,position\r\n";
    std::string whole;
    int piece = 0;
    for (int i = 0; i < lines; ++i) {
      text += vial_line(i, freezers_);
      if (text.size() < kPieceBytes && i + 1 < lines) continue;
      whole += text;
      command("supervisor", "bulk/piece",
              Json::object().set("list", "bench").set("piece", ++piece).set("csv", text));
      text.clear();
    }
    import_ = command("supervisor", "bulk/import",
                      Json::object().set("list", "bench").set("sha256", to_hex(sha256(whole))),
                      "witness");
    until(now_.mono + seconds(20));  // it is read whole before its witness is asked
  }
  // The witness confirms when the first page is due.
  void confirm_after(Duration wait) { confirm_at_ = now_.mono + wait; }

 private:
  void until(Instant end) {
    while (now_.mono < end) {
      const Instant due = core_.next_deadline();
      Instant next = std::min(due, end);
      if (!pending_.empty()) next = std::min(next, pending_.top().at);
      if (!events_.empty()) next = std::min(next, events_.begin()->first);
      next = std::min(next, confirm_at_);
      go_to(std::max(next, now_.mono));
      if (confirm_at_ <= now_.mono) {
        confirm_at_ = kNever;
        began_ = now_.mono;
        command("witness", "witness/confirm", Json::object().set("command", import_));
      } else if (!events_.empty() && events_.begin()->first <= now_.mono) {
        const int freezer = events_.begin()->second;
        events_.erase(events_.begin());
        fault(freezer, R"("power-failure")");
        changing_.insert(freezer);
      } else if (!pending_.empty() && pending_.top().at <= now_.mono && pending_.top().at <= due) {
        core::Input input = pending_.top().input;
        pending_.pop();
        step(input);
      } else if (due <= now_.mono) {
        step(core::Tick{});
      }
    }
  }

  void go_to(Instant at) {
    const Duration by = at - now_.mono;
    hardware_.advance(by);
    wall_rest_ns_ += by.ns;
    now_.wall = now_.wall + milliseconds(wall_rest_ns_ / 1'000'000);
    wall_rest_ns_ %= 1'000'000;
    now_.mono = at;
  }

  void step(const core::Input& input) {
    core::Effects effects;
    const std::int64_t begun = processor_ns();
    core_.step(now_, input, effects);
    const Duration cost{processor_ns() - begun};
    const double ms = static_cast<double>(cost.ns) / 1e6;
    figures_.longest_step_ms = std::max(figures_.longest_step_ms, ms);
    if (ms > kBudgetMs) figures_.long_steps.emplace_back(name_of(input), ms);
    go_to(now_.mono + cost);
    for (core::Effect& effect : effects) carry(effect);
  }

  void carry(core::Effect& effect) {
    if (const auto* send = std::get_if<core::SendLine>(&effect)) {
      devices::LineReply reply;
      reply.id = send->request.id;
      reply.line = send->request.line;
      reply.modbus = hardware_.answer(send->request.line, send->request.modbus);
      reply.took = kLineTakes;
      see_change(send->request);
      later(kLineTakes, std::move(reply));
    } else if (const auto* publish = std::get_if<core::Publish>(&effect)) {
      if (publish->id != 0) later(kBrokerTakes, core::BrokerAck{publish->id, true, 0});
      see_page(*publish);
    } else if (const auto* commit = std::get_if<core::Commit>(&effect)) {
      later(kDiskTakes, core::Committed{commit->id, {}, kDiskTakes});
    } else if (const auto* errand = std::get_if<core::RunErrand>(&effect)) {
      // On a thread of its own: what arrives meanwhile does not wait for it.
      const std::int64_t begun = processor_ns();
      errand->errand->run();
      later(Duration{processor_ns() - begun}, core::ErrandDone{errand->id});
    } else if (const auto* sign = std::get_if<core::Sign>(&effect)) {
      later(kBrokerTakes, core::Signed{sign->id, std::string("\xE2\x80\x94 bench AAAAAA==\n")});
    }
  }

  // The answer that shows a freezer's failed mains first is the change.
  void see_change(const devices::LineRequest& request) {
    for (auto freezer = changing_.begin(); freezer != changing_.end(); ++freezer) {
      const config::DeviceConfig* device = site_.find_device(freezer_id(*freezer));
      const bool its_line = site_.lines[request.line.value].id == device->line;
      if (!its_line || request.modbus.unit != device->unit || request.modbus.count < 9) continue;
      changed_[device->id.str()] = now_.mono + kLineTakes;
      changing_.erase(freezer);
      return;
    }
  }

  void see_page(const core::Publish& publish) {
    if (publish.topic.find("/page/") == std::string::npos) {
      const bool reply = publish.topic.ends_with("/bench") &&
                         publish.payload.find("\"done\"") != std::string::npos;
      if (reply && publish.payload.find(import_) != std::string::npos && began_.ns > 0) {
        figures_.import_took = now_.mono - began_;
      }
      return;
    }
    const Result<Json> page = parse_json(publish.payload);
    if (!page || page->string_or("kind", "") != "page") return;
    ++figures_.pages;
    core::BrokerMessage receipt;
    receipt.topic = publish.topic + "/receipt/pager";
    receipt.payload = Json::object().set("page", (*page)["page"]).set("status", "delivered").dump();
    later(kPageTakes, std::move(receipt));
    const std::string alarm = page->string_or("alarm", "");
    const std::size_t dot = alarm.find(".mains-lost");
    const auto changed = changed_.find(alarm.substr(0, dot));
    if (dot == std::string::npos || changed == changed_.end()) return;
    const Duration late = now_.mono - (changed->second + kMainsDelay);
    figures_.ms.push_back(static_cast<double>(late.ns) / 1e6);
    changed_.erase(changed);
  }

  static DeviceId freezer_id(int number) { return DeviceId(cat("freezer-", number)); }

  void fault(int freezer, const std::string& what) {
    const Result<Json> said = parse_json(
        cat(R"({"do":"fault","device":")", freezer_id(freezer).str(), R"(","fault":)", what, "}"));
    if (!said || !hardware_.control(*said)) {
      std::fprintf(stderr, "no fault %s\n", what.c_str());
      std::exit(2);
    }
  }

  std::string command(std::string_view user, std::string_view verb, Json body,
                      std::string_view witness = {}) {
    const std::string& root = core_.parts().bank.topics.root();
    const std::string id = core::command_id(cat("bench ", ++commands_));
    Json payload = Json::object().set("id", id).set("reason", "bench");
    payload.set("expires_at", format_utc(now_.wall + minutes(10)));
    if (!witness.empty()) payload.set("witness", witness);
    payload.set("body", std::move(body));
    core::BrokerMessage message;
    message.topic = cat(root, "command/", user, "/", verb);
    message.payload = payload.dump();
    message.response_topic = cat(root, "reply/", user, "/bench");
    message.correlation = "c";
    step(std::move(message));
    return id;
  }

  void beat() {
    core::BrokerMessage state;
    state.topic = cat(core_.parts().bank.topics.root(), "gateway/pager/state");
    Json channels = Json::array();
    for (const config::ChannelConfig& channel : site_.channels) {
      channels.push(Json::object().set("channel", channel.id.str()).set("evidence", "delivered"));
    }
    state.payload = Json::object()
                        .set("state", "online")
                        .set("site", site_.site.str())
                        .set("channels", std::move(channels))
                        .dump();
    // It beats for the whole run: each beat is an input of its own.
    for (int i = 0; i < 200; ++i) later(seconds(5) * i, state);
  }

  void later(Duration delay, core::Input input) {
    pending_.push({now_.mono + delay, ++order_, std::move(input)});
  }

  config::SiteConfig site_;
  int freezers_;
  simulator::Hardware hardware_;
  core::Core core_;
  Now now_{{1'000'000'000}, {1'795'316'400'000}};
  std::int64_t wall_rest_ns_ = 0;
  std::priority_queue<Pending> pending_;
  std::uint64_t order_ = 0;
  std::uint64_t commands_ = 0;
  std::multimap<Instant, int> events_;  // whose mains fail then
  std::set<int> changing_;              // failed, and nobody asked since
  std::map<std::string, Instant> changed_;
  std::string import_;
  Instant confirm_at_ = kNever;
  Instant began_{};
  Figures figures_;
};

bool print(const char* what, Figures figures) {
  std::sort(figures.ms.begin(), figures.ms.end());
  const auto at = [&](std::size_t per_mille) {
    return figures.ms.empty() ? 0.0 : figures.ms[(figures.ms.size() - 1) * per_mille / 1'000];
  };
  const bool met = !figures.ms.empty() && at(990) <= kBudgetMs;
  std::printf("%-38s %5zu %9.2f %9.2f %9.2f %12.1f  %s\n", what, figures.ms.size(), at(500),
              at(990), at(1'000), figures.longest_step_ms, met ? "met" : "MISSED");
  for (const auto& [by, ms] : figures.long_steps) {
    std::printf("    a step of %.0f ms by %s\n", ms, by.c_str());
  }
  return met;
}

int number(const char* text, int low, int high) {
  const auto value = parse_integer(text);
  if (value && *value >= low && *value <= high) return static_cast<int>(*value);
  std::fprintf(stderr, "expected %d to %d, came %s\n", low, high, text);
  std::exit(2);
}

int run(int argc, char** argv) {
  int lines = 100'000;
  int devices = kDevicesMax;
  int alarms = 500;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--lines") == 0) lines = number(argv[i + 1], 100, 100'000);
    if (std::strcmp(argv[i], "--devices") == 0) devices = number(argv[i + 1], 40, kDevicesMax);
    if (std::strcmp(argv[i], "--alarms") == 0) alarms = number(argv[i + 1], 4, 500);
  }
  std::printf("%-38s %5s %9s %9s %9s %12s\n", "page past its delay, ms", "pages", "p50", "p99",
              "max", "longest step");
  bool met = true;
  Duration took{};
  {
    Bench bench(devices);
    met = print("idle", bench.measure(1, bench.freezers(), seconds(8))) && met;
  }
  {
    Bench bench(devices);  // once without pages: how long it takes
    bench.bring(lines);
    bench.confirm_after(seconds(1));
    took = bench.measure(1, 1, seconds(20)).import_took;
  }
  {
    Bench bench(devices);
    bench.bring(lines);
    bench.confirm_after(kMainsDelay + kPoll);
    const Figures figures = bench.measure(1, bench.freezers(), took + seconds(1));
    met = print(cat("import of ", lines, " lines, ", took.ms(), " ms").c_str(), figures) && met;
  }
  {
    Bench bench(devices);
    const int flooded = std::min(alarms / kFaultsEach, bench.freezers() - 20);
    bench.flood(flooded);
    const Figures figures = bench.measure(flooded + 1, bench.freezers(), seconds(1));
    met =
        print(cat("flood of ", flooded * kFaultsEach, " alarms, ", figures.pages, " pages").c_str(),
              figures) &&
        met;
  }
  return met ? 0 : 1;
}

}  // namespace
}  // namespace cryobank::simulation

int main(int argc, char** argv) { return cryobank::simulation::run(argc, argv); }
