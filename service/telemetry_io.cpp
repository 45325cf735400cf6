#include "service/telemetry_io.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "service/telemetry/block.hpp"

namespace cryobank::service {
namespace {

namespace fs = std::filesystem;
using telemetry::Tier;

// Blocks are due every ten minutes; looking each ten seconds spreads their writing.
constexpr Duration kWriteEvery = seconds(10);
constexpr Duration kForgetEvery = hours(1);
// The longest a block may reach back from its key: what begins before the span asked for.
constexpr Duration kRawReach = minutes(30);
constexpr Duration kMinuteReach = hours(3);
constexpr Duration kHourReach = days(3);
constexpr std::size_t kRowsPerBatch = 1'000;

Duration reach_of(Tier tier) {
  if (tier == Tier::raw) return kRawReach;
  return tier == Tier::minute ? kMinuteReach : kHourReach;
}

inventory::LevelDbOptions store_options() {
  inventory::LevelDbOptions options;
  options.sync = false;
  return options;
}

// A restart may split one minute or hour into two buckets.
void merge_buckets(std::vector<telemetry::Bucket>& buckets) {
  std::sort(buckets.begin(), buckets.end(),
            [](const auto& a, const auto& b) { return a.at < b.at; });
  std::vector<telemetry::Bucket> merged;
  for (const telemetry::Bucket& bucket : buckets) {
    if (!merged.empty() && merged.back().at == bucket.at) {
      merged.back().add(bucket);
    } else {
      merged.push_back(bucket);
    }
  }
  buckets = std::move(merged);
}

}  // namespace

TelemetryThread::TelemetryThread(TelemetrySettings settings, Say say)
    : settings_(std::move(settings)), say_(std::move(say)) {
  for (const telemetry::SeriesName& name : settings_.series) {
    by_name_.emplace(name.name, series_.size());
    series_.emplace_back(name);
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

TelemetryThread::~TelemetryThread() {
  thread_.request_stop();
  thread_.join();
}

void TelemetryThread::keep(std::vector<telemetry::HeardReading> readings) {
  {
    const std::lock_guard lock(mutex_);
    if (readings_waiting_ + readings.size() > kReadingsWaitingMax) {
      thrown_away_ += readings.size();
      return;
    }
    readings_waiting_ += readings.size();
    jobs_.emplace_back(std::move(readings));
  }
  wake_.notify_one();
}

void TelemetryThread::ask(telemetry::Question question, WallTime now, Done done) {
  bool full = false;
  {
    const std::lock_guard lock(mutex_);
    full = questions_waiting_ >= kQuestionsWaitingMax;
    if (!full) {
      ++questions_waiting_;
      jobs_.emplace_back(Ask{std::move(question), now, std::move(done)});
    }
  }
  if (full) return done(make_error(ErrorCode::unavailable, "too many charts wait; try again"));
  wake_.notify_one();
}

void TelemetryThread::flush(std::function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.emplace_back(Flush{std::move(done)});
  }
  wake_.notify_one();
}

namespace {

// A damaged history has its own files in its folder and nothing else. Any other folder was named by
// mistake: it is left alone.
bool is_own_folder(const std::string& directory) {
  constexpr std::string_view kNames[] = {"CURRENT", "LOCK", "LOG", "LOG.old", "lost"};
  constexpr std::string_view kEndings[] = {".ldb", ".log", ".sst", ".dbtmp"};
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    const bool own =
        std::ranges::find(kNames, name) != std::end(kNames) || name.starts_with("MANIFEST-") ||
        std::ranges::any_of(kEndings, [&](std::string_view end) { return name.ends_with(end); });
    if (!own) return false;
  }
  return !error;
}

}  // namespace

void TelemetryThread::open() {
  if (settings_.directory.empty()) return;
  std::error_code unreadable;
  const bool there = fs::exists(settings_.directory, unreadable);
  if (!there || fs::is_empty(settings_.directory, unreadable)) {
    std::error_code ignored;
    fs::create_directories(fs::path(settings_.directory).parent_path(), ignored);
    const Status made = inventory::create_store(settings_.directory, store_options());
    if (!made) return say_(cat("no history behind charts: ", made.error().context));
  }
  auto opened = inventory::open_store(settings_.directory, store_options());
  if (opened) {
    store_ = std::move(*opened);
    return;
  }
  if (opened.error().code == ErrorCode::corrupt) {
    if (is_own_folder(settings_.directory)) return put_aside(opened.error());
    return say_(cat("no history behind charts: expected a folder of its own or an empty one, and ",
                    settings_.directory, " holds other files: it is left as it is"));
  }
  say_(cat("no history behind charts: ", opened.error().context));
}

// Nothing is thrown away: whoever wants the old history finds it under the new name.
void TelemetryThread::put_aside(const Error& why) {
  store_.reset();
  std::error_code error;
  std::string aside;
  for (int n = 1; n < 1'000; ++n) {
    aside = cat(settings_.directory, ".damaged-", n);
    if (!fs::exists(aside)) break;
  }
  fs::rename(settings_.directory, aside, error);
  if (error) {
    return say_(cat("no history behind charts: it is damaged (", why.context,
                    ") and cannot be put aside as ", aside, ": ", error.message()));
  }
  say_(cat("the history behind charts is damaged and was put aside as ", aside, ": ", why.context));
  if (!inventory::create_store(settings_.directory, store_options())) return;
  auto opened = inventory::open_store(settings_.directory, store_options());
  if (opened) store_ = std::move(*opened);
}

void TelemetryThread::run(const std::stop_token& stop) {
  // Signals are for the loop's thread.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  open();
  while (true) {
    std::deque<Job> jobs;
    {
      std::unique_lock lock(mutex_);
      const bool work = wake_.wait(lock, stop, [this] { return !jobs_.empty(); });
      if (!work && jobs_.empty()) break;
      jobs.swap(jobs_);
      readings_waiting_ = 0;
      questions_waiting_ = 0;
      if (thrown_away_ > 0) {
        say_(cat(std::exchange(thrown_away_, 0), " readings were not kept: the disk is too slow"));
      }
    }
    for (Job& job : jobs) carry_out(job);
    if (newest_ - written_ >= kWriteEvery) write(false);
    if (newest_ - forgot_ >= kForgetEvery) forget_old();
  }
  write(true);
}

void TelemetryThread::carry_out(Job& job) {
  if (auto* readings = std::get_if<std::vector<telemetry::HeardReading>>(&job)) {
    hear(*readings);
  } else if (auto* asked = std::get_if<Ask>(&job)) {
    asked->done(answer(asked->question, asked->now));
  } else {
    write(true);
    std::get<Flush>(job).done();
  }
}

void TelemetryThread::hear(const std::vector<telemetry::HeardReading>& readings) {
  for (const telemetry::HeardReading& heard : readings) {
    if (heard.series >= series_.size()) continue;
    series_[heard.series].hear(heard);
    if (newest_ < heard.at) newest_ = heard.at;
  }
}

void TelemetryThread::write(bool all) {
  written_ = newest_;
  std::vector<RowChange> rows;
  for (telemetry::PointSeries& series : series_) series.take_rows(newest_, all, rows);
  if (!store_ || rows.empty()) return;
  const Status done = store_->commit(rows);
  if (done) return;
  say_(cat("the history behind charts could not be written: ", done.error().context));
  static_cast<void>(store_->reopen());
}

void TelemetryThread::forget_old() {
  forgot_ = newest_;
  if (!store_) return;
  const std::pair<Tier, Duration> rules[] = {{Tier::raw, settings_.keep.raw},
                                             {Tier::minute, settings_.keep.minute},
                                             {Tier::hour, settings_.keep.hour}};
  std::vector<RowChange> rows;
  for (const telemetry::PointSeries& series : series_) {
    for (const auto& [tier, age] : rules) {
      const std::string& name = series.name().name;
      const Status read = store_->scan(telemetry::block_key(tier, name, {}),
                                       telemetry::block_key(tier, name, newest_ - age),
                                       [&rows](std::string_view key, std::string_view) {
                                         rows.push_back({std::string(key), std::nullopt});
                                         return rows.size() < kRowsPerBatch;
                                       });
      if (!read || rows.size() >= kRowsPerBatch) break;
    }
  }
  if (!rows.empty()) static_cast<void>(store_->commit(rows));
}

Status TelemetryThread::read_rows(Tier tier, const telemetry::Question& question,
                                  const inventory::RowVisit& visit) {
  if (!store_) return {};
  return store_->scan(
      telemetry::block_key(tier, question.series, question.from - reach_of(tier)),
      telemetry::block_key(tier, question.series, question.until + cryobank::milliseconds(1)),
      visit);
}

Result<telemetry::Chart> TelemetryThread::answer(const telemetry::Question& question,
                                                 WallTime now) {
  const auto known = by_name_.find(question.series);
  if (known == by_name_.end()) return make_error(ErrorCode::not_found, "no such history");
  const telemetry::PointSeries& series = series_[known->second];
  const Tier tier = telemetry::tier_for(question, settings_.keep, now);
  std::vector<telemetry::Sample> samples;
  std::vector<telemetry::Bucket> buckets;
  Status bad;
  const auto take = [](auto& to, auto&& block, Status& fault) {
    if (!block) {
      fault = block.error();
      return false;
    }
    to.insert(to.end(), block->begin(), block->end());
    return true;
  };
  TRY(read_rows(tier, question, [&](std::string_view, std::string_view value) {
    if (tier == Tier::raw) return take(samples, telemetry::unpack_samples(value), bad);
    return take(buckets, telemetry::unpack_buckets(tier, value), bad);
  }));
  TRY(bad);
  if (tier == Tier::raw) {
    const std::vector<telemetry::Sample>& open = series.open_samples();
    samples.insert(samples.end(), open.begin(), open.end());
    return telemetry::fold(question, samples);
  }
  // What is open may have been written already, under the key of its first bucket.
  const std::vector<telemetry::Bucket> open = series.open_buckets(tier);
  if (!open.empty()) {
    std::erase_if(buckets, [&](const telemetry::Bucket& b) { return open.front().at <= b.at; });
  }
  buckets.insert(buckets.end(), open.begin(), open.end());
  merge_buckets(buckets);
  return telemetry::fold(question, tier, buckets);
}

}  // namespace cryobank::service
