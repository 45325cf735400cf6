// PurgeCheck: goes through a journal with its verifier (verify.hpp) and holds every purged line
// against the certificates. A line may stand in place of an entry only if a later "record-purged"
// names its sequence, the leaf hash it keeps and the SHA-256 of the line itself, and goes back to
// an approval that was signed: "purge-approved", with "record-signed" for retention/purge right
// behind it. So neither can words be taken out nor others put in without that.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "inventory/record/journal_format.hpp"

namespace cryobank::inventory {

class PurgeCheck {
 public:
  // `before`: entries that are not shown. Approvals may lie among them, so none is asked for then.
  explicit PurgeCheck(std::uint64_t before = 0) : whole_(before == 0) {}

  void add_purged(std::uint64_t sequence, const PurgedLine& purged, std::string_view line);
  void add_entry(std::uint64_t sequence, std::string_view type, std::string_view entry);
  // The first purged line so far that no certificate covers.
  std::optional<std::uint64_t> without_certificate() const;

 private:
  struct Bare {
    Sha256 leaf{};
    Sha256 line{};
  };
  void read_certificate(std::string_view entry);
  bool is_signed(const Json& data) const;

  bool whole_;
  std::map<std::uint64_t, Bare> bare_;  // purged lines by sequence
  std::uint64_t approval_ = 0;          // sequence of the last approval, until the next entry
  std::string approved_;                // what it approved
  std::set<std::string> signed_;        // approvals with their signature
};

}  // namespace cryobank::inventory
