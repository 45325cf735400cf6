#include "service/pager/dialog_io.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <poll.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.hpp"

namespace cryobank::pager {
namespace {

constexpr std::size_t kChunk = 4096;

int left_ms(Until until) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 600'000));
}

struct LineSpeed {
  int baud;
  speed_t word;
};
constexpr std::array kLineSpeeds{LineSpeed{1200, B1200},   LineSpeed{2400, B2400},
                                 LineSpeed{4800, B4800},   LineSpeed{9600, B9600},
                                 LineSpeed{19200, B19200}, LineSpeed{38400, B38400},
                                 LineSpeed{57600, B57600}, LineSpeed{115200, B115200}};

struct CloseContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct CloseSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

std::string tls_trouble() {
  char text[160] = "";
  const unsigned long code = ERR_get_error();
  if (code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

// The context is no longer needed once the connection has it.
std::unique_ptr<SSL, CloseSsl> make_tls(const std::string& host, const std::string& ca_file,
                                        std::string& why) {
  const std::unique_ptr<SSL_CTX, CloseContext> context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return nullptr;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const bool trusted = ca_file.empty()
                           ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                           : SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) == 1;
  if (!trusted) {
    why = cat("cannot read the certificates in ", ca_file, ": ", tls_trouble());
    return nullptr;
  }
  std::unique_ptr<SSL, CloseSsl> ssl(SSL_new(context.get()));
  if (ssl == nullptr) return nullptr;
  in6_addr address{};
  const bool numeric = ::inet_pton(AF_INET, host.c_str(), &address) == 1 ||
                       ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
  X509_VERIFY_PARAM* expected = SSL_get0_param(ssl.get());
  const int named = numeric ? X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str())
                            : SSL_set1_host(ssl.get(), host.c_str());
  if (!numeric) {
    SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host.c_str()));
  }
  return named == 1 ? std::move(ssl) : nullptr;
}

}  // namespace

bool is_line_speed(int baud) {
  return std::ranges::find(kLineSpeeds, baud, &LineSpeed::baud) != kLineSpeeds.end();
}

struct Dialog::Tls {
  std::unique_ptr<SSL, CloseSsl> ssl;
};

Dialog::Dialog() = default;
Dialog::~Dialog() { close(); }

Dialog::Dialog(Dialog&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      tls_(std::move(other.tls_)),
      buffer_(std::move(other.buffer_)) {}

Dialog& Dialog::operator=(Dialog&& other) noexcept {
  if (this == &other) return *this;
  close();
  fd_ = std::exchange(other.fd_, -1);
  tls_ = std::move(other.tls_);
  buffer_ = std::move(other.buffer_);
  trouble_ = std::move(other.trouble_);
  return *this;
}

void Dialog::close() {
  tls_.reset();
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  buffer_.clear();
}

bool Dialog::fail(std::string_view what) {
  trouble_ = what;
  return false;
}

bool Dialog::wait(short events, Until until) {
  pollfd one{fd_, events, 0};
  for (;;) {
    const int ready = ::poll(&one, 1, left_ms(until));
    if (ready > 0) return true;
    if (ready < 0 && errno == EINTR) continue;
    return fail("no answer in time");
  }
}

bool Dialog::connect(const std::string& host, int port, Until until) {
  close();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code != 0) return fail(cat("no address for ", host, ": ", gai_strerror(code)));
  for (const addrinfo* one = found; one != nullptr && fd_ < 0; one = one->ai_next) {
    fd_ = ::socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) continue;
    int error = 0;
    if (::connect(fd_, one->ai_addr, one->ai_addrlen) != 0) {
      error = errno;
      if (error == EINPROGRESS && wait(POLLOUT, until)) {
        socklen_t size = sizeof error;
        ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
      }
    }
    if (error == 0) break;
    trouble_ = cat(host, ":", port, ": ",
                   error == EINPROGRESS ? "no answer in time" : std::strerror(error));
    close();
  }
  ::freeaddrinfo(found);
  if (fd_ < 0) return false;
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return true;
}

bool Dialog::open_serial(const std::string& path, int baud) {
  close();
  fd_ = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd_ < 0) return fail(cat("cannot open ", path, ": ", std::strerror(errno)));
  termios settings{};
  if (::tcgetattr(fd_, &settings) == 0) {
    ::cfmakeraw(&settings);
    const auto* const speed = std::ranges::find(kLineSpeeds, baud, &LineSpeed::baud);
    if (speed == kLineSpeeds.end()) return fail(cat("no line runs at ", baud, " baud"));
    ::cfsetspeed(&settings, speed->word);
    settings.c_cflag |= CLOCAL | CREAD;
    ::tcsetattr(fd_, TCSANOW, &settings);
  }
  return true;
}

