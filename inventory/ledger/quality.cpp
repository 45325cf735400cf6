#include "inventory/ledger/quality.hpp"

#include <set>

#include "base/ids.hpp"
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

void put_milli(Json& json, std::string_view key, const std::optional<Milli>& value) {
  if (value) json.set(key, *value);
}

// A list of before tests had to say what passes: positive is bad there.
std::string_view passing_finding(const QualityTest& test) {
  return test.passes.empty() ? std::string_view("negative") : test.passes;
}

bool is_bad(const QualityTest& test) {
  if (!test.finding.empty() && test.finding != passing_finding(test)) return true;
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

bool is_judged_by_value(const QualityTest& test) { return test.low || test.high; }

bool is_judged(const QualityTest& test) { return is_judged_by_value(test) || !test.passes.empty(); }

Verdict verdict_of(const QualityTest& test) {
  if (is_bad(test)) return Verdict::failed;
  if (!is_judged(test) || !test.final) return Verdict::pending;
  const bool valued = !is_judged_by_value(test) || test.value;
  const bool found = test.passes.empty() || test.finding == test.passes;
  return valued && found ? Verdict::passed : Verdict::pending;
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

Result<std::string> read_finding(const Json& body, std::string_view key) {
  if (!body.has(key) || body[key].is_null()) return std::string();
  auto finding = body.get_string(key);
  if (!finding || *finding == "negative" || *finding == "positive") return finding;
  return make_error(ErrorCode::invalid_value, cat("expected negative or positive at \"", key,
                                                  "\", came \"", clip(*finding, 40), "\""));
}

namespace {

Result<std::optional<Milli>> read_limit(const Json& item, std::string_view key) {
  if (!item.has(key) || item[key].is_null()) return std::optional<Milli>();
  if (item[key].is_number()) return std::optional(item[key].milli());
  return make_error(ErrorCode::malformed,
                    cat("expected a number at \"", key, "\", came ", item[key].kind_name()));
}

Status read_criterion(const Json& item, QualityTest& test) {
  TRY_ASSIGN(const auto low, read_limit(item, "low"));
  TRY_ASSIGN(const auto high, read_limit(item, "high"));
  TRY_ASSIGN(const auto passes, read_finding(item, "passes"));
  test.low = low;
  test.high = high;
  test.passes = passes;
  if (test.low && test.high && *test.high < *test.low) {
    return make_error(ErrorCode::invalid_value, "expected low below high");
  }
  if (is_judged(test)) return {};
  return make_error(ErrorCode::invalid_value,
                    "expected what passing means: a limit at \"low\" or \"high\", or the finding "
                    "at \"passes\" (negative or positive), came none");
}

Result<std::string> read_method(const Json& item) {
  if (!item.has("method")) return std::string();
  auto method = item.get_string("method");
  if (!method || method->size() <= kMethodMax) return method;
  return make_error(ErrorCode::too_large,
                    cat("expected at most ", kMethodMax, " bytes at \"method\""));
}

Result<QualityTest> read_test(const Json& item) {
  QualityTest test;
  TRY_ASSIGN(const auto method, read_method(item));
  test.method = method;
  if (item.has("late")) {
    TRY_ASSIGN(const auto late, item.get_bool("late"));
    test.late = late;
  }
  TRY(read_criterion(item, test));
  return test;
}

}  // namespace

Result<std::vector<QualityTest>> read_plan(const Json& list) {
  if (!list.is_array() || list.items().empty() || list.items().size() > kQualityTestsMax) {
    return make_error(ErrorCode::malformed,
                      cat("expected 1 to ", kQualityTestsMax, " tests at \"tests\""));
  }
  std::vector<QualityTest> tests;
  std::set<std::string> names;
  for (const Json& item : list.items()) {
    TRY_ASSIGN(const auto name, item.get_string("test"));
    if (!is_id_text(name) || !names.insert(name).second) {
      return make_error(ErrorCode::invalid_value,
                        cat("expected tests with different names, came \"", clip(name, 40), "\""));
    }
    auto test = read_test(item);
    if (!test) {
      return make_error(test.error().code, cat("test ", name, ": ", test.error().context));
    }
    test->test = name;
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
    put_text(item, "passes", test.passes);
    put_flag(item, "late", test.late);
    put_milli(item, "value", test.value);
    put_text(item, "finding", test.finding);
    put_flag(item, "final", test.final);
    item.set("verdict", name_of(verdict_of(test)));
    list.push(std::move(item));
  }
  return Json::object().set("tests", std::move(list));
}

namespace {

std::string maybe_finding(RowReader& in, std::string_view key) {
  std::string finding = in.maybe_text(key);
  const bool known = finding.empty() || finding == "negative" || finding == "positive";
  if (in.ok() && !known) in.refuse(key, "negative or positive");
  return finding;
}

}  // namespace

Result<QualityTest> decode_test(std::string_view key, const Json& item) {
  RowReader in(key, item);
  QualityTest test;
  test.test = in.text("test");
  test.method = in.maybe_text("method");
  test.specimen = in.maybe_text("specimen");
  test.low = in.maybe_milli("low");
  test.high = in.maybe_milli("high");
  test.passes = maybe_finding(in, "passes");
  test.late = in.maybe_flag("late");
  test.value = in.maybe_milli("value");
  test.finding = maybe_finding(in, "finding");
  test.final = in.maybe_flag("final");
  (void)in.maybe_text("verdict");  // follows from the others
  return in.whole(std::move(test));
}

}  // namespace cryobank::inventory
