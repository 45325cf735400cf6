// Small words of the row formats: rows and facts leave out what has its default value, so that they
// stay short, and name times as UTC text, so that people can read them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

namespace cryobank::inventory {

// Writes an object in canonical form straight into a text: for the rows of which a command may make
// thousands. REQUIRES: keys come in byte order and need no escape. As put_... below, everything but
// `text` leaves out a default value.
class RowWriter {
 public:
  explicit RowWriter(std::string& out) : out_(out) { out_ += '{'; }

  RowWriter& text(std::string_view key, std::string_view value);
  RowWriter& text_unless_empty(std::string_view key, std::string_view value);
  RowWriter& number(std::string_view key, std::int64_t value);
  RowWriter& number_unless(std::string_view key, std::int64_t value, std::int64_t unless = 0);
  RowWriter& time(std::string_view key, WallTime value);
  RowWriter& json(std::string_view key, const Json& value);
  // What follows is written by the caller, into the same text.
  void key(std::string_view key);
  void end() { out_ += '}'; }

 private:
  std::string& out_;
  std::string_view last_;
};

// Sets `key` unless the value is the default (empty text, 0, time 0, false).
void put_text(Json& row, std::string_view key, std::string_view value);
void put_number(Json& row, std::string_view key, std::int64_t value, std::int64_t unless = 0);
void put_time(Json& row, std::string_view key, WallTime value);
void put_flag(Json& row, std::string_view key, bool value);

struct Stay;
Json encode_stays(const std::vector<Stay>& stays);
Result<std::vector<Stay>> decode_stays(std::string_view key, const Json::Array& list);

Error corrupt_row(std::string_view key, std::string_view why);

}  // namespace cryobank::inventory
