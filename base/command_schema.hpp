// Command schema: one entry for each command, with everything that is fixed about it: who may give
// it, which keys its body has, their types and bounds, whether a second person confirms, what is
// signed, whether it may be tried first (a key "dry_run") and whether it honours expect_revision.
// Each room brings its entries as constants (docs/commands.md is made from them); check_body reads
// a body through its entry once, before anything is decided. Nothing here knows the record. Errors:
// unknown_key (with the key that was probably meant), invalid_value (a wrong type, out of bounds,
// keys that exclude each other), malformed (a needed key is not there; an id, a code or a time is
// not of its form), too_large (a text or a list).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace cryobank {

enum class KeyType : std::uint8_t {
  text,
  id,       // is_id_text
  code,     // as scanned: any text of 1 to kScannedMax bytes, whatever the record says of it
  flag,     // true or false; absent is false unless `says` tells another
  integer,  // whole number
  number,   // whole or with up to three decimals
  time,     // RFC 3339
  word,     // one of `words`
  list,     // of `item`
  object,   // of `shape`
  command,  // the body of another command, checked as such by its reader
};

// A GS1 or ISBT 128 message is at most 90 characters; a scanner that sends more is told apart from
// a wrong vial by the record, not here.
inline constexpr std::int64_t kScannedMax = 256;

struct Shape;

struct BodyKey {
  std::string_view name = {};
  KeyType type = KeyType::text;
  // integer, number: least and greatest value; text: bytes; list: items.
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::string_view says = {};
  std::span<const std::string_view> words = {};
  const Shape* shape = nullptr;
  const BodyKey* item = nullptr;
  const BodyKey* other = nullptr;  // a second form that it may have, as a number or a list
  std::string_view with = {};      // only together with this key
  bool required = false;           // always, or, `with` another key, whenever that one is there
  bool nullable = false;           // null says something: that there is none

  constexpr BodyKey must() const {
    BodyKey key = *this;
    key.required = true;
    return key;
  }
  constexpr BodyKey or_null() const {
    BodyKey key = *this;
    key.nullable = true;
    return key;
  }
  constexpr BodyKey or_as(const BodyKey& second) const {
    BodyKey key = *this;
    key.other = &second;
    return key;
  }
  constexpr BodyKey only_with(std::string_view another) const {
    BodyKey key = *this;
    key.with = another;
    return key;
  }
};

// Keys of which exactly one is there, or at most one.
struct Choice {
  std::span<const std::string_view> keys;
  bool needed = true;
};

struct Shape {
  std::span<const BodyKey> keys = {};
  std::span<const Choice> choices = {};
};

// How an entry names its keys: key::id("course").must().
namespace key {

constexpr BodyKey text(std::string_view name, std::int64_t bytes_max, std::string_view says = {}) {
  return {.name = name, .type = KeyType::text, .high = bytes_max, .says = says};
}
constexpr BodyKey id(std::string_view name, std::string_view says = {}) {
  return {.name = name, .type = KeyType::id, .says = says};
}
constexpr BodyKey code(std::string_view name, std::string_view says = {}) {
  return {.name = name, .type = KeyType::code, .says = says};
}
constexpr BodyKey flag(std::string_view name, std::string_view says = {}) {
  return {.name = name, .type = KeyType::flag, .says = says};
}
constexpr BodyKey integer(std::string_view name, std::int64_t low, std::int64_t high,
                          std::string_view says = {}) {
  return {.name = name, .type = KeyType::integer, .low = low, .high = high, .says = says};
}
constexpr BodyKey number(std::string_view name, std::int64_t low, std::int64_t high,
                         std::string_view says = {}) {
  return {.name = name, .type = KeyType::number, .low = low, .high = high, .says = says};
}
constexpr BodyKey time(std::string_view name, std::string_view says = {}) {
  return {.name = name, .type = KeyType::time, .says = says};
}
constexpr BodyKey word(std::string_view name, std::span<const std::string_view> words,
                       std::string_view says = {}) {
  return {.name = name, .type = KeyType::word, .says = says, .words = words};
}
constexpr BodyKey list(std::string_view name, const BodyKey& item, std::int64_t low,
                       std::int64_t high, std::string_view says = {}) {
  return {
      .name = name, .type = KeyType::list, .low = low, .high = high, .says = says, .item = &item};
}
constexpr BodyKey object(std::string_view name, const Shape& shape, std::string_view says = {}) {
  return {.name = name, .type = KeyType::object, .says = says, .shape = &shape};
}
// Tries the command: what it would do is told, nothing is done.
constexpr BodyKey dry_run(std::string_view says = "tell what would be done, do nothing") {
  return flag("dry_run", says);
}

}  // namespace key

// What an electronic signature under the command stands for (21 CFR 11.50(a)(3)).
struct Signing {
  std::string_view meaning = {};  // empty: it is not signed
  bool witness_too = false;
  bool only_override = false;  // only with "override": true or a "purpose"
};

// What expect_revision is compared with.
enum class Revision : std::uint8_t {
  none,    // nothing: it is refused
  course,  // the course named by the body's "course"; refused where the body names none
};

struct CommandSchema {
  std::string_view verb;                    // "course/register"
  std::span<const std::string_view> roles;  // any of them may give it
  bool witness = false;                     // another person confirms under an own login
  bool changes = true;                      // false: a question, nothing is recorded
  Revision revision = Revision::none;
  Signing signing = {};
  Shape body = {};
  std::string_view says = {};     // for docs/commands.md and help
  std::string_view example = {};  // a body, and
  std::string_view reply = {};    // the reply's body to it, both JSON on one line
};

// The entry of that verb, or nothing. REQUIRES: sorted by verb.
const CommandSchema* find_entry(std::span<const CommandSchema> entries, std::string_view verb);
// The key of that name, or nothing.
const BodyKey* find_key(const Shape& shape, std::string_view name);
bool has_dry_run(const CommandSchema& schema);

// Members of a body that was read whole. REQUIRES: of that type, where they are there.
bool flag_of(const Json& body, std::string_view key, bool absent = false);
std::string text_of(const Json& body, std::string_view key);  // absent: empty
std::int64_t integer_of(const Json& body, std::string_view key, std::int64_t absent);

// A text of a body that may be any, as one in an old journal; empty: there is no text.
std::string any_text_of(const Json& body, std::string_view key);

// Is `body` what the entry says? The Error names the key and what was expected and came.
Status check_body(const CommandSchema& schema, const Json& body);
// And is expect_revision (-1: not given) known to the command?
Status check_command(const CommandSchema& schema, const Json& body, std::int64_t expect_revision);

}  // namespace cryobank
