// Board: every alarm of the site, its rules, its state and who must be told. Three independent axes
// per alarm (ISA-18.2, OPC UA Part 9): active or not, acknowledged or not, shelved or not. It says
// what changed; the core publishes and pages first and commits after.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/quality.hpp"
#include "base/record.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "config/site_config.hpp"

namespace cryobank::alarms {

enum class Priority : std::uint8_t { p1, p2, p3 };
std::string_view name_of(Priority priority);

// A condition told by another part of the service: a robot in doubt, a failed commit, a mismatch.
// `source` and `condition` together name the alarm for ever: alarm id "{source}.{condition}".
struct Condition {
  std::string source;     // device, job or part of the service
  std::string condition;  // kebab case; docs/alarms.md lists them all
  Priority priority = Priority::p2;
  std::string text;    // what was seen, with figures
  std::string action;  // what to do
  DeviceId device;     // whose contents are at risk; may be empty
};

// A value as the rules see it; the device and point by name, so that rules need no device types.
struct Observation {
  DeviceId device;
  std::string_view point;  // "level", "temperature-top", ...; rules ignore points they do not know
  Quality quality = Quality::comm_lost;
  std::optional<Milli> value;
};

struct Summons;      // summons.hpp
struct PageFace;     // summons.hpp
struct PagerAnswer;  // summons.hpp

struct BoardOutputs {
  std::vector<AlarmId> changed;  // retained topics to publish again
  std::vector<Fact> facts;       // to commit after people were told
  void clear();
};

class Board {
 public:
  explicit Board(const config::SiteConfig& config);
  ~Board();
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  Status load_row(std::string_view key, std::string_view value);  // prefix "r/alarm/"
  std::vector<RowChange> rows_of(const std::vector<AlarmId>& alarms) const;

  void start(Now now, BoardOutputs& out);
  void observe(Now now, const Observation& observation, BoardOutputs& out);
  // As observe(), for who looked up the point once: a reading that says what the one before said
  // costs a comparison.
  struct Watched {
    std::uint32_t place = 0;
  };
  std::optional<Watched> watched(const DeviceId& device, std::string_view point) const;
  void observe(Now now, Watched point, Quality quality, std::optional<Milli> value,
               BoardOutputs& out);
  // A device that answers again, or no longer: `state` as in devices::DeviceState names.
  void device_state(Now now, const DeviceId& device, std::string_view state, BoardOutputs& out);
  void raise(Now now, const Condition& condition, BoardOutputs& out);
  void clear(Now now, std::string_view source, std::string_view condition, BoardOutputs& out);
  // The broker still shows an alarm, `shown` as rendered. One that a rule raised, that people were
  // told and that died with the last run before it was durable, stands again at once; whatever the
  // board knows better changes nothing.
  void remember(Now now, const AlarmId& alarm, const Json& shown, BoardOutputs& out);
  void on_deadline(Now now, BoardOutputs& out);
  Instant next_deadline() const;

  // Commands "alarm/acknowledge", "alarm/shelve", "alarm/unshelve", ... : same pattern as the
  // ledger's.
  bool handles(std::string_view verb) const;
  Result<Decision> decide(std::string_view verb, const Json& body,
                          const CommandContext& context) const;
  // Applies a fact of such a command once it is durable.
  void apply(Now now, const Fact& fact, BoardOutputs& out);
  // People must be told of this alarm; empty: it is acknowledged, shelved, closed, or a P3.
  std::optional<Summons> summons(const AlarmId& alarm) const;
  // What a page about it says now: 7-bit, at most 240 characters, the first 140 stand alone.
  std::string page_text(Now now, const AlarmId& alarm, const PageFace& face) const;
  // What a person answered by pager, past the checks of the page ledger.
  Status answered(Now now, const AlarmId& alarm, const PagerAnswer& answer, BoardOutputs& out);

  Json render(
      const AlarmId& alarm) const;  // null once normal, acknowledged and not shelved: closed
  Json summary(Now now) const;
  std::vector<AlarmId> open_alarms() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace cryobank::alarms
