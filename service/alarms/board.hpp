// Board: every alarm of the site, its rules, its state and who must be told. Three independent axes
// per alarm (ISA-18.2, OPC UA Part 9): active or not, acknowledged or not, shelved or not. It says
// what changed; the core publishes and pages first and commits after.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/device_state.hpp"
#include "base/json.hpp"
#include "base/quality.hpp"
#include "base/record.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "config/site_config.hpp"

namespace cryobank::alarms {

struct AlarmAct;
struct CareAct;

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
  int stage = 1;       // of a device's condition: how bad, as its detector says; 1 the mildest
};

// How long the contents of one freezer last if nobody comes, seconds: to -130 Cel, low, mid, high.
// `losing`: its detectors or its supply say that they are on the way out.
struct Prognosis {
  bool losing = false;
  std::int64_t low_s = 0;
  std::int64_t mid_s = 0;
  std::int64_t high_s = 0;
  auto operator<=>(const Prognosis&) const = default;
};

// What lies in one freezer, for the urgency and the words of its alarms.
struct TankContents {
  std::int64_t doses = 0;
  std::int64_t courses = 0;    // in treatment
  std::int64_t only_here = 0;  // courses whose every remaining dose lies in it
  auto operator<=>(const TankContents&) const = default;
};

// A value as the rules see it; the device and point by name, so that rules need no device types.
struct Observation {
  DeviceId device;
  std::string_view point;  // "level", "temperature-top", ...; rules ignore points they do not know
  Quality quality = Quality::comm_lost;
  std::optional<Milli> value;
};

struct PageWords;    // page_text.hpp
struct Summons;      // summons.hpp
struct PageFace;     // summons.hpp
struct PagerAnswer;  // summons.hpp

struct BoardOutputs {
  std::vector<AlarmId> changed;  // retained topics to publish again
  std::vector<RowChange> rows;   // of maintenance and rounds
  std::vector<AlarmId> pending;  // rows to write: a delay began or ended, and nothing is told yet
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

  // `epoch` rises with each start: occurrence numbers hold it, so that none is ever used twice.
  void start(Now now, Epoch epoch, BoardOutputs& out);
  // Catalogue settings that differ from what held at the last start: facts "alarm-setting-changed"
  // with old, new, who and why, and the rows that remember them. Called after the rows.
  std::vector<RowChange> note_settings(Now now, BoardOutputs& out);
  // The site's limits and [[alarm]] tables are others now: delays go on by the new length from when
  // they began, what stands and what was seen last is judged again at once. What stands keeps its
  // worst priority until it closes. Facts and rows as note_settings().
  std::vector<RowChange> reload(Now now, BoardOutputs& out);
  void observe(Now now, const Observation& observation, BoardOutputs& out);
  // As observe(), for who looked up the point once: a reading that says what the one before said
  // costs a comparison.
  struct Watched {
    std::uint32_t place = 0;
  };
  std::optional<Watched> watched(const DeviceId& device, std::string_view point) const;
  void observe(Now now, Watched point, Quality quality, std::optional<Milli> value,
               BoardOutputs& out);
  // A device that answers again, or no longer.
  void device_state(Now now, const DeviceId& device, DeviceState state, BoardOutputs& out);
  void raise(Now now, const Condition& condition, BoardOutputs& out);
  void clear(Now now, std::string_view source, std::string_view condition, BoardOutputs& out);
  // As clear(), of one that nobody was called for: nobody is asked to confirm its end.
  void clear_unheard(Now now, std::string_view source, std::string_view condition,
                     BoardOutputs& out);
  // `conditions` are all of this name that stand now: each is raised, and whatever else of that
  // name stood is cleared.
  void stand(Now now, std::string_view name, const std::vector<Condition>& conditions,
             BoardOutputs& out);
  void prognosis(Now now, const DeviceId& device, const Prognosis& lasts, BoardOutputs& out);
  void inside(Now now, const DeviceId& device, const TankContents& contents, BoardOutputs& out);
  // The broker still shows an alarm, `shown` as rendered. One that a rule raised, that people were
  // told and that died with the last run before it was durable, stands again at once; whatever the
  // board knows better changes nothing. Errors: `shown` cannot be read.
  Status remember(Now now, const AlarmId& alarm, const Json& shown, BoardOutputs& out);
  void on_deadline(Now now, BoardOutputs& out);
  Instant next_deadline() const;

  // Commands "alarm/acknowledge", "alarm/shelve", "alarm/unshelve", ... : same pattern as the
  // ledger's.
  bool handles(std::string_view verb) const;
  Result<Decision> decide(std::string_view verb, const Json& body,
                          const CommandContext& context) const;
  // Applies a fact of such a command once it is durable. Errors: it cannot be read, and changed
  // nothing (see alarm_act.hpp).
  Status apply(Now now, const Fact& fact, BoardOutputs& out);
  static Status readable(const Fact& fact);
  // People must be told of this alarm, or one of them took it; empty: it is shelved, closed,
  // latched, or a P3.
  std::optional<Summons> summons(const AlarmId& alarm) const;
  // A room that nobody may enter now, and why: "Store room 1, oxygen 17.2 %"; empty: none known.
  std::string bad_air(Now now) const;
  // A page about it would call unknown what the first poll of this run is about to say.
  bool awaits_air(const AlarmId& alarm) const;
  // Who acknowledged it while it still is true; empty: nobody.
  UserId taken_by(const AlarmId& alarm) const;
  // Which alarm of its cause a page about it speaks of.
  AlarmId speaker(const AlarmId& alarm) const;
  // What a page about it says now: 7-bit, at most 240 characters, the first 140 stand alone.
  std::string page_text(Now now, const AlarmId& alarm, const PageFace& face) const;
  std::string spoken_text(Now now, const AlarmId& alarm, const PageFace& face, bool japanese) const;
  PageWords words(Now now, const AlarmId& alarm) const;
  // What a person answered by pager, past the checks of the page ledger.
  Status answered(Now now, const AlarmId& alarm, const PagerAnswer& answer, BoardOutputs& out);

  Json render(
      const AlarmId& alarm) const;  // null once normal, acknowledged and not shelved: closed
  Json summary(Now now) const;
  // {by, reason, since, until} of one device; null when nobody works on it.
  Json maintenance(const DeviceId& device) const;
  // Per condition of one device: by which signal it is watched, or why it cannot be.
  Json coverage(const DeviceId& device) const;
  std::vector<AlarmId> open_alarms() const;

 private:
  // Maintenance and rounds (board_rounds.cpp).
  static bool handles_care(std::string_view verb);
  Result<Decision> decide_care(std::string_view verb, const Json& body,
                               const CommandContext& context) const;
  void apply_care(Now now, const FactType& type, const CareAct& act, BoardOutputs& out);
  void apply_act(Now now, const FactType& type, const AlarmAct& act, BoardOutputs& out);

  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace cryobank::alarms
