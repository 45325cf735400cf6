// Record time: which times a person or a list may bring into the record, by what they are: when
// something happened, until when something holds, when something expires. Before 2000 there were no
// such cells, and a time far ahead is a slip of typing that would stand for ever. Errors:
// invalid_value, with the key and what was expected.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace cryobank {

inline constexpr int kHoldsYearsMax = 10;     // a reservation, a mapping: by then it is made anew
inline constexpr int kExpiresYearsMax = 100;  // as long as records are kept (RetentionConfig)

// It has happened: from 2000 up to now.
Status expect_past(std::string_view key, WallTime time, WallTime now);
// From 2000 up to so many years from now.
Status expect_within(std::string_view key, WallTime time, WallTime now, int years);

}  // namespace cryobank
