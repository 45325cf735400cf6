#include "service/ctl/login_io.hpp"

#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

namespace fs = std::filesystem;

constexpr int kOwnerOnly = 0600;
constexpr fs::perms kFolderMode = fs::perms::owner_all;
constexpr std::size_t kLoginSizeMax = 16 * 1024;
constexpr std::string_view kLoginSchema = "login/1.0";

std::string absolute_of(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value == '/' ? std::string(value) : std::string();
}

// Nothing typed is shown while one lives, if a person types.
class QuietTerminal {
 public:
  QuietTerminal() : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~QuietTerminal() {
    if (!is_terminal_) return;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    tell("");
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

  bool is_terminal() const { return is_terminal_; }

 private:
  termios before_{};
  bool is_terminal_;
};

// Others must not read a password that we then send in their sight.
Status check_private(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    return make_error(ErrorCode::io, cat("cannot look at ", path, ": ", std::strerror(errno)));
  }
  if (found.st_uid != ::geteuid()) {
    return make_error(ErrorCode::not_authorised,
                      cat("expected ", path, " to belong to you, it belongs to another user"));
  }
  if ((found.st_mode & 077) == 0) return {};
  return make_error(ErrorCode::not_authorised,
                    cat("expected ", path, " to be readable by you alone: chmod 600 ", path));
}

Result<KeptLogin> login_of(const std::string& path, std::string_view text) {
  const auto json = parse_json(text);
  if (!json) return make_error(ErrorCode::malformed, cat(path, ": ", json.error().context));
  KeptLogin login;
  for (auto [key, member] : {std::pair("host", &login.host), std::pair("site", &login.site),
                             std::pair("user", &login.user), std::pair("ca", &login.ca_file),
                             std::pair("password", &login.password)}) {
    const auto value = json->get_string(key);
    if (!value) return make_error(ErrorCode::malformed, cat(path, ": ", value.error().context));
    *member = *value;
  }
  const auto port = json->get_integer("port");
  if (!port || *port < 1 || *port > 65'535) {
    return make_error(ErrorCode::malformed, cat(path, ": expected `port` from 1 to 65535"));
  }
  login.port = static_cast<int>(*port);
  return login;
}

}  // namespace

Result<std::string> login_folder() {
  std::string config = absolute_of("XDG_CONFIG_HOME");
  if (config.empty()) {
    const std::string home = absolute_of("HOME");
    if (home.empty()) {
      return make_error(ErrorCode::not_found,
                        "expected XDG_CONFIG_HOME or HOME to be an absolute path");
    }
    config = home + "/.config";
  }
  return config + "/cryobank/logins";
}

Result<std::string> login_path(std::string_view name) {
  if (!is_id_text(name)) return bad_id("login", name);
  TRY_ASSIGN(auto folder, login_folder());
  return cat(folder, "/", name, ".json");
}

Result<std::optional<KeptLogin>> load_login(std::string_view name) {
  TRY_ASSIGN(const auto path, login_path(name));
  std::error_code failed;
  if (!fs::exists(path, failed)) return std::optional<KeptLogin>();
  TRY(check_private(path));
  TRY_ASSIGN(const auto text, read_file(path, kLoginSizeMax));
  TRY_ASSIGN(auto login, login_of(path, text));
  return std::optional<KeptLogin>(std::move(login));
}

Status save_login(std::string_view name, const KeptLogin& login) {
  TRY_ASSIGN(const auto path, login_path(name));
  const fs::path folder = fs::path(path).parent_path();
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (!failed) fs::permissions(folder, kFolderMode, failed);
  if (failed) {
    return make_error(ErrorCode::io, cat("cannot make ", folder.string(), ": ", failed.message()));
  }
  const Json json = Json::object()
                        .set("schema", std::string(kLoginSchema))
                        .set("host", login.host)
                        .set("port", static_cast<std::int64_t>(login.port))
                        .set("site", login.site)
                        .set("user", login.user)
                        .set("password", login.password)
                        .set("ca", login.ca_file);
  // A new file beside it, then the name: an old file's wider mode is not inherited.
  const std::string fresh = path + ".new";
  fs::remove(fresh, failed);
  TRY(write_file(fresh, json.dump() + "\n", kOwnerOnly));
  fs::rename(fresh, path, failed);
  if (failed) return make_error(ErrorCode::io, cat("cannot write ", path, ": ", failed.message()));
  return {};
}

Result<bool> forget_login(std::string_view name) {
  TRY_ASSIGN(const auto path, login_path(name));
  std::error_code failed;
  const bool gone = fs::remove(path, failed);
  if (failed) return make_error(ErrorCode::io, cat("cannot remove ", path, ": ", failed.message()));
  return gone;
}

std::vector<std::string> login_names() {
  std::vector<std::string> names;
  const auto folder = login_folder();
  if (!folder) return names;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(*folder, failed)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::string> ask_secret(std::string_view prompt) {
  const QuietTerminal quiet;
  if (quiet.is_terminal()) tell(prompt);
  std::string line;
  if (!std::getline(std::cin, line)) {
    return make_error(ErrorCode::malformed, cat("expected ", prompt, " on standard input"));
  }
  return line;
}

Result<std::string> ask_new_secret(std::string_view prompt, std::string_view what) {
  auto first = ask_secret(prompt);
  if (!first || ::isatty(STDIN_FILENO) == 0) return first;
  TRY_ASSIGN(const auto second, ask_secret("again:"));
  if (second != *first) return make_error(ErrorCode::mismatch, cat("the two ", what, " differ"));
  return first;
}

}  // namespace cryobank::ctl
