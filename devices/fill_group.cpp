#include "devices/fill_group.hpp"

#include <algorithm>

#include "service/base/text.hpp"

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

void FillGroups::enqueue(const WriteOrder& fill) {
  Group* group = group_of(fill.device);
  if (group == nullptr) return;
  for (WriteOrder& waiting : group->waiting) {
    if (waiting.device != fill.device) continue;
    waiting = fill;
    return;
  }
  group->waiting.push_back(fill);
}

void FillGroups::forget(DeviceIndex freezer) {
  if (Group* group = group_of(freezer)) {
    std::erase_if(group->waiting,
                  [&](const WriteOrder& waiting) { return waiting.device == freezer; });
  }
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

bool FillGroups::any_waiting() const {
  return std::any_of(groups_.begin(), groups_.end(),
                     [](const auto& entry) { return !entry.second.waiting.empty(); });
}

}  // namespace cryobank::devices
