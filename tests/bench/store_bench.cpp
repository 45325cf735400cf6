// What the record costs beside what stands under it: durable commits through the storage thread
// against bare LevelDB synced writes of the same rows and against SQLite (WAL, synchronous=FULL),
// in turns within one run, so that the ratios hold on a busy machine; then the rates of verifying,
// starting and backing up a journal of a given length. Prints Markdown tables.
//
//   store_bench [--dir DIR] [--rounds N] [--entries N] [--aliquots N]
//
// DIR is made and removed; it should be on the disk that the daemon would use.
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <future>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "inventory/record/backup/backup_io.hpp"
#include "inventory/record/export_io.hpp"
#include "inventory/record/journal.hpp"
#include "inventory/record/storage_start_io.hpp"
#include "inventory/record/storage_thread_io.hpp"
#include "inventory/record/verify.hpp"
#include "tests/bench/bare_leveldb.hpp"

namespace cryobank::inventory {
namespace {

namespace fs = std::filesystem;
using test::BareLevelDb;
using test::must;

constexpr int kCommitsPerTurn = 100;
constexpr int kBulkBatch = 1000;
constexpr int kBulkTurns = 100;

// Of this process: what holds on a machine that others load, too.
double cpu_us() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

double now_us() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::micro>(since).count();
}

// Sample of one way to write; times in microseconds.
struct Sample {
  std::vector<double> each;
  double total = 0;

  template <class Act>
  void time(const Act& act) {
    const double start = now_us();
    act();
    add(now_us() - start);
  }
  void add(double us) {
    each.push_back(us);
    total += us;
  }
  double quantile(double share) {
    std::sort(each.begin(), each.end());
    return each[static_cast<std::size_t>(share * static_cast<double>(each.size() - 1))];
  }
  double per_second(double items) const { return items * 1e6 / total; }
};

// The rows of one command, as the daemon commits them: entry, row, outbox, result, head.
class Commands {
 public:
  explicit Commands(std::uint64_t aliquots = 1'000'000'000) : aliquots_(aliquots) {}
  std::vector<RowChange> one() {
    std::vector<RowChange> rows;
    add(rows);
    const std::string number = std::to_string(journal_.sequence());
    rows.push_back({"o/inventory/" + number, std::string(300, 'o')});
    rows.push_back({"c/operator/" + number, std::string(150, 'r')});
    return with_head(std::move(rows));
  }
  std::vector<RowChange> many(int count) {
    std::vector<RowChange> rows;
    for (int i = 0; i < count; ++i) add(rows);
    return with_head(std::move(rows));
  }
  const Journal& journal() const { return journal_; }

 private:
  void add(std::vector<RowChange>& rows) {
    const std::string number = std::to_string(journal_.sequence() % aliquots_);
    Json data;
    data.set("aliquot", "A-" + number).set("code", "NK" + number).set("course", "C-17");
    data.set("place", "S1.F1.R12.B7").set("position", "H7");
    CommandContext context;
    context.now = {Instant{static_cast<std::int64_t>(journal_.sequence()) * 1'000'000},
                   WallTime{1'795'000'000'000 + static_cast<std::int64_t>(journal_.sequence())}};
    context.actor = {UserId("operator"), {"operator"}, {}, {}};
    context.command = "0d7a6c1e-4d6f-4b1c-9a39-0c8e1b1f3a01";
    context.device = "terminal-2";
    rows.push_back({"a/A-" + number, data.dump()});
    rows.push_back(journal_.append(Fact::read("inventory", "aliquot-stored", std::move(data)),
                                   context, "synchronised"));
  }
  std::vector<RowChange> with_head(std::vector<RowChange> rows) {
    for (RowChange& row : journal_.head_rows()) rows.push_back(std::move(row));
    return rows;
  }
  const std::uint64_t aliquots_;
  Journal journal_;
};

class Sqlite {
 public:
  explicit Sqlite(const std::string& path) {
    must(sqlite3_open(path.c_str(), &db_) == SQLITE_OK, "opening SQLite");
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    run("CREATE TABLE rows(key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID");
    must(sqlite3_prepare_v2(db_, "INSERT OR REPLACE INTO rows VALUES(?,?)", -1, &put_, nullptr) ==
             SQLITE_OK,
         "preparing");
  }
  ~Sqlite() {
    sqlite3_finalize(put_);
    sqlite3_close(db_);
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  void commit(const std::vector<RowChange>& rows) {
    run("BEGIN");
    for (const RowChange& row : rows) {
      sqlite3_bind_text(put_, 1, row.key.data(), static_cast<int>(row.key.size()), SQLITE_STATIC);
      sqlite3_bind_blob(put_, 2, row.value->data(), static_cast<int>(row.value->size()),
                        SQLITE_STATIC);
      must(sqlite3_step(put_) == SQLITE_DONE, "an SQLite insert");
      sqlite3_reset(put_);
    }
    run("COMMIT");
  }

 private:
  void run(const char* text) {
    must(sqlite3_exec(db_, text, nullptr, nullptr, nullptr) == SQLITE_OK, text);
  }
  sqlite3* db_ = nullptr;
  sqlite3_stmt* put_ = nullptr;
};

std::unique_ptr<LevelDbStore> opened(const std::string& directory) {
  auto store = open_store(directory);
  must(store.ok(), "opening the store");
  return std::move(*store);
}

std::unique_ptr<HighWater> opened_mark(const std::string& path) {
  auto mark = HighWater::open(path);
  must(mark.ok(), "opening the mark");
  return std::move(*mark);
}

class Record {
 public:
  explicit Record(const std::string& dir) {
    must(create_store(dir + "/record").ok(), "making the store");
    thread_ = std::make_unique<StorageThread>(opened(dir + "/record"), opened_mark(dir + "/mark"),
                                              Epoch{1});
  }
  void commit(std::vector<RowChange> rows) {
    std::promise<bool> done;
    must(thread_
             ->commit(std::move(rows),
                      [&](const Status& status, Duration) { done.set_value(status.ok()); })
             .ok(),
         "queueing");
    must(done.get_future().get(), "a commit");
  }

