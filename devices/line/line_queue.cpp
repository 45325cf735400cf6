#include "devices/line/line_queue.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/text.hpp"

namespace cryobank::devices {

LineQueue::LineQueue(std::size_t units, LineManners manners) : manners_(manners), polls_(units) {}

Status LineQueue::push(Lane lane, std::uint32_t ticket) {
  CHECK(lane != Lane::poll);
  std::deque<std::uint32_t>& queue = lane == Lane::safety ? safety_ : robot_;
  if (queue.size() >= kLaneMax) {
    return make_error(ErrorCode::unavailable,
                      cat("expected fewer than ", kLaneMax, " requests waiting for one line"));
  }
  queue.push_back(ticket);
  return {};
}

Instant LineQueue::next_due() const {
  if (in_flight_) return kNever;
  if (!safety_.empty() || !robot_.empty()) return silent_until_;
  const Instant due = polls_.next();
  return due == kNever ? kNever : std::max(due, silent_until_);
}

std::optional<LineQueue::Turn> LineQueue::next(Instant now) {
  if (next_due() > now) return std::nullopt;
  for (const Lane lane : {Lane::safety, Lane::robot}) {
    std::deque<std::uint32_t>& queue = lane == Lane::safety ? safety_ : robot_;
    if (queue.empty()) continue;
    const std::uint32_t ticket = queue.front();
    queue.pop_front();
    return Turn{lane, ticket};
  }
  return Turn{Lane::poll, polls_.first()};
}

void LineQueue::answered(Instant now, ReplyKind kind, Duration quiet) {
  CHECK(in_flight_);
  in_flight_ = false;
  switch (kind) {
    case ReplyKind::ok:
    case ReplyKind::exception:
      return;
    case ReplyKind::timeout:
    case ReplyKind::malformed:
    case ReplyKind::disconnected:
      drain_ = true;
      reconnect_ = manners_.reconnects;
      if (manners_.quiet_after_failure) silent_until_ = now + quiet;
      return;
  }
  CHECK(false);
}

void LineQueue::lost_unit_failed(Instant now, Instant sent_at) {
  lost_turn_at_ = now + (now - sent_at) * kLostShare;
}

bool LineQueue::take_drain() { return std::exchange(drain_, false); }
bool LineQueue::take_reconnect() { return std::exchange(reconnect_, false); }

}  // namespace cryobank::devices
