#include "inventory/record/file_io.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kBufferBytes = 1u << 20;
// A large file is written to the disk in such steps, and then leaves the page cache: otherwise a
// commit of another thread would wait until all of it is on the disk.
constexpr std::size_t kStepBytes = 8u << 20;

Error failed(std::string_view doing, const std::string& path) {
  const ErrorCode code = errno == ENOENT   ? ErrorCode::not_found
                         : errno == EEXIST ? ErrorCode::already_exists
                                           : ErrorCode::io;
  return make_error(code, cat("cannot ", doing, " ", path, ": ", std::strerror(errno)));
}

Status write_all(int descriptor, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status sync_directory_of(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string directory = parent.empty() ? std::string(1, '.') : parent.string();
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return failed("open", directory);
  Status status;
  if (::fsync(descriptor) != 0) status = failed("sync", directory);
  ::close(descriptor);
  return status;
}

class Closing {
 public:
  explicit Closing(int descriptor) : descriptor_(descriptor) {}
  ~Closing() { ::close(descriptor_); }
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;

 private:
  const int descriptor_;
};

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t size_max) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return failed("open", path);
  const Closing closing(descriptor);
  std::string text(size_max + 1, '\0');
  std::size_t length = 0;
  while (length < text.size()) {
    const ssize_t got = ::read(descriptor, text.data() + length, text.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length > size_max) {
    return make_error(ErrorCode::too_large, cat("expected at most ", size_max, " bytes in ", path));
  }
  text.resize(length);
  return text;
}

Status write_new_file(const std::string& path, std::string_view text, mode_t mode) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0) return failed("make", path);
  const Closing closing(descriptor);
  Status status = write_all(descriptor, text, path);
  if (status && ::fsync(descriptor) != 0) status = failed("sync", path);
  if (!status) {
    ::unlink(path.c_str());
    return status;
  }
  return sync_directory_of(path);
}

FileWriter::FileWriter(int descriptor, std::string path)
    : descriptor_(descriptor), path_(std::move(path)) {}

Result<std::unique_ptr<FileWriter>> FileWriter::open(const std::string& path, mode_t mode) {
  const std::string part = path + ".part";
  const int descriptor = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (descriptor < 0) return failed("make", part);
  return std::unique_ptr<FileWriter>(new FileWriter(descriptor, path));
}

FileWriter::~FileWriter() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink((path_ + ".part").c_str());
}

Status FileWriter::flush() {
  const std::string part = path_ + ".part";
  Status status = write_all(descriptor_, buffer_, part);
  unsynced_ += buffer_.size();
  buffer_.clear();
  if (!status || unsynced_ < kStepBytes) return status;
  unsynced_ = 0;
  if (::fdatasync(descriptor_) != 0) return failed("sync", part);
  (void)::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_DONTNEED);  // only advice
  return {};
}

Status FileWriter::write(std::string_view bytes) {
  buffer_ += bytes;
  return buffer_.size() < kBufferBytes ? Status() : flush();
}

Status FileWriter::finish() {
  TRY(flush());
  const std::string part = path_ + ".part";
  if (::fsync(descriptor_) != 0) return failed("sync", part);
  (void)::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_DONTNEED);
  if (std::rename(part.c_str(), path_.c_str()) != 0) return failed("rename", part);
  ::close(std::exchange(descriptor_, -1));
  return sync_directory_of(path_);
}

}  // namespace cryobank::inventory
