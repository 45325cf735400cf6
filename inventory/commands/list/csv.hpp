// CSV after RFC 4180: UTF-8, quoted fields with doubled quotes, CRLF, LF or CR, an optional byte
// order mark and "sep=;" line. The separator may be a comma, semicolon or tab. Refuses what is not
// well formed with its line; never guesses.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cryobank::inventory {

struct CsvRow {
  std::size_t line = 0;  // where it begins in the text, from 1
  std::vector<std::string> fields;
};

// Row by row, without a copy but of fields that doubled a quote. The text must outlive it. Bounds:
// 64 columns; the caller bounds the text. Empty lines are left out.
class CsvReader {
 public:
  // Error malformed: no UTF-8.
  static Result<CsvReader> open(std::string_view text, char separator);

  // The next row; no fields at the end. Its fields are good until the next call.
  Result<std::vector<std::string_view>*> next();
  std::size_t line() const { return begun_; }  // where that row begins, from 1

 private:
  CsvReader(std::string_view text, char separator) : text_(text), separator_(separator) {}
  bool at_end() const { return pos_ >= text_.size(); }
  bool at(char c) const { return pos_ < text_.size() && text_[pos_] == c; }
  bool end_of_row();
  Status read_row();
  std::string_view plain();
  Result<std::string_view> quoted();
  Error unfit(std::string_view why) const;

  std::string_view text_;
  char separator_;
  std::size_t pos_ = 0;
  std::size_t line_ = 1;
  std::size_t begun_ = 1;
  std::vector<std::string_view> fields_;
  std::deque<std::string> unescaped_;  // of this row
};

// The whole text.
Result<std::vector<CsvRow>> parse_csv(std::string_view text, char separator);
// What a "sep=;" line says; else of the first line the one of , ; and tab that comes most often;
// comma for none.
char guess_separator(std::string_view text);

// One record with CRLF; fields are quoted only where they must be.
void append_csv(std::string& out, const std::vector<std::string>& fields);

}  // namespace cryobank::inventory
