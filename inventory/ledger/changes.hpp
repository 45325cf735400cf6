// Changes: what a draft changed in one table, on top of the ledger's own. It can go back to where
// any earlier fact began, so that a refused command leaves no trace in a batch.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace cryobank::inventory {

template <class Key, class Value>
class Changes {
 public:
  using Map = std::map<Key, Value, std::less<>>;

  Changes() = default;
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;

  // Null when this key was not changed.
  template <class Like>
  const Value* find(const Like& key) const {
    if (last_ != now_.end() && last_->first == key) return &last_->second;
    const auto found = now_.find(key);
    return found == now_.end() ? nullptr : &found->second;
  }

  // To be changed in place; null when this key was not changed yet: put() it first.
  Value* change(const Key& key) {
    if (last_ == now_.end() || last_->first != key) last_ = now_.find(key);
    if (last_ == now_.end()) return nullptr;
    keep(last_);
    return &last_->second;
  }

  Value* put(const Key& key, Value value) {
    const auto found = now_.lower_bound(key);
    if (found != now_.end() && !(key < found->first)) {
      keep(found);
      found->second = std::move(value);
      last_ = found;
      return &found->second;
    }
    last_ = now_.emplace_hint(found, key, std::move(value));
    undo_.push_back({last_, nullptr});
    return &last_->second;
  }

  std::size_t depth() const { return undo_.size(); }
  // A fact begins: what was there before it is kept from now on.
  std::size_t begin_fact() {
    fact_ = undo_.size();
    return fact_;
  }

  // Keys changed since then, in order, each once.
  std::vector<Key> changed_since(std::size_t depth) const {
    std::vector<Key> keys;
    keys.reserve(undo_.size() - depth);
    for (std::size_t i = depth; i < undo_.size(); ++i) keys.push_back(undo_[i].at->first);
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return keys;
  }

  // What each key changed since then was before; null: not in the draft yet.
  std::map<Key, const Value*> before_since(std::size_t depth) const {
    std::map<Key, const Value*> before;
    for (std::size_t i = depth; i < undo_.size(); ++i) {
      before.try_emplace(undo_[i].at->first, undo_[i].before.get());
    }
    return before;
  }

  // REQUIRES: a fact began at this depth.
  void rewind(std::size_t depth) {
    last_ = now_.end();
    while (undo_.size() > depth) {
      Undo& last = undo_.back();
      if (last.before) {
        last.at->second = std::move(*last.before);
      } else {
        now_.erase(last.at);
      }
      undo_.pop_back();
    }
    fact_ = depth;
  }

  const Map& all() const { return now_; }
  // Empties it, for a draft that is absorbed.
  Map take() {
    undo_.clear();
    Map taken = std::exchange(now_, {});
    last_ = now_.end();
    return taken;
  }

 private:
  using Place = typename Map::iterator;
  struct Undo {
    Place at;
    std::unique_ptr<Value> before;  // null: the key was not changed
  };

  // One copy for each fact is enough; most facts change one thing several times in a row.
  void keep(Place at) {
    if (undo_.size() > fact_ && undo_.back().at == at) return;
    undo_.push_back({at, std::make_unique<Value>(at->second)});
  }

  Map now_;
  Place last_ = now_.end();  // what was changed last is asked for again and again
  std::vector<Undo> undo_;
  std::size_t fact_ = 0;  // where the present fact began
};

}  // namespace cryobank::inventory
