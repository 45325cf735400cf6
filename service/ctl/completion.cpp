#include "service/ctl/completion.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <utility>

#include "base/command_schema.hpp"
#include "base/text.hpp"
#include "service/wire/command_table.hpp"

namespace cryobank::ctl {
namespace {

struct Offered {
  std::string name;  // "" for what a command takes without a flag
  std::string says;
  std::string words;  // that it takes; empty: no closed list
  std::string ids;    // the kind of `cryobankctl ids` that it takes; empty: none
};
// By the words before: "course", "course release".
using Tree = std::map<std::string, std::vector<Offered>>;

// What an option names, by its own name: "--witness" is a user.
constexpr std::pair<std::string_view, std::string_view> kIdsOf[] = {
    {"alarm", "alarm"},         {"calendar", "calendar"}, {"clinic", "clinic"},
    {"container", "container"}, {"course", "course"},     {"device", "device"},
    {"group", "freezer"},       {"job", "job"},           {"parent", "container"},
    {"place", "container"},     {"protocol", "protocol"}, {"rack", "container"},
    {"robot", "robot"},         {"user", "user"},         {"witness", "user"}};

std::string ids_of(std::string_view name) {
  for (const auto& [option, kind] : kIdsOf) {
    if (option == name) return std::string(kind);
  }
  return {};
}

template <typename Words>
std::string words_of(const Words& words) {
  std::string out;
  for (const std::string_view word : words) out += cat(out.empty() ? "" : " ", word);
  return out;
}

// The words of a key of the command that `path` is, "alarm acknowledge" and --reason.
std::string words_of_key(std::string_view path, std::string name) {
  std::string verb(path);
  std::ranges::replace(verb, ' ', '/');
  std::ranges::replace(name, '-', '_');
  const CommandSchema* schema = core::find_command(verb);
  const BodyKey* key = schema == nullptr ? nullptr : find_key(schema->body, name);
  if (key == nullptr) return {};
  if (!key->words.empty()) return words_of(key->words);
  return key->item == nullptr ? std::string() : words_of(key->item->words);
}

Offered offered(const CLI::Option& option, const std::string& path, std::string name, bool flag) {
  Offered one{flag ? cat("--", name) : "", option.get_description(), words_of_key(path, name), {}};
  const std::string noun = path.substr(0, path.find(' '));
  if (one.words.empty() && option.get_items_expected_max() > 0) {
    one.ids = ids_of(!flag && name == "id" ? (noun == "inventory" ? "container" : noun) : name);
  }
  if (path == "completion") one.words = words_of(kShells);
  if (path == "ids") one.words = words_of(kIdKinds);
  return one;
}

void collect(const CLI::App& app, const std::string& path, Tree& tree) {
  std::vector<Offered>& here = tree[path];
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    here.push_back({command->get_name(), command->get_description(), {}, {}});
    collect(*command, path.empty() ? command->get_name() : cat(path, " ", command->get_name()),
            tree);
  }
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      here.push_back(offered(*option, path, name, true));
    }
    if (option->get_positional()) {
      here.push_back(offered(*option, path, option->get_name(true, false), false));
    }
  }
}

// What a shell runs for the ids of one kind: with a kept login, and never for long.
std::string ask_ids(std::string_view kind) {
  return cat("timeout 3 cryobankctl ids ", kind, " 2>/dev/null </dev/null");
}

// One line, and nothing that a shell would read as its own.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') break;
    const bool own = c == '\'' || c == '"' || c == '`' || c == '$' || c == '\\' || c == '[' ||
                     c == ']' || c == ':' || c == '!';
    out += own ? ' ' : c;
  }
  return out;
}

// The values of one option or argument in bash.
std::string bash_values(const Offered& one) {
  if (!one.words.empty()) return cat("'", one.words, "'");
  return cat("$(", ask_ids(one.ids), ")");
}

std::string bash_script(const Tree& tree) {
  std::string out =
      "# bash completion of cryobankctl: source it, or put it into\n"
      "# /usr/share/bash-completion/completions/cryobankctl\n"
      "_cryobankctl() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} path= next "
      "word i\n"
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    word=${COMP_WORDS[i]}\n"
      "    next=\"${path:+$path }$word\"\n"
      "    case \"$next\" in\n";
  for (const auto& [path, offered] : tree) {
    if (!path.empty()) out += cat("      '", path, "') path=$next ;;\n");
  }
  out += "    esac\n  done\n  local words=\n  case \"$path $before\" in\n";
  for (const auto& [path, offered] : tree) {
    for (const Offered& one : offered) {
      if (one.name.empty() || (one.words.empty() && one.ids.empty())) continue;
      out += cat("    '", path, " ", one.name, "') words=", bash_values(one), " ;;\n");
    }
  }
  out += "  esac\n  [[ -n $words ]] || case \"$path\" in\n";
  for (const auto& [path, offered] : tree) {
    out += cat("    '", path, "') words='");
    std::string argument;
    bool first = true;
    for (const Offered& one : offered) {
      if (!one.name.empty()) out += cat(std::exchange(first, false) ? "" : " ", one.name);
      if (one.name.empty() && !(one.words.empty() && one.ids.empty())) argument = bash_values(one);
    }
    out += "'";
    if (!argument.empty()) out += cat("; [[ $current == -* ]] || words+=' '", argument);
    out += " ;;\n";
  }
  out +=
      "  esac\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
      "  ((${#COMPREPLY[@]} > 0)) || mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
      "}\n"
      "complete -o filenames -F _cryobankctl cryobankctl\n";
  return out;
}

