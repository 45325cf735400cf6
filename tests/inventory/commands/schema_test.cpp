// Every body of every command of the inventory, spoilt in every way, is refused by name and changes
// nothing; and what was once taken for its opposite.
#include <gtest/gtest.h>

#include "inventory/commands/schema/schemas.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

constexpr const char* kThreeDoses =
    R"({"course":"c1","patient":"p1","lot":"l1","protocol":"nk-12","doses":3,
        "store":{"robot":"robot-1"}})";

Error body_refusal(std::string_view verb, const Json& body) {
  const Status status = check_body(*find_schema(verb), body);
  return status ? make_error(ErrorCode::io, "it was taken") : status.error();
}

// A value of every kind that the key does not take.
std::vector<Json> wrong_kinds(const BodyKey& key) {
  std::vector<Json> wrong;
  const bool text = key.type == KeyType::text || key.type == KeyType::id ||
                    key.type == KeyType::code || key.type == KeyType::time ||
                    key.type == KeyType::word;
  const bool number = key.type == KeyType::integer || key.type == KeyType::number;
  const bool object = key.type == KeyType::object || key.type == KeyType::command;
  if (!text && key.other == nullptr) {
    for (const char* spelt : {"true", "false", "1"}) wrong.emplace_back(spelt);
  }
  if (!number) wrong.emplace_back(1);
  if (key.type != KeyType::flag) wrong.emplace_back(true);
  if (key.type != KeyType::list && key.other == nullptr) wrong.push_back(Json::array());
  if (!object) wrong.push_back(Json::object());
  if (!key.nullable) wrong.emplace_back(nullptr);
  return wrong;
}

TEST(Schemas, EveryExampleIsABodyOfItsVerb) {
  for (const CommandSchema& schema : schemas()) {
    const auto body = parse_json(schema.example);
    ASSERT_TRUE(body.ok()) << schema.verb << ": " << body.error().context;
    const Status fits = check_body(schema, *body);
    EXPECT_TRUE(fits.ok()) << (fits ? "" : fits.error().context);
    EXPECT_FALSE(schema.reply.empty()) << schema.verb;
  }
}

TEST(Schemas, EveryKeyOfEveryVerbRefusesEveryWrongType) {
  for (const CommandSchema& schema : schemas()) {
    const Json example = *parse_json(schema.example);
    for (const BodyKey& key : schema.body.keys) {
      for (const Json& wrong : wrong_kinds(key)) {
        Json body = example;
        body.set(key.name, wrong);
        const Error error = body_refusal(schema.verb, body);
        EXPECT_EQ(error.code, ErrorCode::invalid_value)
            << schema.verb << " " << key.name << " " << wrong.dump() << ": " << error.context;
      }
    }
  }
}

TEST(Schemas, EveryVerbRefusesKeysThatItDoesNotHave) {
  for (const CommandSchema& schema : schemas()) {
    for (const char* key : {"quite_other", "name", "dryRun"}) {
      Json body = *parse_json(schema.example);
      body.set(key, true);
      const Error error = body_refusal(schema.verb, body);
      EXPECT_EQ(error.code, ErrorCode::unknown_key) << schema.verb << " " << key;
      EXPECT_NE(error.context.find(schema.verb), std::string::npos) << error.context;
    }
    // Each of its own keys, with a letter too many, is told as what was meant.
    for (const BodyKey& key : schema.body.keys) {
      if (key.name.size() < 3) continue;
      Json body = *parse_json(schema.example);
      body.set(cat(key.name, "_x"), true);
      EXPECT_NE(body_refusal(schema.verb, body).context.find("did you mean"), std::string::npos)
          << schema.verb << " " << key.name;
    }
  }
}

TEST(Schemas, EveryVerbNeedsWhatItNeeds) {
  for (const CommandSchema& schema : schemas()) {
    for (const BodyKey& key : schema.body.keys) {
      if (!key.required || !key.with.empty()) continue;
      Json body = *parse_json(schema.example);
      body.members().erase(std::string(key.name));
      const Error error = body_refusal(schema.verb, body);
      EXPECT_NE(error.code, ErrorCode::io) << schema.verb << " without " << key.name;
    }
  }
}

TEST(Schemas, EveryVerbThatTakesARevisionNamesACourseInItsBody) {
  for (const CommandSchema& schema : schemas()) {
    const BodyKey* course = find_key(schema.body, "course");
    if (schema.revision == Revision::course) {
      ASSERT_NE(course, nullptr) << schema.verb;
    }
    const Json body = *parse_json(schema.example);
    const bool takes = schema.revision == Revision::course && body.has("course");
    EXPECT_EQ(check_command(schema, body, 1).ok(), takes) << schema.verb;
  }
}

class SeenBodies : public testing::Test {
 protected:
  void SetUp() override {
    bank_.done("course/register", kThreeDoses);
    bank_.run_jobs();
  }
  // Refused with this code, and nothing of it is done.
  void refused(std::string_view verb, std::string_view body, ErrorCode code) {
    const std::size_t facts = bank_.facts.size();
    bank_.refused(verb, body, code);
    EXPECT_EQ(bank_.facts.size(), facts);
  }
  void as(std::string_view role, std::string_view witness = "") {
    bank_.user = role;
    bank_.roles = {std::string(role)};
    bank_.witness = witness;
    bank_.reason = "because";
  }
  Bank bank_;
};

