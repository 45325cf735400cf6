#include "service/core/health.hpp"

#include <algorithm>
#include <utility>

#include "base/command_schema.hpp"
#include "base/text.hpp"
#include "service/core/metrics.hpp"
#include "service/wire/command_gate.hpp"
#include "service/wire/command_memory.hpp"
#include "service/wire/wire.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kHealthSource = "service";
// How long the alarm of a refused publish stands after the last refusal.
constexpr Duration kRefusedStands = minutes(5);
// And that of a second daemon after its last sign: two that take the broker from each other in turn
// show every few seconds.
constexpr Duration kSecondStands = minutes(5);
// So long after its last sign nothing is changed: longer than the pause between two signs, and
// short for the one that is left once the other was stopped.
constexpr Duration kSecondHinders = minutes(1);

// Logins and roles, so that a second person can be chosen and nobody is offered what is not theirs.
Json staff_json(const config::SiteConfig& config) {
  Json staff = Json::array();
  for (const config::UserConfig& user : config.users) {
    Json roles = Json::array();
    for (const std::string& role : user.roles) roles.push(role);
    staff.push(Json::object().set("user", user.id.str()).set("roles", std::move(roles)));
  }
  return staff;
}

std::string info_payload(const Bank& bank, const PlanAnchor& clock, WallTime at) {
  Json schemas = Json::object();
  for (const TopicRule& rule : topic_table()) schemas.set(rule.pattern, rule.schema);
  Json limits = Json::object();
  limits.set("command_bytes", std::int64_t{kCommandPayloadMax});
  limits.set("command_life_s", kCommandLifeMax.seconds());
  limits.set("command_kept_s", kCommandKeep.seconds());
  limits.set("events_kept", std::uint64_t{kEventsKept});
  Json json = Json::object();
  json.set("version", kVersion);
  json.set("site", bank.config.site.str());
  json.set("title", bank.config.title);
  json.set("time_zone", bank.config.time_zone);
  json.set("config_revision", bank.config.revision);
  json.set("schemas", std::move(schemas));
  json.set("limits", std::move(limits));
  json.set("staff", staff_json(bank.config));
  Json protocols = Json::array();
  for (const config::ProtocolConfig& protocol : bank.config.protocols)
    protocols.push(protocol.id.str());
  json.set("protocols", std::move(protocols));
  Json clinics = Json::array();
  for (const config::ClinicConfig& clinic : bank.config.clinics) {
    clinics.push(Json::object()
                     .set("clinic", clinic.id)
                     .set("title", clinic.title)
                     .set("calendar", clinic.calendar.str()));
  }
  json.set("clinics", std::move(clinics));
  Json calendars = Json::array();
  for (const config::CalendarConfig& calendar : bank.config.calendars) {
    calendars.push(calendar.id.str());
  }
  json.set("calendars", std::move(calendars));
  Json scans = Json::array();
  for (const config::ScanDialect& dialect : bank.config.scans) scans.push(dialect.id);
  json.set("scans", std::move(scans));
  Json lists = Json::array();
  for (const config::ListMapping& mapping : bank.config.lists) lists.push(mapping.id);
  json.set("lists", std::move(lists));
  Json plan_clock = Json::object();
  plan_clock.set("at", format_utc(at)).set("plan_time", format_utc(clock.plan_time(at)));
  plan_clock.set("speed", clock.speed());
  json.set("plan_clock", std::move(plan_clock));
  return envelope(std::move(json), rule_of(TopicKind::service_info).schema, at);
}

}  // namespace

Health::Health(Bank& bank, Recorder& recorder, Publisher& publisher, Retained& retained,
               AlarmDesk& alarms, const EventLog& events, const PlanAnchor& clock)
    : bank_(bank),
      recorder_(recorder),
      publisher_(publisher),
      retained_(retained),
      alarms_(alarms),
      events_(events),
      clock_(clock) {}

void Health::say_info(const Now& now) {
  retained_.put(TopicKind::service_info, info_payload(bank_, clock_, now.wall));
}

