// The sides of bank_bench: the vials that are brought in, and what somebody would build with
// SQLite.
#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/record.hpp"
#include "base/result.hpp"
#include "base/text.hpp"
#include "inventory/commands/list/csv.hpp"
#include "tests/bench/bare_leveldb.hpp"

namespace cryobank::test {

inline constexpr int kTanks = 25;
inline constexpr int kRacks = 20;  // in each tank, of 20 boxes of 100 positions
inline constexpr int kBoxes = 20;
inline constexpr int kBoxSize = 100;
inline constexpr int kPerCourse = 12;

inline double now_s() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

inline double cpu_s() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

inline void must(const Status& status, std::string_view what) {
  if (!status) std::fprintf(stderr, "%s\n", status.error().context.c_str());
  must(status.ok(), what);
}

struct Times {
  std::vector<double> each;
  double cpu = 0;  // of the whole process: what holds on a machine that others load, too
  template <class Act>
  void time(const Act& act) {
    const double start = now_s();
    const double cpu_start = cpu_s();
    act();
    cpu += cpu_s() - cpu_start;
    each.push_back(now_s() - start);
  }
  // The rest of what the last one did.
  template <class Act>
  void go_on(const Act& act) {
    const double before = each.back();
    time(act);
    const double rest = each.back();
    each.pop_back();
    each.back() = before + rest;
  }
  double sum() const {
    double total = 0;
    for (const double one : each) total += one;
    return total;
  }
  double quantile(double share) {
    std::sort(each.begin(), each.end());
    return each[static_cast<std::size_t>(share * static_cast<double>(each.size() - 1))];
  }
};

// Spreads vials over tanks, as the split rule does: the vials of a course lie in twelve tanks.
struct Vial {
  int number;
  int tank() const { return number % kTanks + 1; }
  int index() const { return number / kTanks; }  // in the tank
  int rack() const { return index() / (kBoxes * kBoxSize) % kRacks + 1; }
  int box() const { return index() / kBoxSize % kBoxes + 1; }
  int course() const { return number / kPerCourse; }
  int dose() const { return number % kPerCourse + 1; }
  std::string box_id() const { return cat("vault-", tank(), "-", rack(), "-", box()); }
  std::string position() const {
    const int at = index() % kBoxSize;
    return cat(static_cast<char>('A' + at / 10), at % 10 + 1);
  }
  std::string id() const { return cat("v", number); }
  std::string code() const { return cat("NK", 10'000'000 + number); }
  std::string line() const {
    return cat(id(), ",", code(), ",c", course(), ",p", course() / 2, ",,d", dose(),
               ",1/12,released,", "site-demo/room-1/vault-", tank(), "/vault-", tank(), "-", rack(),
               "/", box_id(), ",", position(), "\r\n");
  }
};

// What somebody would build with SQLite: a table of vials with the indices that the questions need,
// places as a tree, and the journal beside them, in one transaction for each command.
class Sqlite {
 public:
  explicit Sqlite(const std::string& path) {
    must(sqlite3_open(path.c_str(), &db_) == SQLITE_OK, "opening SQLite");
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    run("PRAGMA cache_size=-65536");
    run("CREATE TABLE place(id TEXT PRIMARY KEY, parent TEXT) WITHOUT ROWID");
    run("CREATE INDEX place_parent ON place(parent)");
    run("CREATE TABLE aliquot(id TEXT PRIMARY KEY, code TEXT UNIQUE, course TEXT, dose INT,"
        "state TEXT, place TEXT, position TEXT, UNIQUE(place, position)) WITHOUT ROWID");
    run("CREATE INDEX aliquot_course ON aliquot(course)");
    run("CREATE TABLE journal(sequence INTEGER PRIMARY KEY, entry TEXT)");
  }
  ~Sqlite() { sqlite3_close(db_); }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  void run(const std::string& text) {
    char* error = nullptr;
    if (sqlite3_exec(db_, text.c_str(), nullptr, nullptr, &error) == SQLITE_OK) return;
    std::fprintf(stderr, "%s: %s\n", text.c_str(), error);
    must(false, "SQLite");
  }
  void insert(int first, int count, const std::vector<std::string>& entries) {
    Statement vial(db_, "INSERT INTO aliquot VALUES(?,?,?,?,?,?,?)");
    Statement entry(db_, "INSERT INTO journal(entry) VALUES(?)");
    run("BEGIN");
    for (int i = first; i < first + count; ++i) {
      const Vial one{i};
      vial.step({one.id(), one.code(), cat("c", one.course()), cat(one.dose()), "released",
                 one.box_id(), one.position()});
    }
    for (const std::string& text : entries) entry.step({text});
    run("COMMIT");
  }
  // The list as it came: each line is read, its place looked up; the indices refuse an id, a code
  // or a position that is taken.
  void import(std::string_view csv, const std::vector<std::string>& entries) {
    auto reader = inventory::CsvReader::open(csv, ',');
    must(reader.ok(), "the list");
    Statement vial(db_, "INSERT INTO aliquot VALUES(?,?,?,?,?,?,?)");
    Statement place(db_, "SELECT 1 FROM place WHERE id=?");
    Statement entry(db_, "INSERT INTO journal(entry) VALUES(?)");
    run("BEGIN");
    (void)reader->next();
    for (auto row = reader->next(); !(*row)->empty(); row = reader->next()) {
      const std::vector<std::string_view>& fields = **row;
      const std::string box(fields[8].substr(fields[8].rfind('/') + 1));
      must(place.count({box}) == 1, "a place");
      const auto text = [&](std::size_t column) { return std::string(fields[column]); };
      vial.step({text(0), text(1), text(2), text(5), text(7), box, text(9)});
    }
    for (const std::string& text : entries) entry.step({text});
    run("COMMIT");
  }
  // Rows that the question gives.
  std::size_t ask(const char* text, const std::vector<std::string>& words) {
    Statement statement(db_, text);
    return statement.count(words);
  }
  void act(const char* text, const std::vector<std::string>& words) {
    Statement(db_, text).step(words);
  }

 private:
  class Statement {
   public:
    Statement(sqlite3* db, const char* text) {
      must(sqlite3_prepare_v2(db, text, -1, &statement_, nullptr) == SQLITE_OK, text);
    }
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    void step(const std::vector<std::string>& words) {
      bind(words);
      must(sqlite3_step(statement_) == SQLITE_DONE, "an SQLite statement");
      sqlite3_reset(statement_);
    }
    std::size_t count(const std::vector<std::string>& words) {
      bind(words);
      std::size_t rows = 0;
      while (sqlite3_step(statement_) == SQLITE_ROW) ++rows;
      sqlite3_reset(statement_);
      return rows;
    }

   private:
    void bind(const std::vector<std::string>& words) {
      for (std::size_t i = 0; i < words.size(); ++i) {
        sqlite3_bind_text(statement_, static_cast<int>(i + 1), words[i].c_str(),
                          static_cast<int>(words[i].size()), SQLITE_TRANSIENT);
      }
    }
    sqlite3_stmt* statement_ = nullptr;
  };

  sqlite3* db_ = nullptr;
};

}  // namespace cryobank::test
