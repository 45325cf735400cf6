// The start that the service's programs have in common: their options, what they do with signals,
// and whose their files are. Header only, so that no room needs the library of options.
#pragma once

#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <functional>
#include <string>

namespace cryobank::service {

struct ProgramWords {
  const char* about;
  const char* version;
  const char* config;  // which file --config is
};

// `run` gets the file of --config, and whether it is only checked. Exit code 2: wrong usage.
inline int run_program(int argc, char** argv, const ProgramWords& words,
                       const std::function<int(const std::string& config, bool check)>& run) {
  CLI::App app(words.about);
  app.set_version_flag("--version", words.version);
  std::string config;
  bool check = false;
  app.add_option("--config", config, words.config)->required();
  app.add_flag("--check-config", check, "print every fault with file and line, and stop");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  // A peer that is gone is an error of the write, not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  // Whatever is written is the service's own: the record names patients' courses, a queue has
  // codes that take alarms.
  umask(0077);
  return run(config, check);
}

}  // namespace cryobank::service
