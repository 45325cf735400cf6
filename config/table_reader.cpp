#include "config/table_reader.hpp"

#include <algorithm>

#include "base/spelling.hpp"
#include "config/duration.hpp"

namespace cryobank::config {
namespace {

// "02:30" as minutes after midnight; -1 for anything else.
int parse_time_of_day(std::string_view text) {
  constexpr int kHours = 24;
  constexpr int kMinutes = 60;
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : -kHours * kMinutes; };
  if (text.size() != 5 || text[2] != ':') return -1;
  const int hour = digit(text[0]) * 10 + digit(text[1]);
  const int minute = digit(text[3]) * 10 + digit(text[4]);
  const bool good = hour >= 0 && hour < kHours && minute >= 0 && minute < kMinutes;
  return good ? hour * kMinutes + minute : -1;
}

}  // namespace

TableReader::TableReader(std::string_view file, std::string_view where, const TomlNode& table,
                         Faults& faults)
    : file_(file), where_(where), table_(table), faults_(faults) {}

int TableReader::line_of(std::string_view key) const {
  const TomlNode* node = table_.find(key);
  return node == nullptr ? table_.line : node->line;
}

void TableReader::fault(std::string_view key, std::string_view text) {
  faults_.add(file_, line_of(key), cat(where_, " ", key, ": ", text));
}

void TableReader::wrong_kind(std::string_view key, const TomlNode& node,
                             std::string_view expected) {
  faults_.add(file_, node.line,
              cat(where_, " ", key, ": expected ", expected, ", came ", describe(node)));
}

void TableReader::wrong_word(std::string_view key, std::string_view value,
                             std::span<const std::string_view> words) {
  std::string list;
  for (const std::string_view word : words) list += cat(list.empty() ? "" : ", ", "\"", word, "\"");
  fault(key, cat("expected one of ", list, ", came \"", clip(value, 60), "\"",
                 suggestion(value, words)));
}

const TomlNode* TableReader::any(std::string_view key, Need need) {
  known_.push_back(key);
  const TomlNode* node = table_.find(key);
  if (node == nullptr && need == Need::required) {
    faults_.add(file_, table_.line, cat(where_, ": expected the key \"", key, "\", it is missing"));
  }
  return node;
}

bool TableReader::read_text(std::string_view key, std::string& out, Need need) {
  const TomlNode* node = any(key, need);
  if (node == nullptr) return false;
  if (node->kind != TomlNode::Kind::text) {
    wrong_kind(key, *node, "a text");
    return false;
  }
  if (need == Need::required && node->text.empty()) {
    wrong_kind(key, *node, "a text that is not empty");
    return false;
  }
  out = node->text;
  return true;
}

void TableReader::text(std::string_view key, std::string& out, Need need) {
  read_text(key, out, need);
}

bool TableReader::read_integer(std::string_view key, std::int64_t& out, std::int64_t low,
                               std::int64_t high, Need need) {
  const TomlNode* node = any(key, need);
  if (node == nullptr) return false;
  if (node->kind != TomlNode::Kind::integer || node->integer < low || node->integer > high) {
    wrong_kind(key, *node, cat("a whole number from ", low, " to ", high));
    return false;
  }
  out = node->integer;
  return true;
}

void TableReader::boolean(std::string_view key, bool& out) {
  const TomlNode* node = any(key);
  if (node == nullptr) return;
  if (node->kind != TomlNode::Kind::boolean) return wrong_kind(key, *node, "true or false");
  out = node->boolean;
}

namespace {

// Whole numbers whose thousandths stay far from overflow.
constexpr std::int64_t kWholeMax = kMilliMax / 1000;

bool number_of(const TomlNode& node, Milli& out) {
  if (node.kind == TomlNode::Kind::decimal) {
    out = node.decimal;
    return true;
  }
  if (node.kind != TomlNode::Kind::integer) return false;
  if (node.integer > kWholeMax || node.integer < -kWholeMax) return false;
  out = whole(node.integer);
  return true;
}

}  // namespace

void TableReader::milli(std::string_view key, Milli& out) {
  const TomlNode* node = any(key);
  if (node != nullptr && !number_of(*node, out)) wrong_kind(key, *node, "a number");
}

bool TableReader::milli_range(std::string_view key, Milli& low, Milli& high) {
  const TomlNode* node = any(key);
  if (node == nullptr) return false;
  if (node->kind != TomlNode::Kind::array || node->items.size() != 2 ||
      !number_of(node->items[0], low) || !number_of(node->items[1], high)) {
    wrong_kind(key, *node, "two numbers, [lowest, highest]");
    return false;
  }
  if (low > high) {
    wrong_kind(key, *node, "the lowest before the highest");
    return false;
  }
  return true;
}

