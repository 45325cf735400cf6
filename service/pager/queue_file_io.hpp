// Queue file: the page queue's lines on disk, each with its checksum, appended and synced before a
// page is said to be accepted. A torn last line is what a crash leaves, and is dropped; anything
// else that does not fit is kept beside the file and told. When the disk refuses, the queue goes on
// in memory and says so. One gateway owns a folder at a time (a lock on the folder's own file).
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cryobank::pager {

// Above so many bytes the file is written anew with what still counts.
inline constexpr std::size_t kQueueFileMax = 16 * 1024 * 1024;

class QueueFile {
 public:
  QueueFile() = default;
  ~QueueFile();
  QueueFile(const QueueFile&) = delete;
  QueueFile& operator=(const QueueFile&) = delete;

  // Gives every good line to `each`, in order. Errors: another gateway has the folder, no access.
  Status open(const std::string& directory, const std::function<bool(std::string_view)>& each);
  // Appends and syncs. False: nothing of it is sure to be on disk.
  bool append(const std::vector<std::string>& lines);
  bool rewrite(const std::vector<std::string>& lines);
  bool durable() const { return durable_; }
  std::size_t size() const { return size_; }
  const std::string& trouble() const { return trouble_; }
  // Whole lines that could not be read at open(): pages may be among them. The file is kept aside.
  std::size_t unreadable() const { return unreadable_; }

 private:
  bool fail(std::string_view what);

  std::string path_;
  int fd_ = -1;
  int lock_ = -1;
  std::size_t size_ = 0;
  bool durable_ = true;
  std::string trouble_;
  std::size_t unreadable_ = 0;
};

// Writes `fresh`, syncs it, and moves it to `path` with this mode: nobody sees half of it. False:
// errno says why, and nothing is left of it. Both lie on one file system.
bool place_file(const std::string& fresh, const std::string& path, std::string_view text,
                mode_t mode);
// A small file that is replaced as a whole: what a gateway must remember over its own restart.
bool replace_file(const std::string& path, std::string_view text);
std::string read_small_file(const std::string& path);

}  // namespace cryobank::pager
