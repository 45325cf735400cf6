// JSON as a value, for commands, rows and journal entries. Numbers are integers or decimals of up
// to three places (Milli): no floating point reaches a decision. Objects keep their keys sorted, so
// `dump` of equal values gives equal bytes: the canonical form of the journal
// (docs/journal-format.md): no blanks, keys in byte order, the shortest escapes, UTF-8.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"

namespace cryobank {

class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::map<std::string, Json, std::less<>>;

  Json() = default;                                                          // null
  Json(std::nullptr_t) {}                                                    // NOLINT: implicit
  Json(bool value) : content_(value) {}                                      // NOLINT: implicit
  Json(int value) : content_(static_cast<std::int64_t>(value)) {}            // NOLINT: implicit
  Json(std::int64_t value) : content_(value) {}                              // NOLINT: implicit
  Json(std::uint32_t value) : content_(static_cast<std::int64_t>(value)) {}  // NOLINT: implicit
  Json(std::uint64_t value);  // NOLINT: implicit. REQUIRES: value < 2^63
  Json(Milli value);          // NOLINT: implicit. A whole number becomes an integer.
  Json(std::string value) : content_(std::move(value)) {}         // NOLINT: implicit
  Json(std::string_view value) : content_(std::string(value)) {}  // NOLINT: implicit
  Json(const char* value) : content_(std::string(value)) {}       // NOLINT: implicit
  Json(Array value) : content_(std::move(value)) {}               // NOLINT: implicit
  Json(Object value) : content_(std::move(value)) {}              // NOLINT: implicit

  static Json object() { return Json(Object{}); }
  static Json array() { return Json(Array{}); }

  bool is_null() const { return std::holds_alternative<std::monostate>(content_); }
  bool is_bool() const { return std::holds_alternative<bool>(content_); }
  bool is_integer() const { return std::holds_alternative<std::int64_t>(content_); }
  bool is_number() const { return is_integer() || std::holds_alternative<Milli>(content_); }
  bool is_string() const { return std::holds_alternative<std::string>(content_); }
  bool is_array() const { return std::holds_alternative<Array>(content_); }
  bool is_object() const { return std::holds_alternative<Object>(content_); }

  // REQUIRES the kind; for input from outside use the checked readers below.
  bool boolean() const { return std::get<bool>(content_); }
  std::int64_t integer() const { return std::get<std::int64_t>(content_); }
  // Any number; a whole one past what Milli holds (kMilliMax) stays at that bound.
  Milli milli() const;
  const std::string& string() const { return std::get<std::string>(content_); }
  const Array& items() const { return std::get<Array>(content_); }
  Array& items() { return std::get<Array>(content_); }
  const Object& members() const { return std::get<Object>(content_); }
  Object& members() { return std::get<Object>(content_); }

  // Member of an object; null if absent or if this is no object.
  const Json& operator[](std::string_view key) const;
  bool has(std::string_view key) const;
  // Sets a member; a null becomes an empty object first.
  Json& set(std::string_view key, Json value);
  Json& push(Json value);  // a null becomes an empty array first

  // Checked readers: the Error says which key, what was expected and what came.
  Result<std::string> get_string(std::string_view key) const;
  Result<std::int64_t> get_integer(std::string_view key) const;
  Result<bool> get_bool(std::string_view key) const;
  Result<Milli> get_milli(std::string_view key) const;

  // For tests: the value, or the fallback. The programs read through row_reader.hpp.
  std::string string_or(std::string_view key, std::string_view fallback) const;
  std::int64_t integer_or(std::string_view key, std::int64_t fallback) const;
  bool bool_or(std::string_view key, bool fallback) const;

  void dump_to(std::string& out) const;
  std::string dump() const;
  std::string_view kind_name() const;  // "a string", "null", for messages

  bool operator==(const Json&) const = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, Milli, std::string, Array, Object> content_;
};

// Bounds of text from outside: nesting no deeper than 32 levels and `size_max` bytes; numbers
// within 64-bit integers or decimals of kMilliMax; valid UTF-8; no key twice in one object. The
// Error names the byte offset.
inline constexpr std::size_t kJsonDepthMax = 32;
inline constexpr std::size_t kJsonSizeMax = 1u << 20;
Result<Json> parse_json(std::string_view text, std::size_t size_max = kJsonSizeMax);

// Appends `text` as a JSON string with quotes and escapes; malformed UTF-8 bytes become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace cryobank
