#include "service/ctl/whole_line.hpp"

#include "base/ids.hpp"
#include "base/text.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/completion.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

void add_globals(CLI::App& app, Globals& globals) {
  app.add_option("--login", globals.login, "which kept login to speak as (see `login`)")
      ->envname("CRYOBANK_LOGIN");
  app.add_option("--host", globals.access.host, "broker")->envname("CRYOBANK_HOST");
  app.add_option("--port", globals.access.port, "broker's port")
      ->envname("CRYOBANK_PORT")
      ->check(CLI::Range(1, 65535));
  app.add_option("--site", globals.access.site, "site")->envname("CRYOBANK_SITE");
  app.add_option("--user", globals.access.user, "login")->envname("CRYOBANK_USER");
  app.add_option("--password-file", globals.password_file,
                 "file with the password; else CRYOBANK_PASSWORD")
      ->envname("CRYOBANK_PASSWORD_FILE");
  app.add_option("--ca", globals.access.ca_file, "CA file: connect by TLS")->envname("CRYOBANK_CA");
  app.add_option("--timeout", globals.wait_s, "seconds to wait for a reply")
      ->check(CLI::Range(1, 3600));
  app.add_option("--terminal", globals.access.terminal,
                 "name of this terminal; a signing session belongs to one")
      ->envname("CRYOBANK_TERMINAL")
      ->check([](const std::string& name) {
        return is_id_text(name) ? std::string() : "expected an id such as bench-2";
      });
  auto* both = app.add_flag("--sign", globals.sign,
                            "sign the command with user and secret, after showing what is signed; "
                            "the secret is in CRYOBANK_SIGNING_SECRET or --signing-secret-file");
  app.add_flag("--sign-again", globals.sign_again,
               "sign once more in the session that --sign began at this --terminal: with the "
               "secret alone")
      ->excludes(both);
  app.add_option("--signing-secret-file", globals.signing_secret_file, "file with the secret");
  app.add_flag("--json", globals.json, "JSON instead of tables");
}

void add_completion(CLI::App& app, Globals& globals) {
  auto* command = app.add_subcommand("completion", "a completion script for bash, zsh or fish");
  auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash, zsh or fish")->required();
  command->callback([&app, &globals, shell] {
    globals.run = [&app, shell] {
      const auto script = completion_script(app, *shell);
      if (!script) return refuse(script.error());
      print_text(*script);
      return kDone;
    };
  });
}

// A command's own option wins over the one of the same name before it; its help says how the other
// is given.
void tell_same_names(CLI::App& app) {
  each_command(app, [&app](CLI::App& command) {
    for (CLI::Option* option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) {
        if (name == "help" || app.get_option_no_throw(cat("--", name)) == nullptr) continue;
        option->description(
            cat(option->get_description(), option->get_description().empty() ? "" : "; ",
                "of this command: the one of every command stands before it, cryobankctl --", name,
                " ... ", command.get_parent()->get_name(), " ", command.get_name()));
      }
    }
  });
}

}  // namespace

void each_command(CLI::App& app, const std::function<void(CLI::App& command)>& see) {
  const auto inner = app.get_subcommands([](CLI::App*) { return true; });
  if (inner.empty() && app.get_parent() != nullptr) return see(app);
  for (CLI::App* one : inner) each_command(*one, see);
}

void build_line(CLI::App& app, Globals& globals) {
  app.require_subcommand(1);
  app.fallthrough();
  globals.access.site = "demo";
  add_globals(app, globals);
  add_status(app, globals);
  add_device(app, globals);
  add_alarm(app, globals);
  add_course(app, globals);
  add_inventory(app, globals);
  add_job(app, globals);
  add_plan(app, globals);
  add_event(app, globals);
  add_send(app, globals);
  add_config(app, globals);
  add_user(app, globals);
  add_broker(app, globals);
  add_login(app, globals);
  add_top(app, globals);
  add_lists(app, globals);
  add_confirm(app, globals);
  add_journal(app, globals);
  add_store(app, globals);
  add_signature(app, globals);
  add_feed(app, globals);
  add_ids(app, globals);
  add_commands(app, globals);
  add_verbs(app, globals);
  add_completion(app, globals);
  app.set_help_all_flag("--help-all", "the help of every command");
  tell_same_names(app);
}

}  // namespace cryobank::ctl
