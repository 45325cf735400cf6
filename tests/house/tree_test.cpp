// The tree itself keeps the rules of the house.
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace cryobank::house
