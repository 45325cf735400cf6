#include "devices/simulator/serial_line_io.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "service/base/text.hpp"

namespace cryobank::simulator {

namespace {

// Silence after which half a frame is given up. A terminal has no character times; this is far
// above the 3.5 characters of the standard at any speed in use.
constexpr std::int64_t kFrameGapMs = 100;
constexpr std::size_t kCameMost = 4096;

Error failed(std::string_view what) {
  return make_error(ErrorCode::io, cat(what, ": ", std::strerror(errno)));
}

}  // namespace

SerialLine::SerialLine(devices::LineIndex line, Framing framing, Hardware& hardware, Loop& loop,
                       std::function<void()> catch_up)
    : line_(line),
      framing_(framing),
      hardware_(hardware),
      loop_(loop),
      catch_up_(std::move(catch_up)) {}

SerialLine::~SerialLine() {
  if (master_ >= 0) {
    loop_.forget(master_);
    close(master_);
  }
  if (slave_ >= 0) close(slave_);
  if (!link_.empty()) unlink(link_.c_str());
}

Status SerialLine::open(const std::string& link) {
  master_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (master_ < 0 || grantpt(master_) != 0 || unlockpt(master_) != 0) {
    return failed("cannot make a pseudo-terminal");
  }
  char name[64] = {};
  if (ptsname_r(master_, name, sizeof name) != 0) return failed("ptsname");
  path_ = name;
  slave_ = ::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave_ < 0) return failed(cat("cannot open ", path_));
  termios settings{};
  if (tcgetattr(slave_, &settings) != 0) return failed("tcgetattr");
  cfmakeraw(&settings);
  if (tcsetattr(slave_, TCSANOW, &settings) != 0) return failed("tcsetattr");
  if (!link.empty()) {
    char old[8];
    if (readlink(link.c_str(), old, sizeof old) >= 0) unlink(link.c_str());
    if (symlink(name, link.c_str()) != 0) return failed(cat("cannot make the link ", link));
    link_ = link;
  }
  return loop_.watch(master_, EPOLLIN, [this](std::uint32_t) { on_bytes(); });
}

void SerialLine::on_bytes() {
  const std::int64_t now_ms = Loop::now_ms();
  if (now_ms - last_byte_ms_ > kFrameGapMs) came_.clear();
  last_byte_ms_ = now_ms;
  std::uint8_t buffer[512];
  const ssize_t got = read(master_, buffer, sizeof buffer);
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
  const ssize_t sent = write(master_, bytes.data(), bytes.size());
  static_cast<void>(sent);  // what a terminal nobody reads does not take is lost, as on a wire
}

}  // namespace cryobank::simulator
