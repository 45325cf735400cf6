// What a header declares is called by the product, not by its tests alone: everything else pretends
// to be there. Words are counted, not meanings, so a common name hides a dead one; no name is found
// dead that has a caller.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "base/text.hpp"
#include "tests/house/rules.hpp"

namespace cryobank::house {
namespace {

// Declared for tests and tools in tests/, each with its reason.
const std::map<std::string_view, std::string_view> kForTests = {
    {"bool_or", "a test reads a reply by it; the product may not (Records)"},
    {"integer_or", "as bool_or"},
    {"string_or", "as bool_or"},
    {"conform_rules", "the page of the registers has a rule for each"},
    {"consistency_holds", "a witness checks by it that a past was not rewritten"},
    {"consistency_path", "the proof that it checks"},
    {"encode_robot_status", "the other half of decode, for machines of tests"},
    {"fate_of", "what became of a page"},
    {"fault_names", "the page of the simulator lists them"},
    {"form_fault", "whether a proof is whole"},
    {"format_fault", "a fault as one line"},
    {"last_delay", "how late a simulated machine answered"},
    {"meanings", "every meaning has its range"},
    {"mentions", "a proof names what it is about"},
    {"order_moves", "the whole order of what next_move gives one by one"},
    {"put_vial", "a person at the simulated shelf"},
    {"read_problem", "the benchmark of the plan reads its instances by it"},
    {"start_from", "the benchmark goes on from a plan that it was given"},
    {"validation_rule_names", "each rule has its folder of examples"},
    {"violations", "the independent checker of plans"},
    {"write_plan", "the benchmark of the plan writes by it"},
};

constexpr std::string_view kFolders[] = {"base/", "config/", "devices/", "inventory/", "service/"};
constexpr std::string_view kStatements[] = {"return", "if",    "for",   "while", "switch", "else",
                                            "case",   "using", "CHECK", "TRY",   "typedef"};

bool is_product(std::string_view path) {
  return is_cpp(path) && std::ranges::any_of(kFolders, [path](std::string_view folder) {
           return path.starts_with(folder);
         });
}

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The name before the line's first parenthesis, and what stands before it.
struct Head {
  std::string_view before;
  std::string_view name;
};
Head head_of(std::string_view line) {
  const std::size_t open = std::min(line.find('('), line.size());
  std::size_t begin = open;
  while (begin > 0 && is_name(line[begin - 1])) --begin;
  if (open == line.size()) return {};
  return {line.substr(0, begin), line.substr(begin, open - begin)};
}

// "  std::optional<Milli> last_day() const": a type, then a name in lower case.
bool declares(std::string_view line, const Head& head) {
  const std::string_view type = trim(head.before);
  const bool lower = !head.name.empty() && head.name[0] >= 'a' && head.name[0] <= 'z';
  if (!lower || type.empty() || line.find("override") != std::string_view::npos) return false;
  if (line.find("= default") != std::string_view::npos) return false;
  const auto words = words_of(type);
  if (words.empty() || std::ranges::find(kStatements, words[0].text) != std::end(kStatements)) {
    return false;
  }
  const char last = head.before.back();
  if (last != ' ' && last != '&' && last != '*') return false;
  return std::ranges::all_of(type, [](char c) {
    return is_name(c) || std::string_view(":<>,&*[]. ").find(c) != std::string_view::npos;
  });
}

struct Count {
  int words = 0;
  int declared = 0;
  int defined = 0;
  std::string header;
};
using Counts = std::map<std::string, Count, std::less<>>;

void count_file(const SourceFile& file, Counts& counts) {
  const bool header = file.path.ends_with(".hpp");
  for (const std::string& line : file.code) {
    for (const Word& word : words_of(line)) ++counts[std::string(word.text)].words;
    const Head head = head_of(line);
    if (head.name.empty()) continue;
    Count& count = counts[std::string(head.name)];
    if (header && declares(line, head)) {
      ++count.declared;
      count.header = file.path;
    }
    if (!header && !line.empty() && line[0] != ' ' && line[0] != '#') ++count.defined;
  }
}

std::set<std::string> uncalled_in(const std::vector<SourceFile>& files) {
  Counts counts;
  for (const SourceFile& file : files) {
    if (is_product(file.path)) count_file(file, counts);
  }
  std::set<std::string> names;
  for (const auto& [name, count] : counts) {
    if (count.declared > 0 && count.words <= count.declared + count.defined) {
      names.insert(cat(count.header, " ", name));
    }
  }
  return names;
}

TEST(Callers, EveryFunctionOfAHeaderIsCalledByTheProduct) {
  std::set<std::string_view> excused;
  for (const std::string& found : uncalled_in(read_tree(CRYOBANK_SOURCE_DIR))) {
    const std::string_view name = std::string_view(found).substr(found.rfind(' ') + 1);
    const auto excuse = kForTests.find(name);
    if (excuse == kForTests.end()) {
      ADD_FAILURE() << found << " has no caller outside of tests: delete it";
    } else {
      excused.insert(excuse->first);
    }
  }
  for (const auto& [name, why] : kForTests) {
    EXPECT_TRUE(excused.contains(name)) << name << " needs no excuse any more";
  }
}

TEST(Callers, OneThatIsNotCalledIsFound) {
  const auto found = uncalled_in({
      make_source("base/a.hpp", "int used(int x);\n  std::vector<int> idle() const;\n"),
      make_source("base/a.cpp",
                  "int used(int x) { return x; }\nint b() {\n  return used(1);\n}\n"
                  "std::vector<int> A::idle() const { return {}; }  // idle()\n"),
      make_source("tests/a_test.cpp", "  EXPECT_TRUE(a.idle().empty());\n"),
  });
  EXPECT_EQ(found, std::set<std::string>{"base/a.hpp idle"});
}

}  // namespace
}  // namespace cryobank::house
