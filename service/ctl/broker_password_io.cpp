#include "service/ctl/broker_password_io.hpp"

#include <openssl/evp.h>
#include <pwd.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/check.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "service/ctl/broker_config.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

constexpr int kReadableByAll = 0644;
constexpr std::size_t kRenderedMax = 4 * 1024 * 1024;

constexpr int kIterations = 101;  // mosquitto's own default; the file is not readable by others
constexpr std::size_t kSaltBytes = 12;
constexpr std::size_t kHashBytes = 64;
constexpr std::size_t kFileMax = 4 * 1024 * 1024;
constexpr mode_t kFileMode = 0640;
constexpr const char* kBrokerUser = "mosquitto";  // as Debian's package starts it

struct PasswordFile {
  std::vector<std::string> lines;
  mode_t mode = kFileMode;
  uid_t owner = ::geteuid();
  gid_t group = ::getegid();
};

// A file that root makes is the broker's to read: of whoever owns its folder, or, in a folder of
// root's as Debian's package has it, of the user that the package's broker runs as.
void give_to_broker(const std::string& path, PasswordFile& file) {
  if (file.owner != 0) return;
  const std::string folder = std::filesystem::absolute(path).parent_path().string();
  struct stat around {};
  if (::stat(folder.c_str(), &around) == 0 && around.st_uid != 0) {
    file.owner = around.st_uid;
    file.group = around.st_gid;
  } else if (const passwd* broker = ::getpwnam(kBrokerUser); broker != nullptr) {
    file.owner = broker->pw_uid;
    file.group = broker->pw_gid;
  }
}

Result<PasswordFile> read_passwords(const std::string& path) {
  PasswordFile file;
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) {
      give_to_broker(path, file);
      return file;
    }
    return make_error(ErrorCode::io, cat("cannot look at ", path, ": ", std::strerror(errno)));
  }
  file.mode = found.st_mode & 0777;
  file.owner = found.st_uid;
  file.group = found.st_gid;
  TRY_ASSIGN(const auto text, read_file(path, kFileMax));
  for (const std::string_view line : split(text, '\n')) {
    if (!line.empty()) file.lines.emplace_back(line);
  }
  return file;
}

// A new file takes the old one's name in one step, so that a broker that reloads meanwhile reads
// one of the two whole. Owner and mode stay: the broker's own user must go on reading it.
Status write_passwords(const std::string& path, const PasswordFile& file) {
  std::string text;
  for (const std::string& line : file.lines) text += line + "\n";
  const std::string fresh = path + ".new";
  TRY(write_file(fresh, text, static_cast<int>(file.mode)));
  const bool kept = ::chmod(fresh.c_str(), file.mode) == 0 &&
                    ::chown(fresh.c_str(), file.owner, file.group) == 0 &&
                    std::rename(fresh.c_str(), path.c_str()) == 0;
  if (kept) return {};
  const Error failed =
      make_error(ErrorCode::io, cat("cannot write ", path, ": ", std::strerror(errno)));
  (void)::unlink(fresh.c_str());
  return failed;
}

bool is_line_of(std::string_view line, std::string_view user) {
  return line.size() > user.size() && line.starts_with(user) && line[user.size()] == ':';
}

}  // namespace

Result<std::string> password_line(std::string_view user, std::string_view password) {
  const bool printable = std::none_of(password.begin(), password.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (password.size() < kPasswordMin || password.size() > kPasswordMax || !printable) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected a password of ", kPasswordMin, " to ", kPasswordMax,
                          " bytes without control characters, came ", password.size(), " bytes"));
  }
  std::array<std::uint8_t, kSaltBytes> salt{};
  CHECK(getrandom(salt.data(), salt.size(), 0) == static_cast<ssize_t>(salt.size()));
  std::array<std::uint8_t, kHashBytes> hash{};
  CHECK(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(),
                          static_cast<int>(salt.size()), kIterations, EVP_sha512(),
                          static_cast<int>(hash.size()), hash.data()) == 1);
  return cat(user, ":$7$", kIterations, "$", to_base64(salt), "$", to_base64(hash));
}

Status put_password(const std::string& path, std::string_view user, std::string_view password) {
  TRY_ASSIGN(auto line, password_line(user, password));
  TRY_ASSIGN(auto file, read_passwords(path));
  const auto old = std::find_if(file.lines.begin(), file.lines.end(),
                                [&](const std::string& text) { return is_line_of(text, user); });
  if (old == file.lines.end()) {
    file.lines.push_back(std::move(line));
  } else {
    *old = std::move(line);
  }
  return write_passwords(path, file);
}

std::string hint_unreadable(const std::string& path) {
  struct stat found {};
  const passwd* broker = ::getpwnam(kBrokerUser);
  if (broker == nullptr || ::stat(path.c_str(), &found) != 0) return {};
  const bool reads = found.st_uid == broker->pw_uid || (found.st_mode & S_IROTH) != 0 ||
                     (found.st_gid == broker->pw_gid && (found.st_mode & S_IRGRP) != 0);
  if (reads) return {};
  return cat("a broker that runs as ", kBrokerUser, " (Debian's) cannot read ", path, ": chown ",
             kBrokerUser, ": ", path);
}

Result<bool> drop_password(const std::string& path, std::string_view user) {
  TRY_ASSIGN(auto file, read_passwords(path));
  const auto dropped =
      std::erase_if(file.lines, [&](const std::string& text) { return is_line_of(text, user); });
  if (dropped == 0) return false;
  TRY(write_passwords(path, file));
  return true;
}

Result<std::vector<std::string>> logins_of(const std::string& path) {
  TRY_ASSIGN(const auto file, read_passwords(path));
  std::vector<std::string> logins;
  for (const std::string& line : file.lines) {
    if (const std::size_t colon = line.find(':'); colon != std::string::npos) {
      logins.push_back(line.substr(0, colon));
    }
  }
  std::sort(logins.begin(), logins.end());
  return logins;
}

Result<bool> put_rendered(const std::string& path, std::string_view text, bool replace) {
  const std::string full = with_digest(text);
  std::error_code failed;
  if (std::filesystem::exists(path, failed)) {
    TRY_ASSIGN(const auto old, read_file(path, kRenderedMax));
    if (old == full) return true;
    if (!replace && !is_untouched(old)) {
      TRY(write_file(path + ".new", full, kReadableByAll));
      tell(cat(path, " was changed by a person and is kept; the new text is ", path,
               ".new. Compare them and move it, or say --replace."));
      return false;
    }
  }
  TRY(write_file(path, full, kReadableByAll));
  print_line(cat("wrote ", path));
  return true;
}

}  // namespace cryobank::ctl
