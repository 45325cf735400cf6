// The rule about a device that does not answer: unknown is an alarm, never "fine as last seen".
// What guards samples or people rises to P1; a robot that stands still harms nothing by itself.
#include "service/alarms/rule.hpp"

namespace cryobank::alarms {

void add_link_rule(const config::DeviceConfig& device, std::vector<RuleSpec>& rules) {
  constexpr Duration kRisesAfter = minutes(15);
  constexpr Duration kOffDelay = seconds(10);  // a few good polls
  RuleSpec spec;
  spec.device = device.id;
  spec.point = std::string(kLinkPoint);
  spec.condition = "comm-lost";
  spec.kind = RuleKind::lost;
  spec.stages = {{Priority::p2, Milli{}, Duration{}}};
  if (device.kind != config::DeviceKind::robot) {
    spec.stages.push_back({Priority::p1, Milli{}, kRisesAfter});
  }
  spec.off_delay = kOffDelay;
  spec.title = "does not answer";
  spec.action = "Read it by hand and write it down; check power, cable and gateway";
  rules.push_back(std::move(spec));
}

}  // namespace cryobank::alarms
