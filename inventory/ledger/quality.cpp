#include "inventory/ledger/quality.hpp"

#include <set>

#include "base/ids.hpp"
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

void put_milli(Json& json, std::string_view key, const std::optional<Milli>& value) {
  if (value) json.set(key, *value);
}

bool is_bad(const QualityTest& test) {
  if (test.finding == "positive") return true;
  if (!test.value) return false;
  return (test.low && *test.value < *test.low) || (test.high && *test.high < *test.value);
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pending:
      return "pending";
    case Verdict::passed:
      return "passed";
    case Verdict::failed:
      return "failed";
  }
  CHECK(false);
}

Verdict verdict_of(const QualityTest& test) {
  if (is_bad(test)) return Verdict::failed;
  const bool measured = test.value.has_value() || !test.finding.empty();
  return measured && test.final ? Verdict::passed : Verdict::pending;
}

LotVerdict verdict_of(const std::vector<QualityTest>& tests) {
  LotVerdict lot{Verdict::passed, true, {}};
  for (const QualityTest& test : tests) {
    const Verdict verdict = verdict_of(test);
    if (verdict == Verdict::failed) return {Verdict::failed, false, test.test};
    if (verdict == Verdict::passed) continue;
    if (lot.why.empty() || !test.late) lot.why = test.test;
    lot.verdict = Verdict::pending;
    lot.conditional = lot.conditional && test.late;
  }
  return lot;
}

Result<std::vector<QualityTest>> read_plan(const Json& list) {
  std::vector<QualityTest> tests;
  std::set<std::string> names;
  for (const Json& item : list.items()) {
    auto test = decode_test("a test", item);
    if (!test) return test.error();
    if (!names.insert(test->test).second) {
      return make_error(
          ErrorCode::invalid_value,
          cat("expected tests with different names, came \"", test->test, "\" twice"));
    }
    if (test->low && test->high && *test->high < *test->low) {
      return make_error(ErrorCode::invalid_value,
                        cat("test ", test->test, ": expected low below high"));
    }
    tests.push_back(std::move(*test));
  }
  return tests;
}

Json to_json(const std::vector<QualityTest>& tests) {
  Json list = Json::array();
  for (const QualityTest& test : tests) {
    Json item = Json::object().set("test", test.test);
    put_text(item, "method", test.method);
    put_text(item, "specimen", test.specimen);
    put_milli(item, "low", test.low);
    put_milli(item, "high", test.high);
    put_flag(item, "late", test.late);
    put_milli(item, "value", test.value);
    put_text(item, "finding", test.finding);
    put_flag(item, "final", test.final);
    item.set("verdict", name_of(verdict_of(test)));
    list.push(std::move(item));
  }
  return Json::object().set("tests", std::move(list));
}

Result<QualityTest> decode_test(std::string_view key, const Json& item) {
  RowReader in(key, item);
  QualityTest test;
  test.test = in.text("test");
  test.method = in.maybe_text("method");
  test.specimen = in.maybe_text("specimen");
  test.low = in.maybe_milli("low");
  test.high = in.maybe_milli("high");
  test.late = in.maybe_flag("late");
  test.value = in.maybe_milli("value");
  test.finding = in.maybe_text("finding");
  if (in.ok() && !test.finding.empty() && test.finding != "negative" &&
      test.finding != "positive") {
    in.refuse("finding", "negative or positive");
  }
  test.final = in.maybe_flag("final");
  (void)in.maybe_text("verdict");  // follows from the others
  return in.whole(std::move(test));
}

std::vector<QualityTest> tests_from(const Json& document) {
  std::vector<QualityTest> tests;
  for (const Json& item : document["tests"].items()) {
    auto test = decode_test("r/qc", item);
    CHECK(test.ok());  // read whole when it came into the record
    tests.push_back(std::move(*test));
  }
  return tests;
}

}  // namespace cryobank::inventory
