// The keys that a record was signed with: the public half of the one in use, and of those before
// it. A signing key that was lost is followed by a new one; what the old one signed still counts,
// as far as its public half is known. Text of rows only; signatures are checked in sign_io.hpp.
//   m/verifier     the verifier key in use, one line (docs/journal-format.md, section 3)
//   m/former-keys  [{"hash":"<key hash, hex>","key":"<verifier key>" or ""}]
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/record/checkpoint.hpp"
#include "inventory/record/store.hpp"

namespace cryobank::inventory {

inline constexpr std::string_view kVerifierRow = "m/verifier";
inline constexpr std::string_view kFormerKeysRow = "m/former-keys";

struct FormerKey {
  std::string hash;                // hex
  std::optional<VerifierKey> key;  // empty: nobody kept the public half
};

// Errors: corrupt, with the row.
Result<std::optional<VerifierKey>> key_in_use(const RowScan& rows);
Result<std::vector<FormerKey>> former_keys(const RowScan& rows);
std::string format_former_keys(const std::vector<FormerKey>& keys);

}  // namespace cryobank::inventory
