#include "tests/simulation/alarm_checker.hpp"

#include <algorithm>
#include <set>

#include "base/fact_names.hpp"

namespace cryobank::simulation {
namespace {

constexpr std::string_view kActive = "active-unacknowledged";
constexpr std::string_view kTaken = "active-acknowledged";
constexpr std::string_view kCleared = "cleared-unacknowledged";
constexpr std::string_view kLatched = "latched";
constexpr std::string_view kClosed = "closed";

}  // namespace

void AlarmChecker::take(Life& life, const Fact& fact) const {
  const Json& data = fact.data;
  const bool same = data.integer_or("occurrence", -1) == life.occurrence;
  const bool p1 = data.string_or("priority", "") == "p1";
  if (fact.type == fact::kAlarmRaised) {
    life = {data.integer_or("occurrence", 0), std::string(kActive), life.shelved && !p1};
  } else if (fact.type == fact::kAlarmRisen) {
    life.state = kActive;
    life.shelved = life.shelved && !p1;
  } else if (fact.type == fact::kAlarmCleared) {
    life.state = data.string_or("state", "");
  } else if (fact.type == fact::kAlarmUnacknowledged && same) {
    life.state = kActive;
  } else if (fact.type == fact::kAlarmAcknowledged && same) {
    life.may_be_latched = life.state == kCleared;
    life.state = life.state == kActive ? kTaken : kClosed;
  } else if (fact.type == fact::kAlarmReset && same) {
    life.state = kClosed;
    life.may_be_latched = false;
  } else if (fact.type == fact::kAlarmShelved) {
    life.shelved = true;
  } else if (fact.type == fact::kAlarmUnshelved || fact.type == fact::kAlarmShelfEnded) {
    life.shelved = false;
  }
}

void AlarmChecker::after(const Fact& fact) {
  const std::string alarm = fact.data.string_or("alarm", "");
  if (fact.stream != "alarm" || alarm.empty()) return;
  Life& life = lives_[alarm];
  take(life, fact);
  if (life.state == kClosed && !life.shelved && !life.may_be_latched) lives_.erase(alarm);
}

void AlarmChecker::compare_one(const std::string& alarm, const Life& life) const {
  const Json shown = stage_.daemon->bank.board.render(AlarmId(alarm));
  const std::string state = shown.string_or("state", std::string(kClosed));
  const bool fits = state == life.state || (life.may_be_latched && state == kLatched);
  const bool shelved = !shown["shelved"].is_null();
  if (fits && shelved == life.shelved) return;
  stage_.wrong(cat("alarm ", alarm, " is ", state, shelved ? ", shelved" : "",
                   ", and the journal says ", life.state, life.shelved ? ", shelved" : "",
                   ": occurrence ", life.occurrence, ", shown ", shown.dump()));
}

void AlarmChecker::compare() const {
  const core::Core::Parts* parts = stage_.daemon;
  if (parts == nullptr || !parts->recorder.idle() || !stage_.violations.empty()) return;
  std::set<std::string> about_to_change;
  for (const auto& [key, fact] : parts->unapplied) {
    about_to_change.insert(fact.data.string_or("alarm", ""));
  }
  for (const auto& [alarm, life] : lives_) {
    if (!about_to_change.contains(alarm)) compare_one(alarm, life);
  }
  for (const AlarmId& open : parts->bank.board.open_alarms()) {
    const bool known = lives_.contains(open.str()) || about_to_change.contains(open.str());
    if (!known) compare_one(open.str(), Life{});
  }
}

}  // namespace cryobank::simulation
