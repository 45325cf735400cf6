#include "service/reach_io.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/text.hpp"

namespace cryobank::service {
namespace {

struct AddressFree {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

struct Socket {
  Socket() = default;
  explicit Socket(int opened) : fd(opened) {}
  ~Socket() {
    if (fd >= 0) ::close(fd);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd = -1;
};

// 0 once connected, else errno.
int connect_error(const Socket& socket, const addrinfo& address) {
  if (socket.fd < 0) return errno;
  int error = ::connect(socket.fd, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (error != EINPROGRESS) return error;
  pollfd waiting{socket.fd, POLLOUT, 0};
  socklen_t length = sizeof error;
  if (::poll(&waiting, 1, static_cast<int>(kReachBound.count())) != 1) return ETIMEDOUT;
  if (::getsockopt(socket.fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  return error;
}

int open_for(const addrinfo& address) {
  return ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

using Addresses = std::unique_ptr<addrinfo, AddressFree>;

// Empty, with what the resolver said, when the name is not known.
Addresses resolve(const std::string& host, std::uint16_t port, int& code) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  return Addresses(code == 0 ? found : nullptr);
}

struct ContextFree {
  void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
};
struct SslFree {
  void operator()(SSL* ssl) const { ::SSL_free(ssl); }
};

// The handshake to its end or the bound; 1 when it stands, else what SSL_get_error says.
int shake_hands(SSL* ssl, int fd) {
  const auto until = std::chrono::steady_clock::now() + kReachBound;
  for (;;) {
    const int done = ::SSL_connect(ssl);
    if (done == 1) return done;
    const int wants = ::SSL_get_error(ssl, done);
    if (wants != SSL_ERROR_WANT_READ && wants != SSL_ERROR_WANT_WRITE) return -wants;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd waiting{fd, static_cast<short>(wants == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT), 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) != 1) return 0;
  }
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

// In words of people; the library's own behind them.
std::string certificate_fault(long verdict, const std::string& host, const std::string& ca_file) {
  switch (verdict) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return cat("its certificate is for another name than \"", host, "\"");
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "its certificate has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "its certificate is not valid yet: is this computer's clock right?";
    default:
      return cat("its certificate is not signed by the CA in ", ca_file, " (",
                 ::X509_verify_cert_error_string(verdict), ")");
  }
}

}  // namespace

Reach look_why_unreachable(const std::string& host, std::uint16_t port) {
  const std::string where = cat("the broker ", host, ":", port);
  int resolved = 0;
  const Addresses addresses = resolve(host, port, resolved);
  if (resolved != 0) {
    return {core::LinkTrouble::name_unknown,
            cat("the broker's name \"", host, "\" is not known: ", ::gai_strerror(resolved))};
  }
  int error = 0;
  for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next) {
    error = connect_error(Socket(open_for(*one)), *one);
    if (error == 0) return {};
  }
  if (error == ECONNREFUSED) {
    return {core::LinkTrouble::refused, cat(where, " refuses connections: nobody listens there")};
  }
  return {core::LinkTrouble::silent, cat(where, " does not answer: ", std::strerror(error))};
}

Reach look_why_no_tls(const std::string& host, std::uint16_t port, const std::string& ca_file) {
  const auto fault = [&](std::string why) {
    return Reach{core::LinkTrouble::certificate,
                 cat("no TLS with the broker ", host, ":", port, ": ", std::move(why))};
  };
  if (::access(ca_file.c_str(), R_OK) != 0) {
    return fault(cat("the CA file ", ca_file, " cannot be read: ", std::strerror(errno)));
  }
  const std::unique_ptr<SSL_CTX, ContextFree> context(::SSL_CTX_new(::TLS_client_method()));
  if (!context || ::SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr) != 1) {
    return fault(cat("the CA file ", ca_file, " holds no certificate (PEM)"));
  }
  int resolved = 0;
  const Addresses addresses = resolve(host, port, resolved);
  if (!addresses) return {};
  const Socket socket(open_for(*addresses));
  if (connect_error(socket, *addresses) != 0) return {};
  const std::unique_ptr<SSL, SslFree> ssl(::SSL_new(context.get()));
  ::SSL_set_verify(ssl.get(), SSL_VERIFY_PEER, nullptr);
  const bool named = is_address(host) ? ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl.get()),
                                                                        host.c_str()) == 1
                                      : ::SSL_set1_host(ssl.get(), host.c_str()) == 1;
  if (!named || ::SSL_set_fd(ssl.get(), socket.fd) != 1) return {};
  if (!is_address(host)) {  // the library's macro is a cast of the old kind
    std::string name = host;
    ::SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  }
  const int stands = shake_hands(ssl.get(), socket.fd);
  if (stands == 1) return {};
  if (stands == 0) return fault("it takes the connection and says nothing");
  if (const long verdict = ::SSL_get_verify_result(ssl.get()); verdict != X509_V_OK) {
    return fault(certificate_fault(verdict, host, ca_file));
  }
  return fault("it answers without TLS, or with none that this computer knows");
}

}  // namespace cryobank::service
