// A person's connection to the broker: sends a command and waits for its replies, reads retained
// topics, follows events. MQTT 5 only: an older client would not be told that it was refused.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"

namespace cryobank::ctl {

struct Access {
  std::string host = "127.0.0.1";
  int port = 1883;
  std::string site;
  std::string user;
  std::string password;
  std::string ca_file;
  std::string terminal;  // last level of the reply topic, an id; empty: a fresh one
};

struct Message {
  std::string topic;  // below cryobank/v1/{site}/
  std::string payload;
};

class Session {
 public:
  static Result<std::unique_ptr<Session>> open(const Access& access);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Sends `command/{user}/{verb}` and waits for the reply; with `until_done`, past `accepted` to
  // the end. `command` carries body, reason, witness, expect_revision as given; id and expires_at
  // are added when missing. `progress` hears each reply before the last. Every reply given has
  // passed read_answer().
  Result<Json> request(std::string_view verb, Json command, std::chrono::seconds within,
                       bool until_done, const std::function<void(const Json&)>& progress);

  // Retained messages that match, collected until none came for a quarter of a second; of a filter
  // without a wildcard, the one.
  Result<std::map<std::string, std::string>> retained(std::string_view filter);

  // Whether the daemon gave a sign of life in that time: it is asked, and its pulse is listened
  // for.
  Result<bool> lives(std::chrono::seconds within);

  // Everything that matches, as it comes, until `hear` returns false or the time is over.
  Status follow(std::string_view filter, std::chrono::seconds within,
                const std::function<bool(const Message&)>& hear);

  const std::string& user() const;

 private:
  struct Link;
  explicit Session(std::unique_ptr<Link> link);
  std::unique_ptr<Link> link_;
};

// A fresh command id: a random UUID, version 4.
std::string make_command_id();

}  // namespace cryobank::ctl
