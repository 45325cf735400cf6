// Electronic signatures: what is signed, refused unsigned, stale, under another meaning or by a
// locked signer; and that a signature in the journal shows when it, or what it covers, was changed.
#include <gtest/gtest.h>

#include "inventory/commands/schema/schemas.hpp"
#include "inventory/commands/signature.hpp"
#include "inventory/record/journal.hpp"
#include "inventory/record/journal_format.hpp"
#include "inventory/record/signature_check.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

const config::SiteConfig& signing_site() {
  static const config::SiteConfig kSite = [] {
    config::SiteConfig site = small_site();
    site.signing.required = true;
    site.signing.tries_max = 3;
    for (const char* id : {"quality", "supervisor", "operator", "witness"}) {
      config::UserConfig user;
      user.id = UserId(id);
      user.name = cat("Printed ", id);
      user.roles = {id};
      site.users.push_back(user);
    }
    return site;
  }();
  return kSite;
}

class Signatures : public testing::Test {
 protected:
  Signatures() : bank_(signing_site()) {
    bank_.done("course/register",
               R"({"course":"c1","patient":"p1","lot":"l1","doses":2,"store":{}})");
    bank_.run_jobs();
    be("quality");
  }

  void be(const std::string& role) {
    bank_.user = role;
    bank_.roles = {role};
  }

  // Signs what signature/prepare shows now.
  void sign(std::string_view verb, std::string_view body) {
    bank_.signature = {};
    bank_.witness_signature = {};
    const Json shown =
        bank_.done("signature/prepare", cat(R"({"act":")", verb, R"(","body":)", body, "}"));
    ASSERT_TRUE(shown.bool_or("signed", false)) << verb;
    bank_.signature = {shown.string_or("meaning", ""), shown.string_or("record", ""), true};
    if (shown.bool_or("witness_too", false)) {
      bank_.witness_signature = {std::string(kWitnessMeaning), "", true};
    }
  }

  static constexpr std::string_view kRelease = R"({"course":"c1"})";
  Bank bank_;
};

TEST_F(Signatures, WhatMustBeSignedIsRefusedUnsigned) {
  bank_.refused("course/release", kRelease, ErrorCode::signature_needed);
  sign("course/release", kRelease);
  bank_.signature.proven = false;
  bank_.refused("course/release", kRelease, ErrorCode::signature_needed);
  bank_.signature = {};
  be("supervisor");
  bank_.reason = "recount";
  const Json hold = bank_.done("hold/place", R"({"course":"c1"})");
  bank_.refused("hold/release", cat(R"({"hold":")", hold.string_or("hold", ""), R"("})"),
                ErrorCode::signature_needed);
}

TEST_F(Signatures, ASignedActCarriesNameMeaningTimeAndHash) {
  sign("course/release", kRelease);
  const Json reply = bank_.done("course/release", kRelease);
  EXPECT_EQ(reply.string_or("signature", ""), "signature-1");
  const Fact& fact = bank_.facts.back();
  ASSERT_EQ(fact.type, fact::kRecordSigned);
  EXPECT_EQ(fact.data["signer"].string_or("name", ""), "Printed quality");
  EXPECT_EQ(fact.data["signer"].string_or("meaning", ""), "released after review of its tests");
  EXPECT_EQ(fact.data.string_or("record", ""), bank_.signature.record);
  EXPECT_EQ(fact.data.string_or("at", ""), format_utc(bank_.now));
  EXPECT_EQ(fact.data.integer_or("entries", 0), 1);
  EXPECT_EQ(bank_.aliquot("c1-d01-1").state, AliquotState::released);
  bank_.expect_rebuilds();
}

TEST_F(Signatures, ARecordThatChangedSinceIsStale) {
  sign("course/release", kRelease);
  const Signature shown = bank_.signature;
  be("operator");
  bank_.signature = {};
  bank_.witness = "witness";
  bank_.done("aliquot/move", R"({"aliquot":"c1-d01-1","code":"c1-d01-1","place":"f4-r2-b2",
                                 "position":"C3"})");
  be("quality");
  bank_.witness.clear();
  bank_.signature = shown;
  bank_.refused("course/release", kRelease, ErrorCode::conflict);
  sign("course/release", kRelease);
  bank_.done("course/release", kRelease);
}

TEST_F(Signatures, AnotherBodyReasonOrMeaningIsNotWhatWasSigned) {
  sign("course/release", kRelease);
  bank_.refused("course/release", R"({"course":"c1","conditional":true})", ErrorCode::conflict);
  bank_.reason = "another";
  bank_.refused("course/release", kRelease, ErrorCode::conflict);
  bank_.reason.clear();
  bank_.signature.meaning = "read";
  bank_.refused("course/release", kRelease, ErrorCode::invalid_value);
  be("supervisor");
  bank_.refused("place/make", R"({"place":"x","type":"rack","parent":"freezer-1","position":"4"})",
                ErrorCode::invalid_value);
}

