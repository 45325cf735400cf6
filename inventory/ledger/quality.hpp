// Quality control of a lot: the tests that its product needs, what passing means for each, and
// their results. A test is judged by a value within limits, by a finding, or by both; what does not
// meet them all in a final result is pending or failed, and a list without such words is refused. A
// late test (14-day sterility) may be open at conditional release; every other test must have
// passed. Values are in thousandths of the unit; findings are negative or positive.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace cryobank::inventory {

enum class Verdict : std::uint8_t { pending, passed, failed };
std::string_view name_of(Verdict verdict);

struct QualityTest {
  std::string test;          // "viability", "sterility-14d"
  std::string method;        // how it is measured, as the plan says; may be empty
  std::optional<Milli> low;  // least value allowed
  std::optional<Milli> high;
  std::string passes;  // the finding that passes: "negative", "positive"; empty: not judged by one
  bool late = false;   // its final result may come after a conditional release
  // The newest result.
  std::string specimen;  // id of the vial or culture that was measured; may be empty
  std::optional<Milli> value;
  std::string finding;  // "negative", "positive"; empty: none
  bool final = false;   // a negative finding to date is not final
};

inline constexpr std::size_t kQualityTestsMax = 40;
inline constexpr std::size_t kMethodMax = 200;  // bytes of "method"

// Pending until there is a final result, or a bad one at any time.
Verdict verdict_of(const QualityTest& test);
// passed: release; pending: at most conditionally, if every open test is late.
struct LotVerdict {
  Verdict verdict = Verdict::pending;
  bool conditional = false;
  std::string why;  // the first test that is not passed
};
LotVerdict verdict_of(const std::vector<QualityTest>& tests);

// It says what passing means.
bool is_judged_by_value(const QualityTest& test);
bool is_judged(const QualityTest& test);
// "negative" or "positive" at `key`; empty when absent.
Result<std::string> read_finding(const Json& body, std::string_view key);
// A test as the record keeps it, whole; `key` names the row for people.
Result<QualityTest> decode_test(std::string_view key, const Json& item);
// REQUIRES: `list` is of the form of quality/plan.
Result<std::vector<QualityTest>> read_plan(const Json& list);
Json to_json(const std::vector<QualityTest>& tests);

}  // namespace cryobank::inventory
