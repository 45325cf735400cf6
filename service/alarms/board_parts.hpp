// The inside of Board: the rules, the alarms and their timers. Split by what happens: board.cpp
// (the public face), board_signals.cpp (signals become events), board_causes.cpp (what belongs
// together, how urgent it is), board_pages.cpp (verify, shelves, what people answer),
// board_commands.cpp and board_rounds.cpp (what people decide), board_words.cpp (what pages say),
// board_reload.cpp (other limits while it runs).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/deadlines.hpp"
#include "service/alarms/alarm.hpp"
#include "service/alarms/alarm_index.hpp"
#include "service/alarms/maintenance.hpp"
#include "service/alarms/room_air.hpp"
#include "service/alarms/rounds.hpp"
#include "service/alarms/rule.hpp"

namespace cryobank::alarms {

// Open alarms of one site: above this something raises without end, and it is told as one alarm.
inline constexpr std::size_t kAlarmsMax = 10'000;
// Occurrence numbers of one run begin at its epoch times this: an alarm a second for eleven days.
inline constexpr std::uint64_t kOccurrencesARun = 1'000'000;

struct RuleTimer {
  std::uint32_t rule = 0;
  int stage = 0;  // 1 and up: on-delay of that stage; 0: off-delay
  auto operator<=>(const RuleTimer&) const = default;
};

struct AlarmTimer {
  enum class Kind : std::uint8_t { verify, shelf, care } kind = Kind::verify;
  AlarmId alarm;
  auto operator<=>(const AlarmTimer&) const = default;
};

// What a site may change in an entry, in one line, to compare and to journal.
std::string setting_text(const RuleSpec& spec);

// A point that rules watch, and its last reading.
struct WatchedPoint {
  std::vector<std::uint32_t> rules;
  Quality quality = Quality::comm_lost;
  std::optional<Milli> value;
  bool settled = false;  // the rules know this reading, and nothing else happened to them since
  bool events = false;   // each value counts, also an equal one
  bool proves = false;   // that a maintenance is over
  DeviceId device;
  std::string meaning;
  RoomAir* air = nullptr;
};

// What the board knows of one freezer beside its rules.
struct TankFacts {
  std::optional<Prognosis> lasts;
  Instant at{};                        // of the prognosis
  std::optional<WallTime> lost_since;  // above -130 Cel; ms 0: before this run saw it
  TankContents inside;
};

struct Board::Parts {
  explicit Parts(const config::SiteConfig& site);

  const config::SiteConfig& config;
  std::vector<Rule> rules;
  using Points = std::map<std::string, std::uint32_t, std::less<>>;
  std::map<std::string, Points, std::less<>> places;  // in `watched`, by device and point
  std::vector<WatchedPoint> watched;
  std::map<AlarmId, Alarm> alarms;
  AlarmIndex filed;                                               // of `alarms`
  std::map<std::string, std::size_t, std::less<>> device_places;  // in config.devices
  Deadlines<RuleTimer> rule_timers;
  Deadlines<AlarmTimer> alarm_timers;
  std::uint64_t next_occurrence = 1;
  std::uint64_t durable_occurrences = 1;  // those below it were known to the record at the start
  std::uint64_t first_occurrence = 1;     // of this run
  std::map<std::string, std::vector<std::uint32_t>, std::less<>> rules_of;  // by device
  std::map<DeviceId, TankFacts> tanks;
  std::map<std::string, RoomAir, std::less<>> air;  // by room
  std::map<DeviceId, Maintenance> maintained;
  std::map<DeviceId, Rounds> rounds;
  std::map<std::string, std::string, std::less<>> settings;  // as they held at the last start