std::string zsh_values(const Offered& one) {
  return one.words.empty() ? cat("${(f)\"$(", ask_ids(one.ids), ")\"}") : one.words;
}

std::string zsh_script(const Tree& tree) {
  std::string out =
      "#compdef cryobankctl\n"
      "# zsh completion of cryobankctl: a file _cryobankctl in a folder of $fpath\n"
      "_cryobankctl() {\n"
      "  local path='' next='' i\n"
      "  for ((i = 2; i < CURRENT; ++i)); do\n"
      "    next=\"${path:+$path }${words[i]}\"\n"
      "    case \"$next\" in\n";
  for (const auto& [path, offered] : tree) {
    if (!path.empty()) out += cat("      '", path, "') path=$next ;;\n");
  }
  out +=
      "    esac\n  done\n  local -a offered values\n"
      "  case \"$path ${words[CURRENT-1]}\" in\n";
  for (const auto& [path, offered] : tree) {
    for (const Offered& one : offered) {
      if (one.name.empty() || (one.words.empty() && one.ids.empty())) continue;
      out += cat("    '", path, " ", one.name, "') values=(", zsh_values(one), ") ;;\n");
    }
  }
  out +=
      "  esac\n"
      "  if ((${#values} > 0)); then compadd -a values; return; fi\n"
      "  case \"$path\" in\n";
  for (const auto& [path, offered] : tree) {
    out += cat("    '", path, "') offered=(");
    std::string argument;
    for (const Offered& one : offered) {
      if (!one.name.empty()) out += cat(" '", one.name, ":", plain(one.says), "'");
      if (one.name.empty() && !(one.words.empty() && one.ids.empty())) argument = zsh_values(one);
    }
    out += " )";
    if (!argument.empty()) out += cat("; values=(", argument, "); compadd -a values");
    out += " ;;\n";
  }
  out +=
      "  esac\n"
      "  _describe 'cryobankctl' offered || _files\n"
      "}\n"
      "_cryobankctl \"$@\"\n";
  return out;
}

std::string fish_script(const Tree& tree) {
  std::string out =
      "# fish completion of cryobankctl: ~/.config/fish/completions/cryobankctl.fish\n"
      "function __cryobankctl_at\n"
      "    set -l path ''\n"
      "    for word in (commandline -opc)[2..-1]\n"
      "        set -l next (string trim -- \"$path $word\")\n"
      "        switch \"$next\"\n";
  for (const auto& [path, offered] : tree) {
    if (!path.empty())
      out += cat("            case '", path, "'\n                set path $next\n");
  }
  out +=
      "        end\n"
      "    end\n"
      "    test \"$path\" = \"$argv[1]\"\n"
      "end\n";
  for (const auto& [path, offered] : tree) {
    for (const Offered& one : offered) {
      const bool option = one.name.starts_with("--");
      const bool known = !one.words.empty() || !one.ids.empty();
      if (one.name.empty() && !known) continue;
      const std::string values = one.words.empty() ? cat("(", ask_ids(one.ids), ")") : one.words;
      out += cat("complete -c cryobankctl -n '__cryobankctl_at \"", path, "\"' ");
      if (option) out += cat("-l ", one.name.substr(2), known ? cat(" -x -a '", values, "'") : "");
      if (!option) out += cat("-f -a '", one.name.empty() ? values : one.name, "'");
      out += cat(" -d '", plain(one.says), "'\n");
    }
  }
  return out;
}

}  // namespace

Result<std::string> completion_script(const CLI::App& app, std::string_view shell) {
  Tree tree;
  collect(app, "", tree);
  if (shell == "bash") return bash_script(tree);
  if (shell == "zsh") return zsh_script(tree);
  if (shell == "fish") return fish_script(tree);
  return make_error(ErrorCode::invalid_value,
                    cat("expected bash, zsh or fish, came \"", clip(shell, 40), "\""));
}

std::vector<std::string> commands_of(const CLI::App& group) {
  std::vector<std::string> names;
  for (const CLI::App* command : group.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

std::vector<std::string> options_of(const CLI::App& app, const CLI::App& group) {
  std::vector<std::string> names;
  for (const CLI::App* owner : {&app, &group}) {
    for (const CLI::Option* option : owner->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

const CLI::App* command_named(const CLI::App& group, const std::string& name) {
  for (const CLI::App* command : group.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

}  // namespace cryobank::ctl
