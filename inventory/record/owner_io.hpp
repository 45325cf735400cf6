// StoreOwner: who may write to a store's folder. Three things, so that no missing file undoes them:
// a lock on the folder's own inode (a lock file can be removed or copied, an inode cannot), the
// inode behind the folder's name (a folder that was moved away is not the store any more), and the
// identity of the file CURRENT (LevelDB makes it anew at every opening, so whoever else opens the
// store shows). A file system that cannot lock a folder is refused. Errors: unavailable (another
// process owns it), conflict (somebody else opened it meanwhile), not_authorised, io.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace cryobank::inventory {

// The exclusive lock on an open file or folder, held until the descriptor is closed. `what` names
// it in the Error.
Status lock_inode(int descriptor, const std::string& what);

class StoreOwner {
 public:
  // The folder must be there.
  static Result<std::unique_ptr<StoreOwner>> take(const std::string& directory);
  ~StoreOwner();
  StoreOwner(const StoreOwner&) = delete;
  StoreOwner& operator=(const StoreOwner&) = delete;

  // After this process opened the store: what CURRENT is now.
  void remember_opening();
  // Before every commit: two looks at the file system, microseconds.
  Status check() const;
  // LevelDB makes files at every opening, reading too. When root was the one who opened, they are
  // given to whom the folder belongs, or the daemon could not open its store any more.
  void hand_over() const;

 private:
  // What tells two files of one name apart.
  struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    std::int64_t made_ns = 0;  // last change, as the file system says
    bool operator==(const Identity&) const = default;
  };
  static Identity identity_of(const std::string& path, bool with_time);

  StoreOwner(int descriptor, std::string directory);

  const int descriptor_;
  const std::string directory_;
  const Identity folder_;
  Identity current_;
};

}  // namespace cryobank::inventory
