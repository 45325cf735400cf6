// The rules of the house as functions over source files. Each finding names the file, the line, the
// rule that is broken and what breaks it. The tables of what is allowed where stand in allowed.cpp.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/house/source_text.hpp"

namespace cryobank::house {

struct Finding {
  std::string path;
  int line = 0;
  std::string rule;  // kebab case
  std::string what;
};
std::string to_text(const Finding& finding);

using Findings = std::vector<Finding>;

// Floors: "unknown-room", "not-from-root", "missing-header", "upward", "sideways".
// Outside: "outside-header" for a header that floors 0 to 3 may not see.
// `root` is where an included file of ours must exist.
void check_includes(const SourceFile& file, const std::filesystem::path& root, Findings& findings);

// What makes a decision depend on anything but its inputs, on floors 0 to 3 and in the simulated
// world: "clock", "thread", "unordered", "random", "environment", "stream", "address-order",
// "floating-point", "exception".
void check_determinism(const SourceFile& file, Findings& findings);

// "unfinished" words, "vague-name" classes and files, "machine-path".
void check_words(const SourceFile& file, Findings& findings);

// "too-long" files, "too-wide" lines (raw strings excepted), "header-comment" absent or too long,
// "pragma-once" absent.
void check_shape(const SourceFile& file, Findings& findings);

Findings check_tree(const std::filesystem::path& root);

}  // namespace cryobank::house