 private:
  std::unique_ptr<StorageThread> thread_;
};

void print_row(const char* name, Sample& sample, const Sample& bare, double items) {
  const double rate = sample.per_second(items);
  std::printf("| %s | %.0f | %.0f | %.0f | %.2f |\n", name, rate, sample.quantile(0.5),
              sample.quantile(0.99), bare.per_second(items) / rate);
}

void bench_writes(const std::string& dir, int turns, int entries, const char* title) {
  Commands commands;
  Record record(dir);
  BareLevelDb bare(dir + "/bare");
  Sqlite sqlite(dir + "/sqlite");
  Sample made;    // the same commits, with the making of entries and rows
  Sample stored;  // without
  Sample theirs;
  Sample sql;
  const int commits = entries == 1 ? kCommitsPerTurn : 1;
  for (int turn = 0; turn < turns; ++turn) {
    std::vector<std::vector<RowChange>> batches;
    for (int i = 0; i < commits; ++i) {
      const double start = now_us();
      auto rows = entries == 1 ? commands.one() : commands.many(entries);
      const double making = now_us() - start;
      batches.push_back(rows);
      stored.time([&] { record.commit(std::move(rows)); });
      made.add(stored.each.back() + making);
    }
    for (const auto& rows : batches) theirs.time([&] { bare.commit(rows); });
    for (const auto& rows : batches) sql.time([&] { sqlite.commit(rows); });
  }
  const double items = static_cast<double>(turns) * commits * entries;
  std::printf(
      "\n%s\n\n| | entries/s | p50 us | p99 us | time against bare |\n|---|---|---|---|---|\n",
      title);
  print_row("bare LevelDB, sync, same rows", theirs, theirs, items);
  print_row("storage thread and mark, same rows", stored, theirs, items);
  print_row("the same, with the making of entries and rows", made, theirs, items);
  print_row("SQLite WAL, synchronous=FULL, same rows", sql, theirs, items);
  std::fflush(stdout);
}

void bench_append() {
  Commands commands;
  constexpr int kCount = 200'000;
  const double start = cpu_us();
  for (int i = 0; i < kCount; i += 100) (void)commands.many(100);
  std::printf("\nMaking an entry, its row and its place in the tree: %.2f us of CPU\n",
              (cpu_us() - start) / kCount);
}

// Times one step of a table, from its making to done().
class Step {
 public:
  explicit Step(const char* what) : what_(what) {}
  void done(std::uint64_t entries) const {
    const double took = (now_us() - start_) / 1e6;
    std::printf("| %s | %.2f | %.2f | %.0f |\n", what_, took, (cpu_us() - cpu_start_) / 1e6,
                static_cast<double>(entries) / took);
    std::fflush(stdout);
  }

