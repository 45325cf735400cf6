// Donation: what numbers a course brings along. "din" is an ISBT 128 donation number and must have
// its form; "donation" is any other numbering; "sec" is a Single European Code, which has a
// donation in it. What is given must agree.
#pragma once

#include <optional>
#include <string>

#include "base/json.hpp"
#include "inventory/ledger/paper/sec.hpp"

namespace cryobank::inventory {

inline constexpr std::size_t kIdentifierMax = 64;  // DIN, chain of identity

// The split is each vial's own (label.cpp), so the course's is kCourseSplit.
Result<std::optional<Sec>> read_sec(const Json& body);
// Empty when the body gives none. Errors: malformed, mismatch.
Result<std::string> read_donation(const Json& body, const std::optional<Sec>& sec);

}  // namespace cryobank::inventory
