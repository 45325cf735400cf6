#include "service/wire/command_gate.hpp"

#include <gtest/gtest.h>

namespace cryobank::core {
namespace {

const Topics kGateTopics(SiteId("demo"));
constexpr const char* kId = "123e4567-e89b-42d3-a456-426614174000";

BrokerMessage good() {
  BrokerMessage message;
  message.topic = "cryobank/v1/demo/command/ann/course/register";
  message.payload = std::string(R"({"id":")") + kId +
                    R"(","expires_at":"2026-11-22T03:04:35Z","reason":"new","body":{"x":1}})";
  message.response_topic = "cryobank/v1/demo/reply/ann/tab-1";
  message.correlation = "42";
  return message;
}

Gated read(const BrokerMessage& message) {
  const std::optional<ParsedTopic> topic = kGateTopics.parse(message.topic);
  EXPECT_TRUE(topic && topic->kind == TopicKind::command);
  return read_command(kGateTopics, *topic, message);
}

TEST(CommandGate, reads_a_well_formed_command) {
  const Gated gated = read(good());
  ASSERT_FALSE(gated.refusal.has_value()) << gated.refusal->context;
  EXPECT_EQ(gated.command.id, kId);
  EXPECT_EQ(gated.command.user.str(), "ann");
  EXPECT_EQ(gated.command.verb, "course/register");
  EXPECT_EQ(gated.command.reason, "new");
  EXPECT_EQ(gated.command.body["x"].integer(), 1);
  EXPECT_EQ(gated.command.reply_topic, "cryobank/v1/demo/reply/ann/tab-1");
  EXPECT_EQ(gated.command.correlation, "42");
  EXPECT_EQ(gated.command.expect_revision, -1);
}

struct Bad {
  const char* name;
  void (*spoil)(BrokerMessage&);
  ErrorCode code;
  bool answerable;
  const char* told = "";  // where it is, what was expected, what came
};

class CommandGateRefuses : public testing::TestWithParam<Bad> {};

TEST_P(CommandGateRefuses, and_answers_only_under_the_senders_own_topic) {
  BrokerMessage message = good();
  GetParam().spoil(message);
  const Gated gated = read(message);
  ASSERT_TRUE(gated.refusal.has_value());
  EXPECT_EQ(gated.refusal->code, GetParam().code) << gated.refusal->context;
  EXPECT_NE(gated.refusal->context.find(GetParam().told), std::string::npos)
      << gated.refusal->context;
  EXPECT_EQ(!gated.command.reply_topic.empty(), GetParam().answerable);
}

void replace(std::string& text, std::string_view from, std::string_view to) {
  text.replace(text.find(from), from.size(), to);
}

INSTANTIATE_TEST_SUITE_P(
    Commands, CommandGateRefuses,
    testing::Values(
        Bad{"a_retained_command", [](BrokerMessage& m) { m.retained = true; }, ErrorCode::malformed,
            true},
        Bad{"no_response_topic", [](BrokerMessage& m) { m.response_topic.clear(); },
            ErrorCode::malformed, false},
        Bad{"no_correlation_data", [](BrokerMessage& m) { m.correlation.clear(); },
            ErrorCode::malformed, false},
        Bad{"endless_correlation_data", [](BrokerMessage& m) { m.correlation.assign(257, 'x'); },
            ErrorCode::too_large, false},
        Bad{"the_reply_topic_of_another_user",
            [](BrokerMessage& m) { m.response_topic = "cryobank/v1/demo/reply/bob/tab-1"; },
            ErrorCode::not_authorised, false},
        Bad{"a_response_topic_that_is_no_reply",
            [](BrokerMessage& m) { m.response_topic = "cryobank/v1/demo/alarm/x"; },
            ErrorCode::not_authorised, false},
        Bad{"a_response_topic_with_a_wildcard",
            [](BrokerMessage& m) { m.response_topic = "cryobank/v1/demo/reply/ann/#"; },
            ErrorCode::not_authorised, false},
        Bad{"an_over_long_payload",
            [](BrokerMessage& m) { m.payload.assign(kCommandPayloadMax + 1, ' '); },
            ErrorCode::too_large, true},
        Bad{"no_json", [](BrokerMessage& m) { m.payload = "hello"; }, ErrorCode::malformed, true},
        Bad{"an_array", [](BrokerMessage& m) { m.payload = "[]"; }, ErrorCode::malformed, true,
            "payload: expected a JSON object, came an array"},
        Bad{"an_endless_response_topic",
            [](BrokerMessage& m) { m.response_topic.assign(kReplyTopicMax + 1, 'x'); },
            ErrorCode::too_large, false, "response topic of 513 bytes, at most 512"},
        Bad{"no_id", [](BrokerMessage& m) { replace(m.payload, "\"id\"", "\"di\""); },
            ErrorCode::malformed, true, "expected a string at \"id\""},
        Bad{"a_reason_that_is_no_text",
            [](BrokerMessage& m) { replace(m.payload, "\"new\"", "[1]"); }, ErrorCode::malformed,
            true, "expected a string at \"reason\", came an array"},
        Bad{"a_witness_that_is_no_id",
            [](BrokerMessage& m) {
              replace(m.payload, R"("reason":"new")", R"("witness":"a b/c")");
            },
            ErrorCode::malformed, true, "witness: "},
        Bad{"an_id_that_is_no_uuid", [](BrokerMessage& m) { replace(m.payload, kId, "17"); },
            ErrorCode::malformed, true},
        Bad{"a_time_that_is_none",
            [](BrokerMessage& m) { replace(m.payload, "2026-11-22T03:04:35Z", "soon"); },
            ErrorCode::malformed, true, "expires_at: expected a time"},
        Bad{"a_body_that_is_no_object",
            [](BrokerMessage& m) { replace(m.payload, R"({"x":1})", "7"); }, ErrorCode::malformed,
            true},
        Bad{"a_negative_revision",
            [](BrokerMessage& m) {
              replace(m.payload, R"("reason":"new")", R"("expect_revision":-1)");
            },
            ErrorCode::invalid_value, true, "expected 0 or more, came -1"}),
    [](const testing::TestParamInfo<Bad>& tested) { return std::string(tested.param.name); });

TEST(CommandGate, gives_the_same_fingerprint_for_the_same_command_and_another_for_another) {
  BrokerMessage message = good();
  const std::string first = read(message).command.fingerprint;
  message.correlation = "43";
  EXPECT_EQ(read(message).command.fingerprint, first);
  replace(message.payload, R"({"x":1})", R"({"x":2})");
  EXPECT_NE(read(message).command.fingerprint, first);
}

TEST(CommandGate, a_payload_that_is_no_json_is_refused_under_the_one_id_that_it_names) {
  BrokerMessage message = good();
  const std::string whole = message.payload;
  message.payload = whole + "x";
  EXPECT_EQ(read(message).command.id, kId);
  message.payload = whole;
  replace(message.payload, R"({"x":1})", R"({"x":69.9995})");
  EXPECT_EQ(read(message).command.id, kId);
  EXPECT_EQ(read(message).refusal->context,
            "payload: expected a number with at most three decimals, came 69.9995");
  message.payload = "{\"id\":\"" + std::string(kId) + "\",\"id\":\"" + kId + "\"";
  EXPECT_EQ(read(message).command.id, "");
}

TEST(CommandGate, takes_uuids_in_either_case_as_one_id) {
  BrokerMessage message = good();
  replace(message.payload, kId, "123E4567-E89B-42D3-A456-426614174000");
  EXPECT_EQ(read(message).command.id, kId);
}

}  // namespace
}  // namespace cryobank::core
