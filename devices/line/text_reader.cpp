#include "devices/line/text_reader.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/text.hpp"

namespace cryobank::devices {
namespace {

constexpr std::size_t kFaultShown = 60;  // of a line that fits none, in a sentence

// The checks of a register unit do not apply; its pauses do.
LinkRules text_link_rules(const config::DeviceProfile& profile, const ReaderRules& rules) {
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
      link_(text_link_rules(profile, rules), prng),
      forms_(text_forms(profile, rules.unit)),
      fresh_until_(profile.points.size(), kNever) {
  find_questions();
  find_silence();
  check_identity_ = identity_question_.has_value();
}

void TextReader::find_questions() {
  for (std::size_t i = 0; i < forms_.size(); ++i) {
    if (forms_[i].question.empty()) continue;
    Question question{i, config::ReadClass::once, kNever};
    const auto tells = [&](std::uint32_t point) {
      question.read_class = std::min(question.read_class, profile_.points[point].read_class);
      if (points_.identity() == point) identity_question_ = questions_.size();
    };
    for (const TextForm::Piece& piece : forms_[i].pieces) {
      if (piece.kind == config::TextPiece::Kind::point) tells(piece.point);
    }
    for (const auto& [point, value] : forms_[i].sets) tells(point);
    questions_.push_back(question);
  }
}

// A device that speaks by itself is silent for too long when its slowest value was due three times.
void TextReader::find_silence() {
  if (!questions_.empty()) return;
  for (const TextForm& form : forms_) {
    for (const TextForm::Piece& piece : form.pieces) {
      if (piece.kind != config::TextPiece::Kind::point) continue;
      const config::ReadClass read_class = profile_.points[piece.point].read_class;
      if (read_class == config::ReadClass::once) continue;
      silence_max_ = std::max(silence_max_, pace_of(piece.point) * kStalePeriods);
    }
  }
}

void TextReader::begin(Instant first_poll) {
  first_poll_ = first_poll;
  if (questions_.empty()) line_due_ = first_poll;
  if (silence_max_.ns > 0) speak_by_ = first_poll + silence_max_;
  next_check_ = speak_by_;
  for (Question& question : questions_) question.due = first_poll;
}

Duration TextReader::period_of(config::ReadClass read_class) const {
  return read_class == config::ReadClass::slow ? rules_.slow : rules_.fast;
}

// A machine that speaks by itself keeps its own pace, whatever the site polls others with.
Duration TextReader::pace_of(std::uint32_t point) const {
  const config::Point& about = profile_.points[point];
  const Duration period = period_of(about.read_class);
  return questions_.empty() ? std::max(period, about.every) : period;
}

Instant TextReader::due() const {
  if (is_open_ || first_poll_ == kNever) return kNever;
  Instant due = line_due_;
  for (const Question& question : questions_) due = std::min(due, question.due);
  if (due == kNever) return kNever;
  return std::max(due, link_.retry_at());
}

bool TextReader::next(Now now, LineRequest& request) {
  if (due() > now.mono) return false;
  open_ = 0;
  for (std::size_t i = 1; i < questions_.size(); ++i) {
    if (questions_[i].due < questions_[open_].due) open_ = i;
  }
  if (check_identity_) open_ = *identity_question_;
  if (!questions_.empty()) request.text = forms_[questions_[open_].form].question;
  request.response_timeout = profile_.quirks.response_timeout;
  request.silence_before = profile_.quirks.frame_pause;
  request.drain_first = true;
  request.reconnect_first = std::exchange(connect_anew_, false);
  is_open_ = true;
  sent_at_ = now.mono;
  return true;
}

ReplyKind TextReader::on_reply(Now now, const LineReply& reply, std::vector<Reading>& out) {
  CHECK(is_open_);
  is_open_ = false;
  if (reply.modbus.kind != ReplyKind::ok) {
    fault_ = describe(reply.modbus);
    return fail(now, reply.modbus.kind, out);
  }
  if (questions_.empty()) {  // the line stands, which says nothing of the machine behind it
    link_.on_answer();
    line_due_ = next_on_grid(line_due_, rules_.fast, now.mono);
    return ReplyKind::ok;
  }
  std::vector<TextValue> values;
  const TextForm& form = forms_[questions_[open_].form];
  if (!is_plain_text(reply.text) ||
      read_line(profile_, form, reply.text, values) == TextFit::none || !passes_identity(values)) {
    fault_ = cat("an answer that no line of the profile fits: ", clip(reply.text, kFaultShown));
    return fail(now, ReplyKind::malformed, out);
  }
  take_answer(now, std::move(values), out);
  return ReplyKind::ok;
}

bool TextReader::passes_identity(const std::vector<TextValue>& values) const {
  if (identity_question_ != open_) return true;
  return std::any_of(values.begin(), values.end(), [this](const TextValue& value) {
    return points_.identity() == value.point &&
           show(profile_.points[value.point], value.decoded) == profile_.identity_value;
  });
}

void TextReader::take_answer(Now now, std::vector<TextValue> values, std::vector<Reading>& out) {
  heard(now, out);
  if (identity_question_ == open_) check_identity_ = false;
  take_values(now, std::move(values), out);
  Question& question = questions_[open_];
  if (question.read_class == config::ReadClass::once) {
    question.due = kNever;
  } else {
    question.due = next_on_grid(question.due, period_of(question.read_class), now.mono);
  }
}

void TextReader::on_text(Now now, std::string_view text, std::vector<Reading>& out) {
  if (!questions_.empty() || !is_plain_text(text)) return;
  std::vector<TextValue> values;
  if (read_any(profile_, forms_, text, values) == TextFit::none) return;
  heard(now, out);
  take_values(now, std::move(values), out);
}

void TextReader::take_values(Now now, std::vector<TextValue> values, std::vector<Reading>& out) {
  for (TextValue& value : values) {
    points_.take_decoded(now, value.point, std::move(value.decoded), out);
    keep_fresh(now, value.point);
  }
}

void TextReader::keep_fresh(Now now, std::uint32_t point) {
  const config::ReadClass read_class = profile_.points[point].read_class;
  if (read_class == config::ReadClass::once) return;
  fresh_until_[point] =
      now.mono + pace_of(point) * kStalePeriods + profile_.quirks.response_timeout;
  next_check_ = std::min(next_check_, fresh_until_[point]);
}

void TextReader::heard(Now now, std::vector<Reading>& out) {
  const bool was_lost = lost();
  link_.on_answer();
  fault_.clear();
  silent_ = false;
  if (silence_max_.ns > 0) {
    speak_by_ = now.mono + silence_max_;
    next_check_ = std::min(next_check_, speak_by_);
  }
  ever_heard_ = true;
  last_ok_ = now.wall;
  if (!was_lost || !questions_.empty()) return;
  for (std::uint32_t i = 0; i < fresh_until_.size(); ++i) {
    points_.mark(now, i, Quality::stale, out);
  }
}

ReplyKind TextReader::fail(Now now, ReplyKind kind, std::vector<Reading>& out) {
  link_.on_failure(now.mono, sent_at_);
  if (!questions_.empty()) {
    link_.leave_alone(now.mono + profile_.quirks.response_timeout * kQuietTimeouts);
  }
  check_identity_ = identity_question_.has_value();
  if (link_.lost()) give_up(now, out);
  return kind;
}

void TextReader::give_up(Now now, std::vector<Reading>& out) {
  std::fill(fresh_until_.begin(), fresh_until_.end(), kNever);
  next_check_ = speak_by_;
  if (questions_.empty()) silent_ = true;  // until it speaks
  points_.mark_all(now, Quality::comm_lost, out);
}

void TextReader::on_line_down(Now now, std::vector<Reading>& out) {
  if (is_open_ || first_poll_ > now.mono || link_.retry_at() > now.mono) return;
  sent_at_ = now.mono;
  fail(now, ReplyKind::disconnected, out);
}

void TextReader::check_age(Now now, std::vector<Reading>& out) {
  if (next_check_ > now.mono) return;
  if (speak_by_ <= now.mono) {
    speak_by_ = now.mono + silence_max_;
    connect_anew_ = true;  // the other end may be gone without a word
    silent_ = true;
    give_up(now, out);
    return;
  }
  next_check_ = speak_by_;
  for (std::uint32_t i = 0; i < fresh_until_.size(); ++i) {
    if (fresh_until_[i] <= now.mono) {
      if (link_.failures() > 0) {
        silent_ = true;
        give_up(now, out);
        return;
      }
      fresh_until_[i] = kNever;
      points_.mark(now, i, Quality::stale, out);
    }
    next_check_ = std::min(next_check_, fresh_until_[i]);
  }
}

DeviceState TextReader::state() const {
  if (lost() || !ever_heard_) return DeviceState::lost;
  if (link_.failures() > 0) return DeviceState::stale;
  for (std::uint32_t i = 0; i < fresh_until_.size(); ++i) {
    if (points_.at(i).quality == Quality::stale) return DeviceState::degraded;
  }
  return DeviceState::online;
}

}  // namespace cryobank::devices
