#include "service/telemetry/block.hpp"

#include <optional>

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::telemetry {
namespace {

constexpr char kVersion = 1;
constexpr int kBitsPerByte = 7;
constexpr std::uint64_t kMore = 0x80;
constexpr std::uint64_t kLow = 0x7f;
constexpr int kShiftMax = 63;

void put(std::string& out, std::uint64_t value) {
  for (; value >= kMore; value >>= kBitsPerByte) {
    out.push_back(static_cast<char>((value & kLow) | kMore));
  }
  out.push_back(static_cast<char>(value));
}

// Small numbers of either sign become small ones without.
std::uint64_t zigzag(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return (bits << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0);
}

std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ ((value & 1) != 0 ? ~std::uint64_t{0} : 0));
}

// Differences wrap instead of overflowing; what is read back wraps the same way.
std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t plus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  // Empty once the block is cut or a number is too long; it stays so.
  std::optional<std::uint64_t> next() {
    std::uint64_t value = 0;
    for (int shift = 0; shift <= kShiftMax && at_ < text_.size(); shift += kBitsPerByte) {
      const auto byte = static_cast<std::uint8_t>(text_[at_++]);
      value |= (byte & kLow) << shift;
      if (byte < kMore) return value;
    }
    at_ = text_.size() + 1;
    return std::nullopt;
  }
  bool at_end() const { return at_ == text_.size(); }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

Error damaged(std::string_view why) {
  return make_error(ErrorCode::corrupt, cat("a block of telemetry is damaged: ", why));
}

std::string begin(Tier tier, std::size_t count) {
  std::string out(1, kVersion);
  out.push_back(static_cast<char>(tier));
  put(out, count);
  return out;
}

Result<std::size_t> read_head(Tier tier, std::string_view block, Cursor& cursor) {
  if (block.size() < 3 || block[0] != kVersion) return damaged("another version");
  if (block[1] != static_cast<char>(tier)) return damaged("another tier");
  cursor = Cursor(block.substr(2));
  const auto count = cursor.next();
  if (!count || *count == 0 || *count > kBlockMax) return damaged("its count");
  return static_cast<std::size_t>(*count);
}

}  // namespace

std::string_view name_of(Tier tier) {
  switch (tier) {
    case Tier::raw:
      return "raw";
    case Tier::minute:
      return "minute";
    case Tier::hour:
      return "hour";
  }
  return "";
}

Duration step_of(Tier tier) {
  switch (tier) {
    case Tier::raw:
      return kStandingEvery;
    case Tier::minute:
      return minutes(1);
    case Tier::hour:
      return hours(1);
  }
  return {};
}

void Bucket::add(std::int64_t value) {
  if (count == 0 || value < low) low = value;
  if (count == 0 || value > high) high = value;
  sum += value;
  ++count;
}

void Bucket::add(const Bucket& other) {
  if (other.count == 0) return;
  if (count == 0 || other.low < low) low = other.low;
  if (count == 0 || other.high > high) high = other.high;
  sum += other.sum;
  count += other.count;
}

std::string pack(const std::vector<Sample>& samples) {
  std::string out = begin(Tier::raw, samples.size());
  Sample before;
  std::int64_t step = 0;
  for (const Sample& sample : samples) {
    const std::int64_t now = minus(sample.at.ms, before.at.ms);
    put(out, zigzag(minus(now, step)));
    // The first step is the time itself and says nothing of the next.
    step = before.at.ms == 0 ? 0 : now;
    if (sample.gap) {
      put(out, 0);
    } else {
      put(out, 1);
      put(out, zigzag(minus(sample.value, before.value)));
      before.value = sample.value;
    }
    before.at = sample.at;
  }
  return out;
}

Result<std::vector<Sample>> unpack_samples(std::string_view block) {
  Cursor cursor("");
  TRY_ASSIGN(const auto count, read_head(Tier::raw, block, cursor));
  std::vector<Sample> samples;
  samples.reserve(count);
  Sample before;
  std::int64_t step = 0;
  while (samples.size() < count) {
    const auto change = cursor.next();
    const auto kind = change ? cursor.next() : std::nullopt;
    if (!kind || *kind > 1) return damaged("cut");
    const std::int64_t now = plus(step, unzigzag(*change));
    Sample sample{{plus(before.at.ms, now)}, before.value, *kind == 0};
    if (!sample.gap) {
      const auto value = cursor.next();
      if (!value) return damaged("cut");
      sample.value = plus(before.value, unzigzag(*value));
    }
    step = before.at.ms == 0 ? 0 : now;
    before = sample;
    if (sample.gap) sample.value = 0;
    samples.push_back(sample);
  }
  if (!cursor.at_end()) return damaged("bytes behind its end");
  return samples;
}

std::string pack(Tier tier, const std::vector<Bucket>& buckets) {
  std::string out = begin(tier, buckets.size());
  const std::int64_t step = step_of(tier).ms();
  Bucket before;
  for (const Bucket& bucket : buckets) {
    put(out, zigzag(bucket.at.ms / step - before.at.ms / step));
    put(out, zigzag(minus(bucket.low, before.low)));
    put(out, zigzag(minus(bucket.high, bucket.low)));
    put(out, zigzag(minus(bucket.sum, bucket.low * bucket.count)));
    put(out, zigzag(bucket.count));
    before = bucket;
  }
  return out;
}

Result<std::vector<Bucket>> unpack_buckets(Tier tier, std::string_view block) {
  Cursor cursor("");
  TRY_ASSIGN(const auto count, read_head(tier, block, cursor));
  const std::int64_t step = step_of(tier).ms();
  std::vector<Bucket> buckets;
  buckets.reserve(count);
  Bucket before;
  while (buckets.size() < count) {
    std::int64_t parts[5] = {};
    for (std::int64_t& part : parts) {
      const auto number = cursor.next();
      if (!number) return damaged("cut");
      part = unzigzag(*number);
    }
    Bucket bucket;
    constexpr std::int64_t kStepsMax = 1'000'000'000'000;  // far beyond any calendar, no overflow
    constexpr std::int64_t kCountMax = 1'000'000'000;      // readings of one hour, far above any
    const std::int64_t number = plus(before.at.ms / step, parts[0]);
    if (number < 0 || number > kStepsMax) return damaged("its time");
    bucket.at.ms = number * step;
    bucket.low = plus(before.low, parts[1]);
    bucket.high = plus(bucket.low, parts[2]);
    bucket.count = parts[4];
    if (bucket.count <= 0 || bucket.count > kCountMax) return damaged("its count of readings");
    if (magnitude(Milli{bucket.low}).v > kMilliMax / kCountMax * 1000) return damaged("a value");
    bucket.sum = plus(parts[3], bucket.low * bucket.count);
    buckets.push_back(bucket);
    before = bucket;
  }
  if (!cursor.at_end()) return damaged("bytes behind its end");
  return buckets;
}

std::string block_key(Tier tier, std::string_view series, WallTime first) {
  return cat(name_of(tier), "/", series, "/",
             hex16(static_cast<std::uint64_t>(first.ms < 0 ? 0 : first.ms)));
}

}  // namespace cryobank::telemetry
