#include "service/wire/topics.hpp"

#include <array>

#include "base/check.hpp"
#include "base/text.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kSlot = "{}";

// In the order of TopicKind. Fixed levels come before {} where two patterns could both match.
constexpr std::array<TopicRule, 28> kTable{{
    {TopicKind::service_state, "service/state", 1, true, "service-state/1.0"},
    {TopicKind::service_info, "service/info", 1, true, "service-info/1.0"},
    {TopicKind::service_beat, "service/beat", 0, false, "service-beat/1.0"},
    {TopicKind::service_pulse, "service/pulse", 0, false, "service-pulse/1.0"},
    {TopicKind::service_waiting, "service/waiting", 1, true, "service-waiting/1.0"},
    {TopicKind::device_description, "device/{}/description", 1, true, "device-description/1.0"},
    {TopicKind::device_state, "device/{}/state", 1, true, "device-state/1.0"},
    {TopicKind::device_point, "device/{}/point/{}", 1, true, "point/1.0"},
    {TopicKind::device_target, "device/{}/target/{}", 1, true, "target/1.0"},
    {TopicKind::device_model, "device/{}/model", 1, true, "device-model/1.0"},
    {TopicKind::alarm, "alarm/{}", 1, true, "alarm/1.0"},
    {TopicKind::alarm_summary, "alarm/summary", 1, true, "alarm-summary/1.0"},
    {TopicKind::page, "page/{}", 1, false, "page/1.0"},
    {TopicKind::receipt, "page/{}/receipt/{}", 1, false, "receipt/1.0"},
    {TopicKind::gateway_state, "gateway/{}/state", 1, true, "gateway-state/1.1"},
    {TopicKind::gateway_beat, "gateway/{}/beat", 0, false, "gateway-beat/1.1"},
    {TopicKind::gateway_report, "gateway/{}/report", 1, false, "gateway-report/1.0"},
    {TopicKind::job, "job/{}", 1, true, "job/1.0"},
    {TopicKind::course, "course/{}", 1, true, "course/1.0"},
    {TopicKind::worklist, "worklist/{}", 1, true, "worklist/1.0"},
    {TopicKind::plan, "plan", 1, true, "plan/1.2"},
    {TopicKind::plan_day, "plan/day", 1, true, "plan-day/1.2"},
    {TopicKind::container, "container/{}", 1, true, "container/1.0"},
    {TopicKind::event, "event/{}", 1, false, "event/1.0"},
    {TopicKind::event_head, "event/{}/head", 1, true, "event-head/1.0"},
    {TopicKind::checkpoint, "journal/checkpoint", 1, true, "checkpoint/1.0"},
    {TopicKind::command, "command/{}/{}/{}", 1, false, "command/1.0"},
    {TopicKind::reply, "reply/{}/{}", 1, false, "reply/1.0"},
}};

// How many levels are fixed and equal; nothing when the topic does not match.
std::optional<std::size_t> match(const std::vector<std::string_view>& pattern,
                                 const std::vector<std::string_view>& levels) {
  if (pattern.size() != levels.size()) return std::nullopt;
  std::size_t fixed = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == kSlot) continue;
    if (pattern[i] != levels[i]) return std::nullopt;
    ++fixed;
  }
  return fixed;
}

}  // namespace

std::span<const TopicRule> topic_table() { return kTable; }

const TopicRule& rule_of(TopicKind kind) {
  const TopicRule& rule = kTable.at(static_cast<std::size_t>(kind));
  CHECK(rule.kind == kind);
  return rule;
}

Topics::Topics(const SiteId& site) : root_(cat("cryobank/v1/", site.str(), "/")) {}

std::string Topics::of(TopicKind kind, std::string_view first, std::string_view second,
                       std::string_view third) const {
  const std::array<std::string_view, 3> parts{first, second, third};
  std::string out = root_;
  std::string_view rest = rule_of(kind).pattern;
  std::size_t next = 0;
  for (;;) {
    const std::size_t slot = rest.find(kSlot);
    out += rest.substr(0, slot);
    if (slot == std::string_view::npos) break;
    CHECK(next < parts.size() && !parts[next].empty());
    out += parts[next++];
    rest.remove_prefix(slot + kSlot.size());
  }
  return out;
}

std::optional<ParsedTopic> Topics::parse(std::string_view topic) const {
  if (!topic.starts_with(root_)) return std::nullopt;
  const std::vector<std::string_view> levels = split(topic.substr(root_.size()), '/');
  const TopicRule* best = nullptr;
  std::size_t best_fixed = 0;
  for (const TopicRule& rule : kTable) {
    const std::optional<std::size_t> fixed = match(split(rule.pattern, '/'), levels);
    if (!fixed || (best && *fixed <= best_fixed)) continue;
    best = &rule;
    best_fixed = *fixed;
  }
  if (!best) return std::nullopt;
  ParsedTopic parsed{best->kind, {}};
  const std::vector<std::string_view> pattern = split(best->pattern, '/');
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == kSlot) parsed.levels.push_back(levels[i]);
  }
  return parsed;
}

}  // namespace cryobank::core
