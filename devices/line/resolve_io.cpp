#include "devices/line/resolve_io.hpp"

#include <netdb.h>

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/text.hpp"

namespace cryobank::devices {
namespace {

constexpr std::chrono::milliseconds kResolveSlice(100);

using Addresses = Result<std::vector<SocketAddress>>;

Addresses look_up(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(host.c_str(), cat(port).c_str(), &hints, &found);
  if (code != 0) {
    return make_error(ErrorCode::unavailable,
                      cat("expected a known host, ", clip(host, 80), ": ", gai_strerror(code)));
  }
  std::vector<SocketAddress> addresses;
  for (const addrinfo* at = found; at != nullptr && addresses.size() < kAddressesMax;
       at = at->ai_next) {
    SocketAddress& address = addresses.emplace_back();
    address.length = at->ai_addrlen;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
  }
  freeaddrinfo(found);
  return addresses;
}

struct Shared {
  std::mutex guard;
  std::condition_variable known;
  std::optional<Addresses> answer;
};

}  // namespace

Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port,
                                           Duration bound, const std::atomic<bool>& stopped) {
  if (Addresses literal = look_up(host, port, AI_NUMERICHOST); literal.ok()) return literal;
  const auto shared = std::make_shared<Shared>();
  std::thread([shared, host, port] {
    Addresses answer = look_up(host, port, 0);
    const std::lock_guard lock(shared->guard);
    shared->answer.emplace(std::move(answer));
    shared->known.notify_one();
  }).detach();
  const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(bound.ns);
  std::unique_lock lock(shared->guard);
  while (!shared->answer && !stopped.load() && std::chrono::steady_clock::now() < until) {
    shared->known.wait_for(lock, kResolveSlice, [&] { return shared->answer.has_value(); });
  }
  if (shared->answer) return std::move(*shared->answer);
  return make_error(ErrorCode::unavailable,
                    cat("expected an address of ", clip(host, 80), " within ", bound.ms(), " ms"));
}

}  // namespace cryobank::devices
