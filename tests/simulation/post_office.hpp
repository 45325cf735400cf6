// PostOffice: sends commands as a client does and waits for their replies: the same message again
// while nobody answers, until it expires. Known replies are checked elsewhere.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/sim_broker.hpp"

namespace cryobank::simulation {

class PostOffice {
 public:
  // Called once: with the last reply, or with null when nobody answered in time.
  using Then = std::function<void(const Json& reply)>;

  PostOffice(Stage& stage, SimBroker& broker) : stage_(stage), broker_(broker) {}

  struct Letter {
    std::string_view user;
    std::string_view verb;
    Json body;
    std::string_view witness = {};
  };
  // A well-formed command with a fresh id, valid for a minute.
  core::BrokerMessage write(const Letter& letter);
  static std::string id_of(const core::BrokerMessage& message);
  // Sends until a reply that is not `accepted` comes, or it expires unanswered.
  void send(core::BrokerMessage message, Then then);
  // Once, and nobody waits.
  void drop_in(core::BrokerMessage message) { broker_.deliver(std::move(message)); }

  void on_reply(const core::Publish& publish);
  bool idle() const { return waiting_.empty(); }
  // Messages that were answered: to be sent again by who has mischief in mind.
  const std::vector<core::BrokerMessage>& answered() const { return answered_; }

 private:
  struct Waiting {
    core::BrokerMessage message;
    Then then;
    Instant until{};     // no more repeats after that
    bool taken = false;  // the daemon said accepted
  };
  void again(const std::string& id);
  void close(const std::string& id, const Json& reply);

  Stage& stage_;
  SimBroker& broker_;
  std::map<std::string, Waiting> waiting_;
  std::vector<core::BrokerMessage> answered_;
  std::uint64_t letters_ = 0;
};

}  // namespace cryobank::simulation
