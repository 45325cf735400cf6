// docs/commands.md tells every command there is, with its roles, and no other.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "inventory/verbs.hpp"
#include "service/base/text.hpp"

namespace cryobank::inventory {
namespace {

TEST(CommandsPage, HasASectionWithTheRolesOfEveryVerb) {
  std::ifstream file(std::string(CRYOBANK_SOURCE_DIR) + "/docs/commands.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  ASSERT_FALSE(page.empty());
  for (const VerbRule& rule : verbs()) {
    const std::size_t at = page.find(cat("## ", rule.verb, "\n"));
    ASSERT_NE(at, std::string::npos) << rule.verb << " is not described";
    std::string roles = "Roles: ";
    for (const std::string_view role : rule.roles) {
      if (roles.size() > 7) roles += ", ";
      roles += role;
    }
    roles += rule.needs_witness ? ". **Witness.**" : ".";
    const std::string line = page.substr(page.find('\n', at) + 1);
    EXPECT_EQ(line.substr(0, roles.size()), roles) << rule.verb;
  }
  std::size_t sections = 0;
  for (std::size_t at = page.find("\n## "); at != std::string::npos;
       at = page.find("\n## ", at + 1)) {
    ++sections;
  }
  EXPECT_EQ(sections, verbs().size());
}

TEST(Verbs, AreSortedAndTheAdministratorHasNoSayOverProducts) {
  std::set<std::string_view> seen;
  std::string_view last;
  for (const VerbRule& rule : verbs()) {
    EXPECT_LT(last, rule.verb);
    last = rule.verb;
    EXPECT_FALSE(rule.roles.empty()) << rule.verb;
    for (const std::string_view role : rule.roles) {
      EXPECT_NE(role, "administrator") << rule.verb;
    }
  }
}

}  // namespace
}  // namespace cryobank::inventory
