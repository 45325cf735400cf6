#include "tests/house/rules.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "tests/house/allowed.hpp"
#include "tests/house/floors.hpp"

namespace cryobank::house {
namespace {

constexpr std::size_t kLinesMax = 400;
constexpr std::size_t kTestLinesMax = 600;
constexpr std::size_t kColumnsMax = 100;
constexpr std::size_t kHeaderCommentMax = 10;

// Written in two parts, so that this file does not break its own rule.
const std::array<std::string, 6> kUnfinished = {
    "TO"
    "DO",
    "FIX"
    "ME",
    "XX"
    "X",
    "for"
    " now",
    "place"
    "holder",
    "HA"
    "CK"};
const std::array<std::string, 3> kMachinePaths = {
    "/wo"
    "rk/",
    "/ho"
    "me/",
    "/ro"
    "ot/"};
constexpr std::array<std::string_view, 6> kVague = {"Manager", "Helper", "Helpers",
                                                    "Util",    "Utils",  "Impl"};

// The simulated world plays the outside, and must replay a seed; what starts it may measure time.
bool is_simulated_world(const std::string& path) {
  return path.starts_with("tests/simulation/") && !path.ends_with("_test.cpp") &&
         !path.ends_with("main.cpp");
}

bool is_excused(const std::string& path, std::string_view rule) {
  if (rule == "stream" || rule == "exception") {
    return path.starts_with("tests/") || path == "base/check.cpp" ||
           (rule == "exception" && wraps_foreign_code(path));
  }
  if (rule == "floating-point") return path.starts_with("tests/") || may_use_floats(path);
  return false;
}

// A map or set ordered by pointers is ordered by where the memory happened to lie.
bool orders_by_address(std::string_view line) {
  for (const std::string_view container : {"std::map<", "std::set<", "std::multimap<"}) {
    const std::size_t start = line.find(container);
    if (start == std::string_view::npos) continue;
    const std::string_view rest = line.substr(start + container.size());
    const std::string_view key = rest.substr(0, rest.find_first_of("<,>"));
    if (key.find('*') != std::string_view::npos) return true;
  }
  return false;
}

bool is_pure_place(const SourceFile& file) {
  const auto place = place_of(file.path);
  if (!place || !is_cpp(file.path)) return false;
  return place->floor < kFloorOfTheWorld || is_simulated_world(file.path);
}

void check_our_include(const SourceFile& file, const Place& place, const Include& include,
                       const std::filesystem::path& root, Findings& findings) {
  const auto find = [&](std::string_view rule, std::string what) {
    findings.push_back({file.path, include.line, std::string(rule), std::move(what)});
  };
  const auto target = place_of(include.name);
  if (include.name.find("..") != std::string::npos || !target) {
    find("not-from-root", cat("\"", include.name, "\" is not written from the root of the tree"));
    return;
  }
  if (!std::filesystem::exists(root / include.name)) {
    find("missing-header", cat("\"", include.name, "\" is not there"));
    return;
  }
  const bool simulated_sees_edge =
      is_simulated_world(file.path) && target->floor == kFloorOfTheWorld;
  if (may_include(place, *target) && !simulated_sees_edge) return;
  const bool sideways = target->floor == place.floor;
  find(sideways ? "sideways" : "upward",
       cat("floor ", place.floor, " includes \"", include.name, "\" of floor ", target->floor));
}

void check_header_of_others(const SourceFile& file, const Include& include, Findings& findings) {
  if (!is_pure_place(file) || file.path.starts_with("tests/")) return;
  if (may_include_of_others(file.path, include.name)) return;
  findings.push_back({file.path, include.line, "outside-header",
                      cat("<", include.name, "> belongs into a file named *_io")});
}

void check_line(const SourceFile& file, std::size_t index, Findings& findings) {
  const std::string& line = file.code[index];
  const int number = static_cast<int>(index) + 1;
  if (trim(line).starts_with("#include")) return;
  for (const Word& word : words_of(line)) {
    const std::string_view rule = rule_against(word.text, word.of_std);
    if (rule.empty() || is_excused(file.path, rule)) continue;
    findings.push_back({file.path, number, std::string(rule), std::string(word.text)});
  }
  if (orders_by_address(line)) {
    findings.push_back({file.path, number, "address-order", "a container ordered by pointers"});
  }
}

bool has_phrase(std::string_view line, std::string_view phrase) {
  const auto is_letter = [&](std::size_t at) {
    return at < line.size() && !words_of(line.substr(at, 1)).empty();
  };
  for (std::size_t at = line.find(phrase); at != std::string_view::npos;
       at = line.find(phrase, at + 1)) {
    if (!(at > 0 && is_letter(at - 1)) && !is_letter(at + phrase.size())) return true;
  }
  return false;
}

bool is_vague(std::string_view name) {
  return std::ranges::any_of(kVague, [&](std::string_view end) { return name.ends_with(end); });
}

void check_class_names(const SourceFile& file, std::size_t index, Findings& findings) {
  const std::vector<Word> words = words_of(file.code[index]);
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const bool names_type =
        words[i].text == "class" || words[i].text == "struct" || words[i].text == "namespace";
    if (!names_type || !is_vague(words[i + 1].text)) continue;
    findings.push_back({file.path, static_cast<int>(index) + 1, "vague-name",
                        cat(words[i + 1].text, " says nothing about what it is")});
  }
}

// "if (!x) return x.error();", in one line or with braces: TRY of base/try.hpp says it.
bool hands_error_on(std::string_view line) {
  const std::size_t start = line.find("return ");
  if (start == std::string_view::npos) return false;
  const std::string_view rest = line.substr(start + std::string_view("return ").size());
  const std::string_view name = rest.substr(0, rest.find('.'));
  if (rest.substr(name.size()) != ".error();") return false;
  const std::string condition = cat("if (!", name, ") ");
  return line.substr(0, start).ends_with(condition) ||
         line.substr(0, start).ends_with(cat("; !", name, ") "));
}

void check_errors_handed_on(const SourceFile& file, Findings& findings) {
  if (!is_cpp(file.path) || file.path.starts_with("tests/")) return;
  for (std::size_t i = 0; i < file.code.size(); ++i) {
    if (!hands_error_on(file.code[i])) continue;
    findings.push_back(
        {file.path, static_cast<int>(i) + 1, "by-hand", "TRY of base/try.hpp hands an error on"});
  }
}

// Columns of a UTF-8 line: every byte but those that continue a character.
std::size_t width_of(std::string_view line) {
  return static_cast<std::size_t>(std::ranges::count_if(
      line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Sentences count; tables and diagrams, set in by two blanks or more, are as long as they are.
void check_header_comment(const SourceFile& file, Findings& findings) {
  const auto end =
      std::ranges::find_if(file.raw, [](const auto& line) { return !line.starts_with("//"); });
  const auto is_sentence = [](const std::string& line) {
    return line.size() > 2 && !line.starts_with("//  ");
  };
  const auto length = std::count_if(file.raw.begin(), end, is_sentence);
  if (length == 0 || static_cast<std::size_t>(length) > kHeaderCommentMax) {
    findings.push_back(
        {file.path, 1, "header-comment",
         cat("1 to ", kHeaderCommentMax, " lines of text say what it is, came ", length)});
  }
  if (end == file.raw.end() || *end != "#pragma once") {
    findings.push_back({file.path, 1, "pragma-once", "#pragma once follows the comment"});
  }
}

}  // namespace

std::string to_text(const Finding& finding) {
  return cat(finding.path, ":", finding.line, ": ", finding.rule, ": ", finding.what);
}

void check_includes(const SourceFile& file, const std::filesystem::path& root, Findings& findings) {
  if (!is_cpp(file.path)) return;
  const auto place = place_of(file.path);
  if (!place) {
    findings.push_back({file.path, 1, "unknown-room", "this folder has no floor"});
    return;
  }
  for (const Include& include : includes_of(file)) {
    if (include.ours) {
      check_our_include(file, *place, include, root, findings);
    } else {
      check_header_of_others(file, include, findings);
    }
  }
}

void check_determinism(const SourceFile& file, Findings& findings) {
  if (!is_pure_place(file)) return;
  for (std::size_t i = 0; i < file.code.size(); ++i) check_line(file, i, findings);
}

void check_words(const SourceFile& file, Findings& findings) {
  for (std::size_t i = 0; i < file.raw.size(); ++i) {
    const int number = static_cast<int>(i) + 1;
    for (const std::string& word : kUnfinished) {
      if (!has_phrase(file.raw[i], word)) continue;
      findings.push_back({file.path, number, "unfinished", word});
    }
    for (const std::string& path : kMachinePaths) {
      if (file.raw[i].find(path) == std::string::npos) continue;
      findings.push_back({file.path, number, "machine-path", path});
    }
    if (is_cpp(file.path)) check_class_names(file, i, findings);
  }
  const std::string stem = std::filesystem::path(file.path).stem().string();
  for (const std::string_view part : split(stem, '_')) {
    for (const std::string_view vague : kVague) {
      if (!is_cpp(file.path) || part != lower_ascii(vague)) continue;
      findings.push_back({file.path, 1, "vague-name", "a file is named after what is in it"});
    }
  }
}

void check_shape(const SourceFile& file, Findings& findings) {
  if (!is_cpp(file.path)) return;
  const std::size_t most = file.path.starts_with("tests/") ? kTestLinesMax : kLinesMax;
  if (file.raw.size() > most) {
    findings.push_back({file.path, static_cast<int>(file.raw.size()), "too-long",
                        cat("at most ", most, " lines, these are ", file.raw.size())});
  }
  for (std::size_t i = 0; i < file.raw.size(); ++i) {
    const bool raw_string = file.raw[i].find("R\"") != std::string::npos;
    if (raw_string || width_of(file.raw[i]) <= kColumnsMax) continue;
    findings.push_back(
        {file.path, static_cast<int>(i) + 1, "too-wide", cat("at most ", kColumnsMax, " columns")});
  }
  if (file.path.ends_with(".hpp")) check_header_comment(file, findings);
}

Findings check_tree(const std::filesystem::path& root) {
  Findings findings;
  for (const SourceFile& file : read_tree(root)) {
    check_includes(file, root, findings);
    check_determinism(file, findings);
    check_words(file, findings);
    check_shape(file, findings);
    check_errors_handed_on(file, findings);
  }
  return findings;
}

}  // namespace cryobank::house
