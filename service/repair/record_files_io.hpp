// The files of a site's record: the store, the high-water mark and the signing key beside it.
#pragma once

#include <memory>
#include <string>

#include "config/site_config.hpp"
#include "inventory/record/backup/backup_thread_io.hpp"
#include "inventory/record/leveldb_io.hpp"
#include "inventory/record/sign_io.hpp"
#include "inventory/record/storage_start_io.hpp"

namespace cryobank::service {

struct RecordFiles {
  std::string store;       // folder
  std::string high_water;  // outside the store, so that it does not vanish with it
  std::string key;
  std::string journal_copy;  // outside the store, too
};

// As configured; what is left empty lies beside the store.
RecordFiles record_files(const config::SiteConfig& site);

// Where the site's backups lie; no directory when none are configured.
inventory::BackupFolder backup_folder(const config::SiteConfig& site);

// Renames a file or folder, so that it stays so after a power cut.
Status rename_durably(const std::string& from, const std::string& to);

// The name a site's checkpoints and key carry: "cryobank/v1/<site>".
std::string journal_origin(const config::SiteConfig& site);

// Makes an empty store and, if there is none yet, the signing key. Never touches a store that
// exists.
Status create_record(const config::SiteConfig& site);

// The record as it was found: opened, checked, its epoch taken.
struct OpenRecord {
  std::unique_ptr<inventory::LevelDbStore> store;
  std::unique_ptr<inventory::HighWater> mark;
  inventory::RecordStart start;
  inventory::SigningKey key;
};

Result<OpenRecord> open_record(const config::SiteConfig& site);

// A record was opened here before, as the high-water mark tells.
bool had_record(const config::SiteConfig& site);
// Of a run without its record: above every epoch that the high-water mark knows, and kept in it as
// far as the disk allows.
Epoch epoch_without_record(const config::SiteConfig& site);

}  // namespace cryobank::service
