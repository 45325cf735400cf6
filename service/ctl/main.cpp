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
#include "service/ctl/whole_line.hpp"

namespace {

using cryobank::ctl::Globals;

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

// The first word that the parser does not know, with the one that was probably meant; a word after
// a flag that takes none. Empty: it was something else.
std::string unknown_word(const CLI::App& app, int argc, char** argv) {
  const CLI::App* at = &app;
  std::string path = "cryobankctl";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool option = word.starts_with("--");
    const std::vector<std::string> names =
        option ? cryobank::ctl::options_of(app, *at) : cryobank::ctl::commands_of(*at);
    const std::string bare = word.substr(0, word.find('='));
    if (!option && names.empty()) continue;  // an argument of the last command
    if (std::find(names.begin(), names.end(), bare) != names.end()) {
      if (option && takes_next(app, *at, word)) ++i;
      if (!option) path += cryobank::cat(" ", word);
      if (!option) at = cryobank::ctl::command_named(*at, word);
      if (at == nullptr) return {};
      continue;
    }
    if (!option && word.starts_with('-')) continue;
    const std::vector<std::string_view> words(names.begin(), names.end());
    return cryobank::cat(option ? "there is no option \"" : "there is no command \"", bare,
                         "\" of ", path, cryobank::suggestion(bare, words), "; see ", path,
                         " --help");
  }
  return {};
}

// "--fit maybe": a flag is said or not, and takes no word.
std::string word_after_flag(const CLI::App& app, int argc, char** argv) {
  const CLI::App* at = &app;
  for (int i = 1; i + 1 < argc; ++i) {
    const std::string word = argv[i];
    if (!word.starts_with("--")) {
      const CLI::App* inner = cryobank::ctl::command_named(*at, word);
      if (inner != nullptr) at = inner;
      continue;
    }
    const CLI::Option* option = at->get_option_no_throw(word);
    if (option == nullptr) option = app.get_option_no_throw(word);
    const bool flag = option != nullptr && option->get_items_expected_max() == 0;
    if (flag && !std::string_view(argv[i + 1]).starts_with('-')) {
      return cryobank::cat(word, " is a flag: expected it alone, came \"", word, " ", argv[i + 1],
                           "\"");
    }
  }
  return {};
}

// Where the line ended in a group: its commands, which is what was missing.
std::string help_of_group(const CLI::App& app, int argc, char** argv) {
  const CLI::App* at = &app;
  for (int i = 1; i < argc; ++i) {
    if (const CLI::App* inner = cryobank::ctl::command_named(*at, argv[i])) at = inner;
  }
  return cryobank::ctl::commands_of(*at).empty() ? std::string() : at->help();
}

// What was wrong with the line: in a sentence of ours where there is one, else the parser's.
int tell_wrong_line(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_exit_code() == 0) {
    app.exit(error);  // help or version
    return cryobank::ctl::kDone;
  }
  std::string told = unknown_word(app, argc, argv);
  if (told.empty() && dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    told = word_after_flag(app, argc, argv);
  }
  if (told.empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    const std::string help = help_of_group(app, argc, argv);
    if (!help.empty()) cryobank::ctl::tell(help);
  }
  if (told.empty()) {
    app.exit(error);
  } else {
    cryobank::ctl::tell(cryobank::cat("cryobankctl: ", told));
  }
  return cryobank::ctl::kWrongUsage;
}

// "help", and "help course release": what people type before they know of --help.
void take_help(int& argc, char** argv) {
  static char kHelp[] = "--help";
  if (argc < 2 || std::string_view(argv[1]) != "help") return;
  std::rotate(argv + 1, argv + 2, argv + argc);
  argv[argc - 1] = kHelp;
}

}  // namespace

int main(int argc, char** argv) {
  take_help(argc, argv);
  CLI::App app("cryobankctl: the command line of the cryobank service");
  app.set_version_flag("--version", CRYOBANK_VERSION);
  Globals globals;
  cryobank::ctl::build_line(app, globals);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return tell_wrong_line(app, error, argc, argv);
  }
  if (const int code = settle_secrets(globals); code != cryobank::ctl::kDone) return code;
  if (needs_login(app)) {
    if (const int code = settle_login(app, globals); code != cryobank::ctl::kDone) return code;
  }
  return globals.run();
}
