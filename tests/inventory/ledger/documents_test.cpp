// Every kind of document of the record: what it says comes back as the same bytes, and a row that
// says it in any other way stops the start, with its key, its member and what was expected.
#include "inventory/ledger/documents.hpp"

#include <gtest/gtest.h>

#include <map>

#include "inventory/ledger/hold.hpp"
#include "tests/inventory/bank.hpp"
#include "tests/inventory/ledger/document_samples.hpp"

namespace cryobank::inventory {
namespace {

Status check_sample(const DocumentSample& sample, const Json& row) {
  return check_document(sample.kind, sample.id, row);
}

// Something of another kind than the value.
Json of_another_kind(const Json& value) {
  if (value.is_string()) return 7;
  if (value.is_bool()) return "true";
  if (value.is_number()) return "1";
  return "text";
}

TEST(Documents, EveryKindHasASampleHere) {
  std::vector<std::string> kinds;
  for (const DocumentSample& sample : kDocumentSamples) kinds.emplace_back(sample.kind);
  EXPECT_EQ(kinds, std::vector<std::string>(document_kinds().begin(), document_kinds().end()));
  EXPECT_EQ(check_document("recipe", "r1", Json::object()).error().code, ErrorCode::corrupt);
}

template <class Document>
void expect_same(const DocumentSample& sample) {
  if (sample.kind != Document::kKind) return;
  const auto document =
      Document::decode(cat("r/", sample.kind, "/", sample.id), *parse_json(sample.row));
  ASSERT_TRUE(document.ok()) << document.error().context;
  EXPECT_EQ(document->encode().dump(), sample.row);
}

TEST(Documents, SayTheSameAfterTheyWereRead) {
  for (const DocumentSample& sample : kDocumentSamples) {
    expect_same<BudgetDocument>(sample);
    expect_same<CountDocument>(sample);
    expect_same<DisposalDocument>(sample);
    expect_same<EvacuationDocument>(sample);
    expect_same<ExceptionDocument>(sample);
    expect_same<ExcursionDocument>(sample);
    expect_same<Hold>(sample);
    expect_same<LabelDocument>(sample);
    expect_same<OperationDocument>(sample);
    expect_same<ProbeDocument>(sample);
    expect_same<PurgeDocument>(sample);
    expect_same<QualityDocument>(sample);
    expect_same<RetentionDocument>(sample);
    expect_same<ShipmentDocument>(sample);
    expect_same<SignerDocument>(sample);
    expect_same<StabilityDocument>(sample);
    expect_same<TakeDocument>(sample);
    expect_same<TemplateDocument>(sample);
    expect_same<WaiverDocument>(sample);
  }
}

TEST(Documents, OfAnotherFormStopTheStartByKeyAndMember) {
  for (const DocumentSample& sample : kDocumentSamples) {
    const Json row = *parse_json(sample.row);
    const std::string key = cat("r/", sample.kind, "/", sample.id);
    EXPECT_TRUE(check_sample(sample, row).ok()) << key;
    for (const auto& [member, value] : row.members()) {
      Json bad = row;
      bad.set(member, of_another_kind(value));
      const Status status = check_sample(sample, bad);
      ASSERT_FALSE(status.ok()) << key << " takes " << bad.dump();
      EXPECT_NE(status.error().context.find(key), std::string::npos) << status.error().context;
      EXPECT_NE(status.error().context.find(cat("\"", member, "\"")), std::string::npos)
          << status.error().context;
      Ledger ledger(small_site());
      const Status loaded = ledger.load_row(key, bad.dump());
      ASSERT_FALSE(loaded.ok()) << key;
      EXPECT_EQ(loaded.error().code, ErrorCode::corrupt);
    }
    Json more = row;
    more.set("quite_other", 1);
    const Status status = check_sample(sample, more);
    ASSERT_FALSE(status.ok()) << key;
    EXPECT_NE(status.error().context.find("quite_other"), std::string::npos);
  }
}

TEST(Documents, ComeIntoTheRecordWholeOrNotAtAll) {
  Ledger ledger(small_site());
  Draft draft(ledger);
  Json data = Json::object().set(
      "documents", Json::array().push(
                       Json::object()
                           .set("kind", "hold")
                           .set("id", "h1")
                           .set("content", Json::object().set("target", "lot:l1").set("kind", 5))));
  const Status applied = draft.apply({fact::kHoldPlaced, data});
  ASSERT_FALSE(applied.ok());
  EXPECT_NE(applied.error().context.find("\"kind\""), std::string::npos) << applied.error().context;
  EXPECT_EQ(View(draft).document("hold", "h1"), nullptr);
}

struct BadFact {
  const char* name;
  FactName fact;
  const char* data;
  const char* told;
};

class BadFacts : public testing::TestWithParam<BadFact> {};

TEST_P(BadFacts, AreRefusedByMember) {
  Bank bank;
  bank.done("course/register", R"({"course":"c1","patient":"p1","protocol":"nk-12","doses":3})");
  Draft draft(bank.ledger());
  const Status applied = draft.apply({GetParam().fact, *parse_json(GetParam().data)});
  ASSERT_FALSE(applied.ok());
  EXPECT_NE(applied.error().context.find(GetParam().told), std::string::npos)
      << applied.error().context;
}

INSTANTIATE_TEST_SUITE_P(
    Facts, BadFacts,
    testing::Values(
        BadFact{"a_release_to_no_state", fact::kCourseReleased,
                R"({"course":"c1","aliquots":["c1-d01-1"]})", "\"to\""},
        BadFact{"a_plan_with_a_number_as_time", fact::kDosePlanned,
                R"({"course":"c1","doses":[{"dose":"d01","thaw_at":5}]})", "\"thaw_at\""},
        BadFact{"a_drip_without_a_part", fact::kDoseInfused, R"({"course":"c1","dose":"d01"})",
                "\"part\""},
        BadFact{"a_place_whose_position_is_text", fact::kAliquotsPlaced,
                R"({"items":[{"aliquot":"c1-d01-1","place":"freezer-1-rack-1-box-1","at":"0"}]})",
                "\"at\""},
        BadFact{"effects_that_are_no_list", fact::kHoldPlaced, R"({"documents":{}})",
                "\"documents\""},
        BadFact{"an_override_as_text", fact::kAliquotsImported,
                R"({"states":[{"aliquot":"c1-d01-1","to":"released","overridden":"true"}]})",
                "\"overridden\""}),
    [](const auto& param_info) { return param_info.param.name; });

}  // namespace
}  // namespace cryobank::inventory
