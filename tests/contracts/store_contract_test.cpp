// What every store promises, told once and run against LevelDB in a real directory and against the
// store of the simulated world.
#include <gmock/gmock.h>

#include <map>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "inventory/record/leveldb_io.hpp"
#include "tests/contracts/fault_env.hpp"
#include "tests/contracts/temp_dir.hpp"
#include "tests/simulation/sim_store.hpp"

namespace cryobank::inventory {
namespace {

class LevelDbWorld {
 public:
  LevelDbWorld() {
    options_.env = &env_;
    options_.reserve_bytes = 0;
    EXPECT_TRUE(create_store(dir_ / "store", options_).ok());
    start();
  }
  Store& store() { return *store_; }
  void fail_next_write() { env_.fail_appends(true); }
  void fail_next_sync() { env_.fail_syncs(true); }
  void heal() {
    env_.fail_appends(false);
    env_.fail_syncs(false);
  }
  void set_full(bool full) { env_.set_full(full); }
  void power_cut() {
    heal();
    env_.set_full(false);
    store_.reset();
    env_.power_cut();
    start();
  }

 private:
  void start() {
    auto opened = open_store(dir_ / "store", options_);
    ASSERT_TRUE(opened.ok()) << opened.error().context;
    store_ = std::move(*opened);
  }
  TempDir dir_;
  FaultEnv env_;
  LevelDbOptions options_;
  std::unique_ptr<LevelDbStore> store_;
};

class SimulatedWorld {
 public:
  Store& store() { return store_; }
  void fail_next_write() { store_.fail_next(1); }
  void fail_next_sync() { store_.fail_next(1); }
  void heal() { store_.fail_next(0); }
  void set_full(bool full) { store_.set_full(full); }
  void power_cut() {
    store_.kill();
    store_.set_full(false);
  }

