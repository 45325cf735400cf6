#include "service/repair/record_files_io.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "base/text.hpp"

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

Status create_record(const config::SiteConfig& site) {
  const RecordFiles files = record_files(site);
  std::error_code error;
  fs::create_directories(fs::path(files.store), error);
  if (error) {
    return make_error(ErrorCode::io, cat("cannot make ", files.store, ": ", error.message()));
  }
  if (const Status created = inventory::create_store(files.store); !created) return created;
  if (fs::exists(files.key)) return {};
  const auto key = inventory::SigningKey::create(files.key, journal_origin(site));
  return key ? Status() : Status(key.error());
}

Result<OpenRecord> open_record(const config::SiteConfig& site) {
  const RecordFiles files = record_files(site);
  auto store = inventory::open_store(files.store);
  if (!store) return store.error();
  auto mark = inventory::HighWater::open(files.high_water);
  if (!mark) return mark.error();
  auto start = inventory::start_record(**store, **mark);
  if (!start) return start.error();
  auto key = inventory::SigningKey::load(files.key);
  if (!key) return key.error();
  return OpenRecord{std::move(*store), std::move(*mark), std::move(*start), std::move(*key)};
}

}  // namespace cryobank::service
