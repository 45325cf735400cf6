// Each folder under cases/ holds a site with one kind of mistake and, in faults.txt, every line
// that must be told of it, in order. Every rule has at least one folder named after it.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "config/checks/validate.hpp"
#include "tests/config/files_on_disk.hpp"

namespace cryobank::config {
namespace {

const std::string kCases = std::string(CRYOBANK_SOURCE_DIR) + "/tests/config/cases";

std::vector<std::string> case_names() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kCases)) {
    if (entry.path().filename() != "base") names.insert(entry.path().filename().string());
  }
  return {names.begin(), names.end()};
}

class Cases : public ::testing::TestWithParam<std::string> {};

TEST_P(Cases, TellExactlyTheFaultsOfTheirList) {
  const std::string folder = kCases + "/" + GetParam();
  SiteConfig config;
  Faults faults;
  const bool ok = load_site("site.toml", files_under(folder), config, faults);
  const Result<std::string> expected = files_under(folder)("faults.txt");
  ASSERT_TRUE(expected) << "write " << folder << "/faults.txt; it says now:\n"
                        << all_faults(faults);
  EXPECT_EQ(all_faults(faults), *expected);
  EXPECT_FALSE(faults.items().empty()) << "a case without a fault shows nothing";
  EXPECT_EQ(ok, faults.ok());
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string out;
  for (const char c : info.param) out += c == '-' ? '_' : c;
  return out;
}
INSTANTIATE_TEST_SUITE_P(All, Cases, ::testing::ValuesIn(case_names()), test_name);

TEST(Cases, EveryRuleHasAnExample) {
  const std::vector<std::string> names = case_names();
  for (const std::string_view rule : validation_rule_names()) {
    EXPECT_EQ(std::count(names.begin(), names.end(), rule), 1) << rule;
  }
}

// What stands in base/ is without fault, so that each list shows its own mistake only.
TEST(Cases, BaseIsWithoutFault) {
  const ReadText disk = files_under(kCases + "/base");
  const ReadText read = [&](std::string_view path) -> Result<std::string> {
    if (path == "site.toml") {
      return std::string(
          "[site]\nid = \"base\"\n[files]\nprofiles = \"../../../../config/devices\"\n"
          "include = [\"machines.toml\", \"places.toml\", \"people.toml\"]\n"
          "[allocation]\nfreezers_min = 1\nshare_max = \"1\"\n"
          "[signing]\nrequired = false\n");
    }
    return disk(path);
  };
  SiteConfig config;
  Faults faults;
  EXPECT_TRUE(load_site("site.toml", read, config, faults));
  EXPECT_EQ(all_faults(faults), "");
}

}  // namespace
}  // namespace cryobank::config
