#include "service/wiring_io.hpp"

#include <sys/random.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "devices/line/modbus_io.hpp"
#include "inventory/record/absent_store.hpp"
#include "inventory/record/storage_thread_io.hpp"
#include "service/config_files_io.hpp"
#include "service/core/core.hpp"
#include "service/core/desk/chart_desk.hpp"
#include "service/errand_io.hpp"
#include "service/http_io.hpp"
#include "service/log_io.hpp"
#include "service/loop_io.hpp"
#include "service/mqtt_io.hpp"
#include "service/repair/record_files_io.hpp"
#include "service/repair/record_recover_io.hpp"
#include "service/secret_io.hpp"
#include "service/site_outside_io.hpp"
#include "service/site_reader_io.hpp"
#include "service/systemd_io.hpp"
#include "service/telemetry_io.hpp"
#include "service/wire/topics.hpp"

namespace cryobank::service {
namespace {

std::uint64_t draw_seed() {
  std::uint64_t seed = 0;
  CHECK(getrandom(&seed, sizeof seed, 0) == static_cast<ssize_t>(sizeof seed));
  return seed;
}

Status load_rows(inventory::Store& store, core::Core& core) {
  const Status loaded = inventory::scan_current_rows(
      store,
      [&core](std::string_view key, std::string_view value) { return core.load_row(key, value); });
  return loaded ? core.loaded() : loaded;
}

Will make_will(const config::SiteConfig& site, Epoch epoch) {
  Json payload = Json::object();
  payload.set("state", "offline")
      .set("epoch", epoch.value)
      .set("schema", core::rule_of(core::TopicKind::service_state).schema);
  return {cat("cryobank/v1/", site.site.str(), "/service/state"), payload.dump()};
}

// Signed, it is a secret that only the holder of the site's key can make again.
constexpr std::string_view kSealLabel = "cryobank: seal of alarms, 1";

// What is under way is waited for so long at the end; a disk that hangs must not hold the process.
constexpr Duration kStoreEnds = seconds(5);

// Where the site was read from, and what was said there.
struct SiteFiles {
  std::string path;
  config::SiteShape said;
  bool read_anew = false;  // a run went before: what they say now is taken at once, and journaled
};

// What a run works on: its record, or the reason why it has none.
struct RunRecord {
  std::unique_ptr<inventory::Store> store;
  std::unique_ptr<inventory::HighWater> mark;
  std::unique_ptr<inventory::JournalCopy> copy;
  std::optional<inventory::SigningKey> key;
  Epoch epoch;
  std::string none;  // why it is watched without a record; empty: it is there
};

RunRecord run_record(const config::SiteConfig& site, OpenRecord record) {
  RunRecord run;
  run.store = std::move(record.store);
  run.mark = std::move(record.mark);
  run.copy = std::make_unique<inventory::JournalCopy>(record_files(site).journal_copy);
  run.key.emplace(std::move(record.key));
  run.epoch = record.start.epoch;
  return run;
}

// Every edge of one run, and the way of each effect to its edge.
class Edges {
 public:
  Edges(const config::SiteConfig& site, SiteFiles files, RunRecord record, core::Core& core)
      : loop_(core, clock_, [this](core::Effect&& effect) { carry(std::move(effect)); }),
        key_(std::move(record.key)),
        epoch_(record.epoch),
        storage_(std::move(record.store), std::move(record.mark), epoch_, std::move(record.copy),
                 [this](const Status& status) { tell_copy(status); }),
        backups_(storage_, backup_folder(site)),
        broker_(site.mqtt, {cat("cryobankd-", site.site.str()), {}, make_will(site, epoch_), true},
                [this](core::Input input) { take(std::move(input)); }),
        secrets_([this](core::SecretChecked checked) { loop_.post(std::move(checked)); }),
        errands_([this](core::ErrandDone done) { loop_.post(done); }),
        reads_anew_(files.read_anew),
        site_reader_(std::move(files.path), std::move(files.said),
                     [this](core::SiteRead read) { loop_.post(std::move(read)); }),
        telemetry_({site.telemetry.directory,
                    {site.telemetry.raw, site.telemetry.minute, site.telemetry.hour},
                    core::chart_series(site)},
                   [](const std::string& line) { write_log(core::LogLevel::warning, line); }),
        lines_(
            site, [this](devices::LineReply reply) { loop_.post(std::move(reply)); },
            [this](devices::LineText text) { loop_.post(std::move(text)); }) {}

  // Error: the port is taken, or the page cannot be read.
  Status serve(const config::SiteConfig& site) { return http_.start(site); }

  // False when another daemon took the record over.
  bool run() {
    broker_.start();
    if (reads_anew_) loop_.post(core::OperatorSignal::reload);
    loop_.run();
    lines_.stop();
    broker_.stop();
    http_.stop();
    if (!storage_.settle(kStoreEnds)) {
      write_log(core::LogLevel::error, "the record's disk does not answer: ended without it");
      std::_Exit(1);
    }
    return !superseded_;
  }
  // From any thread: ends run() in order, as a signal would.
  void end_to_go_on() {
    goes_on_ = true;
    loop_.post(core::OperatorSignal::stop);
  }