void Health::start(const Now& now) {
  say_info(now);
  say_state(now);
  beat_at_ = now.mono + kBeatEvery;
  pulse_at_ = now.mono + kPulseEvery;
  refused_until_ = now.mono + kRefusedStands;
  second_until_ = now.mono + kSecondStands;
  if (events_.gaps().empty()) clear(now, "events-lost");
  recorder_.want_commit();
}

void Health::say_state(const Now& now) {
  Json json = Json::object();
  json.set("state", name_of(state_));
  json.set("epoch", bank_.epoch.value);
  if (!bank_.no_record.empty()) {
    json.set("record", "none");
  } else if (store_failed_) {
    json.set("record", "failing");
  } else {
    json.set("record", state_ == ServiceState::starting ? Json() : Json("kept"));
  }
  paging_ = text_of(bank_.pages.status(now), "state");
  json.set("paging", paging_);
  retained_.put(TopicKind::service_state,
                envelope(std::move(json), rule_of(TopicKind::service_state).schema, now.wall));
}

// After a connect the state is said again: the will may have said offline.
void Health::on_link(const Now& now, const BrokerLink& link, Effects& effects) {
  if (link.up) {
    link_trouble_.clear();
    look_at_guard(now, link.unguarded);
    return say_state(now);
  }
  link_trouble_ = link.why.empty() ? "the link to the broker broke" : link.why;
  if (link.trouble == LinkTrouble::taken_over) {
    on_second_daemon(now,
                     "Another client took this daemon's identity at the broker: a second "
                     "daemon of this site runs somewhere");
  }
  effects.push_back(NotifySystemd{SystemdState::status, status_line()});
}

// The user name in a topic proves who sent a command only where the broker holds to its rules.
void Health::look_at_guard(const Now& now, bool unguarded) {
  if (!unguarded) return clear(now, "broker-unguarded");
  raise(
      now, "broker-unguarded", alarms::Priority::p2,
      "The broker keeps no rules: whoever can log in may command as somebody else",
      "Render its configuration and access list anew (cryobankctl broker config), restart it, and "
      "look in the journal at who ordered what meanwhile.");
}

void Health::on_second_daemon(const Now& now, std::string text) {
  second_until_ = now.mono + kSecondStands;
  bank_.doubled_until = now.mono + kSecondHinders;
  raise(
      now, "second-daemon", alarms::Priority::p1, std::move(text),
      "Nothing is changed and no robot moves while both run. Look on every computer that ever ran "
      "it (systemctl status cryobankd), also for a copied disk or virtual machine, and stop the "
      "one that is not at work.");
}

void Health::on_settled(const Now& now, const Status& status, Duration took) {
  if (std::exchange(store_silent_, false) || store_failing_) clear(now, "store-silent");
  if (!status && status.error().code == ErrorCode::conflict) {
    return on_second_daemon(now, cat("Another daemon works on this record, so this one ends: ",
                                     status.error().context));
  }
  if (!status) {
    return on_store_failed(now, status.error());
  }
  if (std::exchange(store_failing_, false)) {
    clear(now, "store-failed");
  }
  if (std::exchange(store_failed_, false) && state_ != ServiceState::starting) say_state(now);
  if (took > kStoreSlow) {
    store_slow_ = true;
    raise(now, "store-slow", alarms::Priority::p3,
          cat("Writing the record took ", took.ms(), " ms"), "Look at the disk and its load.");
  } else if (std::exchange(store_slow_, false)) {
    clear(now, "store-slow");
  }
  if (come_up(now)) say_state(now);
}

// The first answer of the store, good or bad: from then on this run is at work, and says beside it
// whether there is a record.
bool Health::come_up(const Now& now) {
  if (state_ != ServiceState::starting) return false;
  state_ = ServiceState::online;
  beat_at_ = now.mono;
  ready_due_ = true;
  return true;
}