  // board.cpp
  std::optional<std::uint32_t> place_of(std::string_view device, std::string_view point) const;
  void forget_if_closed(const AlarmId& id);
  void follow_value(const Rule& rule, BoardOutputs& out);
  void follow_quality(Rule& rule, Quality quality, BoardOutputs& out);
  Alarm* find(const AlarmId& id);
  const Alarm* find(const AlarmId& id) const;
  std::string text_now(const Alarm& alarm) const;
  WatchedPoint& watch(const DeviceId& device, std::string_view meaning);
  Status load_side_row(std::string_view key, const Json& row);
  Status load_pending(std::string_view key, const Json& row);
  Status load_maintenance(std::string_view key, const Json& row);
  Status load_rounds(std::string_view key, const Json& row);
  const config::AlarmOverride* override_of(const Rule& rule) const;
  const config::DeviceConfig* device_at(const DeviceId& device) const;
  const config::DeviceConfig* device_of(const Alarm& alarm) const;
  const config::AlarmEntry* entry_of(const Alarm& alarm) const;
  Rule* rule_of(std::string_view device, std::string_view condition);
  // A condition of no device, with its final priority and words.
  void told(Now now, const Condition& condition, BoardOutputs& out);
  bool is_forgotten(const Alarm& alarm, std::uint64_t told) const;

  // board_reload.cpp
  void limit_air();
  void renew(Now now, std::uint32_t index, BoardOutputs& out);
  void take_off(Now now, std::uint32_t index, BoardOutputs& out);
  void keep_delays(Now now, std::uint32_t index, const config::AlarmEntry& before,
                   BoardOutputs& out);
  void judge_anew(Now now, std::uint32_t index, BoardOutputs& out);

  // board_causes.cpp
  std::string cause_of(const Alarm& alarm) const;
  std::string cut_off_cause(const config::DeviceConfig& freezer) const;
  std::string joined_cause(const Alarm& alarm, const config::AlarmEntry& entry) const;
  std::string outage_cause(const Alarm& alarm) const;
  std::string liquid_cause(const Alarm& alarm, std::string_view group) const;
  void judge_suppression(Now now, const Alarm& by, BoardOutputs& out);
  void close_unheard(Now now, Alarm& alarm, BoardOutputs& out);
  void release(Now now, Alarm& alarm, BoardOutputs& out);
  void mark_device(const DeviceId& device, BoardOutputs& out) const;
  bool is_easing(const Alarm& alarm) const;
  const Alarm* leader_of(const Alarm& alarm) const;  // of its cause: who speaks for it on a page

  // board_urgency.cpp
  Json evacuation() const;
  int danger_of(const Alarm& alarm) const;
  Priority urgency_of(const Alarm& alarm, Priority own) const;
  void judge_urgency(Now now, const DeviceId& device, BoardOutputs& out);

  // board_words.cpp
  std::string first_lost_of(const config::DeviceConfig& device) const;
  void tell_outage(const Alarm& leader, PageWords& words) const;
  std::string news_of(const Alarm& member, const Alarm& leader) const;
  std::string bad_air(Now now) const;  // "Store room 1, oxygen 17.2 %" of any room; empty: none
  std::string title_of_room(const std::string& room) const;
  // Why nobody may go where this alarm sends a person, without figures; of what has no place: of
  // any room, with its name. Empty: nothing known against it.
  std::string bad_air_of(const Alarm& alarm) const;
  void mark_room(const RoomAir& room, BoardOutputs& out) const;
  void add_place(Now now, const config::DeviceConfig& device, const Alarm& alarm,
                 PageWords& words) const;

  // board_maintenance.cpp
  // What is due of one device: the end of its maintenance, an entry that was not made.
  void care(Now now, const DeviceId& device, BoardOutputs& out);
  WallTime look_at_work(Now now, const DeviceId& device, BoardOutputs& out);  // ms 0: no more
  void tell_care(Now now, const DeviceId& device, std::string_view condition, std::string text,
                 BoardOutputs& out);
  void keep_maintenance(const DeviceId& device, BoardOutputs& out);
  void watch_for_proof(Now now, const DeviceId& device, std::string_view meaning, Quality quality,
                       std::optional<Milli> value);
  std::string unproven(Now now, const DeviceId& device) const;

