#include "inventory/commands/list/scan_table.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "config/labels.hpp"
#include "inventory/commands/list/rack_scan.hpp"

namespace cryobank::inventory {
namespace {

using config::ScanColumn;
using config::ScanDialect;

config::ScanDialect make_plain() {
  ScanDialect plain;
  plain.id = kPlainDialect;
  plain.position.names = {"Position",      "Pos",           "Well",          "Location",     "Cell",
                          "Tube position", "Well position", "Tube location", "Location cell"};
  plain.row.names = {"Row", "Tube row", "Location row", "Well row"};
  plain.column.names = {"Col",          "Column",     "Tube column", "Tube col", "Location column",
                        "Location col", "Well column"};
  plain.code.names = {"Code",       "Barcode", "Tube barcode", "Tube code",  "Tube",  "UUID",
                      "2D barcode", "2D code", "Tube ID",      "Decoded ID", "Decode"};
  plain.status.names = {"Status", "Tube status"};
  plain.rack.names = {"Rack",  "Rack ID",  "Rack barcode",  "Rack code", "Rack label",
                      "Plate", "Plate ID", "Plate barcode", "Box",       "Box barcode"};
  plain.empty = {"", "-", "empty", "no tube", "none", "null"};
  plain.unread = {"no read",  "unread",   "error",    "fail",    "failed", "unreadable", "no code",
                  "bad read", "bad code", "not read", "misread", "#n/a",   "n/a"};
  return plain;
}

bool names(const ScanColumn& column, const std::string& key) {
  return std::ranges::any_of(
      column.names, [&](const std::string& name) { return config::name_key(name) == key; });
}

struct Part {
  std::string_view what;
  const ScanColumn& column;
  int& at;
};

std::vector<Part> parts_of(const ScanDialect& dialect, ScanColumns& columns) {
  return {
      {"a position", dialect.position, columns.position}, {"a row", dialect.row, columns.row},
      {"a column", dialect.column, columns.column},       {"a code", dialect.code, columns.code},
      {"a status", dialect.status, columns.status},       {"a rack", dialect.rack, columns.rack}};
}

// The header's columns; an Error where two of them would be the same thing.
Result<ScanColumns> match_header(const CsvRow& row, const ScanDialect& dialect) {
  ScanColumns columns;
  std::string twice;
  for (std::size_t i = 0; i < row.fields.size(); ++i) {
    const std::string key = config::name_key(row.fields[i]);
    for (const Part& part : parts_of(dialect, columns)) {
      if (key.empty() || !names(part.column, key)) continue;
      if (part.at >= 0) {
        twice = cat("expected one column for ", part.what, ", came \"",
                    clip(row.fields[static_cast<std::size_t>(part.at)], 40), "\" and \"",
                    clip(row.fields[i], 40), "\"");
      }
      part.at = static_cast<int>(i);
    }
  }
  if (columns.complete() && !twice.empty()) return bad_line(row, twice);
  return columns;
}

std::string joined(const CsvRow& row) {
  std::string out;
  for (const std::string& text : row.fields) out += cat(out.empty() ? "" : " ", trim(text));
  return std::string(trim(out));
}

// "Rack ID: 0249", "Rack ID,0249", "Rack ID = 0249": the rack of a line above; empty: of none.
std::string rack_of(const CsvRow& row, const ScanDialect& dialect) {
  const std::string text = joined(row);
  if (!dialect.rack_line.empty() && text.starts_with(dialect.rack_line)) {
    return std::string(trim(std::string_view(text).substr(dialect.rack_line.size())));
  }
  const std::size_t mark = text.find_first_of(":=");
  if (mark != std::string::npos && names(dialect.rack, config::name_key(text.substr(0, mark)))) {
    return std::string(trim(std::string_view(text).substr(mark + 1)));
  }
  const bool pair = row.fields.size() >= 2 && names(dialect.rack, config::name_key(row.fields[0]));
  return pair ? std::string(trim(row.fields[1])) : std::string();
}

Status set_rack(const CsvRow& row, std::string rack, std::string& known) {
  if (rack.empty() || rack == known) return {};
  if (!known.empty()) {
    return bad_line(
        row, cat("expected a file of one rack, came ", clip(known, 40), " and ", clip(rack, 40)));
  }
  known = std::move(rack);
  return {};
}

// Lines above the header say when, who and which rack; none of them is a position.
Status read_preamble(const PlaceType& type, const ScanDialect& dialect, std::size_t header,
                     ScanTable& table) {
  for (std::size_t i = 0; i < header; ++i) {
    const CsvRow& row = table.rows[i];
    const bool filled = row.fields.size() >= 2 && !trim(row.fields[1]).empty();
    if (filled && find_position(type, trim(row.fields[0]), dialect.order)) {
      return bad_line(row, "a line with a position stands above the header");
    }
    TRY(set_rack(row, rack_of(row, dialect), table.rack));
  }
  return {};
}

Result<std::optional<ScanTable>> with_header(ScanTable table, const PlaceType& type,
                                             const ScanDialect& dialect) {
  const std::size_t last = std::min(table.rows.size(), kScanPreambleMax);
  for (std::size_t i = 0; i < last; ++i) {
    TRY_ASSIGN(const auto columns, match_header(table.rows[i], dialect));
    if (!columns.complete()) continue;
    TRY(read_preamble(type, dialect, i, table));
    table.first = i + 1;
    table.columns = columns;
    for (const std::string& name : table.rows[i].fields) table.named.push_back(!trim(name).empty());
    return std::optional(std::move(table));
  }
  return std::optional<ScanTable>();
}

// Known by the lines above, or by name.
Result<std::optional<ScanTable>> without_header(ScanTable table, const ScanDialect& dialect,
                                                bool named) {
  bool recognised = named;
  const auto starts = [](const std::string& text, const std::string& begin) {
    return !begin.empty() && text.starts_with(begin);
  };
  while (table.first < std::min(table.rows.size(), kScanPreambleMax)) {
    const CsvRow& row = table.rows[table.first];
    const std::string text = joined(row);
    const bool above = starts(text, dialect.rack_line) ||
                       std::ranges::any_of(dialect.preamble, [&](const std::string& begin) {
                         return starts(text, begin);
                       });
    if (!above) break;
    recognised = true;
    TRY(set_rack(row, rack_of(row, dialect), table.rack));
    ++table.first;
  }
  if (!recognised) return std::optional<ScanTable>();
  for (const Part& part : parts_of(dialect, table.columns)) part.at = part.column.number - 1;
  return std::optional(std::move(table));
}

int index_of(const PlaceType& type, std::int64_t row, std::int64_t column) {
  return static_cast<int>((row - 1) * type.columns() + column - 1);
}

bool is_inside(const PlaceType& type, std::int64_t row, std::int64_t column) {
  return row >= 1 && row <= type.rows() && column >= 1 && column <= type.columns();
}

std::optional<std::int64_t> row_number(std::string_view text) {
  const auto number = parse_integer(text);
  if (number) return *number;
  // The letters of a row are of one case, so either is meant.
  constexpr auto kLower = config::PlaceTypeConfig::Labels::lower_letters;
  const auto letter = config::parse_label(kLower, lower_ascii(text), 0);
  return letter ? std::optional<std::int64_t>(*letter) : std::nullopt;
}

}  // namespace

const config::ScanDialect& plain_dialect() {
  static const config::ScanDialect kPlain = make_plain();
  return kPlain;
}

std::string_view field_of(const CsvRow& row, int column) {
  if (column < 0 || static_cast<std::size_t>(column) >= row.fields.size()) return {};
  return trim(row.fields[static_cast<std::size_t>(column)]);
}

Status check_named(const ScanTable& table, const CsvRow& row) {
  if (table.named.empty()) return {};
  for (std::size_t i = 0; i < row.fields.size(); ++i) {
    if (trim(row.fields[i]).empty() || (i < table.named.size() && table.named[i])) continue;
    return bad_line(row,
                    cat("\"", clip(row.fields[i], 40),
                        "\" stands in a column without a name: was a field split or shifted?"));
  }
  return {};
}

Error bad_line(const CsvRow& row, std::string_view why) {
  return make_error(ErrorCode::invalid_value, cat("line ", row.line, ": ", why));
}

Result<int> find_position(const PlaceType& type, std::string_view text, ScanDialect::Order order) {
  const auto own = type.position_of(text);
  if (own) return own;
  const auto plain = parse_integer(text);
  if (plain && order != ScanDialect::Order::none) {
    const std::int64_t at = *plain - 1;
    const bool along = order == ScanDialect::Order::rows;
    const int length = along ? type.columns() : type.rows();
    if (at < 0 || length < 1) return own;
    const std::int64_t row = along ? at / length + 1 : at % length + 1;
    const std::int64_t column = along ? at % length + 1 : at / length + 1;
    return is_inside(type, row, column) ? Result<int>(index_of(type, row, column)) : own;
  }
  const std::size_t digits = text.find_first_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos) return own;
  const auto found = find_position(type, trim(text.substr(0, digits)), trim(text.substr(digits)));
  return found ? found : own;
}

