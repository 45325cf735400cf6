#include "inventory/record/backup/backup_io.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "base/prng.hpp"
#include "inventory/record/export_io.hpp"
#include "inventory/record/journal_format.hpp"
#include "tests/contracts/fault_env.hpp"
#include "tests/contracts/temp_dir.hpp"
#include "tests/inventory/record/example.hpp"
#include "tests/inventory/record/toy_ledger.hpp"

namespace cryobank::inventory {
namespace {

namespace fs = std::filesystem;

class Backup : public testing::Test {
 protected:
  Backup() {
    EXPECT_TRUE(create_store(dir_ / "store").ok());
    auto opened = open_store(dir_ / "store");
    EXPECT_TRUE(opened.ok());
    store_ = std::move(*opened);
    bank_ = std::make_unique<ToyBank>(*store_);
    EXPECT_TRUE(store_->commit({{std::string(kEpochKey), "7"}}).ok());
    add(300);
  }
  void add(int count) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(bank_->store_aliquot(next_++ % 170).ok());
  }
  Result<BackupInfo> back_up() { return write_backup(scan_of(*store_), dir_ / "backup"); }
  static bool any(std::string_view) { return true; }
  static bool rebuilt(std::string_view key) { return is_journal_row(key) || key.starts_with("a/"); }
  std::string difference(Store& other, const RowFilter& counts = any) {
    const auto found = compare_rows(scan_of(*store_), scan_of(other), counts);
    if (!found) return found.error().context;
    return *found ? cat((*found)->key, " ", (*found)->what) : "same";
  }
  std::unique_ptr<LevelDbStore> opened(std::string_view name) {
    auto store = open_store(dir_ / name);
    EXPECT_TRUE(store.ok()) << store.error().context;
    return std::move(*store);
  }
  Result<Rebuilt> recover() {
    ToyLedger ledger;
    return recover_store(
        {dir_ / "backup", dir_ / "export/journal.jsonl", dir_ / "recovered", {}, {}, rebuilt},
        ledger.applier());
  }
  void write_export() {
    ASSERT_TRUE(export_journal(scan_of(*store_), example_key(), dir_ / "export").ok());
  }

  TempDir dir_;
  std::unique_ptr<LevelDbStore> store_;
  std::unique_ptr<ToyBank> bank_;
  int next_ = 0;
};

TEST_F(Backup, RestoredIsTheSameByteForByte) {
  const auto written = back_up();
  ASSERT_TRUE(written.ok()) << written.error().context;
  EXPECT_EQ(written->sequence, 300u);
  EXPECT_EQ(written->epoch, Epoch{7});
  const auto restored = restore_backup(dir_ / "backup", dir_ / "restored");
  ASSERT_TRUE(restored.ok()) << restored.error().context;
  EXPECT_EQ(restored->rows, written->rows);
  EXPECT_EQ(restored->root, bank_->journal.head().root);
  EXPECT_EQ(difference(*opened("restored")), "same");
}

TEST_F(Backup, OfAnEmptyStoreIsFine) {
  ASSERT_TRUE(create_store(dir_ / "empty").ok());
  const auto written = write_backup(scan_of(*opened("empty")), dir_ / "backup");
  ASSERT_TRUE(written.ok());
  EXPECT_EQ(written->rows, 0u);
  EXPECT_TRUE(restore_backup(dir_ / "backup", dir_ / "restored").ok());
}

TEST_F(Backup, AnyFlippedByteOrCutIsRefusedAndMakesNoStore) {
  ASSERT_TRUE(back_up().ok());
  std::ifstream file(dir_ / "backup", std::ios::binary);
  const std::string good(std::istreambuf_iterator<char>(file), {});
  Prng prng(5);
  for (int round = 0; round < 200; ++round) {
    std::string bad = good;
    const std::size_t at = round < 120 ? static_cast<std::size_t>(round) : prng.below(bad.size());
    if (round % 10 == 9) {
      bad.resize(at);
    } else {
      bad[at] = static_cast<char>(bad[at] ^ (1 << prng.below(8)));
    }
    std::ofstream(dir_ / "bad", std::ios::binary | std::ios::trunc) << bad;
    EXPECT_FALSE(check_backup(dir_ / "bad").ok()) << at;
    EXPECT_FALSE(restore_backup(dir_ / "bad", dir_ / "restored").ok()) << at;
    EXPECT_FALSE(fs::exists(dir_ / "restored"));
  }
  std::ofstream(dir_ / "bad", std::ios::binary | std::ios::trunc) << good << "more";
  EXPECT_THAT(check_backup(dir_ / "bad").error().context, testing::HasSubstr("after its end"));
  EXPECT_EQ(check_backup(dir_ / "none").error().code, ErrorCode::not_found);
}

TEST_F(Backup, IsNotRestoredOverAnything) {
  ASSERT_TRUE(back_up().ok());
  const auto refused = restore_backup(dir_ / "backup", dir_ / "store");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::already_exists);
}

