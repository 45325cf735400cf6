// The inside of Board: the rules, the alarms and their timers. Split by what happens: board.cpp
// (the public face), board_signals.cpp (signals become events), board_pages.cpp (who is told, when
// again), board_commands.cpp (what people decide).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/deadlines.hpp"
#include "service/alarms/alarm.hpp"
#include "service/alarms/rule.hpp"

namespace cryobank::alarms {

// Open alarms of one site: above this something raises without end, and it is told as one alarm.
inline constexpr std::size_t kAlarmsMax = 10'000;

struct RuleTimer {
  std::uint32_t rule = 0;
  int stage = 0;  // 1 and up: on-delay of that stage; 0: off-delay
  auto operator<=>(const RuleTimer&) const = default;
};

struct AlarmTimer {
  enum class Kind : std::uint8_t { repeat, escalate, verify, shelf } kind = Kind::repeat;
  AlarmId alarm;
  auto operator<=>(const AlarmTimer&) const = default;
};

// A point that rules watch, and its last reading.
struct WatchedPoint {
  std::vector<std::uint32_t> rules;
  Quality quality = Quality::comm_lost;
  std::optional<Milli> value;
  bool settled = false;  // the rules know this reading, and nothing else happened to them since
};

struct Board::Parts {
  explicit Parts(const config::SiteConfig& site);

  const config::SiteConfig& config;
  std::vector<Rule> rules;
  using Points = std::map<std::string, std::uint32_t, std::less<>>;
  std::map<std::string, Points, std::less<>> places;  // in `watched`, by device and point
  std::vector<WatchedPoint> watched;
  std::map<AlarmId, Alarm> alarms;
  Deadlines<RuleTimer> rule_timers;
  Deadlines<AlarmTimer> alarm_timers;
  std::uint64_t next_occurrence = 1;
  std::uint64_t durable_occurrences = 1;  // those below it were known to the record at the start
  int tiers = 0;                          // highest tier of the site's channels

  // board.cpp
  std::optional<std::uint32_t> place_of(std::string_view device, std::string_view point) const;
  void forget_if_closed(const AlarmId& id);
  Alarm* find(const AlarmId& id);
  const Alarm* find(const AlarmId& id) const;
  std::string text_now(const Alarm& alarm) const;
  // A condition of another part, with its final priority and words.
  void told(Now now, const Condition& condition, BoardOutputs& out);
  bool is_forgotten(const Alarm& alarm, const Json& shown) const;

  // board_signals.cpp
  Alarm& alarm_of(const Rule& rule, int index);
  void feed(Now now, std::uint32_t index, Reach reach, BoardOutputs& out);
  void reach_stage(Now now, std::uint32_t index, int stage, BoardOutputs& out);
  void begin_easing(Now now, std::uint32_t index);
  void leave_stage(Now now, std::uint32_t index, BoardOutputs& out);
  void on_rule_timer(Now now, const RuleTimer& timer, BoardOutputs& out);
  void on_alarm_timer(Now now, const AlarmTimer& timer, BoardOutputs& out);
  // Runs one event through the state machine with all that follows; false when it meant nothing.
  bool handle(Now now, Alarm& alarm, AlarmEvent event, BoardOutputs& out);
  void worsen(Now now, Alarm& alarm, int stage, Priority priority, BoardOutputs& out);
  void ease(Now now, Alarm& alarm, BoardOutputs& out);

  // board_pages.cpp
  void begin_paging(Now now, Alarm& alarm, BoardOutputs& out);
  void go_on_paging(Now now, Alarm& alarm, BoardOutputs& out);
  void stop_paging(Alarm& alarm);
  void send_round(Now now, Alarm& alarm, BoardOutputs& out);
  void escalate(Now now, Alarm& alarm, BoardOutputs& out);
  void begin_verify(Now now, Alarm& alarm);
  void verify(Now now, Alarm& alarm, BoardOutputs& out);
  void drop_shelf(Now now, Alarm& alarm, std::string_view why, BoardOutputs& out);
  void end_shelf(Now now, Alarm& alarm, std::string_view why, BoardOutputs& out);
  void resume(Now now, Alarm& alarm, BoardOutputs& out);
  Duration repeat_after(Priority priority) const;
  Duration tier_after(Priority priority, int tier) const;  // from the first page; 0: never
  Status answer(Now now, const ChannelId& channel, const UserId& user, const Json& body,
                BoardOutputs& out);

  // board_commands.cpp
  void set_shelf(Now now, Alarm& alarm, Shelf shelf, BoardOutputs& out);
  void acknowledge(Now now, Alarm& alarm, Acknowledgement taken, BoardOutputs& out);
};

// Marks a retained topic for publishing again, once per output.
void mark_changed(const Alarm& alarm, BoardOutputs& out);
// Adds a fact of stream "alarm" about this alarm: id, occurrence, priority and state are in it.
Json& add_fact(const Alarm& alarm, const FactName& name, Now now, BoardOutputs& out);
void add_note(std::deque<Note>& notes, Note note);

}  // namespace cryobank::alarms
