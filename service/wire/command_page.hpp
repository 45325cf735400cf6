// Command page: the command table as others read it: as JSON for programs (dashboard, completion),
// as JSON Schema for docs/asyncapi.yaml, as pages for people (docs/commands.md, docs/roles.md).
// `cryobankctl commands` prints them; tests hold the files in docs/ against them. Pure.
//   {"schema":"commands/1.0","commands":[{"verb","says","roles":[..],"witness","changes","dry_run",
//     "expect_revision":"course"|null,"signature":{"meaning","witness_too","only_override"}|null,
//     "body":{"keys":[KEY..],"choices":[{"keys":[..],"needed"}]},"example":{..}}]}
//   KEY {"key","type","needed","null","with"|null,"says"?,"low"?,"high"?,"words"?,"item"?:KEY,
//        "object"?:{"keys","choices"},"other"?:KEY}
#pragma once

#include <span>
#include <string>

#include "base/command_schema.hpp"

namespace cryobank::core {

Json commands_json(std::span<const CommandSchema> table);
// JSON Schema (draft 2020-12) of a body.
Json json_schema(const Shape& shape);
// The members of components/schemas that docs/asyncapi.yaml has for bodies: one line a command,
// named Body.noun.verb.
std::string bodies_yaml(std::span<const CommandSchema> table);
// The sections of docs/commands.md.
std::string commands_page(std::span<const CommandSchema> table);
// One section: what `cryobankctl commands VERB` shows.
std::string command_section(const CommandSchema& schema);
// The table of docs/roles.md, for these roles.
std::string roles_page(std::span<const CommandSchema> table,
                       std::span<const std::string_view> roles);

}  // namespace cryobank::core
