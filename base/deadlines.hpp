// A set of deadlines in time order. Equal instants fire in the order they were set, so a run is the
// same every time. Each key has at most one deadline; setting it again moves it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "base/time.hpp"

namespace cryobank {

template <class Key>
class Deadlines {
 public:
  void set(const Key& key, Instant at) {
    clear(key);
    const Slot slot{at, next_order_++};
    by_time_.emplace(slot, key);
    by_key_.emplace(key, slot);
  }

  void clear(const Key& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    by_time_.erase(found->second);
    by_key_.erase(found);
  }

  bool has(const Key& key) const { return by_key_.find(key) != by_key_.end(); }
  Instant next() const { return by_time_.empty() ? kNever : by_time_.begin()->first.first; }

  // The earliest key that is due at `now`, removed; empty when none is.
  std::optional<Key> pop_due(Instant now) {
    if (by_time_.empty() || by_time_.begin()->first.first > now) return std::nullopt;
    Key key = by_time_.begin()->second;
    clear(key);
    return key;
  }

 private:
  using Slot = std::pair<Instant, std::uint64_t>;
  std::map<Slot, Key> by_time_;
  std::map<Key, Slot> by_key_;
  std::uint64_t next_order_ = 0;
};

}  // namespace cryobank
