// Long lists that two people sign, decided on a thread of their own: pages leave meanwhile, and
// both signatures are there with all that they cover, or not at all.
#include <algorithm>

#include "inventory/record/signature_check.hpp"
#include "tests/core/signing_story.hpp"

namespace cryobank::core {
namespace {

class SignedList : public Signing {
 protected:
  SignedList() { world_.errand_takes = seconds(25); }

  static constexpr int kVials = 400;

  // Signed by the first person and read whole; waits for the second.
  std::string offer() {
    std::string csv = "aliquot,code,course,patient,lot,dose,fraction,state,path,position\r\n";
    for (int i = 1; i <= kVials; ++i) {
      csv += cat("v-", i, ",V-", i, ",c-9", i, ",p-9", i, ",,d01,1,expected,EXPECTED,\r\n");
    }
    const Json body = Json::object().set("csv", csv);
    const Json shown = prepared("supervisor", "bulk/import", body);
    EXPECT_TRUE(shown.bool_or("witness_too", false)) << shown.dump();
    witness_ = "witness";
    sign("supervisor", "bulk/import", body, shown.string_or("meaning", ""),
         shown.string_or("record", ""));
    witness_.clear();
    const std::string id = last_;
    EXPECT_TRUE(is_out()) << "it is read first";
    EXPECT_TRUE(world_.run_until([&] { return status(id) == "accepted"; }, minutes(2)))
        << world_.reply(id).dump();
    return id;
  }
  Json confirm(const std::string& id, std::string_view secret = kSecret) {
    return sign("witness", "witness/confirm", Json::object().set("command", id),
                std::string(inventory::kWitnessMeaning), "", secret);
  }
  std::string status(const std::string& id) const {
    return world_.reply(id).string_or("status", "");
  }
  bool is_out() const { return world_.parts().recorder.errand_out(); }
  bool paged(std::string_view alarm) const {
    return std::ranges::any_of(world_.published, [alarm](const Publish& one) {
      return one.topic.find("/page/") != std::string::npos &&
             one.payload.find(alarm) != std::string::npos;
    });
  }
  bool in_rows(std::string_view text, std::string_view prefix = "") const {
    return std::ranges::any_of(world_.rows, [text, prefix](const auto& row) {
      return row.first.starts_with(prefix) && row.second.find(text) != std::string::npos;
    });
  }
  bool holds_vials() const { return in_rows("\"V-7\"", "r/") || in_rows("\"V-7\"", "j/"); }
};

TEST_F(SignedList, IsDecidedBesideThePagesAndItsSignaturesCoverAllOfIt) {
  const std::string id = offer();
  EXPECT_FALSE(holds_vials()) << "nothing is done for one signature";
  EXPECT_TRUE(entries(fact::kRecordSigned).empty());
  confirm(id);
  ASSERT_TRUE(is_out());
  const Json mains =
      Json::object().set("do", "fault").set("device", "freezer-1").set("fault", "power-failure");
  ASSERT_TRUE(world_.hardware().control(mains));
  world_.run(seconds(18));
  EXPECT_TRUE(is_out());
  EXPECT_TRUE(paged("freezer-1.mains-lost"));
  ASSERT_TRUE(world_.run_until([&] { return status(id) == "done"; }, minutes(2)))
      << world_.reply(id).dump();
  EXPECT_EQ(world_.reply(id)["body"].integer_or("new", 0), kVials);
  EXPECT_TRUE(holds_vials());
  const auto signatures = entries(fact::kRecordSigned);
  ASSERT_EQ(signatures.size(), 1u);
  const Json& data = signatures[0].fact.data;
  EXPECT_EQ(world_.reply(id)["body"].string_or("signature", ""), data.string_or("signature", "-"));
  EXPECT_EQ(data["signer"].string_or("user", ""), "supervisor");
  EXPECT_EQ(data["witness"].string_or("user", ""), "witness");
  EXPECT_GE(data.integer_or("entries", 0), kVials);
  std::string fault;
  inventory::SignatureCheck check(world_.config(),
                                  [&fault](const auto& one) { fault += one.fault; });
  for (auto row = world_.rows.lower_bound("j/"); row != world_.rows.end(); ++row) {
    if (!row->first.starts_with("j/")) break;
    ASSERT_TRUE(check.feed(row->second)) << row->second;
  }
  EXPECT_EQ(check.signatures(), 1u);
  EXPECT_EQ(check.faults(), 0u) << fault;
  EXPECT_FALSE(in_rows(kSecret));
}

TEST_F(SignedList, OfADaemonThatDiesMeanwhileIsAbsentWithItsSignatures) {
  const std::string id = offer();
  confirm(id);
  ASSERT_TRUE(is_out());
  world_.kill();
  world_.start();
  world_.link(true);
  world_.run(minutes(2));
  EXPECT_NE(status(id), "done");
  EXPECT_TRUE(entries(fact::kRecordSigned).empty());
  EXPECT_FALSE(holds_vials());
  EXPECT_FALSE(in_rows(kSecret));
}

TEST_F(SignedList, IsNotDoneForAWrongSecretNorForWhoWasLockedMeanwhile) {
  const std::string id = offer();
  EXPECT_EQ(confirm(id, "guess").string_or("status", ""), "rejected");
  EXPECT_FALSE(is_out());
  for (int i = 0; i < 5; ++i) {
    sign("supervisor", "signer/unlock", Json::object().set("user", "qc"), "x", "", "guess");
  }
  confirm(id);
  EXPECT_TRUE(world_.run_until([&] { return status(id) == "rejected"; }, minutes(2)))
      << world_.reply(id).dump();
  EXPECT_EQ(world_.reply(id).string_or("code", ""), "not-authorised") << world_.reply(id).dump();
  EXPECT_TRUE(entries(fact::kRecordSigned).empty());
  EXPECT_FALSE(holds_vials());
}

}  // namespace
}  // namespace cryobank::core