// Machines are watched and people are paged without it; the service manager is told that this runs.
void Health::on_store_failed(const Now& now, const Error& error) {
  store_failing_ = true;
  const bool began = !std::exchange(store_failed_, true);
  if (bank_.no_record.empty()) {
    raise(now, "store-failed", alarms::Priority::p1,
          cat("The record cannot be written: ", error.context),
          "Robots are paused. Free disk space or replace the disk; the service goes on by itself.");
  } else {
    raise(now, "store-failed", alarms::Priority::p1,
          cat("This run has no record: ", bank_.no_record),
          "Machines are watched and pages go out; nothing is kept and robots are paused. The log "
          "says what to type; the service takes the mended record by itself.");
  }
  const bool first = come_up(now);
  if (began || first) say_state(now);
}

void Health::on_contradiction(const Now& now, const Error& error) {
  raise(now, "record-contradiction", alarms::Priority::p2,
        cat("A command was allowed and the record could not take it: ", error.context),
        "Nothing was changed. Report it with the journal's export.");
}

void Health::on_refused(const Now& now) {
  refused_until_ = now.mono + kRefusedStands;
  raise(now, "publish-refused", alarms::Priority::p2, "The broker refused a message of the service",
        "Check the broker's rules: the service's user must read and write its whole site.");
}

void Health::on_notice(const Now& now, const RecordNotice& notice) {
  if (!notice.active) return clear(now, notice.condition);
  raise(now, notice.condition, alarms::Priority::p2, notice.text,
        "Look at the disk it lies on. The service goes on, and follows it again by itself.");
}

void Health::on_clock(const Now& now, OperatorSignal signal) {
  switch (signal) {
    case OperatorSignal::clock_synchronised:
      bank_.clock_state = ClockState::synchronised;
      return clear(now, "clock-unsynchronised");
    case OperatorSignal::clock_unsynchronised:
      bank_.clock_state = ClockState::unsynchronised;
      return raise(now, "clock-unsynchronised", alarms::Priority::p3,
                   "The computer's clock is not synchronised", "Check the time service (NTP).");
    case OperatorSignal::clock_stepped:
      bank_.clock_state = ClockState::stepped;
      return;
    case OperatorSignal::stop:
    case OperatorSignal::reload:
      return;
  }
}

// A commit that has not come back. Nobody knows whether it will, so nothing is written behind it.
void Health::look_at_store(const Now& now) {
  if (!recorder_.silent(now.mono) || std::exchange(store_silent_, true)) return;
  raise(now, "store-silent", alarms::Priority::p1,
        cat("The record's disk has not answered for ", recorder_.unanswered(now.mono).seconds(),
            " s"),
        "Robots are paused and nothing can be recorded; alarms and pages go on. Look at the disk, "
        "its cable and its controller; write down on paper what is moved by hand.");
}

// What the broker did not take for so long that it was not kept.
void Health::look_at_events(const Now& now) {
  const auto gaps = events_.gaps();
  const bool lost = !gaps.empty();
  if (std::exchange(events_lost_, lost) == lost) return;
  if (!lost) return clear(now, "events-lost");
  std::string text = "Events were never sent and are not kept any more:";
  for (const auto& [stream, gap] : gaps) text += cat(" ", stream, " ", gap.first, "-", gap.last);
  raise(
      now, "events-lost", alarms::Priority::p2, std::move(text),
      "Mend the broker's link. Readers of events take what is missing from the journal's export.");
}

std::string Health::status_line() const {
  std::string line = cat(bank_.board.open_alarms().size(), " open alarms, ",
                         bank_.ledger.open_jobs().size(), " open jobs");
  if (!bank_.no_record.empty()) line += cat("; NO RECORD: ", bank_.no_record);
  if (!link_trouble_.empty()) line += cat("; NO BROKER: ", link_trouble_);
  return line;
}

