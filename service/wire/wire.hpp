// Wire: the payloads this floor writes itself, as UTF-8 JSON objects (contract section 3). Payloads
// of other rooms get the same envelope: `schema`, and `at`, the time of rendering.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/record.hpp"
#include "base/time.hpp"
#include "devices/line/reading.hpp"

namespace cryobank::core {

enum class ReplyStatus : std::uint8_t { done, accepted, rejected, failed, expired, duplicate };
std::string_view name_of(ReplyStatus status);

// Why a command was not done; nothing: "ok".
using ReplyCode = std::optional<ErrorCode>;
inline constexpr ReplyCode kOk;

// What the asker is told.
struct Reply {
  std::string id;  // of the command; may be empty when the command had no readable id
  ReplyStatus status = ReplyStatus::done;
  ReplyCode code = kOk;
  std::string message;
  std::uint64_t sequence = 0;  // journal sequence of the last fact; 0: none, shown as null
  Json body;
};

Reply refusal(std::string_view id, ReplyStatus status, const Error& error);
std::string reply_payload(const Reply& reply);

// Adds `schema` and `at` to an object.
std::string envelope(Json payload, std::string_view schema, WallTime at);

// The payload of device/{device}/point/{point}, written without a Json value because it is the most
// frequent one.
void append_point(std::string& out, const devices::Reading& reading, std::string_view unit);

// One CloudEvents 1.0 JSON event; `sequence` is the journal's, `number` the stream's.
struct EventContext {
  std::string_view root;  // "cryobank/v1/{site}/"
  std::uint64_t number = 0;
  std::uint64_t sequence = 0;
  WallTime at;
  std::string_view user;
  std::string_view command;
  std::string_view reason;
};
std::string event_payload(const Fact& fact, const EventContext& context);

}  // namespace cryobank::core
