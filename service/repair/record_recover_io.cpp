#include "service/repair/record_recover_io.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/backup/rebuild_ledger.hpp"
#include "inventory/record/export_io.hpp"
#include "inventory/record/journal_format.hpp"
#include "service/repair/record_events_io.hpp"
#include "service/repair/record_files_io.hpp"
#include "service/repair/record_replies_io.hpp"
#include "service/repair/record_restore_io.hpp"

namespace cryobank::service {
namespace {

namespace fs = std::filesystem;
using inventory::HighWater;
using inventory::HighWaterMark;
using inventory::LevelDbStore;

WallTime wall_now() {
  using std::chrono::milliseconds;
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return WallTime{std::chrono::duration_cast<milliseconds>(since).count()};
}

std::string time_for_name() {
  std::string text = format_utc(wall_now());
  std::replace(text.begin(), text.end(), ':', '-');
  return text;
}

// A path as given, or the journal of an export's folder.
std::string journal_file(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return path;
  return (fs::path(path) / inventory::kExportJournal).string();
}

std::string find_journal(const RecordFiles& files, const RecoverOrder& order) {
  if (!order.journal.empty()) return journal_file(order.journal);
  std::error_code ignored;
  return fs::exists(files.journal_copy, ignored) ? files.journal_copy : std::string();
}

// The newest backup that is whole; those that are not are noted and passed over.
std::string find_backup(const config::SiteConfig& site, std::vector<std::string>& notes) {
  if (site.backup.directory.empty()) return {};
  const auto paths = inventory::list_backups(backup_folder(site));
  for (std::size_t left = paths.size(); left > 0; --left) {
    const auto checked = inventory::check_backup(paths[left - 1]);
    if (checked) return paths[left - 1];
    notes.push_back(cat("passed over: ", checked.error().context));
  }
  return {};
}

// How the recovered journal stands to what was known to be durable.
struct Standing {
  std::optional<std::uint64_t> lost;  // entries behind its end; empty: nothing tells
  bool differs = false;               // the last one known is another
};

Result<Standing> compare(LevelDbStore& store, std::uint64_t entries,
                         const std::optional<HighWaterMark>& mark) {
  if (!mark) return Standing{};
  if (mark->sequence == 0) return Standing{0, false};
  if (mark->sequence > entries) return Standing{mark->sequence - entries, false};
  TRY_ASSIGN(const auto entry, store.get(inventory::journal_key(mark->sequence)));
  return Standing{0, !entry || inventory::line_hash(*entry) != mark->last_hash};
}

class Recovering {
 public:
  Recovering(const config::SiteConfig& site, const RecoverOrder& order)
      : site_(site),
        order_(order),
        files_(record_files(site)),
        store_(fs::path(files_.store).lexically_normal().string()),
        made_(store_ + ".recovered") {
    if (store_.ends_with('/')) {
      store_.pop_back();
      made_ = store_ + ".recovered";
    }
  }

  Result<RecoveredRecord> run() {
    std::error_code ignored;
    std::unique_ptr<inventory::StoreLock> lock;
    const bool there = fs::exists(store_, ignored);
    if (there) {
      owed_ = owed_facts(store_);
      TRY_ASSIGN(auto taken, inventory::StoreLock::take(store_));
      lock = std::move(taken);
    }
    TRY_ASSIGN(auto mark, HighWater::open(files_.high_water));
    TRY(find_sources());
    // Left by a run that was interrupted; nothing else has these names.
    fs::remove_all(made_, ignored);
    fs::remove_all(made_ + ".backup", ignored);
    if (Status made = make(*mark); !made) {
      fs::remove_all(made_, ignored);
      return made.error();
    }
    TRY(swap(there));
    lock.reset();  // it goes by the name, which is the new store's now
    TRY(set_mark(*mark));
    return std::move(recovered_);
  }

 private:
  Status find_sources() {
    recovered_.backup =
        order_.backup.empty() ? find_backup(site_, recovered_.notes) : order_.backup;
    recovered_.journal = find_journal(files_, order_);
    if (!recovered_.backup.empty() || !recovered_.journal.empty()) return {};
    return make_error(ErrorCode::not_found,
                      cat("expected a backup (none in \"", site_.backup.directory,
                          "\") or the journal as text (no file ", files_.journal_copy,
                          "): name one with --backup FILE or --journal FILE"));
  }