 private:
  simulation::SimStore store_{1};
};

using Rows = std::map<std::string, std::string>;

Rows all_rows(Store& store) {
  Rows rows;
  const Status scanned = store.scan("", "", [&](std::string_view key, std::string_view value) {
    rows.emplace(key, value);
    return true;
  });
  EXPECT_TRUE(scanned.ok());
  return rows;
}

template <class World>
class StoreContract : public testing::Test {
 protected:
  Store& store() { return world_.store(); }
  World world_;
};

using Worlds = testing::Types<LevelDbWorld, SimulatedWorld>;
TYPED_TEST_SUITE(StoreContract, Worlds);

TYPED_TEST(StoreContract, ABatchIsReadBackInKeyOrder) {
  ASSERT_TRUE(this->store().commit({{"b", "2"}, {"a", "1"}, {"c", "3"}}).ok());
  std::string seen;
  ASSERT_TRUE(this->store()
                  .scan("", "",
                        [&](std::string_view key, std::string_view value) {
                          seen += cat(key, "=", value, " ");
                          return true;
                        })
                  .ok());
  EXPECT_EQ(seen, "a=1 b=2 c=3 ");
  EXPECT_EQ(*this->store().get("b").value(), "2");
}

TYPED_TEST(StoreContract, AnAbsentOrRemovedKeyHasNoValue) {
  ASSERT_TRUE(this->store().commit({{"a", "1"}, {"b", ""}}).ok());
  ASSERT_TRUE(this->store().commit({{"a", std::nullopt}, {"never", std::nullopt}}).ok());
  for (const char* key : {"a", "never", "other"}) {
    const auto value = this->store().get(key);
    ASSERT_TRUE(value.ok());
    EXPECT_FALSE(value->has_value()) << key;
  }
  ASSERT_TRUE(this->store().get("b").value().has_value());
  EXPECT_EQ(all_rows(this->store()), (Rows{{"b", ""}}));
}

TYPED_TEST(StoreContract, AKeyThatComesTwiceInABatchHasItsLastValue) {
  ASSERT_TRUE(this->store().commit({{"a", "1"}, {"a", std::nullopt}, {"a", "3"}}).ok());
  ASSERT_TRUE(this->store().commit({{"b", "1"}, {"b", std::nullopt}}).ok());
  EXPECT_EQ(all_rows(this->store()), (Rows{{"a", "3"}}));
}

TYPED_TEST(StoreContract, AScanTakesTheFirstKeyAndLeavesTheLast) {
  ASSERT_TRUE(this->store().commit({{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}}).ok());
  std::string seen;
  const auto visit = [&](std::string_view key, std::string_view) {
    seen += key;
    return seen.size() < 3;
  };
  ASSERT_TRUE(this->store().scan("b", "d", visit).ok());
  EXPECT_EQ(seen, "bc");
  ASSERT_TRUE(this->store().scan("a", "d", visit).ok());
  EXPECT_EQ(seen, "bca") << "ends when the visitor has enough";
  ASSERT_TRUE(this->store().scan("x", "", visit).ok());
  ASSERT_TRUE(this->store().scan("c", "b", visit).ok());
  EXPECT_EQ(seen, "bca");
}

TYPED_TEST(StoreContract, KeysAndValuesAreBytes) {
  const std::string key("k\0\xFF\n", 4);
  const std::string value = std::string("\0\xFE", 2) + std::string(1 << 20, 'v');
  ASSERT_TRUE(this->store().commit({{key, value}}).ok());
  this->world_.power_cut();
  EXPECT_EQ(*this->store().get(key).value(), value);
}

TYPED_TEST(StoreContract, AnEmptyBatchIsFine) {
  EXPECT_TRUE(this->store().commit({}).ok());
  EXPECT_TRUE(all_rows(this->store()).empty());
}

TYPED_TEST(StoreContract, WhatWasSaidToBeDurableOutlivesAPowerCut) {
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(this->store().commit({{cat("k", i), cat(i)}, {"last", cat(i)}}).ok());
    if (i % 10 == 9) this->world_.power_cut();
  }
  EXPECT_EQ(all_rows(this->store()).size(), 51u);
  EXPECT_EQ(*this->store().get("last").value(), "49");
}

TYPED_TEST(StoreContract, ARefusedCommitLeavesNothingNowNorAfterReopeningNorAfterAPowerCut) {
  for (const bool sync : {false, true}) {
    ASSERT_TRUE(this->store().commit({{"a", "old"}}).ok());
    if (sync) {
      this->world_.fail_next_sync();
    } else {
      this->world_.fail_next_write();
    }
    EXPECT_FALSE(this->store().commit({{"a", "new"}, {"ghost", "1"}}).ok());
    this->world_.heal();
    EXPECT_EQ(all_rows(this->store()), (Rows{{"a", "old"}}));
    ASSERT_TRUE(this->store().reopen().ok());
    EXPECT_EQ(all_rows(this->store()), (Rows{{"a", "old"}}));
    this->world_.power_cut();
    EXPECT_EQ(all_rows(this->store()), (Rows{{"a", "old"}}));
  }
}

TYPED_TEST(StoreContract, AfterAFailedWriteEveryCommitIsRefusedUntilItIsOpenedAnew) {
  this->world_.fail_next_write();
  EXPECT_FALSE(this->store().commit({{"a", "1"}}).ok());
  this->world_.heal();
  const Status refused = this->store().commit({{"b", "1"}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  ASSERT_TRUE(this->store().reopen().ok());
  EXPECT_TRUE(this->store().commit({{"c", "1"}}).ok());
  EXPECT_EQ(all_rows(this->store()), (Rows{{"c", "1"}}));
}

TYPED_TEST(StoreContract, AFullDiskRefusesAndRecoversWithEveryAcknowledgedRow) {
  ASSERT_TRUE(this->store().commit({{"before", "1"}}).ok());
  this->world_.set_full(true);
  const Status refused = this->store().commit({{"during", std::string(5000, 'x')}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_THAT(refused.error().context, testing::HasSubstr("full"));
  this->world_.set_full(false);
  ASSERT_TRUE(this->store().reopen().ok());
  ASSERT_TRUE(this->store().commit({{"after", "1"}}).ok());
  this->world_.power_cut();
  EXPECT_EQ(all_rows(this->store()), (Rows{{"before", "1"}, {"after", "1"}}));
}

std::vector<RowChange> random_batch(Prng& prng) {
  std::vector<RowChange> batch;
  for (std::uint64_t i = prng.below(8); i > 0; --i) {
    RowChange row{cat("k", prng.below(40)), std::nullopt};
    if (!prng.chance(1, 4)) row.value = std::string(prng.below(300), static_cast<char>('a' + i));
    batch.push_back(std::move(row));
  }
  return batch;
}

TYPED_TEST(StoreContract, RandomBatchesFaultsAndPowerCutsNeverDifferFromTheAcknowledgedRows) {
  Prng prng(20261122);
  Rows model;
  for (int step = 0; step < 600; ++step) {
    const std::vector<RowChange> batch = random_batch(prng);
    const std::uint64_t fault = prng.below(20);
    if (fault == 0) this->world_.fail_next_write();
    if (fault == 1) this->world_.fail_next_sync();
    if (fault == 2) this->world_.set_full(true);
    const bool durable = this->store().commit(batch).ok();
    if (durable) {
      for (const RowChange& row : batch) {
        model.erase(row.key);
        if (row.value) model.emplace(row.key, *row.value);
      }
    }
    this->world_.heal();
    this->world_.set_full(false);
    if (fault == 3) this->world_.power_cut();
    if (!durable || fault == 4) {
      ASSERT_TRUE(this->store().reopen().ok());
    }
    ASSERT_EQ(all_rows(this->store()), model) << "step " << step << ", fault " << fault;
  }
}

TYPED_TEST(StoreContract, CurrentRowsLeaveOutJournalTreeCheckpointsAndEvents) {
  ASSERT_TRUE(this->store()
                  .commit({{"a/1", "1"},
                           {"e/inventory/1", ""},
                           {"f", "2"},
                           {"j/0000000000000001", "{}"},
                           {"k/0000000000000001", ""},
                           {"m/epoch", "3"},
                           {"t/08/0000000000000000", ""},
                           {"z", "4"}})
                  .ok());
  std::string seen;
  ASSERT_TRUE(scan_current_rows(this->store(), [&](std::string_view key, std::string_view value) {
                seen += cat(key, "=", value, " ");
                return Status();
              }).ok());
  EXPECT_EQ(seen, "a/1=1 f=2 m/epoch=3 z=4 ");
  const Status refused =
      scan_current_rows(this->store(), [](std::string_view key, std::string_view) -> Status {
        return make_error(ErrorCode::corrupt, cat("bad row ", key));
      });
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().context, "bad row a/1");
}

}  // namespace
}  // namespace cryobank::inventory
