// Purge of the record, with the daemon stopped: takes the private words of every course whose purge
// two people approved (retention/purge) out of the journal, the rows, the events and the journal's
// copy, and writes the certificate (docs/journal-format.md, section 7). It makes a new store beside
// the old one, verifies it, puts it in its place and only then removes the old one. Nothing is
// changed when anything is refused. Errors: not_found (nothing waits), conflict (a hold, a review
// that keeps), unavailable (the daemon runs), corrupt, mismatch (the record is not whole), io.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "config/site_config.hpp"

namespace cryobank::service {

// Entries of one certificate: 150 bytes each, within an entry's 16 MiB. A course has some hundred.
inline constexpr std::size_t kPurgedEntriesMax = 50'000;

struct PurgeOrder {
  std::string user;  // who does it, for the journal
  std::string reason;
  Now now;
};

struct PurgedRecord {
  std::vector<std::string> courses;
  std::uint64_t entries = 0;           // whose words were taken out
  std::uint64_t certificate = 0;       // sequence of the entry record-purged
  std::vector<std::string> elsewhere;  // files that still have the words: backups, stores set aside
};

Result<PurgedRecord> purge_record(const config::SiteConfig& site, const PurgeOrder& order);

}  // namespace cryobank::service
