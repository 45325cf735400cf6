#include "tests/simulation/post_office.hpp"

#include <utility>

namespace cryobank::simulation {
namespace {

constexpr Duration kValid = seconds(60);
constexpr Duration kRepeatEvery = seconds(7);
// After the last repeat: the longest way of a copy to the daemon, and back.
constexpr Duration kPatience = seconds(30);
// Work that was accepted ends with a verdict; a person looks at the record after so long.
constexpr Duration kWorkMax = minutes(60);
constexpr std::size_t kAnsweredKept = 50;

}  // namespace

core::BrokerMessage PostOffice::write(const Letter& letter) {
  Json payload = Json::object();
  payload.set("id", core::command_id(cat("letter ", ++letters_)));
  payload.set("expires_at", format_utc(stage_.clock.now().wall + kValid));
  payload.set("reason", "simulated");
  if (!letter.witness.empty()) payload.set("witness", letter.witness);
  payload.set("body", letter.body);
  core::BrokerMessage message;
  message.topic = cat(stage_.topics.root(), "command/", letter.user, "/", letter.verb);
  message.payload = payload.dump();
  message.response_topic = cat(stage_.topics.root(), "reply/", letter.user, "/simulation");
  message.correlation = "c";
  return message;
}

std::string PostOffice::id_of(const core::BrokerMessage& message) {
  const Result<Json> payload = parse_json(message.payload);
  return payload ? payload->string_or("id", "") : std::string();
}

void PostOffice::send(core::BrokerMessage message, Then then) {
  const std::string id = id_of(message);
  waiting_.emplace(id, Waiting{message, std::move(then), stage_.mono() + kValid});
  broker_.deliver(std::move(message));
  stage_.after(kRepeatEvery, [this, id] { again(id); });
}

void PostOffice::again(const std::string& id) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  Waiting& waiting = found->second;
  const Duration patience = waiting.taken ? kWorkMax : kPatience;
  if (stage_.mono() >= waiting.until + patience) return close(id, {});
  if (stage_.mono() < waiting.until && !waiting.taken) broker_.deliver(waiting.message);
  stage_.after(kRepeatEvery, [this, id] { again(id); });
}

void PostOffice::close(const std::string& id, const Json& reply) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  // Only what is done is known for ever: anything else may be tried anew, and then it is no replay.
  if (reply.string_or("status", "") == "done" && answered_.size() < kAnsweredKept) {
    answered_.push_back(std::move(waiting.message));
  }
  waiting.then(reply);
}

void PostOffice::on_reply(const core::Publish& publish) {
  const Result<Json> reply = parse_json(publish.payload);
  if (!reply) return;
  const std::string id = reply->string_or("id", "");
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  if (reply->string_or("status", "") == "accepted") {
    found->second.taken = true;
    return;
  }
  // Closed outside the reply, so that what follows does not run inside the broker.
  stage_.after(milliseconds(1), [this, id, reply = *reply] { close(id, reply); });
}

}  // namespace cryobank::simulation
