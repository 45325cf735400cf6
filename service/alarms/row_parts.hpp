// Parts of rows: what rows of alarms and calls have in common.
#pragma once

#include <string>
#include <string_view>

#include "base/row_reader.hpp"

namespace cryobank::alarms {

// An id that is always written, as "" where there is none.
template <class AnyId>
AnyId id_or_none(RowReader& in, std::string_view key) {
  std::string text = in.any_text(key);
  if (text.empty()) return {};
  if (is_id_text(text)) return AnyId(std::move(text));
  in.refuse(key, "an id, or \"\"");
  return {};
}

// A small number that stands for one of `count` words.
template <class E>
E numbered(RowReader& in, std::string_view key, std::size_t count) {
  return static_cast<E>(in.number(key, 0, static_cast<std::int64_t>(count) - 1));
}

// What came from the world is malformed, where a row would be corrupt.
inline Error malformed(const Status& read) {
  return make_error(ErrorCode::malformed, read.error().context);
}

}  // namespace cryobank::alarms
