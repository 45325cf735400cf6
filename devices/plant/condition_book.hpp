// ConditionBook: which conditions of one device stand. It tells changes only, and once after a
// start also what does not stand, so that an alarm of the run before can end.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "devices/line/device_event.hpp"

namespace cryobank::devices {

class ConditionBook {
 public:
  explicit ConditionBook(DeviceIndex device) : device_(device) {}

  void set(std::string_view condition, bool active, std::string text,
           std::vector<DeviceCondition>& out);
  bool active(std::string_view condition) const;

 private:
  DeviceIndex device_;
  std::map<std::string, bool, std::less<>> known_;
};

// What a model may tell while it observes.
struct ModelOutputs {
  std::vector<DeviceCondition>& conditions;
  std::vector<DeviceAct>& acts;
};

}  // namespace cryobank::devices
