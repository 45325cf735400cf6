#include "tests/simulation/sim_broker.hpp"

#include <algorithm>
#include <utility>

namespace cryobank::simulation {
namespace {

constexpr int kNotAuthorised = 135;
// The client tries again at once and then every second (service/mqtt_io).
constexpr std::int64_t kConnectMaxMs = 1'500;
constexpr std::int64_t kWillMaxMs = 15'000;  // 1.5 keep-alive times of 10 s

bool fits(std::string_view filter, std::string_view topic) {
  const auto want = split(filter, '/');
  const auto have = split(topic, '/');
  if (want.size() != have.size()) return false;
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (want[i] != "+" && want[i] != have[i]) return false;
  }
  return true;
}

}  // namespace

SimBroker::SimBroker(Stage& stage, std::uint64_t seed, Heard heard)
    : stage_(stage), prng_(seed), heard_(std::move(heard)) {}

void SimBroker::daemon_started() {
  daemon_ = true;
  was_up_ = false;
  connect_after(milliseconds(prng_.between(5, kConnectMaxMs)));
}

void SimBroker::daemon_died() {
  daemon_ = false;
  if (!up_) return;
  break_wire();
  // The will, unless the next daemon connects first.
  const std::uint64_t connection = connection_;
  stage_.after(milliseconds(prng_.between(1, kWillMaxMs)), [this, connection] {
    if (connection != connection_) return;
    retained_[stage_.topics.of(core::TopicKind::service_state)] = "{\"state\":\"offline\"}";
  });
}

void SimBroker::break_wire() {
  up_ = false;
  subscribed_ = false;
  // What was under way arrived in order up to somewhere; nobody acknowledges it.
  const std::size_t arrived = static_cast<std::size_t>(prng_.below(wire_.size() + 1));
  for (std::size_t i = 0; i < arrived; ++i) take(wire_[i]);
  wire_.clear();
  unacknowledged_ = 0;
}

void SimBroker::drop_link(Duration away, int forget) {
  away_until_ = std::max(away_until_, stage_.mono() + away);
  const bool told = up_;
  if (up_) break_wire();
  if (forget == 1) retained_ = backup_;
  if (forget == 2) retained_.clear();
  backup_ = retained_;
  stage_.trace.note(stage_.clock.now(), cat("link drops for ", away.ms(), " ms, forget ", forget));
  if (!daemon_) return;
  if (told) stage_.feed(core::BrokerLink{false, 0});
  connect_after(away + milliseconds(prng_.between(1, kConnectMaxMs)));
}

void SimBroker::connect_after(Duration pause) {
  stage_.after_in_run(pause, [this] {
    if (up_) return;
    if (stage_.mono() < away_until_) return connect_after(away_until_ - stage_.mono());
    connect();
  });
}

void SimBroker::connect() {
  up_ = true;
  up_since_ = stage_.mono();
  ++connection_;
  receive_max_ = kReceiveMaxUsual;
  if (prng_.chance(1, 4)) receive_max_ = static_cast<std::uint16_t>(prng_.between(1, 100));
  stage_.feed(core::BrokerLink{true, receive_max_});
}

void SimBroker::publish(core::Publish&& publish) {
  if (!up_) {
    stage_.wrong(cat("published without a link: ", publish.topic));
    return;
  }
  if (publish.id != 0 && ++unacknowledged_ > receive_max_) {
    stage_.wrong(cat(unacknowledged_, " publishes are open, the broker takes ", receive_max_));
  }
  wire_.push_back(std::move(publish));
  last_arrival_ = std::max(last_arrival_, stage_.mono() + microseconds(prng_.between(200, 2'000)));
  const std::uint64_t connection = connection_;
  stage_.timeline.at_for_run(last_arrival_, [this, connection] {
    if (connection == connection_ && up_) arrive();
  });
}

void SimBroker::arrive() {
  CHECK(!wire_.empty());
  const core::Publish publish = std::move(wire_.front());
  wire_.pop_front();
  const bool refused = faults_.refuse_per_mille > 0 && publish.id != 0 &&
                       prng_.chance(faults_.refuse_per_mille, 1000);
  if (!refused) take(publish);
  if (publish.id == 0) return;
  const core::BrokerAck ack{publish.id, !refused, refused ? kNotAuthorised : 0};
  const auto answer = [this, ack] {
    CHECK(unacknowledged_ > 0);
    --unacknowledged_;
    stage_.feed(ack);
  };
  if (faults_.ack_slow_max <= milliseconds(1) && last_ack_ <= stage_.mono()) return answer();
  const std::uint64_t connection = connection_;
  const Duration slow = microseconds(prng_.between(0, faults_.ack_slow_max.ns / 1'000));
  last_ack_ = std::max(last_ack_, stage_.mono() + slow);
  stage_.timeline.at_for_run(last_ack_, [this, connection, answer] {
    if (connection == connection_ && up_) answer();
  });
}

void SimBroker::take(const core::Publish& publish) {
  if (loses && loses(publish)) return;
  if (publish.retain) {
    if (publish.payload.empty()) {
      retained_.erase(publish.topic);
    } else {
      retained_.insert_or_assign(publish.topic, publish.payload);
    }
  }
  heard_(publish);
}

void SimBroker::subscribe(const core::Subscribe& subscribe) {
  subscribed_ = true;
  const std::uint64_t connection = connection_;
  for (const auto& [topic, payload] : retained_) {
    const std::string_view name = topic;
    const bool wanted = std::ranges::any_of(
        subscribe.read_back, [name](const std::string& filter) { return fits(filter, name); });
    if (!wanted) continue;
    core::BrokerMessage message;
    message.topic = topic;
    message.payload = payload;
    message.retained = true;
    stage_.after_in_run(milliseconds(prng_.between(1, 200)),
                        [this, connection, message = std::move(message)] {
                          if (connection == connection_ && up_) stage_.feed(message);
                        });
  }
}

void SimBroker::deliver(core::BrokerMessage message) {
  if (!up_ || !subscribed_) return;
  if (alters) alters(message);
  const std::uint64_t connection = connection_;
  const int copies = prng_.chance(faults_.duplicate_per_mille, 1000) ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) {
    const Duration delay = milliseconds(prng_.between(1, copy == 0 ? 20 : 3'000));
    stage_.after_in_run(delay, [this, connection, message] {
      if (connection == connection_ && up_) stage_.feed(message);
    });
  }
}

}  // namespace cryobank::simulation
