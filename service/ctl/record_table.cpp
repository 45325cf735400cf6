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

constexpr std::size_t kTimeShortest = 20;  // 2026-11-22T03:04:05Z

std::string value_text(const Json& value, WallTime now) {
  if (value == Json(true)) return "yes";
  if (value == Json(false)) return "no";
  return time_text(value, now);
}

// What a unit at the end of a key is called; empty where the end is no unit.
std::string_view unit_at_end(std::string_view word) {
  constexpr std::pair<std::string_view, std::string_view> kUnits[] = {
      {"s", "s"},         {"ms", "ms"}, {"min", "min"}, {"h", "h"},
      {"days", "days"},   {"l", "L"},   {"ml", "mL"},   {"percent", "%"},
      {"bytes", "bytes"}, {"mm", "mm"}, {"kg", "kg"},   {"celsius", "°C"}};
  for (const auto& [key, shown] : kUnits) {
    if (key == word) return shown;
  }
  return {};
}

std::string joined(const Json::Array& items) {
  if (items.empty()) return "none";
  std::string text;
  for (const Json& item : items) text += cat(text.empty() ? "" : ", ", cell(item));
  return text;
}

void flatten(const std::string& prefix, const Json& record, WallTime now, Fields& fields) {
  for (const auto& [key, value] : record.members()) {
    const std::string path = prefix.empty() ? key : cat(prefix, ".", key);
    if (value.is_object()) {
      flatten(path, value, now, fields);
    } else if (!is_list_of_objects(value) && path != "schema") {
      fields[path] = value.is_array() ? joined(value.items()) : value_text(value, now);
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

void collect(const std::string& list, const std::string& of, const Json& record, WallTime now,
             Lists& lists) {
  for (const auto& [key, value] : record.members()) {
    const std::string path = list.empty() ? key : cat(list, ".", key);
    if (value.is_object()) collect(path, of, value, now, lists);
    if (!is_list_of_objects(value)) continue;
    for (const Json& item : value.items()) {
      if (!item.is_object()) continue;
      Row row{of, {}, {}};
      flatten("", item, now, row.fields);
      const std::string naming = naming_field(path, row.fields);
      if (!naming.empty()) row.name = row.fields[naming];
      collect(path, row.name, item, now, lists);
      lists[path].push_back(std::move(row));
    }
  }
}

// What a reader looks for first; the rest by name.
constexpr std::string_view kFirst[] = {"number", "code",  "kind",    "title",
                                       "state",  "place", "position"};

std::size_t rank_of(std::string_view field) {
  return static_cast<std::size_t>(std::ranges::find(kFirst, field) - std::begin(kFirst));
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
  std::ranges::stable_sort(columns.begin() + (naming.empty() ? 0 : 1), columns.end(), {}, rank_of);
  return columns;
}

Table table_of(const std::string& list, const std::vector<Row>& rows) {
  const bool inner = std::ranges::any_of(rows, [](const Row& row) { return !row.of.empty(); });
  const std::vector<std::string> columns = columns_of(list, rows);
  Table table;
  if (inner) table.head.emplace_back("of");
  for (const std::string& column : columns) table.head.push_back(title_of(column));
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

std::string span_text(std::int64_t ms) {
  const std::int64_t s = ms / 1'000;
  if (s < 120) return cat(s, " s");
  if (s < 120 * 60) return cat(s / 60, " min");
  if (s < 48 * 3'600) return cat(s / 3'600, " h");
  return cat(s / 86'400, " d");
}

std::string title_of(std::string_view path) {
  if (path == "at") return "told";
  std::vector<std::string_view> words;
  for (const std::string_view part : split(path, '.')) {
    for (const std::string_view word : split(part, '_')) words.push_back(word);
  }
  const std::string_view unit = words.size() > 1 ? unit_at_end(words.back()) : std::string_view();
  if (!unit.empty()) words.pop_back();
  std::string title;
  for (const std::string_view word : words) title += cat(title.empty() ? "" : " ", word);
  return unit.empty() ? title : cat(title, " (", unit, ")");
}

std::string time_text(const Json& at, WallTime now) {
  const bool may_be =
      at.is_string() && at.string().size() >= kTimeShortest && at.string().ends_with('Z');
  const auto time = may_be ? parse_utc(at.string()) : Result<WallTime>(WallTime{});
  if (!may_be || !time) return cell(at);
  const std::string utc = format_utc(*time);
  const std::int64_t passed = now.ms - time->ms;
  const std::string far =
      passed >= 0 ? cat(span_text(passed), " ago") : cat("in ", span_text(-passed));
  return cat(utc.substr(0, 10), " ", utc.substr(11, 8), " UTC (", far, ")");
}

std::string answer_text(const Json& device_state, WallTime now) {
  return cell(device_state["state"]) == "online" ? "answers"
                                                 : time_text(device_state["last_ok"], now);
}

Table fields_of(const Json& record, WallTime now) {
  Fields fields;
  if (record.is_object()) flatten("", record, now, fields);
  Table table{{"field", "value"}, {}};
  for (auto& [field, text] : fields) table.rows.push_back({title_of(field), std::move(text)});
  return table;
}

std::vector<NamedTable> lists_of(const Json& record, WallTime now) {
  Lists lists;
  if (record.is_object()) collect("", "", record, now, lists);
  std::vector<NamedTable> tables;
  tables.reserve(lists.size());
  for (const auto& [list, rows] : lists) {
    std::string name;
    for (const std::string_view part : split(list, '.')) {
      name += cat(name.empty() ? "" : ", ", title_of(part));
    }
    tables.push_back({std::move(name), table_of(list, rows)});
  }
  return tables;
}

}  // namespace cryobank::ctl
