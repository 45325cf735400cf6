#include "devices/plant/fill_record.hpp"

#include <algorithm>
#include <utility>

namespace cryobank::devices {
namespace {

constexpr Duration kIntervalMax = days(60);

void keep(std::vector<std::int64_t>& values, std::int64_t value) {
  values.push_back(value);
  if (values.size() > kFillsKept) values.erase(values.begin());
}

Json list(const std::vector<std::int64_t>& values) {
  Json json = Json::array();
  for (const std::int64_t value : values) json.push(value);
  return json;
}

std::vector<std::int64_t> read_list(const Json& json) {
  std::vector<std::int64_t> values;
  if (!json.is_array()) return values;
  for (const Json& item : json.items()) {
    if (item.is_integer() && item.integer() >= 0) keep(values, item.integer());
  }
  return values;
}

}  // namespace

std::optional<std::int64_t> median_of(std::vector<std::int64_t> values, std::size_t least) {
  if (values.size() < least || values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  return values[(values.size() - 1) / 2];
}

void FillRecord::add(WallTime end, Duration duration) {
  if (last_end_) {
    const Duration interval = end - *last_end_;
    if (interval > Duration{} && interval <= kIntervalMax) keep(intervals_s_, interval.seconds());
  }
  last_end_ = end;
  keep(durations_s_, duration.seconds());
}

std::optional<Duration> FillRecord::usual_interval() const {
  const auto middle = median_of(intervals_s_, kFillsToLearn);
  if (!middle) return std::nullopt;
  return seconds(*middle);
}

std::optional<Duration> FillRecord::usual_duration() const {
  const auto middle = median_of(durations_s_, kFillsToLearn);
  if (!middle) return std::nullopt;
  return seconds(*middle);
}

Json FillRecord::memory() const {
  Json json = Json::object();
  if (last_end_) json.set("last_end_ms", last_end_->ms);
  json.set("intervals_s", list(intervals_s_));
  json.set("durations_s", list(durations_s_));
  return json;
}

void FillRecord::recall(const Json& memory) {
  if (memory["last_end_ms"].is_integer()) last_end_ = WallTime{memory["last_end_ms"].integer()};
  intervals_s_ = read_list(memory["intervals_s"]);
  durations_s_ = read_list(memory["durations_s"]);
}

}  // namespace cryobank::devices
