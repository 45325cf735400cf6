#include "service/pager/queue_file_io.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/checksum.hpp"
#include "base/text.hpp"

namespace cryobank::pager {
namespace {

constexpr std::string_view kName = "/queue.lines";
constexpr std::size_t kSumDigits = 8;
constexpr std::size_t kSmallFileMax = 64 * 1024;

std::string sum_of(std::string_view line) { return hex16(fnv1a32(line)).substr(16 - kSumDigits); }

std::string framed(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += cat(sum_of(line), " ", line, "\n");
  return out;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string read_all(int fd) {
  std::string text;
  char buffer[65536];
  for (;;) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

void sync_folder(const std::string& path) {
  const int folder = ::open(path.substr(0, path.rfind('/')).c_str(), O_RDONLY | O_CLOEXEC);
  if (folder < 0) return;
  static_cast<void>(::fsync(folder));
  ::close(folder);
}

}  // namespace

QueueFile::~QueueFile() {
  if (fd_ >= 0) ::close(fd_);
  if (lock_ >= 0) ::close(lock_);
}

bool QueueFile::fail(std::string_view what) {
  durable_ = false;
  trouble_ = cat(what, ": ", std::strerror(errno));
  return false;
}

Status QueueFile::open(const std::string& directory,
                       const std::function<bool(std::string_view)>& each) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return make_error(ErrorCode::io, cat("cannot make ", directory, ": ", std::strerror(errno)));
  }
  lock_ = ::open(cat(directory, "/lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (lock_ < 0 || ::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    return make_error(ErrorCode::io, cat("expected ", directory,
                                         " for this gateway alone: ", std::strerror(errno)));
  }
  path_ = cat(directory, kName);
  fd_ = ::open(path_.c_str(), O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
  if (fd_ < 0) {
    return make_error(ErrorCode::io, cat("cannot open ", path_, ": ", std::strerror(errno)));
  }
  const std::string text = read_all(fd_);
  std::string_view rest = text;
  bool torn = false;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (end == std::string_view::npos) {
      torn = true;  // a crash while it was written: nobody was told that it is taken
      continue;
    }
    const bool whole = line.size() > kSumDigits + 1 &&
                       line.substr(0, kSumDigits) == sum_of(line.substr(kSumDigits + 1));
    if (!whole || !each(line.substr(kSumDigits + 1))) ++unreadable_;
  }
  size_ = text.size();
  if (torn || unreadable_ > 0) {
    const std::string aside = cat(path_, ".damaged");
    const bool kept = replace_file(aside, text);
    trouble_ = cat(path_, ": ", unreadable_, " lines cannot be read",
                   torn ? ", and the last one is torn" : "", "; the file is ",
                   kept ? cat("kept as ", aside) : "lost: it could not be kept aside");
  }
  sync_folder(path_);
  return {};
}

bool QueueFile::append(const std::vector<std::string>& lines) {
  if (lines.empty()) return durable_;
  if (fd_ < 0) return fail("no file");
  const std::string text = framed(lines);
  if (!write_all(fd_, text)) {
    // Half a line must not spoil the next one.
    static_cast<void>(::ftruncate(fd_, static_cast<off_t>(size_)));
    return fail(cat("cannot write ", path_));
  }
  if (::fdatasync(fd_) != 0) return fail(cat("cannot sync ", path_));
  size_ += text.size();
  durable_ = true;
  trouble_.clear();
  return true;
}

bool QueueFile::rewrite(const std::vector<std::string>& lines) {
  const std::string text = framed(lines);
  if (!replace_file(path_, text)) return fail(cat("cannot rewrite ", path_));
  const int fd = ::open(path_.c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
  if (fd < 0) return fail(cat("cannot open ", path_));
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
  size_ = text.size();
  durable_ = true;
  trouble_.clear();
  return true;
}

bool place_file(const std::string& fresh, const std::string& path, std::string_view text,
                mode_t mode) {
  const int fd = ::open(fresh.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  const bool good = write_all(fd, text) && ::fchmod(fd, mode) == 0 && ::fdatasync(fd) == 0;
  ::close(fd);
  if (!good || ::rename(fresh.c_str(), path.c_str()) != 0) {
    const int why = errno;
    ::unlink(fresh.c_str());
    errno = why;
    return false;
  }
  sync_folder(path);
  return true;
}

bool replace_file(const std::string& path, std::string_view text) {
  return place_file(cat(path, ".new"), path, text, 0600);
}

std::string read_small_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string text = read_all(fd);
  ::close(fd);
  if (text.size() > kSmallFileMax) text.clear();
  return text;
}

}  // namespace cryobank::pager
