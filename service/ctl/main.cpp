// cryobankctl: the command line for staff and administrators.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>

#include "base/ids.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "service/ctl/commands.hpp"
#include "service/ctl/completion.hpp"
#include "service/ctl/login_io.hpp"
#include "service/ctl/print_io.hpp"

namespace {

using cryobank::ctl::Globals;

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
  app.add_option("--wait", globals.wait_s, "seconds to wait for a reply")
      ->check(CLI::Range(1, 3600));
  app.add_option("--terminal", globals.access.terminal,
                 "name of this terminal; a signing session belongs to one")
      ->envname("CRYOBANK_TERMINAL")
      ->check([](const std::string& name) {
        return cryobank::is_id_text(name) ? std::string() : "expected an id such as bench-2";
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

// These talk to no broker, or make the login themselves.
bool needs_login(const CLI::App& app) {
  static constexpr std::string_view kLocal[] = {
      "broker", "commands", "completion", "config", "login", "logout", "profile", "store", "user"};
  const std::string chosen = app.get_subcommands().front()->get_name();
  return std::find(std::begin(kLocal), std::end(kLocal), chosen) == std::end(kLocal);
}

// What neither the line nor the environment says comes from the kept login; its password goes to
// its own user and broker only.
int settle_login(const CLI::App& app, Globals& globals) {
  const auto kept = cryobank::ctl::load_login(globals.login);
  if (!kept) return cryobank::ctl::refuse(kept.error());
  if (!kept->has_value()) {
    if (app.count("--login") == 0 && std::getenv("CRYOBANK_LOGIN") == nullptr) {
      return cryobank::ctl::kDone;
    }
    return cryobank::ctl::refuse(cryobank::make_error(
        cryobank::ErrorCode::not_found,
        cryobank::cat("no login \"", globals.login, "\" is kept; cryobankctl login keeps one")));
  }
  const cryobank::ctl::KeptLogin& login = **kept;
  const auto said = [&app](const char* option) { return app.get_option(option)->count() > 0; };
  auto& access = globals.access;
  if (!said("--host")) access.host = login.host;
  if (!said("--port")) access.port = login.port;
  if (!said("--site")) access.site = login.site;
  if (!said("--user")) access.user = login.user;
  if (!said("--ca")) access.ca_file = login.ca_file;
  const bool same =
      access.host == login.host && access.port == login.port && access.user == login.user;
  if (same && access.password.empty()) access.password = login.password;
  return cryobank::ctl::kDone;
}

int settle_secrets(Globals& globals) {
  if (const char* password = std::getenv("CRYOBANK_PASSWORD")) globals.access.password = password;
  if (const char* secret = std::getenv("CRYOBANK_SIGNING_SECRET")) globals.signing_secret = secret;
  if (!globals.signing_secret_file.empty()) {
    const auto secret = cryobank::ctl::read_file(globals.signing_secret_file, 4096);
    if (!secret) return cryobank::ctl::refuse(secret.error());
    globals.signing_secret = std::string(cryobank::trim(*secret));
  }
  if (globals.password_file.empty()) return cryobank::ctl::kDone;
  const auto text = cryobank::ctl::read_file(globals.password_file, 4096);
  if (!text) return cryobank::ctl::refuse(text.error());
  globals.access.password = std::string(cryobank::trim(*text));
  return cryobank::ctl::kDone;
}

// Whether an option of that name stands before its value: "--user nora", and not "--user=nora".
bool takes_next(const CLI::App& app, const CLI::App& at, const std::string& word) {
  const CLI::Option* option = at.get_option_no_throw(word);
  if (option == nullptr) option = app.get_option_no_throw(word);
  return option != nullptr && option->get_items_expected_max() > 0;
}

// The first word that the parser does not know, with the one that was probably meant.
void suggest(const CLI::App& app, int argc, char** argv) {
  const CLI::App* at = &app;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool option = word.starts_with("--");
    std::vector<std::string> names =
        option ? cryobank::ctl::options_of(app, *at) : cryobank::ctl::commands_of(*at);
    const std::string bare = word.substr(0, word.find('='));
    if (names.empty() || std::find(names.begin(), names.end(), bare) != names.end()) {
      if (option && takes_next(app, *at, word)) ++i;
      if (!option) at = cryobank::ctl::command_named(*at, word);
      if (at == nullptr) return;
      continue;
    }
    if (!option && word.starts_with('-')) continue;
    const std::vector<std::string_view> words(names.begin(), names.end());
    const std::string meant = cryobank::suggestion(bare, words);
    if (!meant.empty()) {
      cryobank::ctl::tell(cryobank::cat("\"", bare, "\"", meant));
    } else if (!option) {
      cryobank::ctl::tell(cryobank::cat("there is no command \"", bare, "\" here"));
    }
    if (!option) return;
  }
}

void add_completion(CLI::App& app, Globals& globals) {
  auto* command = app.add_subcommand("completion", "a completion script for bash, zsh or fish");
  auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash, zsh or fish")->required();
  command->callback([&app, &globals, shell] {
    globals.run = [&app, shell] {
      const auto script = cryobank::ctl::completion_script(app, *shell);
      if (!script) return cryobank::ctl::refuse(script.error());
      cryobank::ctl::print_text(*script);
      return cryobank::ctl::kDone;
    };
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("cryobankctl: the command line of the cryobank service");
  app.set_version_flag("--version", CRYOBANK_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  Globals globals;
  globals.access.site = "demo";
  add_globals(app, globals);
  cryobank::ctl::add_status(app, globals);
  cryobank::ctl::add_device(app, globals);
  cryobank::ctl::add_alarm(app, globals);
  cryobank::ctl::add_course(app, globals);
  cryobank::ctl::add_inventory(app, globals);
  cryobank::ctl::add_job(app, globals);
  cryobank::ctl::add_plan(app, globals);
  cryobank::ctl::add_event(app, globals);
  cryobank::ctl::add_send(app, globals);
  cryobank::ctl::add_config(app, globals);
  cryobank::ctl::add_user(app, globals);
  cryobank::ctl::add_broker(app, globals);
  cryobank::ctl::add_login(app, globals);
  cryobank::ctl::add_top(app, globals);
  cryobank::ctl::add_lists(app, globals);
  cryobank::ctl::add_confirm(app, globals);
  cryobank::ctl::add_journal(app, globals);
  cryobank::ctl::add_store(app, globals);
  cryobank::ctl::add_signature(app, globals);
  cryobank::ctl::add_commands(app, globals);
  cryobank::ctl::add_verbs(app, globals);
  add_completion(app, globals);
  app.set_help_all_flag("--help-all", "the help of every command");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    if (code == 0) return cryobank::ctl::kDone;
    suggest(app, argc, argv);
    return cryobank::ctl::kWrongUsage;
  }
  if (const int code = settle_secrets(globals); code != cryobank::ctl::kDone) return code;
  if (needs_login(app)) {
    if (const int code = settle_login(app, globals); code != cryobank::ctl::kDone) return code;
  }
  return globals.run();
}
