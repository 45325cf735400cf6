#include "config/labels.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace cryobank::config {
namespace {

using Labels = PlaceTypeConfig::Labels;
using Layout = PlaceTypeConfig::Layout;

struct Numeral {
  int value;
  std::string_view text;
};
constexpr std::array<Numeral, 13> kNumerals{{{1000, "M"},
                                             {900, "CM"},
                                             {500, "D"},
                                             {400, "CD"},
                                             {100, "C"},
                                             {90, "XC"},
                                             {50, "L"},
                                             {40, "XL"},
                                             {10, "X"},
                                             {9, "IX"},
                                             {5, "V"},
                                             {4, "IV"},
                                             {1, "I"}}};

std::string roman(int number) {
  std::string out;
  for (const Numeral& numeral : kNumerals) {
    while (number >= numeral.value) {
      out += numeral.text;
      number -= numeral.value;
    }
  }
  return out;
}

int value_of_roman(std::string_view text) {
  int value = 0;
  for (const Numeral& numeral : kNumerals) {
    while (text.substr(0, numeral.text.size()) == numeral.text && value <= kRomanMax) {
      value += numeral.value;
      text.remove_prefix(numeral.text.size());
    }
  }
  return text.empty() ? value : 0;
}

// A is 1, Z is 26, AA is 27: bijective base 26.
std::string letters(int number) {
  std::string out;
  for (; number > 0; number = (number - 1) / 26) {
    out.insert(out.begin(), static_cast<char>('A' + (number - 1) % 26));
  }
  return out;
}

int value_of_letters(std::string_view text) {
  constexpr std::size_t kLettersMax = 4;
  if (text.empty() || text.size() > kLettersMax) return 0;
  int value = 0;
  for (const char letter : text) {
    if (letter < 'A' || letter > 'Z') return 0;
    value = value * 26 + (letter - 'A' + 1);
  }
  return value;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool is_lower(Labels labels) {
  return labels == Labels::lower_letters || labels == Labels::lower_roman;
}

struct Cell {
  int row = 0;
  int column = 0;
};

// Cells of a grid in the order of `fill_order`; unknown words fill like "row-top-left".
std::vector<Cell> cells_in_fill_order(const PlaceTypeConfig& type) {
  const std::vector<std::string_view> words = split(type.fill_order, '-');
  const auto says = [&](std::size_t at, std::string_view word) {
    return at < words.size() && words[at] == word;
  };
  const bool by_column = says(0, "column");
  const bool from_bottom = says(1, "bottom");
  const bool from_right = says(2, "right");
  const int outer_count = by_column ? type.columns : type.rows;
  const int inner_count = by_column ? type.rows : type.columns;
  std::vector<Cell> cells;
  for (int outer = 0; outer < outer_count; ++outer) {
    for (int inner = 0; inner < inner_count; ++inner) {
      const int row = by_column ? inner : outer;
      const int column = by_column ? outer : inner;
      cells.push_back({from_bottom ? type.rows - 1 - row : row,
                       from_right ? type.columns - 1 - column : column});
    }
  }
  return cells;
}

bool is_masked(const PlaceTypeConfig& type, const Cell& cell) {
  if (type.layout != Layout::masked_grid) return false;
  const auto row = static_cast<std::size_t>(cell.row);
  const auto column = static_cast<std::size_t>(cell.column);
  if (row >= type.mask.size() || column >= type.mask[row].size()) return true;
  return type.mask[row][column] == '.';
}

std::vector<std::string> grid_labels(const PlaceTypeConfig& type) {
  std::vector<std::string> out;
  const bool alike = labels_run_together(type.row_labels, type.column_labels);
  for (const Cell& cell : cells_in_fill_order(type)) {
    if (is_masked(type, cell)) continue;
    if (type.linear_labels) {
      const int number = static_cast<int>(out.size()) + 1;
      out.push_back(format_label(type.column_labels, number, type.pad));
      continue;
    }
    out.push_back(cat(format_label(type.row_labels, cell.row + 1, type.pad), alike ? "-" : "",
                      format_label(type.column_labels, cell.column + 1, type.pad)));
  }
  return out;
}

}  // namespace

std::string format_label(Labels labels, int number, int pad) {
  std::string out;
  switch (labels) {
    case Labels::numbers:
      out = cat(number);
      while (static_cast<int>(out.size()) < pad) out.insert(out.begin(), '0');
      return out;
    case Labels::letters:
    case Labels::lower_letters:
      out = letters(number);
      break;
    case Labels::roman:
    case Labels::lower_roman:
      out = roman(number);
      break;
  }
  return is_lower(labels) ? lower_ascii(out) : out;
}

std::optional<int> parse_label(Labels labels, std::string_view text, int pad) {
  int number = 0;
  if (labels == Labels::numbers) {
    const Result<std::int64_t> parsed = parse_integer(text);
    if (parsed && *parsed >= 1 && *parsed <= kLinearMax) number = static_cast<int>(*parsed);
  } else if (labels == Labels::letters || labels == Labels::lower_letters) {
    number = value_of_letters(upper(text));
  } else {
    number = value_of_roman(upper(text));
  }
  if (number < 1 || format_label(labels, number, pad) != text) return std::nullopt;
  return number;
}

bool labels_run_together(Labels a, Labels b) {
  return (a == Labels::numbers) == (b == Labels::numbers);
}

std::vector<std::string> position_labels(const PlaceTypeConfig& type) {
  switch (type.layout) {
    case Layout::grid:
    case Layout::masked_grid:
      return grid_labels(type);
    case Layout::linear: {
      std::vector<std::string> out;
      for (int number = 1; number <= type.columns; ++number) {
        out.push_back(format_label(type.column_labels, number, type.pad));
      }
      return out;
    }
    case Layout::slots:
      return type.slots;
    case Layout::dimensionless:
      return {};
  }
  return {};
}

}  // namespace cryobank::config
