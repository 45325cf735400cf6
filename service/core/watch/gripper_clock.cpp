#include "service/core/watch/gripper_clock.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kOutOfCold = "out-of-cold";
constexpr std::size_t kVialsNamed = 4;  // vials by name; a page is short

}  // namespace

GripperClock::GripperClock(Bank& bank, AlarmDesk& alarms) : bank_(bank), alarms_(alarms) {
  for (const config::DeviceConfig& device : bank.config.devices) {
    if (device.kind != config::DeviceKind::robot) continue;
    Hand hand;
    hand.robot = device.id;
    hand.gripper = device.gripper;
    hands_.push_back(std::move(hand));
  }
}

GripperClock::Hand* GripperClock::find(const DeviceId& robot) {
  const auto found = std::ranges::find(hands_, robot, &Hand::robot);
  return found == hands_.end() ? nullptr : &*found;
}

void GripperClock::gripped(const Now& now, const DeviceId& robot) {
  Hand* hand = find(robot);
  if (hand == nullptr) return;
  hand->arrived = false;
  if (hand->seen == kNever) hand->seen = now.mono;
  if (hand->warm_since == kNever) hand->warm_since = hand->seen;
}

void GripperClock::arrived(const DeviceId& robot) {
  Hand* hand = find(robot);
  if (hand == nullptr) return;
  hand->arrived = true;
  hand->seen = kNever;
}

void GripperClock::settled(const DeviceId& robot) {
  Hand* hand = find(robot);
  if (hand == nullptr) return;
  hand->arrived = false;
  hand->seen = kNever;
}

GripperClock::Warm GripperClock::on_record(const Now& now, const Hand& hand) const {
  const inventory::View view(bank_.ledger);
  std::vector<std::pair<AliquotId, std::string>> vials;
  if (!hand.arrived) {
    for (const AliquotId& id : view.aliquots_in(hand.gripper))
      vials.emplace_back(id, "in the gripper");
  }
  for (const JobId& id : inventory::retained_jobs(bank_.ledger)) {
    const inventory::Job* job = view.job(id);
    if (job == nullptr || job->robot != hand.robot) continue;
    for (const inventory::Move& move : job->moves) {
      if (move.state == inventory::MoveState::unknown) vials.emplace_back(move.aliquot, "UNKNOWN");
    }
  }
  Warm warm;
  for (std::size_t i = 0; i < vials.size(); ++i) {
    const WallTime since = view.aliquot(vials[i].first)->since;
    // A wall clock that jumped makes it older, never younger than just now.
    const Duration age = since.ms == 0 || since > now.wall ? Duration() : now.wall - since;
    warm.since = std::min(warm.since, now.mono - std::min(age, days(1)));
    if (i == kVialsNamed) warm.vials += cat(" and ", vials.size() - i, " more");
    if (i >= kVialsNamed) continue;
    warm.vials += cat(i == 0 ? "" : ", ", vials[i].first.str(), " (", vials[i].second, ")");
  }
  return warm;
}

void GripperClock::look(const Now& now) {
  for (Hand& hand : hands_) {
    const Warm record = on_record(now, hand);
    const bool warm = hand.seen != kNever || record.since != kNever;
    hand.warm_since = warm ? std::min({hand.warm_since, hand.seen, record.since}) : kNever;
    if (warm && now.mono - hand.warm_since < kOutOfColdWarn) continue;
    std::string text;
    if (warm) {
      text = cat(record.vials.empty() ? cat("The vial in the gripper of ", hand.robot.str())
                                      : cat("Aliquot ", record.vials, " of ", hand.robot.str()),
                 " may be out of the cold for more than ", kOutOfColdWarn.seconds(), " s");
    }
    if (text == hand.told) continue;
    hand.told = text;
    if (text.empty()) {
      alarms_.clear(now, hand.robot.str(), kOutOfCold);
      continue;
    }
    alarms::Condition condition;
    condition.source = hand.robot.str();
    condition.condition = std::string(kOutOfCold);
    condition.priority = alarms::Priority::p1;
    condition.text = std::move(text);
    condition.action = "Bring the vial back into the cold now, and tell the record where it is.";
    alarms_.raise(now, std::move(condition));
  }
}

Instant GripperClock::next_deadline() const {
  Instant next = kNever;
  for (const Hand& hand : hands_) {
    if (hand.warm_since == kNever || !hand.told.empty()) continue;
    next = std::min(next, hand.warm_since + kOutOfColdWarn);
  }
  return next;
}

}  // namespace cryobank::core
