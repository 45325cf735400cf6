#include "service/wire/wire.hpp"

#include <gtest/gtest.h>

namespace cryobank::core {
namespace {

const WallTime kAt = *parse_utc("2026-11-22T03:04:05.678Z");

devices::Reading reading() {
  devices::Reading out;
  out.quality = Quality::good;
  out.value = Milli{-189400};
  out.at = kAt;
  out.seq = 7;
  return out;
}

std::string point(const devices::Reading& reading, std::string_view unit) {
  std::string out;
  append_point(out, reading, unit);
  return out;
}

TEST(Point, shows_value_unit_quality_time_and_number) {
  EXPECT_EQ(point(reading(), "Cel"),
            R"({"value":-189.4,"unit":"Cel","quality":"good","at":"2026-11-22T03:04:05.678Z",)"
            R"("seq":7,"schema":"point/1.0"})");
}

TEST(Point, shows_null_for_every_quality_that_is_not_good_even_if_a_value_is_left) {
  devices::Reading lost = reading();
  lost.quality = Quality::comm_lost;
  const Result<Json> json = parse_json(point(lost, "mm"));
  ASSERT_TRUE(json.ok());
  EXPECT_TRUE((*json)["value"].is_null());
  EXPECT_EQ(json->string_or("quality", ""), "comm-lost");
}

TEST(Point, shows_text_points_as_text_with_escapes) {
  devices::Reading text = reading();
  text.value.reset();
  text.text = "say \"hi\"";
  const Result<Json> json = parse_json(point(text, "1"));
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["value"].string(), "say \"hi\"");
}

TEST(ReplyPayload, has_every_key_of_the_contract) {
  Reply reply;
  reply.id = "123e4567-e89b-42d3-a456-426614174000";
  reply.status = ReplyStatus::accepted;
  reply.message = "on its way";
  reply.sequence = 41;
  const Result<Json> json = parse_json(reply_payload(reply));
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json->string_or("id", ""), reply.id);
  EXPECT_EQ(json->string_or("status", ""), "accepted");
  EXPECT_EQ(json->string_or("code", ""), "ok");
  EXPECT_EQ(json->integer_or("sequence", 0), 41);
  EXPECT_TRUE((*json)["body"].is_object());
}

TEST(ReplyPayload, of_a_refusal_names_the_code_and_has_no_sequence) {
  const Reply reply =
      refusal("", ReplyStatus::rejected, make_error(ErrorCode::slot_taken, "A1 is taken"));
  const Result<Json> json = parse_json(reply_payload(reply));
  ASSERT_TRUE(json.ok());
  EXPECT_TRUE((*json)["id"].is_null());
  EXPECT_TRUE((*json)["sequence"].is_null());
  EXPECT_EQ(json->string_or("code", ""), "slot-taken");
  EXPECT_EQ(json->string_or("message", ""), "A1 is taken");
}

TEST(EventPayload, is_a_cloud_event_with_the_numbers_of_stream_and_journal) {
  Json data = Json::object();
  data.set("course", "c-1");
  EventContext context;
  context.root = "cryobank/v1/demo/";
  context.number = 3;
  context.sequence = 99;
  context.at = kAt;
  context.user = "ann";
  context.reason = "asked for";
  const Result<Json> json = parse_json(event_payload({fact::kCourseRegistered, data}, context));
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json->string_or("specversion", ""), "1.0");
  EXPECT_EQ(json->string_or("id", ""), "inventory-3");
  EXPECT_EQ(json->string_or("source", ""), "cryobank/v1/demo");
  EXPECT_EQ(json->string_or("type", ""), "cryobank.inventory.course-registered");
  EXPECT_EQ(json->integer_or("seq", 0), 3);
  EXPECT_EQ(json->integer_or("journal", 0), 99);
  EXPECT_EQ((*json)["data"], data);
  EXPECT_FALSE(json->has("command"));
}

TEST(EventPayload, carries_no_name_of_who_signed) {
  const Json signer = Json::object().set("user", "ann").set("name", "A Person").set("meaning", "m");
  const Fact fact{fact::kRecordSigned,
                  Json::object().set("act", "course/release").set("signer", signer)};
  EventContext context;
  context.root = "cryobank/v1/demo/";
  const std::string payload = event_payload(fact, context);
  EXPECT_EQ(payload.find("A Person"), std::string::npos) << payload;
  const Result<Json> json = parse_json(payload);
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["data"]["signer"].string_or("user", ""), "ann");
  EXPECT_EQ((*json)["data"].string_or("act", ""), "course/release");
}

}  // namespace
}  // namespace cryobank::core
