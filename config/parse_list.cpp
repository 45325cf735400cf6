#include <algorithm>

#include "config/parse.hpp"

namespace cryobank::config {
namespace {

constexpr std::size_t kListNamesMax = 64;  // of one table, as scans are bounded

bool is_list_column(std::string_view name) {
  return std::ranges::find(kListColumns, name) != std::end(kListColumns);
}

// Hands each member of a table to `take`, which returns what it expected, or nothing.
template <class Take>
void each_member(std::string_view file, std::string_view name, const TomlNode& table,
                 Faults& faults, Take take) {
  if (table.members.size() > kListNamesMax) {
    faults.add(file, table.line,
               cat("[", name, "]: expected at most ", kListNamesMax, " entries, came ",
                   table.members.size()));
    return;
  }
  for (const TomlNode::Member& member : table.members) {
    const std::string_view expected = take(member.key, member.value);
    if (expected.empty()) continue;
    faults.add(file, member.value.line,
               cat("[", name, "] ", clip(member.key, 40), ": expected ", expected, ", came ",
                   describe(member.value)));
  }
}

constexpr std::string_view kNoSuchColumn = "a column of a list (docs/inventory.md)";

void read_list_columns(std::string_view file, const TomlNode& table, ListMapping& mapping,
                       Faults& faults) {
  each_member(file, "columns", table, faults,
              [&](const std::string& key, const TomlNode& value) -> std::string_view {
                if (!is_list_column(key)) return kNoSuchColumn;
                if (value.kind != TomlNode::Kind::array || value.items.empty()) {
                  return "names of a column";
                }
                for (const TomlNode& item : value.items) {
                  if (item.kind != TomlNode::Kind::text || item.text.empty()) {
                    return "names of a column";
                  }
                  mapping.columns[key].push_back(item.text);
                }
                return {};
              });
}

void read_list_constants(std::string_view file, const TomlNode& table, ListMapping& mapping,
                         Faults& faults) {
  each_member(file, "constants", table, faults,
              [&](const std::string& key, const TomlNode& value) -> std::string_view {
                if (!is_list_column(key)) return kNoSuchColumn;
                if (value.kind != TomlNode::Kind::text || value.text.empty()) return "a text";
                if (mapping.columns.contains(key)) return "no [columns] of the same name beside it";
                mapping.constants[key] = value.text;
                return {};
              });
}

constexpr std::size_t kListLevelsMax = 8;  // more than any shelf has

void read_list_joined(std::string_view file, const TomlNode& table, ListMapping& mapping,
                      Faults& faults) {
  each_member(file, "joined", table, faults,
              [&](const std::string& key, const TomlNode& value) -> std::string_view {
                const bool path = key == "path";
                if (!path && key != "position") return "path or position";
                const std::size_t most = path ? kListLevelsMax : 2;
                if (value.kind != TomlNode::Kind::array || value.items.size() < 2 ||
                    value.items.size() > most) {
                  return path ? "names of 2 to 8 columns" : "names of two columns, row and column";
                }
                for (const TomlNode& item : value.items) {
                  if (item.kind != TomlNode::Kind::text || item.text.empty()) {
                    return "names of columns";
                  }
                  mapping.joined[key].push_back(item.text);
                }
                if (mapping.columns.contains(key)) return "no [columns] of the same name beside it";
                return {};
              });
}

void read_list_states(std::string_view file, const TomlNode& table, ListMapping& mapping,
                      Faults& faults) {
  each_member(file, "states", table, faults,
              [&](const std::string& key, const TomlNode& value) -> std::string_view {
                if (value.kind != TomlNode::Kind::text || value.text.empty()) return "a state";
                mapping.states[key] = value.text;
                return {};
              });
}

}  // namespace

void parse_list(std::string_view file, const TomlNode& document, ListMapping& mapping,
                Faults& faults) {
  TableReader reader(file, "list mapping", document, faults);
  read_own_words(reader, file, document, mapping);
  reader.texts("ignored", mapping.ignored);
  if (const TomlNode* table = reader.table("columns", Need::required)) {
    read_list_columns(file, *table, mapping, faults);
  }
  if (const TomlNode* table = reader.table("constants")) {
    read_list_constants(file, *table, mapping, faults);
  }
  if (const TomlNode* table = reader.table("joined")) {
    read_list_joined(file, *table, mapping, faults);
  }
  if (const TomlNode* table = reader.table("states")) {
    read_list_states(file, *table, mapping, faults);
  }
  reader.finish();
}

}  // namespace cryobank::config
