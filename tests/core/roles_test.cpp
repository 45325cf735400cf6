// docs/roles.md and the code say the same of every command and every role.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <string>

#include "base/text.hpp"
#include "config/names.hpp"
#include "inventory/commands/schema/schemas.hpp"
#include "service/wire/authoriser.hpp"
#include "service/wire/command_table.hpp"

namespace cryobank::core {
namespace {

struct Line {
  bool two_people = false;
  std::set<std::string> roles;
};

// The table of the page, by command.
std::map<std::string, Line> read_page() {
  std::ifstream file(std::string(CRYOBANK_SOURCE_DIR) + "/docs/roles.md");
  std::map<std::string, Line> lines;
  std::vector<std::string> heads;
  for (std::string text; std::getline(file, text);) {
    if (!text.starts_with("| ")) continue;
    std::vector<std::string> cells;
    for (const std::string_view cell : split(text, '|')) cells.emplace_back(trim(cell));
    if (cells[1] == "command") {
      heads = cells;
      continue;
    }
    Line line;
    line.two_people = cells[2] == "W";
    for (std::size_t i = 3; i < cells.size() && i < heads.size(); ++i) {
      if (cells[i] == "y") line.roles.insert(heads[i]);
    }
    lines[cells[1].substr(1, cells[1].size() - 2)] = line;
  }
  return lines;
}

std::vector<std::string> every_verb() {
  std::vector<std::string> verbs;
  for (const CommandSchema& schema : command_table()) verbs.emplace_back(schema.verb);
  return verbs;
}

TEST(Roles, ThePageHasEveryCommandAndNoOther) {
  const auto page = read_page();
  const auto verbs = every_verb();
  for (const std::string& verb : verbs) EXPECT_TRUE(page.contains(verb)) << verb;
  EXPECT_EQ(page.size(), verbs.size());
}

TEST(Roles, EveryCommandIsAllowedToExactlyTheRolesOfThePage) {
  std::vector<std::string> roles(config::kRoles.begin(), config::kRoles.end());
  roles.emplace_back("schedule");
  roles.emplace_back("service");
  for (const auto& [verb, line] : read_page()) {
    const CommandSchema* rule = find_command(verb);
    if (rule == nullptr) continue;
    EXPECT_EQ(rule->witness, line.two_people) << verb;
    for (const std::string& role : roles) {
      Actor actor;
      actor.user = UserId("somebody");
      actor.roles = {role};
      EXPECT_EQ(authorise(verb, actor).ok(), line.roles.contains(role)) << role << " " << verb;
    }
    EXPECT_FALSE(authorise(verb, Actor{UserId("nobody"), {}, {}, {}}).ok()) << verb;
  }
}

Actor with_roles(std::vector<std::string> roles) {
  Actor actor;
  actor.user = UserId("somebody");
  actor.roles = std::move(roles);
  return actor;
}

// Whatever the page says: who keeps the machines and the logins decides nothing about products.
TEST(Roles, TheAdministratorReleasesNothingAndHasNoSayOverAnyProduct) {
  const Actor administrator = with_roles({"viewer", "administrator"});
  EXPECT_FALSE(authorise("course/release", administrator).ok());
  EXPECT_FALSE(authorise("course/plan", administrator).ok());
  EXPECT_FALSE(may_witness(config::SiteConfig(), UserId("a"), UserId("a")).ok());
  const Actor alone = with_roles({"administrator"});
  for (const CommandSchema& rule : inventory::schemas()) {
    EXPECT_FALSE(authorise(rule.verb, alone).ok()) << rule.verb;
  }
}

// Who handles the vials does not judge them, and who judges them does not handle them.
TEST(Roles, HandsAndJudgementAreKeptApart) {
  constexpr std::string_view kJudgement[] = {
      "course/release", "quality/exception", "exposure/waive",  "disposal/confirm",
      "stability/set",  "retention/review",  "exposure/budget", "quality/result"};
  constexpr std::string_view kHandling[] = {"aliquot/move",  "aliquot/store", "dose/issue",
                                            "dose/infuse",   "shipment/pack", "disposal/request",
                                            "dose/refreeze", "operation/undo"};
  for (const std::string_view verb : kJudgement) {
    for (const char* hands : {"operator", "witness", "supervisor", "viewer"}) {
      EXPECT_FALSE(authorise(verb, with_roles({hands})).ok()) << hands << " " << verb;
    }
  }
  for (const std::string_view verb : kHandling) {
    for (const char* judge : {"qc", "quality", "physician", "viewer", "witness"}) {
      EXPECT_FALSE(authorise(verb, with_roles({judge})).ok()) << judge << " " << verb;
    }
  }
}

TEST(Roles, NoVerbIsWithoutARoleAndNoRoleIsUnknown) {
  std::set<std::string_view> known{"schedule", "service"};
  known.insert(config::kRoles.begin(), config::kRoles.end());
  for (const std::string& verb : every_verb()) {
    const CommandSchema* rule = find_command(verb);
    ASSERT_NE(rule, nullptr) << verb;
    EXPECT_FALSE(rule->roles.empty()) << verb << " may be given by nobody";
    for (const std::string_view role : rule->roles) {
      EXPECT_TRUE(known.contains(role)) << verb << " names the role " << role;
    }
  }
}

}  // namespace
}  // namespace cryobank::core
