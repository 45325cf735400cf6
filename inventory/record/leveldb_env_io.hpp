// LogGuardEnv: the LevelDB environment of the record. It watches the write-ahead log: when an
// append or a sync fails, the log file is cut back to what was durable, so that a commit that was
// refused cannot come back at the next start. Cutting needs no free space. What could not be cut is
// remembered and cut by finish_cuts() before the store is opened again.
#pragma once

#include <leveldb/env.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.hpp"

namespace cryobank::inventory {

// Cuts of log files that did not succeed yet. Shared by the environment and its files.
class PendingCuts {
 public:
  void cut(const std::string& path, std::uint64_t length);
  Status finish();

 private:
  std::mutex mutex_;
  std::map<std::string, std::uint64_t> waiting_;
};

class LogGuardEnv final : public leveldb::EnvWrapper {
 public:
  explicit LogGuardEnv(leveldb::Env* base);

  leveldb::Status NewWritableFile(const std::string& name, leveldb::WritableFile** file) override;
  Status finish_cuts() { return cuts_->finish(); }

 private:
  std::shared_ptr<PendingCuts> cuts_;
};

}  // namespace cryobank::inventory
