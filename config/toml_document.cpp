#include "config/toml_document.hpp"

#include <toml++/toml.h>

#include <cmath>
#include <exception>

#include "base/text.hpp"
#include "base/time.hpp"

namespace cryobank::config {
namespace {

// A decimal within this distance of a thousandth is that thousandth: binary fractions are never
// exact, and four written places are further away than this.
constexpr double kDecimalSlack = 1e-4;
// Largest decimal, in thousandths, whose thousandth a double still holds.
constexpr double kDecimalMax = 1e12;

struct Converter {
  std::string_view file;
  Faults& faults;

  void refuse(int line, std::string text) { faults.add(file, line, std::move(text)); }

  TomlNode convert(const toml::node& from, int depth, int line_above);
  void convert_table(const toml::table& from, int depth, TomlNode& to);
  void convert_array(const toml::array& from, int depth, TomlNode& to);
  void convert_text(std::string_view from, TomlNode& to);
  void convert_decimal(double from, TomlNode& to);
};

void Converter::convert_table(const toml::table& from, int depth, TomlNode& to) {
  to.kind = TomlNode::Kind::table;
  for (const auto& [key, value] : from) {
    to.members.push_back({std::string(key.str()), convert(value, depth + 1, to.line)});
  }
}

void Converter::convert_array(const toml::array& from, int depth, TomlNode& to) {
  to.kind = TomlNode::Kind::array;
  if (from.size() > kTomlArrayMax) {
    refuse(to.line,
           cat("expected at most ", kTomlArrayMax, " entries in an array, came ", from.size()));
    return;
  }
  for (const toml::node& item : from) to.items.push_back(convert(item, depth + 1, to.line));
}

void Converter::convert_text(std::string_view from, TomlNode& to) {
  to.kind = TomlNode::Kind::text;
  if (from.size() > kTomlTextMax) {
    refuse(to.line, cat("expected a text of at most ", kTomlTextMax, " bytes, came ", from.size()));
    return;
  }
  to.text = std::string(from);
}

void Converter::convert_decimal(double from, TomlNode& to) {
  to.kind = TomlNode::Kind::decimal;
  const double thousandths = from * 1000.0;
  if (!std::isfinite(thousandths) || std::fabs(thousandths) > kDecimalMax) {
    refuse(to.line, "expected a decimal of magnitude below 1,000,000,000, came one outside");
    return;
  }
  const double rounded = std::round(thousandths);
  if (std::fabs(thousandths - rounded) > kDecimalSlack) {
    refuse(to.line, "expected a decimal of at most three places, came more");
    return;
  }
  to.decimal = Milli{std::llround(rounded)};
}

std::string date_text(const toml::date& date) {
  const auto two = [](unsigned value) { return cat(value < 10 ? "0" : "", value); };
  std::string year = cat(static_cast<unsigned>(date.year));
  while (year.size() < 4) year.insert(year.begin(), '0');
  return cat(year, "-", two(date.month), "-", two(date.day));
}

TomlNode Converter::convert(const toml::node& from, int depth, int line_above) {
  TomlNode to;
  to.line = static_cast<int>(from.source().begin.line);
  if (to.line == 0) to.line = line_above;
  if (depth > kTomlDepthMax) {
    refuse(to.line, cat("expected at most ", kTomlDepthMax, " levels of tables and arrays"));
    return to;
  }
  if (const toml::table* table = from.as_table()) {
    convert_table(*table, depth, to);
  } else if (const toml::array* array = from.as_array()) {
    convert_array(*array, depth, to);
  } else if (const auto* text = from.as_string()) {
    convert_text(text->get(), to);
  } else if (const auto* integer = from.as_integer()) {
    to.kind = TomlNode::Kind::integer;
    to.integer = integer->get();
  } else if (const auto* decimal = from.as_floating_point()) {
    convert_decimal(decimal->get(), to);
  } else if (const auto* boolean = from.as_boolean()) {
    to.kind = TomlNode::Kind::boolean;
    to.boolean = boolean->get();
  } else if (const auto* date = from.as_date()) {
    to.kind = TomlNode::Kind::date;
    to.text = date_text(date->get());
  } else {
    refuse(to.line,
           "expected no time of day here: write durations as \"10min\", dates without one");
  }
  return to;
}

}  // namespace

const TomlNode* TomlNode::find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

std::string describe(const TomlNode& node) {
  switch (node.kind) {
    case TomlNode::Kind::table:
      return "a table";
    case TomlNode::Kind::array:
      return cat("an array of ", node.items.size());
    case TomlNode::Kind::text:
      return cat("\"", clip(node.text, 60), "\"");
    case TomlNode::Kind::integer:
      return cat(node.integer);
    case TomlNode::Kind::decimal:
      return format_milli(node.decimal);
    case TomlNode::Kind::boolean:
      return node.boolean ? "true" : "false";
    case TomlNode::Kind::date:
      return cat("the date ", node.text);
  }
  return {};
}

std::optional<TomlNode> parse_toml(std::string_view file, std::string_view text, Faults& faults) {
  if (text.size() > kTomlSizeMax) {
    faults.add(file, 0, cat("expected at most ", kTomlSizeMax, " bytes, came ", text.size()));
    return std::nullopt;
  }
  try {
    const toml::parse_result parsed = toml::parse(text);
    return Converter{file, faults}.convert(parsed, 0, 1);
  } catch (const toml::parse_error& error) {
    faults.add(file, static_cast<int>(error.source().begin.line),
               cat("expected TOML, came: ", clip(error.description(), 200)));
  } catch (const std::exception& error) {
    faults.add(file, 0, cat("expected TOML, came: ", clip(error.what(), 200)));
  }
  return std::nullopt;
}

}  // namespace cryobank::config
