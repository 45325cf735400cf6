#include "tests/simulation/fault_plan.hpp"

#include <algorithm>
#include <utility>

namespace cryobank::simulation {
namespace {

constexpr std::string_view kNames[] = {"lines",  "robots", "probes", "physics",
                                       "broker", "store",  "clock",  "kills"};
// The shortest and the longest mean time between two faults of a family.
constexpr std::int64_t kOftenestSeconds = 40;
constexpr std::int64_t kSeldomestSeconds = 7'200;
// After a lie ends: values that were believed are replaced by then, and delays have run out.
constexpr Duration kLieLingers = minutes(30);

struct LinkFault {
  std::string_view name;
  bool whole_line;  // may strike a line as well as one unit
};
constexpr LinkFault kLinkFaults[] = {
    {"delay", true},      {"request-lost", true}, {"reply-lost", true}, {"garbage", true},
    {"truncated", true},  {"one-behind", true},   {"wrong-unit", true}, {"misrouted", false},
    {"exception", false}, {"half-open", true},    {"dead", true},       {"gateway", false},
    {"duplicate", true},  {"disconnected", true}, {"drip", true}};

constexpr std::string_view kRobotFaults[] = {"jam",
                                             "drop",
                                             "wrong-code",
                                             "unreadable",
                                             "false-done",
                                             "never-done",
                                             "power-cut",
                                             "slow",
                                             "ignores",
                                             "interlock",
                                             "manual-mode",
                                             "gripper-sensor",
                                             "frozen-heartbeat"};
constexpr std::string_view kSteps[] = {"to-source", "holding", "to-destination", "placed"};

constexpr std::string_view kProbeFaults[] = {"sensor-stuck",  "sensor-drift", "sensor-open",
                                             "sensor-offset", "sensor-noise", "sensor-coarse"};
constexpr std::string_view kProbes[] = {"level", "temperature-top", "temperature-bottom"};

}  // namespace

std::string_view name_of(FaultFamily family) { return kNames[static_cast<std::size_t>(family)]; }

FaultPlan::FaultPlan(Stage& stage, SimBroker& broker, std::uint64_t seed,
                     std::function<void()> kill)
    : stage_(stage), broker_(broker), prng_(seed), kill_(std::move(kill)) {
  for (int family = 0; family < kFaultFamilies; ++family) {
    if (prng_.chance(1, 3)) continue;
    // Each factor of two between the bounds is equally likely.
    std::int64_t every = kOftenestSeconds << prng_.below(8);
    every = std::min(every + prng_.between(0, every), kSeldomestSeconds);
    families_.push_back({static_cast<FaultFamily>(family), seconds(every)});
  }
}

std::string FaultPlan::describe() const {
  std::string out;
  for (const Family& family : families_) {
    out += cat(out.empty() ? "" : ", ", name_of(family.family), " every ", family.every.seconds(),
               " s");
  }
  return out.empty() ? "no faults" : out;
}

void FaultPlan::start() {
  for (std::size_t family = 0; family < families_.size(); ++family) next(family);
}

void FaultPlan::next(std::size_t family) {
  const std::int64_t mean = families_[family].every.ms();
  stage_.after(milliseconds(prng_.between(mean / 20, mean * 2)), [this, family] {
    if (over_) return;
    strike(families_[family].family);
    next(family);
  });
}

void FaultPlan::strike(FaultFamily family) {
  switch (family) {
    case FaultFamily::lines:
      return strike_lines();
    case FaultFamily::robots:
      return strike_robots();
    case FaultFamily::probes:
      return strike_probes();
    case FaultFamily::physics:
      return strike_physics();
    case FaultFamily::broker:
      return strike_broker();
    case FaultFamily::store:
      return strike_store();
    case FaultFamily::clock:
      return strike_clock();
    case FaultFamily::kills:
      return kill_();
  }
}

const config::DeviceConfig& FaultPlan::draw(config::DeviceKind kind) {
  std::vector<const config::DeviceConfig*> fitting;
  for (const config::DeviceConfig& device : stage_.site.devices) {
    if (device.kind == kind) fitting.push_back(&device);
  }
  CHECK(!fitting.empty());
  return *fitting[prng_.below(fitting.size())];
}

Json FaultPlan::fault(std::string_view name, std::int64_t from_s, std::int64_t to_s) {
  stage_.trace.note(stage_.clock.now(), cat("fault ", name));
  Json command = Json::object().set("do", "fault").set("fault", name);
  command.set("duration_s", prng_.between(from_s, to_s));
  return command;
}

void FaultPlan::strike_lines() {
  const LinkFault& chosen = kLinkFaults[prng_.below(std::size(kLinkFaults))];
  Json command = fault(chosen.name, 1, prng_.chance(1, 4) ? 900 : 20);
  if (chosen.whole_line && prng_.chance(1, 3)) {
    command.set("line", stage_.site.lines[prng_.below(stage_.site.lines.size())].id.str());
  } else {
    const auto& devices = stage_.site.devices;
    command.set("device", devices[prng_.below(devices.size())].id.str());
  }
  if (chosen.name == "delay") command.set("ms", prng_.between(50, 8'000));
  if (chosen.name == "exception") command.set("code", prng_.between(1, 11));
  if (chosen.name == "disconnected") command.set("executed", prng_.chance(1, 2));
  const bool total = chosen.name == "dead" || chosen.name == "half-open";
  if (!total) command.set("probability", Milli{prng_.between(20, 1'000)});
  // Another unit's values, or old ones, pass for this one's on a serial line.
  if (chosen.name == "misrouted" || chosen.name == "one-behind") {
    const Instant until = stage_.mono() + seconds(900) + kLieLingers;
    for (const config::DeviceConfig& device : stage_.site.devices) {
      stage_.lying_until[device.id.str()] = until;
    }
  }
  stage_.control(command);
}

void FaultPlan::strike_robots() {
  const std::string_view name = kRobotFaults[prng_.below(std::size(kRobotFaults))];
  Json command = fault(name, 5, 300);
  command.set("device", draw(config::DeviceKind::robot).id.str());
  if (name == "jam" || name == "drop" || name == "power-cut") {
    command.set("at", kSteps[prng_.below(std::size(kSteps))]);
  }
  if (name == "wrong-code" || name == "unreadable") {
    command.set("at", prng_.chance(1, 2) ? "pick" : "place");
    command.set("lie", prng_.chance(1, 2));
  }
  if (name == "drop") command.set("silent", prng_.chance(1, 2));
  if (name == "power-cut") command.set("off_ms", prng_.between(1'000, 60'000));
  if (name == "slow") command.set("factor", prng_.between(2, 10));
  if (name == "interlock") command.set("bits", prng_.between(1, 31));
  if (name == "gripper-sensor") command.set("occupied", prng_.between(0, 1));
  stage_.control(command);
}

void FaultPlan::strike_probes() {
  const std::string_view name = kProbeFaults[prng_.below(std::size(kProbeFaults))];
  Json command = fault(name, 30, 3'600);
  const std::string& device = draw(config::DeviceKind::freezer).id.str();
  command.set("device", device);
  command.set("point", kProbes[prng_.below(std::size(kProbes))]);
  stage_.lying_until[device] = stage_.mono() + seconds(3'600) + kLieLingers;
  stage_.control(command);
}

void FaultPlan::strike_physics() {
  const std::string& freezer = draw(config::DeviceKind::freezer).id.str();
  Json act = Json::object().set("device", freezer);
  switch (prng_.below(8)) {
    case 0:
      act.set("do", "lid").set("open", true).set("seconds", prng_.between(20, 3'000));
      break;
    case 1:
      act.set("do", "level").set("mm", prng_.between(0, 260));
      break;
    case 2:
      act = Json::object().set("do", "door").set("device", draw(config::DeviceKind::room).id.str());
      act.set("open", true).set("seconds", prng_.between(10, 600));
      break;
    case 3:
      act = fault("gas-leak", 60, 900);
      act.set("device", draw(config::DeviceKind::room).id.str());
      act.set("litres_per_hour", prng_.between(100, 5'000));
      break;
    case 4:
      act = fault("outlet-closed", 60, 7'200);
      act.set("device", draw(config::DeviceKind::supply).id.str());
      break;
    case 5:
      act = fault("breach", 60, 3'600).set("device", freezer);
      break;
    case 6:
      act = fault("valve-stuck-open", 60, 1'200).set("device", freezer);
      break;
    default:
      act = fault("vacuum-loss", 600, 14'400).set("device", freezer);
      break;
  }
  stage_.trace.note(stage_.clock.now(), act.dump());
  stage_.control(act);
}

void FaultPlan::strike_broker() {
  if (prng_.chance(1, 3)) {
    BrokerFaults faults;
    faults.refuse_per_mille = prng_.chance(1, 2) ? static_cast<std::uint32_t>(prng_.below(300)) : 0;
    faults.duplicate_per_mille = static_cast<std::uint32_t>(prng_.below(1'000));
    faults.ack_slow_max = milliseconds(prng_.between(0, prng_.chance(1, 2) ? 20 : 3'000));
    broker_.set_faults(faults);
    return;
  }
  const std::int64_t longest = prng_.chance(1, 4) ? 900'000 : 5'000;
  broker_.drop_link(milliseconds(prng_.between(1, longest)), static_cast<int>(prng_.below(3)));
}

void FaultPlan::strike_store() {
  stage_.trace.note(stage_.clock.now(), "fault of the store");
  switch (prng_.below(4)) {
    case 0:
      stage_.store.fail_next(static_cast<int>(prng_.between(1, 5)));
      break;
    case 1:
      stage_.store.fail_next(1);
      stage_.store.fail_reopens(static_cast<int>(prng_.between(1, 20)));
      break;
    case 2:
      stage_.store.set_full(true);
      stage_.after(seconds(prng_.between(1, 600)), [this] { stage_.store.set_full(false); });
      break;
    default:
      stage_.store.set_slow(static_cast<int>(prng_.between(10, 20'000)));
      stage_.after(seconds(prng_.between(1, 120)), [this] { stage_.store.set_slow(1); });
      break;
  }
}

void FaultPlan::strike_clock() {
  if (prng_.chance(1, 3)) return stage_.clock.set_drift(prng_.between(-500, 500));
  const std::int64_t most_s = prng_.chance(1, 3) ? 7'200 : 5;
  const Duration by = milliseconds(prng_.between(-most_s * 1'000, most_s * 1'000));
  stage_.clock.jump(by);
  stage_.hardware.set_clock(stage_.clock.now().wall);
  stage_.trace.note(stage_.clock.now(), cat("the clock jumps by ", by.ms(), " ms"));
  // A step that the edge's look can see (service/clock_io.hpp).
  if (by > milliseconds(-500) && by < milliseconds(500)) return;
  stage_.after_in_run(milliseconds(prng_.between(1, 5'000)),
                      [this] { stage_.feed(core::OperatorSignal::clock_stepped); });
}

void FaultPlan::end() {
  over_ = true;
  stage_.trace.note(stage_.clock.now(), "the world is well again");
  stage_.control(Json::object().set("do", "clear"));
  for (const config::DeviceConfig& device : stage_.site.devices) {
    Json act = Json::object().set("device", device.id.str());
    switch (device.kind) {
      case config::DeviceKind::freezer:
        stage_.control(Json(act).set("do", "lid").set("open", false));
        stage_.control(act.set("do", "level").set("mm", 160));
        break;
      case config::DeviceKind::supply:
        stage_.control(act.set("do", "refill"));
        break;
      case config::DeviceKind::room:
        stage_.control(act.set("do", "door").set("open", false));
        break;
      case config::DeviceKind::robot:
        stage_.control(act.set("do", "mode").set("automatic", true));
        break;
    }
  }
  stage_.store.fail_next(0);
  stage_.store.fail_reopens(0);
  stage_.store.set_full(false);
  stage_.store.set_slow(1);
  stage_.clock.set_drift(0);
  broker_.set_faults({});
}

}  // namespace cryobank::simulation
