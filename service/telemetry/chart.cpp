#include "service/telemetry/chart.hpp"

#include <algorithm>
#include <optional>

namespace cryobank::telemetry {
namespace {

// A day of a point that changes each second is 86,400 samples; ten years of hours are as many.
constexpr Duration kRawSpanMax = hours(26);
constexpr Duration kMinuteSpanMax = days(45);

std::int64_t span_ms(const Question& question) {
  return std::max<std::int64_t>(1, question.until.ms - question.from.ms);
}

// Rows as they come, folded into slots of one width: of a slot at most one bucket and, before or
// behind it, a gap. Two gaps without a value between them are one, so n slots make at most n
// buckets and n + 1 gaps.
class Folder {
 public:
  Folder(const Question& question, Chart& chart, std::int64_t width)
      : from_(question.from.ms), width_(width), chart_(chart) {}

  void gap(WallTime at) {
    if (open_.count > 0 && slot_of(at) == slot_) {
      if (!gap_behind_) gap_behind_ = at;  // values that follow in this slot join its bucket
      return;
    }
    close();
    add_gap(at);
  }
  void add(WallTime at, const Bucket& bucket) {
    if (open_.count > 0 && slot_of(at) != slot_) close();
    if (open_.count == 0) {
      slot_ = slot_of(at);
      at_ = at;
    }
    open_.add(bucket);
  }
  void close() {
    if (open_.count == 0) return;
    chart_.rows.push_back({at_, false, open_});
    open_ = {};
    if (gap_behind_) add_gap(*gap_behind_);
    gap_behind_.reset();
  }

 private:
  std::int64_t slot_of(WallTime at) const { return (at.ms - from_) / width_; }
  void add_gap(WallTime at) {
    if (chart_.rows.empty() || !chart_.rows.back().gap) chart_.rows.push_back({at, true, {}});
  }

  std::int64_t from_;
  std::int64_t width_;
  Chart& chart_;
  std::int64_t slot_ = 0;
  WallTime at_;
  Bucket open_;
  std::optional<WallTime> gap_behind_;
};

// The width of a slot, whole steps, so that all rows with their gaps are at most rows_max.
std::int64_t width_for(const Question& question, std::int64_t step, bool with_gaps) {
  const std::int64_t rows = std::clamp(question.rows_max, 2, kRowsMax);
  const std::int64_t slots = with_gaps ? std::max<std::int64_t>(1, (rows - 1) / 2) : rows;
  const std::int64_t width = span_ms(question) / slots + 1;  // `until` itself is inside
  return std::max<std::int64_t>(1, (width + step - 1) / step) * step;
}

bool inside(const Question& question, WallTime at) {
  return question.from <= at && at <= question.until;
}

}  // namespace

Tier tier_for(const Question& question, const KeepFor& keep, WallTime now) {
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
  const bool gaps = std::any_of(samples.begin(), samples.end(), [&](const Sample& sample) {
    return sample.gap && inside(question, sample.at);
  });
  const std::int64_t width = all ? 1 : width_for(question, 1, gaps);
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
  const Duration reach = std::max(question.period * 2, milliseconds(step));
  const auto is_out = [&](const Bucket& bucket) {
    return bucket.at.ms + step <= question.from.ms || question.until < bucket.at;
  };
  // Calls take(bucket, the one before it, whether a gap lies between them).
  const auto each = [&](auto take) {
    WallTime before{};
    for (const Bucket& bucket : buckets) {
      if (is_out(bucket)) continue;
      take(bucket, before, before.ms != 0 && bucket.at - before > reach);
      before = bucket.at;
    }
  };
  std::int64_t rows = 0;
  bool gaps = false;
  each([&](const Bucket&, WallTime, bool apart) {
    rows += apart ? 2 : 1;
    gaps = gaps || apart;
  });
  const bool all = rows <= question.rows_max;
  const std::int64_t width = all ? step : width_for(question, step, gaps);
  Chart chart{tier, std::max(question.period, milliseconds(width)), {}};
  Folder folder(question, chart, width);
  each([&](const Bucket& bucket, WallTime before, bool apart) {
    if (apart) folder.gap(before + milliseconds(step));
    folder.add(std::max(bucket.at, question.from), bucket);
  });
  folder.close();
  return chart;
}

}  // namespace cryobank::telemetry