bool Dialog::start_tls(const std::string& host, const std::string& ca_file, Until until) {
  if (fd_ < 0) return fail("not connected");
  // What came before the handshake was not proven by anybody.
  buffer_.clear();
  std::string why = "TLS cannot be begun";
  auto ssl = make_tls(host, ca_file, why);
  if (ssl == nullptr || SSL_set_fd(ssl.get(), fd_) != 1) {
    close();
    return fail(why);
  }
  for (;;) {
    const int code = SSL_connect(ssl.get());
    if (code == 1) break;
    const int error = SSL_get_error(ssl.get(), code);
    const bool waits = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
    if (waits && wait(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until)) continue;
    if (!waits) {
      const long verdict = SSL_get_verify_result(ssl.get());
      trouble_ = verdict == X509_V_OK
                     ? cat("no TLS with ", host, ": ", tls_trouble())
                     : cat("the certificate of ", host,
                           " is not proven: ", X509_verify_cert_error_string(verdict));
    }
    close();
    return false;
  }
  tls_ = std::make_unique<Tls>();
  tls_->ssl = std::move(ssl);
  return true;
}

Dialog::Io Dialog::send_some(std::string_view& bytes, short& events) {
  events = POLLOUT;
  if (tls_ != nullptr) {
    std::size_t sent = 0;
    const int code = SSL_write_ex(tls_->ssl.get(), bytes.data(), bytes.size(), &sent);
    if (code == 1) bytes.remove_prefix(sent);
    if (code == 1) return Io::done;
    const int error = SSL_get_error(tls_->ssl.get(), code);
    if (error == SSL_ERROR_WANT_READ) events = POLLIN;
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? Io::again : Io::failed;
  }
  // A connection that the other side closed must not end the program.
  ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno == ENOTSOCK) sent = ::write(fd_, bytes.data(), bytes.size());
  if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  if (sent > 0) return Io::done;
  return errno == EAGAIN || errno == EINTR ? Io::again : Io::failed;
}

bool Dialog::write(std::string_view bytes, Until until) {
  if (fd_ < 0) return fail("not connected");
  while (!bytes.empty()) {
    short events = 0;
    const Io got = send_some(bytes, events);
    if (got == Io::failed) return fail(cat("connection lost: ", std::strerror(errno)));
    if (got == Io::again && !wait(events, until)) return false;
  }
  return true;
}

Dialog::Io Dialog::receive_some(short& events) {
  events = POLLIN;
  std::array<char, kChunk> chunk{};
  if (tls_ != nullptr) {
    std::size_t got = 0;
    const int code = SSL_read_ex(tls_->ssl.get(), chunk.data(), chunk.size(), &got);
    if (code == 1) buffer_.append(chunk.data(), got);
    if (code == 1) return Io::done;
    const int error = SSL_get_error(tls_->ssl.get(), code);
    if (error == SSL_ERROR_ZERO_RETURN) return Io::closed;
    if (error == SSL_ERROR_WANT_WRITE) events = POLLOUT;
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? Io::again : Io::failed;
  }
  const ssize_t got = ::read(fd_, chunk.data(), chunk.size());
  if (got > 0) buffer_.append(chunk.data(), static_cast<std::size_t>(got));
  if (got > 0) return Io::done;
  if (got == 0) return Io::closed;
  return errno == EAGAIN || errno == EINTR ? Io::again : Io::failed;
}

bool Dialog::fill(Until until) {
  if (fd_ < 0) return fail("not connected");
  if (buffer_.size() > kAnswerBytesMax) return fail("an answer without end");
  for (;;) {
    short events = 0;
    const Io got = receive_some(events);
    if (got == Io::done) return true;
    if (got == Io::closed) return fail("the other side closed the connection");
    if (got == Io::failed) return fail(cat("connection lost: ", std::strerror(errno)));
    if (!wait(events, until)) return false;
  }
}

std::optional<std::string> Dialog::read_until(std::string_view ends, Until until) {
  for (;;) {
    const std::size_t end = buffer_.find_first_of(ends);
    if (end != std::string::npos) {
      std::string taken = buffer_.substr(0, end + 1);
      buffer_.erase(0, end + 1);
      return taken;
    }
    if (!fill(until)) return std::nullopt;
  }
}

std::optional<std::string> Dialog::read_line(Until until) {
  std::optional<std::string> line = read_until("\n", until);
  if (!line) return std::nullopt;
  while (!line->empty() && (line->back() == '\n' || line->back() == '\r')) line->pop_back();
  return line;
}

std::optional<std::string> Dialog::read_bytes(std::size_t count, Until until) {
  while (buffer_.size() < count) {
    if (!fill(until)) return std::nullopt;
  }
  std::string taken = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return taken;
}

}  // namespace cryobank::pager