  Status make(const HighWater& mark) {
    TRY_ASSIGN(const auto key, inventory::SigningKey::load(files_.key));
    TRY(expect_own_site(key));
    std::uint64_t in_backup = 0;
    if (!recovered_.backup.empty()) {
      TRY_ASSIGN(const auto info, inventory::check_backup(recovered_.backup));
      in_backup = info.sequence;
    }
    inventory::LedgerRebuild ledger(site_);
    const Epoch epoch = mark.mark() ? mark.mark()->epoch : Epoch{0};
    TRY_ASSIGN(const auto rebuilt,
               inventory::recover_store({recovered_.backup, recovered_.journal, made_, epoch,
                                         wall_now(), inventory::is_rebuilt_row},
                                        ledger.applier()));
    recovered_.entries = rebuilt.entries;
    TRY_ASSIGN(auto store, inventory::open_store(made_));
    TRY_ASSIGN(const auto begun, inventory::epoch_of_rows(inventory::scan_of(*store)));
    recovered_.epoch = begun.epoch;
    TRY_ASSIGN(const auto report,
               inventory::verify_record(inventory::scan_of(*store), key.verifier()));
    if (report.fault) {
      return make_error(ErrorCode::corrupt,
                        cat("the journal that came of it contradicts a signed checkpoint: ",
                            inventory::describe(*report.fault)));
    }
    TRY(judge(*store, mark));
    TRY_ASSIGN(const auto before, owe_again(*store, owed_));
    if (!before) recovered_.lost.reset();
    if (recovered_.lost) *recovered_.lost += *before;
    TRY(rebuild_events(*store, site_, in_backup));
    const auto replies = recover_replies(*store, in_backup);
    return replies ? tell(*store) : Status(replies.error());
  }

  // The sources are held against this key, so they are of its site.
  Status expect_own_site(const inventory::SigningKey& key) const {
    const std::string expected = journal_origin(site_);
    const std::string& name = key.verifier().name;
    if (name == expected) return {};
    return make_error(ErrorCode::mismatch, cat("expected the signing key of ", expected, " as ",
                                               files_.key, ", came that of ", name,
                                               ": it is of another site, and so are its backups"));
  }

  Status judge(LevelDbStore& store, const HighWater& mark) {
    TRY_ASSIGN(const auto standing, compare(store, recovered_.entries, mark.mark()));
    recovered_.lost = standing.lost;
    if (order_.accept_loss || (standing.lost == 0U && !standing.differs)) return {};
    if (!standing.lost) return unknown_loss(store, mark);
    if (standing.differs) {
      return make_error(ErrorCode::mismatch,
                        cat("entry ", mark.mark()->sequence,
                            " of the sources is not the one that was durable: they were changed, "
                            "or are of another journal"));
    }
    return make_error(
        ErrorCode::mismatch,
        cat("the sources end at entry ", recovered_.entries, ", but entry ", mark.mark()->sequence,
            " was durable: ", *standing.lost,
            " entries are in none of them. Bring a later export with --journal, or go on without "
            "them with --accept-loss and a --reason. Nothing was changed"));
  }

  Error unknown_loss(LevelDbStore& store, const HighWater& mark) const {
    const auto last = store.get(inventory::journal_key(recovered_.entries));
    std::string until;
    if (last && *last) {
      if (const auto entry = inventory::parse_entry(**last)) {
        until = cat(", of ", format_utc(entry->context.now.wall));
      }
    }
    return make_error(
        ErrorCode::mismatch,
        cat("it is NOT KNOWN how many entries are missing: the high-water mark ", files_.high_water,
            mark.damaged() ? " cannot be read" : " is not there", ". The sources end at entry ",
            recovered_.entries, until,
            ". Look for the mark, for a later export (--journal) or a checkpoint that somebody "
            "kept, or go on without knowing with --accept-loss and a --reason. Nothing was "
            "changed"));
  }

  Status tell(LevelDbStore& store) {
    Json data = Json::object();
    data.set("backup", recovered_.backup).set("by", order_.user);
    data.set("entries", recovered_.entries).set("epoch", recovered_.epoch.value);
    data.set("journal", recovered_.journal).set("reason", order_.reason);
    data.set("lost", recovered_.lost ? Json(*recovered_.lost) : Json());
    return owe_fact(store, fact::kStoreRecovered, std::move(data));
  }