TEST_F(Backup, AFailedBackupLeavesTheOneBefore) {
  ASSERT_TRUE(back_up().ok());
  const auto failed = write_backup(
      [](std::string_view first, std::string_view, const RowVisit& visit) -> Status {
        if (!first.empty()) return {};
        (void)visit("a", "1");
        return make_error(ErrorCode::corrupt, "a damaged block");
      },
      dir_ / "backup");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().context, "a damaged block");
  EXPECT_TRUE(check_backup(dir_ / "backup").ok());
  EXPECT_FALSE(fs::exists(dir_ / "backup.part"));
}

TEST(BackupAndReopening, AFailedWriteEndsTheBackupAndThenTheStoreOpensAnew) {
  const TempDir dir;
  FaultEnv faults;
  LevelDbOptions options;
  options.env = &faults;
  ASSERT_TRUE(create_store(dir / "store", options).ok());
  const auto store = std::move(*open_store(dir / "store", options));
  ASSERT_TRUE(store->commit({{"a", "1"}, {"b", "2"}}).ok());
  auto snapshot = *store->snapshot();
  faults.fail_appends(true);
  ASSERT_FALSE(store->commit({{"c", "3"}}).ok());
  faults.fail_appends(false);
  const Status waiting = store->reopen();
  ASSERT_FALSE(waiting.ok());
  EXPECT_THAT(waiting.error().context, testing::HasSubstr("a backup still reads the store"));
  const auto ended = write_backup(scan_of(std::move(snapshot)), dir / "backup");
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().code, ErrorCode::unavailable);
  EXPECT_FALSE(fs::exists(dir / "backup"));
  EXPECT_TRUE(store->reopen().ok());
  EXPECT_TRUE(store->commit({{"c", "3"}}).ok());
}

TEST_F(Backup, WithALaterExportEveryAcknowledgedEntryComesBack) {
  ASSERT_TRUE(back_up().ok());
  add(250);
  write_export();
  const auto recovered = recover();
  ASSERT_TRUE(recovered.ok()) << recovered.error().context;
  EXPECT_EQ(recovered->entries, 550u);
  const auto store = opened("recovered");
  EXPECT_EQ(difference(*store, rebuilt), "same");
  EXPECT_EQ(*store->get(kEpochKey).value(), "1000007");
  EXPECT_TRUE(store->get("o/0").value().has_value());
  EXPECT_FALSE(fs::exists(dir_ / "recovered.backup"));
}

TEST_F(Backup, WithAnEarlierExportTheBackupsEntriesCount) {
  write_export();
  add(40);
  ASSERT_TRUE(back_up().ok());
  const auto recovered = recover();
  ASSERT_TRUE(recovered.ok()) << recovered.error().context;
  EXPECT_EQ(recovered->entries, 340u);
  EXPECT_EQ(difference(*opened("recovered"), [](std::string_view key) { return key != kEpochKey; }),
            "same");
}

TEST_F(Backup, AnExportOfAnotherJournalIsRefused) {
  ASSERT_TRUE(back_up().ok());
  fs::create_directory(dir_ / "export");
  Journal other;
  std::ofstream(dir_ / "export/journal.jsonl") << *append_sample(other, 999).value << "\n";
  const auto refused = recover();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::mismatch);
  EXPECT_FALSE(fs::exists(dir_ / "recovered"));
}

TEST_F(Backup, AChangedExportIsRefusedByItsEntry) {
  ASSERT_TRUE(back_up().ok());
  add(10);
  write_export();
  std::fstream file(dir_ / "export/journal.jsonl", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(20'000);
  file.put('\x01');
  file.close();
  EXPECT_THAT(recover().error().context, testing::HasSubstr("journal.jsonl: entry "));
}

}  // namespace
}  // namespace cryobank::inventory
