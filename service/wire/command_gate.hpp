// Command gate: whether what came under command/{user}/{noun}/{verb} has the form of a command, and
// what it says. Pure; it knows neither roles nor the record.
//   {"id":"<uuid>","expires_at":"<RFC 3339>","expect_revision":n?,"reason":"..."?,"witness":"..."?,
//    "signature":{"meaning":"...","record":"<hex>"?,"user":"..."?,"secret":"..."}?,"body":{...}}
#pragma once

#include <optional>
#include <string>

#include "service/wire/input.hpp"
#include "service/wire/topics.hpp"
#include "service/wire/work.hpp"

namespace cryobank::core {

// The contract's bound of a command.
inline constexpr std::size_t kCommandPayloadMax = 256 * 1024;
inline constexpr std::size_t kReasonMax = 1'000;
// MQTT allows 65,535 bytes; ours are UUIDs and client names.
inline constexpr std::size_t kCorrelationMax = 256;
inline constexpr std::size_t kReplyTopicMax = 512;

inline constexpr std::size_t kMeaningMax = 200;

struct Gated {
  // Filled as far as it could be read. The reply topic is set only when it is under the sender's
  // own reply/{user}/, so that nobody can make the daemon write elsewhere.
  Command command;
  std::optional<Error> refusal;
};

// REQUIRES: `topic` is of kind command.
Gated read_command(const Topics& topics, const ParsedTopic& topic, const BrokerMessage& message);

// Is the text a UUID in the form 8-4-4-4-12 of hexadecimal digits?
bool is_uuid(std::string_view text);

}  // namespace cryobank::core