  Status swap(bool there) {
    if (there) {
      recovered_.set_aside = cat(store_, ".damaged-", time_for_name());
      TRY(rename_durably(store_, recovered_.set_aside));
    }
    return rename_durably(made_, store_);
  }

  Status set_mark(HighWater& mark) {
    TRY_ASSIGN(auto store, inventory::open_store(store_));
    return inventory::accept_record(*store, mark);
  }

  const config::SiteConfig& site_;
  const RecoverOrder& order_;
  const RecordFiles files_;
  std::string store_;
  std::string made_;
  std::vector<RowChange> owed_;  // by earlier repairs, and in no journal yet
  RecoveredRecord recovered_;
};

// The sources that a recovery would use by itself, in words.
std::string known_sources(const config::SiteConfig& site) {
  const RecordFiles files = record_files(site);
  std::error_code ignored;
  std::string text;
  if (!site.backup.directory.empty()) {
    const auto backups = inventory::list_backups(backup_folder(site));
    if (!backups.empty()) text = cat("the backup ", backups.back());
  }
  if (fs::exists(files.journal_copy, ignored)) {
    text += cat(text.empty() ? "" : " and ", "the journal's copy ", files.journal_copy);
  }
  if (!text.empty()) return cat("from ", text);
  return "name its sources: --backup FILE, --journal FILE or folder of an export";
}

}  // namespace

Result<RecoveredRecord> recover_record(const config::SiteConfig& site, const RecoverOrder& order) {
  if (order.accept_loss && order.reason.empty()) {
    return make_error(ErrorCode::invalid_value, "expected a --reason with --accept-loss");
  }
  return Recovering(site, order).run();
}

Result<std::uint64_t> accept_loss(const config::SiteConfig& site, const std::string& user,
                                  const std::string& reason) {
  if (user.empty() || reason.empty()) {
    return make_error(ErrorCode::invalid_value,
                      "expected --user and --reason: the loss goes on record");
  }
  const RecordFiles files = record_files(site);
  TRY_ASSIGN(auto store, inventory::open_store(files.store));
  TRY_ASSIGN(auto mark, HighWater::open(files.high_water));
  TRY_ASSIGN(const auto tail,
             inventory::verify_tail(inventory::scan_of(*store), inventory::kTailChecked));
  TRY_ASSIGN(const auto standing, compare(*store, tail.sequence, mark->mark()));
  if (!standing.lost) {
    return make_error(ErrorCode::conflict,
                      cat("nothing is known to be missing: there is no high-water mark in ",
                          files.high_water, ", and the daemon starts without one"));
  }
  if (*standing.lost == 0 && !standing.differs) {
    return make_error(ErrorCode::conflict, cat("nothing is missing: the journal ends at entry ",
                                               tail.sequence, ", as the high-water mark says"));
  }
  Json data = Json::object();
  data.set("by", user).set("durable", mark->mark()->sequence);
  data.set("durable_hash", to_hex(mark->mark()->last_hash)).set("lost", *standing.lost);
  data.set("reason", reason).set("sequence", tail.sequence);
  TRY(owe_fact(*store, fact::kLossAccepted, std::move(data)));
  TRY(inventory::accept_record(*store, *mark));
  return *standing.lost;
}

std::vector<std::string> way_back(const config::SiteConfig& site, const std::string& config_file,
                                  const Error& error) {
  const std::string tool = "cryobankctl store ";
  const std::string recover =
      cat("  ", tool, "recover --config ", config_file, "    (", known_sources(site), ")");
  if (error.context.starts_with("signing key")) {
    return {cat("the record is not served and nothing was changed; put the copy of the signing key "
                "back as ",
                record_files(site).key, ", mode 0600, owned by the service's user"),
            "or, when no copy is left:",
            cat("  ", tool, "new-key --config ", config_file, " --user LOGIN --reason TEXT")};
  }
  switch (error.code) {
    case ErrorCode::not_found:
      return {"type next, for a site that never had a record:",
              cat("  ", tool, "create --config ", config_file),
              "or, when its record was lost:", recover};
    case ErrorCode::corrupt:
    case ErrorCode::io:  // a disk that does not read
      return {"the record is not served and nothing was changed; type next:", recover};
    case ErrorCode::mismatch:
      return {"the record is not served and nothing was changed; type next:", recover,
              "or, when the entries are gone for good and that was decided:",
              cat("  ", tool, "accept --config ", config_file, " --user LOGIN --reason TEXT")};
    default:
      return {};
  }
}

}  // namespace cryobank::service
