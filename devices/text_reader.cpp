#include "devices/text_reader.hpp"

#include <algorithm>

#include "service/base/check.hpp"

namespace cryobank::devices {
namespace {

// The checks of a register unit do not apply; its pauses do.
LinkRules link_rules(const config::DeviceProfile& profile, const ReaderRules& rules) {
  LinkRules link;
  link.cycle = rules.fast;
  link.retry_max = std::max(rules.retry_max, profile.quirks.response_timeout * kQuietTimeouts);
  return link;
}

}  // namespace

TextReader::TextReader(DeviceIndex device, const config::DeviceProfile& profile,
                       const ReaderRules& rules, Prng prng)
    : profile_(profile),
      rules_(rules),
      points_(device, profile),
      link_(link_rules(profile, rules), prng) {
  for (const config::Point& point : profile.points) {
    items_.push_back({.pattern = text_pattern(point, rules.unit)});
    has_question_ = has_question_ || !items_.back().pattern.question.empty();
  }
  const auto identity = points_.identity();
  check_identity_ = identity && !items_[*identity].pattern.question.empty();
}

void TextReader::begin(Instant first_poll) {
  first_poll_ = first_poll;
  if (!has_question_) line_due_ = first_poll;
  for (Item& item : items_) {
    if (!item.pattern.question.empty()) item.due = first_poll;
  }
}

Duration TextReader::period_of(std::uint32_t point) const {
  return profile_.points[point].read_class == config::ReadClass::slow ? rules_.slow : rules_.fast;
}

Instant TextReader::due() const {
  if (is_open_ || first_poll_ == kNever) return kNever;
  Instant due = line_due_;
  for (const Item& item : items_) due = std::min(due, item.due);
  if (due == kNever) return kNever;
  return std::max(due, link_.retry_at());
}

bool TextReader::next(Now now, LineRequest& request) {
  if (due() > now.mono) return false;
  open_ = static_cast<std::uint32_t>(items_.size());
  Instant earliest = line_due_;
  for (std::uint32_t i = 0; i < items_.size(); ++i) {
    if (items_[i].due >= earliest) continue;
    earliest = items_[i].due;
    open_ = i;
  }
  if (check_identity_) open_ = *points_.identity();
  if (open_ < items_.size()) request.text = items_[open_].pattern.question;
  request.response_timeout = profile_.quirks.response_timeout;
  request.silence_before = profile_.quirks.frame_pause;
  request.drain_first = true;
  is_open_ = true;
  sent_at_ = now.mono;
  return true;
}

ReplyKind TextReader::on_reply(Now now, const LineReply& reply, std::vector<Reading>& out) {
  CHECK(is_open_);
  is_open_ = false;
  if (reply.modbus.kind != ReplyKind::ok) {
    fail(now, out);
    return reply.modbus.kind;
  }
  if (open_ == items_.size()) {
    heard(now, out);
    line_due_ = next_on_grid(line_due_, rules_.fast, now.mono);
    return ReplyKind::ok;
  }
  const config::Point& point = profile_.points[open_];
  if (points_.identity() == open_ &&
      show(point, decode_answer(point, reply.text)) != profile_.identity_value) {
    fail(now, out);
    return ReplyKind::malformed;
  }
  take_answer(now, reply, out);
  return ReplyKind::ok;
}

void TextReader::take_answer(Now now, const LineReply& reply, std::vector<Reading>& out) {
  heard(now, out);
  if (points_.identity() == open_) check_identity_ = false;
  points_.take_decoded(now, open_, decode_answer(profile_.points[open_], reply.text), out);
  Item& item = items_[open_];
  if (profile_.points[open_].read_class == config::ReadClass::once) {
    item.due = kNever;
  } else {
    item.due = next_on_grid(item.due, period_of(open_), now.mono);
  }
  keep_fresh(now, open_);
}

void TextReader::on_text(Now now, std::string_view text, std::vector<Reading>& out) {
  for (std::uint32_t i = 0; i < items_.size(); ++i) {
    auto decoded = decode_unasked(profile_.points[i], items_[i].pattern, text);
    if (!decoded) continue;
    heard(now, out);
    points_.take_decoded(now, i, std::move(*decoded), out);
    keep_fresh(now, i);
  }
}

void TextReader::keep_fresh(Now now, std::uint32_t point) {
  if (profile_.points[point].read_class == config::ReadClass::once) return;
  items_[point].fresh_until =
      now.mono + period_of(point) * kStalePeriods + profile_.quirks.response_timeout;
  next_check_ = std::min(next_check_, items_[point].fresh_until);
}

void TextReader::heard(Now now, std::vector<Reading>& out) {
  const bool was_lost = lost();
  link_.on_answer();
  silent_ = false;
  ever_heard_ = true;
  last_ok_ = now.wall;
  if (!was_lost) return;
  for (std::uint32_t i = 0; i < items_.size(); ++i) {
    if (items_[i].pattern.question.empty()) points_.mark(now, i, Quality::stale, out);
  }
}

void TextReader::fail(Now now, std::vector<Reading>& out) {
  link_.on_failure(now.mono, sent_at_);
  if (has_question_)
    link_.leave_alone(now.mono + profile_.quirks.response_timeout * kQuietTimeouts);
  const auto identity = points_.identity();
  check_identity_ = identity && !items_[*identity].pattern.question.empty();
  if (link_.lost()) give_up(now, out);
}

void TextReader::give_up(Now now, std::vector<Reading>& out) {
  for (Item& item : items_) item.fresh_until = kNever;
  next_check_ = kNever;
  points_.mark_all(now, Quality::comm_lost, out);
}

void TextReader::on_line_down(Now now, std::vector<Reading>& out) {
  if (is_open_ || first_poll_ > now.mono || link_.retry_at() > now.mono) return;
  sent_at_ = now.mono;
  fail(now, out);
}

void TextReader::check_age(Now now, std::vector<Reading>& out) {
  if (next_check_ > now.mono) return;
  next_check_ = kNever;
  for (std::uint32_t i = 0; i < items_.size(); ++i) {
    if (items_[i].fresh_until <= now.mono) {
      if (link_.failures() > 0) {
        silent_ = true;
        give_up(now, out);
        return;
      }
      items_[i].fresh_until = kNever;
      points_.mark(now, i, Quality::stale, out);
    }
    next_check_ = std::min(next_check_, items_[i].fresh_until);
  }
}

DeviceState TextReader::state() const {
  if (lost() || !ever_heard_) return DeviceState::lost;
  return link_.failures() > 0 ? DeviceState::stale : DeviceState::online;
}

}  // namespace cryobank::devices
