#include "service/repair/act_as_owner_io.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/text.hpp"

namespace cryobank::service {

Result<std::string> act_as_owner_of(const std::string& path) {
  ::umask(0077);
  if (::geteuid() != 0) return std::string();
  struct stat about {};
  std::filesystem::path at = std::filesystem::absolute(path).lexically_normal();
  while (::stat(at.c_str(), &about) != 0 && at.has_relative_path()) at = at.parent_path();
  if (about.st_uid == 0) return std::string();
  const passwd* user = ::getpwuid(about.st_uid);
  const std::string name = user != nullptr ? user->pw_name : std::to_string(about.st_uid);
  const gid_t group = user != nullptr ? user->pw_gid : about.st_gid;
  const bool groups =
      user != nullptr ? ::initgroups(user->pw_name, group) == 0 : ::setgroups(0, nullptr) == 0;
  if (!groups || ::setgid(group) != 0 || ::setuid(about.st_uid) != 0) {
    return make_error(
        ErrorCode::not_authorised,
        cat("cannot act as ", name, ", to whom ", at.string(), " belongs: ", std::strerror(errno)));
  }
  return name;
}

}  // namespace cryobank::service