TEST_F(Signatures, AWitnessWhoMustSignTooIsAskedTo) {
  be("supervisor");
  bank_.witness = "witness";
  const std::string map = R"({"device":"freezer-1","point":"top","place":"freezer-1"})";
  sign("probe/map", map);
  const Signature second = bank_.witness_signature;
  bank_.witness_signature = {};
  bank_.refused("probe/map", map, ErrorCode::signature_needed);
  bank_.witness_signature = second;
  bank_.witness_signature.meaning = "approved";
  bank_.refused("probe/map", map, ErrorCode::invalid_value);
  bank_.witness_signature = second;
  bank_.witness_signature.record = std::string(64, '0');
  bank_.refused("probe/map", map, ErrorCode::conflict);
  bank_.witness_signature.record = bank_.signature.record;
  bank_.done("probe/map", map);
  EXPECT_EQ(bank_.facts.back().data["witness"].string_or("name", ""), "Printed witness");
}

TEST_F(Signatures, TooManyWrongSecretsLockUntilAnotherPersonUnlocks) {
  const std::string wrong = R"({"act":"course/release"})";
  for (int tries = 1; tries <= 3; ++tries) {
    const auto decision = bank_.tell("signature/refused", std::string_view(wrong));
    ASSERT_TRUE(decision.ok() && decision->refused.has_value());
    EXPECT_EQ(decision->refused->code, ErrorCode::not_authorised);
  }
  EXPECT_EQ(bank_.facts.back().type, fact::kSignerLocked);
  EXPECT_FALSE(may_sign(bank_.view(), UserId("quality")).ok());
  sign("course/release", kRelease);
  bank_.refused("course/release", kRelease, ErrorCode::not_authorised);
  const std::string unlock = R"({"user":"quality"})";
  bank_.reason = "came to my desk with the badge";
  sign("signer/unlock", unlock);
  bank_.refused("signer/unlock", unlock, ErrorCode::not_authorised);
  be("supervisor");
  bank_.done("signer/unlock", unlock);
  be("quality");
  bank_.reason.clear();
  sign("course/release", kRelease);
  bank_.done("course/release", kRelease);
  bank_.expect_rebuilds();
}

TEST_F(Signatures, AGoodSignatureForgetsTheWrongTriesBeforeIt) {
  for (int round = 0; round < 2; ++round) {
    bank_.signature = {};
    for (int tries = 0; tries < 2; ++tries) {
      EXPECT_TRUE(bank_.tell("signature/refused", std::string_view(R"({"act":"x"})")).ok());
    }
    const std::string body =
        round == 0 ? R"({"course":"c1","conditional":true})" : std::string(kRelease);
    sign("course/release", body);
    bank_.done("course/release", body);
    EXPECT_EQ(bank_.view().document("signer", "quality"), nullptr);
  }
}

// The journal that the bank's facts make, one command for each run of facts up to a signature.
std::vector<std::string> journal_of(const std::vector<Fact>& facts, const std::string& signer) {
  Journal journal;
  std::vector<std::string> entries;
  int command = 1;
  for (const Fact& fact : facts) {
    CommandContext context;
    context.now.wall = WallTime{1'800'000'000'000 + static_cast<std::int64_t>(entries.size())};
    context.command = cat("command-", command);
    context.actor.user = UserId(signer);
    entries.push_back(*journal.append(fact, context, "synchronised").value);
    if (fact.type == fact::kRecordSigned) ++command;
  }
  return entries;
}

struct Checked {
  std::uint64_t signatures = 0;
  std::string fault;
};

Checked check(const std::vector<std::string>& entries) {
  Checked out;
  SignatureCheck checker(signing_site(), [&out](const CheckedSignature& found) {
    ++out.signatures;
    if (!found.fault.empty()) out.fault = found.fault;
  });
  for (const std::string& entry : entries) {
    const Status fed = checker.feed(entry);
    if (!fed) out.fault = fed.error().context;
  }
  return out;
}

TEST_F(Signatures, HoldInTheJournalAndShowWhatWasChanged) {
  sign("course/release", kRelease);
  bank_.done("course/release", kRelease);
  const std::vector<Fact> facts = bank_.facts;
  ASSERT_EQ(facts.back().type, fact::kRecordSigned);
  const Checked good = check(journal_of(facts, "quality"));
  EXPECT_EQ(good.signatures, 1u);
  EXPECT_EQ(good.fault, "");

  const struct {
    const char* name;
    std::function<void(std::vector<Fact>&)> change;
  } changes[] = {
      {"what was signed says less",
       [](std::vector<Fact>& f) { f[f.size() - 2].data.members()["aliquots"].items().pop_back(); }},
      {"the record before it differs", [](std::vector<Fact>& f) { f[0].data.set("lot", "l2"); }},
      {"its meaning differs",
       [](std::vector<Fact>& f) { f.back().data.members()["signer"].set("meaning", "seen"); }},
      {"another person signed",
       [](std::vector<Fact>& f) { f.back().data.members()["signer"].set("user", "operator"); }},
      {"it was moved up",
       [](std::vector<Fact>& f) { std::swap(f[f.size() - 1], f[f.size() - 2]); }},
      {"its act differs",
       [](std::vector<Fact>& f) { f.back().data.set("act", "course/register"); }},
  };
  for (const auto& change : changes) {
    std::vector<Fact> changed = facts;
    change.change(changed);
    EXPECT_NE(check(journal_of(changed, "quality")).fault, "") << change.name;
  }
}

