#include "devices/text_link_io.hpp"

#include <utility>

#include "service/base/checksum.hpp"
#include "service/base/text.hpp"

namespace cryobank::devices {

ModbusReply TextLink::exchange(const LineRequest& request, std::string& answer) {
  if (request.reconnect_first) port_.close();
  if (!port_.open()) return {ReplyKind::disconnected, 0, {}, false};
  if (request.text.empty()) return {ReplyKind::ok, 0, {}, true};
  const Instant until = monotonic_now() + request.response_timeout;
  if (request.silence_before.ns > 0) port_.wait(monotonic_now() + request.silence_before);
  if (request.drain_first) {
    port_.drain();
    partial_.clear();
  }
  if (!port_.send(as_bytes(request.text + "\r\n"), until)) {
    port_.close();
    return {ReplyKind::disconnected, 0, {}, true};
  }
  bool answered = false;
  const auto on_line = [&](std::string line) {
    if (answered || line == request.text) return;
    answer = std::move(line);
    answered = true;
  };
  while (!answered) {
    const Waited waited = port_.wait_readable(until);
    if (waited == Waited::late) return {ReplyKind::timeout, 0, {}, true};
    if (waited == Waited::stopped || !read_some(on_line)) {
      port_.close();
      return {ReplyKind::disconnected, 0, {}, true};
    }
  }
  return {ReplyKind::ok, 0, {}, true};
}

bool TextLink::read_unasked(const std::function<void(std::string)>& on_line) {
  if (!port_.is_open()) return false;
  if (port_.wait_readable(monotonic_now()) != Waited::ready) return true;
  if (read_some(on_line)) return true;
  port_.close();
  partial_.clear();
  return false;
}

bool TextLink::read_some(const std::function<void(std::string)>& on_line) {
  const auto got = port_.receive(buffer_);
  if (!got || *got == 0) return false;
  for (std::size_t i = 0; i < *got; ++i) take(static_cast<char>(buffer_[i]), on_line);
  return true;
}

void TextLink::take(char c, const std::function<void(std::string)>& on_line) {
  if (c != '\r' && c != '\n') {
    if (partial_.size() >= kTextMax) too_long_ = true;
    if (!too_long_) partial_ += c;
    return;
  }
  std::string line = clip(trim(std::exchange(partial_, {})), kTextMax);
  if (std::exchange(too_long_, false) || line.empty()) return;
  on_line(std::move(line));
}

}  // namespace cryobank::devices
