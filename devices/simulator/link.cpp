#include "devices/simulator/link.hpp"

#include <algorithm>

namespace cryobank::simulator {

namespace {

constexpr std::int64_t kDelayMostMs = 60'000;
constexpr std::uint8_t kAcknowledge = 5;  // taken, and will take long
constexpr std::uint8_t kPathUnavailable = 10;

LinkVerdict verdict_of(const ActiveFault& fault) {
  LinkVerdict out;
  switch (fault.kind) {
    case FaultKind::request_lost:
    case FaultKind::dead:
    case FaultKind::half_open:
      out.action = LinkAction::request_lost;
      out.executed = false;
      break;
    case FaultKind::held_back:
      out.action = LinkAction::request_lost;
      out.executed = false;
      out.held_ms = std::max<std::int64_t>(1, fault.amount);
      break;
    case FaultKind::reply_lost:
      out.action = LinkAction::silent;
      break;
    case FaultKind::garbage:
      out.action = LinkAction::garbage;
      break;
    case FaultKind::truncated:
      out.action = LinkAction::truncated;
      break;
    case FaultKind::one_behind:
      out.action = LinkAction::one_behind;
      break;
    case FaultKind::wrong_unit:
      out.action = LinkAction::wrong_unit;
      break;
    case FaultKind::misrouted:
      out.action = LinkAction::misrouted;
      break;
    case FaultKind::exception:
      out.action = LinkAction::exception;
      out.exception = static_cast<std::uint8_t>(std::clamp<std::int64_t>(fault.amount, 1, 255));
      out.executed = fault.flag || out.exception == kAcknowledge;
      break;
    case FaultKind::gateway:
      out.action = LinkAction::exception;
      out.exception =
          static_cast<std::uint8_t>(fault.amount == 0 ? kPathUnavailable : fault.amount);
      out.executed = fault.flag;
      break;
    case FaultKind::drip:
      out.action = LinkAction::drip;
      out.delay_ms = std::clamp<std::int64_t>(fault.amount, 1, kDelayMostMs);
      break;
    case FaultKind::duplicate:
      out.action = LinkAction::duplicate;
      break;
    case FaultKind::disconnected:
      out.action = LinkAction::disconnected;
      out.executed = fault.flag;
      break;
    default:
      break;
  }
  return out;
}

bool judge_set(FaultSet& faults, bool is_command, Prng& prng, LinkVerdict& out) {
  for (ActiveFault& fault : faults.items()) {
    if (name_of(fault.kind).target != FaultTarget::link || fault.times == 0) continue;
    if (fault.kind == FaultKind::held_back && !is_command) continue;
    if (fault.per_mille < 1000 && !prng.chance(fault.per_mille, 1000)) continue;
    if (fault.times > 0) --fault.times;
    if (fault.kind == FaultKind::delay) {
      out.delay_ms += std::clamp<std::int64_t>(fault.amount, 0, kDelayMostMs);
      continue;
    }
    const std::int64_t delay = out.delay_ms;
    out = verdict_of(fault);
    if (out.action != LinkAction::drip) out.delay_ms += delay;
    return true;
  }
  return false;
}

}  // namespace

LinkVerdict judge_link(FaultSet& line, FaultSet& unit, bool is_command, Prng& prng) {
  LinkVerdict out;
  if (!line.empty() && judge_set(line, is_command, prng, out)) return out;
  if (!unit.empty()) judge_set(unit, is_command, prng, out);
  return out;
}

}  // namespace cryobank::simulator
