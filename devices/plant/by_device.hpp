// ByDevice: a value for some of the site's devices, found by the device's index without a search
// and walked in the order of indexes. Filled once, while the site is read, in rising order.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "devices/line/reading.hpp"

namespace cryobank::devices {

template <class Value>
class ByDevice {
 public:
  using Entry = std::pair<DeviceIndex, Value>;
  using Iterator = typename std::vector<Entry>::iterator;
  using ConstIterator = typename std::vector<Entry>::const_iterator;

  // REQUIRES: `index` is above every one before it.
  void emplace(DeviceIndex index, Value value) {
    CHECK(places_.size() <= index.value);
    places_.resize(index.value, kNone);
    places_.push_back(static_cast<std::uint32_t>(entries_.size()));
    entries_.emplace_back(index, std::move(value));
  }

  bool contains(DeviceIndex index) const { return place(index) != kNone; }
  Iterator find(DeviceIndex index) {
    return contains(index) ? entries_.begin() + place(index) : entries_.end();
  }
  ConstIterator find(DeviceIndex index) const {
    return contains(index) ? entries_.begin() + place(index) : entries_.end();
  }
  // REQUIRES: contains(index).
  Value& at(DeviceIndex index) {
    CHECK(contains(index));
    return entries_[place(index)].second;
  }
  const Value& at(DeviceIndex index) const {
    CHECK(contains(index));
    return entries_[place(index)].second;
  }

  Iterator begin() { return entries_.begin(); }
  Iterator end() { return entries_.end(); }
  ConstIterator begin() const { return entries_.begin(); }
  ConstIterator end() const { return entries_.end(); }

 private:
  static constexpr std::uint32_t kNone = ~0U;
  std::uint32_t place(DeviceIndex index) const {
    return index.value < places_.size() ? places_[index.value] : kNone;
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> places_;  // by device: where in entries_
};

}  // namespace cryobank::devices
