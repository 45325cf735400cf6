// Retained: the tree of topics that the broker keeps for us, as the set of those that must be sent
// again. A payload is rendered when it is sent, so that the newest state wins and a slow link holds
// no old text. A topic whose thing is gone is sent once with an empty payload. Points are apart
// (points.hpp).
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/checksum.hpp"
#include "service/core/bank.hpp"
#include "service/wire/event_log.hpp"

namespace cryobank::core {

// Topics remembered as published, so that a broker that shows us an endless tree costs a bounded
// memory; a site of 200 devices and 50,000 boxes stays below it.
inline constexpr std::size_t kRetainedMax = 200'000;

// The alarms' own topics go before all others.
constexpr bool is_alarm(TopicKind kind) {
  return kind == TopicKind::alarm || kind == TopicKind::alarm_summary;
}

struct RetainedKey {
  TopicKind kind = TopicKind::plan;
  std::string first;
  std::string second;
  auto operator<=>(const RetainedKey&) const = default;
};

class Retained {
 public:
  Retained(const Bank& bank, const EventLog& events);

  void mark(TopicKind kind, std::string_view first = {}, std::string_view second = {});
  // Everything a transaction touched.
  void mark(const inventory::Touched& touched);
  // A payload that a part of this floor renders itself (service/state, plan, ...).
  void put(TopicKind kind, std::string payload);
  // Every topic that stands now or stood before, after the link came up.
  void mark_all();
  // Points of the device for which a value is wanted: device/{device}/target/{point} stands.
  std::vector<std::string> targets_of(devices::DeviceIndex device) const;
  // The broker showed a retained message of our own tree: removed when nothing stands behind it.
  void on_read_back(const ParsedTopic& topic);

  // Alarm topics go before all others.
  bool waiting(bool alarms) const { return !(alarms ? alarms_ : others_).empty(); }
  // The next topic to send; `key` is what to put back when it did not arrive. Empty when the broker
  // was sent the same already: a worklist of which a course changed, but no line. REQUIRES:
  // waiting.
  std::optional<Publish> take(bool alarms, const Now& now, RetainedKey& key);
  void put_back(const RetainedKey& key);

  // What the broker must hold once nothing waits: every standing topic but points, rendered now.
  // For the checkers.
  std::map<std::string, std::string> tree(const Now& now) const;
  // Of these, the record's topics that nothing waits for: they must be what was sent last.
  std::map<std::string, std::string> settled(const Now& now) const;

 private:
  bool is_news(const RetainedKey& key);
  std::string render(const RetainedKey& key, WallTime at) const;
  std::string payload_now(const RetainedKey& key, const Now& now) const;
  Json payload_of(const RetainedKey& key) const;
  std::vector<RetainedKey> standing() const;

  const Bank& bank_;
  const EventLog& events_;
  std::map<TopicKind, std::string> own_;  // rendered by parts of this floor
  std::set<RetainedKey> alarms_;
  std::set<RetainedKey> others_;
  std::set<RetainedKey> published_;     // the broker may hold a payload of these
  std::map<RetainedKey, Sha256> sent_;  // of worklists: what was sent last, without its envelope
};

}  // namespace cryobank::core
