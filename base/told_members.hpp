// Members of what came from the world (pagers, gateways, carriers): null says that something is not
// known, as if the member were absent. A member of another kind is a fault of the reader, as ever.
#pragma once

#include <string>
#include <string_view>

#include "base/row_reader.hpp"

namespace cryobank {

// `in` reads `body`. Absent or null: empty.
inline std::string told_text(RowReader& in, const Json& body, std::string_view key) {
  return body[key].is_null() ? std::string() : in.any_text(key);
}

// Absent or null: `absent`.
inline std::int64_t told_number(RowReader& in, const Json& body, std::string_view key,
                                std::int64_t absent) {
  return body[key].is_null() ? absent : in.number(key, RowReader::kLeast);
}

}  // namespace cryobank
