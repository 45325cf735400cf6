// Finding the bad register: the part of RegisterReader that takes refused and wrong spans apart,
// keeps what is bad alone, and merges the rest again.
#include <algorithm>
#include <utility>

#include "devices/line/register_reader.hpp"

namespace cryobank::devices {

// One span that is answered wrongly for ever beside good ones costs its own points only.
ReplyKind RegisterReader::on_wrong(Now now, std::vector<Reading>& out) {
  SpanPoll& poll = polls_[open_];
  const bool others_answer = last_good_ > poll.wrong_at && polls_.size() > 1;
  poll.wrong_at = now.mono;
  wrong_identity_ = false;
  // The others are asked before it is asked again, or nobody would learn that they answer:
  //   0 s  0..7 good, 40 wrong     1 s  0..7 good, 40 wrong (2nd)     2 s  (3rd): 40 is left out
  poll.due = next_on_grid(poll.due, period_of(poll.span), now.mono);
  if (!others_answer) {
    fail(now, out);
    return ReplyKind::malformed;
  }
  ++poll.refusals;
  if (poll.refusals < kRefusalsBelieved && poll.state != SpanState::refused) {
    fail(now, out);
    return ReplyKind::malformed;
  }
  link_.check_anew();
  take_apart(now, out);
  return ReplyKind::malformed;
}

void RegisterReader::on_refused(Now now, std::vector<Reading>& out) {
  SpanPoll& poll = polls_[open_];
  ++poll.refusals;
  if (poll.was_good && poll.refusals < kRefusalsBelieved && poll.state != SpanState::refused) {
    poll.failing = true;  // asked again in its next period; age decides
    poll.due = next_on_grid(poll.due, period_of(poll.span), now.mono);
    return;
  }
  take_apart(now, out);
}

Instant RegisterReader::next_try(Now now, SpanPoll& poll) const {
  constexpr int kDoublingsMax = 10;
  const Duration first = poll.was_good ? kMismatchFirst : kNeverGoodFirst;
  const int doublings = std::min(poll.pauses++, kDoublingsMax);
  return now.mono + std::min(first * (std::int64_t{1} << doublings), kMismatchRetry);
}

void RegisterReader::take_apart(Now now, std::vector<Reading>& out) {
  std::vector<Span> items = split_span(profile_, polls_[open_].span);
  if (items.size() > 1) {
    const bool was_good = polls_[open_].was_good;
    was_whole_ = was_whole_ || was_good;
    polls_.erase(polls_.begin() + static_cast<std::ptrdiff_t>(open_));
    for (Span& item : items) {
      polls_.push_back({.span = std::move(item),
                        .due = now.mono,
                        .state = SpanState::isolating,
                        .was_good = was_good});
    }
    return;
  }
  SpanPoll& poll = polls_[open_];
  if (poll.state == SpanState::isolating) found_bad_item_ = true;
  poll.state = SpanState::refused;
  poll.due = next_try(now, poll);
  poll.fresh_until = kNever;
  for (const std::uint32_t point : poll.span.points) {
    points_.mark(now, point, Quality::profile_mismatch, out);
  }
  merge_when_isolated(now);
}

void RegisterReader::on_device_failure(Now now, std::vector<Reading>& out) {
  SpanPoll& poll = polls_[open_];
  poll.failing = true;
  if (!poll.retried) {
    poll.retried = true;  // its due time stays: asked once more at once
    return;
  }
  poll.retried = false;
  poll.fresh_until = kNever;
  poll.due = next_on_grid(poll.due, period_of(poll.span), now.mono);
  for (const std::uint32_t point : poll.span.points) {
    points_.mark(now, point, Quality::sensor_broken, out);
  }
}

// Once every item of a cut span is known, the good ones are merged again around the bad ones. A
// device that refuses the whole and answers every part keeps being asked for the parts.
void RegisterReader::merge_when_isolated(Now now) {
  std::vector<std::uint32_t> left_out;
  std::vector<bool> merge(profile_.points.size(), false);
  for (const SpanPoll& poll : polls_) {
    if (poll.state == SpanState::isolating) return;
    if (poll.state != SpanState::isolated) continue;
    for (const std::uint32_t point : poll.span.points) merge[point] = true;
  }
  const bool bad = std::exchange(found_bad_item_, false);
  const bool whole = std::exchange(was_whole_, false);
  if (!bad && !whole) {
    for (SpanPoll& poll : polls_) {
      if (poll.state == SpanState::isolated) poll.state = SpanState::whole;
    }
    return;
  }
  Instant fresh_until = kNever;
  for (const SpanPoll& poll : polls_) fresh_until = std::min(fresh_until, poll.fresh_until);
  std::erase_if(polls_, [](const SpanPoll& poll) { return poll.state == SpanState::isolated; });
  for (std::uint32_t i = 0; i < merge.size(); ++i) {
    if (!merge[i]) left_out.push_back(i);
  }
  for (Span& span : plan_spans(profile_, left_out)) {
    const Instant due = next_on_grid(first_poll_, period_of(span), now.mono);
    polls_.push_back({.span = std::move(span), .due = due, .fresh_until = fresh_until});
  }
}

}  // namespace cryobank::devices
