#include "devices/simulator/wire/text_line_io.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/simulator/noise.hpp"
#include "devices/simulator/wire/listen_io.hpp"

namespace cryobank::simulator {

namespace {

constexpr std::size_t kQuestionMost = 512;  // of a question; longer ones are thrown away
constexpr std::string_view kLineEnd = "\r\n";

std::string garbage(std::uint64_t seed, std::size_t length) {
  std::string out;
  for (std::size_t i = 0; i < length; ++i) out += static_cast<char>(mix(seed, i) & 0xFF);
  return out;
}

}  // namespace

TextLine::TextLine(devices::LineIndex line, Hardware& hardware, Loop& loop,
                   std::function<void()> catch_up)
    : line_(line), hardware_(hardware), loop_(loop), catch_up_(std::move(catch_up)) {}

TextLine::~TextLine() {
  while (!clients_.empty()) hang_up(clients_.begin()->first);
  if (listener_ < 0) return;
  loop_.forget(listener_);
  close(listener_);
}

Status TextLine::open_network(const std::string& address, std::uint16_t port) {
  TRY_ASSIGN(const Listener listener, listen_on(address, port));
  listener_ = listener.fd;
  port_ = listener.port;
  return loop_.watch(listener_, EPOLLIN, [this](std::uint32_t) { on_connect(); });
}

Status TextLine::open_terminal(const std::string& link) {
  TRY(terminal_.open(link));
  add_client(terminal_.fd());
  return {};
}

void TextLine::add_client(int fd) {
  clients_[fd].number = next_number_++;
  if (!loop_.watch(fd, EPOLLIN, [this, fd](std::uint32_t) { on_bytes(fd); })) hang_up(fd);
}

void TextLine::on_connect() {
  const int fd = accept_from(listener_, clients_.size(), kTextClientsMax);
  if (fd < 0) return;
  add_client(fd);
}

// A terminal stays: there is nobody to hang up on.
void TextLine::hang_up(int fd) {
  loop_.forget(fd);
  clients_.erase(fd);
  if (fd != terminal_.fd()) close(fd);
}

void TextLine::on_bytes(int fd) {
  char buffer[512];
  const ssize_t got = read(fd, buffer, sizeof buffer);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    if (fd != terminal_.fd()) hang_up(fd);
    return;
  }
  std::vector<std::string> questions;
  std::string& came = clients_.at(fd).came;
  for (ssize_t i = 0; i < got; ++i) {
    if (buffer[i] != '\r' && buffer[i] != '\n') {
      came += buffer[i];
      if (came.size() > kQuestionMost) came.clear();
      continue;
    }
    if (!came.empty()) questions.push_back(std::move(came));
    came.clear();
  }
  for (const std::string& question : questions) {
    if (clients_.count(fd) > 0) answer(fd, question);
  }
}

void TextLine::answer(int fd, const std::string& question) {
  catch_up_();
  const Hardware::TextExchange told = hardware_.ask(line_, question);
  const std::int64_t late = told.link.delay_ms;
  const std::string good = cat(told.line, kLineEnd);
  switch (told.link.action) {
    case LinkAction::pass:
    case LinkAction::misrouted:
      return say(fd, good, late);
    case LinkAction::request_lost:
    case LinkAction::silent:
    case LinkAction::wrong_unit:  // the box forwards no other machine's answer
      return;
    case LinkAction::garbage:
      return say(fd, cat(garbage(clients_.at(fd).number, told.line.size()), kLineEnd), late);
    case LinkAction::truncated:
      return say(fd, cat(told.line.substr(0, told.line.size() / 2), kLineEnd), late);
    case LinkAction::one_behind:
      if (!told.before.empty()) say(fd, cat(told.before, kLineEnd), late);
      return;
    case LinkAction::exception:
      return say(fd, cat("ERROR ", told.link.exception, kLineEnd), late);
    case LinkAction::drip:
      for (std::size_t i = 0; i < good.size(); ++i) {
        say(fd, good.substr(i, 1), late * static_cast<std::int64_t>(i + 1));
      }
      return;
    case LinkAction::duplicate:
      say(fd, good, late);
      return say(fd, good, late);
    case LinkAction::disconnected:
      if (fd != terminal_.fd()) hang_up(fd);
      return;
  }
}

void TextLine::say(int fd, std::string bytes, std::int64_t after_ms) {
  if (after_ms == 0) return send_bytes(fd, bytes);
  const std::uint64_t number = clients_.at(fd).number;
  loop_.after(after_ms, [this, fd, number, bytes = std::move(bytes)] {
    const auto found = clients_.find(fd);
    if (found != clients_.end() && found->second.number == number) send_bytes(fd, bytes);
  });
}

// A line is short: what the other side does not take at once is lost, as on a wire.
void TextLine::send_bytes(int fd, const std::string& bytes) const {
  const ssize_t sent = fd == terminal_.fd()
                           ? write(fd, bytes.data(), bytes.size())
                           : send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  static_cast<void>(sent);
}

void TextLine::print() {
  for (const std::string& line : hardware_.printed(line_)) {
    for (const auto& client : clients_) send_bytes(client.first, cat(line, kLineEnd));
  }
}

}  // namespace cryobank::simulator
