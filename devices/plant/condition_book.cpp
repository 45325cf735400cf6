#include "devices/plant/condition_book.hpp"

#include <utility>

namespace cryobank::devices {

void ConditionBook::set(std::string_view condition, bool active, std::string text,
                        std::vector<DeviceCondition>& out) {
  const auto found = known_.find(condition);
  if (found != known_.end() && found->second == active) return;
  known_[std::string(condition)] = active;
  out.push_back({device_, std::string(condition), active, std::move(text)});
}

bool ConditionBook::active(std::string_view condition) const {
  const auto found = known_.find(condition);
  return found != known_.end() && found->second;
}

}  // namespace cryobank::devices
