// Topics: the one table of every MQTT topic of the contract, with its quality of service and
// whether the broker keeps it, and the building and taking apart of topic names. docs/mqtt.md has
// an example of each. Names of users, devices and the like are ids (ids.hpp), so that no topic
// needs escaping.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"

namespace cryobank::core {

enum class TopicKind : std::uint8_t {
  service_state,
  service_info,
  service_beat,
  service_pulse,
  service_waiting,
  device_description,
  device_state,
  device_point,
  device_target,
  device_model,
  alarm,
  alarm_summary,
  page,
  receipt,
  gateway_state,
  gateway_beat,
  gateway_report,
  job,
  course,
  worklist,
  plan,
  plan_day,
  container,
  event,
  event_head,
  checkpoint,
  command,
  reply,
};

struct TopicRule {
  TopicKind kind;
  std::string_view pattern;  // below the root; {} stands for one level
  int qos;
  bool retain;
  std::string_view schema;  // of the payload: name and minor version
};

std::span<const TopicRule> topic_table();
const TopicRule& rule_of(TopicKind kind);

// Levels of a topic below the root; the first unmatched level of the pattern ends the match.
struct ParsedTopic {
  TopicKind kind;
  std::vector<std::string_view> levels;  // what stood at each {}
};

class Topics {
 public:
  explicit Topics(const SiteId& site);

  const std::string& root() const { return root_; }  // "cryobank/v1/{site}/"
  // REQUIRES: as many parts as the pattern has {}.
  std::string of(TopicKind kind, std::string_view first = {}, std::string_view second = {},
                 std::string_view third = {}) const;
  // What a topic under the root is; empty for any other topic. Views point into `topic`.
  std::optional<ParsedTopic> parse(std::string_view topic) const;

 private:
  std::string root_;
};

}  // namespace cryobank::core
