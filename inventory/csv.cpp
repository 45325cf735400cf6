#include "inventory/csv.hpp"

#include <algorithm>

#include "service/base/text.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kColumnsMax = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

class Reader {
 public:
  Reader(std::string_view text, char separator) : text_(text), separator_(separator) {}

  bool at_end() const { return pos_ >= text_.size(); }

  Result<CsvRow> row() {
    CsvRow row;
    row.line = line_;
    while (true) {
      auto field = at('"') ? quoted() : Result<std::string>(plain());
      if (!field) return field.error();
      row.fields.push_back(std::move(*field));
      if (row.fields.size() > kColumnsMax) {
        return unfit(cat("expected at most ", kColumnsMax, " columns"));
      }
      if (at(separator_)) {
        ++pos_;
        continue;
      }
      if (!end_of_row()) return unfit("expected a separator or the end of the line after a quote");
      return row;
    }
  }

 private:
  bool at(char c) const { return pos_ < text_.size() && text_[pos_] == c; }

  bool end_of_row() {
    if (at('\r')) ++pos_;
    if (at('\n')) {
      ++pos_;
      ++line_;
      return true;
    }
    return at_end();
  }

  std::string plain() {
    const std::size_t first = pos_;
    while (!at_end() && text_[pos_] != separator_ && text_[pos_] != '\r' && text_[pos_] != '\n') {
      ++pos_;
    }
    return std::string(text_.substr(first, pos_ - first));
  }

  Result<std::string> quoted() {
    std::string field;
    for (++pos_; !at_end(); ++pos_) {
      if (text_[pos_] == '"') {
        if (pos_ + 1 >= text_.size() || text_[pos_ + 1] != '"') {
          ++pos_;
          return field;
        }
        ++pos_;
      }
      if (text_[pos_] == '\n') ++line_;
      field += text_[pos_];
    }
    return unfit("expected a closing quote");
  }

  Error unfit(std::string_view why) const {
    return make_error(ErrorCode::malformed, cat("line ", line_, ": ", why));
  }

  std::string_view text_;
  char separator_;
  std::size_t pos_ = 0;
  std::size_t line_ = 1;
};

}  // namespace

Result<std::vector<CsvRow>> parse_csv(std::string_view text, char separator) {
  if (!is_utf8(text)) return make_error(ErrorCode::malformed, "expected UTF-8 text");
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  Reader reader(text, separator);
  std::vector<CsvRow> rows;
  while (!reader.at_end()) {
    auto row = reader.row();
    if (!row) return row.error();
    if (row->fields.size() > 1 || !row->fields[0].empty()) rows.push_back(std::move(*row));
  }
  return rows;
}

char guess_separator(std::string_view text) {
  const std::string_view first = text.substr(0, text.find('\n'));
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
