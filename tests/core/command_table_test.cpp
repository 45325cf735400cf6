// The table of commands against what decides them and against the pages that are made from it.
#include "service/wire/command_table.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "config/names.hpp"
#include "inventory/commands/schema/schemas.hpp"
#include "inventory/ledger/ledger.hpp"
#include "service/wire/command_page.hpp"

namespace cryobank::core {
namespace {

std::string read_page(const std::string& name) {
  std::ifstream file(std::string(CRYOBANK_SOURCE_DIR) + "/docs/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// What the page has between two marks, without them.
std::string between(const std::string& page, std::string_view from, std::string_view until) {
  const std::size_t begin = page.find(from);
  if (begin == std::string::npos) return "no " + std::string(from);
  const std::size_t start = page.find('\n', begin) + 1;
  const std::size_t end = until.empty() ? page.size() : page.find(until, start);
  return page.substr(start, end - start);
}

constexpr const char* kRedo = "; scripts/command-docs writes it anew";

TEST(CommandTable, IsSortedAndEveryEntryIsWhole) {
  std::string_view last;
  for (const CommandSchema& schema : command_table()) {
    EXPECT_LT(last, schema.verb);
    last = schema.verb;
    EXPECT_EQ(split(schema.verb, '/').size(), 2u) << schema.verb;
    EXPECT_FALSE(schema.roles.empty()) << schema.verb;
    const auto body = parse_json(schema.example);
    ASSERT_TRUE(body.ok()) << schema.verb;
    const Status fits = check_body(schema, *body);
    EXPECT_TRUE(fits.ok()) << (fits ? "" : fits.error().context);
    EXPECT_TRUE(!schema.signing.witness_too || schema.signing.only_override || schema.witness)
        << schema.verb << " is signed by a witness whom it does not ask for";
    EXPECT_EQ(find_command(schema.verb), &schema);
  }
  EXPECT_EQ(find_command("course/regster"), nullptr);
}

TEST(CommandTable, EveryKeyIsWithinItsEntry) {
  for (const CommandSchema& schema : command_table()) {
    for (const BodyKey& key : schema.body.keys) {
      EXPECT_EQ(find_key(schema.body, key.name), &key) << schema.verb << " has it twice";
      if (!key.with.empty()) {
        EXPECT_NE(find_key(schema.body, key.with), nullptr) << schema.verb << " " << key.with;
      }
      EXPECT_LE(key.low, key.high) << schema.verb << " " << key.name;
    }
    for (const Choice& choice : schema.body.choices) {
      for (const std::string_view name : choice.keys) {
        EXPECT_NE(find_key(schema.body, name), nullptr) << schema.verb << " " << name;
      }
    }
  }
}

TEST(CommandPage, CommandsIsMadeFromTheTable) {
  EXPECT_EQ(between(read_page("commands.md"), "<!-- made by", ""),
            "\n" + commands_page(command_table()))
      << kRedo;
}

TEST(CommandPage, RolesIsMadeFromTheTable) {
  std::vector<std::string_view> roles(config::kRoles.begin(), config::kRoles.end());
  roles.insert(roles.end(), {"schedule", "service"});
  EXPECT_EQ(between(read_page("roles.md"), "<!-- made by", ""),
            "\n" + roles_page(command_table(), roles))
      << kRedo;
}

TEST(CommandPage, AsyncApiHasTheBodyOfEveryCommand) {
  EXPECT_EQ(between(read_page("asyncapi.yaml"), "    # bodies: made by", "    # end of bodies"),
            bodies_yaml(command_table()))
      << kRedo;
}

TEST(CommandPage, JsonTellsEverythingThatADialogueNeeds) {
  const Json json = commands_json(command_table());
  EXPECT_EQ(json["schema"].string(), "commands/1.0");
  ASSERT_EQ(json["commands"].items().size(), command_table().size());
  for (const Json& command : json["commands"].items()) {
    if (command["verb"].string() != "aliquot/move") continue;
    EXPECT_TRUE(command["witness"].boolean());
    EXPECT_FALSE(command["dry_run"].boolean());
    const Json& first = command["body"]["keys"].items()[0];
    EXPECT_EQ(first["key"].string(), "aliquot");
    EXPECT_EQ(first["type"].string(), "id");
    EXPECT_EQ(command["body"]["choices"].items()[0]["keys"].items()[1].string(), "moves");
    return;
  }
  FAIL() << "no aliquot/move";
}

}  // namespace
}  // namespace cryobank::core
