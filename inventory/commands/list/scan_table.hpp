// Scan table: where in a scanner's file the table begins, which column is what, and what the lines
// above say, by a dialect. Internal to rack_scan.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/list_words.hpp"
#include "config/scan_dialect.hpp"
#include "inventory/commands/list/csv.hpp"
#include "inventory/ledger/place_type.hpp"

namespace cryobank::inventory {

// The usual names and marks.
const config::ScanDialect& plain_dialect();

struct ScanColumns {
  int position = -1;
  int row = -1;
  int column = -1;
  int code = -1;
  int status = -1;
  int rack = -1;
  bool complete() const { return code >= 0 && (position >= 0 || (row >= 0 && column >= 0)); }
};

struct ScanTable {
  std::vector<CsvRow> rows;
  std::size_t first = 0;  // line of the table's first position
  ScanColumns columns;
  std::vector<bool> named;  // columns that the header names; empty where there is none
  std::string rack;         // as a line above the table says
};

// Nothing when the file is not written in this dialect. `named`: the dialect was asked for, so it
// need not be recognised by its first lines. An Error is a file of this dialect that is not right.
Result<std::optional<ScanTable>> find_table(std::string_view text, const PlaceType& type,
                                            const config::ScanDialect& dialect, bool named);

// The container's own label; a letter and a number (A1, A01, a1); a plain number along `order`.
Result<int> find_position(const PlaceType& type, std::string_view text,
                          config::ScanDialect::Order order);
// A row as a letter or a number, and a column as a number.
Result<int> find_position(const PlaceType& type, std::string_view row, std::string_view column);

// A field under no name of the header was split or shifted, and the code could be in it.
Status check_named(const ScanTable& table, const CsvRow& row);
std::string_view field_of(const CsvRow& row, int column);
Error bad_line(const CsvRow& row, std::string_view why);

}  // namespace cryobank::inventory
