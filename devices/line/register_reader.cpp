#include "devices/line/register_reader.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/text.hpp"

namespace cryobank::devices {
namespace {

LinkRules link_rules(const config::DeviceProfile& profile, const ReaderRules& rules) {
  LinkRules link;
  link.late_answers = rules.late_answers;
  link.gateway = rules.gateway;
  link.has_identity = !profile.identity_point.empty();
  link.cycle = rules.fast;
  link.retry_max = rules.retry_max;
  link.response_timeout = profile.quirks.response_timeout;
  return link;
}

bool refuses_request(std::uint8_t exception) { return exception >= 1 && exception <= 3; }

}  // namespace

RegisterReader::RegisterReader(DeviceIndex device, const config::DeviceProfile& profile,
                               const ReaderRules& rules, Prng prng)
    : profile_(profile),
      rules_(rules),
      points_(device, profile, rules.unit),
      link_(link_rules(profile, rules), prng),
      plan_(plan_spans(profile, {})) {
  CHECK(rules.fast.ns > 0 && rules.slow.ns > 0);
  for (const Span& span : plan_) polls_.push_back({.span = span});
  plan_checks();
}

void RegisterReader::begin(Instant first_poll) {
  first_poll_ = first_poll;
  for (SpanPoll& poll : polls_) poll.due = first_poll;
}

void RegisterReader::plan_checks() {
  if (plan_.empty()) return;
  identity_check_ = points_.identity() ? span_of(profile_, *points_.identity()) : plan_[0];
  std::vector<Span> same_shape;
  const auto consider = [&](const Span& span) {
    if (!span.same_shape(identity_check_)) {
      other_checks_.push_back(span);
    } else if (span.address != identity_check_.address) {
      same_shape.push_back(span);
    }
  };
  for (const Span& span : plan_) consider(span);
  if (other_checks_.empty()) consider(split_span(profile_, plan_[0])[0]);
  if (other_checks_.empty()) other_checks_ = std::move(same_shape);
  if (other_checks_.empty()) other_checks_.push_back(identity_check_);
}

const Span& RegisterReader::check_span(LinkCheck check) const {
  return check == LinkCheck::other ? other_checks_[other_check_] : identity_check_;
}

Duration RegisterReader::period_of(const Span& span) const {
  return span.read_class == config::ReadClass::slow ? rules_.slow : rules_.fast;
}

Instant RegisterReader::due() const {
  if (is_open_ || polls_.empty()) return kNever;
  const Instant earliest = std::max(link_.retry_at(), first_poll_);
  if (!link_.trusted()) return earliest;
  Instant due = kNever;
  for (const SpanPoll& poll : polls_) due = std::min(due, poll.due);
  return std::max(due, earliest);
}

// What is due longest; of those that are due now, one that was answered wrongly since anything was
// answered well comes last.
std::size_t RegisterReader::first_due(Now now) const {
  const auto rank = [&](const SpanPoll& poll) {
    const bool wrong = poll.wrong_at.ns > 0 && poll.wrong_at >= last_good_;
    return std::pair(poll.due > now.mono || wrong, poll.due);
  };
  std::size_t first = 0;
  for (std::size_t i = 1; i < polls_.size(); ++i) {
    if (rank(polls_[i]) < rank(polls_[first])) first = i;
  }
  return first;
}

bool RegisterReader::next(Now now, LineRequest& request) {
  if (due() > now.mono) return false;
  open_check_ = link_.next_check();
  if (open_check_ == LinkCheck::none) {
    open_ = first_due(now);
    request.modbus = read_request(polls_[open_].span, rules_.unit);
  } else {
    request.modbus = read_request(check_span(open_check_), rules_.unit);
  }
  request.response_timeout = profile_.quirks.response_timeout;
  request.silence_before = profile_.quirks.frame_pause;
  request.counts_characters = profile_.quirks.counts_characters;
  is_open_ = true;
  sent_at_ = now.mono;
  return true;
}

ReplyKind RegisterReader::on_reply(Now now, const LineReply& reply, std::vector<Reading>& out) {
  CHECK(is_open_);
  is_open_ = false;
  const ModbusReply& modbus = reply.modbus;
  if (modbus.kind != ReplyKind::ok) fault_ = describe(modbus);
  switch (modbus.kind) {
    case ReplyKind::ok:
    case ReplyKind::exception:
      return open_check_ == LinkCheck::none ? on_span_reply(now, modbus, out)
                                            : on_check_reply(now, modbus, out);
    case ReplyKind::malformed:
      if (open_check_ == LinkCheck::none) return on_wrong(now, out);
      wrong_identity_ = false;
      fail(now, out);
      return modbus.kind;
    case ReplyKind::timeout:
    case ReplyKind::disconnected:
      wrong_identity_ = false;
      fail(now, out);
      return modbus.kind;
  }
  CHECK(false);
}

// Whether the answer can be the one to that check. A refusal is an answer, but says nothing about
// who gave it.
bool RegisterReader::passes(LinkCheck check, const ModbusReply& reply) {
  const bool has_identity = points_.identity().has_value();
  const Span& span = check_span(check);
  if (reply.kind == ReplyKind::exception) {
    return refuses_request(reply.exception) && (check == LinkCheck::other || !has_identity);
  }
  if (reply.values.size() != span.count) return false;
  if (!has_identity) return true;
  if (check != LinkCheck::other) return points_.identity_agrees(span, reply.values);
  return span.address == identity_check_.address || !span.same_shape(identity_check_) ||
         !points_.identity_agrees(identity_check_, reply.values);
}

ReplyKind RegisterReader::on_check_reply(Now now, const ModbusReply& reply,
                                         std::vector<Reading>& out) {
  if (!passes(open_check_, reply)) {
    const bool another_value =
        reply.kind == ReplyKind::ok && reply.values.size() == check_span(open_check_).count;
    wrong_identity_ =
        open_check_ != LinkCheck::other && (another_value || refuses_request(reply.exception));
    if (another_value) fault_ = points_.why_not(check_span(open_check_), reply.values);
    other_check_ = (other_check_ + 1) % other_checks_.size();
    fail(now, out);
    return reply.kind == ReplyKind::exception ? reply.kind : ReplyKind::malformed;
  }
  link_.on_check_passed();
  if (link_.trusted()) {
    heard(now);
    ask_everything(now);
  }
  return reply.kind;
}

ReplyKind RegisterReader::on_span_reply(Now now, const ModbusReply& reply,
                                        std::vector<Reading>& out) {
  if (reply.kind == ReplyKind::exception) {
    on_exception(now, reply.exception, out);
    return ReplyKind::exception;
  }
  SpanPoll& poll = polls_[open_];
  if (reply.values.size() != poll.span.count) {
    fault_ = cat(reply.values.size(), " values where ", poll.span.count, " were asked for");
    return on_wrong(now, out);
  }
  if (!points_.identity_agrees(poll.span, reply.values)) {
    wrong_identity_ = true;
    fault_ = points_.why_not(poll.span, reply.values);
    fail(now, out);
    return ReplyKind::malformed;
  }
  const bool isolating = poll.state == SpanState::isolating;
  const bool is_back = poll.state == SpanState::refused;
  take_values(now, poll, reply, out);
  if (is_back) {
    for (SpanPoll& other : polls_) {
      if (other.state == SpanState::whole) other.state = SpanState::isolated;
    }
    was_whole_ = true;
  }
  if (isolating || is_back) merge_when_isolated(now);
  return ReplyKind::ok;
}

void RegisterReader::take_values(Now now, SpanPoll& poll, const ModbusReply& reply,
                                 std::vector<Reading>& out) {
  const bool was_silent = link_.failures() > 0;
  heard(now);
  points_.take(now, poll.span, reply.values, out);
  poll.retried = false;
  poll.failing = false;
  if (poll.state == SpanState::isolating) poll.state = SpanState::isolated;
  if (poll.state == SpanState::refused) poll.state = SpanState::isolated;
  poll.was_good = true;
  poll.refusals = 0;
  poll.pauses = 0;
  last_good_ = now.mono;
  if (poll.span.read_class == config::ReadClass::once) {
    poll.due = kNever;
  } else {
    const Duration period = period_of(poll.span);
    poll.due = next_on_grid(poll.due, period, now.mono);
    poll.fresh_until = now.mono + period * kStalePeriods + profile_.quirks.response_timeout;
    next_check_ = std::min(next_check_, poll.fresh_until);
  }
  if (was_silent) ask_everything(now);
}

void RegisterReader::on_exception(Now now, std::uint8_t code, std::vector<Reading>& out) {
  constexpr std::uint8_t kAcknowledge = 5;
  constexpr std::uint8_t kBusy = 6;
  constexpr std::uint8_t kGatewayPath = 10;
  if (code >= kGatewayPath) {
    wrong_identity_ = false;
    link_.suspect_late_answers();
    fail(now, out);
    return;
  }
  const std::string told = fault_;
  heard(now);
  fault_ = told;
  if (refuses_request(code)) {
    on_refused(now, out);
  } else if (code == kAcknowledge || code == kBusy) {
    SpanPoll& poll = polls_[open_];
    poll.due = next_on_grid(poll.due, period_of(poll.span), now.mono);
    poll.failing = true;
  } else {
    on_device_failure(now, out);
  }
}

void RegisterReader::fail(Now now, std::vector<Reading>& out) {
  link_.on_failure(now.mono, sent_at_);
  if (link_.lost()) give_up(now, out);
}

void RegisterReader::give_up(Now now, std::vector<Reading>& out) {
  for (SpanPoll& poll : polls_) poll.fresh_until = kNever;
  next_check_ = kNever;
  points_.mark_all(now, wrong_identity_ ? Quality::profile_mismatch : Quality::comm_lost, out);
}

void RegisterReader::heard(Now now) {
  if (open_check_ == LinkCheck::none) fault_.clear();
  link_.on_answer();
  wrong_identity_ = false;
  silent_ = false;
  ever_heard_ = true;
  last_ok_ = now.wall;
}

void RegisterReader::ask_everything(Now now) {
  for (SpanPoll& poll : polls_) {
    if (poll.state != SpanState::refused) poll.due = std::min(poll.due, now.mono);
  }
}

void RegisterReader::on_heard(Now now) { link_.hurry(now.mono); }

// A TCP connection is made anew; on other lines that answer may still come.
void RegisterReader::on_failed_elsewhere(Now now, Instant sent_at, std::vector<Reading>& out) {
  if (is_open_ || !rules_.late_answers) return;
  sent_at_ = sent_at;
  fail(now, out);
}

void RegisterReader::on_line_down(Now now, std::vector<Reading>& out) {
  if (is_open_ || first_poll_ > now.mono || link_.retry_at() > now.mono) return;
  sent_at_ = now.mono;
  wrong_identity_ = false;
  fail(now, out);
}

void RegisterReader::check_age(Now now, std::vector<Reading>& out) {
  if (next_check_ > now.mono) return;
  next_check_ = kNever;
  for (SpanPoll& poll : polls_) {
    if (poll.fresh_until <= now.mono) {
      if (link_.failures() > 0) {
        silent_ = true;
        give_up(now, out);
        return;
      }
      poll.fresh_until = kNever;
      poll.failing = true;
      for (const std::uint32_t point : poll.span.points) {
        points_.mark(now, point, Quality::stale, out);
      }
    }
    next_check_ = std::min(next_check_, poll.fresh_until);
  }
}

DeviceState RegisterReader::state() const {
  if (lost()) return wrong_identity_ ? DeviceState::degraded : DeviceState::lost;
  if (!ever_heard_) return DeviceState::lost;
  if (link_.failures() > 0) return DeviceState::stale;
  for (const SpanPoll& poll : polls_) {
    if (poll.failing || poll.state == SpanState::refused) return DeviceState::degraded;
  }
  return DeviceState::online;
}

}  // namespace cryobank::devices
