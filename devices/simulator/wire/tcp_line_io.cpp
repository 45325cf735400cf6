#include "devices/simulator/wire/tcp_line_io.hpp"

#include <modbus.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "base/text.hpp"
#include "devices/simulator/machine.hpp"

namespace cryobank::simulator {

namespace {

constexpr int kHeader = 7;  // of a Modbus TCP frame
constexpr std::uint32_t kStallUs =
    100'000;  // one slow client stalls the others for so long at most
constexpr int kTcpBacklog = 16;

struct MappingDeleter {
  void operator()(modbus_mapping_t* mapping) const { modbus_mapping_free(mapping); }
};
using Mapping = std::unique_ptr<modbus_mapping_t, MappingDeleter>;

// A mapping of just the registers of one request, from which the library makes its reply.
Mapping mapping_of(const devices::ModbusRequest& request,
                   const std::vector<std::uint16_t>& values) {
  using devices::RegisterTable;
  const auto part = [&request](RegisterTable table) -> unsigned {
    return request.table == table ? request.count : 0u;
  };
  const unsigned at = request.address;
  Mapping mapping(modbus_mapping_new_start_address(
      at, part(RegisterTable::coil), at, part(RegisterTable::discrete), at,
      part(RegisterTable::holding), at, part(RegisterTable::input)));
  CHECK(mapping != nullptr);
  for (std::size_t i = 0; i < values.size(); ++i) {
    switch (request.table) {
      case RegisterTable::coil:
        mapping->tab_bits[i] = static_cast<std::uint8_t>(values[i]);
        break;
      case RegisterTable::discrete:
        mapping->tab_input_bits[i] = static_cast<std::uint8_t>(values[i]);
        break;
      case RegisterTable::holding:
        mapping->tab_registers[i] = values[i];
        break;
      case RegisterTable::input:
        mapping->tab_input_registers[i] = values[i];
        break;
    }
  }
  return mapping;
}

}  // namespace

TcpLine::TcpLine(devices::LineIndex line, Hardware& hardware, Loop& loop,
                 std::function<void()> catch_up)
    : line_(line), hardware_(hardware), loop_(loop), catch_up_(std::move(catch_up)) {}

TcpLine::~TcpLine() {
  while (!clients_.empty()) hang_up(clients_.begin()->first);
  if (listener_ >= 0) {
    loop_.forget(listener_);
    close(listener_);
  }
  if (context_ != nullptr) modbus_free(context_);
}

Status TcpLine::open(const std::string& address, std::uint16_t port) {
  context_ = modbus_new_tcp(address.c_str(), port);
  CHECK(context_ != nullptr);
  modbus_set_response_timeout(context_, 0, 1000);
  modbus_set_byte_timeout(context_, 0, kStallUs);
  modbus_set_indication_timeout(context_, 0, kStallUs);
  listener_ = modbus_tcp_listen(context_, kTcpBacklog);
  if (listener_ < 0) {
    return make_error(ErrorCode::io, cat("cannot listen on ", address, " port ", port, ": ",
                                         modbus_strerror(errno)));
  }
  sockaddr_in bound{};
  socklen_t length = sizeof bound;
  if (getsockname(listener_, reinterpret_cast<sockaddr*>(&bound), &length) != 0) {
    return make_error(ErrorCode::io, "getsockname failed");
  }
  port_ = ntohs(bound.sin_port);
  return loop_.watch(listener_, EPOLLIN, [this](std::uint32_t) { on_connect(); });
}

void TcpLine::on_connect() {
  const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) return;
  // The library waits with select(), which cannot hold a descriptor of 1024 or more.
  if (fd >= FD_SETSIZE || clients_.size() >= kModbusClientsMax) {
    close(fd);
    return;
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  clients_[fd].number = next_number_++;
  if (!loop_.watch(fd, EPOLLIN | EPOLLRDHUP, [this, fd](std::uint32_t) { on_request(fd); }))
    hang_up(fd);
}

void TcpLine::hang_up(int fd) {
  loop_.forget(fd);
  clients_.erase(fd);
  close(fd);
}

void TcpLine::on_request(int fd) {
  std::uint8_t frame[MODBUS_TCP_MAX_ADU_LENGTH];
  modbus_set_socket(context_, fd);
  const int length = modbus_receive(context_, frame);
  if (length < 0) {
    hang_up(fd);  // closed, or no Modbus: the connection has lost its place
    return;
  }
  if (length > kHeader) answer(fd, frame, length);
}

void TcpLine::answer(int fd, const std::uint8_t* frame, int length) {
  const std::uint8_t unit = frame[kHeader - 1];
  const auto pdu_length = static_cast<std::size_t>(length - kHeader);
  const ParsedRequest parsed = parse_pdu(unit, {frame + kHeader, pdu_length});
  if (parsed.exception != 0) {
    modbus_reply_exception(context_, frame, parsed.exception);
    return;
  }
  catch_up_();
  const Hardware::Exchange exchange = hardware_.exchange(line_, parsed.request);
  Client& client = clients_.at(fd);
  FrameContext context;
  context.transaction = static_cast<std::uint16_t>((frame[0] << 8) | frame[1]);
  context.transaction_before = client.transaction_before;
  context.noise = context.transaction + (static_cast<std::uint64_t>(client.number) << 16);
  client.transaction_before = context.transaction;
  if (exchange.link.action == LinkAction::pass && exchange.link.delay_ms == 0) {
    return reply_by_library(frame, length, parsed, exchange.reply);
  }
  send_pieces(fd, wire_answer(context, parsed, exchange));
}

void TcpLine::reply_by_library(const std::uint8_t* frame, int length, const ParsedRequest& parsed,
                               const devices::ModbusReply& reply) {
  if (reply.kind == devices::ReplyKind::exception) {
    modbus_reply_exception(context_, frame, reply.exception);
    return;
  }
  const Mapping mapping = mapping_of(parsed.request, reply.values);
  modbus_reply(context_, frame, length, mapping.get());
}

void TcpLine::send_pieces(int fd, const WireAnswer& wire) {
  if (wire.close) {
    hang_up(fd);
    return;
  }
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

// An answer is at most 260 bytes: what the socket does not take at once is lost like on any wire.
void TcpLine::send_bytes(int fd, const Bytes& bytes) {
  const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  static_cast<void>(sent);
}

}  // namespace cryobank::simulator
