#include "devices/line/modbus_link_io.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/check.hpp"
#include "base/try.hpp"
#include "devices/line/line_timing.hpp"
#include "devices/line/modbus_frame.hpp"
#include "devices/line/rtu_frame.hpp"

namespace cryobank::devices {
namespace {

using Kind = config::LineConfig::Kind;
using Answer = std::array<std::uint8_t, 260>;

constexpr std::size_t kTcpLengthEnd = 6;   // transaction, protocol, length
constexpr std::size_t kTcpFrameMax = 260;  // Modbus Messaging on TCP/IP V1.0b, 3.1.3
constexpr std::size_t kRtuOverhead = 3;    // unit, CRC

ModbusReply ended(ReplyKind kind) { return {kind, 0, {}, true}; }
ModbusReply never_sent(ReplyKind kind) { return {kind, 0, {}, false}; }

ModbusReply garbage() { return {ReplyKind::malformed, 0, {}, true, Wrong::garbage, 0}; }

}  // namespace

ModbusReply ModbusLink::exchange(const LineRequest& request) {
  const auto pdu = request_pdu(request.modbus);
  if (!pdu) return never_sent(ReplyKind::malformed);
  if (const Status ready = prepare(request); !ready) {
    ModbusReply none = never_sent(ReplyKind::disconnected);
    if (ready.error().code == ErrorCode::conflict) none.wrong = Wrong::port_in_use;
    return none;
  }
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
  TRY(port_.open());
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
    case Kind::rtu_tcp:
      return over_rtu(request.modbus, pdu, until);
    case Kind::ascii:
      return over_ascii(request, pdu, until);
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
    if (frame > kTcpFrameMax) return garbage();
    if (have < frame) continue;
    surplus_ = have > frame;
    return reply_of_tcp_frame(request, transaction_, std::span(answer).first(frame), line_.habits);
  }
}

// Takes what comes until an answer is among it: noise, echoes and other units' frames may stand
// before it.
ModbusReply ModbusLink::over_rtu(const ModbusRequest& request, const Bytes& pdu, Instant until) {
  const Bytes sent = rtu_frame(request.unit, pdu);
  if (!port_.send(sent, until)) return ended(ReplyKind::disconnected);
  const std::size_t expected = answer_pdu_length(request) + kRtuOverhead;
  Bytes bytes;
  bool echo_is_over = !line_.habits.echoes;
  for (;;) {
    const Waited waited = port_.wait_readable(until);
    if (waited == Waited::late || monotonic_now() >= until) {
      return what_came(request, bytes, line_.habits);
    }
    if (waited == Waited::stopped) return ended(ReplyKind::disconnected);
    Answer more;
    const auto got = port_.receive(more);
    if (!got || *got == 0) return ended(ReplyKind::disconnected);
    bytes.insert(bytes.end(), more.begin(), more.begin() + static_cast<std::ptrdiff_t>(*got));
    if (bytes.size() > kRtuBytesMax) return what_came(request, bytes, line_.habits);
    if (!echo_is_over) {
      const auto end = end_of_echo(bytes, sent);
      if (!end) continue;
      bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*end));
      echo_is_over = true;
    }
    if (auto reply = find_rtu_answer(request, bytes, line_.habits)) {
      surplus_ = bytes.size() > expected && port_.is_tcp();
      return *reply;
    }
    // A slow wire gives a byte at a time: half of what is missing may come before the next look.
    if (!port_.is_tcp() && bytes.size() < expected) {
      const auto missing = static_cast<std::int64_t>(expected - bytes.size());
      port_.wait(std::min(until, monotonic_now() + character_time(line_) * missing / 2));
    }
  }
}

namespace {

enum class AsciiFrame : std::uint8_t { growing, whole, too_long };

// Adds what came up to the end of a line, whose carriage returns go, and takes it off `bytes`.
AsciiFrame add_ascii(std::span<const std::uint8_t>& bytes, std::string& frame) {
  while (!bytes.empty()) {
    const char c = static_cast<char>(bytes.front());
    bytes = bytes.subspan(1);
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

ModbusReply ModbusLink::over_ascii(const LineRequest& request, const Bytes& pdu, Instant until) {
  const std::string frame = ascii_frame(request.modbus.unit, pdu);
  const std::string_view sent = std::string_view(frame).substr(0, frame.find('\r'));
  if (!port_.send({reinterpret_cast<const std::uint8_t*>(frame.data()), frame.size()}, until)) {
    return ended(ReplyKind::disconnected);
  }
  std::string answer;
  std::array<std::uint8_t, 256> bytes{};
  ModbusReply last = ended(ReplyKind::timeout);  // what came and was none
  for (;;) {
    const Waited waited = port_.wait_readable(until);
    // A flood of bytes is always readable, and every colon in it begins a frame anew.
    if (waited == Waited::late || monotonic_now() >= until) return last;
    if (waited == Waited::stopped) return ended(ReplyKind::disconnected);
    const auto got = port_.receive(bytes);
    if (!got || *got == 0) return ended(ReplyKind::disconnected);
    for (std::span<const std::uint8_t> rest = std::span(bytes).first(*got); !rest.empty();) {
      const auto frame_is = add_ascii(rest, answer);
      if (frame_is == AsciiFrame::too_long) return garbage();
      if (frame_is == AsciiFrame::growing) break;
      const std::string whole = std::exchange(answer, {});
      if (line_.habits.echoes && whole == sent) continue;
      last = reply_of_ascii_frame(request.modbus, whole, line_.habits, request.counts_characters);
      if (last.wrong != Wrong::another_unit) return last;
    }
  }
}

}  // namespace cryobank::devices
