// Parts of what detectors keep over a restart.
#pragma once

#include <string_view>
#include <vector>

#include "base/row_reader.hpp"

namespace cryobank::detect {

inline std::vector<std::int64_t> whole_numbers(RowReader& in, std::string_view key) {
  std::vector<std::int64_t> values;
  for (const Json& item : in.list(key)) {
    if (item.is_integer()) {
      values.push_back(item.integer());
    } else {
      in.refuse(key, "whole numbers");
    }
  }
  return values;
}

}  // namespace cryobank::detect
