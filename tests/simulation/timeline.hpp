// Timeline: what is going to happen, by instant and then by the order in which it was said. Two
// kinds: what the world does by itself, and what only the running daemon would notice, which is
// gone when the daemon is.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "base/time.hpp"

namespace cryobank::simulation {

class Timeline {
 public:
  using What = std::function<void()>;

  void at(Instant when, What what) { push({when, ++order_, kWorld, std::move(what)}); }
  void at_for_run(Instant when, What what) { push({when, ++order_, run_, std::move(what)}); }
  // What was said for the run that ends now never happens.
  void end_run() { ++run_; }

  Instant next() const { return heap_.empty() ? kNever : heap_.front().when; }
  std::size_t size() const { return heap_.size(); }
  // REQUIRES: next() is not kNever.
  void happen() {
    CHECK(!heap_.empty());
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Item item = std::move(heap_.back());
    heap_.pop_back();
    if (item.run == kWorld || item.run == run_) item.what();
  }

 private:
  static constexpr std::uint64_t kWorld = 0;
  struct Item {
    Instant when;
    std::uint64_t order;
    std::uint64_t run;
    What what;
  };
  static bool later(const Item& a, const Item& b) {
    return a.when != b.when ? a.when > b.when : a.order > b.order;
  }
  void push(Item item) {
    heap_.push_back(std::move(item));
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  std::vector<Item> heap_;
  std::uint64_t order_ = 0;
  std::uint64_t run_ = 1;
};

}  // namespace cryobank::simulation
