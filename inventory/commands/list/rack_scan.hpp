// Rack scan: what a whole-box 2D scanner read, as its file says it. How a file is written is a
// dialect (config/scan_dialect.hpp): one that the site declares and whose header or first lines the
// file has, or the plain one: a header with the usual names, or two columns, position and code.
// Positions are the box's own labels, A1 or A01, or a row and a column. Four kinds of position are
// told apart: empty, unread, a code, and not scanned. An unread tube is never taken for an empty
// position; a file that could be read in two ways is refused.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/list_words.hpp"
#include "config/scan_dialect.hpp"
#include "inventory/ledger/place_type.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

enum class Scanned : std::uint8_t { empty, unread, code };

struct ScannedPosition {
  int position = kNoPosition;
  Scanned kind = Scanned::empty;
  std::string code;
};

struct RackScan {
  std::string dialect;                     // how it was read
  std::string rack;                        // the rack's own barcode where the file has it
  std::vector<ScannedPosition> positions;  // every position of the type once, in its order
};

inline constexpr std::size_t kScanSizeMax = 512 * 1024;  // bytes: a 64 by 64 grid fits twice
// Lines above the table: titles, who scanned when, the rack.
inline constexpr std::size_t kScanPreambleMax = 20;
inline constexpr std::string_view kPlainDialect = config::kPlainScan;

struct ScanWay {
  std::span<const config::ScanDialect> dialects;  // those of the site
  std::string dialect;                            // this one and no other; empty: whichever fits
  bool only_tubes = false;                        // what the file leaves out is empty
  // The record and the box in it. A code that somebody has is one, also if it is older than the
  // rule of what a code can be (base/vial_code.hpp); where it is written as this scanner marks a
  // position, the vial that has it there counts as unread.
  std::optional<View> record = {};
  PlaceId box = {};
};

// Refused: another size than the type's, a position twice or outside, a code twice, no known
// columns, two columns for one thing, two racks in one file. The Error names the line.
Result<RackScan> parse_rack_scan(std::string_view csv, const PlaceType& type,
                                 const ScanWay& way = {});

}  // namespace cryobank::inventory
