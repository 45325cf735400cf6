// The ways back to a whole record, with the daemon stopped: recovery from a backup and the
// journal's text, and going on without entries that are lost. Nothing is removed: the damaged store
// is set aside under another name. Both leave a fact that the daemon journals at its next start.
// Without a high-water mark it is not known what is missing: that takes a person's word as well.
// Errors: unavailable (the daemon runs), not_found (no sources), corrupt or mismatch (a source is
// not whole, or entries that were durable are in none, or nobody can tell), io.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/site_config.hpp"

namespace cryobank::service {

struct RecoverOrder {
  std::string backup;   // file; empty: the newest whole one of the site's folder
  std::string journal;  // export's folder or file; empty: the journal's copy
  bool accept_loss = false;
  std::string user;  // who does it, for the journal
  std::string reason;
};

struct RecoveredRecord {
  std::uint64_t entries = 0;
  std::string backup;     // that was used; empty: none
  std::string journal;    // that was used; empty: none
  std::string set_aside;  // where the damaged store lies now; empty: there was none
  // Entries that were durable and are gone, with those of repairs that no start has journaled yet;
  // empty: nobody can tell, since there was no high-water mark.
  std::optional<std::uint64_t> lost;
  Epoch epoch;  // that the next start goes above
  std::vector<std::string> notes;
};

Result<RecoveredRecord> recover_record(const config::SiteConfig& site, const RecoverOrder& order);

// Makes the high-water mark agree with the store. Returns how many entries are gone.
Result<std::uint64_t> accept_loss(const config::SiteConfig& site, const std::string& user,
                                  const std::string& reason);

// What a person types next when the record is not served because of `error`: lines for the log.
std::vector<std::string> way_back(const config::SiteConfig& site, const std::string& config_file,
                                  const Error& error);

}  // namespace cryobank::service
