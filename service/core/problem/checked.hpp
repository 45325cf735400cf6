// Checked: members of what was read whole when it came in: a body that its command's schema has
// passed, a document of the record, a fact of this service. An absent member is what the caller
// says; one of another type is a fault of ours, not of the world.
#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/time.hpp"

namespace cryobank::core {

inline std::string text_in(const Json& json, std::string_view key, std::string_view absent = {}) {
  const Json& value = json[key];
  if (value.is_null()) return std::string(absent);
  CHECK(value.is_string());
  return value.string();
}
inline std::int64_t number_in(const Json& json, std::string_view key, std::int64_t absent) {
  const Json& value = json[key];
  if (value.is_null()) return absent;
  CHECK(value.is_integer());
  return value.integer();
}
inline bool flag_in(const Json& json, std::string_view key, bool absent = false) {
  const Json& value = json[key];
  if (value.is_null()) return absent;
  CHECK(value.is_bool());
  return value.boolean();
}
// Absent: 0.
inline WallTime time_in(const Json& json, std::string_view key) {
  const Json& value = json[key];
  if (value.is_null()) return {};
  CHECK(value.is_string());
  const Result<WallTime> at = parse_utc(value.string());
  CHECK(at.ok());
  return *at;
}

}  // namespace cryobank::core
