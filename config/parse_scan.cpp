#include "config/parse.hpp"

namespace cryobank::config {
namespace {

constexpr int kScanColumnsMax = 64;  // as a list is bounded

void read_column(std::string_view file, const TomlNode& table, std::string_view key,
                 ScanColumn& column, Faults& faults) {
  const TomlNode* node = table.find(key);
  if (node == nullptr) return;
  const auto fault = [&] {
    faults.add(file, node->line,
               cat("[columns] ", key, ": expected names of a column, or its number from 1 to ",
                   kScanColumnsMax, ", came ", describe(*node)));
  };
  if (node->kind == TomlNode::Kind::integer) {
    if (node->integer < 1 || node->integer > kScanColumnsMax) return fault();
    column.number = static_cast<int>(node->integer);
    return;
  }
  if (node->kind != TomlNode::Kind::array) return fault();
  for (const TomlNode& item : node->items) {
    if (item.kind != TomlNode::Kind::text || item.text.empty()) return fault();
    column.names.push_back(item.text);
  }
}

void read_columns(std::string_view file, const TomlNode& table, ScanDialect& dialect,
                  Faults& faults) {
  const std::pair<std::string_view, ScanColumn*> columns[] = {
      {"position", &dialect.position}, {"row", &dialect.row},       {"column", &dialect.column},
      {"code", &dialect.code},         {"status", &dialect.status}, {"rack", &dialect.rack}};
  for (const auto& [key, column] : columns) {
    read_column(file, table, key, *column, faults);
    const bool fits = dialect.header ? column->number == 0 : column->names.empty();
    if (!fits) {
      faults.add(file, table.line,
                 cat("[columns] ", key, ": expected ",
                     dialect.header ? "names, since the file has a header"
                                    : "a number, since the file has no header"));
    }
  }
  for (const TomlNode::Member& member : table.members) {
    bool known = false;
    for (const auto& [key, column] : columns) known = known || key == member.key;
    if (!known) {
      faults.add(file, member.value.line,
                 cat("[columns]: expected position, row, column, code, status or rack, came \"",
                     clip(member.key, 40), "\""));
    }
  }
  const bool placed =
      !dialect.position.empty() || (!dialect.row.empty() && !dialect.column.empty());
  if (placed && !dialect.code.empty()) return;
  faults.add(file, table.line, "[columns]: expected code, and position or both row and column");
}

void read_separator(TableReader& reader, ScanDialect& dialect) {
  std::string text;
  reader.text("separator", text);
  if (text.empty()) return;
  if (text == "," || text == ";" || text == "\t") {
    dialect.separator = text[0];
    return;
  }
  reader.fault("separator", cat("expected \",\", \";\" or \"\\t\", came \"", clip(text, 20), "\""));
}

}  // namespace

void parse_scan(std::string_view file, const TomlNode& document, ScanDialect& dialect,
                Faults& faults) {
  constexpr std::array<Word<ScanDialect::Order>, 2> kOrders{
      {{"rows", ScanDialect::Order::rows}, {"columns", ScanDialect::Order::columns}}};
  TableReader reader(file, "scan", document, faults);
  read_own_words(reader, file, document, dialect);
  read_separator(reader, dialect);
  reader.boolean("header", dialect.header);
  reader.choice("order", dialect.order, kOrders);
  reader.text("rack_line", dialect.rack_line);
  reader.texts("preamble", dialect.preamble);
  reader.texts("empty", dialect.empty);
  reader.texts("unread", dialect.unread);
  reader.boolean("only_tubes", dialect.only_tubes);
  if (const TomlNode* columns = reader.table("columns", Need::required)) {
    read_columns(file, *columns, dialect, faults);
  }
  reader.finish();
}

}  // namespace cryobank::config
