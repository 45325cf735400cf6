#include "devices/detect/fill_record.hpp"

#include <algorithm>
#include <utility>

#include "devices/detect/memory_row.hpp"
#include "devices/detect/pace.hpp"

namespace cryobank::detect {
namespace {

constexpr Duration kIntervalMax = days(60);
constexpr std::int64_t kSpreads = 5;
constexpr std::int64_t kLatelySpreads = 3;  // twice in a row

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

void FillSlope::add(Duration flowing, Milli level) {
  if (!first_) first_ = level;
  const std::int64_t t = std::min<std::int64_t>(flowing.seconds(), 100'000);
  const std::int64_t y = level.v - first_->v;
  ++n_;
  t_ += t;
  y_ += y;
  tt_ += t * t;
  ty_ += t * y;
}

std::optional<Milli> FillSlope::per_minute() const {
  constexpr std::int64_t kLeast = 6;
  if (n_ < kLeast) return std::nullopt;
  const std::int64_t above = ty_ - t_ * y_ / n_;
  const std::int64_t below = tt_ - t_ * t_ / n_;
  if (below <= 0 || above <= 0) return std::nullopt;
  return Milli{above / below * 60 + above % below * 60 / below};
}

void FillRecord::add(WallTime end, std::optional<Duration> duration, Milli from, Milli rise,
                     std::optional<Milli> rate) {
  if (last_end_) {
    const Duration interval = end - *last_end_;
    if (interval > Duration{} && interval <= kIntervalMax) keep(intervals_s_, interval.seconds());
  }
  last_end_ = end;
  if (duration) keep(durations_s_, duration->seconds());
  if (duration && duration->seconds() >= 60) {
    keep(rates_, rate ? rate->v : rise.v * 60 / duration->seconds());
  }
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

std::optional<Milli> FillRecord::start_spread() const {
  if (starts_.size() < kFillsKept) return std::nullopt;
  return Milli{spread_of({starts_.begin(), starts_.end()})};
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

// Both of the last two fall short of the middle of the six that were long enough ago, by more than
// those differ among each other: a beginning, before a line through all nine is sure of it. The
// smaller of the two, per cent; 0: not so.
int FillRecord::lately_slower() const {
  constexpr std::size_t kBefore = 6;
  constexpr std::int64_t kAlike = 2;  // per cent: no fill is measured better
  const std::vector<std::int64_t> before(rates_.begin(), rates_.begin() + kBefore);
  const std::int64_t usual = *median_of(before, kBefore);
  std::vector<std::int64_t> off;
  off.reserve(kBefore);
  for (const std::int64_t rate : before) off.push_back(rate > usual ? rate - usual : usual - rate);
  const std::int64_t spread = std::max(usual * kAlike / 100, *median_of(off, kBefore) * 148 / 100);
  const std::int64_t less = usual - std::max(rates_[kFillsKept - 2], rates_[kFillsKept - 1]);
  if (usual <= 0 || less < kLatelySpreads * spread) return 0;
  return static_cast<int>(less * 100 / usual);
}

// Nine rates y at x = -4 to 4: the line falls by 8 b, b the sum of x y over that of x x, which
// is 60. What the rates differ from it by tells how sure that is: 8 b has about as much spread as
// one rate.
std::optional<FillRecord::Slowing> FillRecord::slowing() const {
  constexpr std::int64_t kMiddle = static_cast<std::int64_t>(kFillsKept / 2);
  constexpr std::int64_t kSquares = 60;
  static_assert(kFillsKept == 9);
  if (rates_.size() < kFillsKept) return std::nullopt;
  std::int64_t sum = 0, products = 0;
  for (std::size_t i = 0; i < kFillsKept; ++i) {
    sum += rates_[i];
    products += (static_cast<std::int64_t>(i) - kMiddle) * rates_[i];
  }
  const std::int64_t mean = sum / static_cast<std::int64_t>(kFillsKept);
  const std::int64_t fallen = -products * 8 / kSquares;
  const std::int64_t first = mean + fallen / 2;
  if (first <= 0) return Slowing{};
  std::int64_t squares = 0;
  for (std::size_t i = 0; i < kFillsKept; ++i) {
    const std::int64_t x = static_cast<std::int64_t>(i) - kMiddle;
    const std::int64_t off = rates_[i] - mean - products * x / kSquares;
    squares += off * off;
  }
  constexpr std::int64_t kFree = 7;  // nine values less a line
  const std::int64_t spread = root_of(squares / kFree);
  const Slowing line{static_cast<int>(fallen * 100 / first), fallen >= kSpreads * spread};
  const int lately = lately_slower();
  if (lately > 0 && (lately > line.percent || !line.sure)) return Slowing{lately, true};
  return line;
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
