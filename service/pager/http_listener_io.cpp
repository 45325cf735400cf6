#include "service/pager/http_listener_io.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.hpp"

namespace cryobank::pager {
namespace {

constexpr std::size_t kQuestionMax = 16 * 1024;
constexpr int kQuestionsMax = 50;  // in one turn
constexpr std::chrono::seconds kQuestionWithin{2};

std::string url_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      if (const auto bytes = from_hex(lower_ascii(text.substr(i + 1, 2)))) {
        out += static_cast<char>((*bytes)[0]);
        i += 2;
        continue;
      }
    }
    out += text[i] == '+' ? ' ' : text[i];
  }
  return out;
}

void read_pairs(std::string_view text, HttpQuestion& question) {
  for (const std::string_view pair : split(text, '&')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || question.query.size() > 32) continue;
    question.query[url_decoded(pair.substr(0, equals))] = url_decoded(pair.substr(equals + 1));
  }
}

std::size_t length_of(std::string_view head) {
  const std::string lower = lower_ascii(head);
  const std::size_t at = lower.find("content-length:");
  if (at == std::string::npos) return 0;
  const std::string_view rest = std::string_view(lower).substr(at + 15);
  const Result<std::int64_t> length = parse_integer(trim(rest.substr(0, rest.find('\r'))));
  return length && *length > 0 ? static_cast<std::size_t>(*length) : 0;
}

bool wait_readable(int fd, Until until) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  pollfd one{fd, POLLIN, 0};
  return left.count() > 0 && ::poll(&one, 1, static_cast<int>(left.count())) > 0;
}

}  // namespace

HttpListener::~HttpListener() {
  if (fd_ >= 0) ::close(fd_);
}

std::string HttpListener::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

bool HttpListener::open() {
  const std::lock_guard lock(mutex_);
  if (fd_ >= 0 || !wanted()) return fd_ >= 0;
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  address.sin_addr.s_addr = address_ == "0.0.0.0" ? INADDR_ANY : htonl(INADDR_LOOPBACK);
  if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      ::listen(fd_, 16) == 0) {
    return true;
  }
  trouble_ = cat("cannot listen on port ", port_, ": ", std::strerror(errno));
  ::close(fd_);
  fd_ = -1;
  return false;
}

void HttpListener::serve(Until until, const std::function<bool(const HttpQuestion&)>& believes) {
  if (!open()) return;
  for (int taken = 0; taken < kQuestionsMax; ++taken) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd one{fd_, POLLIN, 0};
    if (::poll(&one, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000))) <= 0)
      return;
    const int peer = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer < 0) return;
    serve_one(peer, believes);
    ::close(peer);
  }
}

void HttpListener::serve_one(int peer, const std::function<bool(const HttpQuestion&)>& believes) {
  const Until until = std::chrono::steady_clock::now() + kQuestionWithin;
  std::string request;
  std::array<char, 4096> chunk{};
  const auto whole = [&request] {
    const std::size_t head = request.find("\r\n\r\n");
    return head != std::string::npos &&
           request.size() >= head + 4 + length_of(std::string_view(request).substr(0, head + 2));
  };
  while (!whole() && request.size() < kQuestionMax) {
    // Of the whole question, so that one who sends a byte now and then does not hold the door.
    if (!wait_readable(peer, until)) break;
    const ssize_t got = ::recv(peer, chunk.data(), chunk.size(), 0);
    if (got <= 0) break;
    request.append(chunk.data(), static_cast<std::size_t>(got));
  }
  const std::size_t head = request.find("\r\n\r\n");
  const auto words = split(std::string_view(request).substr(0, request.find("\r\n")), ' ');
  bool good = whole() && words.size() == 3;
  if (good) {
    HttpQuestion question;
    const std::size_t mark = words[1].find('?');
    question.path = std::string(words[1].substr(0, mark));
    if (mark != std::string_view::npos) read_pairs(words[1].substr(mark + 1), question);
    read_pairs(std::string_view(request).substr(head + 4), question);
    good = believes(question);
  }
  const std::string_view said =
      good ? "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 0\r\nConnection: "
             "close\r\n\r\n"
           : "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  static_cast<void>(::send(peer, said.data(), said.size(), MSG_NOSIGNAL));
}

}  // namespace cryobank::pager
