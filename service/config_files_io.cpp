#include "service/config_files_io.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "base/text.hpp"
#include "base/try.hpp"
#include "config/load.hpp"
#include "service/site_paths_io.hpp"

namespace cryobank::service {
namespace {

constexpr std::size_t kConfigFileMax = 1u << 20;

// The permissions as `chmod` takes them: "0644".
std::string octal(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 0777));
  return text;
}

}  // namespace

Result<std::string> read_config_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return make_error(ErrorCode::io, cat("cannot read ", path, ": ", std::strerror(errno)));
  }
  std::string text(kConfigFileMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kConfigFileMax) {
    return make_error(ErrorCode::too_large, cat("expected at most 1 MiB in ", path));
  }
  return text;
}

bool load_site(const std::string& path, config::SiteConfig& site, config::Faults& faults) {
  config::SiteTexts unused;
  return load_site(path, site, faults, unused);
}

bool load_site(const std::string& path, config::SiteConfig& site, config::Faults& faults,
               config::SiteTexts& texts) {
  const auto read = [&texts](std::string_view file) {
    Result<std::string> text = read_config_file(std::string(file));
    if (text) texts[std::string(file)] = *text;
    return text;
  };
  if (!config::load_site(path, read, site, faults)) return false;
  config::Faults own;
  expect_site_apart(path, site, texts, own);
  faults.append(own);
  return own.ok();
}

void print_faults(const config::Faults& faults) {
  for (const config::Fault& fault : faults.items()) {
    const std::string line =
        cat(fault.file, ":", fault.line, ": ", fault.warning ? "warning: " : "", fault.text);
    std::fprintf(stderr, "%s\n", line.c_str());
  }
}

Result<std::string> read_password(const std::string& path) {
  if (path.empty()) return std::string();
  struct stat about {};
  if (::stat(path.c_str(), &about) == 0 && (about.st_mode & 07) != 0) {
    return make_error(ErrorCode::not_authorised,
                      cat("the password file ", path, " can be read by everybody (mode ",
                          octal(about.st_mode), "); expected 0600, or 0640 for its group"));
  }
  TRY_ASSIGN(const auto text, read_config_file(path));
  return std::string(trim(text.substr(0, text.find('\n'))));
}

Status expect_password_file(const std::string& path) {
  TRY_ASSIGN(const auto password, read_password(path));
  struct stat about {};
  if (::stat(path.c_str(), &about) == 0 && (about.st_mode & 0033) != 0) {
    return make_error(ErrorCode::not_authorised,
                      cat("the password file ", path, " can be changed by others (mode ",
                          octal(about.st_mode), "); expected 0600, or 0640 for its group"));
  }
  if (password.empty()) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected a password in the first line of ", path, ", came none"));
  }
  TRY_ASSIGN(const auto text, read_config_file(path));
  const std::size_t end = text.find('\n');
  if (end == std::string::npos || trim(text.substr(end)).empty()) return {};
  return make_error(ErrorCode::invalid_value,
                    cat("expected one line in ", path, ", came more: only the first counts"));
}

}  // namespace cryobank::service
