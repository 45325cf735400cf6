#include "inventory/record/owner_io.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::inventory {

Status lock_inode(int descriptor, const std::string& what) {
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) {
      return make_error(ErrorCode::unavailable, cat("another process has ", what, " open"));
    }
    return make_error(ErrorCode::io,
                      cat("cannot lock ", what, ": ", std::strerror(errno),
                          ". A second daemon could open it too: put it on a local disk"));
  }
  return {};
}

StoreOwner::Identity StoreOwner::identity_of(const std::string& path, bool with_time) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return {};
  const std::int64_t changed = about.st_mtim.tv_sec * 1'000'000'000LL + about.st_mtim.tv_nsec;
  return {about.st_dev, about.st_ino, with_time ? changed : 0};
}

StoreOwner::StoreOwner(int descriptor, std::string directory)
    : descriptor_(descriptor),
      directory_(std::move(directory)),
      folder_(identity_of(directory_, false)) {}

StoreOwner::~StoreOwner() { ::close(descriptor_); }

Result<std::unique_ptr<StoreOwner>> StoreOwner::take(const std::string& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    const bool refused = errno == EACCES || errno == EPERM;
    return make_error(refused ? ErrorCode::not_authorised : ErrorCode::io,
                      cat("cannot open the store in ", directory, ": ", std::strerror(errno),
                          refused ? "; it belongs to another user of this computer" : ""));
  }
  std::unique_ptr<StoreOwner> owner(new StoreOwner(descriptor, directory));
  TRY(lock_inode(descriptor, cat("the store in ", directory)));
  return owner;
}

void StoreOwner::remember_opening() { current_ = identity_of(directory_ + "/CURRENT", true); }

void StoreOwner::hand_over() const {
  struct stat folder {};
  if (::geteuid() != 0 || ::fstat(descriptor_, &folder) != 0 || folder.st_uid == 0) return;
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(directory_, ignored)) {
    // A file that stays root's is told by the daemon's next start.
    if (::lchown(file.path().c_str(), folder.st_uid, folder.st_gid) != 0) continue;
  }
}

Status StoreOwner::check() const {
  if (identity_of(directory_, false) != folder_) {
    return make_error(
        ErrorCode::conflict,
        cat("the folder ", directory_, " was moved or replaced while this process worked on it"));
  }
  if (identity_of(directory_ + "/CURRENT", true) != current_) {
    return make_error(ErrorCode::conflict, cat("another process opened the store in ", directory_,
                                               " while this one worked on it"));
  }
  return {};
}

}  // namespace cryobank::inventory
