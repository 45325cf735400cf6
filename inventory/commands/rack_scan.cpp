#include "inventory/commands/rack_scan.hpp"

#include <algorithm>
#include <set>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "config/labels.hpp"
#include "inventory/commands/csv.hpp"

namespace cryobank::inventory {
namespace {

struct Columns {
  int position = -1;
  int row = -1;
  int column = -1;
  int code = -1;
  int rack = -1;
  bool header = false;
};

constexpr std::string_view kPositionNames[] = {"position",      "pos",  "well",         "location",
                                               "tube position", "cell", "well position"};
constexpr std::string_view kRowNames[] = {"row", "tube row"};
constexpr std::string_view kColumnNames[] = {"col", "column", "tube column"};
constexpr std::string_view kCodeNames[] = {"code",       "barcode", "tube barcode", "tube code",
                                           "tube",       "uuid",    "2d barcode",   "tube id",
                                           "decoded id", "decode"};
constexpr std::string_view kRackNames[] = {"rack",      "rack id", "rack barcode", "rackid",
                                           "rack code", "plate",   "plate id",     "plate barcode"};
constexpr std::string_view kEmptyWords[] = {"", "-", "empty", "no tube", "notube", "none", "null"};
constexpr std::string_view kUnreadWords[] = {"no read", "noread",     "unread", "error", "fail",
                                             "failed",  "unreadable", "?",      "???",   "no code"};

template <std::size_t N>
bool among(const std::string_view (&words)[N], std::string_view text) {
  return std::find(std::begin(words), std::end(words), text) != std::end(words);
}

std::string key_of(std::string_view text) {
  std::string key = lower_ascii(trim(text));
  std::replace(key.begin(), key.end(), '_', ' ');
  return key;
}

Columns find_columns(const std::vector<std::string>& fields) {
  Columns columns;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string key = key_of(fields[i]);
    const int at = static_cast<int>(i);
    if (among(kPositionNames, key)) columns.position = at;
    if (among(kRowNames, key)) columns.row = at;
    if (among(kColumnNames, key)) columns.column = at;
    if (among(kCodeNames, key)) columns.code = at;
    if (among(kRackNames, key)) columns.rack = at;
  }
  columns.header =
      columns.code >= 0 && (columns.position >= 0 || (columns.row >= 0 && columns.column >= 0));
  if (!columns.header && fields.size() == 2) {
    columns = Columns();
    columns.position = 0;
    columns.code = 1;
  }
  return columns;
}

std::string_view field(const CsvRow& row, int column) {
  if (column < 0 || static_cast<std::size_t>(column) >= row.fields.size()) return {};
  return trim(row.fields[static_cast<std::size_t>(column)]);
}

// The container's own label; or a letter and a number as scanners write them (A01); or a row and a
// column.
Result<int> find_position(const PlaceType& type, std::string_view text) {
  const auto own = type.position_of(text);
  if (own) return own;
  std::size_t digits = 0;
  while (digits < text.size() && !(text[digits] >= '0' && text[digits] <= '9')) ++digits;
  const auto row =
      config::parse_label(config::PlaceTypeConfig::Labels::letters, text.substr(0, digits), 0);
  const auto column = parse_integer(text.substr(digits));
  if (!row || !column || *row > type.rows() || *column < 1 || *column > type.columns()) return own;
  return (*row - 1) * type.columns() + static_cast<int>(*column) - 1;
}

Error bad_line(const CsvRow& row, std::string_view why) {
  return make_error(ErrorCode::invalid_value, cat("line ", row.line, ": ", why));
}

Result<ScannedPosition> read_line(const CsvRow& row, const Columns& columns,
                                  const PlaceType& type) {
  const std::string label = columns.position >= 0
                                ? std::string(field(row, columns.position))
                                : cat(field(row, columns.row), field(row, columns.column));
  const auto position = find_position(type, label);
  if (!position || !type.exists(*position)) {
    return bad_line(
        row, cat("expected a position of a ", type.id(), ", came \"", clip(label, 40), "\""));
  }
  ScannedPosition scanned;
  scanned.position = *position;
  const std::string_view code = field(row, columns.code);
  const std::string word = key_of(code);
  if (among(kUnreadWords, word)) {
    scanned.kind = Scanned::unread;
  } else if (!among(kEmptyWords, word)) {
    if (!is_code_text(code)) {
      return bad_line(row, cat("expected a code, came \"", clip(code, 80), "\""));
    }
    scanned.kind = Scanned::code;
    scanned.code = code;
  }
  return scanned;
}

}  // namespace

Result<RackScan> parse_rack_scan(std::string_view csv, const PlaceType& type) {
  if (csv.size() > kScanSizeMax) {
    return make_error(ErrorCode::too_large, cat("expected at most ", kScanSizeMax, " bytes"));
  }
  const auto rows = parse_csv(csv, guess_separator(csv));
  if (!rows) return rows.error();
  if (rows->empty()) return make_error(ErrorCode::malformed, "expected a scan, came no line");
  const Columns columns = find_columns(rows->front().fields);
  if (columns.code < 0) {
    return bad_line(rows->front(), "expected columns for position (or row and column) and code");
  }
  RackScan scan;
  std::set<int> seen;
  std::set<std::string> codes;
  for (std::size_t i = columns.header ? 1 : 0; i < rows->size(); ++i) {
    const CsvRow& row = (*rows)[i];
    auto scanned = read_line(row, columns, type);
    if (!scanned) return scanned.error();
    if (!seen.insert(scanned->position).second) {
      return bad_line(row, cat("position ", type.label(scanned->position), " comes twice"));
    }
    if (scanned->kind == Scanned::code && !codes.insert(scanned->code).second) {
      return bad_line(row, cat("code ", scanned->code, " comes twice"));
    }
    const std::string_view rack = field(row, columns.rack);
    if (!rack.empty()) scan.rack = rack;
    scan.positions.push_back(std::move(*scanned));
  }
  if (scan.positions.size() != type.fill_order().size()) {
    return make_error(ErrorCode::mismatch,
                      cat("expected a scan of the ", type.fill_order().size(), " positions of a ",
                          type.id(), ", came ", scan.positions.size()));
  }
  std::sort(scan.positions.begin(), scan.positions.end(),
            [](const auto& a, const auto& b) { return a.position < b.position; });
  return scan;
}

}  // namespace cryobank::inventory
