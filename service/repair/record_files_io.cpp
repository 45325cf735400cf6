#include "service/repair/record_files_io.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/site_keys.hpp"

namespace cryobank::service {
namespace {

namespace fs = std::filesystem;

std::string beside(const std::string& store, std::string_view name) {
  return (fs::path(store).lexically_normal().parent_path() / name).string();
}

}  // namespace

RecordFiles record_files(const config::SiteConfig& site) {
  const config::StoreConfig& config = site.store;
  RecordFiles files{config.directory, config.high_water_file, config.signing_key_file,
                    config.journal_copy_file};
  if (files.high_water.empty()) files.high_water = beside(config.directory, "high-water");
  if (files.key.empty()) files.key = beside(config.directory, "signing-key");
  if (files.journal_copy.empty()) {
    files.journal_copy = beside(config.directory, "journal-copy.jsonl");
  }
  return files;
}

inventory::BackupFolder backup_folder(const config::SiteConfig& site) {
  inventory::BackupFolder folder;
  folder.directory = site.backup.directory;
  folder.prefix = cat(site.site.str(), "-");
  folder.keep = site.backup.keep;
  return folder;
}

Status rename_durably(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) {
    return make_error(ErrorCode::io,
                      cat("cannot rename ", from, " to ", to, ": ", error.message()));
  }
  const std::string parent = fs::absolute(to).lexically_normal().parent_path().string();
  const int folder = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return make_error(ErrorCode::io, cat("cannot open ", parent));
  const bool synced = ::fsync(folder) == 0;
  ::close(folder);
  return synced ? Status() : Status(make_error(ErrorCode::io, cat("cannot sync ", parent)));
}

std::string journal_origin(const config::SiteConfig& site) {
  return cat("cryobank/v1/", site.site.str());
}

// The key first: it is what can be refused, and a store without a key is half a record.
Status create_record(const config::SiteConfig& site) {
  const RecordFiles files = record_files(site);
  std::error_code error;
  const bool had_folder = fs::exists(files.store, error);
  if (had_folder && !fs::is_empty(files.store, error)) {
    return make_error(ErrorCode::already_exists,
                      cat("expected an empty or absent directory for a new store, but ",
                          files.store, " holds files"));
  }
  const bool had_key = fs::exists(files.key, error);
  if (had_key) {
    TRY(inventory::SigningKey::load(files.key));
  }
  const fs::path parent = fs::path(files.store).lexically_normal().parent_path();
  fs::create_directories(parent, error);
  if (error) {
    return make_error(ErrorCode::io, cat("cannot make ", parent.string(), ": ", error.message()));
  }
  if (!had_key) {
    TRY(inventory::SigningKey::create(files.key, journal_origin(site)));
  }
  Status created = inventory::create_store(files.store);
  if (created) return created;
  if (!had_key) fs::remove(files.key, error);  // made a moment ago; nothing is left half made
  if (!had_folder) fs::remove_all(files.store, error);
  return created;
}

// The record knows the public half of its key, so that it outlives the key, and so that another
// site's key is not taken for it.
Status expect_own_key(inventory::LevelDbStore& store, const inventory::SigningKey& key,
                      const std::string& path) {
  TRY_ASSIGN(const auto known, inventory::key_in_use(inventory::scan_of(store)));
  const std::string line = format_verifier_key(key.verifier());
  if (!known) return store.commit({{std::string(inventory::kVerifierRow), line}});
  const std::string expected = format_verifier_key(*known);
  if (expected == line) return {};
  return make_error(
      ErrorCode::invalid_value,
      cat("signing key ", path, " is not the one of this record: expected the key of ", expected,
          ", came that of ", line));
}

bool had_record(const config::SiteConfig& site) {
  std::error_code error;
  return fs::exists(record_files(site).high_water, error);
}

Epoch epoch_without_record(const config::SiteConfig& site) {
  const auto mark = inventory::HighWater::open(record_files(site).high_water);
  if (!mark || !(*mark)->mark()) return Epoch{1};
  inventory::HighWaterMark next = *(*mark)->mark();
  ++next.epoch.value;
  if (const Status noted = (*mark)->write(next); noted) static_cast<void>((*mark)->sync());
  return next.epoch;
}

Result<OpenRecord> open_record(const config::SiteConfig& site) {
  const RecordFiles files = record_files(site);
  TRY_ASSIGN(auto store, inventory::open_store(files.store));
  TRY_ASSIGN(auto mark, inventory::HighWater::open(files.high_water));
  TRY_ASSIGN(auto key, inventory::SigningKey::load(files.key));
  TRY(expect_own_key(*store, key, files.key));
  TRY_ASSIGN(auto start, inventory::start_record(*store, *mark));
  return OpenRecord{std::move(store), std::move(mark), std::move(start), std::move(key)};
}

}  // namespace cryobank::service
