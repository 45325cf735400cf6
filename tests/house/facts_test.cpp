// Facts are named in one place (base/fact_names.hpp), and none is written or read in vain: shown in
// the tree itself.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/fact_names.hpp"
#include "base/text.hpp"
#include "tests/house/rules.hpp"

namespace cryobank::house {
namespace {

bool is_of_the_programs(std::string_view path) {
  return is_cpp(path) && !path.starts_with("tests/") && !path.starts_with("base/");
}

// The constant of a fact, as the code writes it: "fact::kHoldPlaced".
std::string constant_of(const FactName& name) {
  std::string out = "fact::k";
  bool upper = true;
  for (const char c : name.type()) {
    if (c != '-') out += upper ? static_cast<char>(c - 'a' + 'A') : c;
    upper = c == '-';
  }
  return out;
}

bool is_word(char c) {
  return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '_';
}

// Times that `constant` stands in the line as a whole word and, with `looked`, after == or != or as
// the key of a table ("{fact::kX, on_x}").
int times_in(std::string_view line, std::string_view constant, bool looked) {
  int times = 0;
  for (std::size_t at = line.find(constant); at != std::string_view::npos;
       at = line.find(constant, at + 1)) {
    const std::size_t end = at + constant.size();
    if (end < line.size() && is_word(line[end])) continue;
    const std::string_view before = line.substr(0, at);
    const bool compared = before.ends_with("== ") || before.ends_with("!= ");
    const bool is_key = before.ends_with("{") && line.substr(end).starts_with(", on_");
    times += !looked || compared || is_key ? 1 : 0;
  }
  return times;
}

// Its tables of facts only ask which an entry is.
constexpr std::string_view kOnlyLooks = "service/repair/record_replies_io.cpp";

struct Uses {
  int written = 0;
  int read = 0;     // compared, or the key of a table of alarms
  int applied = 0;  // changes the ledger, and so its rows
};

std::map<std::string_view, Uses> uses_of_facts() {
  std::map<std::string_view, Uses> uses;
  for (const SourceFile& file : read_tree(CRYOBANK_SOURCE_DIR)) {
    if (!is_of_the_programs(file.path)) continue;
    const bool applies = file.path.starts_with("inventory/ledger/apply/");
    for (const std::string& line : file.code) {
      if (line.find("fact::k") == std::string::npos) continue;
      for (const FactName& name : fact::kAll) {
        const int all = times_in(line, constant_of(name), false);
        const int read = file.path == kOnlyLooks ? all : times_in(line, constant_of(name), true);
        Uses& of = uses[name.type()];
        (applies ? of.applied : of.written) += applies ? all : all - read;
        of.read += applies ? 0 : read;
      }
    }
  }
  return uses;
}

// Each is written by somebody, so what is read has a writer. Each has a reader: it is an event of
// its stream (tests/base: the stream is one that is told), and what is of a ledger's stream changes
// the ledger and its rows. The plan's clock is a row of its own (thaw_clock.cpp).
TEST(Facts, AreEachWrittenAndThoseOfTheLedgerApplied) {
  std::map<std::string_view, Uses> uses = uses_of_facts();
  for (const FactName& name : fact::kAll) {
    const Uses& of = uses[name.type()];
    EXPECT_GT(of.written, 0) << name.type() << " is written by nobody";
    const bool ledger = name.stream() == "inventory" || name.stream() == "job" ||
                        (name.stream() == "plan" && name != fact::kPlanClockSet);
    EXPECT_EQ(of.applied, ledger ? 1 : 0) << name.type() << " is applied to the ledger";
  }
}

TEST(Facts, AreAllInTheListOfAll) {
  int named = 0;
  for (const SourceFile& file : read_tree(CRYOBANK_SOURCE_DIR)) {
    if (file.path != "base/fact_names.hpp") continue;
    for (const std::string& line : file.code) named += trim(line).starts_with("CRYOBANK_FACT(");
  }
  EXPECT_EQ(static_cast<int>(fact::kAll.size()), named);
}

// Conditions of the alarms' catalogue that have the name of a fact.
const std::set<std::string_view> kConditions = {"backup-failed", "page-unreceived"};

// No text in the code is the name of a fact: it would be compared with nothing.
TEST(Facts, AreNamedByTheirTextNowhereElse) {
  int lines = 0;
  for (const SourceFile& file : read_tree(CRYOBANK_SOURCE_DIR)) {
    if (!is_of_the_programs(file.path)) continue;
    for (const std::string& line : file.raw) {
      if (line.find('"') == std::string::npos || trim(line).starts_with("//")) continue;
      ++lines;
      for (const FactName& name : fact::kAll) {
        if (kConditions.contains(name.type())) continue;
        EXPECT_EQ(line.find(cat("\"", name.type(), "\"")), std::string::npos)
            << file.path << ": " << line;
      }
    }
  }
  EXPECT_GT(lines, 1'000);
}

// What was told under any name is read from a journal or a row, and there only.
TEST(Facts, AreReadByTextOnlyWhereTheyComeFromDisk) {
  const std::set<std::string_view> readers = {"inventory/record/journal_format.cpp",
                                              "service/core/loading.cpp"};
  for (const SourceFile& file : read_tree(CRYOBANK_SOURCE_DIR)) {
    if (!is_of_the_programs(file.path) || readers.contains(file.path)) continue;
    for (const std::string& line : file.code) {
      EXPECT_EQ(line.find("Fact::read("), std::string::npos) << file.path << ": " << line;
    }
  }
}

}  // namespace
}  // namespace cryobank::house
