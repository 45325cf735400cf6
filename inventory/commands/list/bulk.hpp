// Bulk: the inventory as CSV, out and in. One line per aliquot; the path names every container from
// the root. What was exported imports to the same record, byte for byte when exported again. A list
// that comes in may have its columns in any order and case, commas, semicolons or tabs, and dates
// and places as people write them (list_forms.hpp); `expires`, `thaws` (0 to 255 freeze-thaw
// cycles), `protocol` and `protocol_version` (else the newest) may be left out or empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/list_mapping.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

inline constexpr auto& kBulkColumns = config::kListColumns;
// The work of one list: a bank of a hundred courses moves in. Decided in about a second.
inline constexpr std::size_t kBulkLinesMax = 100'000;
// Columns at the end that a list may do without.
inline constexpr std::size_t kBulkOptional = config::kListColumnsOptional;

struct BulkLine {
  std::size_t line = 0;
  AliquotId aliquot;
  std::string code;
  CourseId course;
  PatientId patient;
  LotId lot;
  DoseId dose;
  Fraction fraction;
  AliquotState state = AliquotState::expected;
  Spot spot;
  std::string position;  // the label of the spot as the place writes it
  WallTime expires_at{};
  std::optional<std::uint8_t> thaws;  // empty: the list says nothing of it
  ProtocolId protocol;                // of its course; empty: the list says nothing of it
  int protocol_version = 0;           // 0: the newest
  bool known = false;                 // the record has this aliquot,
  bool moves = false;                 // and has it in another spot
};

struct BadLine {
  std::size_t line = 0;
  std::string why;
};

struct Bulk {
  std::vector<BulkLine> lines;  // those whose form is right
  std::vector<BadLine> bad;     // every bad line, in order
  // The first line that names an aliquot or a code of another course.
  std::optional<BulkLine> second_course;
};

// Header first. `scope` empty: everything; else what lies in that place. `after`: only aliquots
// whose id sorts behind it; whole lines up to `size_max` bytes.
struct Exported {
  std::string csv;
  std::size_t lines = 0;
  AliquotId last;     // of this piece
  bool more = false;  // there are others behind it
};
Exported export_csv(const View& view, const PlaceId& scope, const AliquotId& after = {},
                    std::size_t size_max = SIZE_MAX);

// Reads and checks every line against the record and against the other lines. An Error is a text
// that is no such CSV at all. `mapping`: how its columns are called; null: as ours.
Result<Bulk> read_bulk(const View& view, std::string_view csv,
                       const config::ListMapping* mapping = nullptr);

}  // namespace cryobank::inventory