 private:
  void take(core::Input input) {
    if (loop_.post(std::move(input))) return;
    write_log(core::LogLevel::error, "a broker message was refused: too many wait");
  }

  void carry(core::Effect&& effect) {
    std::visit([this](auto&& part) { carry_out(std::forward<decltype(part)>(part)); },
               std::move(effect));
  }

  void carry_out(core::SendLine&& send) { lines_.send(std::move(send.request)); }

  void carry_out(core::Commit&& commit) {
    const core::EffectId id = commit.id;
    const Status queued =
        storage_.commit(std::move(commit.rows), [this, id](Status status, Duration took) {
          if (!status && status.error().code == ErrorCode::conflict) superseded_ = true;
          loop_.post(core::Committed{id, std::move(status), took});
        });
    if (!queued) loop_.post(core::Committed{id, queued, {}});
  }

  void carry_out(core::ReadRows&& read) {
    const core::EffectId id = read.id;
    const Status queued = storage_.read(std::move(read.first), std::move(read.last), read.limit,
                                        [this, id](Result<std::vector<RowChange>> rows) {
                                          loop_.post(core::RowsRead{id, std::move(rows)});
                                        });
    if (!queued) loop_.post(core::RowsRead{id, queued.error()});
  }

  void carry_out(core::MakeBackup&& make) {
    const core::EffectId id = make.id;
    backups_.make(std::move(make.name), [this, id](Result<inventory::BackupWritten> written) {
      if (!written) {
        loop_.post(core::BackupEnded{id, written.error()});
        return;
      }
      loop_.post(core::BackupEnded{
          id, core::BackupMade{written->path, written->info.sequence, to_hex(written->info.root),
                               written->info.rows, written->bytes, written->kept, written->took}});
    });
  }

  void tell_copy(const Status& status) {
    const std::string text = status ? std::string()
                                    : cat("The journal's copy beside the record is not written: ",
                                          status.error().context);
    loop_.post(core::RecordNotice{"journal-copy-behind", !status.ok(), text});
  }

  void carry_out(core::Sign&& sign) {
    Result<std::string> note = make_error(ErrorCode::unavailable, "there is no signing key");
    if (key_) note = key_->sign(sign.text);
    loop_.post(core::Signed{sign.id, std::move(note)});
  }

  void carry_out(core::CheckSecret&& check) { secrets_.check(std::move(check)); }

  void carry_out(core::RunErrand&& errand) { errands_.run(std::move(errand)); }

  void carry_out(core::KeepReadings&& keep) { telemetry_.keep(std::move(keep.readings)); }

  void carry_out(core::ReadChart&& read) {
    telemetry_.ask(std::move(read.question), clock_.now().wall,
                   [this, id = read.id](Result<telemetry::Chart> chart) {
                     loop_.post(core::ChartRead{id, std::move(chart)});
                   });
  }

  void carry_out(core::ReadSite&&) { site_reader_.read(); }

  void carry_out(core::Expose&& expose) { http_.show(std::move(expose)); }

  void carry_out(core::ShowFeeds&& feeds) { http_.show(std::move(feeds)); }

  void carry_out(core::Publish&& publish) { broker_.publish(publish); }
  void carry_out(core::Subscribe&& subscribe) { broker_.subscribe(subscribe); }
  void carry_out(core::Log&& line) { write_log(line.level, line.text); }
  void carry_out(core::NotifySystemd&& notice) {
    // The process stays: a service manager that hears of an end would see to it.
    if (goes_on_ && notice.state == core::SystemdState::stopping) return;
    notify_systemd(notice);
  }

  std::atomic<bool> superseded_{false};
  std::atomic<bool> goes_on_{false};
  Clock clock_;
  Loop loop_;
  std::optional<inventory::SigningKey> key_;
  Epoch epoch_;
  inventory::StorageThread storage_;
  inventory::BackupThread backups_;
  BrokerClient broker_;
  SecretThread secrets_;
  ErrandThread errands_;
  const bool reads_anew_;
  SiteReader site_reader_;
  TelemetryThread telemetry_;
  HttpServer http_;
  devices::Lines lines_;
};

int refuse(const Error& error) {
  write_log(core::LogLevel::error, cat(name_of(error.code), ": ", error.context));
  return 1;
}

// The record is not served; the log says what to type next.
int refuse_record(const config::SiteConfig& site, const std::string& config_file,
                  const Error& error) {
  const int code = refuse(error);
  for (const std::string& line : way_back(site, config_file, error)) {
    write_log(core::LogLevel::error, line);
  }
  return code;
}

// Stops the run once the record can be opened again.
constexpr std::chrono::seconds kLookForRecord{10};
constexpr std::chrono::seconds kLookAgainLater{600};

class RecordSearch {
 public:
  RecordSearch(const config::SiteConfig& site, Edges& edges)
      : thread_([this, &site, &edges](const std::stop_token& stop) { run(stop, site, edges); }) {}