void Health::on_deadline(const Now& now, Effects& effects) {
  if (now.mono >= refused_until_) {
    refused_until_ = kNever;
    clear(now, "publish-refused");
  }
  if (now.mono >= second_until_) {
    second_until_ = kNever;
    clear(now, "second-daemon");
  }
  look_at_store(now);
  if (now.mono >= pulse_at_) {
    pulse_at_ = now.mono + kPulseEvery;
    pulse(now, effects);
  }
  if (now.mono < beat_at_) return;
  look_at_events(now);
  beat_at_ = now.mono + kBeatEvery;
  beat(now, effects);
  if (now.mono - recorder_.last_answer() >= kProbeEvery) recorder_.want_commit();
  if (std::exchange(ready_due_, false)) {
    effects.push_back(NotifySystemd{SystemdState::ready, "polling"});
  }
  if (bank_.fleet.oldest_request(now) >= kLineAnswerMax) {
    log(effects, LogLevel::error, "a line does not answer: watchdog not fed");
    return;
  }
  effects.push_back(NotifySystemd{SystemdState::watchdog, status_line()});
}

void Health::beat(const Now& now, Effects& effects) {
  Json json = bank_.board.summary(now);
  if (!json.is_object()) json = Json::object();
  // The lists are the summary's; a beat is five seconds of a small message.
  for (const char* const list : {"suppressed", "causes", "evacuation"}) json.members().erase(list);
  json.set("epoch", bank_.epoch.value);
  json.set("seq", ++beats_).set("replies_dropped", publisher_.replies_dropped());
  Json paging = bank_.pages.status(now);
  // Said again now and then: a will that came late would say offline for as long as this run lives.
  if (text_of(paging, "state") != paging_ || beats_ % kBeatsPerState == 0) say_state(now);
  json.set("paging", std::move(paging));
  WallTime newest{};
  for (std::uint32_t d = 0; d < bank_.config.devices.size(); ++d) {
    newest = std::max(newest, bank_.fleet.last_ok({d}));
    if (beats_ % kBeatsPerLastOk != 0) continue;
    retained_.mark(TopicKind::device_state, bank_.config.devices[d].id.str());
  }
  if (bank_.config.http.port != 0) {
    ServiceFacts facts;
    facts.state = state_;
    facts.broker = publisher_.link_up();
    facts.store = !store_failing_ && recorder_.healthy() && !recorder_.silent(now.mono);
    facts.beats = beats_;
    facts.sequence = bank_.journal.sequence();
    effects.push_back(expose(bank_, facts, now));
  }
  json.set("scan_age_ms", newest.ms == 0 ? Json() : Json(now.wall.ms - newest.ms));
  say(TopicKind::service_beat, std::move(json), now, effects);
}

void Health::pulse(const Now& now, Effects& effects) {
  Json json = Json::object();
  json.set("epoch", bank_.epoch.value).set("every_ms", kPulseEvery.ms());
  say(TopicKind::service_pulse, std::move(json), now, effects);
}

void Health::say(TopicKind kind, Json json, const Now& now, Effects& effects) {
  publisher_.sign_of_life(kind, envelope(std::move(json), rule_of(kind).schema, now.wall), effects);
}

void Health::stop(const Now& now) {
  if (stopping()) return;
  state_ = ServiceState::stopping;
  stop_at_ = now.mono + kStopWithin;
  say_state(now);
}

bool Health::finish(const Now& now, bool quiet, Effects& effects) {
  if (!stopping()) return false;
  const bool over = now.mono >= stop_at_;
  if (!over && !quiet) return false;
  if (state_ == ServiceState::stopping && !over && publisher_.link_up()) {
    state_ = ServiceState::offline;
    say_state(now);
    return false;  // one more round, to let it out
  }
  stop_at_ = kNever;
  effects.push_back(NotifySystemd{SystemdState::stopping, "stopped"});
  return true;
}

Instant Health::next_deadline() const {
  const Instant silent = store_silent_ ? kNever : recorder_.silent_at();
  return std::min({beat_at_, pulse_at_, stop_at_, refused_until_, second_until_, silent});
}

void Health::raise(const Now& now, std::string_view name, alarms::Priority priority,
                   std::string text, std::string action) {
  alarms::Condition condition;
  condition.source = std::string(kHealthSource);
  condition.condition = std::string(name);
  condition.priority = priority;
  condition.text = std::move(text);
  condition.action = std::move(action);
  alarms_.raise(now, std::move(condition));
}

void Health::clear(const Now& now, std::string_view condition) {
  alarms_.clear(now, kHealthSource, condition);
}

}  // namespace cryobank::core
