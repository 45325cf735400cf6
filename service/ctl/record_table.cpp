#include "service/ctl/record_table.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.hpp"

namespace cryobank::ctl {
namespace {

using Fields = std::map<std::string, std::string>;

struct Row {
  std::string of;    // the object that the list belongs to
  std::string name;  // its own
  Fields fields;
};

using Lists = std::map<std::string, std::vector<Row>>;

bool is_list_of_objects(const Json& value) {
  return value.is_array() && !value.items().empty() && value.items().front().is_object();
}

std::string joined(const Json::Array& items) {
  if (items.empty()) return "none";
  std::string text;
  for (const Json& item : items) text += cat(text.empty() ? "" : ", ", cell(item));
  return text;
}

void flatten(const std::string& prefix, const Json& record, Fields& fields) {
  for (const auto& [key, value] : record.members()) {
    const std::string path = prefix.empty() ? key : cat(prefix, ".", key);
    if (value.is_object()) {
      flatten(path, value, fields);
    } else if (!is_list_of_objects(value) && path != "schema") {
      fields[path] = value.is_array() ? joined(value.items()) : cell(value);
    }
  }
}

// "doses.aliquots" has objects that name themselves in "aliquot", or else in "id" or "code".
std::string naming_field(std::string_view list, const Fields& fields) {
  const std::string_view last = list.substr(list.rfind('.') + 1);
  for (const std::string& key : {std::string(last.substr(0, last.size() - 1)), std::string("id"),
                                 std::string("code"), std::string("name")}) {
    if (fields.contains(key)) return key;
  }
  return {};
}

void collect(const std::string& list, const std::string& of, const Json& record, Lists& lists) {
  for (const auto& [key, value] : record.members()) {
    const std::string path = list.empty() ? key : cat(list, ".", key);
    if (value.is_object()) collect(path, of, value, lists);
    if (!is_list_of_objects(value)) continue;
    for (const Json& item : value.items()) {
      if (!item.is_object()) continue;
      Row row{of, {}, {}};
      flatten("", item, row.fields);
      const std::string naming = naming_field(path, row.fields);
      if (!naming.empty()) row.name = row.fields[naming];
      collect(path, row.name, item, lists);
      lists[path].push_back(std::move(row));
    }
  }
}

std::vector<std::string> columns_of(const std::string& list, const std::vector<Row>& rows) {
  std::vector<std::string> columns;
  const std::string naming = naming_field(list, rows.front().fields);
  if (!naming.empty()) columns.push_back(naming);
  std::map<std::string, bool> said;
  for (const Row& row : rows) {
    for (const auto& [field, text] : row.fields) said[field] |= text != "-";
  }
  for (const auto& [field, anywhere] : said) {
    if (anywhere && field != naming) columns.push_back(field);
  }
  return columns;
}

Table table_of(const std::string& list, const std::vector<Row>& rows) {
  const bool inner = std::ranges::any_of(rows, [](const Row& row) { return !row.of.empty(); });
  const std::vector<std::string> columns = columns_of(list, rows);
  Table table;
  if (inner) table.head.emplace_back("of");
  table.head.insert(table.head.end(), columns.begin(), columns.end());
  for (const Row& row : rows) {
    std::vector<std::string> cells;
    if (inner) cells.push_back(row.of);
    for (const std::string& column : columns) {
      const auto found = row.fields.find(column);
      cells.push_back(found == row.fields.end() ? "-" : found->second);
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

}  // namespace

Table fields_of(const Json& record) {
  Fields fields;
  if (record.is_object()) flatten("", record, fields);
  Table table{{"field", "value"}, {}};
  for (auto& [field, text] : fields) table.rows.push_back({field, std::move(text)});
  return table;
}

std::vector<NamedTable> lists_of(const Json& record) {
  Lists lists;
  if (record.is_object()) collect("", "", record, lists);
  std::vector<NamedTable> tables;
  tables.reserve(lists.size());
  for (const auto& [list, rows] : lists) tables.push_back({list, table_of(list, rows)});
  return tables;
}

}  // namespace cryobank::ctl
