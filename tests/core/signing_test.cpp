// Signatures and as-of questions through the core: from a message of the broker to the journal.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "tests/core/signing_story.hpp"

namespace cryobank::core {
namespace {

TEST_F(Signing, AReleaseIsRefusedUnsignedAndDoneSigned) {
  const Json refused = world_.ask("quality", "course/release", course());
  EXPECT_EQ(refused.string_or("code", ""), "signature-needed") << refused.dump();
  const Json done = release();
  ASSERT_EQ(done.string_or("status", ""), "done") << done.dump();
  EXPECT_EQ(done["body"].string_or("signature", ""), "signature-1");
  const auto signatures = entries(fact::kRecordSigned);
  ASSERT_EQ(signatures.size(), 1u);
  EXPECT_EQ(signatures[0].fact.data["signer"].string_or("name", ""), "Quentin Quality");
  EXPECT_EQ(signatures[0].context.device, "test");
  ASSERT_EQ(entries(fact::kCourseReleased).size(), 1u);
  EXPECT_EQ(entries(fact::kCourseReleased)[0].sequence + 1, signatures[0].sequence);
}

TEST_F(Signing, TheSecretIsNowhereInTheStoreNorAtTheBroker) {
  ASSERT_EQ(release("not the secret").string_or("code", ""), "not-authorised");
  ASSERT_EQ(release().string_or("status", ""), "done");
  for (const auto& [key, value] : world_.rows) {
    EXPECT_EQ(value.find(kSecret), std::string::npos) << key;
    EXPECT_EQ(value.find("not the secret"), std::string::npos) << key;
  }
  for (const Publish& publish : world_.published) {
    EXPECT_EQ(publish.payload.find(kSecret), std::string::npos) << publish.topic;
  }
}

TEST_F(Signing, TheSameCommandTwiceSignsOnce) {
  const Json shown = prepared("quality", "course/release", course());
  BrokerMessage message = world_.command("quality", "course/release", course());
  Json payload = *parse_json(message.payload);
  payload.set("signature", Json::object()
                               .set("meaning", shown["meaning"])
                               .set("record", shown["record"])
                               .set("user", "quality")
                               .set("secret", kSecret));
  message.payload = payload.dump();
  world_.send_raw(message);
  world_.send_raw(message);
  world_.run(seconds(2));
  world_.send_raw(message);
  world_.run(seconds(2));
  EXPECT_EQ(entries(fact::kRecordSigned).size(), 1u);
  EXPECT_EQ(world_.reply(payload.string_or("id", "")).string_or("status", ""), "done");
}

TEST_F(Signing, FiveWrongSecretsLockAcrossARestartAndAreAnAlarm) {
  for (int tries = 1; tries <= 5; ++tries) {
    const Json reply = release("guess");
    EXPECT_EQ(reply.string_or("code", ""), "not-authorised") << reply.dump();
  }
  EXPECT_EQ(entries(fact::kSigningRefused).size(), 5u);
  EXPECT_EQ(entries(fact::kSignerLocked).size(), 1u);
  EXPECT_TRUE(world_.broker.contains("alarm/quality.signing-locked"));
  EXPECT_EQ(release().string_or("code", ""), "not-authorised");
  world_.kill();
  world_.start();
  world_.link(true);
  world_.run(seconds(20));
  EXPECT_EQ(release().string_or("code", ""), "not-authorised");
  EXPECT_TRUE(entries(fact::kCourseReleased).empty());
  const Json user = Json::object().set("user", "quality");
  const Json shown = prepared("supervisor", "signer/unlock", user);
  const Json unlocked = sign("supervisor", "signer/unlock", user, shown.string_or("meaning", ""),
                             shown.string_or("record", ""));
  ASSERT_EQ(unlocked.string_or("status", ""), "done") << unlocked.dump();
  EXPECT_EQ(release().string_or("status", ""), "done");
}

// Signs one act after the other: a hold is placed and lifted.
class Sessions : public Signing {
 protected:
  // A hold that quality lifts, signing with what is set.
  Json lift(std::string_view secret = kSecret) {
    const Json placed = world_.ask("quality", "hold/place", course());
    const Json hold = Json::object().set("hold", placed["body"].string_or("hold", ""));
    const Json shown = prepared("quality", "hold/release", hold);
    return sign("quality", "hold/release", hold, shown.string_or("meaning", ""),
                shown.string_or("record", ""), secret);
  }
  Json lift_alone(std::string_view secret = kSecret) {
    alone_ = true;
    Json reply = lift(secret);
    alone_ = false;
    return reply;
  }
  void expect_done(const Json& reply) {
    EXPECT_EQ(reply.string_or("status", ""), "done") << reply.dump();
  }
  void expect_no_session(const Json& reply) {
    EXPECT_EQ(reply.string_or("status", ""), "rejected") << reply.dump();
    EXPECT_EQ(reply.string_or("code", ""), "signature-needed") << reply.dump();
  }
};

TEST_F(Sessions, TheFirstSignatureNeedsBothComponentsAndALaterOneTheSecretAlone) {
  const Json refused = lift_alone();
  expect_no_session(refused);
  EXPECT_NE(refused.string_or("message", "").find("both components"), std::string::npos);
  EXPECT_TRUE(entries(fact::kRecordSigned).empty());
  expect_done(lift());
  expect_done(lift_alone());
  const auto made = entries(fact::kRecordSigned);
  ASSERT_EQ(made.size(), 2u);
  const Json& first = made[0].fact.data["signer"];
  const Json& second = made[1].fact.data["signer"];
  EXPECT_EQ(first["components"].dump(), R"(["user","secret"])");
  EXPECT_FALSE(first.has("session"));
  EXPECT_EQ(second["components"].dump(), R"(["secret"])");
  EXPECT_EQ(second.string_or("session", ""), "signature-1");
  EXPECT_EQ(second.string_or("terminal", ""), "test");
  EXPECT_EQ(second.string_or("user", ""), "quality");
}

TEST_F(Sessions, BelongToOneUserAtOneTerminal) {
  expect_done(lift());
  terminal_ = "elsewhere";
  expect_no_session(lift_alone());
  terminal_ = "test";
  const Json unlock = Json::object().set("user", "quality");
  alone_ = true;
  expect_no_session(sign("supervisor", "signer/unlock", unlock, "m", ""));
  alone_ = false;
  signer_ = "supervisor";
  const Json other = lift();
  EXPECT_EQ(other.string_or("code", ""), "not-authorised") << other.dump();
  signer_.clear();
  expect_done(lift_alone());
}

TEST_F(Sessions, EndWhenNobodySignedForTheIdleTime) {
  expect_done(lift());
  world_.run(minutes(9));
  expect_done(lift_alone());
  world_.run(minutes(9));
  expect_done(lift_alone());
  world_.run(minutes(10) + seconds(1));
  expect_no_session(lift_alone());
  expect_done(lift());
}

TEST_F(Sessions, EndByCommandAndThatIsJournaled) {
  expect_done(lift());
  expect_done(world_.ask("quality", "signature/end", Json::object()));
  EXPECT_EQ(entries(fact::kSigningEnded).size(), 1u);
  expect_no_session(lift_alone());
}

TEST_F(Sessions, EndWithAWrongSecretAndWithTheDaemon) {
  expect_done(lift());
  EXPECT_EQ(lift_alone("guess").string_or("code", ""), "not-authorised");
  expect_no_session(lift_alone());
  expect_done(lift());
  expect_done(lift_alone());
  world_.kill();
  world_.start();
  world_.link(true);
  world_.run(seconds(20));
  expect_no_session(lift_alone());
}

TEST_F(Sessions, FiveWrongSecretsInOneLockTheSigner) {
  expect_done(lift());
  EXPECT_EQ(lift_alone("guess").string_or("code", ""), "not-authorised");
  for (int tries = 2; tries <= 5; ++tries) {
    expect_no_session(lift_alone("guess"));  // without a session no secret is looked at
    EXPECT_EQ(lift("guess").string_or("code", ""), "not-authorised");
  }
  EXPECT_EQ(entries(fact::kSigningRefused).size(), 5u);
  EXPECT_TRUE(world_.broker.contains("alarm/quality.signing-locked"));
  EXPECT_EQ(lift().string_or("code", ""), "not-authorised");
}

TEST_F(Signing, WhoHasNoSecretInTheStaffListIsDeniedAndThatIsJournaled) {
  const Json ask = Json::object().set("act", "course/release").set("body", course());
  const Json reply = sign("viewer", "signature/prepare", ask, "x", "");
  EXPECT_EQ(reply.string_or("code", ""), "not-authorised");
  EXPECT_EQ(entries(fact::kCommandDenied).size(), 1u);
}

TEST_F(Signing, ADeniedActIsJournaledWithWhoInWhichRoleFromWhereWhatAndWhen) {
  const struct {
    const char* user;
    std::vector<std::string> roles;
  } denied[] = {
      {"viewer", {"viewer"}}, {"administrator", {"viewer", "administrator"}}, {"mallory", {}}};
  for (const auto& one : denied) {
    const std::size_t before = entries(fact::kCommandDenied).size();
    const Json reply = world_.ask(one.user, "course/release", course());
    EXPECT_EQ(reply.string_or("code", ""), "not-authorised") << one.user;
    world_.run(seconds(1));
    const auto found = entries(fact::kCommandDenied);
    ASSERT_EQ(found.size(), before + 1) << one.user;
    const inventory::JournalEntry& entry = found.back();
    EXPECT_EQ(entry.context.actor.user.str(), one.user);
    EXPECT_EQ(entry.context.actor.roles, one.roles) << one.user;
    EXPECT_EQ(entry.context.device, "test");
    EXPECT_EQ(entry.context.command, reply.string_or("id", "-"));
    EXPECT_FALSE(entry.context.reason.empty());
    EXPECT_GT(entry.context.now.wall.ms, 0);
    EXPECT_GT(entry.context.now.mono.ns, 0);
    EXPECT_FALSE(entry.clock_state.empty());
    EXPECT_EQ(entry.fact.data.string_or("verb", ""), "course/release");
    EXPECT_EQ(entry.fact.data.string_or("code", ""), "not-authorised");
  }
  EXPECT_TRUE(entries(fact::kCourseReleased).empty());
}

TEST_F(Signing, AWitnessSignsWithTheConfirmation) {
  Json body = Json::object().set("device", "freezer-1").set("point", "temperature-top");
  body.set("place", "freezer-1");
  const Json shown = prepared("supervisor", "probe/map", body);
  ASSERT_TRUE(shown.bool_or("witness_too", false)) << shown.dump();
  const auto ask = [&] {
    witness_ = "witness";
    sign("supervisor", "probe/map", body, shown.string_or("meaning", ""),
         shown.string_or("record", ""));
    witness_.clear();
    return last_;
  };
  const std::string bare = ask();
  EXPECT_EQ(world_.reply(bare).string_or("status", ""), "accepted");
  EXPECT_NE(would().find("freezer-1"), std::string::npos) << "read before it is signed";
  world_.ask("witness", "witness/confirm", Json::object().set("command", bare));
  world_.run(seconds(1));
  EXPECT_EQ(world_.reply(bare).string_or("code", ""), "signature-needed");
  const std::string good = ask();
  sign("witness", "witness/confirm", Json::object().set("command", good),
       std::string(inventory::kWitnessMeaning), "");
  EXPECT_EQ(world_.reply(good).string_or("status", ""), "done") << world_.reply(good).dump();
  ASSERT_EQ(entries(fact::kRecordSigned).size(), 1u);
  EXPECT_EQ(entries(fact::kRecordSigned)[0].fact.data["witness"].string_or("name", ""),
            "Wim Witness");
}

// Signed or not, a list is read whole before anybody is called, and its witness sees what it does.
TEST_F(Signing, AListIsReadBeforeItsWitnessSigns) {
  const auto bring = [&](std::string_view line) {
    const Json body = Json::object().set(
        "csv", cat("aliquot,code,course,patient,lot,dose,fraction,state,path,position\r\n", line));
    const Json shown = prepared("supervisor", "bulk/import", body);
    witness_ = "witness";
    Json reply = sign("supervisor", "bulk/import", body, shown.string_or("meaning", ""),
                      shown.string_or("record", ""));
    witness_.clear();
    return reply;
  };
  const Json bad = bring("v-1,V-1,c-9,p-9,,d01,2,expected,EXPECTED,\r\n");
  EXPECT_EQ(bad.string_or("status", ""), "rejected") << bad.dump();
  EXPECT_FALSE(bad["body"].bool_or("witness_asked", true)) << bad.dump();
  EXPECT_EQ(bad["body"]["bad_lines"].items().size(), 1u) << bad.dump();
  EXPECT_EQ(bring("v-1,V-1,c-9,p-9,,d01,1,expected,EXPECTED,\r\n").string_or("status", ""),
            "accepted");
  const std::string what = "1 vials of 1 courses in 1 places: 1 new, 0 moved";
  EXPECT_EQ(would().substr(0, what.size()), what) << would();
  const std::string list = last_;
  sign("witness", "witness/confirm", Json::object().set("command", list),
       std::string(inventory::kWitnessMeaning), "");
  EXPECT_EQ(world_.reply(list).string_or("status", ""), "done") << world_.reply(list).dump();
  EXPECT_EQ(entries(fact::kRecordSigned).size(), 1u);
}

TEST_F(Signing, ASignatureOfNoFormIsRefused) {
  const char* bad[] = {R"("yes")",
                       R"({})",
                       R"({"meaning":"m"})",
                       R"({"meaning":"m","user":"quality"})",
                       R"({"meaning":"m","user":"no id","secret":"s"})",
                       R"({"meaning":"m","user":7,"secret":"s"})",
                       R"({"meaning":"","secret":"s"})",
                       R"({"meaning":"m","secret":"s","record":"short"})",
                       R"({"meaning":7,"secret":"s"})"};
  for (const char* signature : bad) {
    BrokerMessage message = world_.command("quality", "course/release", course());
    Json payload = *parse_json(message.payload);
    payload.set("signature", *parse_json(signature));
    message.payload = payload.dump();
    world_.send_raw(std::move(message));
    world_.run(seconds(1));
    const Json reply = world_.reply(payload.string_or("id", ""));
    EXPECT_EQ(reply.string_or("status", ""), "rejected") << signature << reply.dump();
  }
  EXPECT_TRUE(entries(fact::kCourseReleased).empty());
}

TEST_F(Signing, WhereAVialWasAndWhatStoodInATankIsToldAsOfATime) {
  const WallTime before = world_.now().wall;
  Json move = Json::object().set("aliquot", "c-1-d01-1").set("code", "c-1-d01-1");
  move.set("place", "freezer-2-rack-1-box-1").set("position", "B3");
  const std::string id = world_.send("operator", "aliquot/move", move, "witness");
  world_.run(seconds(60));
  world_.ask("witness", "witness/confirm", Json::object().set("command", id));
  world_.run(seconds(60));
  const auto was = [&](WallTime at) {
    const Json ask = Json::object().set("code", "c-1-d01-1").set("at", format_utc(at));
    return world_.ask("viewer", "history/aliquot", ask)["body"]["stay"];
  };
  EXPECT_EQ(was(before).string_or("place", ""), "freezer-1-rack-1-box-1");
  EXPECT_EQ(was(before).string_or("position", ""), "A1");
  EXPECT_EQ(was(world_.now().wall).string_or("place", ""), "freezer-2-rack-1-box-1");
  EXPECT_TRUE(was(before - hours(24)).is_null());
  const auto stood = [&](const char* place, WallTime at) {
    const Json ask = Json::object().set("place", place).set("at", format_utc(at));
    return world_.ask("viewer", "history/place", ask)["body"].integer_or("aliquots", -1);
  };
  EXPECT_EQ(stood("freezer-1", before), 2);
  EXPECT_EQ(stood("freezer-2", before), 0);
  EXPECT_EQ(stood("freezer-1", world_.now().wall), 1);
  EXPECT_EQ(stood("freezer-2", world_.now().wall), 1);
  EXPECT_EQ(stood("freezer-1", before - hours(24)), 0);
  const auto affected = [&](const char* place, WallTime from, WallTime until) {
    Json ask = Json::object().set("place", place);
    ask.set("from", format_utc(from)).set("until", format_utc(until));
    return world_.ask("viewer", "history/affected", ask)["body"];
  };
  const WallTime later = world_.now().wall;
  EXPECT_EQ(affected("freezer-1", before, later).integer_or("aliquots", -1), 2);
  EXPECT_EQ(affected("freezer-1", before, later)["rows"].items().size(), 1u);
  EXPECT_EQ(affected("freezer-2", before, later).integer_or("aliquots", -1), 1);
  EXPECT_EQ(affected("freezer-2", before - hours(9), before).integer_or("aliquots", -1), 0);
  EXPECT_TRUE(affected("freezer-2", later, before).members().empty());
  const Json all = world_.ask("viewer", "history/aliquot", Json::object().set("code", "c-1-d01-1"));
  EXPECT_EQ(all["body"].integer_or("count", 0), 3) << all.dump();
  const char* bad[] = {R"({"place":"nowhere","at":"2026-11-22T00:00:00Z"})",
                       R"({"place":"freezer-1"})", R"({"place":"freezer-1","at":"noon"})",
                       R"({"place":"freezer-1","at":"2126-11-22T00:00:00Z"})"};
  for (const char* body : bad) {
    const Json reply = world_.ask("viewer", "history/place", *parse_json(body));
    EXPECT_EQ(reply.string_or("status", ""), "rejected") << body;
  }
}

TEST_F(Signing, AMismatchIsAnAlarmUntilTwoPeopleSettleIt) {
  const Json vial = Json::object().set("aliquot", "c-1-d01-1");
  ASSERT_EQ(world_.ask("operator", "label/print", vial).string_or("status", ""), "done");
  Json scanned = vial;
  const std::string id = world_.send("operator", "label/verify", scanned.set("code", "c-1-d02-1"));
  ASSERT_TRUE(world_.run_until([&] { return world_.broker.contains("alarm/hold-1.mismatch"); },
                               seconds(1)));
  EXPECT_EQ(world_.reply(id).string_or("code", ""), "mismatch");
  const Json hold = Json::object().set("hold", "hold-1");
  const Json shown = prepared("supervisor", "hold/release", hold);
  witness_ = "witness";
  sign("supervisor", "hold/release", hold, shown.string_or("meaning", ""),
       shown.string_or("record", ""));
  world_.ask("witness", "witness/confirm", Json::object().set("command", last_));
  world_.run(seconds(2));
  EXPECT_EQ(world_.reply(last_).string_or("status", ""), "done") << world_.reply(last_).dump();
  const Json alarm = world_.retained("alarm/hold-1.mismatch");
  EXPECT_TRUE(alarm.is_null() || !alarm.bool_or("active", true)) << alarm.dump();
}

TEST_F(Signing, AShipmentThatDoesNotArriveIsAnAlarm) {
  const Json shown = prepared("quality", "course/release", course());
  ASSERT_EQ(sign("quality", "course/release", course(), shown.string_or("meaning", ""),
                 shown.string_or("record", ""))
                .string_or("status", ""),
            "done");
  Json pack = Json::object().set("shipper", "shipper-1").set("to", "clinic-1");
  pack.set("arrives_by", format_utc(world_.now().wall + minutes(10)));
  pack.set("codes", Json::array().push("c-1-d01-1"));
  const Json packed = world_.ask("operator", "shipment/pack", pack);
  ASSERT_EQ(packed.string_or("status", ""), "done") << packed.dump();
  const std::string id = world_.send("operator", "shipment/send",
                                     Json::object().set("shipment", "shipment-1"), "witness");
  world_.run(seconds(1));
  world_.ask("witness", "witness/confirm", Json::object().set("command", id));
  const std::string alarm = "alarm/shipment-1.shipment-overdue";
  world_.run(minutes(39));
  EXPECT_FALSE(world_.broker.contains(alarm));
  world_.run(minutes(4));
  EXPECT_TRUE(world_.broker.contains(alarm));
}

}  // namespace
}  // namespace cryobank::core
