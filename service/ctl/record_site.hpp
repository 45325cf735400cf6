// What the journal and store commands share: a site's configuration and its store, opened while the
// daemon does not run.
#pragma once

#include <memory>
#include <string>

#include "config/site_config.hpp"
#include "service/repair/record_files_io.hpp"

namespace cryobank::ctl {

// A site file; its faults go to standard error.
Result<config::SiteConfig> open_site(const std::string& file);

struct OpenStore {
  service::RecordFiles files;
  std::unique_ptr<inventory::LevelDbStore> store;
};

// Error unavailable when the daemon has it.
Result<OpenStore> open_store_of(const std::string& site_file);

}  // namespace cryobank::ctl
