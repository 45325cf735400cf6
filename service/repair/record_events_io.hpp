// Events made anew: what was told of journal entries whose events are lost, with the numbers that
// they had, since each entry is one event of its stream.
#pragma once

#include <cstdint>

#include "config/site_config.hpp"
#include "inventory/record/leveldb_io.hpp"

namespace cryobank::service {

// Adds the rows "e/" of the entries after this one, and their heads. REQUIRES: the rows "m/event/"
// say how far each stream had come with that entry.
Status rebuild_events(inventory::LevelDbStore& store, const config::SiteConfig& site,
                      std::uint64_t after);

}  // namespace cryobank::service
