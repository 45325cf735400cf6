#include "devices/simulator/serial_line_io.hpp"

#include <sys/epoll.h>
#include <unistd.h>

namespace cryobank::simulator {

namespace {

// Silence after which half a frame is given up. A terminal has no character times; this is far
// above the 3.5 characters of the standard at any speed in use.
constexpr std::int64_t kFrameGapMs = 100;
constexpr std::size_t kCameMost = 4096;

}  // namespace

SerialLine::SerialLine(devices::LineIndex line, Framing framing, Hardware& hardware, Loop& loop,
                       std::function<void()> catch_up)
    : line_(line),
      framing_(framing),
      hardware_(hardware),
      loop_(loop),
      catch_up_(std::move(catch_up)) {}

SerialLine::~SerialLine() {
  if (terminal_.is_open()) loop_.forget(terminal_.fd());
}

Status SerialLine::open(const std::string& link) {
  if (Status opened = terminal_.open(link); !opened) return opened;
  return loop_.watch(terminal_.fd(), EPOLLIN, [this](std::uint32_t) { on_bytes(); });
}

void SerialLine::on_bytes() {
  const std::int64_t now_ms = Loop::now_ms();
  if (now_ms - last_byte_ms_ > kFrameGapMs) came_.clear();
  last_byte_ms_ = now_ms;
  std::uint8_t buffer[512];
  const ssize_t got = read(terminal_.fd(), buffer, sizeof buffer);
  if (got <= 0) return;
  came_.insert(came_.end(), buffer, buffer + got);
  if (came_.size() > kCameMost) came_.clear();
  while (auto request = framing_ == Framing::ascii ? take_ascii(came_) : take_rtu(came_)) {
    answer(*request);
  }
}

void SerialLine::answer(const SerialRequest& serial) {
  const ParsedRequest parsed = parse_pdu(serial.unit, serial.pdu);
  catch_up_();
  Hardware::Exchange exchange;
  if (parsed.exception != 0) {
    exchange.reply.kind = devices::ReplyKind::exception;
    exchange.reply.exception = parsed.exception;
  } else {
    exchange = hardware_.exchange(line_, parsed.request);
  }
  FrameContext context;
  context.framing = framing_;
  context.noise = ++requests_;
  for (const Piece& piece : wire_answer(context, parsed, exchange).pieces) {
    if (piece.after_ms == 0) {
      send_bytes(piece.bytes);
    } else {
      loop_.after(piece.after_ms, [this, bytes = piece.bytes] { send_bytes(bytes); });
    }
  }
}

void SerialLine::send_bytes(const Bytes& bytes) {
  const ssize_t sent = write(terminal_.fd(), bytes.data(), bytes.size());
  static_cast<void>(sent);  // what a terminal nobody reads does not take is lost, as on a wire
}

}  // namespace cryobank::simulator