  // board_rounds.cpp
  WallTime look_at_rounds(Now now, const DeviceId& device, BoardOutputs& out);  // ms 0: no more
  bool is_unwatched(const DeviceId& device) const;
  void substitute(Now now, const DeviceId& device, BoardOutputs& out);
  bool device_reads(const config::DeviceConfig& device, std::string_view meaning) const;
  void take_round(Now now, const CareAct& act, BoardOutputs& out);
  void tell_found_late(Now now, const CareAct& act, const Rule& rule, Milli value,
                       BoardOutputs& out);
  Result<Decision> decide_round(const DeviceId& device, const Json& body,
                                const CommandContext& context) const;
  void keep_rounds(const DeviceId& device, BoardOutputs& out);
  void start_care(Now now, BoardOutputs& out);

  // board_signals.cpp
  void note_pending(const Rule& rule, BoardOutputs& out);
  void tell_device(Now now, std::uint32_t index, const Condition& condition, bool stands,
                   BoardOutputs& out);
  bool explain(Now now, std::string_view device, std::string_view name, bool stands,
               BoardOutputs& out);
  Alarm& alarm_of(const Rule& rule, int index);
  void feed(Now now, std::uint32_t index, ReachedStages reach, BoardOutputs& out);
  void reach_stage(Now now, std::uint32_t index, int stage, BoardOutputs& out);
  void begin_delay(Now now, std::uint32_t index, int stage, BoardOutputs& out);
  void count_passing(Now now, std::uint32_t index, BoardOutputs& out);
  void begin_easing(Now now, std::uint32_t index);
  void leave_stage(Now now, std::uint32_t index, BoardOutputs& out);
  void on_rule_timer(Now now, const RuleTimer& timer, BoardOutputs& out);
  void on_alarm_timer(Now now, const AlarmTimer& timer, BoardOutputs& out);
  // Runs one event through the state machine with all that follows; false when it meant nothing.
  bool handle(Now now, Alarm& alarm, AlarmEvent event, BoardOutputs& out);
  void worsen(Now now, Alarm& alarm, int stage, Priority priority, BoardOutputs& out);
  void ease(Now now, Alarm& alarm, BoardOutputs& out);

  // board_pages.cpp
  Duration coming_within(Now now, const Alarm& alarm) const;
  Duration travel_to(const config::DeviceConfig& device) const;
  void begin_verify(Now now, Alarm& alarm);
  void judge_taken(Now now, const DeviceId& device, BoardOutputs& out);
  void verify(Now now, Alarm& alarm, BoardOutputs& out);
  void drop_shelf(Now now, Alarm& alarm, std::string_view why, BoardOutputs& out);
  void end_shelf(Now now, Alarm& alarm, std::string_view why, BoardOutputs& out);
  void resume(Now now, Alarm& alarm, BoardOutputs& out);

  // board_commands.cpp
  void set_shelf(Now now, Alarm& alarm, Shelf shelf, BoardOutputs& out);
  void take_back(Now now, Alarm& alarm, BoardOutputs& out);
  void acknowledge(Now now, Alarm& alarm, Acknowledgement taken, BoardOutputs& out);
};

// People must be told of it: unacknowledged, not shelved, no P3.
bool wants_pages(const Alarm& alarm);
// A person has it, and it is still true.
bool is_taken(const Alarm& alarm);
// Marks a retained topic for publishing again, once per output.
void mark_changed(const Alarm& alarm, BoardOutputs& out);
// Adds a fact of stream "alarm" about this alarm: id, occurrence, priority and state are in it.
Json& add_fact(const Alarm& alarm, const FactName& type, Now now, BoardOutputs& out);
void add_note(std::deque<Note>& notes, Note note);
// A fact of somebody's care for a device, and what it says of all of them.
Decision care_fact(const FactName& type, Json data, std::string message);
Json care_of(const DeviceId& device, const CommandContext& context);
// Whoever takes it at the board to go there is on the way, as one who answered a page is.
void note_going(Alarm& alarm, const UserId& by, WallTime at);
void forget_going(Alarm& alarm, const UserId& by);

}  // namespace cryobank::alarms
