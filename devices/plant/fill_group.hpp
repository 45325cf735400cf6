// FillGroups: fills that were ordered and wait for their turn. Freezers that share a supply line
// are filled one after the other: two at once starve each other, and look like failures. The next
// one starts when no freezer of the group is filling, those included that began by themselves.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devices/plant/write_desk.hpp"

namespace cryobank::devices {

class FillGroups {
 public:
  // Group of a freezer; freezers of an empty group are each one of their own.
  void add_freezer(DeviceIndex freezer, std::string_view group);

  // A freezer waits at most once; asked again, it keeps its turn and takes the newer order. Returns
  // the older one.
  std::optional<WriteOrder> enqueue(const WriteOrder& fill);
  // Returns the order that waited.
  std::optional<WriteOrder> forget(DeviceIndex freezer);
  bool waits(DeviceIndex freezer) const;
  bool any_waiting() const { return waiting_ > 0; }
  std::vector<DeviceIndex> members_of(std::string_view group) const;

  // Next of every group where `busy` says that no member is busy, at most one a group.
  template <class Busy>
  std::vector<WriteOrder> take_ready(const Busy& busy) {
    std::vector<WriteOrder> ready;
    for (auto& [name, group] : groups_) {
      if (group.waiting.empty() || any_busy(group, busy)) continue;
      ready.push_back(group.waiting.front());
      group.waiting.pop_front();
      --waiting_;
    }
    return ready;
  }

 private:
  struct Group {
    std::vector<DeviceIndex> members;
    std::deque<WriteOrder> waiting;
  };
  template <class Busy>
  static bool any_busy(const Group& group, const Busy& busy) {
    for (const DeviceIndex member : group.members) {
      if (busy(member)) return true;
    }
    return false;
  }
  Group* group_of(DeviceIndex freezer);
  const Group* group_of(DeviceIndex freezer) const;

  std::map<std::string, Group> groups_;
  std::size_t waiting_ = 0;  // in all of them
};

}  // namespace cryobank::devices