TEST_F(Signatures, BySecretAloneNeedsTheSignatureThatBeganTheSession) {
  sign("course/release", R"({"course":"c1","conditional":true})");
  bank_.signature.terminal = "bench-1";
  bank_.done("course/release", R"({"course":"c1","conditional":true})");
  sign("course/release", kRelease);
  bank_.signature.terminal = "bench-1";
  bank_.signature.session = "signature-1";
  bank_.done("course/release", kRelease);
  const std::vector<Fact> facts = bank_.facts;
  const Json& signer = facts.back().data["signer"];
  EXPECT_EQ(signer["components"].dump(), R"(["secret"])");
  EXPECT_EQ(signer.string_or("session", ""), "signature-1");
  EXPECT_EQ(check(journal_of(facts, "quality")).fault, "");

  const struct {
    const char* name;
    std::function<void(Json&)> change;
  } changes[] = {
      {"it hides that the secret came alone", [](Json& s) { s.members().erase("session"); }},
      {"another session", [](Json& s) { s.set("session", "signature-2"); }},
      {"another terminal", [](Json& s) { s.set("terminal", "bench-2"); }},
      {"no components", [](Json& s) { s.members().erase("components"); }},
      {"a user that did not come", [](Json& s) { s.members()["components"].push("user"); }},
  };
  for (const auto& change : changes) {
    std::vector<Fact> changed = facts;
    change.change(changed.back().data.members()["signer"]);
    EXPECT_NE(check(journal_of(changed, "quality")).fault, "") << change.name;
  }
}

TEST_F(Signatures, AWrongSecretEndsTheSessionForWhatIsUnderWay) {
  sign("course/release", kRelease);
  bank_.signature.session = "signature-1";
  const Signature under_way = bank_.signature;
  bank_.signature = {};
  EXPECT_TRUE(bank_.tell("signature/refused", std::string_view(R"({"act":"x"})")).ok());
  bank_.signature = under_way;
  bank_.refused("course/release", kRelease, ErrorCode::signature_needed);
}

TEST_F(Signatures, ACopyOfASignatureDoesNotHoldElsewhere) {
  const std::string conditional = R"({"course":"c1","conditional":true})";
  sign("course/release", conditional);
  bank_.done("course/release", conditional);
  const Fact copied = bank_.facts.back();
  sign("course/release", kRelease);
  bank_.done("course/release", kRelease);
  std::vector<Fact> facts = bank_.facts;
  facts.back() = copied;
  EXPECT_NE(check(journal_of(facts, "quality")).fault, "");
}

TEST(SignedActs, AreSortedAndEachIsACommand) {
  std::string_view last;
  for (const SignedAct& act : signed_acts()) {
    EXPECT_LT(last, act.verb);
    EXPECT_NE(find_schema(act.verb), nullptr) << act.verb;
    last = act.verb;
  }
}

TEST(Scope, APersonActsOnlyWhereTheStaffListSays) {
  config::SiteConfig site = small_site();
  config::UserConfig limited;
  limited.id = UserId("operator");
  limited.roles = {"operator"};
  limited.places = {PlaceId("freezer-1"), PlaceId("port")};
  site.users.push_back(limited);
  Bank bank(site);
  bank.user = "elsewhere";
  bank.done("course/register", R"({"course":"c1","patient":"p1","doses":2})");
  bank.witness = "witness";
  const auto move = [](const char* place) {
    return cat(R"({"aliquot":"c1-d01-1","code":"c1-d01-1","place":")", place,
               R"(","position":"A1"})");
  };
  bank.user = "operator";
  bank.refused("aliquot/move", move("f2-r1-b1"), ErrorCode::not_authorised);
  bank.done("aliquot/move", move("f1-r1-b1"));
  bank.user = "elsewhere";
  bank.done("aliquot/move", move("f2-r1-b1"));
  bank.user = "operator";
  bank.refused("aliquot/move", move("f1-r1-b2"), ErrorCode::not_authorised);
  bank.reason = "bent";
  bank.refused("position/block", R"({"place":"f2-r1-b1","position":"B2"})",
               ErrorCode::not_authorised);
  bank.done("position/block", R"({"place":"f1-r1-b1","position":"B2"})");
  bank.refused("place/move", R"({"place":"f1-r2","parent":"freezer-2","position":"3"})",
               ErrorCode::not_authorised);
  bank.done("place/move", R"({"place":"f1-r2","parent":"freezer-1","position":"3"})");
}

}  // namespace
}  // namespace cryobank::inventory
