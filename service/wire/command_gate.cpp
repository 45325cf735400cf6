#include "service/wire/command_gate.hpp"

#include <algorithm>
#include <array>
#include <span>
#include "base/checksum.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "config/secret.hpp"

namespace cryobank::core {
namespace {

Error malformed(std::string text) { return make_error(ErrorCode::malformed, std::move(text)); }

// The field that was wrong, before what was expected there and what came.
Error in_field(std::string_view field, Error error) {
  error.context = cat(field, ": ", error.context);
  return error;
}

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Where the answer may go: reply/{user}/{client}, both levels ids.
Status check_answer(const Topics& topics, const UserId& user, const BrokerMessage& message) {
  if (message.response_topic.empty()) return malformed("expected an MQTT 5 response topic");
  if (message.correlation.empty()) return malformed("expected MQTT 5 correlation data");
  if (message.correlation.size() > kCorrelationMax) {
    return make_error(ErrorCode::too_large,
                      cat("correlation data of ", message.correlation.size(), " bytes, at most ",
                          kCorrelationMax, " are allowed"));
  }
  if (message.response_topic.size() > kReplyTopicMax) {
    return make_error(ErrorCode::too_large,
                      cat("response topic of ", message.response_topic.size(), " bytes, at most ",
                          kReplyTopicMax, " are allowed"));
  }
  const std::optional<ParsedTopic> topic = topics.parse(message.response_topic);
  const bool own = topic && topic->kind == TopicKind::reply && topic->levels[0] == user.str() &&
                   is_id_text(topic->levels[1]);
  if (!own) {
    return make_error(ErrorCode::not_authorised,
                      cat("expected a response topic ", topics.root(), "reply/", user.str(),
                          "/{client}, came ", clip(message.response_topic, 120)));
  }
  return {};
}

constexpr std::array<std::string_view, 8> kEnvelope = {
    "body", "expect_revision", "expires_at", "id", "reason", "schema", "signature", "witness"};
constexpr std::array<std::string_view, 4> kSignatureKeys = {"meaning", "record", "secret", "user"};

// A key that nobody reads says something that the sender believes is heard.
Status check_keys(const Json& object, std::span<const std::string_view> known,
                  std::string_view where) {
  for (const auto& [key, value] : object.members()) {
    if (std::ranges::find(known, key) != known.end()) continue;
    return make_error(ErrorCode::unknown_key,
                      cat(where, " has no key \"", clip(key, 40), "\"", suggestion(key, known)));
  }
  return {};
}

// Without the signing secret: a fast digest over it would let whoever reads the store try secrets.
// Without the time it is good for: who sends the same once more may give it longer.
std::string fingerprint_of(const Command& command, const Json& payload) {
  Json known = payload;
  known.members().erase("expires_at");
  if (payload["signature"].is_object()) {
    known.members().find("signature")->second.members().erase("secret");
  }
  return to_hex(sha256(command.user.str(), command.verb, known.dump()));
}

Status read_signature(const Json& payload, Command& command) {
  if (!payload.has("signature")) return {};
  const Json& json = payload["signature"];
  if (!json.is_object()) {
    return malformed(cat("signature: expected an object, came ", json.kind_name()));
  }
  TRY(check_keys(json, kSignatureKeys, "signature"));
  TRY_ASSIGN(const std::string meaning, json.get_string("meaning"));
  if (!json.has("secret")) {
    return malformed(
        "signature: expected the signing secret at \"secret\": it is asked at every signing");
  }
  const Result<std::string> secret = json.get_string("secret");
  if (!secret) return in_field("signature", secret.error());
  if (json.has("user")) {
    const Result<std::string> user = json.get_string("user");
    if (!user) return in_field("signature", user.error());
    if (!is_id_text(*user)) {
      return malformed(cat("signature.user: expected a user's id, came ", clip(*user, 80)));
    }
    command.signer = *user;
  }
  std::string record;
  if (json.has("record")) {
    const Result<std::string> given = json.get_string("record");
    if (!given) return in_field("signature", given.error());
    record = *given;
  }
  const bool fits = !meaning.empty() && meaning.size() <= kMeaningMax && !secret->empty() &&
                    secret->size() <= config::kSecretMax &&
                    (record.empty() || record.size() == 2 * sizeof(Sha256));
  if (!fits) {
    return malformed(cat("signature: expected a meaning of 1 to ", kMeaningMax,
                         " bytes, a secret of 1 to ", config::kSecretMax,
                         " bytes and a record of 64 hex digits"));
  }
  command.signature.meaning = meaning;
  command.signature.record = record;
  command.secret = *secret;
  return {};
}

Status read_optional(const Json& payload, Command& command) {
  if (payload.has("reason")) {
    TRY_ASSIGN(std::string reason, payload.get_string("reason"));
    if (reason.size() > kReasonMax) {
      return make_error(ErrorCode::too_large, cat("reason of ", reason.size(), " bytes, at most ",
                                                  kReasonMax, " are allowed"));
    }
    command.reason = reason;
  }
  if (payload.has("witness")) {
    TRY_ASSIGN(std::string text, payload.get_string("witness"));
    Result<UserId> user = UserId::parse(text);
    if (!user) return in_field("witness", user.error());
    command.witness = *user;
  }
  if (payload.has("expect_revision")) {
    TRY_ASSIGN(std::int64_t revision, payload.get_integer("expect_revision"));
    if (revision < 0) {
      return make_error(ErrorCode::invalid_value,
                        cat("expect_revision: expected 0 or more, came ", revision));
    }
    command.expect_revision = revision;
  }
  if (payload.has("body")) {
    if (!payload["body"].is_object()) {
      return malformed(cat("body: expected an object, came ", payload["body"].kind_name()));
    }
    command.body = payload["body"];
  } else {
    command.body = Json::object();
  }
  return {};
}

// Of a payload that is no JSON: the id that it names, so that its sender finds the refusal. Empty
// when it names none, or several.
std::string id_within(std::string_view text) {
  constexpr std::string_view kKey = "\"id\"";
  constexpr std::size_t kUuid = 36;
  std::string found;
  for (std::size_t at = text.find(kKey); at != std::string_view::npos; at = text.find(kKey, at)) {
    at = text.find_first_not_of(" \t\r\n:", at + kKey.size());
    if (at == std::string_view::npos || text[at] != '"') continue;
    const std::string_view id = text.substr(at + 1, kUuid);
    if (!is_uuid(id)) continue;
    if (!found.empty()) return {};
    found = lower_ascii(id);
  }
  return found;
}

Status read_payload(std::string_view text, Command& command) {
  if (text.size() > kCommandPayloadMax) {
    // The edge cuts what is longer, so its size is not known here.
    return make_error(ErrorCode::too_large,
                      cat("expected a payload of at most ", kCommandPayloadMax,
                          " bytes, came more: a longer list comes in pieces (bulk/piece)"));
  }
  Result<Json> payload = parse_json(text, kCommandPayloadMax);
  if (!payload) {
    command.id = id_within(text);
    return in_field("payload", payload.error());
  }
  if (!payload->is_object()) {
    return malformed(cat("payload: expected a JSON object, came ", payload->kind_name()));
  }
  TRY_ASSIGN(std::string id, payload->get_string("id"));
  if (!is_uuid(id)) return malformed(cat("id: expected a UUID, came ", clip(id, 80)));
  command.id = lower_ascii(id);
  TRY_ASSIGN(std::string expires, payload->get_string("expires_at"));
  Result<WallTime> expires_at = parse_utc(expires);
  if (!expires_at) return in_field("expires_at", expires_at.error());
  command.expires_at = *expires_at;
  command.fingerprint = fingerprint_of(command, *payload);
  for (const Status& read : {check_keys(*payload, kEnvelope, "a command"),
                             read_signature(*payload, command), read_optional(*payload, command)}) {
    TRY(read);
  }
  return {};
}

}  // namespace

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex_digit(text[i])) return false;
  }
  return true;
}

Gated read_command(const Topics& topics, const ParsedTopic& topic, const BrokerMessage& message) {
  Gated gated;
  Command& command = gated.command;
  Result<UserId> user = UserId::parse(topic.levels[0]);
  if (!user || !is_id_text(topic.levels[1]) || !is_id_text(topic.levels[2])) {
    gated.refusal =
        malformed(cat("expected command/{user}/{noun}/{verb}, came ", clip(message.topic, 120)));
    return gated;
  }
  command.user = *user;
  command.verb = cat(topic.levels[1], "/", topic.levels[2]);
  const Status answer = check_answer(topics, *user, message);
  if (answer) {
    command.reply_topic = message.response_topic;
    command.correlation = message.correlation;
    command.terminal = topics.parse(message.response_topic)->levels[1];
  }
  const Status payload = read_payload(message.payload, command);
  if (!answer) {
    gated.refusal = answer.error();
  } else if (message.retained) {
    gated.refusal = malformed("a command must not be retained: send it again without retain");
  } else if (!payload) {
    gated.refusal = payload.error();
  }
  return gated;
}

}  // namespace cryobank::core
