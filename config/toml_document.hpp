// TOML as a tree of own nodes, each with its line: the one place that touches toml++. A decimal is
// kept in thousandths (Milli); the library's floating point ends here.
// Never throws: a text that is no TOML, or that is over a bound below, is a Fault.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "config/fault.hpp"

namespace cryobank::config {

// Bounds of one file: far above the largest site (a place series writes thousands of places in five
// lines), far below what could make a start slow.
inline constexpr std::size_t kTomlSizeMax = 1u << 20;
inline constexpr std::size_t kTomlArrayMax = 10'000;
inline constexpr std::size_t kTomlTextMax = 4096;
inline constexpr int kTomlDepthMax = 8;

struct TomlNode {
  enum class Kind : std::uint8_t { table, array, text, integer, decimal, boolean, date };
  struct Member;

  Kind kind = Kind::table;
  int line = 0;
  std::string text;  // of a text; of a date in ISO 8601
  std::int64_t integer = 0;
  Milli decimal{};
  bool boolean = false;
  std::vector<Member> members;  // of a table, in byte order of the keys
  std::vector<TomlNode> items;  // of an array

  const TomlNode* find(std::string_view key) const;  // nullptr when absent
};

struct TomlNode::Member {
  std::string key;
  TomlNode value;
};

// "a table", "the text \"x\"", "12": what came, for messages.
std::string describe(const TomlNode& node);

std::optional<TomlNode> parse_toml(std::string_view file, std::string_view text, Faults& faults);

}  // namespace cryobank::config
