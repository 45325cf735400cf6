#include "inventory/commands/list/csv.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kColumnsMax = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view first_line(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text.substr(0, text.find_first_of("\r\n"));
}

// "sep=;" alone on the first line: a spreadsheet's own word for the separator. 0 for none.
char told_separator(std::string_view text) {
  constexpr std::string_view kWord = "sep=";
  const std::string_view line = first_line(text);
  if (line.size() != kWord.size() + 1 || lower_ascii(line.substr(0, kWord.size())) != kWord) {
    return 0;
  }
  return line.back();
}

}  // namespace

Result<CsvReader> CsvReader::open(std::string_view text, char separator) {
  if (!is_utf8(text)) return make_error(ErrorCode::malformed, "expected UTF-8 text");
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  CsvReader reader(text, separator);
  if (told_separator(text) == 0) return reader;
  reader.pos_ = first_line(text).size();
  reader.end_of_row();
  return reader;
}

Result<std::vector<std::string_view>*> CsvReader::next() {
  do {
    fields_.clear();
    unescaped_.clear();
    begun_ = line_;
    if (at_end()) return &fields_;
    TRY(read_row());
  } while (fields_.size() == 1 && fields_[0].empty());
  return &fields_;
}

Status CsvReader::read_row() {
  while (true) {
    TRY_ASSIGN(const auto field, at('"') ? quoted() : Result<std::string_view>(plain()));
    fields_.push_back(field);
    if (fields_.size() > kColumnsMax)
      return unfit(cat("expected at most ", kColumnsMax, " columns"));
    if (at(separator_)) {
      ++pos_;
      continue;
    }
    if (end_of_row()) return {};
    return unfit("expected a separator or the end of the line after a quote");
  }
}

// CRLF, LF, or a CR alone, as spreadsheets of another maker write it.
bool CsvReader::end_of_row() {
  const bool carriage = at('\r');
  if (carriage) ++pos_;
  const bool feed = at('\n');
  if (feed) ++pos_;
  if (!carriage && !feed) return at_end();
  ++line_;
  return true;
}

std::string_view CsvReader::plain() {
  const std::size_t first = pos_;
  while (!at_end() && text_[pos_] != separator_ && text_[pos_] != '\r' && text_[pos_] != '\n') {
    ++pos_;
  }
  return text_.substr(first, pos_ - first);
}

Result<std::string_view> CsvReader::quoted() {
  const std::size_t first = ++pos_;
  const std::size_t opened = line_;
  std::string* unescaped = nullptr;  // once a doubled quote was seen
  for (; !at_end(); ++pos_) {
    if (text_[pos_] == '"') {
      const std::string_view so_far = text_.substr(first, pos_ - first);
      if (pos_ + 1 >= text_.size() || text_[pos_ + 1] != '"') {
        ++pos_;
        return unescaped == nullptr ? so_far : std::string_view(*unescaped);
      }
      if (unescaped == nullptr) unescaped = &unescaped_.emplace_back(so_far);
      ++pos_;
    }
    if (text_[pos_] == '\n') ++line_;
    if (unescaped != nullptr) *unescaped += text_[pos_];
  }
  line_ = opened;
  return unfit("a quote that opens here is never closed");
}

Error CsvReader::unfit(std::string_view why) const {
  return make_error(ErrorCode::malformed, cat("line ", line_, ": ", why));
}

Result<std::vector<CsvRow>> parse_csv(std::string_view text, char separator) {
  TRY_ASSIGN(auto reader, CsvReader::open(text, separator));
  std::vector<CsvRow> rows;
  while (true) {
    TRY_ASSIGN(const auto fields, reader.next());
    if (fields->empty()) return rows;
    rows.push_back({reader.line(), {fields->begin(), fields->end()}});
  }
}

char guess_separator(std::string_view text) {
  if (const char told = told_separator(text); told != 0) return told;
  const std::string_view first = first_line(text);
  char best = ',';
  std::ptrdiff_t most = 0;
  for (const char candidate : {',', ';', '\t'}) {
    const auto count = std::count(first.begin(), first.end(), candidate);
    if (count <= most) continue;
    most = count;
    best = candidate;
  }
  return best;
}

void append_csv(std::string& out, const std::vector<std::string>& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ',';
    if (fields[i].find_first_of(",\"\r\n") == std::string::npos) {
      out += fields[i];
      continue;
    }
    out += '"';
    for (const char c : fields[i]) {
      if (c == '"') out += '"';
      out += c;
    }
    out += '"';
  }
  out += "\r\n";
}

}  // namespace cryobank::inventory
