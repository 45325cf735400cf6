// Small words for declaring subcommands: every chosen subcommand leaves its work in Globals::run.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "service/ctl/commands.hpp"

namespace cryobank::ctl {

// Options that several commands share; one object lives as long as the parser.
struct CommandOptions {
  std::string id;
  std::string second;
  std::string text;
  std::string reason;
  std::string witness;
  std::string file;
  std::string command_id;
  std::int64_t number = 0;
  bool flag = false;
  bool wait = false;
};

inline std::shared_ptr<CommandOptions> with_options(CLI::App* command) {
  auto options = std::make_shared<CommandOptions>();
  command->add_option("--reason", options->reason, "why, for the journal");
  command->add_option("--witness", options->witness,
                      "second person, who confirms under their login");
  return options;
}

// Of a command that is sent: also whether to wait for its end, and its id.
inline std::shared_ptr<CommandOptions> with_sent_options(CLI::App* command) {
  auto options = with_options(command);
  command->add_flag("--wait", options->wait, "wait past `accepted` to the end");
  command->add_option("--id", options->command_id, "to send the same command again");
  return options;
}

// The subcommand of that name, or nothing.
inline CLI::App* find_subcommand(CLI::App& app, const std::string& name) {
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

inline void on_chosen(CLI::App* command, Globals& globals, std::function<int()> work) {
  command->callback([&globals, work = std::move(work)] { globals.run = work; });
}

}  // namespace cryobank::ctl
