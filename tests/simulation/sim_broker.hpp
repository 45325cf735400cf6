// SimBroker: the broker of the simulated world, the wire to it, and a reader who hears everything
// the broker took. Publishes arrive in the order sent.
// Fault budget: the link drops, and what was under way arrived up to a drawn point or not at all;
// the broker comes back with its retained tree whole, rolled back, or empty; acknowledgements are
// slow, or lost with the link; a publish is refused; commands are lost while nobody is subscribed,
// and delivered twice; the Receive Maximum changes with each connection; an old daemon's messages
// of our own tree come back when it subscribes. It never invents a topic and never swaps publishes
// or acknowledgements of one connection (MQTT 5, 4.6).
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>

#include "base/prng.hpp"
#include "service/wire/effect.hpp"
#include "tests/simulation/stage.hpp"

namespace cryobank::simulation {

struct BrokerFaults {
  std::uint32_t refuse_per_mille = 0;
  std::uint32_t duplicate_per_mille = 0;
  Duration ack_slow_max{};
};

class SimBroker {
 public:
  using Heard = std::function<void(const core::Publish&)>;
  static constexpr std::uint16_t kReceiveMaxUsual = 20;

  // `heard`: told of each publish that the broker took, in order.
  SimBroker(Stage& stage, std::uint64_t seed, Heard heard);

  void set_faults(const BrokerFaults& faults) { faults_ = faults; }

  // The daemon started: connects after a drawn time, as its client does.
  void daemon_started();
  void daemon_died();
  // The link breaks. `forget`: 0 nothing, 1 the broker's newest retained changes, 2 all of them.
  void drop_link(Duration away, int forget);

  void publish(core::Publish&& publish);
  void subscribe(const core::Subscribe& subscribe);
  // A client's message; lost when nobody listens.
  void deliver(core::BrokerMessage message);

  // Planted mistakes: what is taken, acknowledged and lost; and what is changed on its way in.
  std::function<bool(const core::Publish&)> loses;
  std::function<void(core::BrokerMessage&)> alters;

  bool link_up() const { return up_; }
  Instant up_since() const { return up_since_; }
  const std::map<std::string, std::string>& retained() const { return retained_; }

 private:
  void connect_after(Duration pause);
  void connect();
  void break_wire();
  void arrive();
  void take(const core::Publish& publish);

  Stage& stage_;
  Prng prng_;
  Heard heard_;
  BrokerFaults faults_;
  bool daemon_ = false;
  bool up_ = false;
  bool subscribed_ = false;
  bool was_up_ = false;  // the daemon knows of a link
  std::uint64_t connection_ = 0;
  Instant up_since_{};
  Instant away_until_{};
  std::uint16_t receive_max_ = kReceiveMaxUsual;
  std::size_t unacknowledged_ = 0;
  std::deque<core::Publish> wire_;
  Instant last_arrival_{};
  Instant last_ack_{};
  std::map<std::string, std::string> retained_;
  std::map<std::string, std::string> backup_;  // what a restarted broker may know
};

}  // namespace cryobank::simulation
