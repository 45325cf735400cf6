// docs/configuration.md lists every section that a site may have, and every rule over it.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "config/checks/validate.hpp"
#include "tests/config/files_on_disk.hpp"

namespace cryobank::config {
namespace {

std::string page_of(const char* path) {
  const Result<std::string> text = files_under(CRYOBANK_SOURCE_DIR)(path);
  EXPECT_TRUE(text.ok()) << path;
  return text ? *text : std::string();
}

std::set<std::string> found_in(const std::string& text, const std::regex& form) {
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), form), end; at != end; ++at) {
    found.insert((*at)[1].str());
  }
  return found;
}

TEST(ConfigurationPage, HasEverySectionOfTheExample) {
  const auto shown = found_in(page_of("docs/configuration.md"), std::regex("`(\\[+[a-z_.]+\\]+)`"));
  const auto read =
      found_in(page_of("config/cryobankd.toml"), std::regex("(?:^|\n)#? ?(\\[+[a-z_.]+\\]+)"));
  ASSERT_GT(read.size(), 20U);
  for (const std::string& section : read) EXPECT_TRUE(shown.contains(section)) << section;
}

TEST(ConfigurationPage, HasEveryRuleAndNoOther) {
  const std::string page = page_of("docs/configuration.md");
  const std::size_t begin = page.find("| about | rules |");
  ASSERT_NE(begin, std::string::npos);
  const std::string table = page.substr(begin, page.find("\n\n", begin) - begin);
  const auto shown = found_in(table, std::regex("`([a-z0-9-]+)`"));
  std::set<std::string> rules;
  for (const std::string_view rule : validation_rule_names()) rules.emplace(rule);
  EXPECT_EQ(shown, rules);
}

}  // namespace
}  // namespace cryobank::config
