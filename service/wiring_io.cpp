#include "service/wiring_io.hpp"

#include <sys/random.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "devices/line/modbus_io.hpp"
#include "inventory/record/storage_thread_io.hpp"
#include "service/config_files_io.hpp"
#include "service/core/chart_desk.hpp"
#include "service/core/core.hpp"
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

// Where the site was read from, and what was read.
struct SiteFiles {
  std::string path;
  config::SiteTexts texts;
};

// Every edge of one run, and the way of each effect to its edge.
class Edges {
 public:
  Edges(const config::SiteConfig& site, SiteFiles files, OpenRecord record, core::Core& core)
      : loop_(core, clock_, [this](core::Effect&& effect) { carry(std::move(effect)); }),
        key_(std::move(record.key)),
        epoch_(record.start.epoch),
        storage_(std::move(record.store), std::move(record.mark), epoch_,
                 std::make_unique<inventory::JournalCopy>(record_files(site).journal_copy),
                 [this](const Status& status) { tell_copy(status); }),
        backups_(storage_, backup_folder(site)),
        broker_(site.mqtt, {cat("cryobankd-", site.site.str()), {}, make_will(site, epoch_)},
                [this](core::Input input) { take(std::move(input)); }),
        secrets_([this](core::SecretChecked checked) { loop_.post(std::move(checked)); }),
        site_reader_(std::move(files.path), site, std::move(files.texts),
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

  void carry_out(core::Sign&& sign) { loop_.post(core::Signed{sign.id, key_.sign(sign.text)}); }

  void carry_out(core::CheckSecret&& check) { secrets_.check(std::move(check)); }

  void carry_out(core::KeepReadings&& keep) { telemetry_.keep(std::move(keep.readings)); }

  void carry_out(core::ReadChart&& read) {
    telemetry_.ask(std::move(read.question), clock_.now().wall,
                   [this, id = read.id](Result<telemetry::Chart> chart) {
                     loop_.post(core::ChartRead{id, std::move(chart)});
                   });
  }

  void carry_out(core::ReadSite&&) { site_reader_.read(); }

  void carry_out(core::Expose&& expose) { http_.show(std::move(expose)); }

  void carry_out(core::Publish&& publish) { broker_.publish(publish); }
  void carry_out(core::Subscribe&& subscribe) { broker_.subscribe(subscribe); }
  void carry_out(core::Log&& line) { write_log(line.level, line.text); }
  void carry_out(core::NotifySystemd&& notice) { notify_systemd(notice); }

  std::atomic<bool> superseded_{false};
  Clock clock_;
  Loop loop_;
  inventory::SigningKey key_;
  Epoch epoch_;
  inventory::StorageThread storage_;
  inventory::BackupThread backups_;
  BrokerClient broker_;
  SecretThread secrets_;
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

}  // namespace

int run_daemon(const std::string& config_file) {
  config::SiteConfig site;
  config::Faults faults;
  SiteFiles files{config_file, {}};
  const bool loaded = load_site(config_file, site, faults, files.texts);
  if (loaded) look_outside(config_file, site, Findings::warn, faults);
  print_faults(faults);
  if (!loaded) return 1;
  if (const Status clock = expect_plausible(wall_clock()); !clock) return refuse(clock.error());
  auto record = open_record(site);
  if (!record) return refuse_record(site, config_file, record.error());
  core::Core core(site, record->start.epoch, draw_seed());
  if (const Status read = load_rows(*record->store, core); !read) {
    return refuse_record(site, config_file, read.error());
  }
  core.seal_alarms_with(std::string(as_text(sha256(record->key.sign(kSealLabel)))));
  for (const std::string& note : record->start.notes) write_log(core::LogLevel::warning, note);
  write_log(core::LogLevel::info,
            cat("site ", site.site.str(), ", epoch ", record->start.epoch.value, ", journal at ",
                record->start.sequence));
  Edges edges(site, std::move(files), std::move(*record), core);
  if (const Status served = edges.serve(site); !served) return refuse(served.error());
  const bool good = edges.run();
  write_log(core::LogLevel::info, good ? "stopped" : "stopped: another daemon has the record");
  return good ? 0 : 1;
}

}  // namespace cryobank::service
