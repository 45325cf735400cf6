#include "devices/line/text_link_io.hpp"

#include <utility>

#include "base/checksum.hpp"
#include "base/text.hpp"

namespace cryobank::devices {
namespace {

// A line of 1200 baud comes without a longer pause than this, boxes in between included. What
// stood before a longer one was cut off, by a restart of the machine for example.
constexpr Duration kLinePauseMax = seconds(2);
// How long after its answer a line is listened to for another one.
constexpr Duration kSettling = milliseconds(50);
// 64 KiB: more than any machine says between two questions.
constexpr int kTextDrainReadsMax = 64;

}  // namespace

ModbusReply TextLink::exchange(const LineRequest& request, std::string& answer) {
  if (request.reconnect_first) close();
  if (!port_.open()) return {ReplyKind::disconnected, 0, {}, false};
  if (request.text.empty()) return {ReplyKind::ok, 0, {}, true};
  if (request.silence_before.ns > 0) port_.wait(monotonic_now() + request.silence_before);
  if (request.drain_first && !drain()) return {ReplyKind::disconnected, 0, {}, false};
  const Instant until = monotonic_now() + request.response_timeout;
  if (!port_.send(as_bytes(request.text + "\r\n"), until)) {
    close();
    return {ReplyKind::disconnected, 0, {}, true};
  }
  return {await_answer(request, until, answer), 0, {}, true};
}

// Nothing in a line tells which question it answers. Another line right behind the answer means
// that one of the two is of another question: neither is taken.
ReplyKind TextLink::await_answer(const LineRequest& request, Instant until, std::string& answer) {
  bool answered = false;
  bool doubtful = false;
  const auto on_line = [&](std::string line) {
    if (line == request.text) return;
    doubtful = doubtful || (answered && line != answer);
    if (!answered) answer = std::move(line);
    answered = true;
  };
  Instant end = until;
  while (!doubtful) {
    const Waited waited = port_.wait_readable(end);
    if (waited == Waited::late || monotonic_now() >= end) break;  // a flood is always readable
    if (waited == Waited::stopped || !read_some(on_line)) {
      close();
      return answered ? ReplyKind::ok : ReplyKind::disconnected;
    }
    if (answered && end == until) end = monotonic_now() + kSettling;
  }
  if (doubtful) return ReplyKind::malformed;
  return answered ? ReplyKind::ok : ReplyKind::timeout;
}

bool TextLink::read_unasked(const std::function<void(std::string)>& on_line) {
  if (!port_.is_open()) return false;
  if (port_.wait_readable(monotonic_now()) != Waited::ready) return true;
  if (read_some(on_line)) return true;
  close();
  return false;
}

void TextLink::close() {
  port_.close();
  forget();
}

void TextLink::forget() {
  partial_.clear();
  too_long_ = false;
}

// What came since the last answer belongs to nothing any more. False: the line is down, or what
// comes has no end.
bool TextLink::drain() {
  port_.drain();
  for (int i = 0; i < kTextDrainReadsMax; ++i) {
    if (port_.wait_readable(monotonic_now()) != Waited::ready) {
      forget();
      return true;
    }
    const auto got = port_.receive(buffer_);
    if (!got || *got == 0) break;
  }
  close();
  return false;
}

bool TextLink::read_some(const std::function<void(std::string)>& on_line) {
  const auto got = port_.receive(buffer_);
  if (!got || *got == 0) return false;
  const Instant now = monotonic_now();
  if (now - last_byte_at_ > kLinePauseMax) forget();
  last_byte_at_ = now;
  for (std::size_t i = 0; i < *got; ++i) take(static_cast<char>(buffer_[i]), on_line);
  return true;
}

void TextLink::take(char c, const std::function<void(std::string)>& on_line) {
  if (c != '\r' && c != '\n') {
    if (partial_.size() >= kTextMax) too_long_ = true;
    if (!too_long_) partial_ += c;
    return;
  }
  std::string line(trim(std::exchange(partial_, {})));  // as it came: noise must show as noise
  if (std::exchange(too_long_, false) || line.empty()) return;
  on_line(std::move(line));
}

}  // namespace cryobank::devices