 private:
  const char* what_;
  const double start_ = now_us();
  const double cpu_start_ = cpu_us();
};

void fill_store(const std::string& dir, std::uint64_t entries, std::uint64_t aliquots) {
  must(create_store(dir + "/record").ok(), "making the store");
  Commands commands(aliquots);
  const auto store = opened(dir + "/record");
  while (commands.journal().sequence() < entries) {
    must(store->commit(commands.many(kBulkBatch)).ok(), "filling");
  }
  const JournalHead head = commands.journal().head();
  must(opened_mark(dir + "/mark")->write({head.sequence, head.last_hash, Epoch{1}}).ok(), "mark");
}

void bench_export(const std::string& dir, Store& store, std::uint64_t entries) {
  const auto key = SigningKey::create(dir + "/key", "bench");
  must(key.ok(), "the key");
  const Step exporting("export, verifying on the way");
  must(export_journal(scan_of(store), *key, dir + "/export").ok(), "the export");
  exporting.done(entries);
  const Step verifying("verify the export");
  const auto exported = verify_export(dir + "/export", key->verifier());
  must(exported.ok() && !exported->fault, "verifying the export");
  verifying.done(entries);
  const Step proving("prove one aliquot, verifying on the way");
  must(export_proof(scan_of(store), {"A-4711"}, *key, dir + "/proof").ok(), "the proof");
  proving.done(entries);
}

void bench_whole(const std::string& dir, std::uint64_t entries, std::uint64_t aliquots) {
  std::printf(
      "\nA journal of %llu entries about %llu aliquots\n\n| | s | s of CPU | entries/s "
      "|\n|---|---|---|---|\n",
      static_cast<unsigned long long>(entries), static_cast<unsigned long long>(aliquots));
  const Step filling("fill, synced batches of 1000");
  fill_store(dir, entries, aliquots);
  filling.done(entries);
  const Step starting("start: open, check the tail, take the epoch");
  const auto store = opened(dir + "/record");
  const auto mark = opened_mark(dir + "/mark");
  const auto started = start_record(*store, *mark);
  must(started.ok(), "the start");
  starting.done(entries);
  const Step reading("start: read the current rows");
  std::uint64_t bytes = 0;
  must(scan_current_rows(*store,
                         [&](std::string_view key, std::string_view value) {
                           bytes += key.size() + value.size();
                           return Status();
                         })
           .ok(),
       "the scan");
  reading.done(entries);
  const Step verifying("verify the store: form, chain, tree, checksums");
  const auto report = verify_rows(scan_of(*store));
  must(report.ok() && !report->fault && report->entries >= entries, "verifying");
  verifying.done(entries);
  const Step saving("back up");
  must(write_backup(scan_of(*store), dir + "/backup").ok(), "the backup");
  saving.done(entries);
  bench_export(dir, *store, entries);
}

struct Options {
  std::string dir = "store-bench";
  int rounds = 20;
  std::uint64_t entries = 1'000'000;
  std::uint64_t aliquots = 1'000'000;
};

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const auto number = parse_integer(argv[i + 1]);
    if (name == "--dir") {
      options.dir = argv[i + 1];
    } else if (name == "--rounds" && number && *number > 0) {
      options.rounds = static_cast<int>(*number);
    } else if (name == "--entries" && number && *number > 0) {
      options.entries = static_cast<std::uint64_t>(*number);
    } else if (name == "--aliquots" && number && *number > 0) {
      options.aliquots = static_cast<std::uint64_t>(*number);
    } else {
      std::fprintf(stderr,
                   "usage: store_bench [--dir DIR] [--rounds N] [--entries N] [--aliquots N]\n");
      std::exit(2);
    }
  }
  return options;
}

int run(const Options& options) {
  must(!fs::exists(options.dir), "finding the directory free");
  for (const char* part : {"/one", "/bulk", "/whole"}) fs::create_directories(options.dir + part);
  bench_writes(options.dir + "/one", options.rounds, 1, "One command, one durable commit");
  bench_writes(options.dir + "/bulk", std::min(options.rounds * 5, kBulkTurns), kBulkBatch,
               "Bulk: 1000 entries in one durable commit");
  bench_append();
  std::fflush(stdout);
  bench_whole(options.dir + "/whole", options.entries, options.aliquots);
  fs::remove_all(options.dir);
  return 0;
}

}  // namespace
}  // namespace cryobank::inventory

int main(int argc, char** argv) {
  return cryobank::inventory::run(cryobank::inventory::read_options(argc, argv));
}
