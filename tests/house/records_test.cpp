// What came from disk or wire is read by kind, never with a default that nobody told.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "tests/house/rules.hpp"

namespace cryobank::house {
namespace {

constexpr std::string_view kSilent[] = {"string_or(", "integer_or(", "bool_or("};

bool is_ours(std::string_view path) {
  return is_cpp(path) && !path.starts_with("tests/") && !path.starts_with("base/json");
}

int count_of(std::string_view text, std::string_view word) {
  int count = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    ++count;
  }
  return count;
}

TEST(Records, NothingIsReadWithASilentDefault) {
  int files = 0;
  for (const SourceFile& file : read_tree(CRYOBANK_SOURCE_DIR)) {
    if (!is_ours(file.path)) continue;
    ++files;
    int silent = 0;
    for (const std::string& line : file.code) {
      for (const std::string_view word : kSilent) silent += count_of(line, word);
    }
    EXPECT_EQ(silent, 0) << file.path << ": read it through base/row_reader.hpp";
  }
  EXPECT_GT(files, 500);
}

}  // namespace
}  // namespace cryobank::house
