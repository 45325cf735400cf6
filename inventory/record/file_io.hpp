// Small durable files: whole reads with a bound, and writers whose file appears complete or not at
// all (written beside, synced, renamed, the directory synced). Errors: io, not_found,
// already_exists, too_large, each with the path and the system's words.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cryobank::inventory {

Result<std::string> read_file(const std::string& path, std::size_t size_max);
// A file that must not be there yet.
Status write_new_file(const std::string& path, std::string_view text, mode_t mode);

class FileWriter {
 public:
  // Writes to `path` + ".part" until finish().
  static Result<std::unique_ptr<FileWriter>> open(const std::string& path, mode_t mode = 0640);
  // Leaves nothing behind when finish() did not succeed.
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  Status write(std::string_view bytes);
  // Replaces `path`.
  Status finish();

 private:
  FileWriter(int descriptor, std::string path);
  Status flush();

  int descriptor_;
  const std::string path_;
  std::string buffer_;
  std::size_t unsynced_ = 0;
};

}  // namespace cryobank::inventory
