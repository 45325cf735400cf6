// DueHeap: one due time for each of a fixed number of slots, earliest first; equal times go by slot
// number, so a run is the same every time. Setting a time costs O(log n) and never allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace cryobank::devices {

class DueHeap {
 public:
  explicit DueHeap(std::size_t slots = 0) {
    for (std::size_t i = 0; i < slots; ++i) add();
  }

  // A new slot, not due; its number is the count of slots before it.
  void add() {
    const auto slot = static_cast<std::uint32_t>(at_.size());
    at_.push_back(kNever);
    heap_.push_back(slot);
    place_.push_back(slot);
  }

  std::size_t size() const { return at_.size(); }
  Instant at(std::size_t slot) const { return at_[slot]; }
  Instant next() const { return heap_.empty() ? kNever : at_[heap_[0]]; }
  // The slot that is due first. REQUIRES: size() > 0.
  std::uint32_t first() const { return heap_[0]; }

  void set(std::size_t slot, Instant at) {
    if (at_[slot] == at) return;
    at_[slot] = at;
    sink(rise(place_[slot]));
  }

 private:
  bool before(std::size_t a, std::size_t b) const {
    const std::uint32_t left = heap_[a];
    const std::uint32_t right = heap_[b];
    return at_[left] != at_[right] ? at_[left] < at_[right] : left < right;
  }
  void swap(std::size_t a, std::size_t b) {
    std::swap(heap_[a], heap_[b]);
    place_[heap_[a]] = static_cast<std::uint32_t>(a);
    place_[heap_[b]] = static_cast<std::uint32_t>(b);
  }
  std::size_t rise(std::size_t i) {
    while (i > 0 && before(i, (i - 1) / 2)) {
      swap(i, (i - 1) / 2);
      i = (i - 1) / 2;
    }
    return i;
  }
  void sink(std::size_t i) {
    for (;;) {
      std::size_t least = i;
      for (std::size_t child = 2 * i + 1; child <= 2 * i + 2 && child < heap_.size(); ++child) {
        if (before(child, least)) least = child;
      }
      if (least == i) return;
      swap(i, least);
      i = least;
    }
  }

  std::vector<Instant> at_;           // by slot
  std::vector<std::uint32_t> heap_;   // slots, the earliest first
  std::vector<std::uint32_t> place_;  // by slot: where it stands in heap_
};

}  // namespace cryobank::devices
