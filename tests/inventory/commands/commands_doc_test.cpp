// docs/commands.md tells every command there is, with its roles, and no other.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "base/text.hpp"
#include "inventory/commands/signature.hpp"
#include "inventory/commands/verbs.hpp"

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

TEST(CommandsPage, TellsTheMeaningOfEverySignature) {
  std::ifstream file(std::string(CRYOBANK_SOURCE_DIR) + "/docs/commands.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  for (const SignedAct& act : signed_acts()) {
    ASSERT_NE(find_verb(act.verb), nullptr) << act.verb;
    EXPECT_TRUE(!act.witness_too || act.only_override || find_verb(act.verb)->needs_witness)
        << act.verb << " is signed by a witness whom it does not ask for";
    const std::size_t at = page.find(cat("## ", act.verb, "\n"));
    ASSERT_NE(at, std::string::npos) << act.verb;
    const std::string section = page.substr(at, page.find("\n## ", at + 1) - at);
    const std::string wanted =
        cat(act.only_override ? "Signature with an override" : "Signature", ": \"", act.meaning,
            "\"", act.witness_too ? ", and the witness's." : ".");
    EXPECT_NE(section.find(wanted), std::string::npos) << act.verb << ": expected " << wanted;
  }
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
