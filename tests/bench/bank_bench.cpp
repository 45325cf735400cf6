// A whole bank at its size: aliquots brought in by CSV as the daemon takes them, against bare
// LevelDB batches of the same rows and against SQLite; look-ups, the affected report and the move
// of a tank in the ledger and in SQLite; then the real daemon on that store: its start, its memory,
// and how long a durable command takes, alone and while a backup runs. Prints Markdown tables.
//
//   bank_bench [--aliquots N] [--entries N]
//
// Works in a folder of its own under TMPDIR, gone at the end; 10 million entries need 12 GB.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <future>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "inventory/ledger/ledger.hpp"
#include "inventory/ledger/reach.hpp"
#include "inventory/ledger/view.hpp"
#include "inventory/record/journal.hpp"
#include "inventory/record/storage_start_io.hpp"
#include "inventory/record/storage_thread_io.hpp"
#include "service/config_files_io.hpp"
#include "service/repair/record_files_io.hpp"
#include "tests/bench/bank_bench.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

namespace fs = std::filesystem;
using inventory::Draft;
using inventory::Ledger;
using inventory::View;

// As many lines as fit a command of 256 KiB.
constexpr int kLinesPerCommand = 1992;  // whole courses
constexpr int kBulkLines = 99'600;
constexpr int kLookups = 20'000;
constexpr int kReports = 20;
constexpr int kCommands = 400;

constexpr std::string_view kVaults = R"(
[[place]]
id = "room-2"
type = "room"
parent = "site-demo"

[[place_type]]
id = "vault"
layout = "linear"
columns = 20
holds = ["vault-rack"]

[[place_type]]
id = "vault-rack"
layout = "linear"
columns = 20
holds = ["vault-box"]

[[place_type]]
id = "vault-box"
layout = "grid"
rows = 10
columns = 10
holds = ["aliquot"]

[[place]]
each = { f = [1, 25] }
id = "vault-{f}"
type = "vault"
parent = "room-1"

[[place]]
each = { f = [1, 25], r = [1, 20] }
id = "vault-{f}-{r}"
type = "vault-rack"
parent = "vault-{f}"
position = "{r}"

[[place]]
each = { f = [1, 25], r = [1, 20], b = [1, 20] }
id = "vault-{f}-{r}-{b}"
type = "vault-box"
parent = "vault-{f}-{r}"
position = "{b}"
)";

void add_vaults(const Bank& bank) {
  const fs::path places = fs::path(bank.site_file()).parent_path() / "places.toml";
  std::string text = read_text(places.string());
  const std::string_view room = "holds = [\"freezer\", ";
  const std::size_t at = text.find(room);
  must(at != std::string::npos, "finding the room's contents");
  text.insert(at + room.size(), "\"vault\", ");
  std::ofstream(places) << text << kVaults;
}

// A command's batch as the daemon's recorder makes it: entries, rows, head.
class Teller {
 public:
  explicit Teller(const config::SiteConfig& site) : ledger_(site) {}