TEST_F(SeenBodies, TextIsNoConditionalReleaseAndNoFullOneEither) {
  as("qc");
  for (const char* spelt : {R"("true")", R"("false")", "1", "null"}) {
    refused("course/release", cat(R"({"course":"c1","conditional":)", spelt, "}"),
            ErrorCode::invalid_value);
  }
  EXPECT_EQ(bank_.aliquot("c1-d01-1").state, AliquotState::quarantined);
}

TEST_F(SeenBodies, AMisspeltThawTimeDoesNotTakeThePlanBack) {
  as("qc");
  bank_.done("course/release", R"({"course":"c1"})");
  as("supervisor");
  bank_.done("dose/plan", R"({"course":"c1","dose":"d01","thaw_at":"2027-02-01T08:00:00Z"})");
  refused("dose/plan", R"({"course":"c1","dose":"d01","thawAt":"2027-02-02T08:00:00Z"})",
          ErrorCode::unknown_key);
  refused("dose/plan", R"({"course":"c1","dose":"d01"})", ErrorCode::malformed);
  refused("dose/plan", R"({"course":"c1","doses":[{"dose":"d01","thaw-at":null}]})",
          ErrorCode::unknown_key);
  EXPECT_EQ(bank_.dose_state("c1", "d01"), "planned");
  bank_.done("dose/plan", R"({"course":"c1","dose":"d01","thaw_at":null})");
  EXPECT_NE(bank_.dose_state("c1", "d01"), "planned");
}

TEST_F(SeenBodies, AMisspeltHourDoesNotWipeTheStabilityRule) {
  as("quality", "qc");
  bank_.done("stability/set", R"({"protocol":"nk-12","thawed_hours":2})");
  refused("stability/set", R"({"protocol":"nk-12","thawed_hour":3})", ErrorCode::unknown_key);
  refused("stability/set", R"({"protocol":"nk-12","thawed_hours":"3"})", ErrorCode::invalid_value);
  EXPECT_EQ((*bank_.view().document("stability", "nk-12"))["thawed_hours"].integer(), 2);
}

TEST_F(SeenBodies, AMisspeltDryRunReservesAndMovesNothing) {
  refused("position/reserve", R"({"course":"c1","place":"f2-r1-b1","position":"I9","dryrun":true})",
          ErrorCode::unknown_key);
  refused("position/reserve", R"({"course":"c1","dryrun":true})", ErrorCode::unknown_key);
  bank_.done("position/reserve",
             R"({"course":"c1","place":"f2-r1-b1","position":"I9","dry_run":true})");
  EXPECT_TRUE(bank_.view().place(PlaceId("f2-r1-b1"))->reserved.empty());
  refused("aliquot/transfer", R"({"course":"c1","aliquots":["c1-d01-1"],"dryrun":true})",
          ErrorCode::unknown_key);
  refused("aliquot/transfer", R"({"course":"c1","aliquots":["c1-d01-1"],"dry_run":true})",
          ErrorCode::unknown_key);
  EXPECT_TRUE(bank_.ledger().open_jobs().empty());
}

TEST_F(SeenBodies, TextIsNoFinalResult) {
  as("qc");
  bank_.done("quality/plan", R"({"lot":"l1","tests":[{"test":"sterility","passes":"negative"}]})");
  for (const char* spelt : {R"("false")", R"("true")", "0"}) {
    refused("quality/result",
            cat(R"({"lot":"l1","test":"sterility","finding":"negative","final":)", spelt, "}"),
            ErrorCode::invalid_value);
  }
}

TEST_F(SeenBodies, ARevisionIsHonouredByEveryCommandOnACourseOrRefused) {
  const std::int64_t now = bank_.view().course(CourseId("c1"))->revision;
  const auto told = [&](std::string_view verb, const char* body, std::int64_t revision) {
    CommandContext context;
    context.now = {Instant{}, bank_.now};
    context.actor = {UserId("operator"), {"operator"}, {}, {}};
    context.reason = "because";
    context.expect_revision = revision;
    const auto decision = decide(Draft(bank_.ledger()), verb, *parse_json(body), context);
    return decision ? ErrorCode::io : decision.error().code;
  };
  constexpr const char* kReserve = R"({"course":"c1","place":"f2-r1-b1",
                                       "position":"I9"})";
  EXPECT_EQ(told("position/reserve", kReserve, now), ErrorCode::io);
  EXPECT_EQ(told("position/reserve", kReserve, now + 1), ErrorCode::conflict);
  EXPECT_EQ(told("hold/place", R"({"course":"c1","kind":"quality"})", now + 1),
            ErrorCode::conflict);
  EXPECT_EQ(told("hold/place", R"({"lot":"l1","kind":"quality"})", now), ErrorCode::invalid_value);
  EXPECT_EQ(told("position/block", R"({"place":"f2-r1-b1","position":"I9"})", now),
            ErrorCode::invalid_value);
}

TEST_F(SeenBodies, WhatIsSignedIsReadBeforeItIsShown) {
  as("qc");
  refused("signature/prepare",
          R"({"act":"course/release","body":{"course":"c1","conditional":"true"}})",
          ErrorCode::invalid_value);
  refused("signature/prepare", R"({"act":"course/release","body":{"curse":"c1"}})",
          ErrorCode::unknown_key);
}

}  // namespace
}  // namespace cryobank::inventory