Result<int> find_position(const PlaceType& type, std::string_view row, std::string_view column) {
  const auto r = row_number(row);
  const auto c = parse_integer(column);
  if (r && c && is_inside(type, *r, *c)) return index_of(type, *r, *c);
  return make_error(ErrorCode::not_found, cat("expected a row of 1 to ", type.rows(),
                                              " and a column of 1 to ", type.columns(), ", came \"",
                                              clip(row, 20), "\" and \"", clip(column, 20), "\""));
}

Result<std::optional<ScanTable>> find_table(std::string_view text, const PlaceType& type,
                                            const ScanDialect& dialect, bool named) {
  std::string separators = dialect.separator != 0
                               ? std::string(1, dialect.separator)
                               : cat(std::string(1, guess_separator(text)), ",;\t");
  std::optional<Error> unfit;
  for (const char separator : separators) {
    auto rows = parse_csv(text, separator);
    if (!rows) {
      unfit = rows.error();
      continue;
    }
    ScanTable table;
    table.rows = std::move(*rows);
    auto found = dialect.header ? with_header(std::move(table), type, dialect)
                                : without_header(std::move(table), dialect, named);
    if (!found || *found) return found;
  }
  if (named && unfit) return *unfit;
  return std::optional<ScanTable>();
}

}  // namespace cryobank::inventory
