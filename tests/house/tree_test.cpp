// The tree itself keeps the rules of the house.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include "tests/house/rules.hpp"

namespace cryobank::house {
namespace {

TEST(House, the_tree_keeps_every_rule) {
  for (const Finding& finding : check_tree(CRYOBANK_SOURCE_DIR)) ADD_FAILURE() << to_text(finding);
}

TEST(House, the_whole_tree_is_read) {
  std::size_t cpp_files = 0;
  bool base_seen = false;
  for (const SourceFile& file : read_tree(CRYOBANK_SOURCE_DIR)) {
    cpp_files += is_cpp(file.path) ? 1 : 0;
    base_seen |= file.path == "base/result.hpp";
  }
  EXPECT_TRUE(base_seen);
  EXPECT_GT(cpp_files, 30u);
}

// ARCHITECTURE.md leads from a sentence to a file, CONTRIBUTING.md and the docs to others: each
// must be there. Topics of MQTT look alike and have no ending.
TEST(House, every_file_that_a_page_names_is_there) {
  namespace fs = std::filesystem;
  const fs::path root = CRYOBANK_SOURCE_DIR;
  const std::regex named(
      "`((?:base|config|devices|inventory|service|tests|tools|scripts|dashboard|"
      "systemd|docs|examples)/[A-Za-z0-9_./-]+\\.[a-z]+)`");
  std::vector<fs::path> pages = {root / "ARCHITECTURE.md", root / "CONTRIBUTING.md",
                                 root / "README.md"};
  for (const auto& entry : fs::directory_iterator(root / "docs")) {
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  }
  std::size_t sentences = 0;
  for (const fs::path& page : pages) {
    std::ifstream file(page);
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
      for (std::sregex_iterator at(line.begin(), line.end(), named), end; at != end; ++at) {
        EXPECT_TRUE(fs::exists(root / (*at)[1].str()))
            << page.filename().string() << ":" << number << " names " << (*at)[1];
        sentences += page.filename() == "ARCHITECTURE.md" ? 1U : 0U;
      }
    }
  }
  EXPECT_GT(sentences, 30U);
}

// A newcomer finds a file in a listing of a screen, and a room says what it is for.
TEST(House, a_folder_is_small_and_says_what_it_is_for) {
  namespace fs = std::filesystem;
  constexpr std::size_t kFilesMax = 55;
  for (const char* top : {"base", "config", "devices", "inventory", "service"}) {
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(CRYOBANK_SOURCE_DIR) / top)) {
      if (!entry.is_directory()) continue;
      std::size_t sources = 0;
      for (const auto& file : fs::directory_iterator(entry.path())) {
        sources += is_cpp(file.path().filename().string()) ? 1U : 0U;
      }
      if (sources == 0) continue;
      EXPECT_LE(sources, kFilesMax) << entry.path();
      std::ifstream list(entry.path() / "CMakeLists.txt");
      std::string first;
      std::getline(list, first);
      EXPECT_TRUE(first.starts_with("# ")) << entry.path() << ": what is this room for?";
    }
  }
}

}  // namespace
}  // namespace cryobank::house
