#include "service/telemetry/point_series.hpp"

#include <algorithm>

#include "service/telemetry/block.hpp"

namespace cryobank::telemetry {
namespace {

constexpr std::size_t kMinutesPerBlock = 60;
constexpr std::size_t kHoursPerBlock = 24;

std::size_t per_block(Tier tier) {
  return tier == Tier::minute ? kMinutesPerBlock : kHoursPerBlock;
}

}  // namespace

void PointSeries::keep(WallTime at, std::int64_t value) {
  samples_.push_back({at, value, false});
  kept_at_ = at;
}

void PointSeries::open_gap(WallTime at) {
  if (in_gap_) return;
  if (kept_at_ < heard_at_) keep(heard_at_, value_);
  samples_.push_back({at, 0, true});
  in_gap_ = true;
}

// A level polled each 10 s, standing at 200, filled, then not heard of:
//   heard     00 200   10 200   20 200   30 203   40 207   50 (bad)   80 207
//   kept      00 200            20 200   30 203   40 207   50 gap     80 207
// 10 is not kept: it says nothing new. 20 is, when 30 comes: without it a chart would draw a slope
// from 00 to 30, where there was a step.
void PointSeries::hear(const HeardReading& heard) {
  const bool first = heard_at_.ms == 0;
  if (!first && heard.at <= heard_at_) return;
  if (first) samples_.push_back({heard.at - milliseconds(1), 0, true});
  if (!first && heard.at - heard_at_ > name_.period * 2) {
    open_gap(heard_at_ + milliseconds(1));
  }
  if (!heard.good) {
    open_gap(heard.at);
    heard_at_ = heard.at;
    return;
  }
  const bool changed = in_gap_ || heard.value != value_;
  if (changed && !in_gap_ && kept_at_ < heard_at_) keep(heard_at_, value_);
  if (changed || heard.at - kept_at_ >= kStandingEvery) keep(heard.at, heard.value);
  heard_at_ = heard.at;
  value_ = heard.value;
  in_gap_ = false;
  add(Tier::minute, minute_, heard);
  add(Tier::hour, hour_, heard);
}

void PointSeries::add(Tier tier, Level& level, const HeardReading& heard) const {
  const std::int64_t step = step_of(tier).ms();
  const WallTime begin{heard.at.ms / step * step};
  if (level.current && level.current->at != begin) {
    level.done.push_back(*level.current);
    level.current.reset();
  }
  if (!level.current) level.current = Bucket{begin, 0, 0, 0, 0};
  level.current->add(heard.value);
}

std::vector<Bucket> PointSeries::open_buckets(Tier tier) const {
  const Level& level = tier == Tier::minute ? minute_ : hour_;
  std::vector<Bucket> open = level.done;
  if (level.current) open.push_back(*level.current);
  return open;
}

void PointSeries::take_level(Tier tier, Level& level, WallTime now, bool all,
                             std::vector<RowChange>& rows) {
  const auto write = [&](const std::vector<Bucket>& block) {
    rows.push_back({block_key(tier, name_.name, block.front().at), pack(tier, block)});
    level.written = now;
  };
  // After a disk that was slow there may be more than one block.
  const auto most = static_cast<std::ptrdiff_t>(per_block(tier));
  while (std::ssize(level.done) >= most) {
    write({level.done.begin(), level.done.begin() + most});
    level.done.erase(level.done.begin(), level.done.begin() + most);
  }
  if (!all && now - level.written < kBlockOpenMax) return;
  // A block that is still open is written again under the same key, longer.
  const std::vector<Bucket> open = open_buckets(tier);
  if (!open.empty()) write(open);
}

void PointSeries::take_rows(WallTime now, bool all, std::vector<RowChange>& rows) {
  const bool full = samples_.size() >= kSamplesPerBlock;
  const bool old = !samples_.empty() && now - samples_.front().at >= kBlockOpenMax;
  if (!samples_.empty() && (full || old || all)) {
    std::size_t at = 0;
    while (at < samples_.size()) {
      const std::size_t end = std::min(at + kBlockMax, samples_.size());
      const std::vector<Sample> block(samples_.begin() + static_cast<std::ptrdiff_t>(at),
                                      samples_.begin() + static_cast<std::ptrdiff_t>(end));
      rows.push_back({block_key(Tier::raw, name_.name, block.front().at), pack(block)});
      at = end;
    }
    samples_.clear();
  }
  take_level(Tier::minute, minute_, now, all, rows);
  take_level(Tier::hour, hour_, now, all, rows);
}

}  // namespace cryobank::telemetry