void TableReader::duration(std::string_view key, Duration& out, Duration low, Duration high) {
  std::string value;
  if (!read_text(key, value, Need::optional)) return;
  const Result<Duration> parsed = parse_duration(value);
  if (!parsed) return fault(key, parsed.error().context);
  if (*parsed < low || *parsed > high) {
    return fault(key, cat("expected from ", format_duration(low), " to ", format_duration(high),
                          ", came \"", value, "\""));
  }
  out = *parsed;
}

void TableReader::minute_of_day(std::string_view key, int& out, bool or_never) {
  std::string value;
  if (!read_text(key, value, Need::optional)) return;
  const int minute = parse_time_of_day(value);
  if (minute < 0 && !(or_never && value == "never")) {
    return fault(key, cat("expected a time of day, \"00:00\" to \"23:59\"",
                          or_never ? ", or \"never\"" : "", ", came \"", clip(value, 40), "\""));
  }
  out = minute;
}

void TableReader::minutes_of_day(std::string_view key, std::vector<int>& out) {
  if (!has(key)) return;
  std::vector<std::string> values;
  texts(key, values);
  out.clear();
  for (const std::string& value : values) {
    const int minute = parse_time_of_day(value);
    if (minute >= 0) {
      out.push_back(minute);
      continue;
    }
    fault(key,
          cat("expected times of day, \"00:00\" to \"23:59\", came \"", clip(value, 40), "\""));
  }
}

void TableReader::fraction(std::string_view key, Fraction& out) {
  std::string value;
  if (!read_text(key, value, Need::optional)) return;
  const Result<Fraction> parsed = Fraction::parse(value);
  if (!parsed || parsed->numerator() < 1 || parsed->numerator() > parsed->denominator()) {
    return fault(key, cat("expected a share above 0 and at most 1, written as \"1/2\" or \"1\", "
                          "came \"",
                          clip(value, 40), "\""));
  }
  out = *parsed;
}

void TableReader::day(const TomlNode& node, std::string_view key, std::vector<Day>& out) {
  if (node.kind != TomlNode::Kind::date && node.kind != TomlNode::Kind::text) {
    return wrong_kind(key, node, "a date such as 2026-11-22");
  }
  const Result<Day> parsed = parse_day(node.text);
  if (!parsed) return wrong_kind(key, node, "a date such as 2026-11-22");
  out.push_back(*parsed);
}

const std::vector<TomlNode>* TableReader::array(std::string_view key) {
  const TomlNode* node = any(key);
  if (node == nullptr) return nullptr;
  if (node->kind != TomlNode::Kind::array) {
    wrong_kind(key, *node, "an array");
    return nullptr;
  }
  return &node->items;
}

void TableReader::texts(std::string_view key, std::vector<std::string>& out) {
  const std::vector<TomlNode>* items = array(key);
  if (items == nullptr) return;
  for (const TomlNode& item : *items) {
    if (item.kind != TomlNode::Kind::text) {
      wrong_kind(key, item, "a text");
      continue;
    }
    out.push_back(item.text);
  }
}

const TomlNode* TableReader::table(std::string_view key, Need need) {
  const TomlNode* node = any(key, need);
  if (node == nullptr) return nullptr;
  if (node->kind != TomlNode::Kind::table) {
    wrong_kind(key, *node, "a table");
    return nullptr;
  }
  return node;
}

std::vector<const TomlNode*> TableReader::tables(std::string_view key) {
  std::vector<const TomlNode*> out;
  const TomlNode* node = any(key);
  if (node == nullptr) return out;
  if (node->kind != TomlNode::Kind::array) {
    wrong_kind(key, *node, cat("tables headed [[", key, "]]"));
    return out;
  }
  for (const TomlNode& item : node->items) {
    if (item.kind != TomlNode::Kind::table) {
      wrong_kind(key, item, "a table");
      continue;
    }
    out.push_back(&item);
  }
  return out;
}

void TableReader::finish() {
  for (const TomlNode::Member& member : table_.members) {
    if (std::count(known_.begin(), known_.end(), member.key) > 0) continue;
    faults_.add(file_, member.value.line,
                cat(where_, ": unknown key \"", clip(member.key, 60), "\"",
                    suggestion(member.key, known_)));
  }
}

}  // namespace cryobank::config
