// SimStore: the store of the simulated world. Rows in memory; the same promises as LevelDbStore,
// checked by the same contract tests. A commit is either one call (the seam) or two, begin() and
// finish(), so that a kill can fall between them: the open batch is then wholly there or wholly
// gone, as drawn. Faults are set by the caller; draws come from the seed only.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "inventory/record/store.hpp"

namespace cryobank::simulation {

class SimStore final : public inventory::Store {
 public:
  // How many commits lose_tail() can take back.
  static constexpr std::size_t kUndoMax = 64;

  explicit SimStore(std::uint64_t seed) : prng_(seed) {}

  // The seam.
  Status commit(const std::vector<RowChange>& batch) override {
    begin(batch);
    return finish();
  }
  Result<std::optional<std::string>> get(std::string_view key) override {
    if (damaged_.count(std::string(key)) != 0) return damage(key);
    const auto found = rows_.find(key);
    if (found == rows_.end()) return std::optional<std::string>();
    return std::optional<std::string>(found->second);
  }
  Status scan(std::string_view first, std::string_view last,
              const std::function<bool(std::string_view, std::string_view)>& visit) override {
    for (auto row = rows_.lower_bound(first); row != rows_.end(); ++row) {
      if (!last.empty() && row->first >= last) break;
      if (damaged_.count(row->first) != 0) return damage(row->first);
      if (!visit(row->first, row->second)) break;
    }
    return {};
  }
  Status reopen() override {
    if (full_) return disk_full();
    if (failed_reopens_ > 0) {
      --failed_reopens_;
      return make_error(ErrorCode::unavailable, "the store cannot be opened (simulated)");
    }
    failed_ = false;
    return {};
  }
  Result<std::shared_ptr<const inventory::StoreSnapshot>> snapshot() override {
    return std::shared_ptr<const inventory::StoreSnapshot>(std::make_shared<View>(rows_));
  }

  // A commit in two steps. REQUIRES: none is open.
  void begin(std::vector<RowChange> batch) {
    CHECK(!open_);
    open_ = std::move(batch);
  }
  Status finish() {
    CHECK(open_.has_value());
    const std::vector<RowChange> batch = std::move(*open_);
    open_.reset();
    if (failed_) return make_error(ErrorCode::unavailable, "the store was closed after an error");
    if (full_) return disk_full();
    if (failing_ > 0) {
      --failing_;
      failed_ = true;
      return make_error(ErrorCode::unavailable, "the write failed (simulated)");
    }
    apply(batch);
    return {};
  }
  bool has_open() const { return open_.has_value(); }
  // The process dies: an open batch got to the disk or not. Faults of the handle die with it.
  void kill() {
    if (open_ && !full_ && failing_ == 0 && !failed_ && prng_.chance(1, 2)) apply(*open_);
    open_.reset();
    failed_ = false;
    failing_ = 0;
    failed_reopens_ = 0;
  }

  // Faults.
  void fail_next(int commits) { failing_ = commits; }
  void fail_reopens(int times) { failed_reopens_ = times; }
  void set_full(bool full) { full_ = full; }
  void set_slow(int factor) { slow_ = factor; }
  // What no good disk does: takes back the last commits without a word. The high-water mark of the
  // world outside finds it.
  void lose_tail(std::size_t commits) {
    for (; commits > 0 && !undo_.empty(); --commits) {
      for (const RowChange& row : undo_.back()) put(row);
      undo_.pop_back();
    }
  }
  // Reading this row fails from now on.
  void damage_row(std::string_view key) { damaged_.insert(std::string(key)); }

  // How long the open commit takes: 100 to 300 us, now and then a compaction of up to 20 ms, times
  // the factor of set_slow().
  Duration latency() {
    const std::int64_t us =
        prng_.chance(1, 200) ? prng_.between(1'000, 20'000) : prng_.between(100, 300);
    return microseconds(us) * slow_;
  }

  std::size_t size() const { return rows_.size(); }
  std::uint64_t commits() const { return commits_; }

 private:
  using Rows = std::map<std::string, std::string, std::less<>>;

  struct View final : inventory::StoreSnapshot {
    explicit View(Rows then) : rows(std::move(then)) {}
    Status scan(std::string_view first, std::string_view last,
                const inventory::RowVisit& visit) const override {
      for (auto row = rows.lower_bound(first); row != rows.end(); ++row) {
        if (!last.empty() && row->first >= last) break;
        if (!visit(row->first, row->second)) break;
      }
      return {};
    }
    const Rows rows;
  };

  static Error disk_full() {
    return make_error(ErrorCode::unavailable, "the disk of the store is full (simulated)");
  }
  static Error damage(std::string_view key) {
    return make_error(ErrorCode::corrupt,
                      cat("the row ", clip(key, 64), " is damaged (simulated)"));
  }
  void put(const RowChange& row) {
    if (row.value) {
      rows_.insert_or_assign(row.key, *row.value);
    } else {
      rows_.erase(row.key);
    }
  }
  void apply(const std::vector<RowChange>& batch) {
    std::vector<RowChange> before;
    for (const RowChange& row : batch) {
      const auto found = rows_.find(row.key);
      before.push_back({row.key, found == rows_.end() ? std::nullopt
                                                      : std::optional<std::string>(found->second)});
      put(row);
    }
    std::reverse(before.begin(), before.end());
    undo_.push_back(std::move(before));
    if (undo_.size() > kUndoMax) undo_.pop_front();
    ++commits_;
  }

  Prng prng_;
  Rows rows_;
  std::optional<std::vector<RowChange>> open_;
  std::deque<std::vector<RowChange>> undo_;
  std::set<std::string> damaged_;
  std::uint64_t commits_ = 0;
  int failing_ = 0;
  int failed_reopens_ = 0;
  int slow_ = 1;
  bool full_ = false;
  bool failed_ = false;
};

}  // namespace cryobank::simulation
