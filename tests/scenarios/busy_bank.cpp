#include "tests/scenarios/busy_bank.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "tests/config/files_on_disk.hpp"

namespace cryobank::scenarios {
namespace {

constexpr Duration kTurnaround = milliseconds(5);
constexpr int kFirstHour = 8;
constexpr int kLastHour = 18;

config::SiteConfig site_of(int warn, int critical) {
  config::SiteConfig site = config::demo_site();
  std::erase_if(site.devices, [](const config::DeviceConfig& device) {
    return device.kind == config::DeviceKind::robot;
  });
  for (config::DeviceConfig& device : site.devices) {
    device.poll_fast = seconds(10);
    device.poll_slow = minutes(1);
    device.limits.temperature_warn = whole(warn);
    device.limits.temperature_critical = whole(critical);
  }
  return site;
}

}  // namespace

BusyBank::BusyBank(std::uint64_t seed, const BusyDay& day, int warn, int critical, Judging judging)
    : site_(site_of(warn, critical)),
      day_(day),
      judging_(judging),
      prng_(seed),
      now_{Instant{0}, *parse_utc("2026-11-22T00:00:00Z")},
      hardware_(site_, seed),
      fleet_(site_, Epoch{4}, seed),
      board_(site_),
      next_day_(now_.wall) {
  open_.resize(site_.lines.size());
  for (std::uint32_t d = 0; d < site_.devices.size(); ++d) {
    const config::DeviceConfig& device = site_.devices[d];
    if (device.kind == config::DeviceKind::freezer) tanks_.push_back(device.id.str());
    points_.emplace_back();
    for (const config::Point& point : fleet_.profile({d}).points) {
      points_.back().push_back(board_.watched(device.id, point.meaning()));
    }
  }
  hardware_.set_clock(now_.wall);
  board_.start(now_, Epoch{4}, out_);
  fleet_.start(now_, fleet_out_);
  take();
}

void BusyBank::plan_day() {
  next_day_ = next_day_ + hours(24);
  // The lorry comes by contract, before anybody has to call it.
  control(R"({"do":"refill","device":"supply-1","percent":90})");
  for (std::size_t tank = 0; tank < tanks_.size(); ++tank) {
    std::int64_t burst_s = 0;
    const int a_burst = day_.bursts > 0 ? std::max(1, day_.openings / day_.bursts) : 1;
    for (int i = 0; i < day_.openings; ++i) {
      if (i % a_burst == 0) {
        burst_s = prng_.between(kFirstHour * 3600, kLastHour * 3600 - 3600);
      }
      // Most are short; one in five takes as long as one may.
      const std::int64_t most = prng_.chance(1, 5) ? day_.for_most : day_.for_most / 2;
      const std::int64_t at = burst_s + (i % a_burst) * 600;
      openings_.push_back(
          {now_.wall + seconds(at), tank, static_cast<int>(prng_.between(14, most))});
    }
  }
  std::ranges::sort(openings_, [](const Opening& a, const Opening& b) { return a.at > b.at; });
}

void BusyBank::open_lids() {
  if (now_.wall >= next_day_) plan_day();
  while (!openings_.empty() && openings_.back().at <= now_.wall) {
    const Opening opening = openings_.back();
    openings_.pop_back();
    control(cat(R"({"do":"lid","device":")", tanks_[opening.tank], R"(","open":true,"seconds":)",
                opening.seconds, "}"));
  }
}

void BusyBank::control(const std::string& command) {
  const Result<Json> read = parse_json(command);
  ASSERT_TRUE(read.ok()) << command;
  const Result<Json> done = hardware_.control(*read);
  ASSERT_TRUE(done.ok()) << command << ": " << done.error().context;
}

void BusyBank::run(Duration span) {
  const Instant end = now_.mono + span;
  while (now_.mono < end) {
    open_lids();
    Instant next = std::min({end, fleet_.next_deadline(), board_.next_deadline()});
    next = std::min(next, now_.mono + (next_day_ - now_.wall));
    if (!openings_.empty()) next = std::min(next, now_.mono + (openings_.back().at - now_.wall));
    for (const auto& line : open_) {
      if (line) next = std::min(next, line->at);
    }
    pass(next - now_.mono);
    for (auto& line : open_) {
      if (!line || line->at > now_.mono) continue;
      const devices::LineReply answered = std::move(line->reply);
      line.reset();
      fleet_.on_reply(now_, answered, fleet_out_);
      take();
    }
    if (fleet_.next_deadline() <= now_.mono) {
      fleet_.on_deadline(now_, fleet_out_);
      take();
    }
    if (board_.next_deadline() <= now_.mono) board_.on_deadline(now_, out_);
    drain();
  }
}

void BusyBank::run_to_hour(int hour) {
  const std::int64_t day_s = now_.wall.ms / 1000 % 86'400;
  std::int64_t left = hour * 3600 - day_s;
  if (left <= 0) left += 86'400;
  run(seconds(left));
}

std::optional<Duration> BusyBank::until(const std::string& alarm, std::string_view priority,
                                        Duration most) {
  const Instant from = now_.mono;
  while (now_.mono - from < most) {
    run(seconds(10));
    for (const Raised& one : raised_) {
      if (one.at >= from && one.alarm == alarm && one.priority <= priority) return one.at - from;
    }
  }
  return std::nullopt;
}

void BusyBank::pass(Duration span) {
  if (span.ns <= 0) return;
  now_.mono = now_.mono + span;
  now_.wall = now_.wall + span;
  hardware_.advance(span);
}

void BusyBank::take() {
  for (const devices::LineRequest& request : fleet_out_.requests) {
    std::optional<Open>& line = open_[request.line.value];
    ASSERT_FALSE(line.has_value()) << "two requests at once on one line";
    Open open;
    open.reply.id = request.id;
    open.reply.line = request.line;
    open.reply.modbus = hardware_.answer(request.line, request.modbus);
    open.at = now_.mono + kTurnaround;
    line = std::move(open);
  }
  for (const devices::Reading& reading : fleet_out_.readings) {
    const config::Point& point = fleet_.profile(reading.device).points[reading.point.value];
    if (point.meaning() == "temperature-top" && reading.value) {
      warmest_ = std::max(warmest_, *reading.value);
    }
    const auto& watched = points_[reading.device.value][reading.point.value];
    if (watched) board_.observe(now_, *watched, reading.quality, reading.value, out_);
  }
  for (const devices::DeviceStateChange& change : fleet_out_.states) {
    board_.device_state(now_, site_.devices[change.device.value].id, change.state, out_);
  }
  for (const devices::DeviceCondition& seen : fleet_out_.conditions) {
    const DeviceId& device = site_.devices[seen.device.value].id;
    if (judging_ == Judging::by_limits_alone && seen.condition == "lid-warmth") continue;
    if (!seen.active) {
      board_.clear(now_, device.str(), seen.condition, out_);
      continue;
    }
    alarms::Condition condition;
    condition.source = device.str();
    condition.condition = seen.condition;
    condition.text = seen.text;
    condition.device = device;
    condition.stage = seen.stage;
    board_.raise(now_, condition, out_);
  }
  for (const devices::DeviceIndex device : fleet_out_.changed) judge(device);
  fleet_out_.clear();
  drain();
}

// How long its contents last decides how urgent some alarms are.
void BusyBank::judge(const devices::DeviceIndex& device) {
  const Json model = fleet_.told_model(device);
  const Json& span = model["lasts"]["to_130"];
  if (!span.is_object()) return;
  const alarms::Prognosis lasts{model.bool_or("losing", false), span.integer_or("low_s", 0),
                                span.integer_or("mid_s", 0), span.integer_or("high_s", 0)};
  board_.prognosis(now_, site_.devices[device.value].id, lasts, out_);
}

void BusyBank::drain() {
  for (const Fact& fact : out_.facts) {
    if (fact.type != fact::kAlarmRaised && fact.type != fact::kAlarmRisen) continue;
    raised_.push_back({fact.data.string_or("alarm", ""), fact.data.string_or("priority", ""),
                       fact.data.string_or("text", ""), now_.mono});
  }
  out_.clear();
}

int BusyBank::raised(std::string_view priority) const {
  return static_cast<int>(
      std::ranges::count_if(raised_, [&](const Raised& one) { return one.priority == priority; }));
}

std::string BusyBank::told() const {
  std::string out;
  for (const Raised& one : raised_) {
    if (one.priority == "p3") continue;
    out += cat(one.at.ns / 1'000'000'000 / 3600, " h ", one.priority, " ", one.alarm, ": ",
               one.text, "\n");
  }
  return out;
}

std::vector<std::int64_t> BusyBank::fill_minutes() const {
  std::vector<std::int64_t> out;
  for (std::uint32_t d = 0; d < site_.devices.size(); ++d) {
    const std::int64_t takes = fleet_.told_model({d}).integer_or("fill_takes_min", 0);
    if (takes > 0) out.push_back(takes);
  }
  return out;
}

std::string BusyBank::milder() const {
  std::map<std::string, int> counts;
  for (const Raised& one : raised_) {
    if (one.priority == "p3") ++counts[one.alarm];
  }
  std::string out;
  for (const auto& [alarm, count] : counts) out += cat(alarm, " ", count, "\n");
  return out;
}

}  // namespace cryobank::scenarios
