#include "service/ctl/table_layout.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "base/check.hpp"
#include "base/text.hpp"

namespace cryobank::ctl {
namespace {

constexpr std::size_t kGapWidth = 2;        // between two columns
constexpr std::size_t kLastNarrowest = 20;  // a last column is not made narrower

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};
// Wide and full-width characters (Unicode's East Asian Width W and F), in blocks.
constexpr Range kWide[] = {
    {0x1100, 0x115F}, {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},  {0x4E00, 0x9FFF},
    {0xA000, 0xA4CF}, {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},  {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
constexpr Range kNoWidth[] = {
    {0x0300, 0x036F}, {0x200B, 0x200F}, {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}};

template <std::size_t kCount>
bool lies_in(const Range (&ranges)[kCount], std::uint32_t point) {
  return std::ranges::any_of(
      ranges, [point](const Range& range) { return range.first <= point && point <= range.last; });
}

// The character at the beginning of UTF-8 text and the bytes that it takes; a byte that begins none
// is one of its own.
struct Taken {
  std::uint32_t point = 0;
  std::size_t bytes = 1;
};
Taken take(std::string_view text) {
  const auto byte = [&text](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
  };
  const std::uint32_t lead = byte(0);
  const std::size_t bytes = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (bytes == 1 || text.size() < bytes) return {lead, 1};
  std::uint32_t point = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {lead, 1};
    point = (point << 6U) | (byte(i) & 0x3FU);
  }
  return {point, bytes};
}

std::size_t width_at(std::uint32_t point) {
  return lies_in(kNoWidth, point) ? 0 : lies_in(kWide, point) ? 2 : 1;
}

// The bytes of a colour at the beginning of text, 0 for none.
std::size_t colour_at(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const std::size_t end = text.find('m');
  return end == std::string_view::npos ? 0 : end + 1;
}

// Pieces of at most `places`, broken at blanks where there is one.
std::vector<std::string> wrapped(std::string_view text, std::size_t places) {
  std::vector<std::string> lines;
  while (width_of(text) > places) {
    std::size_t end = 0;
    std::size_t blank = 0;
    std::size_t width = 0;
    while (end < text.size()) {
      const std::size_t colour = colour_at(text.substr(end));
      const Taken one = take(text.substr(end));
      const std::size_t more = colour > 0 ? 0 : width_at(one.point);
      if (width + more > places) break;
      width += more;
      if (text[end] == ' ') blank = end;
      end += colour > 0 ? colour : one.bytes;
    }
    const std::size_t cut = blank > 0 ? blank : std::max<std::size_t>(end, 1);
    lines.emplace_back(text.substr(0, cut));
    text.remove_prefix(cut);
    while (text.starts_with(' ')) text.remove_prefix(1);
  }
  lines.emplace_back(text);
  return lines;
}

void append_row(std::vector<std::string>& lines, const std::vector<std::string>& row,
                const std::vector<std::size_t>& widths, std::size_t last_width) {
  std::string line;
  for (std::size_t i = 0; i + 1 < row.size(); ++i) {
    line += row[i];
    line.append(widths[i] - width_of(row[i]) + kGapWidth, ' ');
  }
  const std::size_t indent = width_of(line);
  for (const std::string& piece : wrapped(row.back(), last_width)) {
    lines.push_back(cat(line, piece));
    line.assign(indent, ' ');
  }
}

// A row for a terminal that is too narrow for the table: a line each, under its column's name.
void append_record(std::vector<std::string>& lines, const Table& table,
                   const std::vector<std::string>& row, std::size_t places) {
  std::size_t name_width = 0;
  for (const std::string& name : table.head) name_width = std::max(name_width, width_of(name));
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] == "-") continue;  // nothing is said there
    const std::size_t room =
        std::max(kLastNarrowest, places - std::min(places, name_width + kGapWidth));
    append_row(lines, {table.head[i], row[i]}, {name_width, 0}, room);
  }
}

}  // namespace

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const std::size_t colour = colour_at(text);
    const Taken one = take(text);
    if (colour == 0) width += width_at(one.point);
    text.remove_prefix(colour > 0 ? colour : one.bytes);
  }
  return width;
}

std::string harmless(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Taken one = take(text);
    const bool blank = one.point == '\n' || one.point == '\t' || one.point == '\r';
    const bool control = one.point < 0x20 || (one.point >= 0x7F && one.point < 0xA0);
    if (blank) {
      out += ' ';
    } else if (control) {
      out += '?';
    } else {
      out += text.substr(0, one.bytes);
    }
    text.remove_prefix(one.bytes);
  }
  return out;
}

std::vector<std::string> lay_out(const Table& table, std::size_t places) {
  std::vector<std::size_t> widths;
  for (const std::string& name : table.head) widths.push_back(width_of(name));
  for (const auto& row : table.rows) {
    CHECK(row.size() == widths.size());
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::vector<std::string> lines;
  if (widths.empty()) return lines;
  const std::size_t before =
      std::accumulate(widths.begin(), widths.end() - 1, kGapWidth * (widths.size() - 1));
  const bool fits = places == 0 || before + widths.back() <= places;
  const bool wraps = fits || before + kLastNarrowest <= places;
  if (!wraps) {
    for (const auto& row : table.rows) {
      if (!lines.empty()) lines.emplace_back();
      append_record(lines, table, row, places);
    }
    return lines;
  }
  const std::size_t last = fits ? std::max<std::size_t>(widths.back(), 1) : places - before;
  append_row(lines, table.head, widths, last);
  for (const auto& row : table.rows) append_row(lines, row, widths, last);
  return lines;
}

}  // namespace cryobank::ctl
