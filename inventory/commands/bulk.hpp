// Bulk: the inventory as CSV, out and in. One line per aliquot; the path names every container from
// the root. What was exported imports to the same record, byte for byte when exported again. The
// last columns, `expires` (RFC 3339 or empty) and `thaws` (0 to 255 freeze-thaw cycles, or empty),
// may be left out of a list that comes in, the last one alone or both.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

inline constexpr std::string_view kBulkColumns[] = {"aliquot", "code",     "course",   "patient",
                                                    "lot",     "dose",     "fraction", "state",
                                                    "path",    "position", "expires",  "thaws"};
// Columns at the end that a list may do without.
inline constexpr std::size_t kBulkOptional = 2;

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

// Header first. `scope` empty: everything; else what lies in that place.
std::string export_csv(const View& view, const PlaceId& scope);

// Reads and checks every line against the record and against the other lines. An Error is a text
// that is no such CSV at all.
Result<Bulk> read_bulk(const View& view, std::string_view csv);

}  // namespace cryobank::inventory
