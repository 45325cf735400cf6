// Typed readers over one TOML table. Each reader checks and stores one key, or adds a Fault that
// says what was expected and what came; an optional key that is absent leaves `out` as it was.
// finish() refuses every key that no reader asked for. Used by the parsers of this room only.
#pragma once

#include <array>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "config/names.hpp"
#include "config/toml_document.hpp"

namespace cryobank::config {

enum class Need : std::uint8_t { optional, required };

class TableReader {
 public:
  // `where` names the table in messages: "[site]", "[[device]]". All must outlive the reader.
  TableReader(std::string_view file, std::string_view where, const TomlNode& table, Faults& faults);

  int line() const { return table_.line; }
  bool has(std::string_view key) const { return table_.find(key) != nullptr; }
  int line_of(std::string_view key) const;  // of the table when the key is absent

  void text(std::string_view key, std::string& out, Need need = Need::optional);
  void boolean(std::string_view key, bool& out);
  void milli(std::string_view key, Milli& out);
  // [low, high], both numbers. True when both came.
  bool milli_range(std::string_view key, Milli& low, Milli& high);
  void duration(std::string_view key, Duration& out, Duration low, Duration high);
  // "02:30" as minutes after midnight. With `or_never`, "never" is -1.
  void minute_of_day(std::string_view key, int& out, bool or_never = false);
  void minutes_of_day(std::string_view key, std::vector<int>& out);
  void fraction(std::string_view key, Fraction& out);
  void day(const TomlNode& node, std::string_view key, std::vector<Day>& out);
  void texts(std::string_view key, std::vector<std::string>& out);
  const std::vector<TomlNode>* array(std::string_view key);  // nullptr when absent or no array
  const TomlNode* table(std::string_view key, Need need = Need::optional);
  // Every table of [[key]]; a single [key] is a fault.
  std::vector<const TomlNode*> tables(std::string_view key);
  const TomlNode* any(std::string_view key, Need need = Need::optional);

  template <class Number>
  void integer(std::string_view key, Number& out, std::int64_t low, std::int64_t high,
               Need need = Need::optional) {
    std::int64_t value = 0;
    if (read_integer(key, value, low, high, need)) out = static_cast<Number>(value);
  }

  template <class SomeId>
  void id(std::string_view key, SomeId& out, Need need = Need::optional) {
    std::string value;
    if (!read_text(key, value, need)) return;
    Result<SomeId> parsed = SomeId::parse(value);
    if (!parsed) {
      fault(key, parsed.error().context);
      return;
    }
    out = std::move(*parsed);
  }

  template <class SomeId>
  void ids(std::string_view key, std::vector<SomeId>& out) {
    std::vector<std::string> values;
    texts(key, values);
    for (const std::string& value : values) {
      Result<SomeId> parsed = SomeId::parse(value);
      if (!parsed) {
        fault(key, parsed.error().context);
        continue;
      }
      out.push_back(std::move(*parsed));
    }
  }

  template <class Enum, std::size_t N>
  void choice(std::string_view key, Enum& out, const std::array<Word<Enum>, N>& words,
              Need need = Need::optional) {
    std::string value;
    if (!read_text(key, value, need)) return;
    std::array<std::string_view, N> names;
    for (std::size_t i = 0; i < N; ++i) {
      if (words[i].first == value) {
        out = words[i].second;
        return;
      }
      names[i] = words[i].first;
    }
    wrong_word(key, value, names);
  }

  void fault(std::string_view key, std::string_view text);
  void finish();

 private:
  bool read_integer(std::string_view key, std::int64_t& out, std::int64_t low, std::int64_t high,
                    Need need);
  bool read_text(std::string_view key, std::string& out, Need need);
  void wrong_kind(std::string_view key, const TomlNode& node, std::string_view expected);
  void wrong_word(std::string_view key, std::string_view value,
                  std::span<const std::string_view> words);

  std::string_view file_;
  std::string where_;  // owned: callers join it from parts
  const TomlNode& table_;
  Faults& faults_;
  std::vector<std::string_view> known_;
};

}  // namespace cryobank::config
