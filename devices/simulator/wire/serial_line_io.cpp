#include "devices/simulator/wire/serial_line_io.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/try.hpp"
#include "devices/simulator/wire/listen_io.hpp"

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
  while (!clients_.empty()) hang_up(clients_.begin()->first);
  if (listener_ < 0) return;
  loop_.forget(listener_);
  close(listener_);
}

Status SerialLine::open_terminal(const std::string& link) {
  TRY(terminal_.open(link));
  add_client(terminal_.fd());
  return {};
}

Status SerialLine::open_network(const std::string& address, std::uint16_t port) {
  TRY_ASSIGN(const Listener listener, listen_on(address, port));
  listener_ = listener.fd;
  port_ = listener.port;
  return loop_.watch(listener_, EPOLLIN, [this](std::uint32_t) { on_connect(); });
}

void SerialLine::add_client(int fd) {
  clients_[fd].number = next_number_++;
  if (!loop_.watch(fd, EPOLLIN, [this, fd](std::uint32_t) { on_bytes(fd); })) hang_up(fd);
}

void SerialLine::on_connect() {
  const int fd = accept_from(listener_, clients_.size(), kSerialClientsMax);
  if (fd >= 0) add_client(fd);
}

// A terminal stays: there is nobody to hang up on.
void SerialLine::hang_up(int fd) {
  loop_.forget(fd);
  clients_.erase(fd);
  if (fd != terminal_.fd()) close(fd);
}

void SerialLine::on_bytes(int fd) {
  Client& client = clients_.at(fd);
  const std::int64_t now_ms = Loop::now_ms();
  if (now_ms - client.last_byte_ms > kFrameGapMs) client.came.clear();
  client.last_byte_ms = now_ms;
  std::uint8_t buffer[512];
  const ssize_t got = read(fd, buffer, sizeof buffer);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    if (fd != terminal_.fd()) hang_up(fd);
    return;
  }
  client.came.insert(client.came.end(), buffer, buffer + got);
  if (client.came.size() > kCameMost) client.came.clear();
  while (clients_.count(fd) > 0) {
    Bytes& came = clients_.at(fd).came;
    const auto request = framing_ == Framing::ascii ? take_ascii(came) : take_rtu(came);
    if (!request) return;
    answer(fd, *request);
  }
}

void SerialLine::answer(int fd, const SerialRequest& serial) {
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
  const WireAnswer wire = wire_answer(context, parsed, exchange);
  if (wire.close && fd != terminal_.fd()) return hang_up(fd);
  const std::uint64_t number = clients_.at(fd).number;
  for (const Piece& piece : wire.pieces) {
    if (piece.after_ms == 0) {
      send_bytes(fd, piece.bytes);
      continue;
    }
    loop_.after(piece.after_ms, [this, fd, number, bytes = piece.bytes] {
      const auto found = clients_.find(fd);
      if (found != clients_.end() && found->second.number == number) send_bytes(fd, bytes);
    });
  }
}

// What the other side does not take at once is lost, as on a wire.
void SerialLine::send_bytes(int fd, const Bytes& bytes) const {
  const ssize_t sent = fd == terminal_.fd()
                           ? write(fd, bytes.data(), bytes.size())
                           : send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  static_cast<void>(sent);
}

}  // namespace cryobank::simulator
