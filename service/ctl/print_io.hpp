// Output of the command line: data on standard output (a table for people, JSON with --json),
// messages on standard error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

namespace cryobank::ctl {

// Exit codes of every program (contract section 2).
inline constexpr int kDone = 0;
inline constexpr int kRefused = 1;
inline constexpr int kWrongUsage = 2;

struct Table {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
};

enum class Tone : std::uint8_t { plain, calm, warn, alarm };

// Colour only on a terminal, and not where NO_COLOR is set or TERM is "dumb" (no-color.org). The
// word stays beside it: colour alone says nothing.
std::string toned(std::string_view text, Tone tone);
bool is_terminal();

void print_table(const Table& table);
void print_json(const Json& json);  // one line, keys sorted
void print_line(std::string_view text);
void print_text(std::string_view text);  // without an end of line
void tell(std::string_view text);        // standard error
int refuse(const Error& error);          // tells, returns kRefused

WallTime wall_now();

// "12 s", "5 min", "3 h", "2 d": how old something of that time is; "-" for no time.
std::string age_of(const Json& at);

// Text of a JSON value in a table cell: strings as they are, null as "-".
std::string cell(const Json& value);

Result<std::string> read_file(const std::string& path, std::size_t size_max);
// A table or message that a person made elsewhere, as UTF-8 (service/utf8_io.hpp).
Result<std::string> read_text_file(const std::string& path, std::size_t size_max);
Status write_file(const std::string& path, std::string_view text, int mode);

}  // namespace cryobank::ctl
