#include "service/alarms/metrics.hpp"

#include <algorithm>
#include <utility>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "config/alarm_catalogue.hpp"

namespace cryobank::alarms {
namespace {

constexpr Duration kTenMinutes = minutes(10);
constexpr std::size_t kFloodBegins = 10;  // more than so many in ten minutes
constexpr std::size_t kFloodEnds = 5;     // until fewer than so many
constexpr Duration kChatterWithin = minutes(1);
constexpr std::size_t kChatterTimes = 3;
constexpr Duration kStaleAfter = hours(24);
constexpr std::size_t kTopMost = 10;

struct Windows {
  std::size_t peak = 0;
  std::int64_t flood_ms = 0;
};

// One pass over the times, in order: how many fall into the ten minutes that end with each.
Windows look_at(const std::vector<WallTime>& raised) {
  Windows out;
  std::size_t first = 0;
  bool flood = false;
  WallTime since{};
  for (std::size_t i = 0; i < raised.size(); ++i) {
    while (raised[i] - raised[first] >= kTenMinutes) {
      // Between two alarms the number falls as old ones leave the window.
      const WallTime left = raised[first] + kTenMinutes;
      ++first;
      if (flood && i - first < kFloodEnds) {
        flood = false;
        out.flood_ms += std::max<std::int64_t>(0, left.ms - since.ms);
      }
    }
    const std::size_t now = i - first + 1;
    out.peak = std::max(out.peak, now);
    if (!flood && now > kFloodBegins) {
      flood = true;
      since = raised[i];
    }
  }
  if (!flood) return out;
  const std::size_t last = raised.size() - std::min(raised.size(), kFloodEnds);
  out.flood_ms += std::max<std::int64_t>(0, (raised[last] + kTenMinutes).ms - since.ms);
  return out;
}

Json percent(std::int64_t part, std::int64_t whole_count) {
  return whole_count == 0 ? Json() : Json(Milli{part * 100'000 / whole_count});
}

}  // namespace

void Metrics::raise(const std::string& alarm, std::int64_t occurrence, std::string_view priority,
                    WallTime at) {
  standing_[occurrence] = {alarm, at, true, false, {}};
  if (!inside(at)) return;
  raised_.push_back(at);
  ++by_alarm_[alarm];
  ++by_priority_[std::string(priority)];
  std::deque<WallTime>& times = minute_of_[alarm];
  while (!times.empty() && at - times.front() >= kChatterWithin) times.pop_front();
  times.push_back(at);
  if (times.size() >= kChatterTimes) ++chattering_[alarm];
}

void Metrics::acknowledge(std::int64_t occurrence, WallTime at) {
  const auto found = standing_.find(occurrence);
  if (found == standing_.end() || found->second.acknowledged) return;
  Standing& one = found->second;
  one.acknowledged = true;
  if (!inside(one.raised)) return;
  const Duration took = at - one.raised;
  unacknowledged_s_.push_back(std::max<std::int64_t>(0, took.seconds()));
  const std::size_t dot = one.alarm.rfind('.');
  const std::string condition = one.alarm.substr(dot == std::string::npos ? 0 : dot + 1);
  const config::AlarmEntry* entry = config::shipped_alarms().find(condition);
  const Duration allowed = entry == nullptr ? hours(8) : entry->respond_within;
  ++(took <= allowed ? in_time_ : late_);
}

Status Metrics::add(const Fact& fact) {
  const bool raised = fact.type == fact::kAlarmRaised;
  const bool taken = fact.type == fact::kAlarmAcknowledged;
  if (!raised && !taken && fact.type != fact::kAlarmCleared) return {};
  RowReader in(fact.type, fact.data);
  const WallTime at = in.time("at");
  const auto occurrence = in.number("occurrence", 1);
  const std::string alarm = in.text("alarm");
  const std::string priority = in.text("priority");
  if (!in.ok()) return in.status();
  if (at >= until_) return {};
  if (raised) {
    raise(alarm, occurrence, priority, at);
  } else if (taken) {
    acknowledge(occurrence, at);
  } else if (const auto found = standing_.find(occurrence);
             found != standing_.end() && found->second.active) {  // closed later: it was over then
    found->second.active = false;
    found->second.cleared = at;
  }
  return {};
}

Json Metrics::report() const {
  Json out = Json::object();
  const auto total = static_cast<std::int64_t>(raised_.size());
  const std::int64_t span_s = std::max<std::int64_t>(1, (until_ - from_).seconds());
  out.set("from", format_utc(from_)).set("until", format_utc(until_)).set("alarms", total);
  out.set("a_day", Milli{total * 86'400'000 / span_s});
  const Windows windows = look_at(raised_);
  out.set("peak_10min", static_cast<std::uint64_t>(windows.peak));
  out.set("flood_s", windows.flood_ms / 1000);
  out.set("flood_percent", percent(windows.flood_ms / 1000, span_s));
  Json mix = Json::object();
  for (const char* const priority : {"p1", "p2", "p3"}) {
    const auto found = by_priority_.find(priority);
    const std::int64_t count = found == by_priority_.end() ? 0 : found->second;
    mix.set(priority, Json::object().set("count", count).set("percent", percent(count, total)));
  }
  out.set("priorities", std::move(mix));
  std::vector<std::pair<std::int64_t, std::string>> order;
  for (const auto& [alarm, count] : by_alarm_) order.emplace_back(-count, alarm);
  std::sort(order.begin(), order.end());
  Json top = Json::array();
  std::int64_t of_top = 0;
  for (std::size_t i = 0; i < order.size() && i < kTopMost; ++i) {
    of_top += -order[i].first;
    top.push(Json::object().set("alarm", order[i].second).set("count", -order[i].first));
  }
  out.set("top", std::move(top)).set("top_percent", percent(of_top, total));
  Json chatter = Json::array();
  for (const auto& [alarm, count] : chattering_) {
    chatter.push(Json::object().set("alarm", alarm).set("times", count));
  }
  out.set("chattering", std::move(chatter));
  Json stale = Json::array();
  std::int64_t never = 0;
  for (const auto& [occurrence, one] : standing_) {
    const WallTime end = one.active ? until_ : one.cleared;
    if (end - one.raised > kStaleAfter && end > from_) stale.push(one.alarm);
    if (!one.acknowledged && inside(one.raised)) ++never;
  }
  out.set("stale", std::move(stale));
  std::vector<std::int64_t> times = unacknowledged_s_;
  std::sort(times.begin(), times.end());
  Json taken = Json::object();
  taken.set("count", static_cast<std::uint64_t>(times.size())).set("never", never);
  taken.set("median_s", times.empty() ? Json() : Json(times[times.size() / 2]));
  taken.set("longest_s", times.empty() ? Json() : Json(times.back()));
  taken.set("in_time", in_time_).set("late", late_);
  out.set("acknowledged", std::move(taken));
  return out;
}

}  // namespace cryobank::alarms