  std::vector<RowChange> decide(std::string_view verb, const Json& body) {
    CommandContext context;
    context.now = {Instant{1}, WallTime{1'795'000'000'000 + ++clock_}};
    context.actor = {UserId("supervisor"), {"supervisor"}, UserId("witness"), {"witness"}};
    context.command = "0d7a6c1e-4d6f-4b1c-9a39-0c8e1b1f3a01";
    Draft draft(ledger_);
    const auto decision = inventory::decide_into(draft, verb, body, context);
    if (!decision) std::fprintf(stderr, "%s\n", decision.error().context.c_str());
    if (decision && decision->refused) {
      std::fprintf(stderr, "%s\n", decision->refused->context.c_str());
    }
    must(decision.ok() && !decision->refused, verb);
    std::vector<RowChange> rows;
    for (const Fact& fact : decision->facts) {
      rows.push_back(journal_.append(fact, context, "synchronised"));
    }
    const auto take = [&rows](std::vector<RowChange> more) {
      rows.insert(rows.end(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
    };
    take(draft.rows());
    take(journal_.head_rows());
    std::move(draft).absorb_into(ledger_);
    return rows;
  }
  // Entries that make no rows, to give the journal its length.
  std::vector<RowChange> pass_time(int entries) {
    CommandContext context;
    context.actor = {UserId("service"), {}, {}, {}};
    std::vector<RowChange> rows;
    for (int i = 0; i < entries; ++i) {
      context.now = {Instant{1}, WallTime{1'795'000'000'000 + ++clock_}};
      Json data;
      data.set("alarm", "freezer-1.temperature-top-high").set("occurrence", clock_);
      data.set("text", "Freezer 1: top temperature -158.4 Cel is above -160 Cel");
      rows.push_back(
          journal_.append({fact::kAlarmRaised, std::move(data)}, context, "synchronised"));
    }
    for (RowChange& row : journal_.head_rows()) rows.push_back(std::move(row));
    return rows;
  }
  const Ledger& ledger() const { return ledger_; }
  const inventory::Journal& journal() const { return journal_; }

 private:
  Ledger ledger_;
  inventory::Journal journal_;
  std::int64_t clock_ = 0;
};

class Storage {
 public:
  explicit Storage(const config::SiteConfig& site) {
    must(service::create_record(site), "making the record");
    auto record = service::open_record(site);
    must(record.ok(), "opening the record");
    thread_ = std::make_unique<inventory::StorageThread>(
        std::move(record->store), std::move(record->mark), record->start.epoch,
        std::make_unique<inventory::JournalCopy>(service::record_files(site).journal_copy));
  }
  void commit(std::vector<RowChange> rows) {
    std::promise<bool> done;
    must(thread_->commit(std::move(rows),
                         [&](const Status& status, Duration) { done.set_value(status.ok()); }),
         "queueing");
    must(done.get_future().get(), "a commit");
  }

 private:
  std::unique_ptr<inventory::StorageThread> thread_;
};

class Bench {
 public:
  Bench(int aliquots, std::uint64_t entries)
      : aliquots_(aliquots), entries_(entries), bank_("bench") {
    add_vaults(bank_);
    bank_.add_config(
        cat("[backup]\ndirectory = \"", (bank_.directory() / "backups").string(), "\"\n"));
    config::Faults faults;
    const bool good = service::load_site(bank_.site_file(), site_, faults);
    service::print_faults(faults);
    must(good, "the site");
    site_.signing.required = false;  // an import's work is measured, not the typing of a secret
    teller_ = std::make_unique<Teller>(site_);
    sqlite_ = std::make_unique<Sqlite>((bank_.directory() / "sqlite").string());
  }

  void run() {
    fill();
    look_up();
    lengthen();
    storage_.reset();
    sqlite_.reset();
    teller_.reset();
    run_daemon();
  }

 private:
  static Json csv(int first, int count) {
    std::string text = "aliquot,code,course,patient,lot,dose,fraction,state,path,position\r\n";
    for (int i = first; i < first + count; ++i) text += Vial{i}.line();
    return Json::object().set("csv", std::move(text));
  }

  void fill() {
    storage_ = std::make_unique<Storage>(site_);
    BareLevelDb bare((bank_.directory() / "bare").string());
    Sqlite reading((bank_.directory() / "sqlite-reading").string());
    for (Sqlite* sqlite : {sqlite_.get(), &reading}) add_places(*sqlite);
    Times whole, theirs, sql, read;
    const double start = now_s();
    for (int first = 0; first < aliquots_; first += kLinesPerCommand) {
      const int count = std::min(kLinesPerCommand, aliquots_ - first);
      const Json body = csv(first, count);
      std::vector<RowChange> rows;
      const bool measured = first < kBulkLines;
      whole.time([&] { rows = teller_->decide("bulk/import", body); });
      std::vector<RowChange> same = measured ? rows : std::vector<RowChange>();
      whole.go_on([&] { storage_->commit(std::move(rows)); });
      rows = std::move(same);
      std::vector<std::string> entries;
      for (const RowChange& row : rows) {
        if (row.key.starts_with("j/")) entries.push_back(*row.value);
      }
      if (measured) theirs.time([&] { bare.commit(rows); });
      const auto insert = [&] { sqlite_->insert(first, count, entries); };
      if (measured) {
        sql.time(insert);
        read.time([&] { reading.import(body["csv"].string(), entries); });
      } else {
        insert();
      }
      if (first + count == kBulkLines && aliquots_ > kBulkLines)
        print_bulk(whole, theirs, sql, read);
    }
    if (aliquots_ <= kBulkLines) print_bulk(whole, theirs, sql, read);
    std::printf("\n%d aliquots in all: %.0f s, with SQLite beside\n", aliquots_, now_s() - start);
    std::fflush(stdout);
  }

  void add_places(Sqlite& sqlite) const {
    sqlite.run("BEGIN");
    sqlite.run("INSERT INTO place VALUES('room-1',NULL)");
    for (const config::PlaceConfig& place : site_.places) {
      if (!place.id.str().starts_with("vault-")) continue;
      sqlite.act("INSERT INTO place VALUES(?,?)", {place.id.str(), place.parent.str()});
    }
    sqlite.run("COMMIT");
  }

  static void print_bulk(Times& whole, Times& theirs, Times& sql, Times& read) {
    const double lines = static_cast<double>(whole.each.size()) * kLinesPerCommand;
    std::printf("\n## Bulk: vials by CSV, %d lines in one durable command\n\n", kLinesPerCommand);
    std::printf(
        "| %.0f vials | s | vials/s | us of CPU a vial | CPU against bare |\n"
        "|---|---|---|---|---|\n",
        lines);
    const auto row = [&](const char* name, const Times& times) {
      std::printf("| %s | %.2f | %.0f | %.1f | %.2f |\n", name, times.sum(), lines / times.sum(),
                  times.cpu * 1e6 / lines, times.cpu / theirs.cpu);
    };
    row("bare LevelDB, sync, the same finished rows", theirs);
    row("this: read, check, decide, journal, commit", whole);
    row("SQLite WAL, synchronous=FULL, finished rows, indices", sql);
    row("SQLite, the same, reading the list and looking up each place", read);
    std::fflush(stdout);
  }

  template <class Ours, class Theirs>
  void compare(const char* what, int times, const Ours& ours, const Theirs& theirs) {
    Times our, their;
    Prng prng(7);
    for (int i = 0; i < times; ++i) {
      const Vial vial{static_cast<int>(prng.below(static_cast<std::uint64_t>(aliquots_)))};
      our.time([&] { must(ours(vial), what); });
      their.time([&] { must(theirs(vial), what); });
    }
    std::printf("| %s | %.1f | %.1f | %.1f | %.1f | %.1f |\n", what, our.quantile(0.5) * 1e6,
                our.quantile(0.99) * 1e6, their.quantile(0.5) * 1e6, their.quantile(0.99) * 1e6,
                their.sum() / our.sum());
    std::fflush(stdout);
  }

  void look_up() {
    const View view(teller_->ledger());
    std::printf(
        "\n## Look-ups at %d aliquots\n\n| | p50 us | p99 us | SQLite p50 us | p99 us | "
        "SQLite's time against ours |\n|---|---|---|---|---|---|\n",
        aliquots_);
    compare(
        "a vial by its code", kLookups,
        [&](const Vial& vial) { return view.aliquot_by_code(vial.code()).has_value(); },
        [&](const Vial& vial) {
          return sqlite_->ask("SELECT * FROM aliquot WHERE code=?", {vial.code()}) == 1;
        });
    compare(
        "a course with its vials", kLookups,
        [&](const Vial& vial) {
          // The same that SQLite is asked for: where each vial is and how it stands.
          const auto* course = view.course(CourseId(cat("c", vial.course())));
          std::size_t found = 0;
          for (const inventory::Dose& dose : course->doses) {
            for (const AliquotId& id : dose.aliquots) found += view.aliquot(id).has_value();
          }
          return found > 0;
        },
        [&](const Vial& vial) {
          return sqlite_->ask("SELECT * FROM aliquot WHERE course=?", {cat("c", vial.course())}) >
                 0;
        });
    const char* const affected_vials =
        "WITH RECURSIVE inside(id) AS (SELECT ? UNION ALL SELECT place.id FROM place "
        "JOIN inside ON place.parent=inside.id) "
        "SELECT course, count(DISTINCT dose) FROM aliquot JOIN inside ON aliquot.place=inside.id "
        "GROUP BY course";
    compare(
        "what is affected in a tank of 40,000", kReports,
        [&](const Vial& vial) { return affected(cat("vault-", vial.tank())); },
        [&](const Vial& vial) {
          return sqlite_->ask(affected_vials, {cat("vault-", vial.tank())}) > 0;
        });
    move_tanks();
  }

  // To the other room and back; both sides look first whether anything inside is in use.
  void move_tanks() {
    const char* const inside =
        "WITH RECURSIVE inside(id) AS (SELECT ? UNION ALL SELECT place.id FROM place "
        "JOIN inside ON place.parent=inside.id) "
        "SELECT count(*), sum(state='checked-out') FROM aliquot JOIN inside "
        "ON aliquot.place=inside.id";
    const auto tank = [](int turn) { return cat("vault-", turn / 2 % kTanks + 1); };
    const auto room = [](int turn) { return cat("room-", turn % 2 == 0 ? 2 : 1); };
    int ours = 0;
    int theirs = 0;
    compare(
        "moving a tank of 40,000, none of it in use, durable", kReports,
        [&](const Vial&) {
          const Json body = Json::object().set("place", tank(ours)).set("parent", room(ours));
          storage_->commit(teller_->decide("place/move", body));
          return ++ours > 0;
        },
        [&](const Vial&) {
          sqlite_->run("BEGIN");
          must(sqlite_->ask(inside, {tank(theirs)}) == 1, "counting what is inside");
          sqlite_->act("UPDATE place SET parent=? WHERE id=?", {room(theirs), tank(theirs)});
          sqlite_->act("INSERT INTO journal(entry) VALUES(?)", {std::string(500, 'j')});
          sqlite_->run("COMMIT");
          return ++theirs > 0;
        });
  }

  bool affected(const std::string& place) {
    CommandContext context;
    context.now.wall = WallTime{1'795'100'000'000};
    context.actor = {UserId("viewer"), {"viewer"}, {}, {}};
    const Draft draft(teller_->ledger());
    const auto report =
        inventory::decide(draft, "report/affected", Json::object().set("place", place), context);
    return report.ok() && report->reply.integer_or("aliquots", 0) > 0;
  }

  void lengthen() {
    constexpr int kBatch = 1000;
    const double start = now_s();
    while (teller_->journal().sequence() < entries_) storage_->commit(teller_->pass_time(kBatch));
    std::printf("\njournal of %llu entries, the last of them added in %.0f s\n",
                static_cast<unsigned long long>(teller_->journal().sequence()), now_s() - start);
    std::fflush(stdout);
  }

  // A line of /proc/PID/status, in MB.
  static double memory_mb(pid_t pid, std::string_view name) {
    std::ifstream file(cat("/proc/", pid, "/status"));
    std::string line;
    while (std::getline(file, line)) {
      if (!line.starts_with(name)) continue;
      const auto number =
          parse_integer(trim(line.substr(name.size() + 1, line.size() - name.size() - 4)));
      return number ? static_cast<double>(*number) / 1024 : 0;
    }
    return 0;
  }
  void print_memory(const char* when) {
    const pid_t pid = bank_.daemon_pid();
    std::printf("| memory %s: its own, of mapped files | %.0f MB, %.0f MB |\n", when,
                memory_mb(pid, "RssAnon"), memory_mb(pid, "RssFile"));
    std::fflush(stdout);
  }

  void print_commands(const char* when) {
    const auto session = bank_.login("operator");
    Times times;
    for (int i = 0; i < kCommands; ++i) {
      Json body = Json::object();
      body.set("course", cat("bench-", ++courses_)).set("patient", "patient-1").set("doses", 12);
      times.time([&] {
        const auto reply = session->request("course/register", Json::object().set("body", body),
                                            std::chrono::seconds(60), true, [](const Json&) {});
        must(reply.ok() && reply->string_or("status", "") == "done", "a command");
      });
    }
    std::printf("| durable command by MQTT %s, p50, p99, max | %.1f, %.1f, %.1f ms |\n", when,
                times.quantile(0.5) * 1e3, times.quantile(0.99) * 1e3, times.quantile(1) * 1e3);
    std::fflush(stdout);
  }

  void run_daemon() {
    std::printf("\n## The daemon on this store\n\n| | |\n|---|---|\n");
    bank_.start_machines();
    double start = now_s();
    bank_.start_daemon();
    must(bank_.wait_online(std::chrono::minutes(5)), "coming online");
    std::printf("| start until online | %.2f s |\n", now_s() - start);
    print_memory("after the start");
    print_commands("alone");
    print_memory("after them");
    auto backup = std::async(std::launch::async, [this] {
      const double begin = now_s();
      must(bank_.ctl({"store", "backup"}).code == 0, "the backup");
      return now_s() - begin;
    });
    print_commands("while it backs up");
    std::printf("| backup, written and checked | %.1f s |\n", backup.get());
    print_memory("after the backup");
    start = now_s();
    must(bank_.stop_daemon() == 0, "stopping");
    std::printf("| stop | %.2f s |\n", now_s() - start);
    std::fflush(stdout);
  }

  const int aliquots_;
  const std::uint64_t entries_;
  Bank bank_;
  config::SiteConfig site_;
  std::unique_ptr<Teller> teller_;
  std::unique_ptr<Sqlite> sqlite_;
  std::unique_ptr<Storage> storage_;
  int courses_ = 0;
};

}  // namespace
}  // namespace cryobank::test

int main(int argc, char** argv) {
  std::int64_t aliquots = 1'000'000;
  std::int64_t entries = 1'000'000;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const auto number = cryobank::parse_integer(argv[i + 1]);
    if (name == "--aliquots" && number && *number > 0 && *number <= 1'000'000) {
      aliquots = *number;
    } else if (name == "--entries" && number && *number > 0) {
      entries = *number;
    } else {
      std::fprintf(stderr, "usage: bank_bench [--aliquots N up to 1000000] [--entries N]\n");
      return 2;
    }
  }
  cryobank::test::Bench(static_cast<int>(aliquots), static_cast<std::uint64_t>(entries)).run();
  return 0;
}
