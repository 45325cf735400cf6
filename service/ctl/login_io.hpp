// A kept login: which broker, site and user `cryobankctl` speaks as when the line and the
// environment do not say. One JSON file a name, $XDG_CONFIG_HOME/cryobank/logins/NAME.json
// (~/.config when unset; XDG Base Directory Specification 0.8), mode 0600 in a folder of mode 0700:
// a file that others may read is refused, since it holds a password.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "service/ctl/session_io.hpp"

namespace cryobank::ctl {

inline constexpr std::string_view kDefaultLogin = "default";

struct KeptLogin {
  std::string host = "127.0.0.1";
  int port = 1883;
  std::string site;
  std::string user;
  std::string password;
  std::string ca_file;
};

// The folder of the kept logins. Error: neither XDG_CONFIG_HOME nor HOME is an absolute path.
Result<std::string> login_folder();
Result<std::string> login_path(std::string_view name);

// Empty when there is none of that name.
Result<std::optional<KeptLogin>> load_login(std::string_view name);
Status save_login(std::string_view name, const KeptLogin& login);
// False when there was none.
Result<bool> forget_login(std::string_view name);
std::vector<std::string> login_names();

// Reads one line from the terminal without showing it; from a pipe as it is.
Result<std::string> ask_secret(std::string_view prompt);
// The same for a new one, which a person types twice. `what`: "secrets". Errors: mismatch too.
Result<std::string> ask_new_secret(std::string_view prompt, std::string_view what);

}  // namespace cryobank::ctl
