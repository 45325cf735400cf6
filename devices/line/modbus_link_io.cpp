#include "devices/line/modbus_link_io.hpp"

#include <modbus.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "base/check.hpp"
#include "devices/line/line_timing.hpp"
#include "devices/line/modbus_frame.hpp"

namespace cryobank::devices {
namespace {

using Kind = config::LineConfig::Kind;
using Answer = std::array<std::uint8_t, MODBUS_TCP_MAX_ADU_LENGTH>;

constexpr std::size_t kTcpLengthEnd = 6;     // transaction, protocol, length
constexpr std::size_t kTcpFrameMax = 260;    // Modbus Messaging on TCP/IP V1.0b, 3.1.3
constexpr std::size_t kRtuOverhead = 3;      // unit, CRC
constexpr std::size_t kExceptionLength = 5;  // an RTU frame with an exception

ModbusReply ended(ReplyKind kind) { return {kind, 0, {}, true}; }
ModbusReply never_sent(ReplyKind kind) { return {kind, 0, {}, false}; }

void bound_library(modbus_t* library, Instant until) {
  const Duration left = std::max(until - monotonic_now(), milliseconds(1));
  modbus_set_response_timeout(library, static_cast<std::uint32_t>(left.seconds()),
                              static_cast<std::uint32_t>(left.ns % 1'000'000'000 / 1000));
}

ModbusReply library_failed(int code) {
  if (code == ETIMEDOUT) return ended(ReplyKind::timeout);
  if (code == EMBBADDATA || code == EMBBADCRC) return ended(ReplyKind::malformed);
  return ended(ReplyKind::disconnected);
}

}  // namespace

ModbusReply ModbusLink::exchange(const LineRequest& request) {
  const auto pdu = request_pdu(request.modbus);
  if (!pdu) return never_sent(ReplyKind::malformed);
  if (!prepare(request)) return never_sent(ReplyKind::disconnected);
  ModbusReply reply = send_and_receive(request, *pdu);
  last_activity_ = monotonic_now();
  const bool answered = reply.kind == ReplyKind::ok || reply.kind == ReplyKind::exception;
  const bool broken = reply.kind == ReplyKind::disconnected;
  const bool lost_place = port_.is_tcp() && (!answered || std::exchange(surplus_, false));
  if (broken || lost_place) port_.close();
  return reply;
}

Status ModbusLink::prepare(const LineRequest& request) {
  if (port_.is_tcp() && port_.is_open() && (request.reconnect_first || !port_.is_quiet())) {
    port_.close();
  }
  if (Status status = port_.open(); !status) return status;
  const Instant send_at = last_activity_ + request.silence_before;
  if (send_at > monotonic_now() && port_.wait(send_at) == Waited::stopped) {
    return make_error(ErrorCode::unavailable, "the daemon is stopping");
  }
  port_.drain();
  return {};
}

ModbusReply ModbusLink::send_and_receive(const LineRequest& request, const Bytes& pdu) {
  const Instant until = monotonic_now() + request.response_timeout;
  switch (line_.kind) {
    case Kind::tcp:
      return over_tcp(request.modbus, pdu, until);
    case Kind::rtu:
      return over_rtu(request.modbus, pdu, until);
    case Kind::ascii:
      return over_ascii(request.modbus, pdu, until);
    case Kind::text_tcp:
    case Kind::text_serial:
      return never_sent(ReplyKind::malformed);
  }
  CHECK(false);
}

ModbusReply ModbusLink::over_tcp(const ModbusRequest& request, const Bytes& pdu, Instant until) {
  ++transaction_;
  surplus_ = false;
  if (!port_.send(tcp_frame(transaction_, request.unit, pdu), until)) {
    return ended(ReplyKind::disconnected);
  }
  Answer answer;
  std::size_t have = 0;
  for (;;) {
    const Waited waited = port_.wait_readable(until);
    if (waited == Waited::late) return ended(ReplyKind::timeout);
    if (waited == Waited::stopped) return ended(ReplyKind::disconnected);
    const auto got = port_.receive(std::span(answer).subspan(have));
    if (!got || *got == 0) return ended(ReplyKind::disconnected);
    have += *got;
    if (have < kTcpLengthEnd) continue;
    const std::size_t frame = kTcpLengthEnd + static_cast<std::size_t>(answer[4] << 8 | answer[5]);
    if (frame > kTcpFrameMax) return ended(ReplyKind::malformed);
    if (have < frame) continue;
    surplus_ = have > frame;
    return reply_of_tcp_frame(request, transaction_, std::span(answer).first(frame));
  }
}

ModbusReply ModbusLink::over_rtu(const ModbusRequest& request, const Bytes& pdu, Instant until) {
  Bytes raw{request.unit};
  raw.insert(raw.end(), pdu.begin(), pdu.end());
  if (modbus_set_slave(port_.library(), request.unit) != 0) {
    return never_sent(ReplyKind::malformed);
  }
  if (modbus_send_raw_request(port_.library(), raw.data(), static_cast<int>(raw.size())) < 0) {
    return ended(ReplyKind::disconnected);
  }
  const Waited waited = await_rtu_frame(answer_pdu_length(request) + kRtuOverhead, until);
  if (waited == Waited::late) return ended(ReplyKind::timeout);
  if (waited == Waited::stopped) return ended(ReplyKind::disconnected);
  Answer answer;
  bound_library(port_.library(), monotonic_now());
  const int length = modbus_receive_confirmation(port_.library(), answer.data());
  if (length < 0) {
    // What came and is no whole frame will not become one: the gap that ends a frame is over.
    return errno == ETIMEDOUT ? ended(ReplyKind::malformed) : library_failed(errno);
  }
  constexpr int kCrc = 2;
  if (length <= kCrc) return ended(ReplyKind::malformed);
  return reply_of_unit_and_pdu(request,
                               std::span(answer).first(static_cast<std::size_t>(length - kCrc)));
}

// Ready when the whole answer is there, or something is and the gap that ends a frame passed.
Waited ModbusLink::await_rtu_frame(std::size_t expected, Instant until) {
  // Serial adapters deliver in lumps of up to 16 ms; a schedule may add as much again.
  const Duration gap = std::max(milliseconds(50), character_time(line_) * 20);
  if (const Waited waited = port_.wait_readable(until); waited != Waited::ready) return waited;
  std::size_t seen = 0;
  Instant grown = monotonic_now();
  while (!port_.stopped()) {
    const Instant now = monotonic_now();
    const std::size_t waiting = port_.waiting();
    if (waiting >= expected) return Waited::ready;
    if (waiting > seen) {
      seen = waiting;
      grown = now;
    }
    if (seen > 0 && (now - grown > gap || now >= until)) return Waited::ready;
    if (seen == 0 && now >= until) return Waited::late;
    if (seen == 0 && now - grown > gap) return Waited::ready;  // readable without bytes: hung up
    const bool exception_length = seen == kExceptionLength;
    port_.wait(std::min(until, now + (exception_length ? gap / 2 : character_time(line_) * 4)));
    if (exception_length && port_.waiting() == seen) return Waited::ready;
  }
  return Waited::stopped;
}

namespace {

enum class AsciiFrame : std::uint8_t { growing, whole, too_long };

// Adds what came, up to the end of a line, whose carriage returns go.
AsciiFrame add_ascii(std::span<const std::uint8_t> bytes, std::string& frame) {
  for (const std::uint8_t byte : bytes) {
    const char c = static_cast<char>(byte);
    if (c == ':') frame.clear();  // a frame begins anew, whatever came before
    if (c == '\n') {
      while (!frame.empty() && frame.back() == '\r') frame.pop_back();
      return AsciiFrame::whole;
    }
    frame += c;
    if (frame.size() > kAsciiFrameMax) return AsciiFrame::too_long;
  }
  return AsciiFrame::growing;
}

}  // namespace

ModbusReply ModbusLink::over_ascii(const ModbusRequest& request, const Bytes& pdu, Instant until) {
  const std::string frame = ascii_frame(request.unit, pdu);
  if (!port_.send({reinterpret_cast<const std::uint8_t*>(frame.data()), frame.size()}, until)) {
    return ended(ReplyKind::disconnected);
  }
  std::string answer;
  std::array<std::uint8_t, 256> bytes{};
  for (;;) {
    const Waited waited = port_.wait_readable(until);
    // A flood of bytes is always readable, and every colon in it begins a frame anew.
    if (waited == Waited::late || monotonic_now() >= until) return ended(ReplyKind::timeout);
    if (waited == Waited::stopped) return ended(ReplyKind::disconnected);
    const auto got = port_.receive(bytes);
    if (!got || *got == 0) return ended(ReplyKind::disconnected);
    const auto frame_is = add_ascii(std::span(bytes).first(*got), answer);
    if (frame_is == AsciiFrame::too_long) return ended(ReplyKind::malformed);
    if (frame_is == AsciiFrame::whole) return reply_of_ascii_frame(request, answer);
  }
}

}  // namespace cryobank::devices
