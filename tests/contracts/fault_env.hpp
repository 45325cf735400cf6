// FaultEnv: a LevelDB environment that fails on command: appends, syncs, a full disk, and a power
// cut that takes every byte that was not synced. Files lie in a real directory.
#pragma once

#include <leveldb/env.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace cryobank::inventory {

class FaultEnv final : public leveldb::EnvWrapper {
 public:
  FaultEnv() : EnvWrapper(leveldb::Env::Default()) {}

  void fail_appends(bool on) { set(fail_appends_, on); }
  void fail_syncs(bool on) { set(fail_syncs_, on); }
  // Appends write half of their bytes, then say that no space is left; no file can be made.
  void set_full(bool on) { set(full_, on); }

  // Everything that was not synced is gone. The store must be closed.
  void power_cut() {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, synced] : synced_) {
      std::error_code error;
      if (std::filesystem::file_size(name, error) > synced && !error) {
        std::filesystem::resize_file(name, synced);
      }
    }
  }

  leveldb::Status NewWritableFile(const std::string& name, leveldb::WritableFile** out) override {
    if (is(full_)) return leveldb::Status::IOError(name, "No space left on device");
    leveldb::Status status = target()->NewWritableFile(name, out);
    if (status.ok()) {
      note(name, 0);
      *out = new File(*this, name, std::unique_ptr<leveldb::WritableFile>(*out));
    }
    return status;
  }
  leveldb::Status RenameFile(const std::string& from, const std::string& to) override {
    const leveldb::Status status = target()->RenameFile(from, to);
    const std::lock_guard lock(mutex_);
    if (const auto found = synced_.find(from); status.ok() && found != synced_.end()) {
      synced_[to] = found->second;
      synced_.erase(from);
    }
    return status;
  }
  leveldb::Status RemoveFile(const std::string& name) override {
    {
      const std::lock_guard lock(mutex_);
      synced_.erase(name);
    }
    return target()->RemoveFile(name);
  }

 private:
  class File final : public leveldb::WritableFile {
   public:
    File(FaultEnv& env, std::string name, std::unique_ptr<leveldb::WritableFile> file)
        : env_(env), name_(std::move(name)), file_(std::move(file)) {}
    leveldb::Status Append(const leveldb::Slice& data) override {
      if (env_.is(env_.fail_appends_)) return leveldb::Status::IOError(name_, "input/output error");
      if (env_.is(env_.full_)) {
        (void)file_->Append(leveldb::Slice(data.data(), data.size() / 2));
        (void)file_->Flush();
        return leveldb::Status::IOError(name_, "No space left on device");
      }
      size_ += data.size();
      return file_->Append(data);
    }
    leveldb::Status Close() override { return file_->Close(); }
    leveldb::Status Flush() override { return file_->Flush(); }
    leveldb::Status Sync() override {
      // The bytes are in the file by then; only the promise fails.
      if (env_.is(env_.fail_syncs_)) {
        (void)file_->Flush();
        return leveldb::Status::IOError(name_, "input/output error");
      }
      const leveldb::Status status = file_->Sync();
      if (status.ok()) env_.note(name_, size_);
      return status;
    }

   private:
    FaultEnv& env_;
    const std::string name_;
    std::unique_ptr<leveldb::WritableFile> file_;
    std::uint64_t size_ = 0;
  };

  void set(bool& flag, bool on) {
    const std::lock_guard lock(mutex_);
    flag = on;
  }
  bool is(const bool& flag) {
    const std::lock_guard lock(mutex_);
    return flag;
  }
  void note(const std::string& name, std::uint64_t synced) {
    const std::lock_guard lock(mutex_);
    synced_[name] = synced;
  }

  std::mutex mutex_;
  std::map<std::string, std::uint64_t> synced_;
  bool fail_appends_ = false;
  bool fail_syncs_ = false;
  bool full_ = false;
};

}  // namespace cryobank::inventory
