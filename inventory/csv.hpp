// CSV after RFC 4180: UTF-8, quoted fields with doubled quotes, CRLF or LF, an optional byte order
// mark. The separator may be a comma, semicolon or tab. Refuses what is not well formed with its
// line; never guesses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/base/result.hpp"

namespace cryobank::inventory {

struct CsvRow {
  std::size_t line = 0;  // where it begins in the text, from 1
  std::vector<std::string> fields;
};

// Bounds: 64 columns; the caller bounds the text. Empty lines are left out.
Result<std::vector<CsvRow>> parse_csv(std::string_view text, char separator);
// The separator of the first line: the one of , ; and tab that comes most often; comma for none.
char guess_separator(std::string_view text);

// One record with CRLF; fields are quoted only where they must be.
void append_csv(std::string& out, const std::vector<std::string>& fields);

}  // namespace cryobank::inventory
