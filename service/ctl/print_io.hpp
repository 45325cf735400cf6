// Output of the command line: data on standard output (a table for people, JSON with --json),
// messages on standard error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"

namespace cryobank::ctl {

// Exit codes of every program (contract section 2).
inline constexpr int kDone = 0;
inline constexpr int kRefused = 1;
inline constexpr int kWrongUsage = 2;

struct Table {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
};

void print_table(const Table& table);
void print_json(const Json& json);  // one line, keys sorted
void print_line(std::string_view text);
void tell(std::string_view text);  // standard error
int refuse(const Error& error);    // tells, returns kRefused

// Text of a JSON value in a table cell: strings as they are, null as "-".
std::string cell(const Json& value);

Result<std::string> read_file(const std::string& path, std::size_t size_max);
Status write_file(const std::string& path, std::string_view text, int mode);

}  // namespace cryobank::ctl
