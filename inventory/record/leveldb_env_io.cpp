#include "inventory/record/leveldb_env_io.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/text.hpp"

namespace cryobank::inventory {
namespace {

// Cuts a file and makes the cut durable; 0 or errno. A file that is gone needs no cut.
int cut_file(const std::string& path, std::uint64_t length) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return errno == ENOENT ? 0 : errno;
  int error = 0;
  if (::ftruncate(descriptor, static_cast<off_t>(length)) != 0 || ::fsync(descriptor) != 0) {
    error = errno;
  }
  ::close(descriptor);
  return error;
}

class GuardedLog final : public leveldb::WritableFile {
 public:
  GuardedLog(std::string path, std::unique_ptr<leveldb::WritableFile> file,
             std::shared_ptr<PendingCuts> cuts)
      : path_(std::move(path)), file_(std::move(file)), cuts_(std::move(cuts)) {}
  GuardedLog(const GuardedLog&) = delete;
  GuardedLog& operator=(const GuardedLog&) = delete;

  ~GuardedLog() override {
    file_.reset();  // may still write what it had buffered
    if (failed_) cuts_->cut(path_, synced_);
  }

  leveldb::Status Append(const leveldb::Slice& data) override {
    size_ += data.size();
    return watched(file_->Append(data));
  }
  leveldb::Status Flush() override { return watched(file_->Flush()); }
  leveldb::Status Close() override { return watched(file_->Close()); }
  leveldb::Status Sync() override {
    const leveldb::Status status = watched(file_->Sync());
    if (status.ok()) synced_ = size_;
    return status;
  }

 private:
  leveldb::Status watched(leveldb::Status status) {
    if (!status.ok()) {
      failed_ = true;
      cuts_->cut(path_, synced_);
    }
    return status;
  }

  const std::string path_;
  std::unique_ptr<leveldb::WritableFile> file_;
  const std::shared_ptr<PendingCuts> cuts_;
  std::uint64_t size_ = 0;    // given to the file
  std::uint64_t synced_ = 0;  // of it, durable
  bool failed_ = false;
};

}  // namespace

void PendingCuts::cut(const std::string& path, std::uint64_t length) {
  const std::lock_guard lock(mutex_);
  if (cut_file(path, length) == 0) {
    waiting_.erase(path);
  } else {
    waiting_[path] = length;
  }
}

Status PendingCuts::finish() {
  const std::lock_guard lock(mutex_);
  while (!waiting_.empty()) {
    const auto& [path, length] = *waiting_.begin();
    const int error = cut_file(path, length);
    if (error != 0) {
      return make_error(ErrorCode::io, cat("cannot cut ", path, " back to its durable ", length,
                                           " bytes: ", std::strerror(error)));
    }
    waiting_.erase(waiting_.begin());
  }
  return {};
}

LogGuardEnv::LogGuardEnv(leveldb::Env* base)
    : EnvWrapper(base), cuts_(std::make_shared<PendingCuts>()) {}

leveldb::Status LogGuardEnv::NewWritableFile(const std::string& name,
                                             leveldb::WritableFile** file) {
  const leveldb::Status status = target()->NewWritableFile(name, file);
  if (status.ok() && name.ends_with(".log")) {
    *file = new GuardedLog(name, std::unique_ptr<leveldb::WritableFile>(*file), cuts_);
  }
  return status;
}

}  // namespace cryobank::inventory
