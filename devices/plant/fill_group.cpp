#include "devices/plant/fill_group.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/text.hpp"

namespace cryobank::devices {

void FillGroups::add_freezer(DeviceIndex freezer, std::string_view group) {
  // No group name holds a slash, so that single freezers never meet a named group.
  const std::string name = group.empty() ? cat("/", freezer.value) : std::string(group);
  groups_[name].members.push_back(freezer);
}

FillGroups::Group* FillGroups::group_of(DeviceIndex freezer) {
  for (auto& [name, group] : groups_) {
    if (std::find(group.members.begin(), group.members.end(), freezer) != group.members.end()) {
      return &group;
    }
  }
  return nullptr;
}

const FillGroups::Group* FillGroups::group_of(DeviceIndex freezer) const {
  for (const auto& [name, group] : groups_) {
    if (std::find(group.members.begin(), group.members.end(), freezer) != group.members.end()) {
      return &group;
    }
  }
  return nullptr;
}

std::optional<WriteOrder> FillGroups::enqueue(const WriteOrder& fill) {
  Group* group = group_of(fill.device);
  CHECK(group != nullptr);
  for (WriteOrder& waiting : group->waiting) {
    if (waiting.device == fill.device) return std::exchange(waiting, fill);
  }
  group->waiting.push_back(fill);
  ++waiting_;
  return std::nullopt;
}

std::optional<WriteOrder> FillGroups::forget(DeviceIndex freezer) {
  Group* group = group_of(freezer);
  if (group == nullptr) return std::nullopt;
  const auto waiting = std::ranges::find(group->waiting, freezer, &WriteOrder::device);
  if (waiting == group->waiting.end()) return std::nullopt;
  WriteOrder order = std::move(*waiting);
  group->waiting.erase(waiting);
  --waiting_;
  return order;
}

bool FillGroups::waits(DeviceIndex freezer) const {
  const Group* group = group_of(freezer);
  return group != nullptr &&
         std::any_of(group->waiting.begin(), group->waiting.end(),
                     [&](const WriteOrder& waiting) { return waiting.device == freezer; });
}

std::vector<DeviceIndex> FillGroups::members_of(std::string_view group) const {
  const auto found = groups_.find(std::string(group));
  return found == groups_.end() ? std::vector<DeviceIndex>{} : found->second.members;
}

}  // namespace cryobank::devices
