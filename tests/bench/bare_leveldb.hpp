// The limit that the store's benches are measured against: LevelDB with nothing around it, every
// batch synced.
#pragma once

#include <leveldb/db.h>
#include <leveldb/write_batch.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/record.hpp"

namespace cryobank::test {

// A bench whose own step failed measures nothing: it ends.
inline void must(bool ok, std::string_view what) {
  if (ok) return;
  std::fprintf(stderr, "bench: %.*s failed\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

class BareLevelDb {
 public:
  explicit BareLevelDb(const std::string& directory) {
    leveldb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = 8 << 20;
    options.max_file_size = 16 << 20;
    leveldb::DB* db = nullptr;
    must(leveldb::DB::Open(options, directory, &db).ok(), "opening LevelDB");
    db_.reset(db);
  }
  void commit(const std::vector<RowChange>& rows) {
    leveldb::WriteBatch batch;
    for (const RowChange& row : rows) batch.Put(row.key, *row.value);
    leveldb::WriteOptions options;
    options.sync = true;
    must(db_->Write(options, &batch).ok(), "a LevelDB write");
  }

 private:
  std::unique_ptr<leveldb::DB> db_;
};

}  // namespace cryobank::test
