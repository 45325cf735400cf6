// Broker link: one MQTT 5 client on its own thread pair. It connects, reconnects with a short
// back-off, and copies what happens into inputs; the callbacks of the library only copy and post.
// Nothing is kept here: after each connect the core publishes everything again. The password file
// is read at every attempt, so that a mended one needs no restart. Why there is no link is told
// once per change, in the log and as BrokerLink.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "config/site_config.hpp"
#include "service/wire/effect.hpp"
#include "service/wire/input.hpp"

namespace cryobank::service {

// A longer message is cut to one byte above it, so that the core sees that it was too long and says
// so.
inline constexpr std::size_t kMessageMax = 256 * 1024;

// Retained by the broker when this client dies without a word, and by stop().
struct Will {
  std::string topic;
  std::string payload;
};

struct BrokerAccess {
  std::string client_id;
  std::string password;  // where the configuration names no file; empty: none
  Will will;
  // Ask at each connect whether the broker keeps logins apart: a publish to a topic that no rule
  // grants (access-check/{client_id}, docs/broker.md) has to be refused.
  bool checks_guard = false;
};

class BrokerClient {
 public:
  using Post = std::function<void(core::Input)>;

  // `post` is called on threads of the library and of this class; it must not block.
  BrokerClient(const config::MqttConfig& config, BrokerAccess access, Post post);
  ~BrokerClient();
  BrokerClient(const BrokerClient&) = delete;
  BrokerClient& operator=(const BrokerClient&) = delete;

  void start();
  // From the core thread; never block. Dropped while the link is down.
  void publish(const core::Publish& publish);
  void subscribe(const core::Subscribe& subscribe);
  // Waits up to a second for what is in flight, publishes the will, disconnects.
  void stop();

 private:
  struct Library;
  void own();  // body of the owner thread
  bool connect();
  core::BrokerLink attempt(const std::string& password);
  core::BrokerLink why_refused(int code) const;
  void tell_trouble(core::BrokerLink link);
  void lost(core::LinkTrouble trouble, std::string why);

  config::MqttConfig config_;
  BrokerAccess access_;
  Post post_;
  std::unique_ptr<Library> library_;
  std::mutex mutex_;  // guards wake_ waits only; the flags are atomic
  std::condition_variable wake_;
  std::string told_;  // the trouble told last, by the owner's thread; empty: none
  std::atomic<bool> taken_over_{false};
  std::atomic<bool> connected_{false};
  std::chrono::steady_clock::time_point up_since_;  // written before connected_ is
  std::atomic<int> short_links_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<int> in_flight_{0};
  std::jthread owner_;
};

}  // namespace cryobank::service
