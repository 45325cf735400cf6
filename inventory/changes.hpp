// Changes: what a draft changed in one table, on top of the ledger's own. It can go back to any
// earlier depth, so that a refused command leaves no trace in a batch.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace cryobank::inventory {

template <class Key, class Value>
class Changes {
 public:
  // Null when this key was not changed.
  const Value* find(const Key& key) const {
    const auto found = now_.find(key);
    return found == now_.end() ? nullptr : &found->second;
  }

  void put(const Key& key, Value value) {
    const auto [found, fresh] = now_.try_emplace(key, value);
    if (fresh) {
      undo_.emplace_back(key, std::nullopt);
    } else {
      undo_.emplace_back(key, std::exchange(found->second, std::move(value)));
    }
  }

  std::size_t depth() const { return undo_.size(); }

  // Keys changed since then, in order, each once.
  std::vector<Key> changed_since(std::size_t depth) const {
    std::set<Key> keys;
    for (std::size_t i = depth; i < undo_.size(); ++i) keys.insert(undo_[i].first);
    return {keys.begin(), keys.end()};
  }

  void rewind(std::size_t depth) {
    while (undo_.size() > depth) {
      auto& [key, before] = undo_.back();
      if (before.has_value()) {
        now_.insert_or_assign(key, std::move(*before));
      } else {
        now_.erase(key);
      }
      undo_.pop_back();
    }
  }

  const std::map<Key, Value>& all() const { return now_; }

 private:
  std::map<Key, Value> now_;
  std::vector<std::pair<Key, std::optional<Value>>> undo_;
};

}  // namespace cryobank::inventory
