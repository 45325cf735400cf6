// Health: how the service itself is. It says service/state, service/info, a beat every 5 s and a
// pulse every second, feeds the watchdog only while the core and every line answer in time, and
// raises the service's own alarms (source "service"). A store that hangs does not starve the
// watchdog: a process in such a wait cannot even die, and pages and polling go on in this one; it
// is a P1 after 5 s.
//
//   starting --store answered or refused, polling--> online --stop--> stopping
//   stopping --quiet or 3 s--> offline
#pragma once

#include <string>
#include <string_view>

#include "base/service_state.hpp"
#include "service/core/bank.hpp"
#include "service/core/desk/alarm_desk.hpp"
#include "service/core/plan_anchor.hpp"
#include "service/core/publisher.hpp"
#include "service/core/recorder.hpp"

namespace cryobank::core {

inline constexpr Duration kBeatEvery = seconds(5);
// Two may be missed, and a reader of values still marks them old within 5 s of a loss.
inline constexpr Duration kPulseEvery = seconds(1);
// device/{device}/state is told again after so many beats, a minute: its last_ok would grow old.
inline constexpr std::uint64_t kBeatsPerLastOk = 12;
inline constexpr std::uint64_t kBeatsPerState = 4;
// A request ends within its response time-out, at most 10 s, and a connect before it.
inline constexpr Duration kLineAnswerMax = seconds(30);
inline constexpr Duration kStoreSlow = seconds(5);
// An idle store is asked so often, by a commit of one small row.
inline constexpr Duration kProbeEvery = seconds(10);
inline constexpr Duration kStopWithin = seconds(3);

class Health {
 public:
  Health(Bank& bank, Recorder& recorder, Publisher& publisher, Retained& retained,
         AlarmDesk& alarms, const EventLog& events, const PlanAnchor& clock);

  void start(const Now& now);
  void on_link(const Now& now, const BrokerLink& link, Effects& effects);
  void on_settled(const Now& now, const Status& status, Duration took);
  // The record and a decision of ours disagree: a mistake of this program.
  void on_contradiction(const Now& now, const Error& error);
  void on_refused(const Now& now);  // the broker refused a publish
  void on_notice(const Now& now, const RecordNotice& notice);
  void on_clock(const Now& now, OperatorSignal signal);
  // The site changed under the run.
  void say_info(const Now& now);
  void stop(const Now& now);
  void on_deadline(const Now& now, Effects& effects);
  // Whether to end the run now; emits the last effect.
  bool finish(const Now& now, bool quiet, Effects& effects);
  bool stopping() const {
    return state_ == ServiceState::stopping || state_ == ServiceState::offline;
  }
  Instant next_deadline() const;

 private:
  void say_state(const Now& now);
  void beat(const Now& now, Effects& effects);
  void pulse(const Now& now, Effects& effects);
  void say(TopicKind kind, Json json, const Now& now, Effects& effects);
  bool come_up(const Now& now);
  void on_store_failed(const Now& now, const Error& error);
  void look_at_store(const Now& now);
  void look_at_events(const Now& now);
  void look_at_guard(const Now& now, bool unguarded);
  void on_second_daemon(const Now& now, std::string text);
  std::string status_line() const;
  void raise(const Now& now, std::string_view condition, alarms::Priority priority,
             std::string text, std::string action);
  void clear(const Now& now, std::string_view condition);

  Bank& bank_;
  Recorder& recorder_;
  Publisher& publisher_;
  Retained& retained_;
  AlarmDesk& alarms_;
  const EventLog& events_;
  const PlanAnchor& clock_;
  ServiceState state_ = ServiceState::starting;
  std::uint64_t beats_ = 0;
  std::string paging_;  // as said last: ok, degraded, dead
  Instant beat_at_ = kNever;
  Instant pulse_at_ = kNever;
  Instant stop_at_ = kNever;
  Instant refused_until_ = kNever;
  Instant second_until_ = kNever;  // the alarm of a second daemon stands until then
  std::string link_trouble_;       // in words, while there is no link
  bool ready_due_ = false;
  // True at first, so that alarms of an earlier run are cleared by the first good commit.
  bool store_failing_ = true;
  bool store_failed_ = false;  // in this run, and not yet again well
  bool store_slow_ = true;
  bool store_silent_ = false;
  bool events_lost_ = false;
};

}  // namespace cryobank::core
