// Rack scan: what a whole-box 2D scanner read, as its CSV says it. Understood are a position column
// (A1, A01, 1) or a row and a column, with the header names that VisionMate, Ziath and LIMS exports
// use, or no header at all (position, code). Four kinds of position are told apart: empty, unread,
// a code, and not scanned. An unread tube is never taken for an empty position.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "inventory/ledger/place_type.hpp"

namespace cryobank::inventory {

enum class Scanned : std::uint8_t { empty, unread, code };

struct ScannedPosition {
  int position = kNoPosition;
  Scanned kind = Scanned::empty;
  std::string code;
};

struct RackScan {
  std::string rack;                        // the rack's own barcode where the file has it
  std::vector<ScannedPosition> positions;  // every position of the type once, in its order
};

inline constexpr std::size_t kScanSizeMax = 512 * 1024;  // bytes: a 64 by 64 grid fits twice

// Refused: another size than the type's, a position twice or outside, a code twice, no known
// columns. The Error names the line.
Result<RackScan> parse_rack_scan(std::string_view csv, const PlaceType& type);

}  // namespace cryobank::inventory
