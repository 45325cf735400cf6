#include "devices/detect/fill_record.hpp"

#include <algorithm>
#include <utility>

#include "devices/detect/memory_row.hpp"

namespace cryobank::detect {
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

// A level below zero is a sensor's, and teaches nothing.
std::vector<std::int64_t> read_list(RowReader& in, std::string_view key) {
  std::vector<std::int64_t> values;
  for (const std::int64_t value : whole_numbers(in, key)) {
    if (value >= 0) keep(values, value);
  }
  return values;
}

}  // namespace

std::optional<std::int64_t> median_of(std::vector<std::int64_t> values, std::size_t least) {
  if (values.size() < least || values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  return values[(values.size() - 1) / 2];
}

void FillRecord::add(WallTime end, std::optional<Duration> duration, Milli from, Milli rise) {
  if (last_end_) {
    const Duration interval = end - *last_end_;
    if (interval > Duration{} && interval <= kIntervalMax) keep(intervals_s_, interval.seconds());
  }
  last_end_ = end;
  if (duration) keep(durations_s_, duration->seconds());
  if (duration && duration->seconds() >= 60) keep(rates_, rise.v * 60 / duration->seconds());
  keep(starts_, std::max<std::int64_t>(0, from.v));
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

std::optional<Milli> FillRecord::usual_start() const {
  const auto middle = median_of(starts_, kFillsToLearn);
  if (!middle) return std::nullopt;
  return Milli{*middle};
}

std::optional<Milli> FillRecord::usual_rate() const {
  const auto middle = median_of(rates_, kFillsToLearn);
  if (!middle) return std::nullopt;
  return Milli{*middle};
}

std::optional<Duration> FillRecord::longest_of_last(std::size_t n) const {
  if (intervals_s_.size() < 2 * n) return std::nullopt;
  return seconds(
      *std::max_element(intervals_s_.end() - static_cast<std::ptrdiff_t>(n), intervals_s_.end()));
}

std::optional<int> FillRecord::slowed_percent() const {
  if (rates_.size() < kFillsKept) return std::nullopt;
  constexpr auto kThird = static_cast<std::ptrdiff_t>(kFillsKept / 3);
  const auto first = median_of({rates_.begin(), rates_.begin() + kThird}, 1);
  const auto last = median_of({rates_.end() - kThird, rates_.end()}, 1);
  if (!first || !last || *first <= 0) return std::nullopt;
  return static_cast<int>((*first - *last) * 100 / *first);
}

Json FillRecord::memory() const {
  Json json = Json::object();
  if (last_end_) json.set("last_end_ms", last_end_->ms);
  json.set("intervals_s", list(intervals_s_));
  json.set("durations_s", list(durations_s_));
  json.set("starts", list(starts_));
  json.set("rates", list(rates_));
  return json;
}

Status FillRecord::recall(std::string_view what, const Json& memory) {
  RowReader in(what, memory);
  if (in.has("last_end_ms")) last_end_ = WallTime{in.number("last_end_ms")};
  intervals_s_ = read_list(in, "intervals_s");
  durations_s_ = read_list(in, "durations_s");
  starts_ = read_list(in, "starts");
  rates_ = read_list(in, "rates");
  return in.end();
}

}  // namespace cryobank::detect