  // After the run: the record, if it was found.
  std::optional<OpenRecord> take() {
    thread_.request_stop();
    thread_.join();
    return std::move(found_);
  }

 private:
  void run(const std::stop_token& stop, const config::SiteConfig& site, Edges& edges) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    std::chrono::seconds pause = kLookForRecord;
    while (!stop.stop_requested()) {
      wake.wait_for(lock, stop, pause, [] { return false; });
      if (stop.stop_requested()) return;
      auto record = open_record(site);
      if (!record) continue;
      core::Core trial(site, record->start.epoch, 1);
      if (!load_rows(*record->store, trial)) {
        pause = kLookAgainLater;  // each look takes an epoch
        continue;
      }
      found_.emplace(std::move(*record));
      return edges.end_to_go_on();
    }
  }

  std::optional<OpenRecord> found_;
  std::jthread thread_;
};

// One run with its record. Empty: this record's rows do not read, which is told.
std::optional<int> run_with(const config::SiteConfig& site, SiteFiles files, OpenRecord record,
                            core::Unrecorded left, Error& unreadable) {
  core::Core core(site, record.start.epoch, draw_seed());
  core.take_over(std::move(left));
  if (const Status read = load_rows(*record.store, core); !read) {
    unreadable = read.error();
    return std::nullopt;
  }
  core.seal_alarms_with(std::string(as_text(sha256(record.key.sign(kSealLabel)))));
  for (const std::string& note : record.start.notes) write_log(core::LogLevel::warning, note);
  write_log(core::LogLevel::info,
            cat("site ", site.site.str(), ", epoch ", record.start.epoch.value, ", journal at ",
                record.start.sequence));
  Edges edges(site, std::move(files), run_record(site, std::move(record)), core);
  if (const Status served = edges.serve(site); !served) return refuse(served.error());
  const bool good = edges.run();
  write_log(core::LogLevel::info, good ? "stopped" : "stopped: another daemon has the record");
  return good ? 0 : 1;
}

// One run without a record: nobody may be without alarms because a disk is full or a file is bad.
// Empty: the record is there again and lies in `found`; `site` has what was reloaded meanwhile.
std::optional<int> run_without(config::SiteConfig& site, SiteFiles files, const Error& why,
                               std::optional<OpenRecord>& found, core::Unrecorded& left) {
  RunRecord record;
  record.none = why.context;
  record.epoch = epoch_without_record(site);
  record.store = std::make_unique<inventory::AbsentStore>(why.context);
  write_log(core::LogLevel::error,
            cat("WATCHING WITHOUT A RECORD: machines are watched and people are paged, nothing is "
                "kept, until the record can be opened; epoch ",
                record.epoch.value));
  core::Core core(site, record.epoch, draw_seed());
  core.watch_only(record.none);
  core.take_over(std::move(left));
  core.seal_alarms_with(std::string(as_text(sha256(cat(kSealLabel, draw_seed())))));
  Edges edges(site, std::move(files), std::move(record), core);
  if (const Status served = edges.serve(site); !served) return refuse(served.error());
  RecordSearch search(site, edges);
  const bool good = edges.run();
  if (auto back = search.take()) found.emplace(std::move(*back));
  if (found) {
    write_log(core::LogLevel::info, "the record can be opened again: going on with it");
    site = core.site();
    left = core.leave();
    return std::nullopt;
  }
  write_log(core::LogLevel::info, "stopped");
  return good ? 0 : 1;
}

// Who must not watch at all: another process has the record, and so the machines; this user may not
// have it; or the site never had one, which is a step of the installation that was left out.
bool may_watch(const config::SiteConfig& site, const Error& why) {
  if (why.code == ErrorCode::conflict || why.code == ErrorCode::not_authorised) return false;
  if (why.context.find("another process") != std::string::npos) return false;
  return why.code != ErrorCode::not_found || had_record(site);
}

}  // namespace

int run_daemon(const std::string& config_file) {
  config::SiteConfig site;
  config::Faults faults;
  config::SiteTexts texts;
  const bool loaded = load_site(config_file, site, faults, texts);
  if (loaded) look_outside(config_file, site, OnFinding::warn, faults);
  print_faults(faults);
  if (!loaded) return 1;
  if (const Status clock = expect_plausible(wall_clock()); !clock) return refuse(clock.error());
  SiteFiles files{config_file, config::shape_of(site, texts)};
  std::optional<OpenRecord> record;
  core::Unrecorded left;
  for (;;) {
    Error why = make_error(ErrorCode::unavailable, "");
    if (!record) {
      auto opened = open_record(site);
      if (opened) {
        record.emplace(std::move(*opened));
      } else {
        why = opened.error();
      }
    }
    if (record) {
      const std::optional<int> code = run_with(site, files, std::move(*record), left, why);
      record.reset();
      if (code) return *code;
    }
    static_cast<void>(refuse_record(site, config_file, why));
    if (!may_watch(site, why)) return 1;
    if (const std::optional<int> code = run_without(site, files, why, record, left)) return *code;
    files.read_anew = true;
  }
}

}  // namespace cryobank::service
