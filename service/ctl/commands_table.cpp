// commands: every command there is, as the daemon of this version reads it; asks no daemon.
#include <algorithm>
#include <array>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "config/names.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/print_io.hpp"
#include "service/wire/command_page.hpp"
#include "service/wire/command_table.hpp"

namespace cryobank::ctl {
namespace {

std::string key_names(const Shape& shape) {
  std::string out;
  for (const BodyKey& key : shape.keys) {
    out += cat(out.empty() ? "" : " ", key.name, key.required && key.with.empty() ? "" : "?");
  }
  return out;
}

int list_commands() {
  Table table{{"command", "second person", "dry run", "signed", "body"}, {}};
  for (const CommandSchema& schema : core::command_table()) {
    table.rows.push_back({std::string(schema.verb), schema.witness ? "yes" : "",
                          has_dry_run(schema) ? "yes" : "",
                          schema.signing.meaning.empty() ? "" : "yes", key_names(schema.body)});
  }
  print_table(table);
  return kDone;
}

int show_one(const Globals& globals, const std::string& verb) {
  const CommandSchema* schema = core::find_command(verb);
  if (schema == nullptr) {
    std::vector<std::string_view> verbs;
    for (const CommandSchema& known : core::command_table()) verbs.push_back(known.verb);
    return refuse(make_error(ErrorCode::unknown_key, cat("no command is called ", clip(verb, 80),
                                                         suggestion(verb, verbs))));
  }
  if (globals.json) {
    print_json(core::commands_json({schema, 1})["commands"].items()[0]);
  } else {
    print_line(trim(core::command_section(*schema)));
  }
  return kDone;
}

std::vector<std::string_view> every_role() {
  std::vector<std::string_view> roles(config::kRoles.begin(), config::kRoles.end());
  roles.insert(roles.end(), {"schedule", "service"});
  return roles;
}

int print_pages(const std::string& page) {
  const auto table = core::command_table();
  if (page == "commands") {
    print_line(trim(core::commands_page(table)));
  } else if (page == "roles") {
    print_line(trim(core::roles_page(table, every_role())));
  } else {
    print_line(cat("    ", trim(core::bodies_yaml(table))));
  }
  return kDone;
}

}  // namespace

void add_commands(CLI::App& app, Globals& globals) {
  auto* commands = app.add_subcommand(
      "commands", "every command with its keys, roles and signatures; asks no daemon");
  auto options = std::make_shared<CommandOptions>();
  auto* verb = commands->add_option("verb", options->id, "one of them, as course/release");
  commands->add_option("--page", options->text, "a part of docs/: commands, roles or asyncapi")
      ->check(CLI::IsMember({"commands", "roles", "asyncapi"}))
      ->excludes(verb);
  on_chosen(commands, globals, [&globals, options] {
    if (!options->text.empty()) return print_pages(options->text);
    if (!options->id.empty()) return show_one(globals, options->id);
    if (!globals.json) return list_commands();
    print_json(core::commands_json(core::command_table()));
    return kDone;
  });
}

}  // namespace cryobank::ctl
