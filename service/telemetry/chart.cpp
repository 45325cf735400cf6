#include "service/telemetry/chart.hpp"

#include <algorithm>

namespace cryobank::telemetry {
namespace {

// A day of a point that changes each second is 86,400 samples; ten years of hours are as many.
constexpr Duration kRawSpanMax = hours(26);
constexpr Duration kMinuteSpanMax = days(45);

std::int64_t span_ms(const Question& question) {
  return std::max<std::int64_t>(1, question.until.ms - question.from.ms);
}

// Rows as they come, folded into slots of one width.
class Folder {
 public:
  Folder(const Question& question, Chart& chart, std::int64_t width)
      : from_(question.from.ms), width_(width), chart_(chart) {}

  void gap(WallTime at) {
    // A sensor that comes and goes could make more gaps than rows.
    if (chart_.rows.size() >= 2 * static_cast<std::size_t>(kRowsMax)) return;
    close();
    if (!chart_.rows.empty() && chart_.rows.back().gap) return;
    chart_.rows.push_back({at, true, {}});
  }
  void add(WallTime at, const Bucket& bucket) {
    const std::int64_t slot = (at.ms - from_) / width_;
    if (open_.count > 0 && slot != slot_) close();
    if (open_.count == 0) {
      slot_ = slot;
      at_ = at;
    }
    open_.add(bucket);
  }
  void close() {
    if (open_.count == 0) return;
    chart_.rows.push_back({at_, false, open_});
    open_ = {};
  }

 private:
  std::int64_t from_;
  std::int64_t width_;
  Chart& chart_;
  std::int64_t slot_ = 0;
  WallTime at_;
  Bucket open_;
};

std::int64_t width_for(const Question& question, std::int64_t step) {
  const std::int64_t rows = std::clamp(question.rows_max, 2, kRowsMax);
  const std::int64_t width = (span_ms(question) + rows - 1) / rows;
  return std::max<std::int64_t>(1, (width + step - 1) / step) * step;
}

bool inside(const Question& question, WallTime at) {
  return question.from <= at && at <= question.until;
}

}  // namespace

Tier tier_for(const Question& question, const Keep& keep, WallTime now) {
  const Duration span = milliseconds(span_ms(question));
  const Duration age = now - question.from;
  if (span <= kRawSpanMax && age <= keep.raw) return Tier::raw;
  if (span <= kMinuteSpanMax && age <= keep.minute) return Tier::minute;
  return Tier::hour;
}

Chart fold(const Question& question, const std::vector<Sample>& samples) {
  Chart chart{Tier::raw, {}, {}};
  const auto within = std::count_if(samples.begin(), samples.end(), [&](const Sample& sample) {
    return inside(question, sample.at);
  });
  const bool all = within <= question.rows_max;
  const std::int64_t width = all ? 1 : width_for(question, 1);
  chart.step = std::max(std::max(question.period, kStandingEvery), milliseconds(width));
  Folder folder(question, chart, width);
  for (const Sample& sample : samples) {
    if (!inside(question, sample.at)) continue;
    if (sample.gap) {
      folder.gap(sample.at);
    } else {
      folder.add(sample.at, {sample.at, sample.value, sample.value, sample.value, 1});
    }
  }
  folder.close();
  return chart;
}

Chart fold(const Question& question, Tier tier, const std::vector<Bucket>& buckets) {
  const std::int64_t step = step_of(tier).ms();
  const std::int64_t width = width_for(question, step);
  const Duration reach = std::max(question.period * 2, milliseconds(step));
  Chart chart{tier, std::max(question.period, milliseconds(width)), {}};
  Folder folder(question, chart, width);
  WallTime before{};
  for (const Bucket& bucket : buckets) {
    if (bucket.at.ms + step <= question.from.ms || question.until < bucket.at) continue;
    const bool apart = before.ms != 0 && bucket.at - before > reach;
    if (apart) folder.gap(before + milliseconds(step));
    folder.add(std::max(bucket.at, question.from), bucket);
    before = bucket.at;
  }
  folder.close();
  return chart;
}

}  // namespace cryobank::telemetry
