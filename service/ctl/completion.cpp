#include "service/ctl/completion.hpp"

#include <CLI/CLI.hpp>
#include <map>

#include "base/text.hpp"

namespace cryobank::ctl {
namespace {

struct Offered {
  std::string name;
  std::string says;
};
// By the words before: "course", "course release".
using Tree = std::map<std::string, std::vector<Offered>>;

void collect(const CLI::App& app, const std::string& path, Tree& tree) {
  std::vector<Offered>& here = tree[path];
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    here.push_back({command->get_name(), command->get_description()});
    collect(*command, path.empty() ? command->get_name() : cat(path, " ", command->get_name()),
            tree);
  }
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      here.push_back({cat("--", name), option->get_description()});
    }
  }
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

std::string bash_script(const Tree& tree) {
  std::string out =
      "# bash completion of cryobankctl: source it, or put it into\n"
      "# /usr/share/bash-completion/completions/cryobankctl\n"
      "_cryobankctl() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} path= next word i\n"
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    word=${COMP_WORDS[i]}\n"
      "    next=\"${path:+$path }$word\"\n"
      "    case \"$next\" in\n";
  for (const auto& [path, offered] : tree) {
    if (!path.empty()) out += cat("      '", path, "') path=$next ;;\n");
  }
  out += "    esac\n  done\n  local words=\n  case \"$path\" in\n";
  for (const auto& [path, offered] : tree) {
    out += cat("    '", path, "') words='");
    for (std::size_t i = 0; i < offered.size(); ++i) out += cat(i == 0 ? "" : " ", offered[i].name);
    out += "' ;;\n";
  }
  out +=
      "  esac\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
      "  ((${#COMPREPLY[@]} > 0)) || mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
      "}\n"
      "complete -o filenames -F _cryobankctl cryobankctl\n";
  return out;
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
  out += "    esac\n  done\n  local -a offered\n  case \"$path\" in\n";
  for (const auto& [path, offered] : tree) {
    out += cat("    '", path, "') offered=(");
    for (const Offered& one : offered) out += cat(" '", one.name, ":", plain(one.says), "'");
    out += " ) ;;\n";
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
      out += cat("complete -c cryobankctl -n '__cryobankctl_at \"", path, "\"' ",
                 option ? "-l " : "-f -a ", option ? one.name.substr(2) : one.name, " -d '",
                 plain(one.says), "'\n");
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
