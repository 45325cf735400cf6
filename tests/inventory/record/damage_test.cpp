// Damages every file of a real store at many places. What is served afterwards must be the truth:
// either an error is said, at opening, at the start's checks, by the verifier or by reading, or
// every row is as it was.
#include <gmock/gmock.h>

#include <fstream>

#include "base/prng.hpp"
#include "inventory/record/backup/rebuild.hpp"
#include "inventory/record/high_water_io.hpp"
#include "inventory/record/leveldb_io.hpp"
#include "inventory/record/storage_start_io.hpp"
#include "inventory/record/verify.hpp"
#include "tests/contracts/temp_dir.hpp"
#include "tests/inventory/record/toy_ledger.hpp"

namespace cryobank::inventory {
namespace {

namespace fs = std::filesystem;

using Rows = std::map<std::string, std::string>;

LevelDbOptions small_tables() {
  LevelDbOptions options;
  options.write_buffer_bytes = 64 << 10;
  options.reserve_bytes = 0;
  return options;
}

class Damage : public testing::Test {
 protected:
  // 700 transactions: several tables, and a log with the last ones.
  Damage() {
    EXPECT_TRUE(create_store(dir_ / "store", small_tables()).ok());
    const auto store = std::move(*open_store(dir_ / "store", small_tables()));
    ToyBank bank(*store);
    for (int i = 0; i < 700; ++i) EXPECT_TRUE(bank.store_aliquot(i % 300).ok());
    const JournalHead head = bank.journal.head();
    const auto mark = std::move(*HighWater::open(dir_ / "mark"));
    EXPECT_TRUE(mark->write({head.sequence, head.last_hash, Epoch{4}}).ok());
    truth_ = *all_rows(*store);
  }

  static Result<Rows> all_rows(Store& store) {
    Rows rows;
    const Status scanned = store.scan("", "", [&](std::string_view key, std::string_view value) {
      rows.emplace(key, value);
      return true;
    });
    if (!scanned) return scanned.error();
    rows.erase(std::string(kEpochKey));  // each start writes it
    return rows;
  }

  // Empty when the record is served; else what was said.
  std::string said_after(const fs::path& copy, Rows& served) {
    fs::copy_file(dir_ / "mark", dir_ / "mark-copy", fs::copy_options::overwrite_existing);
    const auto store = open_store(copy, small_tables());
    if (!store) return store.error().context;
    const auto mark = std::move(*HighWater::open(dir_ / "mark-copy"));
    const auto started = start_record(**store, *mark);
    if (!started) return started.error().context;
    const auto report = verify_rows(scan_of(**store));
    if (!report) return report.error().context;
    if (report->fault) return describe(*report->fault);
    const auto rows = all_rows(**store);
    if (!rows) return rows.error().context;
    served = *rows;
    return "";
  }

  // Copies the store, lets `spoil` change one file, and checks the promise.
  template <class Spoil>
  void expect_no_lie(const std::string& file, const std::string& what, const Spoil& spoil) {
    const fs::path copy = dir_ / "copy";
    fs::remove_all(copy);
    fs::copy(dir_ / "store", copy);
    spoil(copy / file);
    Rows served;
    const std::string said = said_after(copy, served);
    ++tried_;
    if (!said.empty()) {
      ++refused_;
    } else {
      EXPECT_TRUE(served == truth_) << file << " " << what << ": damaged rows were served";
    }
  }

  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& file : fs::directory_iterator(dir_ / "store")) {
      names.push_back(file.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  TempDir dir_;
  Rows truth_;
  int tried_ = 0;
  int refused_ = 0;
};

TEST_F(Damage, AFlippedBitInAnyFileIsNeverServedSilently) {
  Prng prng(17);
  for (const std::string& name : files()) {
    const std::uintmax_t size = fs::file_size(fs::path(dir_ / "store") / name);
    if (size == 0) continue;
    const int rounds = name.ends_with(".log") || name.starts_with("MANIFEST") ? 60 : 25;
    for (int round = 0; round < rounds; ++round) {
      const std::uint64_t at = prng.below(size);
      const int bit = static_cast<int>(prng.below(8));
      expect_no_lie(name, cat("byte ", at, " bit ", bit), [&](const fs::path& path) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(static_cast<std::streamoff>(at));
        const int byte = file.get();
        file.seekp(static_cast<std::streamoff>(at));
        file.put(static_cast<char>(byte ^ (1 << bit)));
      });
    }
  }
  EXPECT_GT(refused_, tried_ / 2) << "most places hold data";
}

TEST_F(Damage, ACutOrMissingFileIsNeverServedSilently) {
  Prng prng(18);
  for (const std::string& name : files()) {
    const std::uintmax_t size = fs::file_size(fs::path(dir_ / "store") / name);
    expect_no_lie(name, "removed", [](const fs::path& path) { fs::remove(path); });
    for (int round = 0; size > 0 && round < 10; ++round) {
      const std::uint64_t length = prng.below(size);
      expect_no_lie(name, cat("cut to ", length),
                    [&](const fs::path& path) { fs::resize_file(path, length); });
    }
  }
  EXPECT_GT(refused_, 10);
}

TEST_F(Damage, AZeroedTailOfTheLogIsNeverServedSilently) {
  for (const std::string& name : files()) {
    if (!name.ends_with(".log")) continue;
    for (const std::uint64_t zeroed : {1u, 7u, 64u, 512u, 4096u}) {
      expect_no_lie(name, cat("last ", zeroed, " zeroed"), [&](const fs::path& path) {
        const std::uint64_t size = fs::file_size(path);
        fs::resize_file(path, size - std::min(size, zeroed));
        fs::resize_file(path, size);
      });
    }
  }
  EXPECT_EQ(refused_, tried_);
}

}  // namespace
}  // namespace cryobank::inventory
