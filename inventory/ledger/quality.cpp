#include "inventory/ledger/quality.hpp"

#include <set>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

std::optional<Milli> number_at(const Json& json, std::string_view key) {
  return json[key].is_number() ? std::optional(json[key].milli()) : std::nullopt;
}

void put_milli(Json& json, std::string_view key, const std::optional<Milli>& value) {
  if (value) json.set(key, *value);
}

bool is_bad(const QualityTest& test) {
  if (test.finding == "positive") return true;
  if (!test.value) return false;
  return (test.low && *test.value < *test.low) || (test.high && *test.high < *test.value);
}

QualityTest test_from(const Json& item) {
  QualityTest test;
  test.test = item.string_or("test", "");
  test.method = item.string_or("method", "");
  test.specimen = item.string_or("specimen", "");
  test.low = number_at(item, "low");
  test.high = number_at(item, "high");
  test.late = item.bool_or("late", false);
  test.value = number_at(item, "value");
  test.finding = item.string_or("finding", "");
  test.final = item.bool_or("final", false);
  return test;
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
  if (!list.is_array() || list.items().empty() || list.items().size() > kQualityTestsMax) {
    return make_error(ErrorCode::malformed,
                      cat("expected 1 to ", kQualityTestsMax, " tests at \"tests\""));
  }
  std::vector<QualityTest> tests;
  std::set<std::string> names;
  for (const Json& item : list.items()) {
    const auto name = item.get_string("test");
    if (!name) return name.error();
    if (!is_id_text(*name) || !names.insert(*name).second) {
      return make_error(ErrorCode::invalid_value,
                        cat("expected tests with different names, came \"", clip(*name, 40), "\""));
    }
    QualityTest test;
    test.test = *name;
    if (item.has("method")) {
      const auto method = item.get_string("method");
      if (!method) return method.error();
      if (method->size() > kMethodMax) {
        return make_error(ErrorCode::too_large, cat("test ", *name, ": expected at most ",
                                                    kMethodMax, " bytes at \"method\""));
      }
      test.method = *method;
    }
    for (const std::string_view key : {"low", "high"}) {
      if (!item.has(key) || item[key].is_null() || item[key].is_number()) continue;
      return make_error(ErrorCode::malformed, cat("test ", *name, ": expected a number at \"", key,
                                                  "\", came ", item[key].kind_name()));
    }
    test.low = number_at(item, "low");
    test.high = number_at(item, "high");
    test.late = item.bool_or("late", false);
    if (test.low && test.high && *test.high < *test.low) {
      return make_error(ErrorCode::invalid_value, cat("test ", *name, ": expected low below high"));
    }
    tests.push_back(std::move(test));
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

std::vector<QualityTest> tests_from(const Json& document) {
  std::vector<QualityTest> tests;
  if (!document["tests"].is_array()) return tests;
  for (const Json& item : document["tests"].items()) tests.push_back(test_from(item));
  return tests;
}

}  // namespace cryobank::inventory
