#include "inventory/commands/list/rack_scan.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/ids.hpp"
#include "base/scan_text.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "base/vial_code.hpp"
#include "config/labels.hpp"
#include "inventory/commands/list/csv.hpp"
#include "inventory/commands/list/scan_table.hpp"

namespace cryobank::inventory {
namespace {

using config::ScanDialect;

struct Found {
  const ScanDialect* dialect = nullptr;
  ScanTable table;
};

bool is_mark(const std::vector<std::string>& marks, const std::string& key) {
  return std::ranges::any_of(
      marks, [&](const std::string& mark) { return config::name_key(mark) == key; });
}

// "????", "***": a tube is there, and no scanner writes a code without a letter or a digit.
bool is_signs_alone(std::string_view code) {
  return !code.empty() && std::ranges::none_of(code, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

// Position and code, without a header.
std::optional<ScanTable> find_pairs(std::string_view csv) {
  auto rows = parse_csv(csv, guess_separator(csv));
  if (!rows || rows->empty() || rows->front().fields.size() != 2) return std::nullopt;
  ScanTable table;
  table.rows = std::move(*rows);
  table.columns.position = 0;
  table.columns.code = 1;
  table.named = {true, true};
  return table;
}

std::string names_of(const ScanWay& way) {
  std::string names(kPlainDialect);
  for (const ScanDialect& dialect : way.dialects) names += cat(", ", dialect.id);
  return names;
}

Result<Found> find_plain(std::string_view csv, const PlaceType& type, const ScanWay& way) {
  TRY_ASSIGN(auto table, find_table(csv, type, plain_dialect(), false));
  if (!table) table = find_pairs(csv);
  if (table) return Found{&plain_dialect(), std::move(*table)};
  return make_error(ErrorCode::malformed,
                    cat("expected a table with columns for position (or row and column) and code; "
                        "dialects of this site: ",
                        names_of(way)));
}

Result<Found> find_named(std::string_view csv, const PlaceType& type, const ScanWay& way) {
  const auto dialect = std::ranges::find(way.dialects, way.dialect, &ScanDialect::id);
  if (dialect == way.dialects.end()) {
    return make_error(ErrorCode::not_found,
                      cat("expected one of ", names_of(way), " at \"dialect\", came \"",
                          clip(way.dialect, 40), "\""));
  }
  TRY_ASSIGN(auto table, find_table(csv, type, *dialect, true));
  if (table) return Found{&*dialect, std::move(*table)};
  return make_error(ErrorCode::malformed,
                    cat("expected a file of ", dialect->title, ": its columns are not there"));
}

Result<Found> find_dialect(std::string_view csv, const PlaceType& type, const ScanWay& way) {
  if (way.dialect == kPlainDialect) return find_plain(csv, type, way);
  if (!way.dialect.empty()) return find_named(csv, type, way);
  for (const ScanDialect& dialect : way.dialects) {
    TRY_ASSIGN(auto table, find_table(csv, type, dialect, false));
    if (table) return Found{&dialect, std::move(*table)};
  }
  return find_plain(csv, type, way);
}

Result<int> read_position(const CsvRow& row, const Found& found, const PlaceType& type) {
  const ScanColumns& columns = found.table.columns;
  const std::string_view label = field_of(row, columns.position);
  const bool by_cell = columns.row >= 0 && columns.column >= 0;
  const auto cell =
      by_cell ? find_position(type, field_of(row, columns.row), field_of(row, columns.column))
              : Result<int>(kNoPosition);
  const auto named =
      columns.position >= 0 ? find_position(type, label, found.dialect->order) : cell;
  if (!named || !cell || !type.exists(*named)) {
    return bad_line(
        row, cat("expected a position of a ", type.id(), ", came \"",
                 clip(label.empty() ? cat(field_of(row, columns.row), field_of(row, columns.column))
                                    : std::string(label),
                      40),
                 "\""));
  }
  if (!by_cell || *named == *cell) return *named;
  return bad_line(
      row, cat("position ", clip(label, 40), " is not row ", clip(field_of(row, columns.row), 20),
               " and column ", clip(field_of(row, columns.column), 20)));
}

// What stands at a position, by its text alone; a code otherwise.
std::optional<Scanned> marked_as(const ScanDialect& dialect, const std::string& key) {
  if (is_mark(dialect.unread, key)) return Scanned::unread;
  if (is_mark(dialect.empty, key)) return Scanned::empty;
  return std::nullopt;
}

bool is_on_record(const ScanWay& way, std::string_view code) {
  return way.record && !way.record->owner_of_code(code).empty();
}

bool lies_there(const ScanWay& way, int position, std::string_view code) {
  const AliquotId there = way.record ? way.record->occupant({way.box, position}) : AliquotId();
  return !there.empty() && way.record->aliquot(there)->code == code;
}

Result<Scanned> kind_of_code(const ScanDialect& dialect, std::string_view code, int position,
                             const ScanWay& way) {
  const std::string key = config::name_key(code);
  if (const auto marked = marked_as(dialect, key)) {
    return lies_there(way, position, code) ? Scanned::unread : *marked;
  }
  if (is_on_record(way, code)) return Scanned::code;
  if (const auto marked = marked_as(plain_dialect(), key)) return *marked;
  if (is_signs_alone(code)) return Scanned::unread;
  TRY(expect_vial_code(code));
  return Scanned::code;
}

// Some scanners leave the code blank and say in a column of its own why: "No Tube", "No Code". What
// is not said to be empty is not taken for it.
//   code    status     taken for
//   blank   No Tube    empty
//   blank   No Code    unread
//   blank   3          unread: nobody described it
//   C-1     OK         its code
//   C-1     No Code    refused
Result<Scanned> with_status(const ScanDialect& dialect, std::string_view code,
                            std::string_view status, Scanned kind) {
  if (status.empty()) return kind;
  const std::string key = config::name_key(status);
  auto said = marked_as(dialect, key);
  if (!said) said = marked_as(plain_dialect(), key);
  if (kind == Scanned::code && said) {
    return make_error(ErrorCode::invalid_value,
                      cat("code ", clip(code, 64), " stands beside the status ", clip(status, 40)));
  }
  if (kind != Scanned::empty || said == Scanned::empty) return kind;
  return said || code.empty() ? Scanned::unread : kind;
}

Result<Scanned> kind_of(const ScanDialect& dialect, std::string_view code, std::string_view status,
                        int position, const ScanWay& way) {
  TRY_ASSIGN(const auto kind, kind_of_code(dialect, code, position, way));
  return with_status(dialect, code, status, kind);
}

Result<ScannedPosition> read_line(const CsvRow& row, const Found& found, const PlaceType& type,
                                  const ScanWay& way) {
  TRY_ASSIGN(const auto position, read_position(row, found, type));
  const std::string_view code = strip_scan(field_of(row, found.table.columns.code));
  const std::string_view status = field_of(row, found.table.columns.status);
  const auto kind = kind_of(*found.dialect, code, status, position, way);
  if (!kind) return bad_line(row, kind.error().context);
  ScannedPosition scanned{position, *kind, {}};
  if (*kind == Scanned::code) scanned.code = code;
  return scanned;
}

Status read_rack(const CsvRow& row, const Found& found, RackScan& scan) {
  const std::string_view rack = field_of(row, found.table.columns.rack);
  if (rack.empty() || rack == scan.rack) return {};
  if (!scan.rack.empty()) {
    return bad_line(row, cat("expected a file of one rack, came ", clip(scan.rack, 40), " and ",
                             clip(rack, 40)));
  }
  scan.rack = rack;
  return {};
}

// What the file leaves out was not scanned, or is empty where only tubes are listed.
Status complete(const PlaceType& type, bool only_tubes, const std::set<int>& seen, RackScan& scan) {
  const std::size_t size = type.fill_order().size();
  if (seen.size() == size) return {};
  if (!only_tubes) {
    return make_error(
        ErrorCode::mismatch,
        cat("expected a scan of the ", size, " positions of a ", type.id(), ", came ", seen.size(),
            ": of a file that lists only the tubes, say \"only_tubes\""));
  }
  for (const int position : type.fill_order()) {
    if (!seen.contains(position)) scan.positions.push_back({position, Scanned::empty, {}});
  }
  return {};
}

}  // namespace

Result<RackScan> parse_rack_scan(std::string_view csv, const PlaceType& type, const ScanWay& way) {
  if (csv.size() > kScanSizeMax) {
    return make_error(ErrorCode::too_large, cat("expected at most ", kScanSizeMax,
                                                " bytes of a scan, came ", csv.size()));
  }
  if (trim(csv).empty()) return make_error(ErrorCode::malformed, "expected a scan, came no line");
  TRY_ASSIGN(const auto found, find_dialect(csv, type, way));
  RackScan scan;
  scan.dialect = found.dialect->id;
  scan.rack = found.table.rack;
  std::set<int> seen;
  std::set<std::string> codes;
  for (std::size_t i = found.table.first; i < found.table.rows.size(); ++i) {
    const CsvRow& row = found.table.rows[i];
    const bool blank =
        std::ranges::all_of(row.fields, [](const std::string& text) { return trim(text).empty(); });
    if (blank) continue;
    TRY(check_named(found.table, row));
    TRY_ASSIGN(auto scanned, read_line(row, found, type, way));
    if (!seen.insert(scanned.position).second) {
      return bad_line(row, cat("position ", type.label(scanned.position), " comes twice"));
    }
    if (scanned.kind == Scanned::code && !codes.insert(scanned.code).second) {
      return bad_line(row, cat("code ", scanned.code, " comes twice"));
    }
    TRY(read_rack(row, found, scan));
    scan.positions.push_back(std::move(scanned));
  }
  TRY(complete(type, way.only_tubes || found.dialect->only_tubes, seen, scan));
  std::ranges::sort(scan.positions, {}, &ScannedPosition::position);
  return scan;
}

}  // namespace cryobank::inventory
